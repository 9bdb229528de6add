"""What comes after a visit: events, complaints and calls, each seen to by its time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import bills, cases, ops_cases
from config.settings import Settings
from dispatch.acts import collect_debts, fill_order, intervene, run_visit, watch_cases
from dispatch.database import Caller
from dispatch.errors import NotEligible
from dispatch.lifecycles import VisitState
from dispatch.records.visits import Visit
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.visiting import at_door, bound_operator
from tests.world import World

QUEUE = "/v1/ops/cases"
OWN = "/v1/cases"


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [cases.routes, ops_cases.routes, bills.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def visited(world: World, until: VisitState = VisitState.COMPLETED, **more: Any) -> Visit:
    (visit,) = await visiting.assigned(world, **more)
    return await visiting.advanced(world, visit, until)


def event(world: World, severity: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "fall",
        "severity": severity,
        "occurred_at": world.now.isoformat(),
        "description": "患者在转移时跌倒",
        **more,
    }


async def wakes(world: World, template: str) -> list[Any]:
    rows = await world.owner.fetch(
        "SELECT account_ids FROM outbox WHERE wake = $1 ORDER BY id", template
    )
    return [row["account_ids"] for row in rows]


async def queue(desk: Desk, by: Caller | None = None, **asked: str) -> list[Any]:
    words = "&".join(f"{name}={value}" for name, value in asked.items())
    status, page = await desk.call("GET", f"{QUEUE}?{words}", by or desk.world.operator)
    assert status == 200, page
    found: list[Any] = page["items"]
    return found


# Adverse events


@pytest.mark.parametrize(
    ("severity", "span"),
    [
        ("severe", timedelta(hours=1)),
        ("moderate", timedelta(hours=24)),
        ("mild", timedelta(hours=72)),
        ("near_miss", timedelta(hours=72)),
    ],
)
async def test_r47_an_event_must_be_taken_up_by_its_severity(
    desk: Desk, severity: str, span: timedelta
) -> None:
    world = desk.world
    visit = await visited(world, VisitState.IN_SERVICE)
    nurse = world.nurse_of(visit.nurse_id).caller
    path = f"/v1/visits/{visit.id}/adverse-events"
    status, case = await desk.call("POST", path, nurse, event(world, severity))
    assert (status, case["state"], case["topic_text"]) == (201, "waiting", "跌倒")
    (waiting,) = await queue(desk)
    assert (waiting["id"], waiting["late"]) == (case["id"], False)
    assert waiting["due_at"] == (world.now + span).isoformat().replace("+00:00", "Z")
    assert world.operator.account_id in (await wakes(world, "case_due"))[0]
    # Nothing of what was said is in a list, or in the database to be read.
    assert waiting["words"] is None
    sealed = await world.owner.fetchval("SELECT content_sealed FROM cases")
    assert "跌倒".encode() not in sealed
    await world.advance(seconds=span.total_seconds())
    assert await watch_cases.escalate_cases(world.pool) == 1
    assert await watch_cases.escalate_cases(world.pool) == 0
    (late,) = await queue(desk, state="late", kind="adverse_event")
    assert (late["late"], late["level"]) == (True, 2)


async def test_r47_a_severe_one_holds_its_nurse_from_the_same_item_until_a_person_lifts_it(
    desk: Desk,
) -> None:
    world = desk.world
    visit = await visited(world, VisitState.IN_SERVICE, service_codes=["EC02"])
    later: dict[str, Any] = {
        "earliest": world.now + timedelta(hours=5),
        "latest": world.now + timedelta(hours=6),
    }
    (coming,) = await visiting.assigned(world, 2, service_codes=["EC02"], **later)
    other: dict[str, Any] = {
        "earliest": world.now + timedelta(hours=9),
        "latest": world.now + timedelta(hours=10),
    }
    (kept,) = await visiting.assigned(world, 3, service_codes=["EC01"], **other)
    nurse = world.nurse_of(visit.nurse_id)
    path = f"/v1/visits/{visit.id}/adverse-events"
    told = event(world, "severe", service_code="EC02", notified=["科主任"])
    status, case = await desk.call("POST", path, nurse.caller, told)
    assert (status, case["held_services"]) == (201, ["EC02"])
    # Her coming visit for it goes to somebody else; another item of hers stays.
    assert (await visiting.visit(world, coming.id)).state is VisitState.RELEASED
    assert (await visiting.visit(world, kept.id)).state is VisitState.SCHEDULED
    assert "nurse_on_hold" in (await visiting.visit(world, visit.id)).flags
    order = await world.order(coming.order_id)
    assert order.state == "open"
    await fill_order.send_waves(world.pool)
    asked = await world.offers(order.id)
    assert asked
    assert nurse.id not in {offer.nurse_id for offer in asked}
    with pytest.raises(NotEligible) as refusal:
        await intervene.assign_order(world.pool, world.operator, order.id, nurse.id, "电话")
    reasons: Any = refusal.value.extras["reasons"]
    assert [(one["rule"], tuple(one["value"])) for one in reasons] == [("on_hold", ("EC02",))]
    # Settling it is one thing, letting her go again another, and both are a person's.
    ops = f"{QUEUE}/{case['id']}"
    body = {"outcome": "resolved", "text": "地面湿滑，已整改"}
    status, settled = await desk.call("POST", f"{ops}/settle", world.operator, body)
    assert (status, settled["held_services"]) == (200, ["EC02"])
    reason = {"reason": "复训后考核合格"}
    status, lifted = await desk.call("POST", f"{ops}/lift-hold", world.operator, reason)
    assert (status, lifted["held_services"]) == (200, [])
    assert lifted["words"]["hold_lifted"] == "复训后考核合格"
    status, refused = await desk.call("POST", f"{ops}/lift-hold", world.operator, reason)
    assert (status, slug(refused)) == (409, "nothing-held")
    await intervene.assign_order(world.pool, world.operator, order.id, nurse.id, "电话")


async def test_r47_nobody_departs_for_what_she_is_held_from(desk: Desk) -> None:
    """An operator may have sent her between; the gates at departure ask again."""
    world = desk.world
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse_of(visit.nurse_id).caller
    other = await visited(world, VisitState.IN_SERVICE, number=2, staff_nos=(2,))
    path = f"/v1/visits/{other.id}/adverse-events"
    _, case = await desk.call(
        "POST", path, world.nurse(2).caller, event(world, "severe", service_code="EC01")
    )
    await world.owner.execute(
        "UPDATE cases SET nurse_id = $1 WHERE id = $2::uuid", visit.nurse_id, case["id"]
    )
    with pytest.raises(NotEligible):
        await run_visit.depart(world.pool, nurse, visit.id, at_door(world.now))


async def test_r47_a_moderate_one_holds_nobody_and_either_side_may_tell(desk: Desk) -> None:
    world = desk.world
    visit = await visited(world)
    path = f"/v1/visits/{visit.id}/adverse-events"
    me, nurse = world.patient().caller, world.nurse_of(visit.nurse_id).caller
    status, mine = await desk.call("POST", path, me, event(world, "moderate"))
    assert (status, mine["held_services"]) == (201, [])
    _, hers = await desk.call("POST", path, nurse, event(world, "mild", kind="tube"))
    by_desk = f"/v1/ops{path.removeprefix('/v1')}"
    status, _ = await desk.call("POST", by_desk, world.operator, event(world, "near_miss"))
    assert status == 201
    for caller, own in ((me, mine), (nurse, hers)):
        _, page = await desk.call("GET", f"{OWN}?kind=adverse_event", caller)
        assert [one["id"] for one in page["items"]] == [own["id"]]
    # She does not read what the patient said of her visit.
    assert (await desk.call("GET", f"{OWN}/{mine['id']}", nurse))[0] == 404
    assert (await desk.call("GET", f"{OWN}/{hers['id']}", me))[0] == 404
    for wrong, place in (
        ({"kind": "boredom"}, "kind"),
        ({"service_code": "LT10"}, "service_code"),
        ({"occurred_at": (world.now + timedelta(hours=1)).isoformat()}, "occurred_at"),
    ):
        status, refusal = await desk.call("POST", path, me, {**event(world, "mild"), **wrong})
        assert (status, refusal["errors"][0]["loc"]) == (422, ["body", place])


# Complaints


async def test_r48_every_step_is_told_to_who_complains_and_what_came_of_it(desk: Desk) -> None:
    world = desk.world
    visit = await visited(world)
    me = world.patient().caller
    path = f"/v1/orders/{visit.order_id}/complaint"
    status, case = await desk.call("POST", path, me, {"kind": "late", "text": "晚到了半小时"})
    assert (status, case["state"]) == (201, "waiting")
    assert case["words"]["text"] == "晚到了半小时"
    # Nobody takes it up in time: that, too, is told.
    await world.advance(hours=24)
    assert await watch_cases.escalate_cases(world.pool) == 1
    ops = f"{QUEUE}/{case['id']}"
    for step, body in (
        ("take-up", None),
        ("tell", {"text": "正在核对护士定位"}),
        ("settle", {"outcome": "justified", "text": "确有迟到，致歉并减免", "credit_fen": 2000}),
    ):
        status, _ = await desk.call("POST", f"{ops}/{step}", world.operator, body)
        assert status == 200, step
    told = await wakes(world, "complaint_news")
    assert told == [[me.account_id]] * 4
    status, seen = await desk.call("GET", f"{OWN}/{case['id']}", me)
    assert [one["move"] for one in seen["steps"]] == [
        "open",
        "escalate",
        "take_up",
        "tell",
        "settle",
    ]
    assert [one["note"] for one in seen["steps"]][3:] == [
        "正在核对护士定位",
        "确有迟到，致歉并减免",
    ]
    assert (seen["outcome"], seen["outcome_text"]) == ("justified", "投诉属实")
    # The refund went with the answer.
    _, bill = await desk.call("GET", f"/v1/orders/{visit.order_id}/bill", me)
    assert bill["credit_fen"] == 2000
    # She does not agree: it waits for a person again.
    (dispute,) = seen["moves"]
    assert dispute["name"] == "dispute"
    status, again = await desk.call("POST", dispute["path"], me, {"text": "不止半小时"})
    assert (status, again["state"], again["level"], again["outcome"]) == (200, "waiting", 3, None)


async def test_r48_taken_up_it_has_a_time_to_be_answered_and_climbs_to_everybody(
    desk: Desk,
) -> None:
    world = desk.world
    visit = await visited(world, VisitState.SCHEDULED)
    me = world.patient().caller
    path = f"/v1/orders/{visit.order_id}/complaint"
    _, case = await desk.call("POST", path, me, {"kind": "privacy", "text": "被拍照"})
    await desk.call("POST", f"{QUEUE}/{case['id']}/take-up", world.operator)
    (taken,) = await queue(desk, kind="complaint")
    due_at = (world.now + timedelta(days=5)).isoformat().replace("+00:00", "Z")
    assert (taken["state"], taken["due_at"]) == ("in_hand", due_at)
    await world.advance(days=5)
    for again in (1, 1, 0):
        assert await watch_cases.escalate_cases(world.pool) == again
        await world.advance(days=5)
    assert (await queue(desk, state="late"))[0]["level"] == 3


async def test_r48_somebody_elses_order_other_words_and_too_many_are_refused(desk: Desk) -> None:
    world = desk.world
    visit = await visited(world, VisitState.SCHEDULED)
    path = f"/v1/orders/{visit.order_id}/complaint"
    body = {"kind": "late", "text": "没来"}
    assert (await desk.call("POST", path, world.patient(2).caller, body))[0] == 404
    me = world.patient().caller
    status, refusal = await desk.call("POST", path, me, {**body, "kind": "weather"})
    assert (status, refusal["errors"][0]["loc"]) == (422, ["body", "kind"])
    opened = [await desk.call("POST", path, me, body) for _ in range(5)]
    assert [status for status, _ in opened] == [201] * 5
    status, refusal = await desk.call("POST", path, me, body)
    assert (status, slug(refusal)) == (422, "rule-refused")
    clerk = replace(world.operator, permissions=frozenset({"quality"}))
    ops = f"{QUEUE}/{opened[0][1]['id']}"
    done = {"outcome": "justified", "text": "致歉", "credit_fen": 1}
    status, refusal = await desk.call("POST", f"{ops}/settle", clerk, done)
    assert (status, slug(refusal)) == (403, "forbidden")
    status, refusal = await desk.call("POST", f"{ops}/settle", world.operator, done)
    assert (status, refusal["errors"][0]["loc"]) == (422, ["body", "credit_fen"])
    elsewhere = bound_operator(world, world.institution_ids[1])
    assert (await desk.call("GET", ops, elsewhere))[0] == 404
    assert await queue(desk, elsewhere) == []


# Follow-ups


@pytest.mark.parametrize(
    ("code", "risk", "hours"), [("EC01", "low", 72), ("EC04", "medium", 48), ("CD07", "high", 24)]
)
async def test_a_call_is_due_by_the_risk_of_what_was_done(
    desk: Desk, code: str, risk: str, hours: int
) -> None:
    world = desk.world
    await visited(world, service_codes=[code])
    (call,) = await queue(desk, kind="follow_up")
    assert (call["topic"], call["moves"][0]["name"]) == (risk, "take_up")
    due_at = world.now + timedelta(hours=hours)
    assert call["due_at"] == due_at.isoformat().replace("+00:00", "Z")
    # She is asked herself after half of it, once.
    assert await watch_cases.ask_patients(world.pool) == 0
    await world.advance(hours=hours / 2)
    assert await watch_cases.ask_patients(world.pool) == 1
    assert await watch_cases.ask_patients(world.pool) == 0
    assert await wakes(world, "follow_up") == [[world.patient().account_id]]


async def test_who_is_well_needs_no_call_and_alarm_signs_bring_it_forward(desk: Desk) -> None:
    world = desk.world
    for number, staff_no in ((1, 1), (2, 3)):
        await visited(world, number=number, staff_nos=(staff_no,), service_codes=["EC02"])
    paths = []
    for number in (1, 2):
        _, page = await desk.call("GET", f"{OWN}?kind=follow_up", world.patient(number).caller)
        (case,) = page["items"]
        (move,) = [move for move in case["moves"] if move["name"] == "alert"]
        paths.append(move["path"])
    status, well = await desk.call("POST", paths[0], world.patient(1).caller, {})
    assert (status, well["state"], well["outcome"]) == (200, "settled", "well")
    assert well["suggestions"] == []
    said = {"signs": ["tube", "dressing"], "text": "管子移位"}
    status, ill = await desk.call("POST", paths[1], world.patient(2).caller, said)
    assert (status, ill["state"]) == (200, "waiting")
    assert ill["due_at"] == (world.now + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert [(one["kind"], one["event_kind"]) for one in ill["suggestions"]] == [
        ("hospital", None),
        ("adverse_event", "tube"),
        ("order", None),
    ]
    assert ill["suggestions"][2]["service_codes"] == ["EC02"]
    assert [one["id"] for one in await queue(desk)] == [ill["id"]]
    assert await wakes(world, "case_due")
    status, refusal = await desk.call(
        "POST", paths[1], world.patient(2).caller, {"signs": ["tired"]}
    )
    assert (status, refusal["errors"][0]["loc"]) == (422, ["body", "signs", 0])
    ops = f"{QUEUE}/{ill['id']}"
    body = {"outcome": "new_visit", "text": "已约明日上门"}
    assert (await desk.call("POST", f"{ops}/settle", world.operator, body))[0] == 200
    status, refusal = await desk.call("POST", paths[1], world.patient(2).caller, {})
    assert (status, slug(refusal)) == (409, "illegal-transition")
    done = await queue(desk, state="settled")
    assert {one["outcome"] for one in done} == {"well", "new_visit"}


async def test_what_one_kind_of_case_knows_another_does_not(desk: Desk) -> None:
    world = desk.world
    visit = await visited(world)
    me = world.patient().caller
    _, complaint = await desk.call(
        "POST", f"/v1/orders/{visit.order_id}/complaint", me, {"kind": "other", "text": "其他"}
    )
    status, refusal = await desk.call("POST", f"{OWN}/{complaint['id']}/answer", me, {})
    assert (status, slug(refusal)) == (409, "illegal-transition")
    (call,) = await queue(desk, kind="follow_up")
    status, refusal = await desk.call("POST", f"{OWN}/{call['id']}/dispute", me, {"text": "不"})
    assert status == 409
    assert await collect_debts.lapse_bills(world.pool) == 0
