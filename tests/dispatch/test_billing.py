"""From the price that is told to what is owed, paid and given back; always to the fen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dispatch import consequences, transitions
from dispatch.acts import (
    ask_payers,
    assess_order,
    change_order,
    change_price,
    collect_debts,
    cover_patient,
    declare_tariff,
    fill_order,
    move_money,
    settle_bill,
)
from dispatch.acts.assess_order import Decision
from dispatch.acts.change_price import Asked
from dispatch.database import Connection
from dispatch.errors import (
    ArrearsOutstanding,
    ChangeAnswered,
    ChangePending,
    EventConflict,
    Forbidden,
    IllegalTransition,
    InvalidFields,
    NotFound,
    NothingToPay,
    PaymentUnavailable,
    RuleRefused,
    StaleVersion,
)
from dispatch.ids import new_id
from dispatch.lifecycles import BillState, OrderState
from dispatch.payers import Claim, NotDecided, TablePayer
from dispatch.payers import Decision as PayerDecision
from dispatch.payments import HttpProvider, NotCarriedOut
from dispatch.records import (
    bills,
    ledger,
    orders,
    payer_lines,
    payments,
    reconciliations,
    visits,
)
from dispatch.records.bills import Bill
from dispatch.records.change_orders import ChangeOrder
from dispatch.records.orders import Order
from dispatch.records.payer_lines import PayerLine
from dispatch.records.payments import Command, Event, Payment
from dispatch.records.visits import Visit
from tests.care import HOUR, assigned, step
from tests.dispatch.test_place_order import place, wish
from tests.visiting import bound_operator
from tests.world import World

PROVIDER = HttpProvider(url="http://pay.test", secret=b"between us", name="sandbox")
DAY = timedelta(days=1)


async def bill_of(world: World, order_id: UUID) -> Bill:
    async with world.pool.read(world.clock) as conn:
        found = await bills.find_of_order(conn, order_id)
    assert found is not None
    return found


async def payments_of(world: World, bill: Bill) -> list[Payment]:
    async with world.pool.read(world.clock) as conn:
        return await payments.list_of_bill(conn, bill.id)


async def commands_of(world: World, bill: Bill) -> list[Command]:
    async with world.pool.read(world.clock) as conn:
        return await payments.list_commands_of_bill(conn, bill.id)


async def balances(world: World, bill: Bill | None = None) -> dict[str, int]:
    """What stands on each account, all parties together; the whole is always nought."""
    async with world.pool.read(world.clock) as conn:
        found = await ledger.list_balances(conn, bill.id if bill else None)
    told: dict[str, int] = {}
    for one in found:
        told[one.account] = told.get(one.account, 0) + one.amount_fen
    assert sum(told.values()) == 0
    return {account: fen for account, fen in told.items() if fen}


async def fulfilled(world: World, **changes: Any) -> Order:
    order = await assigned(world, world.now + HOUR, **changes)
    for seat in range(1, order.seats + 1):
        await step(world, order, seat, "arrive", "start", "complete")
    return await world.order(order.id)


async def pay(world: World, bill: Bill, number: int = 1) -> Payment:
    """Begin a payment, as its patient."""
    caller = world.patient(number).caller
    await settle_bill.pay_bill(world.pool, caller, PROVIDER, bill.id)
    return (await payments_of(world, bill))[-1]


def told(payment: Payment, kind: str, amount_fen: int, **given: Any) -> Event:
    return Event(
        provider="sandbox",
        event_id=given.get("event_id", str(new_id())),
        payment_id=payment.id,
        command_id=given.get("command_id"),
        kind=kind,
        amount_fen=amount_fen,
        provider_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
    )


async def hear(world: World, event: Event) -> bool:
    return await settle_bill.hear_payment(world.pool, world.clock, event)


async def paid(world: World, order: Order) -> Bill:
    bill = await bill_of(world, order.id)
    payment = await pay(world, bill)
    await hear(world, told(payment, "captured", payment.amount_fen))
    return await bill_of(world, order.id)


# What is owed


async def test_r50_the_bill_of_a_visit_is_the_price_that_was_told(world: World) -> None:
    order = await place(world, wish(world))
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.lines, bill.total_fen) == (
        BillState.ESTIMATED,
        order.price_lines,
        order.price_fen,
    )
    done = await fulfilled(world)
    bill = await bill_of(world, done.id)
    assert (bill.state, bill.cause, bill.own_fen) == (BillState.DUE, "visit", done.price_fen)
    assert bill.institution_id == done.institution_id
    assert (bill.overdue_at, bill.report_at) == (world.now + 48 * HOUR, world.now + 7 * DAY)
    assert await balances(world, bill) == {"patient": done.price_fen, "revenue": -done.price_fen}
    assert "bill.due" in await world.events(done.id)


async def test_an_order_from_before_there_were_bills_gets_its_bill_at_the_end(
    world: World,
) -> None:
    order = await assigned(world, world.now + HOUR)
    async with world.owner.transaction():
        await world.owner.execute("SET LOCAL app.role = 'clock'")
        await world.owner.execute("DELETE FROM bills WHERE order_id = $1", order.id)
    await step(world, order, 1, "arrive", "start", "complete")
    assert (await bill_of(world, order.id)).own_fen == order.price_fen


@pytest.mark.parametrize(
    ("ahead", "departed", "fee_fen"),
    [
        (timedelta(hours=4), False, 0),
        (timedelta(hours=3, minutes=59), False, 16_00),
        (timedelta(hours=3, minutes=59), True, 80_00),
    ],
)
async def test_r54_what_a_cancellation_leaves_owed(
    world: World, ahead: timedelta, departed: bool, fee_fen: int
) -> None:
    """Free up to 4 h 00 before; at 3 h 59 a share by the policy; after departure the visit fee."""
    order = await assigned(world, world.now + ahead)
    if departed:
        await step(world, order, 1, "depart")
    await change_order.cancel_order(world.pool, world.patient().caller, order.id, reason="家里有事")
    bill = await bill_of(world, order.id)
    assert bill.own_fen == fee_fen
    if fee_fen:
        assert (bill.state, bill.cause) == (BillState.DUE, "cancellation")
        assert [line["kind"] for line in bill.lines] == ["cancellation"]
        assert await balances(world, bill) == {"patient": fee_fen, "revenue": -fee_fen}
    else:
        assert (bill.state, bill.cause, bill.lines) == (BillState.VOID, "nothing", [])
        assert await balances(world, bill) == {}


async def test_r54_calling_a_nurse_back_by_another_time_saves_nothing(world: World) -> None:
    order = await assigned(world, world.now + HOUR)
    await step(world, order, 1, "depart")
    me = world.patient().caller
    moved = await change_order.reschedule_order(
        world.pool, me, order.id, earliest=world.now + 24 * HOUR, latest=world.now + 26 * HOUR
    )
    assert (moved.called_back, (await bill_of(world, order.id)).own_fen) == (1, 80_00)
    cancelled = await change_order.cancel_order(world.pool, me, order.id, reason="家里有事")
    bill = await bill_of(world, order.id)
    assert cancelled.cancellation_fee_fen == bill.own_fen == 80_00
    assert (bill.state, bill.cause) == (BillState.DUE, "cancellation")


async def test_r54_after_arrival_nothing_can_be_cancelled(world: World) -> None:
    order = await assigned(world, world.now + HOUR)
    await step(world, order, 1, "arrive")
    with pytest.raises(IllegalTransition):
        await change_order.cancel_order(
            world.pool, world.patient().caller, order.id, reason="家里有事"
        )
    assert (await bill_of(world, order.id)).state is BillState.ESTIMATED


@pytest.mark.parametrize("ending", ["reject", "lapse", "fail"])
async def test_r54_what_the_platform_refuses_is_owed_by_nobody(world: World, ending: str) -> None:
    if ending == "reject":
        order = await world.place()
        await assess_order.assess_order(
            world.pool, world.reviewer, order.id, Decision.REJECT, "请到医院就诊"
        )
    elif ending == "lapse":
        order = await world.open()
        await world.advance(hours=7)
        await fill_order.lapse_orders(world.pool)
    else:
        order = await assigned(world, world.now + HOUR)
        await step(world, order, 1, "arrive")

        async def abort(conn: Connection) -> None:
            held = await orders.lock(conn, order.id)
            (visit,) = await world_visits(conn, held)
            now = world.now
            moved = await transitions.move_visit(
                conn, visit, "abort", ended_at=now, end_reason="clinical"
            )
            await consequences.after_visit(conn, held, moved)

        await world.pool.transact(world.nurse(1).caller, abort)
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.own_fen) == (BillState.VOID, 0)
    assert await balances(world) == {}


async def world_visits(conn: Connection, order: Order) -> list[Visit]:
    return [v for v in await visits.list_of_order(conn, order.id) if v.round == order.round]


# Tariffs


RULES: dict[str, Any] = {
    "visit_fee": [{"amount_fen": 78_00}],
    "items": {"EC01": {"amount_fen": 10_00}},
}


async def test_r25_a_tariff_holds_for_orders_placed_after_it_and_is_never_edited(
    world: World,
) -> None:
    before = await place(world, wish(world))
    declared = await declare_tariff.declare_tariff(
        world.pool, world.admin, institution_id=None, valid_from=None, rules=RULES
    )
    after = await place(world, wish(world))
    assert (before.price_fen, after.price_fen) == (80_00, 88_00)
    assert (await bill_of(world, after.id)).tariff_id == declared.id
    moved = await change_order.reschedule_order(
        world.pool,
        world.patient().caller,
        before.id,
        earliest=world.now + 8 * HOUR,
        latest=world.now + 9 * HOUR,
    )
    assert moved.price_fen == before.price_fen
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await world.owner.execute("UPDATE tariffs SET valid_from = valid_from + interval '1 h'")
    bound = bound_operator(world, world.institution_ids[0])
    with pytest.raises(Forbidden):
        await declare_tariff.declare_tariff(
            world.pool, bound, institution_id=None, valid_from=None, rules=RULES
        )
    with pytest.raises(InvalidFields):
        await declare_tariff.declare_tariff(
            world.pool,
            world.admin,
            institution_id=None,
            valid_from=world.now - HOUR,
            rules=RULES,
        )


@pytest.mark.parametrize(("visit_fee_fen", "owed_fen"), [(60_00, 60_00), (90_00, 80_00)])
async def test_r50_an_institution_may_charge_less_than_was_told_and_never_more(
    world: World, visit_fee_fen: int, owed_fen: int
) -> None:
    await declare_tariff.declare_tariff(
        world.pool,
        world.operator,
        institution_id=world.institution_ids[0],
        valid_from=None,
        rules={"visit_fee": [{"amount_fen": visit_fee_fen}]},
    )
    order = await fulfilled(world)
    assert order.price_fen == 80_00
    assert (await bill_of(world, order.id)).own_fen == owed_fen


async def test_r51_the_distance_is_from_the_nearest_institution(world: World) -> None:
    rules = {
        "visit_fee": [
            {"until_m": 100, "amount_fen": 80_00},
            {"until_m": 3_000, "amount_fen": 130_00},
            {"amount_fen": 200_00},
        ]
    }
    await declare_tariff.declare_tariff(
        world.pool, world.admin, institution_id=None, valid_from=None, rules=rules
    )
    order = await place(world, wish(world))
    assert [line["kind"] for line in order.price_lines] == ["visit_fee", "service", "distance"]
    assert order.price_fen == 130_00
    assert (await bill_of(world, order.id)).distance_m == pytest.approx(111, abs=3)


# Paying


async def test_r57_a_bill_is_paid_by_what_the_provider_tells_once(world: World) -> None:
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    payment = await pay(world, bill)
    assert (payment.kind, payment.amount_fen, payment.state) == ("charge", 80_00, "started")
    assert [p.id for p in [payment, await pay(world, bill)]] == [payment.id] * 2
    event = told(payment, "captured", 80_00)
    assert await hear(world, event) is True
    assert await hear(world, event) is False
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.paid_fen, bill.left_fen) == (BillState.PAID, 80_00, 0)
    assert await balances(world, bill) == {"provider": 80_00, "revenue": -80_00}
    assert (await world.events(order.id))[-1] == "bill.paid"
    with pytest.raises(EventConflict):
        await hear(world, told(payment, "captured", 1, event_id=event.event_id))
    with pytest.raises(NothingToPay):
        await pay(world, bill)


async def test_paying_twice_gives_the_second_back_by_its_own_way(world: World) -> None:
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    first = await pay(world, bill)
    await hear(world, told(first, "captured", 80_00))
    await hear(world, told(first, "captured", 80_00))
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.paid_fen) == (BillState.PAID, 160_00)
    (command,) = await commands_of(world, bill)
    assert (command.kind, command.amount_fen, command.payment_id) == ("refund", 80_00, first.id)
    back = told(first, "refunded", 80_00, command_id=command.id)
    await hear(world, back)
    await hear(world, back)
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.paid_fen) == (BillState.PAID, 80_00)
    assert (await commands_of(world, bill))[0].done_at is not None
    assert await balances(world, bill) == {"provider": 80_00, "revenue": -80_00}


async def test_what_cannot_be_paid_is_not_begun(world: World) -> None:
    order = await place(world, wish(world))
    bill = await bill_of(world, order.id)
    with pytest.raises(NothingToPay):
        await pay(world, bill)
    done = await fulfilled(world, earliest=world.now + 3 * HOUR)
    bill = await bill_of(world, done.id)
    with pytest.raises(PaymentUnavailable):
        await settle_bill.pay_bill(world.pool, world.patient().caller, None, bill.id)
    with pytest.raises(NotFound):
        await pay(world, bill, number=2)
    with pytest.raises(StaleVersion):
        await settle_bill.pay_bill(
            world.pool, world.patient().caller, PROVIDER, bill.id, version=bill.version - 1
        )
    stranger = Payment(
        id=new_id(),
        bill_id=bill.id,
        account_id=bill.account_id,
        provider="sandbox",
        kind="charge",
        amount_fen=1,
        created_at=world.now,
        updated_at=world.now,
    )
    with pytest.raises(NotFound):
        await hear(world, told(stranger, "captured", 1))


async def test_r48_a_credit_gives_back_what_was_paid_beyond_it(world: World) -> None:
    order = await fulfilled(world)
    bill = await paid(world, order)
    bill = await settle_bill.credit_bill(
        world.pool, world.operator, bill.id, amount_fen=30_00, reason="投诉属实"
    )
    assert (bill.state, bill.own_fen) == (BillState.PAID, 50_00)
    (command,) = await commands_of(world, bill)
    assert (command.kind, command.amount_fen) == ("refund", 30_00)
    await hear(
        world, told((await payments_of(world, bill))[0], "refunded", 30_00, command_id=command.id)
    )
    assert await balances(world, bill) == {"provider": 50_00, "revenue": -50_00}
    with pytest.raises(InvalidFields):
        await settle_bill.credit_bill(
            world.pool, world.operator, bill.id, amount_fen=50_01, reason="太多"
        )
    note = await world.owner.fetchval(
        "SELECT note_sealed FROM history WHERE subject_id = $1 AND move = 'credit'", bill.id
    )
    assert "投诉".encode() not in note


async def test_who_is_let_off_all_of_it_owes_nothing(world: World) -> None:
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    bill = await settle_bill.credit_bill(
        world.pool, world.operator, bill.id, amount_fen=80_00, reason="减免"
    )
    assert (bill.state, bill.own_fen) == (BillState.PAID, 0)
    assert await balances(world, bill) == {}


# Arrears


async def test_after_48_hours_a_reminder_and_no_new_orders_after_7_days_a_report(
    world: World,
) -> None:
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    await world.advance(hours=47, minutes=59)
    assert await collect_debts.lapse_bills(world.pool) == 0
    await place(world, wish(world))
    await world.advance(minutes=1)
    assert await collect_debts.lapse_bills(world.pool) == 1
    assert await collect_debts.lapse_bills(world.pool) == 0
    assert (await bill_of(world, order.id)).state is BillState.OVERDUE
    wakes = "SELECT wake FROM outbox WHERE event = 'bill.overdue'"
    assert await world.owner.fetchval(wakes) == "bill_overdue"
    with pytest.raises(ArrearsOutstanding) as refusal:
        await place(world, wish(world))
    assert refusal.value.extras["bill_ids"] == [str(bill.id)]
    await place(world, wish(world, 2), 2)
    await world.advance(days=5)
    assert await collect_debts.report_bills(world.pool) == 1
    assert await collect_debts.report_bills(world.pool) == 0
    assert (await bill_of(world, order.id)).reported_at == world.now
    await paid(world, order)
    await place(world, wish(world))


async def test_two_clocks_remind_once(world: World) -> None:
    await fulfilled(world)
    await world.advance(hours=49)
    done = await asyncio.gather(*(collect_debts.lapse_bills(world.pool) for _ in range(2)))
    assert sum(done) == 1


# Reserved before the visit


async def prepaying(world: World) -> tuple[Order, Bill, Payment]:
    order = await place(world, wish(world))
    bill = await bill_of(world, order.id)
    payment = await pay(world, bill)
    assert payment.kind == "hold"
    return order, bill, payment


@pytest.fixture
def prepay(world: World) -> World:
    world.pool.settings = world.pool.settings.model_copy(update={"payment_mode": "prepay"})
    return world


async def approve(world: World, order: Order) -> Order:
    return await assess_order.assess_order(
        world.pool, world.reviewer, order.id, Decision.APPROVE, "可以上门"
    )


async def test_prepay_no_nurse_is_looked_for_before_the_price_is_reserved(prepay: World) -> None:
    world = prepay
    order, bill, payment = await prepaying(world)
    approved = await approve(world, order)
    assert (approved.state, approved.next_wave_at) == (OrderState.OPEN, None)
    await hear(world, told(payment, "authorised", 80_00))
    assert (await world.order(order.id)).next_wave_at == world.now
    assert (await bill_of(world, order.id)).state is BillState.SECURED
    assert await balances(world, bill) == {"held": 80_00, "holds": -80_00}
    await hear(world, told(payment, "released", 80_00))
    assert (await bill_of(world, order.id)).state is BillState.ESTIMATED
    assert (await world.order(order.id)).next_wave_at is None


async def test_prepay_what_was_reserved_is_taken_at_the_end(prepay: World) -> None:
    world = prepay
    order = await assigned(world, world.now + HOUR)
    bill = await bill_of(world, order.id)
    payment = await pay(world, bill)
    await hear(world, told(payment, "authorised", 80_00))
    await step(world, order, 1, "arrive", "start", "complete")
    (command,) = await commands_of(world, bill)
    assert (command.kind, command.amount_fen) == ("capture", 80_00)
    await hear(world, told(payment, "captured", 80_00, command_id=command.id))
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.paid_fen) == (BillState.PAID, 80_00)
    assert await balances(world, bill) == {"provider": 80_00, "revenue": -80_00}


@pytest.mark.parametrize("taken_first", [False, True])
async def test_prepay_a_refused_order_lets_everything_go(prepay: World, taken_first: bool) -> None:
    """Also where the reservation is told only after the order has ended."""
    world = prepay
    order, bill, payment = await prepaying(world)
    event = told(payment, "captured" if taken_first else "authorised", 80_00)
    if taken_first:
        await hear(world, event)
    await assess_order.assess_order(
        world.pool, world.reviewer, order.id, Decision.REJECT, "请到医院就诊"
    )
    if not taken_first:
        await hear(world, event)
    (command,) = await commands_of(world, bill)
    assert (command.kind, command.amount_fen) == (
        ("refund", 80_00) if taken_first else ("release", 0)
    )
    kind = "refunded" if taken_first else "released"
    await hear(world, told(payment, kind, 80_00, command_id=command.id))
    assert await balances(world) == {}
    assert (await bill_of(world, order.id)).state is BillState.VOID


async def test_prepay_a_late_cancellation_takes_its_fee_of_what_was_reserved(
    prepay: World,
) -> None:
    world = prepay
    order = await assigned(world, world.now + HOUR)
    bill = await bill_of(world, order.id)
    payment = await pay(world, bill)
    await hear(world, told(payment, "authorised", 80_00))
    await change_order.cancel_order(world.pool, world.patient().caller, order.id, reason="家里有事")
    (command,) = await commands_of(world, bill)
    assert (command.kind, command.amount_fen) == ("capture", 16_00)
    await hear(world, told(payment, "captured", 16_00, command_id=command.id))
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.own_fen, bill.paid_fen) == (BillState.PAID, 16_00, 16_00)


async def test_postpay_goes_as_far_as_the_accounts_credit(world: World) -> None:
    world.pool.settings = world.pool.settings.model_copy(update={"postpay_credit_fen": 150_00})
    await fulfilled(world)
    order = await place(world, wish(world))
    assert (await bill_of(world, order.id)).mode == "prepay"
    other = await place(world, wish(world, 2), 2)
    assert (await bill_of(world, other.id)).mode == "postpay"


# Payers


async def covered(world: World, plan: str, **given: Any) -> None:
    await cover_patient.cover_patient(
        world.pool,
        world.operator,
        world.patient().id,
        plan_code=plan,
        valid_from=given.pop("valid_from", date(2040, 1, 1)),
        reference="3307-0001",
        **given,
    )


async def lines_of(world: World, bill: Bill) -> list[PayerLine]:
    async with world.pool.read(world.clock) as conn:
        return await payer_lines.list_of_bill(conn, bill.id)


async def test_r55_the_insurance_pays_its_part_and_the_patient_hers(world: World) -> None:
    """Ningbo: 162.00 of a stomach tube, the fund 113.40, the patient 48.60 and the visit fee."""
    await declare_tariff.declare_tariff(
        world.pool,
        world.admin,
        institution_id=None,
        valid_from=None,
        rules={"visit_fee": [{"amount_fen": 80_00}], "items": {"LT05": {"amount_fen": 162_00}}},
    )
    await covered(world, "ningbo_basic")
    price = 242_00
    order = await assigned(
        world,
        world.now + HOUR,
        service_codes=["LT05"],
        price_fen=price,
        price_lines=[
            {
                "kind": "visit_fee",
                "label": {"zh": "上门费", "en": "fee"},
                "service_code": None,
                "quantity": 1,
                "amount_fen": 80_00,
            },
            {
                "kind": "service",
                "label": {"zh": "鼻胃管", "en": "tube"},
                "service_code": "LT05",
                "quantity": 1,
                "amount_fen": 162_00,
            },
        ],
    )
    bill = await bill_of(world, order.id)
    assert (bill.payers_fen, bill.own_fen) == (113_40, 48_60 + 80_00)
    await step(world, order, 1, "arrive", "start", "complete")
    bill = await bill_of(world, order.id)
    assert await balances(world, bill) == {
        "patient": 128_60,
        "payer": 113_40,
        "revenue": -242_00,
    }
    assert [(line.state, line.amount_fen) for line in await lines_of(world, bill)] == [
        ("estimated", 113_40)
    ]
    assert await ask_payers.ask_payers(world.pool, payer=TablePayer()) == 1
    assert [line.state for line in await lines_of(world, bill)] == ["confirmed"]
    assert await ask_payers.ask_payers(world.pool, payer=TablePayer()) == 0


async def test_the_allowance_is_used_up_order_by_order(world: World) -> None:
    """1,240 in March: orders of 240 take five, and 40 of the sixth."""
    await covered(world, "jinhua_ltci")
    own = []
    for _ in range(6):
        order = await place(world, wish(world, service_codes=("EC01", "EC02", "EC12")))
        assert order.price_fen == 240_00
        own.append((await bill_of(world, order.id)).own_fen)
    assert own == [0, 0, 0, 0, 0, 200_00]


class Refusing:
    """A payer that cannot be reached at first, and then says no."""

    def __init__(self) -> None:
        self.asked: list[Claim] = []

    async def decide(self, claim: Claim) -> PayerDecision:
        self.asked.append(claim)
        if len(self.asked) == 1:
            raise NotDecided
        return PayerDecision(amount_fen=0, reason="not_listed")


async def test_a_rejected_payer_line_is_the_patients_balance_and_no_lost_order(
    world: World,
) -> None:
    await covered(world, "jinhua_ltci")
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.own_fen) == (BillState.PAID, 0)
    payer = Refusing()
    assert await ask_payers.ask_payers(world.pool, payer=payer) == 1
    assert (await bill_of(world, order.id)).state is BillState.PAID
    await world.advance(minutes=2)
    assert await ask_payers.ask_payers(world.pool, payer=payer) == 1
    assert payer.asked[0].id == payer.asked[1].id
    bill = await bill_of(world, order.id)
    assert (bill.state, bill.own_fen, bill.overdue_at) == (
        BillState.DUE,
        80_00,
        world.now + 48 * HOUR,
    )
    assert (await world.order(order.id)).state is OrderState.FULFILLED
    (line,) = await lines_of(world, bill)
    assert (line.state, line.reason) == ("rejected", "not_listed")
    assert await balances(world, bill) == {"patient": 80_00, "revenue": -80_00}
    assert (await paid(world, order)).state is BillState.PAID


async def test_what_an_operator_hears_from_a_payer_may_be_corrected(world: World) -> None:
    await covered(world, "jinhua_medical_aid")
    order = await fulfilled(world)
    bill = await paid(world, order)
    (line,) = await lines_of(world, bill)
    assert (bill.own_fen, line.amount_fen, line.ask_at) == (24_00, 56_00, None)
    for amount_fen, own_fen, state in (
        (0, 80_00, "due"),
        (1_000_00, 0, "paid"),
        (40_00, 40_00, "due"),
    ):
        bill = await settle_bill.decide_payer(
            world.pool, world.operator, bill.id, line.id, amount_fen=amount_fen, reason="heard"
        )
        assert (bill.own_fen, bill.state) == (own_fen, state)
    assert (await balances(world, bill))["revenue"] == -80_00


async def test_home_bed_the_fourth_of_a_year_is_refused(world: World) -> None:
    for month in (1, 3, 5):
        await covered(
            world,
            "jinhua_home_bed",
            valid_from=date(2040, month, 1),
            valid_until=date(2040, month, 20),
        )
    with pytest.raises(RuleRefused):
        await covered(world, "jinhua_home_bed", valid_from=date(2040, 7, 1))
    with pytest.raises(InvalidFields):
        await covered(world, "no_such_plan")


# Changes on site


async def at_the_bedside(world: World, code: str = "LT09") -> tuple[Order, UUID]:
    order = await assigned(world, world.now + HOUR, service_codes=[code])
    await step(world, order, 1, "arrive", "start")
    (visit,) = await world.visits(order.id)
    return order, visit.id


SITES = "pressure_injury_sites"


async def propose(world: World, visit_id: UUID, *asked: tuple[str, int]) -> ChangeOrder:
    return await change_price.propose_change(
        world.pool,
        world.nurse(1).caller,
        visit_id,
        [Asked(code=code, quantity=quantity) for code, quantity in asked],
    )


async def answer(world: World, change: ChangeOrder, said: str, **given: Any) -> ChangeOrder:
    return await change_price.answer_change(
        world.pool, world.patient().caller, change.id, said, **given
    )


async def test_r53_four_sites_cost_thirty_more_once_who_pays_accepts(world: World) -> None:
    """R29: base and 30 for 4 sites of 10×10 cm, and not before it is accepted."""
    order, visit_id = await at_the_bedside(world)
    change = await propose(world, visit_id, (SITES, 4))
    assert (change.amount_fen, change.state) == (30_00, "proposed")
    with pytest.raises(ChangePending):
        await propose(world, visit_id, (SITES, 5))
    with pytest.raises(StaleVersion):
        await answer(world, change, "accepted", version=change.version + 1)
    with pytest.raises(NotFound):
        await change_price.answer_change(world.pool, world.patient(2).caller, change.id, "accepted")
    accepted = await answer(world, change, "accepted", version=change.version)
    assert await answer(world, change, "accepted") == accepted
    with pytest.raises(ChangeAnswered):
        await answer(world, change, "refused")
    more = await propose(world, visit_id, (SITES, 7))
    assert more.amount_fen == 30_00
    await answer(world, more, "refused")
    await step(world, order, 1, "complete")
    bill = await bill_of(world, order.id)
    assert bill.own_fen == order.price_fen + 30_00
    assert [line["kind"] for line in bill.lines] == ["visit_fee", "service", "extra"]


async def test_r53_what_nobody_has_accepted_is_not_charged(world: World) -> None:
    order, visit_id = await at_the_bedside(world)
    change = await propose(world, visit_id, ("foam_dressing", 2))
    assert change.amount_fen == 76_00
    await step(world, order, 1, "complete")
    assert (await bill_of(world, order.id)).own_fen == order.price_fen
    with pytest.raises(ChangeAnswered):
        await answer(world, change, "accepted")


async def test_r29_what_is_beyond_needs_a_new_assessment_and_nobody_names_a_price(
    world: World,
) -> None:
    _, visit_id = await at_the_bedside(world)
    with pytest.raises(RuleRefused):
        await propose(world, visit_id, (SITES, 13))
    with pytest.raises(RuleRefused):
        await propose(world, visit_id, (SITES, 3))
    for unknown in ("tip", "wound_sites"):
        with pytest.raises(InvalidFields):
            await propose(world, visit_id, (unknown, 4))
    scheduled = await assigned(
        world, world.now + 5 * HOUR, earliest=world.now + 5 * HOUR, latest=world.now + 7 * HOUR
    )
    (visit,) = await world.visits(scheduled.id)
    with pytest.raises(IllegalTransition):
        await propose(world, visit.id, (SITES, 4))


# Told by the provider, asked of it, compared with it


class Till:
    """A provider in memory: it does what it is told, or refuses."""

    name = "sandbox"

    def __init__(self) -> None:
        self.taken: list[Command] = []
        self.refuses: NotCarriedOut | None = None
        self.day: list[Event] = []

    def checkout_url(self, payment: Payment) -> str:
        return f"http://pay.test/{payment.id}"

    async def carry_out(self, command: Command) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.taken.append(command)

    async def list_day(self, day: date) -> list[Event]:
        return self.day


async def overpaid(world: World) -> tuple[Bill, Payment]:
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    payment = await pay(world, bill)
    await hear(world, told(payment, "captured", 90_00))
    return await bill_of(world, order.id), payment


async def test_a_command_goes_out_until_the_provider_takes_it(world: World) -> None:
    bill, _ = await overpaid(world)
    till = Till()
    assert await move_money.send_commands(world.pool, provider=None) == 0
    till.refuses = NotCarriedOut("away")
    assert await move_money.send_commands(world.pool, provider=till) == 1
    assert await move_money.send_commands(world.pool, provider=till) == 0
    await world.advance(seconds=5)
    till.refuses = None
    assert await move_money.send_commands(world.pool, provider=till) == 1
    (command,) = await commands_of(world, bill)
    assert [one.id for one in till.taken] == [command.id]
    assert command.taken_at is not None
    await world.advance(days=1)
    assert await move_money.send_commands(world.pool, provider=till) == 0


async def test_a_refund_that_is_refused_for_good_is_not_asked_for_twice(world: World) -> None:
    bill, payment = await overpaid(world)
    till = Till()
    till.refuses = NotCarriedOut("no", for_good=True)
    await move_money.send_commands(world.pool, provider=till)
    (command,) = await commands_of(world, bill)
    assert command.failed_at is not None
    await hear(world, told(payment, "authorised", 80_00))
    assert len(await commands_of(world, bill)) == 1


async def test_r57_a_day_is_compared_and_what_was_lost_is_booked(world: World) -> None:
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    payment = await pay(world, bill)
    known = told(payment, "authorised", 80_00)
    ours_only = told(payment, "failed", 0)
    await hear(world, known)
    await hear(world, ours_only)
    lost = replace(told(payment, "captured", 80_00), heard="statement")
    strange = replace(lost, event_id="strange", payment_id=new_id())
    other = replace(known, amount_fen=79_00, heard="statement")
    till = Till()
    till.day = [other, lost, strange]
    found = await move_money.reconcile(world.pool, till, date(2026, 11, 22))
    assert {(one.kind, one.event_id) for one in found} == {
        ("amount", known.event_id),
        ("lost_callback", lost.event_id),
        ("unknown_to_us", "strange"),
        ("unknown_to_them", ours_only.event_id),
    }
    assert (await bill_of(world, order.id)).state is BillState.PAID
    again = await move_money.reconcile(world.pool, till, date(2026, 11, 22))
    assert ("lost_callback", lost.event_id) not in {(one.kind, one.event_id) for one in again}
    async with world.pool.read(world.operator) as conn:
        listed = await reconciliations.list_differences(conn, resolved=False, before=None, limit=50)
    assert len(listed) == 4


# The ledger


async def test_the_database_refuses_an_entry_that_does_not_balance(world: World) -> None:
    async def unbalanced(conn: Connection) -> None:
        await ledger.post(conn, None, "test", {("patient", "a"): 1, ("revenue", "b"): -2})

    async def lonely(conn: Connection) -> None:
        await conn.execute("INSERT INTO ledger_entries (id, kind) VALUES ($1, 'test')", new_id())

    for wrong in (unbalanced, lonely):
        with pytest.raises(asyncpg.CheckViolationError, match="ledger entry"):
            await world.pool.transact(world.clock, wrong)
    await fulfilled(world)
    for statement in ("UPDATE ledger_lines SET amount_fen = 1", "DELETE FROM ledger_entries"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await world.owner.execute(statement)


async def test_the_database_refuses_lines_that_do_not_add_up(world: World) -> None:
    order = await world.place()
    with pytest.raises(asyncpg.CheckViolationError):
        await world.owner.execute(
            "UPDATE bills SET total_fen = total_fen + 1 WHERE order_id = $1", order.id
        )
