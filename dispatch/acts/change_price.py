"""Changes of price on site: the nurse counts, the tariff prices, who pays says yes or no.

Work goes on after the answer. Nobody names an amount, and nothing is charged outside of the bill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from config.tariff import Tariff
from dispatch import billing, database, pricing, rates, settling, transitions, versions
from dispatch.acts import run_visit
from dispatch.database import Connection
from dispatch.errors import (
    ChangeAnswered,
    ChangePending,
    InvalidFields,
    NotFound,
    RuleRefused,
)
from dispatch.ids import new_id
from dispatch.lifecycles import VISIT, VisitState
from dispatch.pricing import Line
from dispatch.records import audit, change_orders, events, orders, visits
from dispatch.records.change_orders import ChangeOrder
from dispatch.records.orders import Order

# She is in the home: before, there is nothing to be found; after, nothing to be agreed.
IN_THE_HOME = frozenset({VisitState.ARRIVED, VisitState.IN_SERVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How much there is of an extra (in all) or is used of a material, by its tariff code."""

    code: str
    quantity: int


@database.act
async def propose_change(conn: Connection, visit_id: UUID, asked: Sequence[Asked]) -> ChangeOrder:
    """Tell who pays that there is more to do than was ordered, and what it costs by the tariff.

    Raises `InvalidFields` for what the tariff does not know, `RuleRefused` for what needs a new
    assessment or changes nothing, `ChangePending`, `IllegalTransition` unless she is in the home.
    """
    order, visit = await run_visit.hold(conn, visit_id)
    if visit.state not in IN_THE_HOME:
        raise transitions.illegal(conn, VISIT, visit.id, visit.state, "propose_change")
    async with conn.as_clock():
        bill = await billing.hold(conn, order)
        by = await rates.get_tariff(conn, bill.tariff_id)
        before = await change_orders.list_of_order(conn, order.id)
    lines = _lines(order, by, asked, before)
    change = await change_orders.insert(
        conn,
        ChangeOrder(
            id=new_id(),
            order_id=order.id,
            visit_id=visit.id,
            account_id=order.account_id,
            asked=[{"code": one.code, "quantity": one.quantity} for one in asked],
            lines=lines,
            amount_fen=pricing.total_fen(lines),
            proposed_by=conn.caller.account_id,
            created_at=await database.now(conn),
        ),
    )
    if change is None:
        raise ChangePending
    async with conn.as_clock():
        await settling.tell_bill(conn, bill, wake="price_change")
    await audit.append(conn, "change.propose", "visit", visit.id, person_id=order.patient_id)
    return change


def _lines(
    order: Order, by: Tariff, asked: Sequence[Asked], before: Sequence[ChangeOrder]
) -> list[Line]:
    """The price of what was found, less what was accepted of it already."""
    faults = []
    lines = []
    for place, one in enumerate(asked):
        loc = ("body", "items", place, "code")
        extra, material = by.find_extra(one.code), by.find_material(one.code)
        if extra is not None and set(extra.services) & set(order.service_codes):
            if one.quantity > extra.at_most:
                raise RuleRefused((("body", "items", place, "quantity"), "needs_assessment"))
            service = next(code for code in order.service_codes if code in extra.services)
            paid_fen = _accepted_fen(before, one.code)
            amount_fen = extra.amount_for(one.quantity) - paid_fen
            line = pricing.line_of(pricing.EXTRA, extra.label, service, one.quantity, amount_fen)
        elif material is not None:
            kind = pricing.DRUG if material.drug else pricing.MATERIAL
            amount_fen = material.amount_fen * one.quantity
            line = pricing.line_of(kind, material.label, None, one.quantity, amount_fen)
        else:
            faults.append((loc, "tariff_item"))
            continue
        if amount_fen > 0:
            lines.append({**line, "code": one.code})
    if faults:
        raise InvalidFields(*faults)
    if not lines:
        raise RuleRefused((("body", "items"), "changes_nothing"))
    return lines


def _accepted_fen(before: Sequence[ChangeOrder], code: str) -> int:
    return sum(
        line["amount_fen"]
        for one in before
        if one.state == "accepted"
        for line in one.lines
        if line.get("code") == code
    )


@database.act
async def answer_change(
    conn: Connection, change_id: UUID, answer: str, *, version: int | None = None
) -> ChangeOrder:
    """Accept or refuse a change of price, as who pays. `version` is the one that he has seen.

    Raises `NotFound`, `StaleVersion`, `ChangeAnswered`.
    """
    seen = await change_orders.get(conn, change_id)
    order = await orders.lock(conn, seen.order_id)
    if order.account_id != conn.caller.account_id:
        raise NotFound
    change = await change_orders.lock(conn, change_id)
    versions.check(change.version, version)
    answered = await change_orders.answer(conn, change.id, answer, conn.caller.account_id)
    if answered is None:
        if change.state == answer:
            return change
        raise ChangeAnswered(state=change.state)
    await _tell_nurse(conn, order, answered)
    await audit.append(conn, f"change.{answer}", "order", order.id, person_id=order.patient_id)
    return answered


async def _tell_nurse(conn: Connection, order: Order, change: ChangeOrder) -> None:
    """She waits at the bedside for it."""
    if change.proposed_by is None:
        return
    visit = await visits.get(conn, change.visit_id)
    await events.insert(
        conn,
        f"visit.{visit.state.value}",
        {
            "visit_id": str(visit.id),
            "order_id": str(order.id),
            "state": visit.state.value,
            "version": visit.version,
            "change_order_id": str(change.id),
            "change_order_state": change.state,
        },
        order_id=order.id,
        account_ids=[change.proposed_by],
        institution_id=order.institution_id,
    )
