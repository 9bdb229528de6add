"""Who has worked how much: each nurse her own months, staff all, and how even it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import workloads
from config.settings import Settings
from dispatch import fairness
from dispatch.lifecycles import VisitState
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.visiting import bound_operator
from tests.world import NURSES, World

OWN = "/v1/nurse/statistics"
ALL = "/v1/ops/reports/workload"


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [workloads.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


def span(world: World, path: str, days: int = 1, **more: Any) -> str:
    told = {
        "from": (world.now - timedelta(days=days)).isoformat().replace("+00:00", "Z"),
        "to": (world.now + timedelta(days=1)).isoformat().replace("+00:00", "Z"),
        **more,
    }
    return f"{path}?" + "&".join(f"{name}={value}" for name, value in told.items())


async def worked(world: World) -> list[Any]:
    """Nurse 1 has visited two patients, nurse 2 one."""
    done = []
    for number, staff_no in ((1, 1), (2, 2), (3, 1)):
        (visit,) = await visiting.assigned(world, number, staff_nos=(staff_no,))
        done.append(await visiting.advanced(world, visit, VisitState.COMPLETED))
    return done


async def test_r38_months_of_nurses_for_staff_and_her_own_for_each(desk: Desk) -> None:
    world = desk.world
    done = await worked(world)
    status, told = await desk.call("GET", span(world, ALL), world.operator)
    assert status == 200, told
    first, second = told["items"]
    assert (first["staff_no"], first["visits"], first["on_time"]) == (1, 2, 2)
    assert (second["staff_no"], second["visits"]) == (2, 1)
    hers = [visit for visit in done if visit.nurse_id == world.nurse(1).id]
    assert first["income_fen"] == sum(visit.pay_fen for visit in hers)
    assert first["travel_min"] == round(sum(visit.travel_s for visit in hers) / 60)
    assert first["month"] == "2040-03"
    # Forty could have worked; two have, 2 : 1.
    assert told["fairness"]["nurses"] == NURSES
    assert told["fairness"]["visits_gini"] == pytest.approx(
        fairness.gini([0] * (NURSES - 2) + [1, 2]), abs=1e-4
    )
    status, own = await desk.call("GET", span(world, OWN), world.nurse(1).caller)
    assert status == 200
    assert own["items"] == [
        {key: first[key] for key in first if key not in ("nurse_id", "staff_no", "nurse_name")}
    ]
    status, own = await desk.call("GET", span(world, OWN), world.nurse(3).caller)
    assert own["items"] == []


async def test_r38_by_pages_as_a_file_and_within_an_institution(desk: Desk) -> None:
    world = desk.world
    await worked(world)
    status, page = await desk.call("GET", span(world, ALL, limit=1), world.operator)
    assert [one["staff_no"] for one in page["items"]] == [1]
    rest = span(world, ALL, limit=1, cursor=page["next_cursor"])
    status, page = await desk.call("GET", rest, world.operator)
    assert [one["staff_no"] for one in page["items"]] == [2]
    assert page["next_cursor"] is None
    bound = bound_operator(world, world.institution_ids[0])
    status, own = await desk.call("GET", span(world, ALL), bound)
    assert len({one["institution_id"] for one in own["items"]}) == 1
    status, refused = await desk.call("GET", span(world, ALL, days=400), world.operator)
    assert status == 422, refused


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [([], None), ([0, 0], None), ([3, 3, 3], 0.0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)],
)
def test_r38_gini(amounts: list[int], expected: float | None) -> None:
    found = fairness.gini(amounts)
    assert found == (None if expected is None else pytest.approx(expected))
