"""The sweeps of unpaid bills: first a reminder and no new orders, later the operators are told."""

from __future__ import annotations

from uuid import UUID

from dispatch import database, settling, transitions
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.lifecycles import BillState
from dispatch.records import audit, bills, orders
from dispatch.records.bills import Bill

SWEEP = Caller.clock("debts")


async def lapse_bills(pool: Pool, limit: int = 50) -> int:
    """Remind those whose time to pay has passed; until they have paid they place no new orders."""
    async with pool.read(SWEEP) as conn:
        due = await bills.list_overdue_due(conn, limit)
    return await one_by_one(due, lambda bill_id: _lapse(pool, SWEEP, bill_id))


@database.act
async def _lapse(conn: Connection, bill_id: UUID) -> int:
    bill = await _hold(conn, bill_id)
    now = await database.now(conn)
    if bill.state is not BillState.DUE or bill.overdue_at is None or bill.overdue_at > now:
        return 0
    bill = await transitions.move_bill(conn, bill, "lapse")
    await settling.tell_bill(conn, bill, wake="bill_overdue")
    return 1


async def report_bills(pool: Pool, limit: int = 50) -> int:
    """Tell the operators of bills that nobody has paid for days: it is for a person to decide."""
    async with pool.read(SWEEP) as conn:
        due = await bills.list_report_due(conn, limit)
    return await one_by_one(due, lambda bill_id: _report(pool, SWEEP, bill_id))


@database.act
async def _report(conn: Connection, bill_id: UUID) -> int:
    bill = await _hold(conn, bill_id)
    now = await database.now(conn)
    if not bill.left_fen or bill.report_at is None or bill.report_at > now:
        return 0
    await bills.report(conn, bill.id)
    await settling.tell_bill(conn, await bills.get(conn, bill.id))
    await audit.append(conn, "bill.report", "bill", bill.id, person_id=bill.patient_id)
    return 1


async def _hold(conn: Connection, bill_id: UUID) -> Bill:
    seen = await bills.get(conn, bill_id)
    await orders.lock(conn, seen.order_id)
    return await bills.lock(conn, bill_id)
