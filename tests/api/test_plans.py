"""The day plan that an operator may ask for: what it saves and leaves alone; nothing is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import ops_plans
from dispatch.records.visits import Visit
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.visiting import bound_operator
from tests.world import COUNTY, World

pytestmark = pytest.mark.timeout(120)
PATH = "/v1/ops/plans"


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [ops_plans.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def booked(world: World, number: int, staff_no: int, in_h: float) -> Visit:
    """A visit to that patient by that nurse; she could come up to three hours later."""
    at = world.now + timedelta(hours=in_h)
    (visit,) = await visiting.assigned(
        world, number, (staff_no,), earliest=at, latest=at + timedelta(hours=3)
    )
    return visit


async def ask(desk: Desk, **changes: Any) -> dict[str, Any]:
    on = (desk.world.now + timedelta(days=1)).date().isoformat()
    body = {"date": on, "county": COUNTY, "change_min": 5, **changes}
    status, answer = await desk.call("POST", PATH, desk.world.operator, body)
    assert status == 200, answer
    plan: dict[str, Any] = answer
    return plan


async def test_a_far_visit_goes_to_who_is_there_anyway(desk: Desk) -> None:
    """Nurse 40 lives eight kilometres away, nurse 1 around the corner; both have the same day."""
    world = desk.world
    far = await booked(world, 1, 40, 26)
    near = await booked(world, 2, 1, 29)
    before = await world.owner.fetch("SELECT * FROM visits ORDER BY id")

    made = await ask(desk)

    (change,) = made["changes"]
    assert (change["visit_id"], change["order_id"]) == (str(far.id), str(far.order_id))
    assert change["told"]["nurse_id"] == str(world.nurse(40).id)
    assert change["planned"]["nurse_id"] == str(near.nurse_id)
    assert change["is_other_nurse"] is True
    assert made["travel_after_min"] < made["travel_before_min"]
    assert (made["visits"], made["left_alone"]) == (2, 0)
    assert made["travel"]["engine"] == "straight"
    assert await world.owner.fetch("SELECT * FROM visits ORDER BY id") == before
    assert (await ask(desk, change_min=600))["changes"] == []


async def test_what_begins_soon_stays(desk: Desk) -> None:
    world = desk.world
    await booked(world, 1, 40, 1.5)
    await booked(world, 2, 1, 2.2)
    assert (await ask(desk, date=world.now.date().isoformat()))["changes"] == []


async def test_nobody_is_sent_who_may_not_go(desk: Desk) -> None:
    world = desk.world
    far, near = await booked(world, 1, 40, 26), await booked(world, 2, 1, 29)
    await world.owner.execute(
        "INSERT INTO blocked_pairs (patient_id, nurse_id) VALUES ($1, $2), ($3, $4)",
        far.patient_id,
        near.nurse_id,
        near.patient_id,
        far.nurse_id,
    )
    assert (await ask(desk))["changes"] == []


async def test_an_empty_day_and_somebody_elses_are_empty_plans(desk: Desk) -> None:
    assert (await ask(desk))["visits"] == 0
    world = desk.world
    visit = await booked(world, 1, 40, 26)
    other = next(one for one in world.institution_ids if one != visit.institution_id)
    on = (world.now + timedelta(days=1)).date().isoformat()
    status, made = await desk.call(
        "POST", PATH, bound_operator(world, other), {"date": on, "county": COUNTY}
    )
    assert (status, made["visits"], made["changes"]) == (200, 0, [])
