"""Giving booked visits other nurses or other starts, all in one step or none: a plan, or a part of
it. Orders keep their seats filled, and patients the window that they agreed to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from dispatch import (
    assessing,
    consenting,
    consequences,
    database,
    exchanging,
    prescribing,
    seating,
    sourcing,
    transitions,
    ways,
    worries,
)
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NurseBusy, PlanRefused, RuleRefused, StaleVersion
from dispatch.lifecycles import OPEN_VISIT, VisitState
from dispatch.records import audit, confirmations, day_bookings, history, person_keys, visits
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching import exchange
from matching.eligibility import Refusal
from matching.exchange import Change, Seat
from matching.spans import Span
from matching.timetable import Fit

DAY: Final = timedelta(days=1)
# The end of a visit that somebody else makes in her place.
REPLANNED: Final = "replanned"
# What stands against any change of a visit, whoever comes.
SET_OUT: Final = Refusal(rule="set_out", value=None, threshold=None)
NOT_NOW: Final = Refusal(rule="order", value=None, threshold=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a visit is to be; `version` is the one that the caller has seen."""

    visit_id: UUID
    version: int
    seat: Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A visit as it was, and the one that there is now: the same, if its nurse has stayed."""

    was: Visit
    now: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """The orders, all that goes on of them, and how the visits are to be, as it was asked."""

    orders: Mapping[UUID, Order]
    visits: Mapping[UUID, Visit]
    seats: Mapping[UUID, Seat]

    def order_of(self, visit_id: UUID) -> Order:
        return self.orders[self.visits[visit_id].order_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What fits, by visit."""

    changes: Mapping[UUID, Change]
    fits: Mapping[UUID, Fit]


@database.act
async def commit_plan(
    conn: Connection,
    wanted: Sequence[Wanted],
    reason: str | None = None,
    *,
    absent: UUID | None = None,
) -> list[Changed]:
    """Change all of these visits, in the order in which they were asked for. What a nurse who is
    `absent`, or held up where she is, has not set out for may be changed however soon it is; who
    comes with her may come at another time.

    Every rule is asked anew of every nurse, on the day as it will be. Raises `InvalidFields`,
    `StaleVersion` with the visits that have changed, `PlanRefused` with each visit that may not be
    changed so and why, `NurseBusy`, and `IllegalTransition` for an order that lacks a nurse.
    """
    held = await _hold(conn, wanted)
    judged = await _judge(conn, held, absent)
    try:
        now = await _move(conn, held, judged)
    except asyncpg.ExclusionViolationError:
        raise NurseBusy from None
    going = [visit for visit in held.visits.values() if visit.id not in now]
    for order_id in sorted(held.orders):
        of_order = [one for one in (*going, *now.values()) if one.order_id == order_id]
        await _tell(conn, held.orders[order_id], of_order, reason)
    return [Changed(was=held.visits[one], now=now[one]) for one in held.seats]


async def _hold(conn: Connection, wanted: Sequence[Wanted]) -> _Held:
    """Orders first, then visits, then the nurses who would come, each by id."""
    seats = {one.visit_id: one.seat for one in wanted}
    seen = await day_bookings.list_of_ids(conn, seats)
    orders = await day_bookings.lock_orders(conn, {visit.order_id for visit in seen})
    _check_named(wanted, {visit.id for visit in seen if visit.order_id in orders})
    async with conn.as_clock():
        going = await day_bookings.lock_visits(conn, orders, seats)
        await day_bookings.lock_nurses(conn, {seat.nurse_id for seat in seats.values()})
    stale = [one for one in wanted if going[one.visit_id].version != one.version]
    if stale:
        raise StaleVersion(visit_ids=[one.visit_id for one in stale])
    same = [
        (("body", "changes", place), "unchanged")
        for place, one in enumerate(wanted)
        if one.seat == exchanging.seat_of(going[one.visit_id])
    ]
    if same:
        raise InvalidFields(*same)
    return _Held(orders=orders, visits=going, seats=seats)


def _check_named(wanted: Sequence[Wanted], known: Collection[UUID]) -> None:
    named: set[UUID] = set()
    faults: list[tuple[tuple[str | int, ...], str]] = []
    for place, one in enumerate(wanted):
        if one.visit_id not in known or one.visit_id in named:
            fault = "repeated" if one.visit_id in named else "unknown_visit"
            faults.append((("body", "changes", place, "visit_id"), fault))
        named.add(one.visit_id)
    if faults:
        raise InvalidFields(*faults)


