"""A nurse on a visit says that she is well, or her phone falls silent and somebody goes after her.

A sign of life puts the next look off. It ends no alarm: a person does, with a reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final
from uuid import UUID

from dispatch import consequences, database, evidence, welfare
from dispatch.acts import raise_alarm
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import InvalidFields, NotFound
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.records import (
    accounts,
    audit,
    events,
    safety_checks,
    safety_codes,
    visit_facts,
    visits,
)
from dispatch.records.alarms import Alarm
from dispatch.records.safety_checks import SafetyCheck
from dispatch.records.safety_codes import Codes
from dispatch.records.visits import Visit
from dispatch.welfare import Silence

SWEEP: Final = Caller.clock("safety")


@database.act
async def check_in(
    conn: Connection, visit_id: UUID, report: Report, code: str | None = None
) -> Visit:
    """She says that she is well; refused for no state of the visit.

    With her duress code all of it looks the same, and an alarm is raised in silence. Raises
    `InvalidFields` for a code that is neither of hers, or none where she has set one.
    """
    now = await evidence.check_time(conn, report)
    visit = await visits.lock(conn, visit_id)
    is_duress = await _is_duress(conn, code)
    await visit_facts.insert(
        conn,
        visit.id,
        visit.patient_id,
        "check_in",
        report.at,
        taken=True,
        body=report.as_fact(),
    )
    await welfare.hear(conn, visit, now, answered_at=report.at)
    await audit.append(conn, "visit.check_in", "visit", visit.id, person_id=visit.patient_id)
    if is_duress:
        await raise_alarm.press_silently(conn, visit, now, report.as_fact())
    return visit


@database.act
async def tell_alive(conn: Connection) -> int:
    """Her phone is there, on its own account; returns on how many visits she is out.

    That says nothing of how she is: a phone may lie in a bag.
    """
    if conn.caller.nurse_id is None:
        raise NotFound
    now = await database.now(conn)
    out = await visits.lock_out_of_nurse(conn, conn.caller.nurse_id)
    for visit in out:
        await welfare.hear(conn, visit, now, tells=True)
    return len(out)


@database.act
async def set_codes(conn: Connection, codes: Codes, current: str | None = None) -> datetime:
    """Set her two codes; who has some must give the present one.

    Whoever is made to give the duress code is answered like anybody: nothing is set, and an alarm
    is raised in silence on the visits that she is out on.
    """
    if codes.code == codes.duress_code:
        raise InvalidFields((("body", "duress_code"), "codes_alike"))
    account_id, nurse_id = conn.caller.account_id, conn.caller.nurse_id
    if account_id is None or nurse_id is None:
        raise NotFound
    now = await database.now(conn)
    if await _is_duress(conn, current, field="current_code"):
        for visit in await visits.lock_out_of_nurse(conn, nurse_id):
            await raise_alarm.press_silently(conn, visit, now, {})
    else:
        await safety_codes.put(conn, account_id, codes)
    await audit.append(conn, "nurse.codes", "nurse", nurse_id)
    return now


async def look_after(pool: Pool, limit: int = 50) -> int:
    """Ask nurses who should have been heard of; raise an alarm where that was not answered."""
    async with pool.read(SWEEP) as conn:
        due = await safety_checks.list_due(conn, limit)
    return await one_by_one(due, lambda visit_id: _look(pool, SWEEP, visit_id))


@database.act
async def _look(conn: Connection, visit_id: UUID) -> int:
    visit = await visits.lock(conn, visit_id)
    check = await safety_checks.lock(conn, visit_id)
    now = await database.now(conn)
    if check is None or check.due_at is None or check.due_at > now:
        return 0
    silent = welfare.silence(check, visit.state, conn.settings)
    if silent is None:
        await safety_checks.end(conn, visit.id)
    elif silent.at > now:
        await safety_checks.set_due(conn, visit.id, asked_at=None, due_at=silent.at)
    elif check.asked_at is None or check.asked_at < silent.since:
        await _ask(conn, visit)
        grace = timedelta(minutes=conn.settings.check_in_grace_min)
        await safety_checks.set_due(conn, visit.id, asked_at=now, due_at=now + grace)
    else:
        await _ring(conn, visit, check, silent, now)
    return 1


async def _ask(conn: Connection, visit: Visit) -> None:
    nurse = (await accounts.ids_of_nurses(conn, [visit.nurse_id])).get(visit.nurse_id)
    await events.insert(
        conn,
        f"visit.{visit.state.value}",
        {"visit_id": str(visit.id), "order_id": str(visit.order_id), "check_in": True},
        order_id=visit.order_id,
        account_ids=[nurse] if nurse else [],
        staff=False,
        wake="check_in_now",
    )


async def _ring(
    conn: Connection, visit: Visit, check: SafetyCheck, silent: Silence, now: datetime
) -> None:
    """One alarm of a kind at a time. She is looked for again, should somebody close it too soon."""
    settings = conn.settings
    await consequences.ring(
        conn,
        Alarm(
            id=new_id(),
            kind=silent.concern.value,
            visit_id=visit.id,
            order_id=visit.order_id,
            raised_at=now,
            next_step_at=now + timedelta(seconds=settings.alarm_steps_s[0]),
        ),
        institution_id=visit.institution_id,
    )
    again_min = check.every_min or welfare.dark_after_min(visit.state, settings)
    again_at = now + timedelta(minutes=again_min or settings.check_in_grace_min)
    await safety_checks.set_due(conn, visit.id, asked_at=None, due_at=again_at)


async def _is_duress(conn: Connection, given: str | None, field: str = "code") -> bool:
    """Whether it is the code of her distress. Raises `InvalidFields` for one that is not hers."""
    if conn.caller.account_id is None:
        raise NotFound
    codes = await safety_codes.find(conn, conn.caller.account_id)
    if codes is None:
        return False
    if given is None:
        raise InvalidFields((("body", field), "safety_code_needed"))
    if compare_digest(given, codes.duress_code):
        return True
    if not compare_digest(given, codes.code):
        raise InvalidFields((("body", field), "safety_code"))
    return False
