"""Medical waste comes back by category, to somebody with a name, or the visit stays open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import ops_waste, visits
from config.settings import Settings
from dispatch.acts import return_waste
from dispatch.lifecycles import VisitState
from dispatch.records.visits import Visit
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.visiting import bound_operator
from tests.world import World

# Heel blood: a lancet comes back. A port: three categories do.
SHARP, PORT = "MI02", "CD06"
QUEUE = "/v1/ops/waste"


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [ops_waste.routes, visits.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def ended(
    world: World, *codes: str, until: VisitState = VisitState.COMPLETED, **more: Any
) -> list[Visit]:
    return [
        await visiting.advanced(world, visit, until)
        for visit in await visiting.assigned(world, service_codes=list(codes), **more)
    ]


async def test_r45_a_visit_closes_when_its_waste_is_received_by_a_named_person(desk: Desk) -> None:
    world = desk.world
    (visit,) = await ended(world, PORT)
    nurse = world.nurse_of(visit.nurse_id).caller
    _, seen = await desk.call("GET", f"/v1/visits/{visit.id}", nurse)
    assert (seen["state"], seen["closed_at"], seen["waste"]["state"]) == ("completed", None, "out")
    assert [one["category"] for one in seen["waste"]["categories"]] == [
        "infectious",
        "sharps",
        "pharmaceutical",
    ]
    path = f"/v1/ops/visits/{visit.id}/waste"
    sharps = {"category": "sharps", "containers": 1}
    body = {"received_by": "供应室李师傅", "items": [sharps]}
    status, refusal = await desk.call("POST", f"{path}/receive", world.operator, body)
    assert (status, slug(refusal)) == (422, "rule-refused")
    assert [one["loc"][-1] for one in refusal["errors"]] == ["infectious", "pharmaceutical"]
    body["items"] = [
        sharps,
        {"category": "infectious", "containers": 2},
        {"category": "pharmaceutical", "containers": 1},
    ]
    stale = {"If_Match": '"9"'}
    assert (await desk.call("POST", f"{path}/receive", world.operator, body, **stale))[0] == 412
    status, told = await desk.call("POST", f"{path}/receive", world.operator, body)
    assert (status, told["state"], told["received_by"]) == (200, "received", "供应室李师傅")
    assert [one["containers"] for one in told["categories"]] == [2, 1, 1]
    _, seen = await desk.call("GET", f"/v1/visits/{visit.id}", nurse)
    assert seen["closed_at"] is not None
    for what, again in (("receive", body), ("excuse", {"reason": "nothing_used"})):
        status, refusal = await desk.call("POST", f"{path}/{what}", world.operator, again)
        assert (status, slug(refusal)) == (409, "already-settled")


async def test_r45_what_does_not_come_is_excused_by_a_person_for_a_reason(desk: Desk) -> None:
    world = desk.world
    (visit,) = await ended(world, SHARP)
    path = f"/v1/ops/visits/{visit.id}/waste/excuse"
    status, refusal = await desk.call("POST", path, world.operator, {"reason": "forgot"})
    assert (status, refusal["errors"][0]["loc"]) == (422, ["body", "reason"])
    note = {"reason": "emergency_service", "note": "随救护车带走"}
    status, told = await desk.call("POST", path, world.operator, note)
    assert (status, told["state"], told["excuse"]) == (200, "excused", "emergency_service")
    assert (await desk.call("GET", QUEUE, world.operator))[1]["items"] == []


async def test_r45_late_waste_is_told_once_and_queued_by_its_time(desk: Desk) -> None:
    world = desk.world
    (first,) = await ended(world, SHARP)
    await ended(world, "EC01", number=2, staff_nos=(2,))
    (later,) = await ended(world, PORT, number=3, staff_nos=(3,))
    _, queue = await desk.call("GET", f"{QUEUE}?limit=1", world.operator)
    assert [one["visit_id"] for one in queue["items"]] == [str(first.id)]
    _, rest = await desk.call("GET", f"{QUEUE}?cursor={queue['next_cursor']}", world.operator)
    assert [one["visit_id"] for one in rest["items"]] == [str(later.id)]
    assert await return_waste.remind_waste(world.pool) == 0
    await world.advance(hours=24)
    assert await return_waste.remind_waste(world.pool) == 2
    assert await return_waste.remind_waste(world.pool) == 0
    assert return_waste.FLAG in (await visiting.visit(world, first.id)).flags
    wakes = await world.owner.fetch("SELECT account_ids FROM outbox WHERE wake = 'waste_late'")
    assert {row["account_ids"][0] for row in wakes} == {
        world.nurse_of(visit.nurse_id).account_id for visit in (first, later)
    }
    _, late = await desk.call("GET", f"{QUEUE}?state=late", world.operator)
    assert {one["state"] for one in late["items"]} == {"late"}
    bound = bound_operator(world, first.institution_id)
    _, own = await desk.call("GET", QUEUE, bound)
    assert [one["visit_id"] for one in own["items"]] == [str(first.id)]


async def test_r45_two_nurses_bring_one_load_and_who_never_began_brings_none(desk: Desk) -> None:
    world = desk.world
    pair = await visiting.assigned(world, staff_nos=(1, 3), service_codes=[SHARP, "EC09"])
    for visit in pair:
        await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    for visit in pair:
        await visiting.advanced_to_end(world, await visiting.visit(world, visit.id))
    assert await world.owner.fetchval("SELECT count(*) FROM waste_returns") == 1
    (turned,) = await ended(world, PORT, until=VisitState.ARRIVED, number=2, staff_nos=(5,))
    nurse = world.nurse_of(turned.nurse_id).caller
    body = {"reason": "refused", "at": world.now.isoformat()}
    await desk.call("POST", f"/v1/visits/{turned.id}/abort", nurse, body)
    assert await world.owner.fetchval("SELECT count(*) FROM waste_returns") == 1


async def test_the_database_lets_nobody_close_it_without_a_name(desk: Desk) -> None:
    (visit,) = await ended(desk.world, SHARP)
    for change in (
        "settled_at = app_now()",
        "settled_at = app_now(), received_by = '李', returned = '{\"infectious\": 1}'",
        "received_by = '李', returned = '{\"sharps\": 1}'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await desk.world.owner.execute(
                f"UPDATE waste_returns SET remind_at = NULL, {change} WHERE visit_id = $1",  # noqa: S608
                visit.id,
            )
