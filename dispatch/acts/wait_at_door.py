"""A nurse at a door that nobody opens: what she tries, when her wait is over, how it goes on."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from dispatch import (
    billing,
    consequences,
    database,
    doorstep,
    evidence,
    transitions,
    versions,
    welfare,
)
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import NotWaiting
from dispatch.evidence import Report
from dispatch.lifecycles import VISIT, OrderState, VisitState
from dispatch.records import (
    accounts,
    attachments,
    audit,
    door_waits,
    events,
    orders,
    visit_facts,
    visits,
)
from dispatch.records.orders import Order
from dispatch.records.visits import Visit

SWEEP: Final = Caller.clock("doors")


@database.act
async def try_door(
    conn: Connection, visit_id: UUID, report: Report, kind: str, photo: UUID | None = None
) -> Visit:
    """Keep that she rang, knocked or called, with time and place; the patient's phone is rung too.

    Raises `IllegalTransition` unless she has arrived and not begun, `InvalidFields` for a time in
    the future, `NotFound` for a photo that is not of this visit.
    """
    now = await evidence.check_time(conn, report)
    visit = await visits.lock(conn, visit_id)
    if visit.state is not VisitState.ARRIVED:
        raise transitions.illegal(conn, VISIT, visit.id, visit.state, doorstep.STEP)
    if photo is not None:
        await attachments.get_of_visit(conn, visit.id, photo)
    await visit_facts.insert(
        conn,
        visit.id,
        visit.patient_id,
        doorstep.STEP,
        report.at,
        taken=True,
        body=report.as_fact(kind=kind, photo=None if photo is None else str(photo)),
    )
    await welfare.hear(conn, visit, now, answered_at=report.at)
    await consequences.tell_visit(conn, visit, wake_patient="nurse_at_door")
    await audit.append(conn, "visit.door", "visit", visit.id, person_id=visit.patient_id)
    return visit


async def end_waits(pool: Pool, limit: int = 50) -> int:
    """Tell nurses who still stand at a door that they have waited long enough."""
    return await _end(pool, SWEEP, limit)


@database.act
async def _end(conn: Connection, limit: int) -> int:
    due = await door_waits.claim_due(conn, limit)
    for visit_id, is_waiting in due:
        if not is_waiting:
            continue
        visit = await visits.get(conn, visit_id)
        nurse = (await accounts.ids_of_nurses(conn, [visit.nurse_id])).get(visit.nurse_id)
        await events.insert(
            conn,
            "visit.arrived",
            {"visit_id": str(visit.id), "order_id": str(visit.order_id), "wait_over": True},
            order_id=visit.order_id,
            account_ids=[nurse] if nurse else [],
            institution_id=visit.institution_id,
            wake="door_wait_over",
        )
    return len(due)


@database.act
async def resume_search(conn: Connection, order_id: UUID, *, version: int | None = None) -> Order:
    """Somebody is at home now: look for a nurse again. Raises `NotWaiting` for any other order."""
    order = await orders.lock(conn, order_id)
    versions.check(order.version, version)
    async with conn.as_clock():
        before = [v for v in await visits.list_of_order(conn, order.id) if v.round < order.round]
    waiting = order.state is OrderState.OPEN and order.next_wave_at is None
    if not waiting or not any(doorstep.is_proven(visit) for visit in before):
        raise NotWaiting
    if await billing.search_from(conn, order) is not None:
        await orders.wake(conn, order.id)
    await audit.append(conn, "order.resume", "order", order.id, person_id=order.patient_id)
    order = await orders.get(conn, order.id)
    await consequences.tell_order(conn, order)
    return order
