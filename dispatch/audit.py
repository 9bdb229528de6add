"""The arithmetic of the audit chain: how a row is hashed, a head signed, and tampering found.

Pure but for the file of checkpoints outside the database; the rows come from `records/audit.py`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

GENESIS: Final = bytes(32)
LINK: Final = b"shangmen audit link 1"
CHECKPOINT: Final = b"shangmen audit checkpoint 1"

# A transaction that appends ends within four minutes of appending. So whatever was recorded this
# long before a checkpoint stands before it in the chain, or else it is backdated.
LATE_S: Final = 300
FAULTS_MAX: Final = 100

UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")


class Row(Protocol):
    """A row of a result, asked by column name."""

    def __getitem__(self, column: str, /) -> Any: ...


def link(prev_hash: bytes, seq: int, content: str) -> bytes:
    """The hash of link `seq`: over the hash before it, its number and all columns of its row.

    `content` is the row as the JSON array that `records/audit.py` selects. It holds ids, states and
    names of actions only: a person's data in a chain could never be erased.
    """
    return hashlib.sha256(b"".join((LINK, prev_hash, seq.to_bytes(8), content.encode()))).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of the chain at a time (RFC 3339 in UTC, microseconds), signed with Ed25519."""

    seq: int
    head: bytes
    at: str
    signature: bytes = b""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return b"".join(
            (CHECKPOINT, self.seq.to_bytes(8, signed=True), self.head, self.at.encode())
        )

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the owner of the key wrote exactly this."""
        try:
            key.verify(self.signature, self.message)
        except (InvalidSignature, OverflowError):
            return False
        return True


def sign(key: Ed25519PrivateKey, seq: int, head: bytes, at: str) -> Checkpoint:
    """A checkpoint over the chain up to `seq`."""
    unsigned = Checkpoint(seq=seq, head=head, at=at)
    signature = key.sign(unsigned.message)
    return Checkpoint(seq=seq, head=head, at=at, signature=signature)


class FaultKind(StrEnum):
    """What can be wrong with the log."""

    CHANGED = "changed"  # a row is not what was sealed
    MISSING_ROW = "missing_row"  # a sealed row is gone
    MISSING_LINK = "missing_link"  # the chain lacks a number
    BROKEN_LINK = "broken_link"  # a link does not continue the one before
    TRUNCATED = "truncated"  # the chain ends before a signed checkpoint
    REBUILT = "rebuilt"  # the chain has another head than a signed checkpoint
    UNSEALED = "unsealed"  # an old row that was never sealed
    BACKDATED = "backdated"  # sealed long after the time that it claims
    FORGED_CHECKPOINT = "forged_checkpoint"  # a checkpoint that our key did not sign
    MISSING_CHECKPOINT = "missing_checkpoint"  # known outside, gone from the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One finding, with the place where it was found."""

    kind: FaultKind
    seq: int | None = None
    audit_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a verification found: `checked` sealed rows against `checkpoints` good checkpoints.

    `outside` says how many of these stood outside the database. With none, a tail that was cut off
    together with its checkpoints cannot be noticed. `faults` holds the first hundred of `found`.
    """

    checked: int
    checkpoints: int
    outside: int
    found: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return self.found == 0


@dataclass(slots=True)
class _Findings:
    faults: list[Fault] = field(default_factory=list)
    found: int = 0

    def add(self, kind: FaultKind, *, seq: int | None = None, audit_id: int | None = None) -> None:
        self.found += 1
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(Fault(kind=kind, seq=seq, audit_id=audit_id))


class Verifier:
    """Walks a chain from its beginning, in batches, with the public key and checkpoints only.

    Read `outside` before `recorded`, and both before the first batch: then rows may be appended,
    sealed and signed meanwhile without a false alarm.
    """

    def __init__(
        self,
        key: Ed25519PublicKey,
        *,
        recorded: Sequence[Checkpoint],
        outside: Sequence[Checkpoint],
    ) -> None:
        self._findings = _Findings()
        self._checked = 0
        self._seq = 0
        self._head = GENESIS
        claimed = dict.fromkeys((*recorded, *outside))
        genuine = {each for each in claimed if each.is_signed_by(key)}
        for forged in (each for each in claimed if each not in genuine):
            self._findings.add(FaultKind.FORGED_CHECKPOINT, seq=forged.seq)
        signed = sorted(genuine, key=lambda each: (each.seq, each.at))
        in_database = set(recorded)
        for lost in (each for each in signed if each not in in_database):
            self._findings.add(FaultKind.MISSING_CHECKPOINT, seq=lost.seq)
        self._outside = len(genuine & set(outside))
        self._genuine_count = len(signed)
        self._heads: dict[int, set[bytes]] = {}
        for checkpoint in signed:
            self._heads.setdefault(checkpoint.seq, set()).add(checkpoint.head)
        self._seqs = [checkpoint.seq for checkpoint in signed]
        self._times_s = _running_max(
            datetime.fromisoformat(checkpoint.at).timestamp() for checkpoint in signed
        )
        self.newest_at = max((checkpoint.at for checkpoint in signed), default=None)

    @property
    def seq(self) -> int:
        """The last link that was fed; the next batch begins behind it."""
        return self._seq

    def feed(self, links: Iterable[Row]) -> None:
        """Check links in order: `seq, audit_id, prev_hash, hash`, and of the row as it stands now
        `recorded_s` (seconds since 1970, as text) and `content`, both None where the row is gone.
        """
        for each in links:
            self._check(each)

    def note_unsealed(self, audit_ids: Iterable[int]) -> None:
        """Report rows that should have been sealed before the newest checkpoint."""
        for audit_id in audit_ids:
            self._findings.add(FaultKind.UNSEALED, audit_id=audit_id)

    def conclude(self) -> Verdict:
        """What was found, once the whole chain has been fed; to be called once."""
        if self._seqs and self._seqs[-1] > self._seq:
            self._findings.add(FaultKind.TRUNCATED, seq=self._seq + 1)
        return Verdict(
            checked=self._checked,
            checkpoints=self._genuine_count,
            outside=self._outside,
            found=self._findings.found,
            faults=tuple(self._findings.faults),
        )

    def _check(self, each: Row) -> None:
        seq, audit_id, prev_hash = each["seq"], each["audit_id"], each["prev_hash"]
        add = self._findings.add
        if seq != self._seq + 1:
            add(FaultKind.MISSING_LINK, seq=self._seq + 1)
        elif prev_hash != self._head:
            add(FaultKind.BROKEN_LINK, seq=seq, audit_id=audit_id)
        if each["content"] is None:
            add(FaultKind.MISSING_ROW, seq=seq, audit_id=audit_id)
        elif link(prev_hash, seq, each["content"]) != each["hash"]:
            add(FaultKind.CHANGED, seq=seq, audit_id=audit_id)
        elif self._is_backdated(seq, each["recorded_s"]):
            add(FaultKind.BACKDATED, seq=seq, audit_id=audit_id)
        if self._heads.get(seq, {each["hash"]}) != {each["hash"]}:
            add(FaultKind.REBUILT, seq=seq, audit_id=audit_id)
        self._seq, self._head = seq, each["hash"]
        self._checked += 1

    def _is_backdated(self, seq: int, recorded_s: str) -> bool:
        before = bisect_right(self._seqs, seq - 1)
        return before > 0 and float(recorded_s) < self._times_s[before - 1] - LATE_S


def _running_max(values: Iterable[float]) -> list[float]:
    highest, found = float("-inf"), []
    for value in values:
        highest = max(highest, value)
        found.append(highest)
    return found


def checkpoint_file(state_dir: Path, log_name: str) -> Path:
    """Where the checkpoints of this log stand outside the database."""
    return state_dir / "audit" / f"checkpoints-{UNSAFE.sub('_', log_name)}.jsonl"


def append_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Add one line, durably; to be called once the checkpoint's transaction has committed.

    A line that an earlier crash tore is taken away first.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = {
        "seq": checkpoint.seq,
        "head": checkpoint.head.hex(),
        "at": checkpoint.at,
        "signature": checkpoint.signature.hex(),
    }
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(_whole_lines_bytes(file.read()))
        file.seek(0, os.SEEK_END)
        file.write(orjson.dumps(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """The checkpoints in the file, oldest first; none if there is no file.

    A torn last line is left out. Any other line that cannot be read comes back as a checkpoint
    that nobody signed, so that a verification reports it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return [_parsed(line) for line in content[: _whole_lines_bytes(content)].splitlines()]


def _whole_lines_bytes(content: bytes) -> int:
    return content.rfind(b"\n") + 1


def _parsed(line: bytes) -> Checkpoint:
    try:
        told = orjson.loads(line)
        return Checkpoint(
            seq=int(told["seq"]),
            head=bytes.fromhex(told["head"]),
            at=str(told["at"]),
            signature=bytes.fromhex(told["signature"]),
        )
    except (ValueError, TypeError, KeyError):
        return Checkpoint(seq=0, head=b"", at="")
