"""What a dispatcher's console asks for at once: the map, days, what if, and how orders fared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import dispatch_times, ops_console, ops_desk
from config.settings import Settings
from dispatch.lifecycles import VisitState
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.test_visits import PLACE
from tests.api.throwaway import GuardedTestServer
from tests.world import World


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(
        desk.edge(), [ops_console.routes, ops_desk.routes, dispatch_times.routes]
    )
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_the_map_tells_about_where_living_orders_are(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    risky = await world.open(2, promise_at=world.now - timedelta(minutes=1))
    before = await world.owner.fetchval("SELECT count(*) FROM audit")
    status, seen = await desk.call("GET", "/v1/ops/map", world.operator)
    assert status == 200
    pins = {UUID(pin["id"]): pin for pin in seen["orders"]}
    assert {order_id: pin["at_risk"] for order_id, pin in pins.items()} == {
        risky.id: True,
        visit.order_id: False,
    }
    # A cell, not a door: the same that a nurse reads in an offer.
    area, door = pins[risky.id]["area"], PLACE
    assert (area["lat"], area["lng"]) != (door["lat"], door["lng"])
    assert abs(area["lat"] - door["lat"]) < 0.005
    rows = await world.owner.fetch("SELECT action, detail FROM audit ORDER BY id DESC")
    assert len(rows) == before + 1
    assert rows[0]["action"] == "map.read"


async def test_days_are_told_by_nurse_and_somebody_free_is_found_by_name(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    status, days = await desk.call("GET", "/v1/ops/days", world.operator)
    assert status == 200
    (lane,) = days["items"]
    assert lane["nurse_id"] == str(world.nurse(1).id)
    assert [(one["visit_id"], one["state"]) for one in lane["visits"]] == [
        (str(visit.id), "scheduled")
    ]
    assert "release" in [move["name"] for move in lane["visits"][0]["moves"]]
    assert lane["shifts"]

    _, tomorrow = await desk.call("GET", "/v1/ops/days?date=2040-12-01", world.operator)
    assert tomorrow["items"] == []
    _, found = await desk.call("GET", "/v1/ops/days?q=2", world.operator)
    by_id = {one["nurse_id"]: one["visits"] for one in found["items"]}
    assert by_id[str(world.nurse(2).id)] == []
    bound = visiting.bound_operator(world, world.institution_ids[1])
    _, theirs = await desk.call("GET", "/v1/ops/days", bound)
    assert theirs["items"] == []


async def test_a_visit_goes_to_another_nurse_after_a_look_at_what_that_means(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    path = f"/v1/ops/visits/{visit.id}/reassign"
    to = {"nurse_id": str(world.nurse(2).id)}
    status, seen = await desk.call("POST", f"{path}/preview", world.operator, to)
    assert (status, seen["eligible"], seen["reasons"]) == (200, True, [])
    assert seen["now"]["travel_s"] == visit.travel_s
    assert seen["would"]["travel_s"] > 0
    assert (await visiting.visit(world, visit.id)).state is VisitState.SCHEDULED

    status, made = await desk.call("POST", path, world.operator, {**to, "reason": "她病了"})
    assert status == 200
    assert (made["state"], made["nurse"]["id"]) == ("scheduled", to["nurse_id"])
    assert (await visiting.visit(world, visit.id)).state is VisitState.RELEASED
    _, order = await desk.call("GET", f"/v1/ops/orders/{visit.order_id}", world.operator)
    assert (order["state"], order["nurse"]["id"]) == ("assigned", to["nurse_id"])

    # Who has set out goes on.
    going = await visiting.advanced(
        world, await visiting.visit(world, UUID(made["id"])), VisitState.EN_ROUTE
    )
    back = {"nurse_id": str(world.nurse(1).id), "reason": "又好了"}
    status, _ = await desk.call("POST", f"/v1/ops/visits/{going.id}/reassign", world.operator, back)
    assert status == 409


async def test_a_partner_stays_when_the_other_seat_is_given_away(desk: Desk) -> None:
    world = desk.world
    first, second = await visiting.assigned(world, staff_nos=(1, 2), seats=2)
    body = {"nurse_id": str(world.nurse(3).id), "reason": "她病了"}
    path = f"/v1/ops/visits/{second.id}/reassign"
    status, made = await desk.call("POST", path, world.operator, body)
    assert (status, made["seat"]) == (200, 2)
    _, order = await desk.call("GET", f"/v1/ops/orders/{first.order_id}", world.operator)
    assert [visit["nurse"]["id"] for visit in order["visits"]] == [
        str(world.nurse(1).id),
        str(world.nurse(3).id),
    ]


async def test_how_orders_found_their_nurses_is_told_by_day_hour_and_service(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    await world.open(2)

    def ask(**more: Any) -> str:
        told = {
            "from": (world.now - timedelta(days=1)).isoformat().replace("+00:00", "Z"),
            "to": (world.now + timedelta(days=1)).isoformat().replace("+00:00", "Z"),
            **more,
        }
        return "/v1/ops/reports/dispatch?" + "&".join(f"{n}={v}" for n, v in told.items())

    status, report = await desk.call("GET", ask(), world.operator)
    assert status == 200
    for by in ("day", "hour", "service"):
        lines = [line for line in report["items"] if line["by"] == by]
        assert sum(line["placed"] for line in lines) == 2
        assert sum(line["assigned"] for line in lines) == 1
    assert sum(line["visits"] for line in report["items"]) == 1
    async with desk.client.get(ask(format="csv"), headers=desk.headers(world.operator)) as told:
        assert told.content_type == "text/csv"
        assert (await told.text()).splitlines()[0].startswith("by,key,placed")
    far = (world.now + timedelta(days=200)).isoformat().replace("+00:00", "Z")
    assert (await desk.call("GET", ask(to=far), world.operator))[0] == 422
