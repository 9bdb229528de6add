"""Visits ended by others than their nurse: the operator for her, or the clock when time is up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dispatch import closing, consequences, database, evidence, transitions
from dispatch.acts import run_visit, watch_arrivals
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import InvalidFields
from dispatch.ids import new_id
from dispatch.lifecycles import VISIT, OrderState, VisitState
from dispatch.records import accounts, audit, events, history, person_keys, visit_facts, visits
from dispatch.records.alarms import Alarm
from dispatch.records.visits import Visit

SWEEP = Caller.clock("visits")


@database.act
async def end_for_her(
    conn: Connection,
    visit_id: UUID,
    move: str,
    reason: str,
    at: datetime | None = None,
    *,
    version: int | None = None,
) -> Visit:
    """Abort, miss, release or complete a visit for a nurse who cannot; the reason is sealed."""
    now = await database.now(conn)
    at = at or now
    if at > now + evidence.AHEAD_MAX:
        raise InvalidFields((("body", "at"), "in_future"))
    order, visit = await run_visit.hold(conn, visit_id, version)
    if move == "release":
        return await run_visit.give_back(conn, order, visit, reason)
    changes: dict[str, Any] = {"ended_at": at, "eta": None}
    if move == "abort":
        changes["end_reason"] = code = run_visit.abort_code(reason)
        changes["detail"] = {"code": code}
    elif move == "miss":
        changes["end_reason"] = "missed"
    note = await person_keys.seal_json(
        conn,
        visit.patient_id,
        "history",
        "note_sealed",
        history.note_place(visit.id, visit.version + 1),
        reason,
    )
    flags = {*visit.flags, "ended_by_operator"}
    if move == "complete":
        verdict = await closing.judge(conn, order, visit, at, is_signed=True, has_reason=True)
        flags |= {"record_incomplete"} & set(verdict.flags)
    moved = await transitions.move_visit(
        conn, visit, move, note_sealed=note, flags=sorted(flags), **changes
    )
    await visit_facts.insert(
        conn, visit.id, visit.patient_id, move, at, taken=True, body={"reason": reason}
    )
    await audit.append(conn, f"visit.{move}", "visit", visit.id, person_id=visit.patient_id)
    await run_visit.close(conn, order, moved)
    return moved


async def miss_visits(pool: Pool, limit: int = 50) -> int:
    """Give up visits that nobody came to in time; their orders are planned again or fail."""
    async with pool.read(SWEEP) as conn:
        due = await visits.list_missed(conn, limit)
    return await one_by_one(due, lambda visit: _miss(pool, SWEEP, visit.id))


@database.act
async def _miss(conn: Connection, visit_id: UUID) -> int:
    order, visit = await run_visit.hold(conn, visit_id)
    now = await database.now(conn)
    if VISIT.find("miss", visit.state) is None or visit.miss_at > now:
        return 0
    moved = await transitions.move_visit(
        conn, visit, "miss", ended_at=now, eta=None, end_reason="missed"
    )
    await run_visit.close(conn, order, moved, wake_nurse="visit_withdrawn")
    return 1


async def nudge_late(pool: Pool, limit: int = 50) -> int:
    """Remind a nurse who should have departed; if she still has not, tell the operators; in the end
    look for another one."""
    async with pool.read(SWEEP) as conn:
        due = await visits.list_nudge_due(conn, limit)
    return await one_by_one(due, lambda visit: _nudge(pool, SWEEP, visit.id))


@database.act
async def _nudge(conn: Connection, visit_id: UUID) -> int:
    order, visit = await run_visit.hold(conn, visit_id)
    now = await database.now(conn)
    if visit.state is not VisitState.SCHEDULED or visit.nudge_at is None or visit.nudge_at > now:
        return 0
    later = timedelta(minutes=conn.settings.depart_alarm_min)
    if order.state is not OrderState.ASSIGNED:
        # She may not set out before the other seat is filled.
        await visits.set_nudge(conn, visit.id, visit.nudge_stage, now + later)
        return 1
    if visit.nudge_stage == 0:
        await visits.set_nudge(conn, visit.id, 1, max(now, visit.leaves_at) + later)
        nurse = (await accounts.ids_of_nurses(conn, [visit.nurse_id])).get(visit.nurse_id)
        await events.insert(
            conn,
            "visit.scheduled",
            {"visit_id": str(visit.id), "order_id": str(visit.order_id), "nudge": 1},
            order_id=visit.order_id,
            account_ids=[nurse] if nurse else [],
            staff=False,
            wake="depart_now",
        )
        return 1
    give_up_at = visit.planned_start + timedelta(minutes=conn.settings.no_show_min)
    if visit.nudge_stage >= 2:
        await watch_arrivals.give_up_early(conn, order, visit, now)
        await visits.set_nudge(conn, visit.id, visit.nudge_stage, None)
        return 1
    again_at = max(now + later, give_up_at) if conn.settings.no_show_min else None
    await visits.set_nudge(conn, visit.id, 2, again_at)
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
    return 1
