"""The report of verified visits: six elements of each, exceptions, by pages and as one file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import ops_board, reports, visits
from config.settings import Settings
from dispatch.acts import run_visit
from dispatch.evidence import Report
from dispatch.lifecycles import VisitState
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.visiting import DOOR, at_door
from tests.world import World

PATH = "/v1/ops/reports/visit-verification"


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [reports.routes, visits.routes, ops_board.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


def span(world: World, **changes: str) -> str:
    given = {
        "from": (world.now - timedelta(days=1)).isoformat().replace("+00:00", "Z"),
        "to": (world.now + timedelta(days=1)).isoformat().replace("+00:00", "Z"),
        **changes,
    }
    return f"{PATH}?" + "&".join(f"{name}={value}" for name, value in given.items())


async def two_visits(world: World) -> list[Any]:
    """One as it should be; one arrived at far from the door, left early, told late."""
    (good,) = await visiting.assigned(world, 1)
    good = await visiting.advanced(world, good, VisitState.COMPLETED)
    (odd,) = await visiting.assigned(world, 2, staff_nos=(2,))
    odd = await visiting.advanced(world, odd, VisitState.EN_ROUTE)
    nurse = world.nurse(2).caller
    await world.advance(minutes=30)
    then = world.now
    await world.advance(minutes=30)
    off = at_door(then, lat=DOOR[0] + 0.01, device_id="phone-7")
    await run_visit.arrive(world.pool, nurse, odd.id, off, "=HYPERLINK(1)")
    await run_visit.start(world.pool, nurse, odd.id, Report(at=then))
    await visiting.recorded(world, odd)
    done = at_door(then + timedelta(minutes=4), lat=DOOR[0] + 0.001)
    odd = await run_visit.complete(world.pool, nurse, odd.id, done, "平稳", early_reason="患者要求")
    return [good, odd]


async def test_r32_every_visit_with_its_six_elements_and_what_was_odd(desk: Desk) -> None:
    world = desk.world
    good, odd = await two_visits(world)
    status, page = await desk.call("GET", span(world), world.operator)
    assert status == 200, page
    by_id = {one["visit_id"]: one for one in page["items"]}
    assert set(by_id) == {str(good.id), str(odd.id)}
    first, second = by_id[str(good.id)], by_id[str(odd.id)]
    assert (first["service_codes"], first["service_names"]) == (["EC01"], ["生命体征监测"])
    assert (first["patient_id"], first["patient_name_masked"]) == (str(good.patient_id), "患**")
    assert (first["staff_no"], first["nurse_name"]) == (1, "护士1")
    assert first["institution_code"] == "DEMO001"
    assert first["minutes"] == 20
    assert first["check_in"]["location"] == {"lat": DOOR[0], "lng": DOOR[1], "crs": "wgs84"}
    assert first["check_in"]["distance_m"] == first["check_out"]["distance_m"] == 0
    assert first["exceptions"] == ["unsigned"]
    assert set(second["exceptions"]) >= {"outside_geofence", "late_sync", "short_dwell"}
    assert second["check_in"]["distance_m"] > 900
    assert second["check_in"]["device_id"] == "phone-7"
    assert second["check_in"]["at"] < second["check_in"]["received_at"]
    assert second["check_out"]["reason"] == "患者要求"
    read = await world.owner.fetchval("SELECT count(*) FROM audit WHERE action = 'report.read'")
    assert read == 1


async def test_the_report_goes_on_by_pages_and_only_over_what_one_may_see(desk: Desk) -> None:
    world = desk.world
    good, odd = await two_visits(world)
    status, page = await desk.call("GET", span(world, limit="1"), world.auditor)
    assert (status, [one["visit_id"] for one in page["items"]]) == (200, [str(good.id)])
    onward = span(world, limit="1", cursor=page["next_cursor"])
    status, page = await desk.call("GET", onward, world.auditor)
    assert ([one["visit_id"] for one in page["items"]], page["next_cursor"]) == (
        [str(odd.id)],
        None,
    )
    bound = visiting.bound_operator(world, world.institution_ids[0])
    status, page = await desk.call("GET", span(world), bound)
    assert [one["visit_id"] for one in page["items"]] == [str(good.id)]
    for caller in (world.nurse(1).caller, world.patient(1).caller, world.reviewer):
        assert (await desk.call("GET", span(world), caller))[0] == 403


async def test_the_file_is_the_whole_time_and_holds_no_formula(desk: Desk) -> None:
    world = desk.world
    good, odd = await two_visits(world)
    async with desk.client.get(
        span(world, format="csv"), headers=desk.headers(world.operator)
    ) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/csv"
        assert "attachment" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert [row["visit_id"] for row in rows] == [str(good.id), str(odd.id)]
    assert rows[0]["check_in_lat"] == str(DOOR[0])
    assert rows[0]["check_in_corrected"] == "false"
    assert rows[1]["check_in_reason"] == "'=HYPERLINK(1)"
    assert "outside_geofence" in rows[1]["exceptions"].split("; ")


async def test_a_report_that_is_not_there_or_too_long_is_refused(desk: Desk) -> None:
    world = desk.world
    unknown = span(world).replace("visit-verification", "everything")
    assert (await desk.call("GET", unknown, world.operator))[0] == 404
    status, problem = await desk.call("GET", PATH, world.operator)
    assert {error["loc"][1] for error in problem["errors"]} == {"from", "to"}
    backwards = span(world, to="2030-01-01T00:00:00Z")
    too_long = span(world, **{"from": "2039-01-01T00:00:00Z"})
    for query in (backwards, too_long):
        status, problem = await desk.call("GET", query, world.operator)
        assert (status, slug(problem), problem["errors"][0]["loc"]) == (
            422,
            "invalid-request",
            ["query", "to"],
        )


async def test_r32_an_operator_corrects_a_fact_over_http(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    path = f"/v1/visits/{visit.id}"
    _, seen = await desk.call("GET", path, world.operator)
    fact = seen["facts"][-1]
    really = (world.now - timedelta(minutes=3)).isoformat()
    url = f"/v1/ops/visits/{visit.id}/facts/{fact['id']}/supersede"
    body = {"at": really, "reason": "门禁记录"}
    status, seen = await desk.call("POST", url, world.operator, body)
    assert (status, seen["arrived_at"][:19], seen["facts"][-1]["supersedes"]) == (
        200,
        really[:19],
        fact["id"],
    )
    assert seen["facts"][-1]["reason"] == "门禁记录"
    status, problem = await desk.call("POST", url, world.operator, body)
    assert (status, slug(problem)) == (422, "rule-refused")
    assert (await desk.call("POST", url, world.nurse(1).caller, body))[0] == 403
