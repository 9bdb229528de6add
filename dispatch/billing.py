"""What is owed for an order: its estimate, its amounts when they are fixed, who else pays.

Each function runs inside the act whose step it follows, with the order held. Bills are moved as the
clock: what is owed follows from what happened, and nobody names an amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from config import payers
from dispatch import coverage, database, incentives, pricing, rates, settling, transitions
from dispatch.coverage import Cover, Share
from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.lifecycles import BillState, OrderState, VisitState
from dispatch.pricing import Circumstances, Line, Price
from dispatch.records import (
    bills,
    change_orders,
    coverages,
    emergencies,
    ledger,
    payer_lines,
    tariffs,
    visits,
)
from dispatch.records.bills import Bill, Cause, Mode, Terms
from dispatch.records.orders import Order
from dispatch.records.payer_lines import PayerLine
from matching.inputs import local_date


async def open_bill(
    conn: Connection, order: Order, terms: Terms, distance: int | None = None
) -> Bill:
    """Write down what an order is expected to cost, and who is expected to pay it."""
    on = local_date(order.earliest)
    shares = (
        await _shares(conn, order.patient_id, order.price_lines, on) if terms.is_covered else []
    )
    bill = Bill(
        id=new_id(),
        order_id=order.id,
        account_id=order.account_id,
        patient_id=order.patient_id,
        mode=_mode(conn, terms, order.price_fen),
        tariff_id=terms.tariff_id,
        distance_m=distance,
        lines=list(order.price_lines),
        total_fen=order.price_fen,
        payers_fen=sum(share.amount_fen for share in shares),
        own_fen=order.price_fen - sum(share.amount_fen for share in shares),
        serviced_on=on,
        created_at=order.created_at,
        updated_at=order.created_at,
    )
    await bills.insert(conn, bill)
    await payer_lines.insert_many(conn, _estimates(bill, shares))
    return bill


def _mode(conn: Connection, terms: Terms, price_fen: int) -> Mode:
    """After the visit, as far as the account's credit goes; else reserved before."""
    limit_fen = conn.settings.postpay_credit_fen
    beyond = limit_fen > 0 and terms.owed_fen + price_fen > limit_fen
    return "prepay" if beyond else conn.settings.payment_mode


async def search_from(conn: Connection, order: Order) -> datetime | None:
    """When the search for a nurse may begin: now, or None until the price is reserved, or until an
    assessment that holds no longer is renewed."""
    if order.reassess_since is not None:
        return None
    settings = conn.settings
    if settings.payment_mode == "prepay" or settings.postpay_credit_fen:
        async with conn.as_clock():
            bill = await bills.find_of_order(conn, order.id)
        if bill is not None and bill.mode == "prepay" and bill.state is BillState.ESTIMATED:
            return None
    return await database.now(conn)


async def hold(conn: Connection, order: Order) -> Bill:
    """The order's bill, held. One that was placed before there were bills gets its estimate now."""
    found = await bills.lock_of_order(conn, order.id)
    if found is not None:
        return found
    nothing = Terms(tariff_id=None, rules=None, in_arrears=False, owed_fen=0, is_covered=False)
    await open_bill(conn, order, nothing)
    made = await bills.lock_of_order(conn, order.id)
    if made is None:
        raise LookupError("the bill was just made")
    return made


async def estimate_anew(
    conn: Connection, order: Order, earliest: datetime, latest: datetime
) -> Price | None:
    """The price of an order for another window, by the tariff that it was told by; None if it is
    the same. Its bill says so, too."""
    async with conn.as_clock():
        bill = await hold(conn, order)
        given = Circumstances(earliest=earliest, latest=latest, distance_m=bill.distance_m)
        price = rates.price_of(
            conn, order.service_codes, await rates.get_tariff(conn, bill.tariff_id), given
        )
        told = await payer_lines.list_of_bill(conn, bill.id)
        on = local_date(earliest)
        same = list(price.lines) == order.price_lines
        if same and (not told or on == bill.serviced_on):
            return None
        payers_fen = await _share_out(conn, bill, price.lines, on, ask_at=None)
        bill = await bills.set_estimate(
            conn,
            bill,
            lines=list(price.lines),
            total_fen=price.price_fen,
            payers_fen=payers_fen,
            serviced_on=on,
        )
        await settling.even_out(conn, bill)
    return None if same else price


