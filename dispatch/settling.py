"""Money and what is owed, brought together: reserved, taken, given back, booked.

Runs inside an act that holds the order and its bill. Every fen of a fixed bill and of a payment
stands in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import coverage, database, transitions
from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.lifecycles import BillState
from dispatch.records import bills, events, ledger, orders, payer_lines, payments
from dispatch.records.bills import Bill
from dispatch.records.payer_lines import PayerLine
from dispatch.records.payments import Command, Payment

PLATFORM: Final = "platform"


async def even_out(conn: Connection, bill: Bill) -> Bill:
    """Bring state and money of a held bill together, as the clock.

    What is reserved is taken as far as it is owed, and the rest let go; what was paid too much goes
    back by the payment that it came from; the bill is paid, due, secured or not, accordingly.
    """
    of_bill = await payments.list_of_bill(conn, bill.id)
    if not of_bill and not _wants_move(bill, bill.paid_fen, 0):
        return bill
    asked = [one for one in await payments.list_commands_of_bill(conn, bill.id) if one.is_promised]
    if bill.is_fixed or bill.state is BillState.VOID:
        asked += await _capture_or_release(conn, bill, of_bill, asked)
        asked += await _refund(conn, bill, of_bill, asked)
    going_back_fen = sum(one.amount_fen for one in asked if one.kind == "refund")
    held_fen = sum(one.held_fen for one in of_bill)
    move = _wants_move(bill, bill.paid_fen - going_back_fen, held_fen)
    if move is None:
        return bill
    now = await database.now(conn)
    settings = conn.settings
    changes: dict[str, Any] = {}
    if move == "reopen":
        changes["overdue_at"] = now + timedelta(hours=settings.bill_overdue_h)
        changes["report_at"] = now + timedelta(days=settings.bill_report_days)
    bill = await transitions.move_bill(conn, bill, move, **changes)
    await tell_bill(conn, bill, wake="bill_due" if move == "reopen" else None)
    if move == "secure":
        await orders.wake(conn, bill.order_id)
    elif move == "free":
        await orders.park(conn, bill.order_id)
    return bill


def _wants_move(bill: Bill, kept_fen: int, held_fen: int) -> str | None:
    match bill.state:
        case BillState.ESTIMATED if bill.mode == "prepay" and held_fen >= bill.own_fen:
            return "secure"
        case BillState.SECURED if held_fen < bill.own_fen:
            return "free"
        case BillState.DUE | BillState.OVERDUE if kept_fen >= bill.own_fen:
            return "pay"
        case BillState.PAID if kept_fen < bill.own_fen:
            return "reopen"
        case _:
            return None


async def _capture_or_release(
    conn: Connection, bill: Bill, of_bill: Sequence[Payment], asked: Sequence[Command]
) -> list[Command]:
    spoken_for = {one.payment_id for one in asked if one.kind != "refund"}
    coming_fen = sum(one.amount_fen for one in asked if one.kind == "capture")
    needed_fen = bill.own_fen - bill.paid_fen - coming_fen
    made = []
    for payment in of_bill:
        if payment.state != "held" or payment.id in spoken_for:
            continue
        taken_fen = max(0, min(needed_fen, payment.amount_fen))
        needed_fen -= taken_fen
        kind = "capture" if taken_fen else "release"
        made.append(await _command(conn, payment, kind, taken_fen))
    return made


async def _refund(
    conn: Connection, bill: Bill, of_bill: Sequence[Payment], asked: Sequence[Command]
) -> list[Command]:
    going_back: dict[UUID, int] = {}
    for one in asked:
        if one.kind == "refund":
            going_back[one.payment_id] = going_back.get(one.payment_id, 0) + one.amount_fen
    excess_fen = bill.paid_fen - sum(going_back.values()) - bill.own_fen
    made = []
    for payment in reversed(of_bill):
        there_fen = payment.net_fen - going_back.get(payment.id, 0)
        amount_fen = min(excess_fen, there_fen)
        if amount_fen > 0:
            excess_fen -= amount_fen
            made.append(await _command(conn, payment, "refund", amount_fen))
    return made


async def _command(conn: Connection, payment: Payment, kind: str, amount_fen: int) -> Command:
    now = await database.now(conn)
    command = Command(
        id=new_id(),
        payment_id=payment.id,
        kind=kind,
        amount_fen=amount_fen,
        created_at=now,
        next_try_at=now,
    )
    await payments.insert_command(conn, command)
    return command


async def charged(conn: Connection, bill: Bill) -> dict[tuple[str, str], int]:
    """What a fixed bill stands for in the ledger: who owes it, and who has earned it."""
    posting = {("patient", str(bill.account_id)): bill.own_fen}
    for line in await payer_lines.list_of_bill(conn, bill.id):
        place = ("payer", line.payer)
        posting[place] = posting.get(place, 0) + line.amount_fen
    earner = str(bill.institution_id) if bill.institution_id is not None else PLATFORM
    posting["revenue", earner] = -(bill.total_fen - bill.credit_fen)
    return posting


async def book_change(
    conn: Connection, bill: Bill, kind: str, before: Mapping[tuple[str, str], int]
) -> None:
    after = await charged(conn, bill)
    await ledger.post(
        conn,
        bill.id,
        kind,
        {place: after.get(place, 0) - before.get(place, 0) for place in {*before, *after}},
    )


async def credit(conn: Connection, bill: Bill, amount_fen: int, note_sealed: bytes | None) -> Bill:
    """Let the patient off a part of what is her own; the operator's move, for a sealed reason."""
    async with conn.as_clock():
        before = await charged(conn, bill)
    bill = await transitions.move_bill(
        conn,
        bill,
        "credit",
        credit_fen=bill.credit_fen + amount_fen,
        overdue_at=bill.overdue_at,
        report_at=bill.report_at,
        detail={"amount_fen": amount_fen},
        note_sealed=note_sealed,
    )
    async with conn.as_clock():
        await book_change(conn, bill, "credit", before)
        await tell_bill(conn, bill)
        return await even_out(conn, bill)


