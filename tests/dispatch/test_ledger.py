"""Whatever happens to a bill, in whatever order it is told, every fen stands where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dispatch import settling
from dispatch.acts import change_order, change_price, cover_patient, settle_bill
from dispatch.acts.change_price import Asked
from dispatch.database import Caller
from dispatch.errors import DispatchError
from dispatch.ids import new_id
from dispatch.lifecycles import BillState, OrderState, VisitState
from dispatch.payments import HttpProvider
from dispatch.records import bills, ledger, payer_lines, payments
from dispatch.records.bills import Bill
from dispatch.records.orders import Order
from dispatch.records.payments import Event
from tests.care import HOUR, assigned, step
from tests.world import World

PROVIDER: Final = HttpProvider(url="http://pay.test", secret=b"between us", name="sandbox")

# What may happen, in any order, some things more often; a share is of what is possible then.
OFTEN: Final = ("begin", "pay", "tell", "tell", "tell", "replay", "carry_out", "carry_out")
SOMETIMES: Final = ("fail", "credit", "payer", "change", "change", "complete", "cancel")
# A material that may be used at any service.
DRESSING: Final = "foam_dressing"
happenings = st.lists(
    st.tuples(st.sampled_from(OFTEN + SOMETIMES), st.integers(0, 100)), min_size=8, max_size=24
)


@dataclass(slots=True, kw_only=True)
class Story:
    """One order's money: a provider that has done things which we may not have heard of yet."""

    world: World
    order: Order
    patient: Caller
    untold: list[Event] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    done: set[Any] = field(default_factory=set)
    changed_fen: int = 0

    async def bill(self) -> Bill:
        async with self.world.pool.read(self.world.clock) as conn:
            found = await bills.find_of_order(conn, self.order.id)
        assert found is not None
        return found

    async def happen(self, what: str, share: int) -> None:
        try:
            await getattr(self, what)(share)
        except DispatchError:
            return  # a refusal changes nothing; what it left is looked at all the same

    async def begin(self, _: int) -> None:
        bill = await self.bill()
        await settle_bill.pay_bill(self.world.pool, self.patient, PROVIDER, bill.id)

    async def pay(self, share: int) -> None:
        """At the provider's page: also of what was begun long ago, at times twice."""
        bill = await self.bill()
        async with self.world.pool.read(self.world.clock) as conn:
            for payment in await payments.list_of_bill(conn, bill.id):
                if payment.id not in self.done or 0 < share < 20:
                    self.done.add(payment.id)
                    kind = "authorised" if payment.kind == "hold" else "captured"
                    self._does(payment.id, kind, payment.amount_fen)

    async def fail(self, _: int) -> None:
        bill = await self.bill()
        async with self.world.pool.read(self.world.clock) as conn:
            for payment in (await payments.list_of_bill(conn, bill.id))[-1:]:
                self._does(payment.id, "failed", 0)

    async def carry_out(self, _: int) -> None:
        bill = await self.bill()
        async with self.world.pool.read(self.world.clock) as conn:
            asked = await payments.list_commands_of_bill(conn, bill.id)
        kinds = {"capture": "captured", "release": "released", "refund": "refunded"}
        for command in asked:
            if command.id not in self.done:
                self.done.add(command.id)
                amount_fen = command.amount_fen
                self._does(command.payment_id, kinds[command.kind], amount_fen, command.id)

    async def tell(self, share: int) -> None:
        """One of what we have not heard of, not always the oldest."""
        if self.untold:
            event = self.untold.pop(share % len(self.untold))
            self.told.append(event)
            await settle_bill.hear_payment(self.world.pool, self.world.clock, event)

    async def replay(self, share: int) -> None:
        if self.told:
            event = replace(self.told[share % len(self.told)], heard="statement")
            heard = await settle_bill.hear_payment(self.world.pool, self.world.clock, event)
            assert heard is False

    async def credit(self, share: int) -> None:
        bill = await self.bill()
        amount_fen = bill.own_fen * share // 100
        if amount_fen:
            await settle_bill.credit_bill(
                self.world.pool, self.world.operator, bill.id, amount_fen=amount_fen, reason="减免"
            )

    async def payer(self, share: int) -> None:
        bill = await self.bill()
        async with self.world.pool.read(self.world.clock) as conn:
            lines = await payer_lines.list_of_bill(conn, bill.id)
        for line in lines:
            await settle_bill.decide_payer(
                self.world.pool,
                self.world.operator,
                bill.id,
                line.id,
                amount_fen=bill.total_fen * share // 100,
            )

    async def change(self, share: int) -> None:
        """More is used than was ordered: the nurse asks, who pays says yes, no or nothing."""
        (visit,) = await self.world.visits(self.order.id)
        if visit.state is VisitState.SCHEDULED:
            await step(self.world, self.order, 1, "arrive")
        asked = await change_price.propose_change(
            self.world.pool,
            self.world.nurse(1).caller,
            visit.id,
            [Asked(code=DRESSING, quantity=1 + share % 4)],
        )
        if share >= 20:
            said = "accepted" if share >= 40 else "refused"
            await change_price.answer_change(self.world.pool, self.patient, asked.id, said)
            if said == "accepted":
                self.changed_fen += asked.amount_fen

    async def complete(self, _: int) -> None:
        if (await self.world.order(self.order.id)).state == "assigned":
            (visit,) = await self.world.visits(self.order.id)
            moves = ("arrive", "start", "complete")
            left = moves[1:] if visit.state is VisitState.ARRIVED else moves
            await step(self.world, self.order, 1, *left)

    async def cancel(self, _: int) -> None:
        await change_order.cancel_order(
            self.world.pool, self.patient, self.order.id, reason="家里有事"
        )

    def _does(self, payment_id: Any, kind: str, amount_fen: int, command_id: Any = None) -> None:
        self.untold.append(
            Event(
                provider="sandbox",
                event_id=str(new_id()),
                payment_id=payment_id,
                command_id=command_id,
                kind=kind,
                amount_fen=amount_fen,
                provider_at=datetime(2026, 11, 22, tzinfo=UTC),
            )
        )

    async def check(self) -> Bill:
        """The books agree with the bill, and balance."""
        bill = await self.bill()
        async with self.world.pool.read(self.world.clock) as conn:
            of_bill = await payments.list_of_bill(conn, bill.id)
            booked = await ledger.list_balances(conn, bill.id)
            lines = await payer_lines.list_of_bill(conn, bill.id)
        stands: dict[str, int] = {}
        for one in booked:
            stands[one.account] = stands.get(one.account, 0) + one.amount_fen
        assert sum(stands.values()) == 0
        fixed = bill.is_fixed
        assert stands.get("provider", 0) == bill.paid_fen == sum(one.net_fen for one in of_bill)
        assert stands.get("patient", 0) == (bill.own_fen if fixed else 0) - bill.paid_fen
        assert stands.get("payer", 0) == (bill.payers_fen if fixed else 0)
        assert stands.get("revenue", 0) == (bill.credit_fen - bill.total_fen if fixed else 0)
        assert stands.get("held", 0) == sum(one.held_fen for one in of_bill)
        # And it stands with whom it should: nobody's debt is booked on somebody else.
        account, provider = str(bill.account_id), PROVIDER.name
        earner = settling.PLATFORM if bill.institution_id is None else str(bill.institution_id)
        assert {(one.account, one.party) for one in booked if one.amount_fen} <= {
            ("patient", account),
            ("provider", provider),
            ("held", provider),
            ("holds", account),
            ("revenue", earner),
            *(("payer", line.payer) for line in lines),
        }
        assert bill.total_fen == sum(line["amount_fen"] for line in bill.lines)
        if (await self.world.order(self.order.id)).state is OrderState.FULFILLED:
            assert bill.total_fen == self.order.price_fen + self.changed_fen
        assert bill.payers_fen == sum(line.amount_fen for line in lines)
        assert bill.own_fen + bill.payers_fen + bill.credit_fen == bill.total_fen
        return bill

    async def end(self) -> None:
        """Let everything come to rest: the visit done, all told, all carried out, the rest paid."""
        await self.happen("complete", 0)
        for _ in range(6):
            for what in ("begin", "pay", "carry_out"):
                await self.happen(what, 0)
            while self.untold:
                await self.happen("tell", 0)
        bill = await self.check()
        if bill.state is BillState.VOID:
            assert bill.paid_fen == 0
        else:
            assert (bill.state, bill.paid_fen) == (BillState.PAID, bill.own_fen)


