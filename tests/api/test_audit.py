"""The audit log over HTTP: who looked at whose data, for those whose task is to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import audit, ops_desk, orders
from config.settings import Settings
from dispatch.acts import keep_audit
from dispatch.ids import new_id
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.world import World


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [orders.routes, ops_desk.routes, audit.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def entries(desk: Desk, query: str = "") -> Any:
    status, told = await desk.call("GET", f"/v1/audit{query}", desk.world.auditor)
    assert status == 200, told
    return told


async def test_the_log_tells_who_did_what_to_whose_data_newest_first(desk: Desk) -> None:
    world = desk.world
    order = await desk.place()
    await desk.call("GET", f"/v1/ops/orders/{order['id']}", world.operator)
    read, placed = (await entries(desk))["items"]
    assert (read["action"], read["actor_role"]) == ("order.read", "operator")
    assert read["actor_id"] == str(world.operator.account_id)
    assert read["person_id"] == order["patient_id"]
    assert (placed["action"], placed["subject_id"]) == ("order.place", order["id"])
    assert (placed["seq"], placed["detail"]) == (None, {"channel": "app"})
    await keep_audit.seal_audit(world.pool, world.clock)
    *_, last = (await entries(desk))["items"]
    assert (last["id"], last["seq"]) == (placed["id"], 1)


async def test_it_is_asked_by_person_by_thing_and_by_time(desk: Desk) -> None:
    world = desk.world
    first = await desk.place(1)
    await world.advance(hours=1)
    second = await desk.place(2)
    for subject, found in (
        (first["id"], [first["id"]]),
        (second["patient_id"], [second["id"]]),
        (new_id(), []),
    ):
        told = (await entries(desk, f"?subject={subject}"))["items"]
        placed = [entry["subject_id"] for entry in told if entry["action"] == "order.place"]
        assert placed == found, subject
    now = world.now.isoformat().replace("+", "%2B")
    later = (await entries(desk, f"?from={now}"))["items"]
    assert {entry["subject_id"] for entry in later if entry["action"] == "order.place"} == {
        second["id"]
    }
    earlier = (await entries(desk, f"?to={now}"))["items"]
    assert [entry["subject_id"] for entry in earlier] == [first["id"]]


async def test_it_goes_page_by_page_and_reading_it_is_in_it(desk: Desk) -> None:
    for number in (1, 2, 3):
        await desk.place(number)
    seen: list[str] = []
    told = await entries(desk, "?limit=2")
    while True:
        seen += [entry["action"] for entry in told["items"]]
        if told["next_cursor"] is None:
            break
        told = await entries(desk, f"?limit=2&cursor={told['next_cursor']}")
    assert seen == ["order.place"] * 3
    assert [e["action"] for e in (await entries(desk))["items"]][:2] == ["audit.read"] * 2


async def test_it_is_for_auditors_and_admins(desk: Desk) -> None:
    for caller in (desk.world.operator, desk.world.patient().caller):
        status, refusal = await desk.call("GET", "/v1/audit", caller)
        assert (status, slug(refusal)) == (403, "forbidden")
    assert (await desk.call("GET", "/v1/audit", desk.world.admin))[0] == 200


async def test_an_auditor_sees_what_was_done_with_an_order_and_nothing_sealed(desk: Desk) -> None:
    order = await desk.place(1, notes="要轻一点")
    path = f"/v1/ops/orders/{order['id']}"
    status, seen = await desk.call("GET", path, desk.world.auditor)
    assert (status, seen["state"]) == (200, "submitted")
    assert (seen["notes"], seen["patient"], seen["address"], seen["moves"]) == (
        None,
        None,
        None,
        [],
    )
    reason = {"reason": "家属来电说明病情"}
    await desk.call("POST", f"{path}/cancel", desk.world.operator, reason)
    status, told = await desk.call("GET", f"{path}/timeline", desk.world.auditor)
    assert [(e["move"], e["note"]) for e in told["items"]] == [("place", None), ("cancel", None)]
