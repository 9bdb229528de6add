"""A nurse's safety over HTTP: what she is answered, and what an answer must not give away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import alarms, faces, flags, orders, safety, visits
from config.settings import Settings
from dispatch.lifecycles import VisitState
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.world import World


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, check_in_low_min=20)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(
        desk.edge(),
        [module.routes for module in (alarms, faces, flags, orders, safety, visits)],
    )
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_r39_under_duress_every_answer_is_the_one_she_always_gets(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    nurse, path = world.nurse(1).caller, f"/v1/visits/{visit.id}"
    codes = {"code": "2468", "duress_code": "1357"}
    assert (await desk.call("PUT", "/v1/nurse/safety-codes", nurse, codes))[0] == 200
    await world.advance(minutes=5)

    async def say(code: str) -> tuple[int, Any]:
        body = {"at": world.now.isoformat(), "code": code}
        return await desk.call("POST", f"{path}/check-in", nurse, body)

    well, made = await say("2468"), await say("1357")
    assert well == made
    assert well[0] == 200
    assert (well[1]["welfare"]["every_min"], well[1]["state"]) == (20, "in_service")
    assert await desk.call("GET", path, nurse) == well
    status, problem = await say("0000")
    assert (status, slug(problem)) == (422, "invalid-request")
    assert problem["errors"][0]["loc"] == ["body", "code"]

    status, page = await desk.call("GET", "/v1/ops/alarms", world.operator)
    assert [one["kind"] for one in page["items"]] == ["duress"]
    assert "切勿" in page["items"][0]["text"]


async def test_a_heartbeat_tells_on_how_many_visits_she_is_out(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    assert await desk.call("POST", "/v1/nurse/heartbeat", nurse, {}) == (200, {"visits": 0})
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    assert await desk.call("POST", "/v1/nurse/heartbeat", nurse, {}) == (200, {"visits": 1})
    status, seen = await desk.call("GET", f"/v1/visits/{visit.id}", world.operator)
    assert (status, seen["welfare"]["every_min"]) == (200, None)
    assert seen["welfare"]["heard_at"] is not None


async def test_r41_the_home_is_told_what_is_asked_and_not_who_has_seen_what(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    nurse, patient = world.nurse(1).caller, world.patient().caller
    seen = {"kind": "threat", "conditions": ["family_present"], "words": "门口有人持棍"}
    status, flag = await desk.call("POST", f"/v1/visits/{visit.id}/flags", nurse, seen)
    assert (status, flag["state"], flag["words"]) == (201, "proposed", "门口有人持棍")
    mine = f"/v1/patients/{visit.patient_id}/flags"
    assert (await desk.call("GET", mine, patient))[1]["items"] == []

    decide = f"/v1/ops/flags/{flag['id']}/confirm"
    status, told = await desk.call("POST", decide, world.operator, {"reason": "录音属实"})
    assert (status, told["state"], told["words"]) == (200, "confirmed", "门口有人持棍")
    (shown,) = (await desk.call("GET", mine, patient))[1]["items"]
    assert (shown["kind_text"], shown["conditions"]) == ("威胁恐吓", ["family_present"])
    hidden = ("words", "visit_id", "proposed_by", "decided_by")
    assert [shown[name] for name in hidden] == [None] * 4
    assert [move["name"] for move in shown["moves"]] == ["appeal"]

    status, hers = await desk.call("GET", f"/v1/visits/{visit.id}", nurse)
    assert hers["safety_flags"] == [
        {
            "kind": "threat",
            "text": "威胁恐吓",
            "of_address": False,
            "conditions": ["family_present"],
        }
    ]
    appeal = f"/v1/flags/{flag['id']}/appeal"
    status, told = await desk.call("POST", appeal, patient, {"words": "是快递员"})
    assert (status, told["state"], told["appeal"]) == (200, "appealed", "是快递员")
    status, problem = await desk.call("POST", decide, world.operator, {"reason": "维持"})
    assert (status, slug(problem)) == (409, "second-person-needed")


async def test_at_a_closed_door_she_tries_and_the_patient_says_how_it_goes_on(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world, latest=world.now + timedelta(hours=12))
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    nurse, patient = world.nurse(1).caller, world.patient().caller
    path, order = f"/v1/visits/{visit.id}", f"/v1/orders/{visit.order_id}"
    place = {"lat": visiting.DOOR[0], "lng": visiting.DOOR[1]}
    seen: Any = None
    for kind in ("rang", "called_second"):
        tried = {"at": world.now.isoformat(), "location": place, "kind": kind}
        status, seen = await desk.call("POST", f"{path}/door-attempts", nurse, tried)
        assert status == 200
    assert [one["kind"] for one in seen["door"]["attempts"]] == ["rang", "called_second"]
    assert seen["patient"]["second_contact"]["name"] == "家属"
    await world.advance(minutes=15)
    gone = {"at": world.now.isoformat(), "reason": "nobody_home"}
    status, seen = await desk.call("POST", f"{path}/abort", nurse, gone)
    assert (status, seen["door"], seen["patient"]["second_contact"]) == (200, None, None)

    status, told = await desk.call("GET", order, patient)
    assert (told["state"], told["paused"]) == ("open", True)
    status, told = await desk.call("POST", f"{order}/resume", patient, {})
    assert (status, told["paused"]) == (200, False)
    status, problem = await desk.call("POST", f"{order}/resume", patient, {})
    assert (status, slug(problem)) == (409, "not-waiting")


async def test_r44_an_emergency_is_told_in_one_step_and_reviewed_by_a_person(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    nurse, path = world.nurse(1).caller, f"/v1/visits/{visit.id}"
    done = {"at": world.now.isoformat(), "first_aid": True, "words": "意识丧失"}
    status, told = await desk.call("POST", f"{path}/emergency", nurse, done)
    assert (status, told["said"], told["released_at"]) == (201, [], None)
    status, seen = await desk.call("GET", path, nurse)
    assert seen["emergency"]["first_aid_at"] is not None
    status, page = await desk.call("GET", "/v1/ops/emergencies", world.operator)
    assert [one["words"] for one in page["items"][0]["said"]] == ["意识丧失"]
    release = f"/v1/ops/visits/{visit.id}/emergency/release"
    status, problem = await desk.call("POST", release, world.operator, {"reason": "已审核"})
    assert (status, slug(problem)) == (409, "visit-under-way")
    gone = {"at": world.now.isoformat(), "reason": "clinical"}
    await desk.call("POST", f"{path}/abort", nurse, gone)
    status, told = await desk.call("POST", release, world.operator, {"reason": "已审核"})
    assert (status, told["released_at"] is not None) == (200, True)


async def test_r08_a_supervisor_confirms_where_no_service_answers(desk: Desk) -> None:
    world = desk.world
    nurse = world.nurse(1)
    checks = "/v1/nurse/face-checks"
    status, told = await desk.call("POST", checks, nurse.caller, {"token": "kit-1"})
    assert (status, told["result"], told["valid_until"]) == (202, "asked", None)
    path = f"/v1/ops/nurses/{nurse.id}/confirm-face"
    status, told = await desk.call("POST", path, world.operator, {"note": "视频确认"})
    assert (status, told["result"]) == (201, "confirmed")
    status, page = await desk.call("GET", checks, nurse.caller)
    assert [one["result"] for one in page["items"]] == ["confirmed", "asked"]
