"""Documents that nurses must know: each version is read by each nurse, and that is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import policies as routes
from config import policies
from config.settings import Settings
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.world import World

OWN = "/v1/nurse/policies"


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [routes.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


def test_r49_the_plan_expects_seven_documents() -> None:
    found = policies.load()
    assert set(found) == {
        "quality_safety",
        "risk_prevention",
        "record_writing",
        "privacy",
        "waste",
        "dispute",
        "adverse_event",
    }
    assert len({one.sha256 for one in found.values()}) == len(found)


async def test_r49_a_nurse_acknowledges_a_version_once_and_her_institution_sees_it(
    desk: Desk,
) -> None:
    world = desk.world
    nurse = world.nurse(1)
    status, page = await desk.call("GET", OWN, nurse.caller)
    assert (status, len(page["items"])) == (200, 7)
    assert {one["acknowledged_at"] for one in page["items"]} == {None}
    path = f"{OWN}/privacy/acknowledge"
    status, refusal = await desk.call("POST", path, nurse.caller, {"version": "0"})
    assert (status, refusal["errors"][0]["loc"]) == (422, ["body", "version"])
    status, read = await desk.call("POST", path, nurse.caller, {"version": "1"})
    assert (status, read["title"]) == (200, "信息安全与隐私保护制度")
    await world.advance(hours=1)
    status, again = await desk.call("POST", path, nurse.caller, {"version": "1"})
    assert again == read
    assert (await desk.call("POST", f"{OWN}/nothing/acknowledge", nurse.caller, {"version": "1"}))[
        0
    ] == 404
    _, seen = await desk.call("GET", f"/v1/ops/nurses/{nurse.id}/policies", world.operator)
    done = [one["slug"] for one in seen["items"] if one["acknowledged_at"]]
    assert done == ["privacy"]
    _, others = await desk.call("GET", OWN, world.nurse(2).caller)
    assert {one["acknowledged_at"] for one in others["items"]} == {None}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.owner.execute("UPDATE acknowledgements SET version = '2'")
