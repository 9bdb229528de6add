"""The emergency path: first aid, 120, the institution's doctor; then a review by a person.

It is taken in every state of the visit and asks for nothing. The operators are told before
anything else happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import billing, consequences, database, evidence
from dispatch.database import Connection
from dispatch.errors import NotFound, VisitUnderWay
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import OPEN_VISIT, VisitState
from dispatch.records import (
    audit,
    emergencies,
    orders,
    person_keys,
    safety_checks,
    visit_facts,
    visits,
)
from dispatch.records.alarms import Alarm
from dispatch.records.emergencies import Emergency
from dispatch.records.visits import Visit

KIND: Final = "emergency"
# Above every SOS but one that is pressed again and again.
LEVEL: Final = 5
FLAG: Final = "emergency"
WORDS_MAX: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What has been done by now, and what is said of it."""

    first_aid: bool = False
    ambulance_called: bool = False
    doctor_informed: bool = False
    words: str | None = None


@database.act
async def declare_emergency(
    conn: Connection, visit_id: UUID, report: Report, measures: Measures
) -> Emergency:
    """Declare one, or tell of the next measure of one that is open. Raises `NotFound`."""
    visit = await visits.lock(conn, visit_id)
    now = await evidence.check_time(conn, report)
    if conn.caller.account_id is None:
        raise NotFound
    found = await emergencies.find_open(conn, visit.id)
    if found is None:
        await _call(conn, visit, now)
    first_aid_at = report.at if measures.first_aid else None
    ambulance_at = report.at if measures.ambulance_called else None
    doctor_at = report.at if measures.doctor_informed else None
    if found is None:
        emergency_id = new_id()
        made = Emergency(
            id=emergency_id,
            visit_id=visit.id,
            order_id=visit.order_id,
            patient_id=visit.patient_id,
            nurse_id=visit.nurse_id,
            declared_by=conn.caller.account_id,
            declared_at=report.at,
            received_at=now,
            words_sealed=await _sealed(conn, visit, emergency_id, [], report, measures),
            first_aid_at=first_aid_at,
            ambulance_at=ambulance_at,
            doctor_at=doctor_at,
        )
        emergency = await emergencies.insert(conn, made)
        await _change_timers(conn, visit, now)
    else:
        said = await open_words(conn, found)
        sealed = await _sealed(conn, visit, found.id, said, report, measures)
        emergency = await emergencies.add(
            conn,
            found.id,
            first_aid_at=first_aid_at,
            ambulance_at=ambulance_at,
            doctor_at=doctor_at,
            words_sealed=sealed,
        )
    await visit_facts.insert(
        conn,
        visit.id,
        visit.patient_id,
        "emergency",
        report.at,
        taken=True,
        body=report.as_fact(
            first_aid=measures.first_aid or None,
            ambulance_called=measures.ambulance_called or None,
            doctor_informed=measures.doctor_informed or None,
        ),
    )
    await audit.append(conn, "visit.emergency", "visit", visit.id, person_id=visit.patient_id)
    async with conn.as_clock():
        await consequences.tell_visit(conn, await visits.get(conn, visit.id))
    return emergency


@database.act
async def release_record(
    conn: Connection, visit_id: UUID, reason: str, *, version: int | None = None
) -> Emergency:
    """A person has reviewed what happened: the record is open again, and what is owed is charged.

    The reason is sealed. Raises `NotFound` if nothing is locked, `VisitUnderWay` before the visit
    has ended.
    """
    order = await orders.lock(conn, (await visits.get(conn, visit_id)).order_id)
    visit = await visits.lock(conn, visit_id)
    found = await emergencies.find_open(conn, visit.id)
    if found is None or conn.caller.account_id is None:
        raise NotFound
    if visit.state in OPEN_VISIT:
        raise VisitUnderWay
    sealed = await person_keys.seal_json(
        conn, visit.patient_id, "emergencies", "release_sealed", found.id, reason
    )
    released = await emergencies.release(conn, found.id, conn.caller.account_id, sealed)
    await billing.let_go(conn, order)
    await audit.append(conn, "emergency.release", "visit", visit.id, person_id=visit.patient_id)
    return released


@database.act
async def open_emergencies(
    conn: Connection, *, released: bool, before: UUID | None, limit: int
) -> list[Emergency]:
    """Emergencies, newest first; showing them opens what was said, and is recorded."""
    found = await emergencies.list_all(conn, released=released, before=before, limit=limit)
    if found:
        ids = [str(one.id) for one in found]
        await audit.append(conn, "emergency.read", "visit", None, detail={"emergency_ids": ids})
    return found


async def open_words(conn: Connection, emergency: Emergency) -> list[dict[str, Any]]:
    """What was said with each measure, oldest first; nothing after erasure."""
    key = (await person_keys.load(conn, [emergency.patient_id])).get(emergency.patient_id)
    if key is None or emergency.words_sealed is None:
        return []
    said: list[dict[str, Any]] = key.open_json(
        "emergencies", "words_sealed", emergency.id, emergency.words_sealed
    )
    return said


async def _call(conn: Connection, visit: Visit, now: datetime) -> None:
    """Before all else: whoever takes alarms up hears of it, all of them at once."""
    await consequences.ring(
        conn,
        Alarm(
            id=new_id(),
            kind=KIND,
            level=LEVEL,
            visit_id=visit.id,
            order_id=visit.order_id,
            raised_by=conn.caller.account_id,
            raised_at=now,
            next_step_at=now + timedelta(seconds=conn.settings.alarm_steps_s[0]),
        ),
        institution_id=visit.institution_id,
    )


async def _change_timers(conn: Connection, visit: Visit, now: datetime) -> None:
    """She has her hands full: she is not asked whether she is well, the visit may last, and nobody
    gives it up; her next ones are a dispatcher's to see to now."""
    stay = timedelta(minutes=conn.settings.emergency_stay_min)
    async with conn.as_clock():
        await visits.put_off(conn, visit.id, max(visit.overdue_at, now + stay), now + stay)
        await visits.add_flags(conn, visit.id, [FLAG])
        await safety_checks.end(conn, visit.id)
        for other in await visits.list_next_of_nurse(conn, visit.nurse_id, now + stay):
            if other.id != visit.id and other.state is VisitState.SCHEDULED:
                await visits.set_nudge(conn, other.id, other.nudge_stage, None)
                await _warn(conn, other, now)


async def _warn(conn: Connection, visit: Visit, now: datetime) -> None:
    """The nurse of a visit is held up by an emergency elsewhere: somebody else should go."""
    await consequences.ring(
        conn,
        Alarm(
            id=new_id(),
            kind="not_departed",
            visit_id=visit.id,
            order_id=visit.order_id,
            raised_at=now,
        ),
        institution_id=visit.institution_id,
    )


async def _sealed(
    conn: Connection,
    visit: Visit,
    emergency_id: UUID,
    said: list[dict[str, Any]],
    report: Report,
    measures: Measures,
) -> bytes | None:
    if measures.words is not None:
        said = [*said, {"at": report.at.isoformat(), "words": measures.words}][-WORDS_MAX:]
    if not said:
        return None
    return await person_keys.seal_json(
        conn, visit.patient_id, "emergencies", "words_sealed", emergency_id, said
    )
