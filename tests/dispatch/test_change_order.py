"""What patients do with orders: cancel with its fee, move, sign, rate; and what is refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dispatch.acts import change_order
from dispatch.errors import (
    AlreadyConfirmed,
    AlreadyRated,
    IllegalTransition,
    InvalidFields,
    NotFinished,
    NotFound,
    StaleVersion,
)
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import orders, ratings, visits
from dispatch.records.orders import Order
from tests.care import HOUR, assigned, step
from tests.world import PAIR, World

STEPS = {"en_route": ["depart"], "arrived": ["arrive"], "in_service": ["arrive", "start"]}


async def cancel(world: World, order: Order, **given: Any) -> Order:
    return await change_order.cancel_order(
        world.pool, world.patient().caller, order.id, reason="家里有事，改天再约", **given
    )


@pytest.mark.parametrize(
    ("ahead", "departed", "fee_fen"),
    [(4 * HOUR, 0, 0), (4 * HOUR - timedelta(seconds=1), 0, 1), (4 * HOUR, 1, 2), (HOUR, 1, 2)],
)
async def test_a_cancellation_costs_what_the_policy_says(
    world: World, ahead: timedelta, departed: int, fee_fen: int
) -> None:
    order = await assigned(world, world.now + ahead)
    if departed:
        await step(world, order, 1, "depart")
    share_fen = order.price_fen * world.pool.settings.cancel_fee_percent // 100
    visit_fee_fen = world.pool.catalogue.visit_fee_fen
    expected = {0: 0, 1: share_fen, 2: max(share_fen * (ahead < 4 * HOUR), visit_fee_fen)}
    cancelled = await cancel(world, order)
    assert cancelled.state is OrderState.CANCELLED
    assert cancelled.cancellation_fee_fen == expected[fee_fen]
    assert [visit.state for visit in await world.visits(order.id)] == [VisitState.CANCELLED]
    assert "order.cancelled" in await world.events(order.id)
    note = await world.owner.fetchval(
        "SELECT note_sealed FROM history WHERE subject_id = $1 AND move = 'cancel'", order.id
    )
    assert note is not None
    assert "改天再约".encode() not in note


async def test_nobody_pays_while_no_nurse_has_agreed_nor_when_the_desk_cancels(
    world: World,
) -> None:
    waiting = await world.open(earliest=world.now + HOUR / 2, latest=world.now + HOUR)
    assert (await cancel(world, waiting)).cancellation_fee_fen == 0
    late = await assigned(world, world.now + HOUR)
    by_desk = await change_order.cancel_order(
        world.pool, world.operator, late.id, reason="医院停诊"
    )
    assert by_desk.cancellation_fee_fen == 0


@pytest.mark.parametrize("state", ["arrived", "in_service"])
async def test_nothing_is_taken_back_once_a_nurse_is_at_the_door(world: World, state: str) -> None:
    order = await assigned(world, world.now + 2 * HOUR)
    await step(world, order, 1, *STEPS[state])
    with pytest.raises(IllegalTransition) as refusal:
        await cancel(world, order)
    assert refusal.value.extras["moves"] == []
    with pytest.raises(IllegalTransition):
        await reschedule(world, order)
    assert (await world.order(order.id)) == order


async def test_nothing_is_taken_back_when_one_of_two_nurses_has_finished(world: World) -> None:
    order = await assigned(world, world.now + 2 * HOUR, service_codes=[PAIR])
    await step(world, order, 1, "arrive", "start", "complete")
    for attempt in (cancel, reschedule):
        with pytest.raises(IllegalTransition):
            await attempt(world, order)
    assert (await world.order(order.id)).state is OrderState.ASSIGNED


async def test_of_a_cancellation_and_a_departure_at_once_both_stay_true(world: World) -> None:
    order = await assigned(world, world.now + 2 * HOUR)
    done = await asyncio.gather(
        cancel(world, order), step(world, order, 1, "arrive"), return_exceptions=True
    )
    now = await world.order(order.id)
    (visit,) = await world.visits(order.id)
    if now.state is OrderState.CANCELLED:
        assert visit.state is VisitState.CANCELLED
        assert isinstance(done[1], IllegalTransition)
    else:
        assert (now.state, visit.state) == (OrderState.ASSIGNED, VisitState.ARRIVED)
        assert isinstance(done[0], IllegalTransition)


async def reschedule(world: World, order: Order, **given: Any) -> Order:
    window = {"earliest": world.now + 24 * HOUR, "latest": world.now + 26 * HOUR}
    return await change_order.reschedule_order(
        world.pool, world.patient().caller, order.id, **{**window, **given}
    )


async def test_moving_an_order_frees_its_nurse_and_starts_a_new_round(world: World) -> None:
    order = await assigned(world, world.now + 3 * HOUR)
    moved = await reschedule(world, order)
    assert (moved.state, moved.round, moved.wave) == (OrderState.OPEN, 2, 0)
    assert moved.next_wave_at == world.now
    assert (moved.earliest, moved.institution_id) == (world.now + 24 * HOUR, None)
    assert [visit.state for visit in await world.visits(order.id)] == [VisitState.RELEASED]


async def test_an_order_that_waits_for_its_assessment_goes_on_waiting(world: World) -> None:
    order = await world.place()
    moved = await reschedule(world, order)
    assert (moved.state, moved.round, moved.next_wave_at) == (OrderState.SUBMITTED, 1, None)
    assert moved.version == order.version + 1


async def test_a_step_is_refused_for_a_stale_version_a_past_window_and_a_stranger(
    world: World,
) -> None:
    order = await world.place()
    with pytest.raises(StaleVersion):
        await cancel(world, order, version=order.version + 1)
    with pytest.raises(InvalidFields):
        await reschedule(world, order, earliest=world.now)
    with pytest.raises(NotFound):
        await change_order.cancel_order(
            world.pool, world.patient(2).caller, order.id, reason="不是我的"
        )
    assert (await cancel(world, order, version=order.version)).state is OrderState.CANCELLED
    with pytest.raises(IllegalTransition):
        await cancel(world, order)


async def sign(world: World, order: Order) -> Order:
    return await change_order.confirm_order(
        world.pool,
        world.patient().caller,
        order.id,
        signed_by="患者1",
        signature_svg="<svg></svg>",
    )


async def test_a_visit_is_signed_once_from_the_start_of_the_service_on(world: World) -> None:
    order = await assigned(world, world.now + 2 * HOUR)
    await step(world, order, 1, "arrive")
    with pytest.raises(NotFinished):
        await sign(world, order)
    await step(world, order, 1, "start")
    signed = await sign(world, order)
    assert signed.signed_at == world.now
    assert signed.version == order.version + 1
    with pytest.raises(AlreadyConfirmed):
        await sign(world, order)
    await step(world, order, 1, "complete")
    assert (await world.order(order.id)).state is OrderState.FULFILLED


async def test_a_fulfilled_order_is_rated_once_and_counts_for_both_nurses(world: World) -> None:
    order = await assigned(world, world.now + 2 * HOUR, service_codes=[PAIR])

    async def rate(stars: int = 1) -> ratings.Rating:
        return await change_order.rate_order(
            world.pool,
            world.patient().caller,
            order.id,
            stars=stars,
            tags=["准时"],
            comment="很细心",
        )

    await step(world, order, 1, "arrive", "start", "complete")
    with pytest.raises(NotFinished):
        await rate()
    await step(world, order, 2, "arrive", "start", "complete")
    done = await asyncio.gather(*(rate() for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, ratings.Rating) for answer in done) == 1
    assert sum(isinstance(answer, AlreadyRated) for answer in done) == 3
    rows = await world.owner.fetch("SELECT staff_no, rating, ratings FROM nurses ORDER BY staff_no")
    counted = {row["staff_no"]: (round(float(row["rating"]), 4), row["ratings"]) for row in rows}
    for staff_no in (1, 2):
        assert counted[staff_no] == (round((4.8 * 10 + 1) / 11, 4), 11)
    assert counted[3] == (4.8, 10)
    comment = await world.owner.fetchval("SELECT comment_sealed FROM ratings")
    assert "很细心".encode() not in comment


async def test_how_many_have_ended_is_counted_for_a_day(world: World) -> None:
    """It used to be counted over all the orders there ever were, and took seconds after a year."""
    await assigned(world, world.now + 30 * HOUR, latest=world.now + 31 * HOUR)
    ended = await world.place(2)
    await change_order.cancel_order(world.pool, world.patient(2).caller, ended.id, reason="不用了")

    async def count() -> tuple[int, int, int]:
        async with world.pool.read(world.operator) as conn:
            of_orders = await orders.count_by_state(conn)
            of_visits = await visits.count_by_state(conn)
        return of_orders["assigned"], of_orders["cancelled"], of_visits["scheduled"]

    assert await count() == (1, 1, 1)
    await world.advance(hours=25)
    assert await count() == (1, 0, 1)
