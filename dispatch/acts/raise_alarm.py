"""Alarms: pressed by a person, raised by the clock, climbing a ladder until somebody takes them up.

SOS comes first in everything: it is taken in every state of the visit, needs nothing but the
visit's row, and a second press is never lost in the first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import consequences, database, transitions, versions
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.lifecycles import AlarmState, VisitState
from dispatch.records import accounts, alarms, audit, events, person_keys, visits
from dispatch.records.alarms import Alarm
from dispatch.records.visits import Visit
from dispatch.sealing import KeyDestroyed

SWEEP: Final = Caller.clock("alarms")
PRESSES_MAX: Final = 50
LEVEL_MAX: Final = 1_000
SILENT: Final = "duress"


@database.act
async def press(conn: Connection, visit_id: UUID, payload: dict[str, Any]) -> Alarm:
    """SOS. Whatever the phone sent is kept; a second press joins the open alarm, one level up.

    The alarm is durable when this returns. Raises `NotFound` for somebody else's visit.
    """
    visit = await visits.get(conn, visit_id)
    now = await database.now(conn)
    return await _press(conn, visit, "sos", now, payload)


async def press_silently(
    conn: Connection, visit: Visit, now: datetime, payload: dict[str, Any]
) -> None:
    """Her duress code: told to those who take alarms up, and in no other way to anybody.

    Runs inside the act that took the code. Given again it raises the alarm's level.
    """
    async with conn.as_clock():
        await _press(conn, visit, SILENT, now, payload)


async def _press(
    conn: Connection, visit: Visit, kind: str, now: datetime, payload: dict[str, Any]
) -> Alarm:
    pressed = {"pressed_at": now.isoformat(), "body": payload}
    found = await alarms.find_open(conn, visit.id, kind)
    if found is None:
        alarm = await _first_press(conn, visit, kind, now, pressed)
        if alarm is not None:
            return alarm
        # Another press was quicker and is committed by now.
        found = await alarms.find_open(conn, visit.id, kind)
    if found is None:
        raise AssertionError("an alarm that conflicts and is not there")
    alarm = await transitions.move_alarm(
        conn,
        found,
        "press_again",
        level=min(found.level + 1, LEVEL_MAX),
        next_step_at=now + timedelta(seconds=conn.settings.alarm_steps_s[0]),
        step=0,
        payload_sealed=await _append(conn, found, pressed),
    )
    await audit.append(conn, "alarm.press_again", "alarm", alarm.id, person_id=visit.patient_id)
    await consequences.tell_alarm(conn, alarm, institution_id=visit.institution_id, wake=True)
    return alarm


async def _first_press(
    conn: Connection, visit: Visit, kind: str, now: datetime, pressed: dict[str, Any]
) -> Alarm | None:
    alarm_id = new_id()
    # Sealed with the key of who pressed: a patient's key may be gone, an alarm must never fail.
    person_id = conn.caller.account_id or visit.patient_id
    alarm = Alarm(
        id=alarm_id,
        kind=kind,
        visit_id=visit.id,
        order_id=visit.order_id,
        person_id=person_id,
        # Who raised it is told of it; in silence nobody is.
        raised_by=None if kind == SILENT else conn.caller.account_id,
        payload_sealed=await _seal(conn, person_id, alarm_id, [pressed]),
        raised_at=now,
        next_step_at=now + timedelta(seconds=conn.settings.alarm_steps_s[0]),
    )
    if not await alarms.insert(conn, alarm):
        return None
    await audit.append(conn, "alarm.raise", "alarm", alarm.id, person_id=visit.patient_id)
    await consequences.tell_alarm(conn, alarm, institution_id=visit.institution_id, wake=True)
    return alarm


@database.act
async def acknowledge(conn: Connection, alarm_id: UUID, *, version: int | None = None) -> Alarm:
    """A person has taken it up: it climbs no further, unless nobody resolves it in time."""
    alarm = await _lock(conn, alarm_id, version)
    settings = conn.settings
    limit_min = settings.alarm_unresolved_min
    if alarm.kind == "emergency":
        limit_min = settings.emergency_report_min
    back_at = await database.now(conn) + timedelta(minutes=limit_min) if limit_min else None
    alarm = await transitions.move_alarm(conn, alarm, "acknowledge", next_step_at=back_at)
    await audit.append(conn, "alarm.acknowledge", "alarm", alarm.id)
    await consequences.tell_alarm(conn, alarm, institution_id=await _institution(conn, alarm))
    return alarm


@database.act
async def resolve(
    conn: Connection, alarm_id: UUID, note: str, *, version: int | None = None
) -> Alarm:
    """A person closes it and says how; the note is sealed."""
    alarm = await _lock(conn, alarm_id, version)
    owner = alarm.person_id or conn.caller.account_id or alarm.id
    sealed = await person_keys.seal_json(
        conn, owner, "history", "note_sealed", f"{alarm.id}:{alarm.version + 1}", note
    )
    alarm = await transitions.move_alarm(conn, alarm, "resolve", note_sealed=sealed)
    await audit.append(conn, "alarm.resolve", "alarm", alarm.id)
    await consequences.tell_alarm(conn, alarm, institution_id=await _institution(conn, alarm))
    return alarm


async def find_overdue(pool: Pool, limit: int = 50) -> int:
    """Raise an alarm for each visit that should have ended, once."""
    async with pool.read(SWEEP) as conn:
        due = await visits.list_overdue(conn, limit)
    return await one_by_one(due, lambda visit: _raise_overdue(pool, SWEEP, visit.id))


@database.act
async def _raise_overdue(conn: Connection, visit_id: UUID) -> int:
    visit = await visits.lock(conn, visit_id)
    now = await database.now(conn)
    going = visit.state in (VisitState.ARRIVED, VisitState.IN_SERVICE)
    if not going or visit.overdue_at > now or await alarms.had(conn, visit.id, "overdue"):
        return 0
    raised = await consequences.ring(
        conn,
        Alarm(
            id=new_id(),
            kind="overdue",
            visit_id=visit.id,
            order_id=visit.order_id,
            raised_at=now,
            next_step_at=now + timedelta(seconds=conn.settings.alarm_steps_s[0]),
        ),
        institution_id=visit.institution_id,
    )
    nurse = (await accounts.ids_of_nurses(conn, [visit.nurse_id])).get(visit.nurse_id)
    if raised and nurse is not None:
        await events.insert(
            conn,
            f"visit.{visit.state.value}",
            {"visit_id": str(visit.id), "order_id": str(visit.order_id), "overdue": True},
            order_id=visit.order_id,
            account_ids=[nurse],
            staff=False,
            wake="visit_overdue",
        )
    return int(raised)


@database.act
async def _climb(conn: Connection, limit: int) -> int:
    due = await alarms.claim_step_due(conn, limit)
    now = await database.now(conn)
    steps = conn.settings.alarm_steps_s
    for alarm in due:
        if alarm.state is AlarmState.ACKNOWLEDGED:
            await _fall_back(conn, alarm, now)
            continue
        step = alarm.step + 1
        gap_s = steps[step] - steps[step - 1] if step < len(steps) else conn.settings.alarm_repeat_s
        gap = timedelta(seconds=gap_s)
        # Counted from the rung's own time, or a ladder would drift; after a standstill from now.
        next_at = (alarm.next_step_at or now) + gap
        await alarms.set_step(conn, alarm.id, step, next_at if next_at > now else now + gap)
        await consequences.tell_alarm(
            conn, alarm, institution_id=await _institution(conn, alarm), step=step, wake=True
        )
    return len(due)


async def _fall_back(conn: Connection, alarm: Alarm, now: datetime) -> None:
    """Somebody took it up and nobody has resolved it: it rings again, and for everybody."""
    alarm = await transitions.move_alarm(
        conn,
        alarm,
        "fall_back",
        step=max(alarm.step, consequences.EVERYBODY),
        next_step_at=now + timedelta(seconds=conn.settings.alarm_repeat_s),
    )
    await audit.append(conn, "alarm.fall_back", "alarm", alarm.id)
    await consequences.tell_alarm(
        conn, alarm, institution_id=await _institution(conn, alarm), wake=True
    )


async def climb_ladder(pool: Pool, limit: int = 50) -> int:
    """Take each alarm that nobody took up one rung higher: after 10, 20, 40 s, then each 30 s.

    One that was taken up and not resolved falls back to where it rings.
    """
    return await _climb(pool, SWEEP, limit)


async def open_payload(conn: Connection, alarm: Alarm) -> list[dict[str, Any]]:
    """What was sent with each press, oldest first; nothing if there was none or its key is gone."""
    if alarm.payload_sealed is None or alarm.person_id is None:
        return []
    try:
        presses: list[dict[str, Any]] = await person_keys.open_json(
            conn, alarm.person_id, "alarms", "payload_sealed", alarm.id, alarm.payload_sealed
        )
    except KeyDestroyed:
        return []
    return presses


async def _append(conn: Connection, alarm: Alarm, pressed: dict[str, Any]) -> bytes | None:
    """The payload with one press more, the oldest beyond PRESSES_MAX dropped."""
    if alarm.person_id is None:
        return alarm.payload_sealed
    presses = [*await open_payload(conn, alarm), pressed]
    try:
        return await _seal(conn, alarm.person_id, alarm.id, presses[-PRESSES_MAX:])
    except KeyDestroyed:
        return alarm.payload_sealed


async def _seal(
    conn: Connection, person_id: UUID, alarm_id: UUID, presses: list[dict[str, Any]]
) -> bytes:
    return await person_keys.seal_json(
        conn, person_id, "alarms", "payload_sealed", alarm_id, presses
    )


async def _lock(conn: Connection, alarm_id: UUID, version: int | None) -> Alarm:
    alarm = await alarms.lock(conn, alarm_id)
    versions.check(alarm.version, version)
    return alarm


async def _institution(conn: Connection, alarm: Alarm) -> UUID | None:
    """Whose operators hear of it; None: all."""
    if alarm.visit_id is None:
        return None
    return (await visits.get(conn, alarm.visit_id)).institution_id
