"""Hours ahead: orders that cannot all be served are told, with a certificate, while it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import ops_board, ops_shortages
from dispatch import keeping
from dispatch.acts import keep_house, watch_coverage
from dispatch.lifecycles import Role
from dispatch.records import shortages
from dispatch.records.orders import Order
from dispatch.records.shortages import Shortage
from tests import lies, visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.world import PAIR, World

SOON = timedelta(hours=2)
MINUTE = timedelta(minutes=1)


async def at_once(world: World, *numbers: int, **changes: object) -> list[Order]:
    """Orders of these patients, all to begin in two hours to the minute."""
    at = world.now + SOON
    return [
        await world.open(number, earliest=at, latest=at + MINUTE, **changes) for number in numbers
    ]


async def on_call(world: World, *staff_nos: int) -> None:
    """Nobody but these can be sent."""
    await world.owner.execute(
        "UPDATE nurse_points SET on_call = nurse_id = ANY ($1)",
        [world.nurse(number).id for number in staff_nos],
    )


async def held(world: World) -> list[Shortage]:
    async with world.pool.read(world.clock) as conn:
        return await shortages.list_open(conn, 10)


async def test_three_at_once_of_whom_two_can_be_served(world: World) -> None:
    orders = await at_once(world, 1, 2, 3)
    await world.open(4, earliest=world.now + timedelta(hours=6), latest=world.now + SOON * 4)
    await on_call(world, 1, 2)
    assert await watch_coverage.watch_coverage(world.pool) == 1

    (short,) = await held(world)
    assert short.order_ids == sorted(order.id for order in orders)
    assert (short.seats, short.visits_max) == (3, 2)
    assert {one["nurse_id"] for one in short.certificate["nurses"]} == {
        world.nurse(1).id,
        world.nurse(2).id,
    }
    assert keeping.shortage_holds(short)
    told = list(lies.of(short, but=keeping.NOT_DIGESTED))
    assert len(told) > 30
    for path, lie in told:
        assert not keeping.shortage_holds(lie), path
    assert not keeping.shortage_holds(replace(short, order_ids=short.order_ids[1:]))


async def test_it_is_one_shortage_until_it_holds_no_longer(world: World) -> None:
    await at_once(world, 1, 2, 3)
    await on_call(world, 1, 2)
    await watch_coverage.watch_coverage(world.pool)
    (first,) = await held(world)
    await world.advance(minutes=3)
    await watch_coverage.watch_coverage(world.pool)
    (again,) = await held(world)
    assert (again.id, again.found_at) == (first.id, first.found_at)
    assert again.held_at > first.held_at

    await on_call(world, 1, 2, 3)
    assert await watch_coverage.watch_coverage(world.pool) == 0
    assert await held(world) == []
    await keep_house.keep_house(world.pool)
    assert await world.owner.fetchval("SELECT count(*) FROM shortages") == 1
    await world.advance(days=keep_house.PROOF_KEEP_DAYS + 1)
    await keep_house.keep_house(world.pool)
    assert await world.owner.fetchval("SELECT count(*) FROM shortages") == 0


async def test_who_has_a_visit_then_does_not_count(world: World) -> None:
    (taken,) = await at_once(world, 1)
    await visiting.seated(world, taken, 1, 1, taken.earliest)
    await at_once(world, 2, 3)
    await on_call(world, 1, 2)
    assert await watch_coverage.watch_coverage(world.pool) == 1
    (short,) = await held(world)
    assert (short.seats, short.visits_max) == (2, 1)


async def test_nurses_enough_is_no_shortage_and_far_ahead_is_not_looked_at(world: World) -> None:
    await at_once(world, 1, 2, 3)
    assert await watch_coverage.watch_coverage(world.pool) == 0
    await on_call(world)
    far = world.now + timedelta(hours=world.pool.settings.coverage_horizon_h + 1)
    await world.owner.execute(
        "UPDATE orders SET earliest = $1, latest = $1::timestamptz + interval '1 h'", far
    )
    assert await watch_coverage.watch_coverage(world.pool) == 0


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    desk = Desk(world)
    app = edge.application(desk.edge(), [ops_shortages.routes, ops_board.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_the_operator_sees_it_on_the_board_and_by_itself(desk: Desk) -> None:
    world = desk.world
    (pair,) = await at_once(world, 1, service_codes=[PAIR])
    await on_call(world, 1)
    await watch_coverage.watch_coverage(world.pool)
    assert world.operator.role is Role.OPERATOR
    status, told = await desk.call("GET", "/v1/ops/shortages", world.operator, Accept_Language="en")
    assert status == 200, told
    (short,) = told["items"]
    assert (short["seats"], short["visits_max"], short["missing"]) == (2, 1, 1)
    assert short["checked"] is True
    assert [one["order_id"] for one in short["orders"]] == [str(pair.id)]
    assert "1 order(s) ask for 2 visit(s)" in short["text"]
    status, board = await desk.call("GET", "/v1/ops/board", world.operator)
    assert [one["id"] for one in board["shortages"]] == [short["id"]]
    assert "缺 1 次" in board["shortages"][0]["text"]

    await on_call(world, 1, 2)
    await watch_coverage.watch_coverage(world.pool)
    status, told = await desk.call("GET", "/v1/ops/shortages", world.operator)
    assert told["items"] == []
    status, told = await desk.call("GET", "/v1/ops/shortages?state=ended", world.auditor)
    assert [one["id"] for one in told["items"]] == [short["id"]]
