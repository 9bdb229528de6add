"""Giving a visit that is ahead to another nurse, with whom the operator has spoken: in one step, so
that nobody else is asked in between; and what it would mean, before it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from dispatch import (
    assessing,
    consenting,
    consequences,
    database,
    seating,
    sourcing,
    transitions,
    ways,
)
from dispatch.acts import run_visit
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import OPEN_VISIT, VISIT, VisitState
from dispatch.records import audit, history, orders, person_keys, visits
from dispatch.records.nurses import Nurse
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching import eligibility
from matching.eligibility import Verdict
from matching.inputs import Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What it would mean if she went instead; `distance_m` is straight, from where she is sent."""

    visit: Visit
    nurse: Nurse
    verdict: Verdict
    distance_m: int


@database.act
async def reassign_visit(
    conn: Connection, visit_id: UUID, nurse_id: UUID, reason: str, *, version: int | None = None
) -> Visit:
    """The visit of this seat by that nurse, in a new round; a partner stays with hers.

    Raises `NotFound`, `StaleVersion`, `IllegalTransition` once anybody of the order has set out,
    `NotEligible`, `NurseBusy`, `InvalidFields` for a nurse out of reach, `RuleRefused`.
    """
    order, visit = await run_visit.hold(conn, visit_id, version)
    await consenting.check(conn, order.patient_id)
    assessing.refuse_void(order)
    await seating.nurse_in_reach(conn, nurse_id)
    async with conn.as_clock():
        of_round = await visits.lock_of_round(conn, order.id, order.round)
    going = [each for each in of_round if each.state in OPEN_VISIT]
    if any(each.state is not VisitState.SCHEDULED for each in (visit, *going)):
        raise transitions.illegal(conn, VISIT, visit.id, visit.state, "reassign")
    note = await person_keys.seal_json(
        conn,
        order.patient_id,
        "history",
        "note_sealed",
        history.note_place(order.id, order.version + 1),
        reason,
    )
    order = await consequences.next_round(conn, order, "redispatch", note_sealed=note)
    by_seat = {each.seat: each.nurse_id for each in going} | {visit.seat: nurse_id}
    made = [
        await seating.seat_nurse(conn, order, seat, who, reason=reason)
        for seat, who in sorted(by_seat.items())
    ]
    await audit.append(
        conn,
        "visit.reassign",
        "order",
        order.id,
        person_id=order.patient_id,
        detail={"nurse_id": str(nurse_id), "seat": visit.seat, "visit_id": str(visit.id)},
    )
    return next(each for each in made if each.seat == visit.seat)


async def preview(conn: Connection, visit_id: UUID, nurse_id: UUID) -> Prospect:
    """Whether that nurse could go, when she would start and how far it is. Writes nothing.

    Raises `NotFound`, `InvalidFields` for a nurse out of reach.
    """
    visit = await visits.get(conn, visit_id)
    order = await orders.get(conn, visit.order_id)
    nurse = await seating.nurse_in_reach(conn, nurse_id)
    async with conn.as_clock():
        need = await _need(conn, order)
        found = await sourcing.candidate_for(conn, need, nurse_id, order.patient_id)
    if found is None:
        raise NotFound
    candidate, now = found
    candidate, need = replace(candidate, declined_this_order=False), replace(need, escorted=True)
    measured = await ways.for_judging(conn, [(need, [candidate])], now)
    frame = sourcing.frame_of(conn, now, measured.travel)
    return Prospect(
        visit=visit,
        nurse=nurse,
        verdict=eligibility.evaluate(need, candidate, frame),
        distance_m=round(candidate.place.distance_m(need.place)),
    )


async def _need(conn: Connection, order: Order) -> Need:
    needs = await sourcing.needs_of(conn, [order])
    if order.id not in needs:
        raise NotFound
    return needs[order.id]
