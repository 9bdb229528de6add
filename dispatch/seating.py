"""Putting a nurse on a seat: is she fit for it now, when would she start; then the visit.

Runs inside an act that holds the order. It judges by the same rules as the waves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from config.settings import Settings
from dispatch import consequences, prescribing, sourcing, ways
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotEligible, NotFound, NurseBusy
from dispatch.ids import new_id
from dispatch.lifecycles import EMPTY_SEAT
from dispatch.records import nurses, person_keys, visits
from dispatch.records.nurses import Nurse
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from dispatch.records.visits import Slot, Visit
from matching import eligibility
from matching.eligibility import TIMETABLE, Refusal
from matching.inputs import Candidate, Need
from matching.timetable import Fit, Obstacle

# She is somewhere else then; anything else that stands in the way is a matter of eligibility.
ELSEWHERE = frozenset({Obstacle.VISIT.value, Obstacle.WARD_DUTY.value})


async def seat_nurse(
    conn: Connection,
    order: Order,
    seat: int,
    nurse_id: UUID,
    *,
    offer: Offer | None = None,
    reason: str | None = None,
) -> Visit:
    """Fill a seat of a held order with this nurse, from fresh rows; she is held from here on.

    Without an `offer` it is the operator's doing, for a `reason` that is sealed: he has spoken with
    her, so that she declined before does not count, and he sees to an escort. Raises `NotEligible`
    with the reasons, `NurseBusy`, `NotFound`, and `RuleRefused` if the prescription is not good on
    that day.
    """
    async with conn.as_clock():
        await nurses.lock(conn, nurse_id)
        need = await sourcing.need_of(conn, order)
        found = await sourcing.candidate_for(conn, need, nurse_id, order.patient_id)
    if found is None:
        raise NotFound
    candidate, now = found
    if offer is None:
        candidate = replace(candidate, declined_this_order=False)
        need = replace(need, escorted=True)
    measured = await ways.for_judging(conn, [(need, [candidate])], now)
    verdict = eligibility.evaluate(need, candidate, sourcing.frame_of(conn, now, measured.travel))
    if verdict.fit is None:
        raise _refused(verdict.refusals)
    await prescribing.check(conn, order, verdict.fit.start_at)
    visit = visit_for(conn, order, seat, offer, need, candidate, verdict.fit, now)
    note_sealed = None
    if reason is not None:
        note_sealed = await person_keys.seal_json(
            conn, order.patient_id, "history", "note_sealed", visit.id, reason
        )
    try:
        await consequences.fill_seat(conn, order, visit, note_sealed=note_sealed)
    except asyncpg.ExclusionViolationError:
        raise NurseBusy from None
    return visit


async def nurse_in_reach(conn: Connection, nurse_id: UUID) -> Nurse:
    """A nurse whom the calling operator may send. Raises `InvalidFields`."""
    within = conn.caller.institution_id
    try:
        nurse = await nurses.get(conn, nurse_id)
    except NotFound:
        nurse = None
    if nurse is None or within not in (None, nurse.institution_id):
        raise InvalidFields((("body", "nurse_id"), "unknown_nurse"))
    return nurse


async def empty_seats(conn: Connection, order: Order) -> list[int]:
    """The seats of a held order that nobody fills, in order."""
    async with conn.as_clock():
        of_round = await visits.lock_of_round(conn, order.id, order.round)
    filled = {visit.seat for visit in of_round if visit.state not in EMPTY_SEAT}
    return [seat for seat in range(1, order.seats + 1) if seat not in filled]


def _refused(refusals: tuple[Refusal, ...]) -> NotEligible | NurseBusy:
    only = refusals[0]
    if len(refusals) == 1 and only.rule == TIMETABLE.name and only.value in ELSEWHERE:
        return NurseBusy()
    return refusal_of(refusals)


def refusal_of(refusals: tuple[Refusal, ...]) -> NotEligible:
    """The problem that names each rule, what it found and what it wants."""
    return NotEligible(reasons=reasons_of(refusals))


def reasons_of(refusals: Sequence[Refusal]) -> list[dict[str, Any]]:
    """Refusals as members of a problem."""
    return [{"rule": one.rule, "value": one.value, "threshold": one.threshold} for one in refusals]


def slot_of(settings: Settings, fit: Fit) -> Slot:
    """The time that a start takes up, with its deadlines."""
    leaves_at = fit.start_at - timedelta(seconds=fit.travel_in_s)
    return Slot(
        leaves_at=leaves_at,
        starts_at=fit.start_at,
        ends_at=fit.end_at,
        travel_s=fit.travel_in_s,
        nudge_at=leaves_at + timedelta(minutes=settings.depart_nudge_min),
        miss_at=fit.start_at + timedelta(minutes=settings.miss_after_min),
        overdue_at=fit.end_at + timedelta(minutes=settings.overdue_alarm_min),
    )


def visit_for(
    conn: Connection,
    order: Order,
    seat: int,
    offer: Offer | None,
    need: Need,
    candidate: Candidate,
    fit: Fit,
    now: datetime,
) -> Visit:
    """The visit by which she would fill the seat; nothing is written."""
    slot = slot_of(conn.settings, fit)
    return Visit(
        id=new_id(),
        order_id=order.id,
        round=order.round,
        seat=seat,
        nurse_id=candidate.nurse_id,
        offer_id=offer.id if offer else None,
        account_id=order.account_id,
        patient_id=order.patient_id,
        institution_id=candidate.institution_id,
        planned_start=slot.starts_at,
        planned_end=slot.ends_at,
        busy=asyncpg.Range(slot.leaves_at, slot.ends_at),
        pay_fen=offer.pay_fen if offer else order.pay_fen,
        distance_m=round(candidate.place.distance_m(need.place)),
        travel_s=slot.travel_s,
        nudge_at=slot.nudge_at,
        miss_at=slot.miss_at,
        overdue_at=slot.overdue_at,
        created_at=now,
    )
