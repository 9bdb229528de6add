"""A nurse's day for the operator: where she goes in what order, and what was when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from api.schemas import visits as schemas
from api.wire import Call
from dispatch.acts.open_visits import Day
from dispatch.database import Connection
from dispatch.records import visit_sheets
from dispatch.records.visit_sheets import Sheet
from dispatch.records.visits import Visit


async def day_view(conn: Connection, day: Day, call: Call) -> schemas.NurseDay:
    """The route in the order of planned starts, the timeline in the order of times."""
    sheets = await visit_sheets.by_visit(conn, day.visits)
    return schemas.NurseDay(
        nurse_id=day.nurse.id,
        staff_no=day.nurse.staff_no,
        name=day.nurse.name,
        date=day.on,
        shifts=[schemas.Span(starts_at=s.starts_at, ends_at=s.ends_at) for s in day.shifts],
        duties=[schemas.Span(starts_at=d.starts_at, ends_at=d.ends_at) for d in day.duties],
        route=[_stop(visit, sheets[visit.id], call) for visit in day.visits],
        timeline=[
            schemas.DayEvent(at=at, kind=kind, text=call.text(f"day.{kind}"), visit_id=visit_id)
            for at, kind, visit_id in sorted(_events(day), key=lambda event: event[0])
        ],
    )


def _stop(visit: Visit, sheet: Sheet, call: Call) -> schemas.Stop:
    door = sheet.door
    return schemas.Stop(
        visit_id=visit.id,
        order_id=visit.order_id,
        seat=visit.seat,
        state=visit.state,
        service_codes=sheet.order.service_codes,
        planned_start=visit.planned_start,
        planned_end=visit.planned_end,
        departed_at=visit.departed_at,
        arrived_at=visit.arrived_at,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        travel_s=visit.travel_s,
        distance_m=visit.distance_m,
        location=call.place(door.lat, door.lng) if door else None,
        flags=visit.flags,
    )


def _events(day: Day) -> Iterator[tuple[datetime, str, UUID | None]]:
    for shift in day.shifts:
        yield shift.starts_at, "shift_start", None
        yield shift.ends_at, "shift_end", None
    for duty in day.duties:
        yield duty.starts_at, "duty_start", None
        yield duty.ends_at, "duty_end", None
    for visit in day.visits:
        yield visit.planned_start, "planned", visit.id
        for at, kind in (
            (visit.departed_at, "depart"),
            (visit.arrived_at, "arrive"),
            (visit.started_at, "start"),
            (visit.ended_at, "end"),
        ):
            if at is not None:
                yield at, kind, visit.id
