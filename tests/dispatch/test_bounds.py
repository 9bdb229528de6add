"""What binds a visit besides its services: two nurses, same gender, by day, an escort, or none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dispatch.acts import answer_offer, assess_order, fill_order, intervene, run_visit
from dispatch.acts.assess_order import Decision
from dispatch.errors import NotEligible
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records.orders import Order
from tests import visiting
from tests.world import World

# Every tenth nurse is a man, and all patients are women.
MEN = (10, 20, 30, 40)


async def assessed(world: World, *conditions: str, **changes: Any) -> Order:
    """A placed order, approved under these conditions."""
    order = await world.place(**changes)
    return await assess_order.assess_order(
        world.pool, world.operator, order.id, Decision.APPROVE, "可以", conditions=list(conditions)
    )


async def flag(world: World, *conditions: str, table: str = "addresses") -> None:
    """What a confirmed flag leaves on a patient or an address."""
    await world.owner.execute(
        f"UPDATE {table} SET flag_conditions = $1 WHERE id = $2",  # noqa: S608
        list(conditions),
        world.patient().address_id if table == "addresses" else world.patient().id,
    )


async def asked(world: World, order: Order) -> set[UUID]:
    await fill_order.send_waves(world.pool)
    return {offer.nurse_id for offer in await world.offers(order.id)}


async def refused_rules(world: World, visit_id: UUID, staff_no: int) -> list[str]:
    with pytest.raises(NotEligible) as refusal:
        await run_visit.depart(
            world.pool, world.nurse(staff_no).caller, visit_id, visiting.at_door(world.now)
        )
    reasons = refusal.value.extras["reasons"]
    assert isinstance(reasons, list)
    return [reason["rule"] for reason in reasons]


async def test_r43_two_nurses_are_two_seats_and_both_are_filled(world: World) -> None:
    order = await assessed(world, "two_nurses")
    assert (order.state, order.seats) == (OrderState.OPEN, 2)
    await asked(world, order)
    sent = await world.offers(order.id)
    assert {offer.seat for offer in sent} == {1, 2}
    for seat in (1, 2):
        offer = next(one for one in sent if one.seat == seat)
        await answer_offer.accept_offer(world.pool, world.nurse_of(offer.nurse_id).caller, offer.id)
    assert (await world.order(order.id)).state is OrderState.ASSIGNED
    assert len(await world.visits(order.id, "scheduled")) == 2


async def test_r43_the_price_that_was_told_stays_when_a_second_nurse_must_go(world: World) -> None:
    order = await world.place()
    approved = await assess_order.assess_order(
        world.pool, world.operator, order.id, Decision.APPROVE, "可以", conditions=["two_nurses"]
    )
    assert (approved.price_fen, approved.pay_fen) == (order.price_fen, order.pay_fen)


@pytest.mark.parametrize("table", ["addresses", "patients"])
async def test_r41_a_flag_that_stands_binds_like_a_condition(world: World, table: str) -> None:
    await flag(world, "two_nurses", table=table)
    assert (await assessed(world)).seats == 2


async def test_r43_the_same_gender_whatever_the_patient_wishes(world: World) -> None:
    order = await assessed(world, "same_gender", preferences={"nurse_gender": "male"})
    assert not await asked(world, order)
    await world.owner.execute("UPDATE patients SET gender = 'male'")
    await world.owner.execute("UPDATE orders SET next_wave_at = app_now()")
    assert await asked(world, order) <= {world.nurse(staff_no).id for staff_no in MEN}


async def test_r43_by_day_only_a_visit_is_planned_by_day(world: World) -> None:
    """A window from 17:45 to 22:15 in Jinhua; the visit lasts half an hour, day ends at 18:00."""
    late = world.now + timedelta(hours=8, minutes=45)
    order = await assessed(
        world, "daytime_only", earliest=late, latest=late + timedelta(hours=4, minutes=30)
    )
    assert not await asked(world, order)
    free = await world.open(2, earliest=late, latest=late + timedelta(hours=4, minutes=30))
    assert await asked(world, free)


async def test_r43_an_escort_is_arranged_by_whoever_assigns(world: World) -> None:
    order = await assessed(world, "escort")
    assert not await asked(world, order)
    await intervene.assign_order(
        world.pool, world.operator, order.id, world.nurse(1).id, "保安陪同"
    )
    (visit,) = await world.visits(order.id)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)


async def test_r41_where_nobody_is_sent_any_more_not_even_an_operator_sends(world: World) -> None:
    await flag(world, "no_visits")
    order = await assessed(world)
    assert not await asked(world, order)
    with pytest.raises(NotEligible):
        await intervene.assign_order(
            world.pool, world.operator, order.id, world.nurse(1).id, "再试一次"
        )


async def test_r41_a_flag_that_comes_after_the_accept_stops_the_departure(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await flag(world, "two_nurses", "no_visits")
    rules = await refused_rules(world, visit.id, 1)
    assert rules == ["no_visits", "two_nurses"]


async def test_r43_who_is_sent_anew_is_sent_with_a_second_nurse(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await flag(world, "two_nurses")
    order = await intervene.redispatch_order(
        world.pool, world.operator, visit.order_id, "须两人同行"
    )
    assert (order.state, order.seats, order.round) == (OrderState.OPEN, 2, 2)