async def tell_bill(conn: Connection, bill: Bill, *, wake: str | None = None) -> None:
    """Tell who pays and the operators where the bill stands: its state, no amount."""
    await events.insert(
        conn,
        f"bill.{bill.state.value}",
        {
            "bill_id": str(bill.id),
            "order_id": str(bill.order_id),
            "state": bill.state.value,
            "version": bill.version,
        },
        order_id=bill.order_id,
        account_ids=[bill.account_id],
        institution_id=bill.institution_id,
        wake=wake,
    )


async def decide_payer(
    conn: Connection,
    bill: Bill,
    line: PayerLine,
    *,
    amount_fen: int,
    reason: str | None = None,
    reference: str | None = None,
) -> Bill:
    """Note what a payer has decided: an amount, or nothing. What it leaves is the patient's own.

    A payer never pays more than the bill has left for it. The bill is held and fixed.
    """
    async with conn.as_clock():
        before = await charged(conn, bill)
        amount_fen = min(amount_fen, line.amount_fen + bill.own_fen)
        await payer_lines.put(
            conn,
            replace(
                line,
                state="confirmed" if amount_fen else "rejected",
                amount_fen=amount_fen,
                parts=coverage.fitted(line.parts, bill.lines, amount_fen),
                reason=reason,
                reference=reference,
                ask_at=None,
                decided_at=await database.now(conn),
            ),
        )
        payers_fen = bill.payers_fen - line.amount_fen + amount_fen
        bill = await bills.set_amounts(conn, bill, payers_fen=payers_fen, paid_fen=bill.paid_fen)
        await book_change(conn, bill, "payer", before)
        return await even_out(conn, bill)
