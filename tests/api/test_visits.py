"""Visits, records, alarms, board and day over HTTP: what nurses and operators send and see."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.language import Language, Texts
from api.routes import alarms, ops_board, visits
from api.schemas import visits as schemas
from config.settings import Settings
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.records.visits import Visit
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.visiting import DOOR
from tests.world import COUNTY, EASY, NURSES, World

PLACE = {"lat": DOOR[0], "lng": DOOR[1]}


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, record_rule="refuse")


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [visits.routes, alarms.routes, ops_board.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def step(desk: Desk, visit: Visit, move: str, body: Any, **headers: str) -> tuple[int, Any]:
    nurse = desk.world.nurse_of(visit.nurse_id).caller
    return await desk.call("POST", f"/v1/visits/{visit.id}/{move}", nurse, body, **headers)


def at(desk: Desk, **body: Any) -> dict[str, Any]:
    return {"at": desk.world.now.isoformat(), **body}


def names(moves: list[dict[str, str]]) -> list[str]:
    return [move["name"] for move in moves]


async def test_a_visit_is_run_step_by_step_and_hides_the_patient_when_it_is_over(
    desk: Desk,
) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    status, seen = await desk.call("GET", f"/v1/visits/{visit.id}", world.nurse(1).caller)
    assert status == 200
    assert (seen["state"], seen["version"], seen["seat"]) == ("scheduled", 1, 1)
    assert seen["patient"]["name"] == "患者1"
    assert seen["patient"]["phone"] == "+8613700000001"
    assert (seen["patient"]["gender"], seen["patient"]["age"]) == ("female", 80)
    assert seen["patient"]["conditions"] == ["高血压"]
    assert seen["address"]["text"] == "浙江省金华市婺城区测试路1号"
    assert seen["address"]["location"] == {**PLACE, "crs": "wgs84"}
    assert (seen["address"]["floor"], seen["address"]["has_lift"]) == (4, False)
    asked = {(one["name"], one["when"]): one for one in seen["record_fields"]}
    systolic = asked["vitals.systolic_mmhg", "before"]
    assert (systolic["kind"], systolic["field"], systolic["required"]) == (
        "vitals",
        "systolic_mmhg",
        True,
    )
    assert (systolic["label_zh"], systolic["label_en"]) == ("收缩压", "Systolic pressure")
    assert (systolic["unit"], systolic["min"], systolic["max"]) == ("mmHg", 40, 300)
    assert (seen["least_min"], seen["signature_required"]) == (0, False)
    assert names(seen["moves"]) == ["depart", "arrive", "release"]
    assert (seen["nurse"], seen["facts"]) == (None, None)

    await world.advance(hours=1, minutes=40)
    status, seen = await step(desk, visit, "depart", at(desk, location={"lat": 29, "lng": 119.6}))
    assert (status, seen["state"], seen["version"]) == (200, "en_route", 2)
    assert seen["eta"] is not None
    await world.advance(minutes=20)
    status, seen = await step(desk, visit, "arrive", at(desk, location=PLACE, accuracy_m=12))
    assert (status, seen["state"]) == (200, "arrived")
    status, problem = await step(desk, visit, "start", at(desk, identity_confirmed=False))
    assert (status, problem["errors"][0]["loc"]) == (422, ["body", "identity_confirmed"])
    status, seen = await step(desk, visit, "start", at(desk, identity_confirmed=True))
    assert (status, seen["state"], seen["moves"][0]["name"]) == (200, "in_service", "complete")
    await world.advance(minutes=45)
    done = at(desk, location=PLACE, summary="平稳")
    status, problem = await step(desk, visit, "complete", done)
    assert (status, slug(problem)) == (422, "record-incomplete")
    assert ["records", "vitals", "systolic_mmhg", "before"] in [
        one["loc"] for one in problem["errors"]
    ]
    await visiting.recorded(world, visit)
    status, seen = await step(desk, visit, "complete", done)
    assert (status, seen["state"], seen["moves"]) == (200, "completed", [])
    assert (seen["patient"]["name"], seen["patient"]["phone"]) == (None, None)
    assert (seen["address"], seen["notes"]) == (None, None)
    assert seen["patient"]["age"] == 80

    status, problem = await step(desk, visit, "complete", done)
    assert (status, slug(problem)) == (409, "illegal-transition")
    assert (problem["state"], problem["move"], problem["moves"]) == ("completed", "complete", [])
    status, seen = await desk.call("GET", f"/v1/visits/{visit.id}", world.operator)
    assert seen["patient"]["name"] == "患者1"
    assert seen["nurse"]["name"] == "护士1"
    assert [(fact["step"], fact["taken"]) for fact in seen["facts"]] == [
        ("depart", True),
        ("arrive", True),
        ("start", True),
        ("complete", False),
        ("complete", True),
        ("complete", False),
    ]


async def test_reading_leaves_one_row_of_audit_a_request(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await desk.call("GET", f"/v1/visits/{visit.id}", world.nurse(1).caller)
    await desk.call("GET", f"/v1/visits/{visit.id}", world.operator)
    await desk.call("GET", "/v1/nurse/visits", world.nurse(1).caller)
    rows = await world.owner.fetch("SELECT action, actor_role FROM audit ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("visit.read", "nurse"),
        ("visit.read", "operator"),
        ("visit.list", "nurse"),
    ]


async def test_somebody_elses_visit_and_other_roles(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    path = f"/v1/visits/{visit.id}"
    assert (await desk.call("GET", path, world.nurse(2).caller))[0] == 404
    assert (await desk.call("GET", path, world.patient().caller))[0] == 403
    bound = visiting.bound_operator(world, world.institution_ids[1])
    assert (await desk.call("GET", path, bound))[0] == 404
    ended = {"reason": "x"}
    assert (await desk.call("POST", f"/v1/ops/visits/{visit.id}/miss", bound, ended))[0] == 404
    assert (await desk.call("POST", f"{path}/sos", world.nurse(2).caller, {}))[0] == 404
    assert (await desk.call("POST", f"{path}/sos", world.operator, {}))[0] == 403


async def test_steps_say_where_she_is_and_what_is_wrong(desk: Desk) -> None:
    (visit,) = await visiting.assigned(desk.world)
    far = {"lat": DOOR[0] + 0.01, "lng": DOOR[1]}
    status, problem = await step(desk, visit, "arrive", at(desk, location=far))
    assert (status, slug(problem)) == (422, "outside-geofence")
    assert (problem["limit_m"], 1_100 < problem["distance_m"] < 1_115) == (300, True)
    # A phone that gives GCJ-02 stands some 500 m off when its place is taken for WGS-84.
    status, seen = await desk.call(
        "GET", f"/v1/visits/{visit.id}", desk.world.nurse(1).caller, Accept_CRS="gcj02"
    )
    shown = seen["address"]["location"]
    assert shown["crs"] == "gcj02"
    status, _ = await step(desk, visit, "arrive", at(desk, location={**shown, "crs": "wgs84"}))
    assert status == 422
    early = at(desk, location=shown, override_reason="no")
    early["at"] = (desk.world.now + timedelta(minutes=3)).isoformat()
    status, problem = await step(desk, visit, "arrive", early)
    assert (status, problem["errors"][0]["loc"]) == (422, ["body", "at"])
    assert problem["errors"][0]["msg"] == Texts.load().get("fields.in_future", Language.ZH)
    status, problem = await step(desk, visit, "arrive", at(desk, location=shown), If_Match='"9"')
    assert (status, slug(problem)) == (412, "stale-version")
    status, seen = await step(desk, visit, "arrive", at(desk, location=shown), If_Match='"1"')
    assert (status, seen["state"]) == (200, "arrived")


async def test_a_step_sent_again_with_its_key_gives_the_same_answer(desk: Desk) -> None:
    (visit,) = await visiting.assigned(desk.world)
    body, key = at(desk, location=PLACE), str(new_id())
    first = await step(desk, visit, "depart", body, Idempotency_Key=key)
    await desk.world.advance(minutes=1)
    assert await step(desk, visit, "depart", body, Idempotency_Key=key) == first
    assert first[0] == 200
    status, problem = await step(desk, visit, "depart", body, Idempotency_Key=str(new_id()))
    assert (status, slug(problem)) == (409, "illegal-transition")
    assert "arrive" in names(problem["moves"])


async def test_a_nurses_visits_are_paged_latest_first(desk: Desk) -> None:
    world = desk.world
    for number in (1, 2, 3):
        hours = timedelta(hours=2 + 3 * number)
        await visiting.assigned(
            world, number, earliest=world.now + hours, latest=world.now + hours + timedelta(hours=1)
        )
    nurse = world.nurse(1).caller
    status, page = await desk.call("GET", "/v1/nurse/visits?limit=2", nurse)
    assert status == 200
    starts = [item["planned_start"] for item in page["items"]]
    assert (len(starts), starts == sorted(starts, reverse=True)) == (2, True)
    status, rest = await desk.call(
        "GET", f"/v1/nurse/visits?limit=2&cursor={page['next_cursor']}", nurse
    )
    assert [len(rest["items"]), rest["next_cursor"]] == [1, None]
    until = (world.now + timedelta(hours=6)).isoformat().replace("+00:00", "Z")
    status, page = await desk.call("GET", f"/v1/nurse/visits?to={until}", nurse)
    assert [item["patient"]["name"] for item in page["items"]] == ["患者1"]


async def test_vitals_are_kept_once_and_implausible_ones_named(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    record = {
        "kind": "vitals",
        "data": {"systolic_mmhg": 128, "temperature_c": 36.6, "pain_0_10": 0},
        "recorded_at": world.now.isoformat(),
        "client_id": str(new_id()),
    }
    status, first = await step(desk, visit, "records", record)
    assert (status, first["data"], first["kind"]) == (201, record["data"], "vitals")
    status, again = await step(desk, visit, "records", {**record, "data": {"pulse_bpm": 61}})
    assert (status, again) == (200, first)
    bad = {"systolic_mmhg": 1280, "diastolic_mmhg": 1, "spo2_pct": "98", "mood": 3}
    status, problem = await step(desk, visit, "records", {**record, "data": bad})
    assert (status, slug(problem)) == (422, "invalid-request")
    assert {tuple(error["loc"]) for error in problem["errors"]} == {
        ("body", "data", name) for name in bad
    }
    crossed = {"systolic_mmhg": 90, "diastolic_mmhg": 90}
    status, problem = await step(desk, visit, "records", {**record, "data": crossed})
    assert [error["loc"][-1] for error in problem["errors"]] == ["diastolic_mmhg"]
    big = {**record, "kind": "note", "data": {"text": "长" * 6_000}}
    assert (await step(desk, visit, "records", big))[0] == 422

    for caller in (world.nurse(1).caller, world.operator):
        status, page = await desk.call("GET", f"/v1/visits/{visit.id}/records", caller)
        assert (status, page["items"]) == (200, [first])
    path = f"/v1/patients/{visit.patient_id}/records"
    for caller in (world.patient().caller, world.nurse(1).caller, world.operator):
        status, page = await desk.call("GET", path, caller)
        assert (status, page["items"]) == (200, [first])
    assert (await desk.call("GET", path, world.patient(2).caller))[0] == 404
    assert (await desk.call("GET", path, world.nurse(2).caller))[0] == 404
    assert (await desk.call("GET", path, world.reviewer))[0] == 403
    there, elsewhere = (
        visiting.bound_operator(world, institution_id)
        for institution_id in world.institution_ids[:2]
    )
    assert (await desk.call("GET", path, there))[0] == 200
    assert (await desk.call("GET", path, elsewhere))[0] == 404


async def test_positions_are_taken_in_batches(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    point = {"location": PLACE, "recorded_at": world.now.isoformat(), "accuracy_m": 8.5}
    old = {**point, "recorded_at": (world.now - timedelta(hours=1)).isoformat()}
    nurse = world.nurse(1).caller
    status, taken = await desk.call("POST", "/v1/nurse/positions", nurse, {"points": [point, old]})
    assert (status, taken) == (202, {"accepted": 1, "ignored": 1})
    status, _ = await desk.call("POST", "/v1/nurse/positions", nurse, {"points": [point] * 501})
    assert status == 422


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"battery": 3, "location": {"lat": 29.1, "lng": 119.6, "crs": "wgs84"}}', "battery"),
        (b"", None),
        (b"{broken \xff \x00", "unreadable"),
        (b"[1, 2]", "value"),
        (b'{"x": "' + b"a" * 8_000, "unreadable"),
        (b'{"lone": "\\ud800", "location": 7}', "unreadable"),
    ],
)
async def test_no_body_keeps_an_alarm_from_being_raised(
    desk: Desk, body: bytes, kept: str | None
) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    headers = desk.headers(
        world.nurse(1).caller,
        **{"If-Match": "nonsense", "Idempotency-Key": "\t", "Content-Encoding": "gzip"},
    )
    path = f"/v1/visits/{visit.id}/sos?unknown=1"
    async with desk.client.post(path, data=body, headers=headers) as answer:
        pressed = await answer.json()
        assert answer.status == 201
    _, page = await desk.call("GET", "/v1/ops/alarms?state=raised", world.operator)
    (alarm,) = page["items"]
    assert (alarm["id"], alarm["raised_at"]) == (pressed["alarm_id"], pressed["raised_at"])
    assert (alarm["kind"], alarm["visit_id"]) == ("sos", str(visit.id))
    (press,) = alarm["presses"]
    assert (kept in press["body"]) if kept else press["body"] == {}
    where = {"lat": 29.1, "lng": 119.6, "crs": "wgs84"}
    assert alarm["location"] == (where if kept == "battery" else None)
    assert alarm["nurse"] == {"id": str(world.nurse(1).id), "staff_no": 1, "name": "护士1"}
    assert (alarm["service_codes"], alarm["county"]) == ([EASY], COUNTY)


async def test_a_press_retried_with_its_key_is_one_and_another_body_is_another(
    desk: Desk,
) -> None:
    (visit,) = await visiting.assigned(desk.world)
    key = str(new_id())
    first = await step(desk, visit, "sos", {"n": 1}, Idempotency_Key=key)
    assert (first[0], first[1]["level"]) == (201, 1)
    assert await step(desk, visit, "sos", {"n": 1}, Idempotency_Key=key) == first
    status, other = await step(desk, visit, "sos", {"n": 2}, Idempotency_Key=key)
    assert (status, other["alarm_id"], other["level"]) == (201, first[1]["alarm_id"], 2)


async def test_alarms_are_taken_up_and_closed_by_a_person_with_a_reason(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    _, pressed = await step(desk, visit, "sos", {})
    path = f"/v1/ops/alarms/{pressed['alarm_id']}"
    status, alarm = await desk.call("POST", f"{path}/acknowledge", world.operator)
    assert (status, alarm["state"], names(alarm["moves"])) == (200, "acknowledged", ["resolve"])
    status, problem = await desk.call("POST", f"{path}/acknowledge", world.operator)
    assert (status, slug(problem)) == (409, "illegal-transition")
    assert names(problem["moves"]) == ["resolve"]
    status, problem = await desk.call("POST", f"{path}/resolve", world.operator, {"note": " "})
    assert status == 422
    status, alarm = await desk.call("POST", f"{path}/resolve", world.operator, {"note": "平安"})
    assert (status, alarm["state"], alarm["moves"]) == (200, "resolved", [])
    assert (await desk.call("POST", f"{path}/resolve", world.reviewer, {"note": "x"}))[0] == 403
    status, page = await desk.call("GET", "/v1/ops/alarms", world.auditor)
    assert (status, page["items"][0]["presses"]) == (200, [])


async def test_an_operator_ends_a_visit_for_a_nurse_who_cannot(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    path = f"/v1/ops/visits/{visit.id}"
    status, problem = await desk.call("POST", f"{path}/complete", world.operator, {"reason": "x"})
    assert (status, slug(problem)) == (409, "illegal-transition")
    assert [move["path"] for move in problem["moves"]] == [f"{path}/miss", f"{path}/release"]
    assert (await desk.call("POST", f"{path}/miss", world.operator, {}))[0] == 422
    status, seen = await desk.call("POST", f"{path}/release", world.operator, {"reason": "她病了"})
    assert (status, seen["state"], seen["end_reason"]) == (200, "released", "released")


async def test_the_board_shows_everything_at_a_glance(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    risky = await world.open(2, at_risk=True, promise_at=world.now - timedelta(minutes=1))
    await step(desk, visit, "sos", {"location": PLACE})
    await world.owner.execute(
        "UPDATE nurse_points SET on_call = false WHERE nurse_id = $1", world.nurse(5).id
    )
    dispatcher = replace(world.operator, permissions=frozenset({"dispatch"}))
    before = await world.owner.fetchval("SELECT count(*) FROM audit")
    status, board = await desk.call("GET", "/v1/ops/board", dispatcher)
    assert status == 200
    schemas.Board.model_validate_json(orjson.dumps(board))
    assert (board["orders"]["assigned"], board["orders"]["open"]) == (1, 1)
    assert (board["visits"]["en_route"], board["visits"]["missed"]) == (1, 0)
    assert [(a["kind"], a["location"], a["presses"]) for a in board["alarms"]] == [
        ("sos", None, [])
    ]
    assert [(a["nurse"]["staff_no"], a["service_codes"]) for a in board["alarms"]] == [(1, [EASY])]
    assert [order["id"] for order in board["at_risk"]] == [str(risky.id)]
    assert len(board["nurses"]) == NURSES - 1
    assert (
        board["nurses"][0].items()
        >= {
            "id": str(world.nurse(1).id),
            "state": "en_route",
            "visit_id": str(visit.id),
        }.items()
    )
    assert {nurse["state"] for nurse in board["nurses"][1:]} == {"available"}
    assert await world.owner.fetchval("SELECT count(*) FROM audit") == before

    # Who takes alarms up sees where it is, and that leaves a trace.
    status, seen = await desk.call("GET", "/v1/ops/board", world.operator)
    assert seen["alarms"][0]["location"] == {**PLACE, "crs": "wgs84"}
    rows = await world.owner.fetch("SELECT action, actor_id, detail FROM audit ORDER BY id DESC")
    assert len(rows) == before + 1
    assert (rows[0]["action"], rows[0]["actor_id"]) == ("alarm.read", world.operator.account_id)

    bound = visiting.bound_operator(world, world.institution_ids[1])
    _, theirs = await desk.call("GET", "/v1/ops/board", bound)
    assert (theirs["alarms"], theirs["visits"]["en_route"]) == ([], 0)
    assert {UUID(nurse["id"]) for nurse in theirs["nurses"]} == {
        world.nurse(number).id for number in range(2, NURSES + 1, 3) if number != 5
    }


async def test_a_board_is_small_on_the_wire_and_sent_again_only_when_it_has_changed(
    desk: Desk,
) -> None:
    world = desk.world
    headers = desk.headers(world.operator)

    async def ask(**more: str) -> tuple[int, Mapping[str, str], bytes]:
        given = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        async with desk.client.get("/v1/ops/board", headers=given, auto_decompress=False) as told:
            return told.status, told.headers, await told.read()

    _, plain, whole = await ask(Accept_Encoding="identity")
    _, small, packed = await ask(Accept_Encoding="br, gzip;q=0.8")
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == whole
    assert 3 * len(packed) < len(whole)
    assert "Content-Encoding" not in (await ask(Accept_Encoding="gzip;q=0"))[1]

    await world.advance(minutes=1)
    status, same, body = await ask(If_None_Match=f'"other", {plain["ETag"]}')
    assert (status, same["ETag"], body) == (304, plain["ETag"], b"")
    await world.place(2)
    assert (await ask(If_None_Match=plain["ETag"]))[0] == 200


async def test_a_nurses_day_is_told_by_the_calendar_of_the_region(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    path = f"/v1/ops/nurses/{visit.nurse_id}/day"
    status, day = await desk.call("GET", f"{path}?date=2040-03-05", world.operator)
    assert status == 200
    assert await desk.call("GET", path, world.operator) == (200, day)
    assert [stop["visit_id"] for stop in day["route"]] == [str(visit.id)]
    assert day["route"][0]["location"] == {**PLACE, "crs": "wgs84"}
    assert [event["kind"] for event in day["timeline"]] == [
        "shift_start",
        "depart",
        "planned",
        "arrive",
        "shift_end",
    ]
    assert all(event["text"] for event in day["timeline"])
    _, tomorrow = await desk.call("GET", f"{path}?date=2040-03-06", world.operator)
    assert (tomorrow["route"], len(tomorrow["shifts"])) == ([], 1)
    bound = visiting.bound_operator(world, world.institution_ids[1])
    assert (await desk.call("GET", path, bound))[0] == 404
