"""Looking at visits and at what was recorded there; who opens what is sealed leaves a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dispatch import database
from dispatch.acts import raise_alarm
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import Role
from dispatch.records import alarms, audit, board, nurses, shifts, visit_records, visits
from dispatch.records.alarms import Alarm
from dispatch.records.board import OrderPin
from dispatch.records.nurses import Nurse
from dispatch.records.shifts import Duty, Shift
from dispatch.records.visit_records import VisitRecord
from dispatch.records.visits import Visit
from matching.inputs import local_midnight

VISITS_A_DAY_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A nurse's day: what she has opened, what the hospital has of her, whom she visits."""

    nurse: Nurse
    on: date
    shifts: list[Shift]
    duties: list[Duty]
    visits: list[Visit]


@database.act
async def open_visit(conn: Connection, visit_id: UUID) -> Visit:
    """One visit; showing it opens what is sealed. Raises `NotFound`."""
    visit = await visits.get(conn, visit_id)
    await audit.append(conn, "visit.read", "visit", visit.id, person_id=visit.patient_id)
    return visit


@database.act
async def list_own(
    conn: Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Visit]:
    """The calling nurse's visits that touch a time, latest start first."""
    if conn.caller.nurse_id is None:
        raise NotFound
    found = await visits.list_of_nurse(
        conn, conn.caller.nurse_id, since=since, until=until, before=before, limit=limit
    )
    await _trace_visits(conn, "visit.list", conn.caller.nurse_id, found)
    return found


@database.act
async def open_day(conn: Connection, nurse_id: UUID, on: date) -> Day:
    """A nurse's day by the region's calendar, her visits by their start. Raises `NotFound`."""
    nurse = await nurses.get(conn, nurse_id)
    since, until = local_midnight(on), local_midnight(on + timedelta(days=1))
    found = await visits.list_of_nurse(
        conn, nurse_id, since=since, until=until, before=None, limit=VISITS_A_DAY_MAX
    )
    await _trace_visits(conn, "nurse.day", nurse_id, found)
    return Day(
        nurse=nurse,
        on=on,
        shifts=await shifts.list_of_nurses(conn, [nurse_id], since, until),
        duties=await shifts.list_duties_of_nurses(conn, [nurse_id], since, until),
        visits=found[::-1],
    )


@database.act
async def open_records(
    conn: Connection, visit_id: UUID, *, before: UUID | None, limit: int
) -> list[VisitRecord]:
    """What was recorded at a visit, newest first. Raises `NotFound`."""
    visit = await visits.get(conn, visit_id)
    await audit.append(conn, "record.read", "visit", visit.id, person_id=visit.patient_id)
    return await visit_records.list_of_visit(conn, visit.id, before=before, limit=limit)


@database.act
async def open_records_of_patient(
    conn: Connection, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[VisitRecord]:
    """What was recorded at all visits to a patient, newest first.

    A nurse reads what her colleagues wrote while she has a visit to the patient ahead or under way;
    afterwards, and for anybody else, it is `NotFound`.
    """
    caller = conn.caller
    if caller.role is Role.NURSE and (
        caller.nurse_id is None or not await visits.has_open_with(conn, caller.nurse_id, patient_id)
    ):
        raise NotFound
    if caller.role is not Role.PATIENT:
        await audit.append(conn, "record.read", "patient", patient_id, person_id=patient_id)
    if caller.role is not Role.NURSE:
        return await visit_records.list_of_patient(conn, patient_id, before=before, limit=limit)
    async with conn.as_clock():
        return await visit_records.list_of_patient(conn, patient_id, before=before, limit=limit)


@database.act
async def open_alarms(
    conn: Connection, *, state: str | None, before: UUID | None, limit: int
) -> list[Alarm]:
    """Alarms, newest first; showing them opens where those who pressed are."""
    found = await alarms.list_all(conn, state=state, before=before, limit=limit)
    ids = [str(alarm.id) for alarm in found if alarm.payload_sealed is not None]
    if ids:
        await audit.append(conn, "alarm.read", "alarm", None, detail={"alarm_ids": ids})
    return found


@database.act
async def open_presses(
    conn: Connection, given: Sequence[Alarm]
) -> dict[UUID, list[dict[str, Any]]]:
    """What was sent with each press of these alarms, by alarm."""
    ids = [str(alarm.id) for alarm in given]
    await audit.append(conn, "alarm.read", "alarm", None, detail={"alarm_ids": ids})
    return {alarm.id: await raise_alarm.open_payload(conn, alarm) for alarm in given}


@database.act
async def open_map(conn: Connection, limit: int) -> list[OrderPin]:
    """Living orders by the cells they are in; reading them leaves a trace."""
    found = await board.list_order_pins(conn, limit)
    await audit.append(conn, "map.read", "order", None, detail={"orders": len(found)})
    return found


async def _trace_visits(conn: Connection, action: str, nurse_id: UUID, found: list[Visit]) -> None:
    if found:
        ids = [str(visit.id) for visit in found]
        await audit.append(conn, action, "nurse", nurse_id, detail={"visit_ids": ids})