@settings(
    max_examples=12,
    deadline=None,
    # Each step is a transaction or more: what fails is told as it was found.
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(mode=st.sampled_from(["postpay", "prepay"]), covered=st.booleans(), events=happenings)
async def test_r57_the_ledger_balances_after_any_sequence(
    world: World, mode: str, covered: bool, events: list[tuple[str, int]]
) -> None:
    world.pool.settings = world.pool.settings.model_copy(update={"payment_mode": mode})
    number = 1 if covered else 2
    if covered and not await world.owner.fetchval("SELECT EXISTS (SELECT FROM coverages)"):
        await cover_patient.cover_patient(
            world.pool,
            world.operator,
            world.patient(number).id,
            plan_code="jinhua_medical_aid",
            valid_from=date(2040, 1, 1),
        )
    start = world.now + HOUR
    order = await assigned(world, start, number=number, service_codes=["CD05"])
    story = Story(world=world, order=order, patient=world.patient(number).caller)
    for what, share in events:
        await story.happen(what, share)
        await story.check()
    await story.end()
    await world.advance(hours=6)


async def test_r57_what_is_on_its_way_back_is_not_given_back_again(world: World) -> None:
    """Two credits in a row, before the provider has carried out the first refund: in the property
    above a patient who is given too much simply pays again."""
    order = await assigned(world, world.now + HOUR, number=2, service_codes=["CD05"])
    story = Story(world=world, order=order, patient=world.patient(2).caller)
    for what in ("complete", "begin", "pay", "tell"):
        await story.happen(what, 0)
    paid = await story.check()
    assert paid.paid_fen == paid.own_fen
    for amount_fen in (20_00, 10_00):
        await settle_bill.credit_bill(
            world.pool, world.operator, paid.id, amount_fen=amount_fen, reason="减免"
        )
    async with world.pool.read(world.clock) as conn:
        asked = await payments.list_commands_of_bill(conn, paid.id)
    assert sum(one.amount_fen for one in asked if one.kind == "refund") == 30_00
