"""Institutions and nurses registered and changed in the console, by hand."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.acceptance.clients import OPERATOR, Person, Wire
from tests.acceptance.processes import Deployment
from tests.browser import driving
from tests.browser.care_story import HOME
from tests.browser.driving import Phone
from tests.browser.words import CONSOLE

NAME = "周小燕"
STAFF_NO = 49_001
# Three lines of a phone's type; squeezed into its width the same rows have six and more.
ROW_MOST_PX = 110


@pytest.mark.timeout(400)
async def test_an_institution_and_its_nurse_are_registered_and_she_is_changed(
    deployment: Deployment,
) -> None:
    await deployment.start("api", "clock")
    offences: dict[str, list[str]] = {}
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, size=driving.DESK) as desk,
    ):
        await desk.goto("/operator/")
        await desk.press(CONSOLE["zh-CN"].dispatcher)
        await desk.page.wait_for_url(lambda at: "sign-in" not in at)
        await desk.goto("/operator/institutions")
        await desk.press("登记机构")
        dialog = desk.page.get_by_role("dialog")
        await dialog.get_by_label("代码").fill("TEST-01")
        await dialog.get_by_label("名称", exact=True).fill("城北社区卫生服务中心")
        await dialog.get_by_label("所在区县").select_option(label="婺城区")
        await dialog.get_by_role("button", name="全选或清空").click()
        await placed(desk)
        offences["institution"] = await desk.offences()
        await dialog.get_by_role("button", name="保存").click()
        await dialog.wait_for(state="detached")

        await desk.goto("/operator/nurses")
        await desk.press("登记护士")
        await dialog.get_by_label("工号").fill(str(STAFF_NO))
        await dialog.get_by_label("手机").fill("13900490010")
        await dialog.get_by_label("姓名").fill(NAME)
        await dialog.get_by_label("机构", exact=True).select_option(label="城北社区卫生服务中心")
        await dialog.get_by_label("职称").select_option(label="护师")
        await dialog.get_by_label("开始执业日期").fill("2012-07-01")
        for label in ("执业证有效期", "保险有效期"):
            await dialog.get_by_label(label).fill("2035-01-01")
        await dialog.get_by_role("checkbox").first.check(force=True)
        await placed(desk)
        offences["nurse"] = await desk.offences()
        await dialog.get_by_role("button", name="保存").click()
        await dialog.wait_for(state="detached")
        await desk.page.get_by_role("heading", name=NAME).wait_for()
        offences["registered"] = await desk.offences()

        await drawn_on_a_phone(desk)
        offences["phone"] = await desk.offences()
        await desk.page.set_viewport_size(driving.DESK)  # type: ignore[arg-type]

        await desk.press("修改资料")
        await dialog.get_by_label("准入级别").select_option(label="2 级")
        await dialog.get_by_role("button", name="保存").click()
        await dialog.wait_for(state="detached")
        await desk.sees("护师 · 2 级")

        await desk.press("登记护士")
        await dialog.get_by_label("工号").fill(str(STAFF_NO))
        assert await dialog.get_by_role("button", name="保存").is_disabled()
        operator = await Person.sign_in(wire, OPERATOR)
        (nurse,) = await operator.items(f"/v1/ops/nurses?q={STAFF_NO}")
        assert (nurse["name"], nurse["tier"], nurse["state"]) == (NAME, 2, "unavailable")
        assert desk.complaints == []
    assert {view: found for view, found in offences.items() if found} == {}


async def drawn_on_a_phone(desk: Phone) -> None:
    """No row is squeezed; a table is drawn sideways, and the name of each row stays in sight."""
    page = desk.page
    await page.set_viewport_size(driving.PHONE)  # type: ignore[arg-type]
    name = page.get_by_role("rowheader").first
    rows = page.get_by_role("row")
    heights = await rows.evaluate_all("found => found.map((one) => one.offsetHeight)")
    assert max(heights) <= ROW_MOST_PX, heights
    last = rows.nth(1).get_by_role("cell").last
    await last.scroll_into_view_if_needed()
    await expect(last).to_be_in_viewport(ratio=0.9)
    await expect(name).to_be_in_viewport(ratio=0.9)
    assert await page.evaluate("document.documentElement.scrollWidth") == driving.PHONE["width"]


async def placed(desk: Phone) -> None:
    """By its numbers."""
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_label("纬度").fill(str(HOME[0]))
    await dialog.get_by_label("经度").fill(str(HOME[1]))
    await dialog.get_by_label("经度").press("Tab")
