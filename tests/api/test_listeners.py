"""An event reaches those who may see it, each once, however many others listen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api.audience import ALL_SUBJECTS, Audience
from api.auth import Session
from api.listeners import Listener, Listeners
from dispatch.lifecycles import Role
from dispatch.records.events import Event

AT = datetime(2040, 3, 5, tzinfo=UTC)


def listener(number: int, **audience: Any) -> Listener:
    account_id = UUID(int=number)
    session = Session(
        id=UUID(int=100 + number), account_id=account_id, role=Role.NURSE, live=True, now=AT
    )
    return Listener(
        audience=Audience(account_id=account_id, **audience),
        session=session,
        cut=lambda: None,
        queue_max=2,
        seq=0,
    )


def event(*accounts: int, staff: bool = True) -> Event:
    return Event(
        seq=1,
        event="offer.created",
        order_id=None,
        account_ids=[UUID(int=number) for number in accounts],
        staff=staff,
        institution_id=None,
        data={},
        wake=None,
        created_at=AT,
    )


def test_only_those_concerned_are_found_and_each_once() -> None:
    listeners = Listeners()
    nurse, again, other = listener(1), listener(1), listener(2)
    operator = listener(3, subjects=ALL_SUBJECTS)
    for each in (nurse, again, other, operator):
        listeners.add(each)

    assert listeners.seers(event(1)) == [nurse, again, operator]
    assert listeners.seers(event(1, staff=False)) == [nurse, again]
    assert listeners.seers(event(3)) == [operator]
    assert listeners.seers(event(9, staff=False)) == []
    assert listeners.of_account(UUID(int=1)) == [nurse, again]


def test_who_has_gone_is_found_no_more() -> None:
    listeners = Listeners()
    nurse, operator = listener(1), listener(3, subjects=ALL_SUBJECTS)
    for each in (nurse, operator):
        listeners.add(each)
        listeners.discard(each)
        listeners.discard(each)

    assert len(listeners) == 0
    assert listeners.seers(event(1, 3)) == []
    assert listeners.of_account(UUID(int=1)) == []
