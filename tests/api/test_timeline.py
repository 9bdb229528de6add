"""What is told of why: each side reads the reasons that are for it, and no others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.language import Language, Texts
from api.routes import ops_desk, ops_orders, orders, visits
from config.settings import Settings
from dispatch.acts.run_visit import ABORT_REASONS
from dispatch.database import Caller
from dispatch.lifecycles import ORDER
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.care import HOUR, assigned
from tests.world import HOME, World

HERE = {"lat": HOME[0], "lng": HOME[1]}


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    modules = [orders.routes, visits.routes, ops_desk.routes, ops_orders.routes]
    app = edge.application(desk.edge(), modules)
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def timeline(desk: Desk, order_id: Any, caller: Caller) -> list[Any]:
    desk_of = "" if caller.role == "patient" else "/ops"
    status, told = await desk.call("GET", f"/v1{desk_of}/orders/{order_id}/timeline", caller)
    assert status == 200, told
    items: list[Any] = told["items"]
    return items


def reasons(events: list[Any], move: str) -> tuple[str | None, str | None, str | None]:
    (event,) = [event for event in events if event["move"] == move]
    return event["reason_code"], event["reason"], event["note"]


async def assess(desk: Desk, order_id: Any, decision: str, note: str) -> Any:
    status, told = await desk.call(
        "POST",
        f"/v1/ops/orders/{order_id}/assess",
        desk.world.reviewer,
        {"decision": decision, "note": note},
    )
    assert status == 200, told
    return told


async def test_every_assessment_is_a_line_with_what_the_assessor_wrote(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await desk.place()
    asked = await assess(desk, order["id"], "need_info", "能否自行翻身？")
    assert (asked["state"], asked["version"]) == ("submitted", order["version"] + 1)
    await assess(desk, order["id"], "reject", "压疮已达四期，请住院")
    for caller in (me, world.operator):
        events = await timeline(desk, order["id"], caller)
        assert [event["move"] for event in events] == ["place", "need_info", "reject"]
        assert events[1]["text"] == "评估需要补充信息"
        assert reasons(events, "need_info") == (None, None, "能否自行翻身？")
        assert reasons(events, "reject") == (None, None, "压疮已达四期，请住院")
    closing = (await desk.call("GET", f"/v1/orders/{order['id']}", me))[1]["closing"]
    assert (closing["reason"], closing["text"]) == ("rejected", "未通过评估")
    assert (closing["by"], closing["note"]) == ("operator", "压疮已达四期，请住院")


async def test_who_is_cancelled_on_reads_why(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await desk.place()
    status, _ = await desk.call(
        "POST",
        f"/v1/ops/orders/{order['id']}/cancel",
        world.operator,
        {"reason": "台风，今日停诊"},
    )
    assert status == 200
    status, seen = await desk.call("GET", f"/v1/orders/{order['id']}", me)
    assert seen["closing"]["note"] == "台风，今日停诊"
    assert (await desk.call("GET", "/v1/orders", me))[1]["items"] == [seen]
    assert reasons(await timeline(desk, order["id"], me), "cancel")[2] == "台风，今日停诊"
    # In their lists operators open nothing; who wants to read opens the order.
    status, found = await desk.call("GET", "/v1/ops/orders?state=cancelled", world.operator)
    assert found["items"][0]["closing"]["by"] == "operator"
    assert found["items"][0]["closing"]["note"] is None

    second = await assigned(world, world.now + 3 * HOUR)
    (visit,) = await world.visits(second.id)
    path = f"/v1/orders/{second.id}/cancel"
    assert (await desk.call("POST", path, me, {"reason": "住院了"}))[0] == 200
    opened = await timeline(desk, second.id, world.operator)
    assert [event["note"] for event in opened if event["subject"] == "order"][-1] == "住院了"
    status, hers = await desk.call("GET", f"/v1/visits/{visit.id}", world.nurse(1).caller)
    assert (hers["end_reason"], hers["end_text"]) == ("order_cancel", "订单已取消")
    assert "住院了" not in str(hers)


async def test_what_a_nurse_says_of_a_home_is_for_operators(desk: Desk) -> None:
    world, me, nurse = desk.world, desk.world.patient().caller, desk.world.nurse(1).caller
    order = await assigned(world, world.now + 2 * HOUR)
    (visit,) = await world.visits(order.id)
    path = f"/v1/visits/{visit.id}"
    await world.advance(hours=2)
    at = {"at": world.now.isoformat()}
    far = {"lat": HOME[0] + 0.05, "lng": HOME[1]}
    arrival = {**at, "location": far, "override_reason": "走的后门"}
    assert (await desk.call("POST", f"{path}/arrive", nurse, arrival))[0] == 200
    words = {"reason": "unsafe: 有人酒后闹事", **at}
    assert (await desk.call("POST", f"{path}/abort", nurse, words))[0] == 200

    told = await timeline(desk, order.id, me)
    assert reasons(told, "abort") == (None, None, None)
    opened = await timeline(desk, order.id, world.operator)
    assert reasons(opened, "abort") == ("unsafe", "现场不安全", "unsafe: 有人酒后闹事")
    facts = (await desk.call("GET", path, world.operator))[1]["facts"]
    assert facts[0]["reason"] == "走的后门"
    assert facts[0]["distance_m"] > 5_000
    assert facts[1]["reason"] == "unsafe: 有人酒后闹事"


async def test_a_patient_learns_that_nobody_opened_and_not_why_it_was_dispatched_again(
    desk: Desk,
) -> None:
    world, me, nurse = desk.world, desk.world.patient().caller, desk.world.nurse(1).caller
    order = await assigned(world, world.now + 2 * HOUR)
    (visit,) = await world.visits(order.id)
    again = {"reason": "该护士今日被投诉"}
    status, _ = await desk.call(
        "POST", f"/v1/ops/orders/{order.id}/redispatch", world.operator, again
    )
    assert status == 200
    assert reasons(await timeline(desk, order.id, me), "redispatch") == (None, None, None)
    opened = await timeline(desk, order.id, world.operator)
    assert reasons(opened, "redispatch") == (None, None, "该护士今日被投诉")

    second = await assigned(world, world.now + 2 * HOUR)
    (visit,) = await world.visits(second.id)
    await world.advance(hours=2)
    body = {"reason": "nobody_home: 敲门无人", "at": world.now.isoformat()}
    departed = {"location": HERE, "at": world.now.isoformat()}
    assert (await desk.call("POST", f"/v1/visits/{visit.id}/depart", nurse, departed))[0] == 200
    assert (await desk.call("POST", f"/v1/visits/{visit.id}/abort", nurse, body))[0] == 200
    told = reasons(await timeline(desk, second.id, me), "abort")
    assert told == ("nobody_home", "家中无人应门", None)


async def test_reading_all_that_was_said_is_recorded(desk: Desk) -> None:
    order = await desk.place()
    await timeline(desk, order["id"], desk.world.operator)
    rows = await desk.world.owner.fetch(
        "SELECT actor_role, purpose, subject_id::text FROM audit WHERE action = 'order.read'"
    )
    assert [tuple(row) for row in rows] == [("operator", "timeline", order["id"])]


def test_every_reason_has_its_words() -> None:
    codes = {*ABORT_REASONS, "missed", "released", "partner", "suspended"}
    codes |= {"too_far", "busy", "skill", "safety", "other"}
    codes |= {f"order_{move}" for move in ("cancel", "reject", "fail", "lapse", "reopen")}
    codes |= {f"order_{move}" for move in ("release", "reschedule", "redispatch")}
    moves = {move.name for move in ORDER.moves}
    assert {code.removeprefix("order_") for code in codes if code.startswith("order_")} <= moves
    for language in Language:
        keys = Texts.load().keys(language)
        assert {f"reasons.{code}" for code in codes} <= keys
