"""What an offer tells of where it is: enough to decide, and not where exactly."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import offers
from dispatch.acts import fill_order
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.visiting import DOOR
from tests.world import World


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [offers.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_of_the_address_an_offer_tells_the_area_and_the_stairs_alone(desk: Desk) -> None:
    world = desk.world
    order = await world.open(1)
    await fill_order.send_waves(world.pool)
    asked = world.nurse_of((await world.offers(order.id, "sent"))[0].nurse_id).caller
    status, told = await desk.call("GET", "/v1/nurse/offers", asked)
    assert status == 200, told
    (offer,) = told["items"]
    assert (offer["floor"], offer["has_lift"]) == (4, False)
    center = offer["area"]["center"]
    assert (center["lat"], center["lng"]) != DOOR
    assert offer["area"]["size_m"] == 500
    written = orjson.dumps(told).decode()
    assert "address" not in offer
    assert not [word for word in ("测试路", "按门铃", "患者1", "1370000") if word in written]

    path = f"/v1/offers/{offer['id']}/decline"
    status, declined = await desk.call("POST", path, asked, {"reason": "other"})
    assert (status, declined["floor"], declined["has_lift"]) == (200, 4, False)