async def _judge(conn: Connection, held: _Held, absent: UUID | None) -> _Judged:
    """All that stands against any of it, at once. Raises `PlanRefused`, `InvalidFields`."""
    now = await database.now(conn)
    chosen: dict[UUID, set[UUID]] = {order_id: set() for order_id in held.orders}
    for visit_id, seat in held.seats.items():
        chosen[held.order_of(visit_id).id].add(seat.nurse_id)
    async with conn.as_clock():
        needs = await sourcing.needs_of(conn, list(held.orders.values()))
        standing = await exchanging.standing_of(conn, needs, chosen, now)
        nurses = {visit.nurse_id for visit in held.visits.values()}
        late = await exchanging.held_up(conn, nurses, Span(now - DAY, now + DAY))
    reach = conn.caller.institution_id
    within = {one.nurse_id for one in standing.values() if reach in (None, one.institution_id)}
    faults = [
        (("body", "changes", place, "nurse_id"), "unknown_nurse")
        for place, seat in enumerate(held.seats.values())
        if seat.nurse_id not in within
    ]
    if faults:
        raise InvalidFields(*faults)
    going = [one for one in held.visits.values() if one.state in OPEN_VISIT]
    changes = exchanging.changes_of(
        held.seats, going, needs, standing, _stranded(held, going, late, absent)
    )
    measured = await ways.for_judging(conn, exchange.judged_by(changes), now)
    verdicts = exchange.judge(changes, sourcing.frame_of(conn, now, measured.travel))
    against = {
        one: await _barred(conn, held, one)
        or (verdicts[one].refusals if one in verdicts else (NOT_NOW,))
        for one in held.seats
    }
    if any(against.values()):
        raise PlanRefused(
            refused=[
                {
                    "visit_id": visit_id,
                    "nurse_id": held.seats[visit_id].nurse_id,
                    "reasons": seating.reasons_of(reasons),
                }
                for visit_id, reasons in against.items()
                if reasons
            ]
        )
    return _Judged(
        changes={one.visit_id: one for one in changes},
        fits={one: verdict.fit for one, verdict in verdicts.items() if verdict.fit},
    )


def _stranded(
    held: _Held, going: Sequence[Visit], late: Collection[UUID], absent: UUID | None
) -> set[UUID]:
    """Whose nurse cannot be there, or not then; and who stays with one who comes late."""
    with_late = {one.order_id for one in going if one.nurse_id in late}
    return {
        one.id
        for one in going
        if one.nurse_id == absent
        or one.nurse_id in late
        or (
            one.order_id in with_late
            and one.id in held.seats
            and held.seats[one.id].nurse_id == one.nurse_id
        )
    }


async def _barred(conn: Connection, held: _Held, visit_id: UUID) -> tuple[Refusal, ...]:
    if held.visits[visit_id].state is not VisitState.SCHEDULED:
        return (SET_OUT,)
    order = held.order_of(visit_id)
    try:
        await consenting.check(conn, order.patient_id)
        assessing.refuse_void(order)
        await prescribing.check(conn, order, held.seats[visit_id].start_at)
    except RuleRefused:
        return (NOT_NOW,)
    return ()


async def _move(conn: Connection, held: _Held, judged: _Judged) -> dict[UUID, Visit]:
    """Free those who do not go any more, then set the times of those who still do, then give what
    was freed: so nobody is in two places halfway. What there is now, by what was."""
    now = await database.now(conn)
    given = [one for one, seat in held.seats.items() if seat.nurse_id != held.visits[one].nurse_id]
    kept = [one for one in held.seats if one not in given]
    await consequences.end_visits(conn, [held.visits[one] for one in given], REPLANNED)
    moved = await transitions.retime_visits(
        conn,
        [held.visits[one] for one in kept],
        [seating.slot_of(conn.settings, judged.fits[one]) for one in kept],
    )
    await confirmations.forget(conn, kept)
    found = {visit.id: visit for visit in moved}
    for visit in moved:
        await consequences.tell_visit(conn, visit, wake_nurse="visit_retimed")
    for one in given:
        was, change = held.visits[one], judged.changes[one]
        order, fit = held.order_of(one), judged.fits[one]
        made = seating.visit_for(
            conn, order, was.seat, None, change.need, change.candidate, fit, now
        )
        await visits.insert(conn, made)
        if made.planned_start == was.planned_start:
            await confirmations.carry(conn, was.id, made.id)
        await consequences.tell_visit(conn, made, wake_nurse="visit_assigned")
        found[one] = made
    return found


async def _tell(conn: Connection, order: Order, going: Sequence[Visit], reason: str | None) -> None:
    """The order's own step, and word to its patient."""
    note = None
    if reason is not None:
        place = history.note_place(order.id, order.version + 1)
        note = await person_keys.seal_json(
            conn, order.patient_id, "history", "note_sealed", place, reason
        )
    homes = [visit.institution_id for visit in sorted(going, key=lambda visit: visit.seat)]
    order = await transitions.move_order(
        conn,
        order,
        "replan",
        note_sealed=note,
        institution_id=order.institution_id if order.institution_id in homes else homes[0],
    )
    if order.at_risk:
        async with conn.as_clock():
            await worries.weigh(conn, order.id)
    await consequences.tell_order(conn, order, wake="visit_changed")
    await audit.append(
        conn,
        "order.replan",
        "order",
        order.id,
        person_id=order.patient_id,
        detail={
            "visits": [
                {"visit_id": str(one.id), "at": one.planned_start.isoformat()} for one in going
            ]
        },
    )
