"""Bills, changes of price and coverages as their readers see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from api import moves
from api.schemas import bills as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.wire import Call
from config import payers
from config.tariff import Tariff
from config.vocabulary import Label
from dispatch import payments as providers
from dispatch import rates
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records import change_orders, emergencies, institutions, payer_lines, payments
from dispatch.records.bills import Bill
from dispatch.records.change_orders import ChangeOrder
from dispatch.records.coverages import Coverage
from dispatch.records.payer_lines import PayerLine
from dispatch.records.payments import Payment
from dispatch.records.tariffs import DeclaredTariff


def showing(call: Call) -> Callable[[Connection, Bill], Awaitable[schemas.Bill]]:
    """The `view` of an act whose result is a bill."""

    async def view(conn: Connection, bill: Bill) -> schemas.Bill:
        return await bill_view(conn, bill, call)

    return view


async def bill_view(conn: Connection, bill: Bill, call: Call) -> schemas.Bill:
    """The whole of a bill: its lines, who pays them, payments, changes of price."""
    by = await rates.get_tariff(conn, bill.tariff_id)
    parts = await payer_lines.list_of_bill(conn, bill.id)
    of_bill = await payments.list_of_bill(conn, bill.id)
    asked = await payments.list_commands_of_bill(conn, bill.id)
    changes = await change_orders.list_of_order(conn, bill.order_id)
    async with conn.as_clock():
        held = bill.fixed_at is None and await emergencies.is_locked_of_order(conn, bill.order_id)
    served_by = None
    if bill.institution_id is not None:
        served_by = await institutions.find(conn, bill.institution_id)
    return schemas.Bill(
        id=bill.id,
        order_id=bill.order_id,
        state=bill.state,
        version=bill.version,
        moves=moves.of_bill(bill, call.caller),
        mode=bill.mode,
        held=held,
        cause=bill.cause,
        lines=bill_lines(bill.lines, by, call),
        payers=[_part(one, call) for one in parts],
        total_fen=bill.total_fen,
        payers_fen=bill.payers_fen,
        credit_fen=bill.credit_fen,
        own_fen=bill.own_fen,
        paid_fen=bill.paid_fen,
        left_fen=bill.left_fen,
        refunding_fen=sum(
            one.amount_fen for one in asked if one.kind == "refund" and one.is_promised
        ),
        payments=[_payment(one, call) for one in of_bill],
        change_orders=[change_view(one, by, call) for one in changes],
        tariff_id=bill.tariff_id,
        institution_id=bill.institution_id,
        institution_name=served_by.name if served_by else None,
        complaint_phone=(served_by.phone if served_by else None) or call.settings.complaint_phone,
        serviced_on=bill.serviced_on,
        fixed_at=bill.fixed_at,
        pay_by=bill.overdue_at,
        reported_at=bill.reported_at if call.caller.role is not Role.PATIENT else None,
        created_at=bill.created_at,
        updated_at=bill.updated_at,
    )


async def bills_page(
    conn: Connection, found: Sequence[Bill], query: PageQuery, call: Call
) -> Page[schemas.Bill]:
    """A page of bills, newest first; `found` has one more than is shown if it goes on."""
    told = found[: query.limit]
    return Page(
        items=[await bill_view(conn, bill, call) for bill in told],
        next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
    )


def bill_lines(
    lines: Iterable[Mapping[str, Any]], by: Tariff, call: Call
) -> list[schemas.BillLine]:
    """Kept lines in the reader's language, with the national codes that the tariff knows."""
    return [
        schemas.BillLine(
            kind=line["kind"],
            label=Label(**line["label"]).in_language(call.language),
            service_code=line["service_code"],
            national_code=by.national_code(line["service_code"]),
            quantity=line["quantity"],
            amount_fen=line["amount_fen"],
        )
        for line in lines
    ]


def change_view(change: ChangeOrder, by: Tariff, call: Call) -> schemas.ChangeOrder:
    """A change of price, with what the caller may answer."""
    return schemas.ChangeOrder(
        id=change.id,
        order_id=change.order_id,
        visit_id=change.visit_id,
        state=change.state,
        version=change.version,
        moves=moves.of_change(change, call.caller),
        lines=bill_lines(change.lines, by, call),
        amount_fen=change.amount_fen,
        created_at=change.created_at,
        answered_at=change.answered_at,
    )


def price_items(by: Tariff, codes: Sequence[str], call: Call) -> list[schemas.PriceItem]:
    """What a nurse may propose on site for these services."""
    extras = [
        schemas.PriceItem(
            code=one.code,
            kind="extra",
            label=one.label.in_language(call.language),
            amount_fen=one.amount_fen,
            included=one.included,
            per=one.per,
            at_most=one.at_most,
        )
        for one in by.extras
        if set(one.services) & set(codes)
    ]
    return extras + [
        schemas.PriceItem(
            code=one.code,
            kind="drug" if one.drug else "material",
            label=one.label.in_language(call.language),
            amount_fen=one.amount_fen,
            included=0,
            per=1,
        )
        for one in by.materials
    ]


def coverage_view(one: Coverage, call: Call) -> schemas.Coverage:
    """A coverage without the payer's number of it."""
    return schemas.Coverage(
        id=one.id,
        patient_id=one.patient_id,
        plan=one.plan,
        payer=one.payer,
        label=plan_label(one.plan, call),
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        daily_fen=one.daily_fen,
        created_at=one.created_at,
    )


def tariff_view(one: DeclaredTariff) -> schemas.DeclaredTariff:
    return schemas.DeclaredTariff(
        id=one.id,
        institution_id=one.institution_id,
        valid_from=one.valid_from,
        rules=one.rules,
        created_at=one.created_at,
    )


def plan_label(code: str, call: Call) -> str:
    """A plan's name; one that is not in the file any more is told by its code."""
    plan = payers.load().by_code.get(code)
    return plan.label.in_language(call.language) if plan is not None else code


def _part(line: PayerLine, call: Call) -> schemas.PayerPart:
    return schemas.PayerPart(
        id=line.id,
        payer=line.payer,
        plan=line.plan,
        label=plan_label(line.plan, call),
        state=line.state,
        amount_fen=line.amount_fen,
        reason=line.reason,
        reference=line.reference if call.caller.role is not Role.PATIENT else None,
    )


def _payment(payment: Payment, call: Call) -> schemas.Payment:
    provider = providers.of(call.settings)
    may_pay = payment.state == "started" and call.caller.role is Role.PATIENT
    return schemas.Payment(
        id=payment.id,
        kind=payment.kind,
        state=payment.state,
        amount_fen=payment.amount_fen,
        captured_fen=payment.captured_fen,
        refunded_fen=payment.refunded_fen,
        pay_url=provider.checkout_url(payment) if provider is not None and may_pay else None,
        created_at=payment.created_at,
        updated_at=payment.updated_at,
    )
