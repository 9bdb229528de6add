"""What a payment comes to, and what a provider signs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import payments
from dispatch.errors import SignatureRefused
from dispatch.records.payments import Event

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PAYMENT = UUID(int=1)
SECRET = b"between us"


def event(number: int, kind: str, amount_fen: int) -> Event:
    return Event(
        provider="sandbox",
        event_id=str(number),
        payment_id=PAYMENT,
        command_id=None,
        kind=kind,
        amount_fen=amount_fen,
        provider_at=NOW,
    )


@pytest.mark.parametrize(
    ("told", "comes_to"),
    [
        ([], ("started", 0, 0)),
        ([("failed", 0)], ("failed", 0, 0)),
        ([("failed", 0), ("authorised", 9)], ("held", 0, 0)),
        ([("released", 9), ("authorised", 9)], ("released", 0, 0)),
        ([("captured", 7), ("authorised", 9)], ("captured", 7, 0)),
        ([("refunded", 3)], ("started", 0, 0)),
        ([("refunded", 3), ("captured", 7)], ("captured", 7, 3)),
    ],
)  # fmt: skip
def test_a_payment_stands_where_all_that_was_told_puts_it(
    told: list[tuple[str, int]], comes_to: tuple[str, int, int]
) -> None:
    found = payments.standing(event(n, kind, fen) for n, (kind, fen) in enumerate(told))
    assert (found.state, found.captured_fen, found.refunded_fen) == comes_to


@given(st.data())
def test_r57_in_which_order_events_come_does_not_matter(data: st.DataObject) -> None:
    kinds = st.sampled_from(sorted(payments.EVENT_KINDS))
    drawn = data.draw(st.lists(st.tuples(kinds, st.integers(0, 10_000)), max_size=8))
    events = [event(n, kind, fen) for n, (kind, fen) in enumerate(drawn)]
    shuffled = data.draw(st.permutations(events))
    assert payments.standing(events) == payments.standing(shuffled)


def signed(body: bytes, *, at: datetime = NOW, secret: bytes = SECRET) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": stamp,
        "webhook-signature": payments.sign(secret, "evt-1", stamp, body),
    }


def check(headers: dict[str, str], body: bytes) -> str:
    return payments.verify(SECRET, headers, body, now=NOW, tolerance_s=300)


def test_r57_a_callback_is_believed_by_its_signature() -> None:
    body = b'{"kind": "captured"}'
    assert check(signed(body), body) == "evt-1"
    rotated = signed(body)
    rotated["webhook-signature"] = f"v1,bm8= {rotated['webhook-signature']}"
    assert check(rotated, body) == "evt-1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt-2"},
        {"webhook-timestamp": "1"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-id": ""},
    ],
)
def test_r57_what_was_changed_is_refused(change: dict[str, str]) -> None:
    body = b"{}"
    with pytest.raises(SignatureRefused):
        check({**signed(body), **change}, body)
    with pytest.raises(SignatureRefused):
        check(signed(body), b'{"more": 1}')
    with pytest.raises(SignatureRefused):
        check(signed(body, secret=b"another"), body)


@pytest.mark.parametrize(
    ("age_s", "taken"), [(300, True), (301, False), (-300, True), (-301, False)]
)
def test_r57_an_old_callback_is_refused(age_s: int, taken: bool) -> None:
    body = b"{}"
    headers = signed(body, at=NOW - timedelta(seconds=age_s))
    if taken:
        check(headers, body)
    else:
        with pytest.raises(SignatureRefused):
            check(headers, body)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "stolen"},
        {"amount_fen": 1.5},
        {"amount_fen": -1},
        {"amount_fen": True},
        {"at": "2026-11-22T08:00:00"},
        {"payment_id": "1"},
        None,
    ],
)
def test_what_is_no_event_is_refused(change: dict[str, Any] | None) -> None:
    given = {"kind": "captured", "amount_fen": 1, "at": NOW.isoformat(), "payment_id": str(PAYMENT)}
    payments.read_event("sandbox", given, event_id="1")
    told: Any = [] if change is None else {**given, **change}
    with pytest.raises(ValueError, match=r".*"):
        payments.read_event("sandbox", told, event_id="1")
