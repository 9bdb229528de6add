"""Tampering with the audit chain is found, of every kind and at every place: the arithmetic."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatch import audit
from dispatch.audit import GENESIS, Checkpoint, FaultKind, Verdict, Verifier

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
THIEF = Ed25519PrivateKey.from_private_bytes(bytes(32))
LENGTH = 24
SIGNED_EVERY = 12


def row_of(number: int, *, seconds: int | None = None, action: str = "read") -> dict[str, Any]:
    """A row a minute from 2027-01-15T08:00:00Z on, unless told otherwise."""
    recorded_s = f"{1_800_000_000 + (number * 60 if seconds is None else seconds)}.000001"
    content = json.dumps([number, recorded_s, "nurse", action, str(UUID(int=number)), None, "{}"])
    return {"audit_id": number, "recorded_s": recorded_s, "content": content}


def chained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    links, prev_hash = [], GENESIS
    for seq, row in enumerate(rows, start=1):
        link = audit.link(prev_hash, seq, row["content"])
        links.append(row | {"seq": seq, "prev_hash": prev_hash, "hash": link})
        prev_hash = link
    return links


def signed(links: list[dict[str, Any]], key: Ed25519PrivateKey = KEY) -> list[Checkpoint]:
    return [
        audit.sign(
            key, link["seq"], link["hash"], f"2027-01-15T08:{link['seq']:02}:00.000000+00:00"
        )
        for link in links[SIGNED_EVERY - 1 :: SIGNED_EVERY]
    ]


def verdict_on(
    links: list[dict[str, Any]], recorded: list[Checkpoint], outside: list[Checkpoint]
) -> Verdict:
    verifier = Verifier(KEY.public_key(), recorded=recorded, outside=outside)
    for start in range(0, len(links), 7):
        verifier.feed(links[start : start + 7])
    return verifier.conclude()


HONEST = chained([row_of(number) for number in range(1, LENGTH + 1)])
SIGNED = signed(HONEST)
Tampered = tuple[list[dict[str, Any]], list[Checkpoint]]


def change(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    text = bytearray(links[place]["content"].encode())
    text[chance.randrange(len(text))] ^= 1
    links[place] = links[place] | {"content": text.decode()}
    return links, SIGNED


def take_row_from_the_middle(
    links: list[dict[str, Any]], place: int, chance: random.Random
) -> Tampered:
    links[place] = links[place] | {"recorded_s": None, "content": None}
    return links, SIGNED


def take_link_and_row_from_the_middle(
    links: list[dict[str, Any]], place: int, chance: random.Random
) -> Tampered:
    return links[:place] + links[place + 1 :], SIGNED


def cut_the_tail(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    return links[:place], [each for each in SIGNED if each.seq <= place]


def rebuild(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    forged = chained([*links[:place], row_of(place + 1, action="left out"), *links[place + 1 :]])
    return forged, signed(forged, THIEF)


def rehash_one(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    link = links[place] | {"content": row_of(place + 1, action="left out")["content"]}
    link["hash"] = audit.link(link["prev_hash"], link["seq"], link["content"])
    links[place] = link
    return links, SIGNED


def swap_rows(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    other = chance.choice([each for each in range(len(links)) if each != place])
    for here, there in ((place, other), (other, place)):
        links[here] = links[here] | {"content": HONEST[there]["content"]}
    return links, SIGNED


def insert(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    forged = row_of(1_000, seconds=place * 60 + 30)
    return chained([*links[:place], forged, *links[place:]]), SIGNED


def append_backdated(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    return chained([*links, row_of(1_000, seconds=place * 60 - 100_000)]), SIGNED


def change_checkpoint(links: list[dict[str, Any]], place: int, chance: random.Random) -> Tampered:
    index = place % len(SIGNED)
    was = SIGNED[index]
    forged = chance.choice(
        [
            Checkpoint(seq=was.seq, head=bytes(32), at=was.at, signature=was.signature),
            Checkpoint(seq=was.seq - 1, head=was.head, at=was.at, signature=was.signature),
            Checkpoint(seq=was.seq, head=was.head, at="", signature=was.signature),
            Checkpoint(seq=was.seq, head=was.head, at=was.at, signature=bytes(64)),
        ]
    )
    return links, [*SIGNED[:index], forged, *SIGNED[index + 1 :]]


TAMPERINGS: dict[Callable[..., Tampered], set[FaultKind]] = {
    change: {FaultKind.CHANGED},
    take_row_from_the_middle: {FaultKind.MISSING_ROW},
    take_link_and_row_from_the_middle: {FaultKind.MISSING_LINK, FaultKind.TRUNCATED},
    cut_the_tail: {FaultKind.TRUNCATED},
    rebuild: {FaultKind.REBUILT},
    rehash_one: {FaultKind.BROKEN_LINK, FaultKind.REBUILT},
    swap_rows: {FaultKind.CHANGED},
    insert: {FaultKind.REBUILT},
    append_backdated: {FaultKind.BACKDATED},
    change_checkpoint: {FaultKind.FORGED_CHECKPOINT},
}


def test_an_honest_chain_is_found_so() -> None:
    found = verdict_on(HONEST, SIGNED, SIGNED)
    assert found == Verdict(checked=LENGTH, checkpoints=len(SIGNED), outside=len(SIGNED))
    assert found.ok
    assert verdict_on([], [], []).ok


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_every_tampering_is_found_at_a_thousand_places(tamper: Callable[..., Tampered]) -> None:
    chance = random.Random(tamper.__name__)  # noqa: S311
    for _ in range(1_000):
        place = chance.randrange(LENGTH)
        links, recorded = tamper(list(HONEST), place, chance)
        found = verdict_on(links, recorded, SIGNED)
        kinds = {fault.kind for fault in found.faults}
        assert kinds & TAMPERINGS[tamper], (place, found)


def test_a_change_is_told_with_its_place_and_only_once() -> None:
    links = list(HONEST)
    links[16] = links[16] | {"content": "[]"}
    (fault,) = verdict_on(links, SIGNED, SIGNED).faults
    assert (fault.kind, fault.seq, fault.audit_id) == (FaultKind.CHANGED, 17, 17)


def test_a_link_depends_on_its_place() -> None:
    links = {
        audit.link(before, seq, "[1]") for before in (GENESIS, bytes([1] * 32)) for seq in (1, 2)
    }
    assert len(links) == 4


def test_findings_are_bounded() -> None:
    links = [link | {"content": "[]"} for link in chained([row_of(n) for n in range(1, 301)])]
    found = verdict_on(links, [], [])
    assert (found.found, len(found.faults)) == (300, audit.FAULTS_MAX)


# The file outside the database


def test_checkpoints_survive_a_torn_line(tmp_path: Path) -> None:
    path = audit.checkpoint_file(tmp_path, "7-a/b")
    assert audit.read_checkpoints(path) == []
    audit.append_checkpoint(path, SIGNED[0])
    with path.open("ab") as file:
        file.write(b'{"seq": 9, "he')
    assert audit.read_checkpoints(path) == SIGNED[:1]
    audit.append_checkpoint(path, SIGNED[1])
    assert audit.read_checkpoints(path) == SIGNED[:2]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"seq": -1, "head": "", "at": 1}', "[1]"])
def test_a_spoilt_line_is_a_finding(line: str, tmp_path: Path) -> None:
    path = audit.checkpoint_file(tmp_path, "7-a/b")
    audit.append_checkpoint(path, SIGNED[0])
    path.write_text(path.read_text() + line + "\n")
    found = verdict_on(HONEST, SIGNED, audit.read_checkpoints(path))
    assert [fault.kind for fault in found.faults] == [FaultKind.FORGED_CHECKPOINT]
