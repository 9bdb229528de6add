"""A dispatcher plans a day in a real browser: sees what it would save, leaves out, commits."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import pytest

from matching import day
from matching.travel import LOCAL_ZONE
from tests.acceptance.clients import OPERATOR, Person, ServerClock, Wire
from tests.acceptance.processes import Deployment
from tests.browser import driving
from tests.browser.driving import Phone
from tests.browser.test_patient_changes import known_father, placed
from tests.browser.words import CONSOLE
from tests.matching.test_day import LEGS, nurse, stay

# Tomorrow at ten, and an hour later at the same door.
HOURS: Final = (27.5, 28.5)
PROPOSE: Final = """
    INSERT INTO day_proposals AS p (county, day, planned_at, seen, proposal)
    VALUES ('330702', $1, app_now(), '', $2)
        ON CONFLICT (county, day) DO UPDATE
           SET planned_at = excluded.planned_at, seen = '', proposal = excluded.proposal
"""


@pytest.mark.timeout(400)
async def test_a_day_is_planned_in_the_console_and_everybody_keeps_a_nurse(
    deployment: Deployment, owner: asyncpg.Connection
) -> None:
    # The engine is compiled here, for as long as it takes, and not while somebody waits.
    await asyncio.to_thread(
        day.plan, [stay(1, 0, 1, 3, 101)], [nurse(101)], LEGS, lambda steps: float(steps)
    )
    await deployment.start("api", "clock")
    offences: dict[str, list[str]] = {}
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, size=driving.DESK) as desk,
    ):
        clock = ServerClock(wire)
        await clock.read()
        daughter, known = await known_father(wire)
        order_ids = [await placed(daughter, known, clock, in_h=in_h) for in_h in HOURS]
        before = await given_to_two(await Person.sign_in(wire, OPERATOR), order_ids)

        await desk.goto("/operator/")
        await desk.press(CONSOLE["zh-CN"].dispatcher)
        await desk.page.wait_for_url(lambda at: "sign-in" not in at)
        await desk.goto("/operator/day")
        await desk.press("后一天")
        await desk.page.get_by_role("button", name="普通伤口换药").nth(1).wait_for()

        await desk.press("规划当日路线")
        dialog = desk.page.get_by_role("dialog")
        await dialog.get_by_label("区县").select_option(label="婺城区")
        await dialog.get_by_label("换护士至少省").fill("5")
        await dialog.get_by_role("button", name="开始规划").click()
        part = dialog.get_by_role("checkbox")
        await part.wait_for()
        offences["plan"] = await desk.offences()
        commit = dialog.get_by_role("button", name="确认调整")
        await part.uncheck()
        await desk.sees("已选 0 处调整")
        assert await commit.is_disabled()
        await part.check()
        await commit.click()
        await dialog.wait_for(state="detached")
        await desk.sees("已调整 1 次上门")
        offences["day"] = await desk.offences()
        lanes = desk.page.get_by_role("listitem").filter(has_text="普通伤口换药")
        await lanes.nth(1).wait_for(state="detached")
        assert await lanes.count() == 1

        after = [(await daughter.get(f"/v1/orders/{order_id}")) for order_id in order_ids]
        assert {order["state"] for order in after} == {"assigned"}
        assert len({order["nurse"]["id"] for order in after}) == 1
        assert {order["nurse"]["id"] for order in after} < before

        await desk.page.keyboard.press("p")
        await dialog.get_by_label("换护士至少省").fill("5")
        await dialog.get_by_role("button", name="开始规划").click()
        await desk.sees("没有值得调整的安排")
        offences["nothing"] = await desk.offences()

        # She falls ill: what she has can go to others, and nobody has been told of it yet.
        await dialog.get_by_label("不能上门的护士").select_option(index=1)
        await dialog.get_by_role("button", name="开始规划").click()
        await part.first.wait_for()
        assert await dialog.get_by_role("row").filter(has_text="普通伤口换药").count() == len(HOURS)
        offences["absent"] = await desk.offences()

        # What was planned without being asked for stands on the board, and is opened from there.
        other = next(iter(before - {order["nurse"]["id"] for order in after}))
        await propose(owner, await daughter.get(f"/v1/orders/{order_ids[0]}"), other)
        await desk.goto("/operator/")
        await desk.sees("1 次上门将迟到")
        offences["board"] = await desk.offences()
        await desk.page.get_by_role("link", name="婺城区").click()
        await desk.sees("自动规划")
        await desk.sees("患者指定")
        offences["proposed"] = await desk.offences()
        await commit.click()
        await dialog.wait_for(state="detached")
        moved = await daughter.get(f"/v1/orders/{order_ids[0]}")
        assert moved["nurse"]["id"] == other
        await desk.goto("/operator/")
        await desk.page.get_by_role("tab", name="评估").wait_for()
        assert await desk.page.get_by_text("次上门将迟到").count() == 0
        assert desk.complaints == []
    assert {view: found for view, found in offences.items() if found} == {}


async def propose(owner: asyncpg.Connection, order: dict[str, Any], nurse_id: str) -> None:
    """As the clock would: another nurse for this order, at the same time."""
    visit = await owner.fetchrow(
        "SELECT id, version, planned_start FROM visits WHERE id = $1", order["visit_id"]
    )
    assert visit is not None
    start: datetime = visit["planned_start"]
    move = {
        "visit_id": str(visit["id"]),
        "version": visit["version"],
        "nurse_id": nurse_id,
        "start_at": start.isoformat(),
        "part": 1,
        "is_wish": True,
    }
    late = {
        "visit_id": str(visit["id"]),
        "version": visit["version"],
        "expected_at": (start + timedelta(hours=1)).isoformat(),
    }
    kept = {
        "moves": [move],
        "saved_s": [-600],
        "late": [late],
        "nobody": [],
        "visits": 2,
        "left_alone": 0,
        "travel_before_s": 3_600,
        "travel_after_s": 4_200,
        "measured": {"engine": "straight"},
    }
    await owner.execute(PROPOSE, start.astimezone(LOCAL_ZONE).date(), json.dumps(kept))


async def given_to_two(operator: Person, order_ids: list[str]) -> set[str]:
    """Each order to another nurse, both from far away, by the operator's hand."""
    for order_id in order_ids:
        await operator.post(
            f"/v1/ops/orders/{order_id}/assess", {"decision": "approve", "note": "可以上门"}
        )
    seen: list[dict[str, Any]] = (await operator.get(f"/v1/ops/orders/{order_ids[0]}/candidates"))[
        "items"
    ]
    far = sorted((one for one in seen if one["eligible"]), key=lambda one: one["parts"]["travel"])[
        -len(order_ids) :
    ]
    for order_id, one in zip(order_ids, far, strict=True):
        body = {"nurse_id": one["nurse_id"], "reason": "电话约定"}
        await operator.post(f"/v1/ops/orders/{order_id}/assign", body)
    return {one["nurse_id"] for one in far}