async def charge(conn: Connection, order: Order) -> Bill:
    """After the last visit: the told price, or the institution's if that is lower, and what was
    accepted on site; then the payers are asked.

    After an emergency nothing is charged before its record is released."""
    async with conn.as_clock():
        bill = await hold(conn, order)
        if bill.fixed_at is not None or await emergencies.is_locked_of_order(conn, order.id):
            return bill
        of_round = (await visits.list_current(conn, [order.id])).get(order.id, [])
        came = [visit for visit in of_round if visit.state is VisitState.COMPLETED]
        starts = [visit.started_at or visit.planned_start for visit in came]
        bill = replace(bill, serviced_on=local_date(min(starts, default=order.earliest)))
        await change_orders.withdraw_of_order(conn, order.id)
        await incentives.book(conn, bill.id, order, came)
        return await _fix(conn, bill, order, "visit", await _lines_at_last(conn, order, bill))


async def let_go(conn: Connection, order: Order) -> None:
    """After the record of an emergency is released: charge what was held, and where the bill was
    due already, leave as much time to pay it as anybody has."""
    async with conn.as_clock():
        if await emergencies.is_locked_of_order(conn, order.id):
            return
        if order.state is OrderState.FULFILLED:
            await charge(conn, order)
        now, settings = await database.now(conn), conn.settings
        await bills.put_off(
            conn,
            order.id,
            overdue_at=now + timedelta(hours=settings.bill_overdue_h),
            report_at=now + timedelta(days=settings.bill_report_days),
        )


async def close(conn: Connection, order: Order) -> Bill:
    """After an order has ended without its visit: the fee of a late cancellation, or nothing.

    What was reserved or paid beyond that goes back the way it came.
    """
    async with conn.as_clock():
        bill = await hold(conn, order)
        if bill.fixed_at is not None:
            return bill
        await change_orders.withdraw_of_order(conn, order.id)
        fee_fen = order.cancellation_fee_fen or 0
        if fee_fen:
            label = pricing.CANCELLATION_LABEL
            line = pricing.line_of(pricing.CANCELLATION, label, None, 1, fee_fen)
            return await _fix(conn, bill, order, "cancellation", [line])
        await _share_out(conn, bill, [], bill.serviced_on, ask_at=None)
        bill = await transitions.move_bill(
            conn,
            bill,
            "void",
            cause="nothing",
            institution_id=order.institution_id,
            lines=[],
            total_fen=0,
            payers_fen=0,
            fixed_at=await database.now(conn),
        )
        await settling.tell_bill(conn, bill)
        return await settling.even_out(conn, bill)


async def _lines_at_last(conn: Connection, order: Order, bill: Bill) -> list[Line]:
    lines = order.price_lines
    if order.institution_id is not None:
        own = await tariffs.find_in_force(conn, order.institution_id, bill.created_at)
        if own is not None:
            by = rates.tariff_of(conn, own.id, own.rules)
            given = Circumstances(
                earliest=order.earliest, latest=order.latest, distance_m=bill.distance_m
            )
            price = rates.price_of(conn, order.service_codes, by, given)
            if price.price_fen < order.price_fen:
                lines = list(price.lines)
    changes = await change_orders.list_of_order(conn, order.id)
    return [*lines, *(line for one in changes if one.state == "accepted" for line in one.lines)]


