"""Assessments over HTTP: the queue, the question and its answer, what holds for how long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import assessments, catalogue, ops_desk, ops_orders, orders
from config.settings import Settings
from config.vocabulary import Condition
from dispatch.acts import review_orders
from dispatch.database import Connection
from dispatch.records import patients
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.world import EASY, World


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, reuse_after_s=0)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    modules = [orders, ops_desk, ops_orders, assessments, catalogue]
    app = edge.application(desk.edge(), [module.routes for module in modules])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_an_order_is_asked_about_answered_and_approved_under_conditions(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await desk.place(eligibility_basis="终末期")
    assert (order["basis"], order["basis_text"]) == ("terminal", "终末期")
    assert (order["review"], order["assess_by"]) == ("new", None)
    path = f"/v1/ops/orders/{order['id']}/assess"
    await desk.call("POST", path, world.reviewer, {"decision": "need_info", "note": "能翻身吗？"})
    shown = (await desk.call("GET", f"/v1/orders/{order['id']}", me))[1]
    assert shown["review"] == "patient"
    answer = next(move for move in shown["moves"] if move["name"] == "answer")
    body = {"text": "可以", "preconditions": ["condition_stable"]}
    status, shown = await desk.call("POST", answer["path"], me, body)
    assert (status, shown["review"]) == (200, "person")
    assert shown["assess_by"] is not None
    assert "condition_stable" not in shown["open_preconditions"]
    assert "answer" not in {move["name"] for move in shown["moves"]}
    status, queue = await desk.call("GET", "/v1/ops/assessments", world.reviewer)
    assert (status, [one["id"] for one in queue["items"]]) == (200, [order["id"]])
    approval = {
        "decision": "approve",
        "note": "请家属在场",
        "conditions": ["family_present", "请备好热水"],
        "checklist": {"condition_stable": True},
        "has_capacity": True,
    }
    status, shown = await desk.call("POST", path, world.reviewer, approval)
    assert (status, shown["state"], shown["review"]) == (200, "open", None)
    told = (await desk.call("GET", f"/v1/orders/{order['id']}", me))[1]["assessment"]
    assert (told["outcome"], told["earlier"]) == ("pass_with_conditions", False)
    assert told["conditions"] == ["family_present", "请备好热水"]
    assert told["conditions_text"] == ["须家属全程在场", "请备好热水"]
    path = f"/v1/ops/orders/{order['id']}/assessments"
    for caller, note in ((world.reviewer, "请家属在场"), (world.auditor, None)):
        status, kept = await desk.call("GET", path, caller)
        assert (status, [one["decision"] for one in kept["items"]]) == (
            200,
            ["need_info", "approve"],
        )
        assert kept["items"][1]["note"] == note
    read = "SELECT count(*) FROM audit WHERE action = 'order.read' AND purpose = 'assessment'"
    assert await world.owner.fetchval(read) == 2


async def test_a_patient_sees_what_needs_no_new_assessment_and_the_repeat_says_why(
    desk: Desk,
) -> None:
    world, me = desk.world, desk.world.patient()
    order = await desk.place()
    body = {"decision": "approve", "note": "可以", "conditions": ["daytime_only"]}
    await desk.call("POST", f"/v1/ops/orders/{order['id']}/assess", world.reviewer, body)
    path = f"/v1/patients/{me.id}/clearances"
    (held,) = (await desk.call("GET", path, me.caller, Accept_Language="en"))[1]["items"]
    assert (held["service_code"], held["conditions_text"]) == (EASY, ["By day only"])
    until = (world.now + timedelta(days=90)).isoformat().replace("+00:00", "Z")
    assert held["valid_until"].replace(".000000", "") == until
    assert (await desk.call("GET", path, world.patient(2).caller))[0] == 404
    repeat = await desk.place()
    for _ in range(2):
        await review_orders.review_orders(world.pool)
    shown = (await desk.call("GET", f"/v1/orders/{repeat['id']}", me.caller))[1]
    assert (shown["state"], shown["assessment"]["earlier"]) == ("open", True)
    path = f"/v1/orders/{repeat['id']}/timeline"
    events = (await desk.call("GET", path, me.caller))[1]["items"]
    assert [event["move"] for event in events] == ["place", "approve"]
    assert (events[1]["by"], events[1]["reason"]) == ("clock", "此前的评估仍在有效期内")
    changed = await desk.place(condition_changed=True)
    await review_orders.review_orders(world.pool)
    shown = (await desk.call("GET", f"/v1/orders/{changed['id']}", me.caller))[1]
    assert (shown["state"], shown["review"]) == ("submitted", "person")


async def test_the_queue_goes_on_by_its_cursor(desk: Desk) -> None:
    placed = [(await desk.place(number))["id"] for number in (1, 2, 3)]
    path = "/v1/ops/assessments?limit=2"
    seen, cursor = [], ""
    while cursor is not None:
        status, page = await desk.call("GET", path + cursor, desk.world.reviewer)
        assert status == 200
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert seen == placed
    assert (await desk.call("GET", "/v1/ops/assessments", desk.world.patient().caller))[0] == 403


async def test_r12_the_words_are_there_for_anybody(desk: Desk) -> None:
    async with desk.client.get("/v1/vocabulary", headers={"Accept-Language": "en"}) as answer:
        words = await answer.json()
    assert {one["name"] for one in words["conditions"]} == set(Condition)
    assert {"name": "terminal", "text": "Terminally ill"}.items() <= words["eligibility_bases"][
        3
    ].items()
    assert len(words["outcomes"]) == 6


async def test_r26_an_assessor_sees_the_checklist_and_what_is_against_it(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient()
    await world.pool.transact(me.caller, lambda conn: _is_ill(conn, me.id, "活动性肺结核"))
    order = await desk.place(preconditions=["medical_record_uploaded"])
    path = f"/v1/ops/orders/{order['id']}"
    shown = (await desk.call("GET", path, world.reviewer, Accept_Language="en"))[1]
    assert [(one["name"], one["verdict"]) for one in shown["against"]] == [
        ("infectious_disease", "review")
    ]
    states = {one["name"]: (one["state"], one["source"]) for one in shown["checklist"]}
    assert states["medical_record_uploaded"] == ("met", "order")
    assert states["condition_stable"] == ("open", "nobody")
    assert states["within_service_area"] == ("met", "system")
    body: dict[str, Any] = {"decision": "approve", "note": "可以"}
    status, refused = await desk.call("POST", f"{path}/assess", world.reviewer, body)
    assert (status, slug(refused)) == (422, "rule-refused")
    assert refused["errors"] == [
        {"loc": ["body", "overrides", "infectious_disease"], "msg": "须说明仍可实施的理由"}
    ]
    body |= {"overrides": {"infectious_disease": "已完成两个月治疗，痰检阴性"}}
    status, shown = await desk.call("POST", f"{path}/assess", world.reviewer, body)
    assert (status, shown["state"], shown["checklist"]) == (200, "open", [])


async def _is_ill(conn: Connection, patient_id: UUID, condition: str) -> None:
    patient = await patients.get(conn, patient_id)
    profile = replace(await patients.open_profile(conn, patient), conditions=(condition,))
    await patients.update(
        conn, patient, gender=patient.gender, relation=patient.relation, profile=profile
    )
