"""The sweeps of cases: what nobody has seen to climbs, and patients are asked how they are."""

from __future__ import annotations

from uuid import UUID

from config.cases import CaseKind
from dispatch import casework, database, transitions
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.records import cases

SWEEP = Caller.clock("cases")


async def escalate_cases(pool: Pool, limit: int = 50) -> int:
    """Tell again, and from the second time on everybody, of what should have been seen to."""
    async with pool.read(SWEEP) as conn:
        due = await cases.list_escalate_due(conn, limit)
    return await one_by_one(due, lambda case_id: _escalate(pool, SWEEP, case_id))


@database.act
async def _escalate(conn: Connection, case_id: UUID) -> int:
    case = await cases.lock(conn, case_id)
    now = await database.now(conn)
    if case.escalate_at is None or case.escalate_at > now:
        return 0
    again_at = now + casework.take_up_span(case, conn.settings)
    level = case.level + 1
    # A call that nobody made stays in the queue; it is no matter for everybody.
    is_last = level >= casework.LEVEL_MAX or case.kind is CaseKind.FOLLOW_UP
    case = await transitions.move_case(
        conn,
        case,
        "escalate",
        level=level,
        escalate_at=None if is_last else again_at,
    )
    if case.kind is CaseKind.COMPLAINT:
        await casework.tell_patient(conn, case, wake="complaint_news")
    await casework.tell_operators(conn, case, everybody=level >= casework.LEVEL_MAX)
    return 1


async def ask_patients(pool: Pool, limit: int = 50) -> int:
    """Ask patients how they are after a visit; who is well needs no call."""
    return await _ask(pool, SWEEP, limit)


@database.act
async def _ask(conn: Connection, limit: int) -> int:
    due = await cases.claim_ask_due(conn, limit)
    for case in due:
        await casework.tell_patient(conn, case, wake="follow_up")
    return len(due)