async def _fix(
    conn: Connection, bill: Bill, order: Order, cause: Cause, lines: Sequence[Line]
) -> Bill:
    now = await database.now(conn)
    covered = lines if cause == "visit" else []
    payers_fen = await _share_out(conn, bill, covered, bill.serviced_on, ask_at=now)
    settings = conn.settings
    bill = await transitions.move_bill(
        conn,
        bill,
        "fix",
        cause=cause,
        institution_id=order.institution_id,
        lines=list(lines),
        total_fen=pricing.total_fen(lines),
        payers_fen=payers_fen,
        serviced_on=bill.serviced_on,
        fixed_at=now,
        overdue_at=now + timedelta(hours=settings.bill_overdue_h),
        report_at=now + timedelta(days=settings.bill_report_days),
        detail={"cause": cause},
    )
    await ledger.post(conn, bill.id, "charge", await settling.charged(conn, bill))
    bill = await settling.even_out(conn, bill)
    if bill.state is BillState.DUE:
        await settling.tell_bill(conn, bill, wake="bill_due")
    return bill


async def _shares(
    conn: Connection,
    patient_id: UUID,
    lines: Sequence[Line],
    on: date,
    but_bill_id: UUID | None = None,
) -> list[Share]:
    covers = await covers_of(conn, patient_id, on, but_bill_id)
    return coverage.shares(lines, covers, on, conn.catalogue)


async def covers_of(
    conn: Connection, patient_id: UUID, on: date, but_bill_id: UUID | None = None
) -> list[Cover]:
    """A patient's coverages in the order in which payers are asked."""
    plans = payers.load()
    found = await coverages.list_used(conn, patient_id, on, but_bill_id)
    beds = tuple(
        (one.coverage.valid_from, one.coverage.valid_until)
        for one in found
        if one.coverage.payer == "home_bed"
    )
    known = [
        Cover(
            coverage_id=one.coverage.id,
            plan=plan,
            valid_from=one.coverage.valid_from,
            valid_until=one.coverage.valid_until,
            daily_fen=one.coverage.daily_fen,
            used_fen=one.used_fen,
            beds=beds,
        )
        for one in found
        if (plan := plans.by_code.get(one.coverage.plan)) is not None
    ]
    return sorted(known, key=lambda cover: plans.order.index(cover.plan.payer))


def _estimates(
    bill: Bill, shares: Iterable[Share], *, first: int = 1, ask_at: datetime | None = None
) -> list[PayerLine]:
    return [
        PayerLine(
            id=new_id(),
            bill_id=bill.id,
            account_id=bill.account_id,
            position=position,
            coverage_id=share.coverage_id,
            payer=share.payer,
            plan=share.plan,
            amount_fen=share.amount_fen,
            parts=list(share.parts),
            ask_at=ask_at,
        )
        for position, share in enumerate(shares, start=first)
    ]


async def _share_out(
    conn: Connection, bill: Bill, lines: Sequence[Line], on: date, *, ask_at: datetime | None
) -> int:
    """Estimate anew what others pay; returns their sum. A payer who falls away pays nothing."""
    known = {one.coverage_id: one for one in await payer_lines.list_of_bill(conn, bill.id)}
    shares = await _shares(conn, bill.patient_id, lines, on, bill.id) if lines else []
    if not known and not shares:
        return 0
    now, count = await database.now(conn), len(known)
    fresh = [share for share in shares if share.coverage_id not in known]
    for share in shares:
        if (line := known.pop(share.coverage_id, None)) is not None:
            at = ask_at if _asks_table(share.plan) else None
            await payer_lines.put(
                conn,
                replace(
                    line,
                    state="estimated",
                    amount_fen=share.amount_fen,
                    parts=list(share.parts),
                    reason=None,
                    ask_at=at,
                    decided_at=None,
                ),
            )
    for line in known.values():
        gone = replace(
            line, state="rejected", amount_fen=0, parts=[], reason="not_covered", ask_at=None
        )
        await payer_lines.put(conn, replace(gone, decided_at=now))
    made = _estimates(bill, fresh, first=count + 1)
    await payer_lines.insert_many(
        conn, [replace(one, ask_at=ask_at if _asks_table(one.plan) else None) for one in made]
    )
    return sum(share.amount_fen for share in shares)


def _asks_table(code: str) -> bool:
    plan = payers.load().by_code.get(code)
    return plan is not None and plan.decided_by == "table"
