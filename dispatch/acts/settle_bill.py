"""Paying a bill, hearing of the money, letting a patient off, noting what a payer decided."""

from __future__ import annotations

from uuid import UUID

from dispatch import database, payments, settling, versions
from dispatch.database import Connection
from dispatch.errors import (
    EventConflict,
    InvalidFields,
    NotFound,
    NothingToPay,
    PaymentUnavailable,
)
from dispatch.ids import new_id
from dispatch.lifecycles import BillState
from dispatch.payments import Provider
from dispatch.records import (
    audit,
    bills,
    ledger,
    orders,
    payer_lines,
    person_keys,
    reconciliations,
)
from dispatch.records import payments as records
from dispatch.records.bills import Bill
from dispatch.records.payments import Event, Kind, Payment
from dispatch.records.reconciliations import Difference


@database.act
async def pay_bill(
    conn: Connection, provider: Provider | None, bill_id: UUID, *, version: int | None = None
) -> Bill:
    """Begin to pay what is left, or, where it must be reserved before the visit, to reserve it.

    Whoever asks again gets the payment that is begun already. The bill moves when the provider
    tells of the money. Raises `NotFound`, `StaleVersion`, `NothingToPay`, `PaymentUnavailable`.
    """
    bill = await _hold(conn, bill_id, version)
    of_bill = await records.list_of_bill(conn, bill.id)
    kind: Kind = "charge" if bill.is_fixed else "hold"
    amount_fen = _asked_fen(bill, of_bill)
    if amount_fen <= 0:
        raise NothingToPay
    if provider is None:
        raise PaymentUnavailable
    begun = [one for one in of_bill if (one.state, one.kind) == ("started", kind)]
    if not any(one.amount_fen == amount_fen for one in begun):
        now = await database.now(conn)
        payment = Payment(
            id=new_id(),
            bill_id=bill.id,
            account_id=bill.account_id,
            provider=provider.name,
            kind=kind,
            amount_fen=amount_fen,
            created_at=now,
            updated_at=now,
        )
        await records.insert(conn, payment)
        await audit.append(conn, "bill.pay", "bill", bill.id, person_id=bill.patient_id)
    return bill


def _asked_fen(bill: Bill, of_bill: list[Payment]) -> int:
    if bill.is_fixed:
        return bill.left_fen
    if bill.state is BillState.VOID or bill.mode != "prepay":
        return 0
    return bill.own_fen - sum(one.held_fen for one in of_bill)


@database.act
async def hear_payment(conn: Connection, event: Event) -> bool:
    """Book what a provider told of a payment, once, whatever came before it; false if it is known.

    Raises `NotFound` for a payment that is not ours, `EventConflict` for an event that was told
    with other contents.
    """
    seen = await records.get(conn, event.payment_id)
    if seen.provider != event.provider:
        raise NotFound
    bill = await _hold(conn, seen.bill_id, None)
    if not await records.insert_event(conn, event):
        known = await records.find_event(conn, event.provider, event.event_id)
        if known is not None and _content(known) != _content(event):
            raise EventConflict
        return False
    payment = await records.get(conn, event.payment_id)
    if event.command_id is not None:
        await records.mark_done(conn, event.command_id)
    now_at = payments.standing(await records.list_events(conn, payment.id))
    await records.put(
        conn,
        payment.id,
        state=now_at.state,
        captured_fen=now_at.captured_fen,
        refunded_fen=now_at.refunded_fen,
    )
    after = await records.get(conn, payment.id)
    net_fen = after.net_fen - payment.net_fen
    held_fen = after.held_fen - payment.held_fen
    await ledger.post(
        conn,
        bill.id,
        event.kind,
        {
            ("provider", payment.provider): net_fen,
            ("patient", str(bill.account_id)): -net_fen,
            ("held", payment.provider): held_fen,
            ("holds", str(bill.account_id)): -held_fen,
        },
    )
    bill = await bills.set_amounts(
        conn, bill, payers_fen=bill.payers_fen, paid_fen=bill.paid_fen + net_fen
    )
    moved = await settling.even_out(conn, bill)
    if moved.state is bill.state:
        await settling.tell_bill(conn, moved)
    await audit.append(
        conn, f"payment.{event.kind}", "payment", payment.id, detail={"bill_id": str(bill.id)}
    )
    return True


def _content(event: Event) -> tuple[UUID, str, int]:
    return event.payment_id, event.kind, event.amount_fen


@database.act
async def credit_bill(
    conn: Connection, bill_id: UUID, *, amount_fen: int, reason: str, version: int | None = None
) -> Bill:
    """Let the patient off a part of the bill; what was paid beyond the rest goes back to her.

    Raises `NotFound`, `StaleVersion`, `InvalidFields` for more than her own part, and
    `IllegalTransition` for what is not fixed.
    """
    bill = await _hold(conn, bill_id, version)
    if bill.is_fixed and amount_fen > bill.own_fen:
        raise InvalidFields((("body", "amount_fen"), "above_own"), own_fen=bill.own_fen)
    note = await person_keys.seal_json(
        conn, bill.patient_id, "history", "note_sealed", f"{bill.id}:{bill.version + 1}", reason
    )
    await audit.append(
        conn,
        "bill.credit",
        "bill",
        bill.id,
        person_id=bill.patient_id,
        detail={"amount_fen": amount_fen},
    )
    return await settling.credit(conn, bill, amount_fen, note)


@database.act
async def decide_payer(
    conn: Connection,
    bill_id: UUID,
    line_id: UUID,
    *,
    amount_fen: int,
    reason: str | None = None,
    reference: str | None = None,
    version: int | None = None,
) -> Bill:
    """Note what a payer has decided of its part: what it leaves is the patient's balance.

    A decision may be corrected by another. Raises `NotFound`, `StaleVersion`, `NothingToPay` for
    what is not fixed.
    """
    bill = await _hold(conn, bill_id, version)
    line = await payer_lines.get(conn, line_id)
    if line.bill_id != bill.id:
        raise NotFound
    if not bill.is_fixed:
        raise NothingToPay
    await audit.append(
        conn,
        "bill.payer",
        "bill",
        bill.id,
        person_id=bill.patient_id,
        detail={"payer": line.payer, "amount_fen": amount_fen},
    )
    return await settling.decide_payer(
        conn, bill, line, amount_fen=amount_fen, reason=reason, reference=reference
    )


@database.act
async def resolve_difference(conn: Connection, difference_id: UUID) -> Difference:
    """Note that somebody has seen to what provider and we did not agree on. Raises `NotFound`."""
    found = await reconciliations.resolve(conn, difference_id, conn.caller.account_id)
    await audit.append(conn, "difference.resolve", "payment_difference", found.id)
    return found


async def _hold(conn: Connection, bill_id: UUID, version: int | None) -> Bill:
    """The bill, held after its order."""
    seen = await bills.get(conn, bill_id)
    await orders.lock(conn, seen.order_id)
    bill = await bills.lock(conn, bill_id)
    versions.check(bill.version, version)
    return bill
