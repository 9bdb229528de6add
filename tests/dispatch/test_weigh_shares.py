"""The ledger by which work goes round: grown by the hour, faded, read by each nurse for herself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import workloads
from dispatch import sourcing
from dispatch.acts import fill_order, weigh_shares
from dispatch.lifecycles import VisitState
from dispatch.records import nurse_shares
from dispatch.records.nurse_shares import NurseShare
from matching.fairness import HALF_LIFE
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.world import World


async def lines(world: World) -> dict[Any, NurseShare]:
    async with world.pool.read(world.clock) as conn:
        return await nurse_shares.list_all(conn)


async def test_hours_offers_and_minutes_are_added_and_fade(world: World) -> None:
    order = await world.open()
    await fill_order.send_waves(world.pool)
    (offer, *_) = await world.offers(order.id)
    await world.advance(minutes=5)
    await weigh_shares.weigh_shares(world.pool)
    first = await lines(world)
    asked = first[offer.nurse_id]
    # Shifts began three hours ago.
    assert asked.share.hours == pytest.approx(3 + 5 / 60)
    assert asked.share.offers == 1
    assert asked.ahead == 0.0, "so few hours say nothing"

    await world.advance(minutes=30)
    await weigh_shares.weigh_shares(world.pool)
    assert await lines(world) == first, "a line is an hour's"
    passed = timedelta(hours=9)
    await world.advance(hours=passed.total_seconds() / 3600 - 0.5)
    await weigh_shares.weigh_shares(world.pool)
    later = (await lines(world))[offer.nurse_id]
    left = 0.5 ** (passed / HALF_LIFE)
    assert later.share.offers == pytest.approx(left)
    assert later.share.hours == pytest.approx(asked.share.hours * left + 9)
    assert later.ahead > 0
    idle = next(line for nurse, line in (await lines(world)).items() if not line.share.offers)
    assert idle.ahead == -1.0


async def test_the_matcher_is_told_who_is_ahead(world: World) -> None:
    order = await world.open()
    await world.owner.execute(
        "INSERT INTO nurse_shares VALUES ($1, 10, 9, 900, 0.75, app_now())", world.nurse(1).id
    )
    async with world.pool.read(world.clock) as conn:
        needs = list((await sourcing.needs_of(conn, [order])).values())
        found = await sourcing.candidates_for(conn, needs, world.now, nearest=5)
    ahead = {one.staff_no: one.ahead for one in found[order.id]}
    assert (ahead[1], ahead[2]) == (0.75, 0.0)


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    desk = Desk(world)
    app = edge.application(desk.edge(), [workloads.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_each_nurse_reads_her_own_line(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world, 1, staff_nos=(1,))
    await visiting.advanced(world, visit, VisitState.COMPLETED)
    await world.advance(hours=6)
    await weigh_shares.weigh_shares(world.pool)
    path = "/v1/nurse/statistics?from=2040-03-01T00:00:00Z&to=2040-04-01T00:00:00Z"
    status, told = await desk.call("GET", path, world.nurse(1).caller)
    assert status == 200, told
    assert told["share"]["paid_min"] > 0
    assert told["share"]["ahead_percent"] > 0
    status, told = await desk.call("GET", path, world.nurse(2).caller)
    assert told["share"]["ahead_percent"] == -100
