"""Orders that already have their nurses, for tests of what happens afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from config import record_fields
from demo import record_sheet
from dispatch import consequences
from dispatch.acts import keep_record, run_visit
from dispatch.acts.keep_record import Entry
from dispatch.bedside import DoorCheck
from dispatch.database import Caller, Connection
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.records import orders, visits
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from tests.world import HOME, World

# The door of patient 1; the others live to the north of it.
DOOR = (HOME[0] + 0.001, HOME[1])
TRAVEL_S = 1_200
LEAD = timedelta(hours=2)
# Named by entries that need a photo; tests that complete such a visit attach one under this id.
PHOTO = UUID("0190a000-0000-7000-8000-0000000f0701")


def at_door(at: datetime, **changes: Any) -> Report:
    """What a phone says that stands at the door of patient 1."""
    return Report(**{"at": at, "lat": DOOR[0], "lng": DOOR[1], "accuracy_m": 10.0, **changes})


async def seated(
    world: World, order: Order, seat: int, staff_no: int, start: datetime | None = None
) -> Visit:
    """Put a nurse on a seat of an open order, as the operator would."""
    settings = world.pool.settings
    start = start or order.earliest
    end = start + timedelta(minutes=order.duration_min)
    leave_by = start - timedelta(seconds=TRAVEL_S)
    visit = Visit(
        id=new_id(),
        order_id=order.id,
        round=order.round,
        seat=seat,
        nurse_id=world.nurse(staff_no).id,
        account_id=order.account_id,
        patient_id=order.patient_id,
        institution_id=world.institution_ids[(staff_no - 1) % 3],
        planned_start=start,
        planned_end=end,
        busy=asyncpg.Range(leave_by, end),
        pay_fen=order.pay_fen,
        distance_m=2_000,
        travel_s=TRAVEL_S,
        nudge_at=leave_by - timedelta(minutes=settings.depart_nudge_min),
        miss_at=start + timedelta(minutes=settings.miss_after_min),
        overdue_at=end + timedelta(minutes=settings.overdue_alarm_min),
        created_at=world.now,
    )

    async def fill(conn: Connection) -> Visit:
        held = await orders.lock(conn, order.id)
        await consequences.fill_seat(conn, held, visit)
        return await visits.get(conn, visit.id)

    return await world.pool.transact(world.operator, fill)


async def assigned(
    world: World, number: int = 1, staff_nos: tuple[int, ...] = (1,), **changes: Any
) -> list[Visit]:
    """An order with these nurses on its seats; its visits by seat."""
    order = await world.open(number, **changes)
    return [
        await seated(world, order, seat, staff_no) for seat, staff_no in enumerate(staff_nos, 1)
    ]


async def visit(world: World, visit_id: UUID) -> Visit:
    """The visit as it stands."""
    async with world.pool.read(world.clock) as conn:
        return await visits.get(conn, visit_id)


async def advanced(world: World, given: Visit, until: VisitState) -> Visit:
    """The visit, run by its nurse to a state, its steps in time."""
    caller = world.nurse_of(given.nurse_id).caller
    pool = world.pool
    if until is VisitState.SCHEDULED:
        return given
    await _at(world, given.planned_start - timedelta(seconds=TRAVEL_S))
    given = await run_visit.depart(pool, caller, given.id, at_door(world.now, lat=29.0))
    if until is VisitState.EN_ROUTE:
        return given
    await _at(world, given.planned_start)
    given = await run_visit.arrive(pool, caller, given.id, at_door(world.now))
    if until is VisitState.ARRIVED:
        return given
    given = await run_visit.start(pool, caller, given.id, Report(at=world.now), check=DoorCheck())
    if until is VisitState.IN_SERVICE:
        return given
    return await advanced_to_end(world, given)


async def _at(world: World, at: datetime) -> None:
    if at > world.now:
        await world.advance(seconds=(at - world.now).total_seconds())


async def advanced_to_end(world: World, given: Visit) -> Visit:
    """Complete a visit that is in service, when its time is over."""
    await _at(world, given.planned_end)
    caller = world.nurse_of(given.nurse_id).caller
    await recorded(world, given)
    return await run_visit.complete(world.pool, caller, given.id, at_door(world.now), "一切正常")


async def recorded(world: World, given: Visit, *, leave_out: str | None = None) -> None:
    """Enter what the services of a visit ask for, but for the field of this name."""
    order = await world.order(given.order_id)
    caller = world.nurse_of(given.nurse_id).caller
    asked = record_fields.of_services(world.pool.catalogue, order.service_codes).asked
    fields = [
        {
            "kind": one.field.kind,
            "field": one.field.field,
            "when": one.when.value,
            "required": one.required and one.field.name != leave_out,
            "type": one.field.type.value,
            "min": one.field.least,
            "max": one.field.most,
            "options": [{"value": value} for value in one.field.options],
        }
        for one in asked
    ]
    for place, (_, kind, data) in enumerate(
        record_sheet.filled(fields, today=world.now.date(), photo=str(PHOTO))
    ):
        entry = Entry(
            client_id=new_id(),
            kind=kind,
            data=data,
            recorded_at=world.now + timedelta(milliseconds=place),
        )
        await keep_record.keep_record(world.pool, caller, given.id, entry)


def bound_operator(world: World, institution_id: UUID) -> Caller:
    """An operator who sees one institution only."""
    return replace(world.operator, institution_id=institution_id)
