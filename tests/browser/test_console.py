"""A dispatcher's day in a real browser: an order assessed and given away, an alarm not missed."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict
from typing import Final

import asyncpg
import pytest

from matching.acceptance import Acceptance, Bar
from tests.acceptance.clients import OPERATOR, Person, ServerClock, Wire, time_text
from tests.acceptance.processes import Deployment
from tests.browser import driving
from tests.browser.care_story import HOME
from tests.browser.driving import Phone
from tests.browser.test_patient_changes import known_father, placed

VIEWS: Final = ("", "orders", "day", "nurses", "institutions", "reports")
# So soon after it was pressed an alarm must be seen; a busy machine is given more.
ALARM_MS: Final = 20_000
LOOK_AGAIN_S: Final = 0.2
LEARNED: Final = Acceptance(
    coefficients=(0.5, -0.8, 0.2, 0.1, -0.3, 0.0, -0.9),
    offers=1_000,
    reliability=(Bar(offers=70, said=0.2, found=0.19), Bar(offers=80, said=0.7, found=0.72)),
)
LEARN: Final = "INSERT INTO learned_models (kind, sample, model) VALUES ('acceptance', 1000, $1)"
FLASH_LOOKS: Final = 100


@pytest.mark.timeout(400)
async def test_an_order_from_the_queue_to_another_nurse_and_an_alarm(
    deployment: Deployment, owner: asyncpg.Connection
) -> None:
    await owner.execute(LEARN, json.dumps(asdict(LEARNED)))
    await deployment.start("api", "clock", "alarm")
    offences: dict[str, list[str]] = {}
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, size=driving.DESK) as desk,
    ):
        clock = ServerClock(wire)
        await clock.read()
        daughter, known = await known_father(wire)
        order_id = await placed(daughter, known, clock)

        await desk.goto("/operator/")
        await desk.press("调度员")
        await desk.sees("普通伤口换药")
        offences["queue"] = await desk.offences()
        await desk.press("普通伤口换药")
        await desk.sees("王建国")
        await desk.fill("给患者的话", "可以上门")
        offences["assess"] = await desk.offences()
        await desk.press("可以上门")
        await desk.sees("派单依据")
        await desk.sees("已询问")
        await desk.sees("没有更好的派法：已证明")
        offences["record"] = await desk.offences()

        visit_id = await accepted(wire, order_id)
        await desk.sees("收回此单")
        await given_away(desk)
        order = await daughter.get(f"/v1/orders/{order_id}")
        assert order["state"] == "assigned"
        assert order["visit_id"] != visit_id

        for view in VIEWS:
            await desk.goto(f"/operator/{view}")
            await desk.page.get_by_role("main").get_by_text(re.compile(r"\w")).first.wait_for()
            await desk.page.get_by_text("正在载入").first.wait_for(state="detached")
            offences[view or "desk"] = await desk.offences()
        model = desk.page.get_by_role("region", name="接单概率")
        await model.get_by_text("依据 1000 次答复").wait_for()
        await model.get_by_role("row", name="距离").get_by_text("-0.80").wait_for()

        nurse = await nurse_of(wire, order["nurse"]["id"])
        path = f"/v1/visits/{order['visit_id']}"
        at = {"location": {"lat": HOME[0], "lng": HOME[1]}, "at": time_text(clock.now)}
        await nurse.post(f"{path}/depart", at)
        await nurse.post(f"{path}/sos", at)
        bar = desk.page.get_by_role("region", name="报警")
        await bar.wait_for(timeout=ALARM_MS)
        await bar.get_by_text(f"{order['nurse']['name']}（工号").wait_for()
        await bar.get_by_text("普通伤口换药").wait_for()
        await flashes(desk)
        offences["alarm"] = await desk.offences()
        await bar.get_by_role("button", name="我来处理").click()
        await desk.page.get_by_role("dialog").get_by_role("button", name="我来处理").click()
        await desk.page.get_by_role("dialog").wait_for(state="detached")
        await bar.get_by_role("button", name="我来处理").wait_for(state="detached")
        await bar.get_by_role("button", name="处理完毕").click()
        await desk.fill("处理结果", "已电话联系，平安")
        await desk.page.get_by_role("dialog").get_by_role("button", name="处理完毕").click()
        await bar.wait_for(state="detached")
        assert desk.complaints == []
    assert {view: found for view, found in offences.items() if found} == {}


async def flashes(desk: Phone) -> None:
    """The title of the page tells of the alarm, every other second."""
    for _ in range(FLASH_LOOKS):
        if (await desk.page.title()).startswith("‼"):
            return
        await asyncio.sleep(LOOK_AGAIN_S)
    raise AssertionError("the title tells of no alarm")


async def accepted(wire: Wire, order_id: str) -> str:
    """The nurse who was asked first accepts; her visit."""
    operator = await Person.sign_in(wire, OPERATOR)
    found = (await operator.get(f"/v1/ops/orders/{order_id}/candidates"))["items"]
    asked = next(one for one in found if one["offer_state"] == "sent")
    nurse = await Person.sign_in(wire, f"+86139{asked['staff_no']:08d}")
    offers = (await nurse.get("/v1/nurse/offers"))["items"]
    offer = next(one for one in offers if one["order_id"] == order_id)
    visit_id: str = (await nurse.post(f"/v1/offers/{offer['id']}/accept"))["visit_id"]
    return visit_id


async def given_away(desk: Phone) -> None:
    """The dispatcher opens the visit in the day and gives it to another nurse who fits."""
    await desk.goto("/operator/day")
    await desk.page.get_by_role("button", name=re.compile("普通伤口换药.*已排定")).click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_role("searchbox").fill("金")
    found = dialog.get_by_role("listitem").get_by_role("button")
    await found.first.wait_for()
    for place in range(await found.count()):
        await found.nth(place).click()
        fits = dialog.get_by_role("button", name=re.compile("^指派给"))
        await fits.or_(dialog.locator("ul.card.warn")).first.wait_for()
        if await fits.count():
            await dialog.get_by_role("textbox", name="原因").fill("她病了")
            await fits.click()
            await dialog.wait_for(state="detached")
            return
        await dialog.get_by_role("button", name="换一位").click()
        await found.first.wait_for()
    raise AssertionError("nobody of that name fits")


async def nurse_of(wire: Wire, nurse_id: str) -> Person:
    operator = await Person.sign_in(wire, OPERATOR)
    staff_no = (await operator.get(f"/v1/ops/nurses/{nurse_id}"))["staff_no"]
    return await Person.sign_in(wire, f"+86139{staff_no:08d}")
