"""What else may happen to an order in a real browser: questions, changes, help, money, the next."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser

from tests.acceptance.clients import OPERATOR, Person, ServerClock, Wire, time_text
from tests.acceptance.processes import Deployment
from tests.browser import driving, paying
from tests.browser.care_story import HOME, Story
from tests.browser.driving import Phone
from tests.browser.paying import server_settings, till, till_port
from tests.browser.words import ZH

__all__ = ["server_settings", "till", "till_port"]

PATIENT: Final = "+8613600000077"
DRESSING: Final = "RH01"
PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def no_look(_: str) -> None:
    """These views are looked at in the other story."""


@asynccontextmanager
async def signed_in(
    launched: Browser, wire: Wire, deployment: Deployment, folder: Path | None = None
) -> AsyncIterator[Story]:
    """A daughter whose father and his address are known already."""
    clock = ServerClock(wire)
    await clock.read()
    async with Phone.opened(launched, deployment.url, place=HOME, folder=folder) as phone:
        await phone.goto("/patient/sign-in")
        await phone.fill("手机号", PATIENT.removeprefix("+86"))
        await phone.press("获取验证码")
        await phone.fill("验证码", "000000")
        await phone.page.get_by_role("button", name="登录", exact=True).click()
        await phone.sees(ZH.who)
        yield Story(phone=phone, wire=wire, clock=clock, words=ZH, look=no_look)


async def known_father(wire: Wire) -> tuple[Person, dict[str, Any]]:
    """Who orders, and the body of an order that lacks only its window and services."""
    daughter = await Person.sign_in(wire, PATIENT)
    father = await daughter.post(
        "/v1/patients",
        {
            "name": "王建国",
            "gender": "male",
            "birth_date": "1948-03-01",
            "relation": "parent",
            "conditions": [],
            "allergies": [],
        },
    )
    address = await daughter.post(
        f"/v1/patients/{father['id']}/addresses",
        {
            "label": "家",
            "text": "八一南街 88 号",
            "location": {"lat": HOME[0], "lng": HOME[1]},
        },
    )
    return daughter, {"patient_id": father["id"], "address_id": address["id"]}


async def placed(
    person: Person,
    known: dict[str, Any],
    clock: ServerClock,
    code: str = DRESSING,
    *,
    in_h: float = 6,
) -> str:
    """An order to be begun from so many hours on, within two."""
    body = {
        **known,
        "service_codes": [code],
        "window": {
            "earliest": time_text(clock.after(hours=in_h)),
            "latest": time_text(clock.after(hours=in_h + 2)),
        },
        "urgency": "routine",
        "consent": {"version": "1", "accepted_at": time_text(clock.now)},
    }
    made: str = (await person.post("/v1/orders", body))["id"]
    return made


@pytest.mark.timeout(400)
async def test_a_question_another_time_and_a_change_of_mind(deployment: Deployment) -> None:
    await deployment.start("api", "clock", "alarm")
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        signed_in(launched, wire, deployment) as story,
    ):
        phone = story.phone
        daughter, known = await known_father(wire)
        order_id = await placed(daughter, known, story.clock)
        operator = await Person.sign_in(wire, OPERATOR)
        await phone.goto(f"/patient/orders/{order_id}")
        await phone.sees(ZH.submitted)

        ask = {"decision": "need_info", "note": "伤口有没有渗液？"}
        await operator.post(f"/v1/ops/orders/{order_id}/assess", ask)
        await phone.sees("伤口有没有渗液？")
        await phone.fill("您的回答", "没有渗液")
        await phone.press("发送回答")
        await phone.sees(ZH.submitted)

        before = (await daughter.get(f"/v1/orders/{order_id}"))["window"]
        await phone.press("改时间")
        await phone.sees("改时间不收费")
        dialog = phone.page.get_by_role("dialog")
        await dialog.get_by_role("radio", name=ZH.possible).last.check(force=True)
        await phone.press("改到这个时间")
        await dialog.wait_for(state="detached")
        assert (await daughter.get(f"/v1/orders/{order_id}"))["window"] != before

        await phone.press("取消预约")
        await phone.sees("现在取消不收费")
        await phone.choose("已经好转")
        await phone.press("确认取消")
        await phone.sees("这次预约已取消")
        assert (await daughter.get(f"/v1/orders/{order_id}"))["state"] == "cancelled"
        assert phone.complaints == []


@pytest.mark.timeout(400)
async def test_a_prescription_goes_with_its_picture(deployment: Deployment) -> None:
    await deployment.start("api", "clock")
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        signed_in(launched, wire, deployment) as story,
    ):
        phone = story.phone
        daughter, _ = await known_father(wire)
        await phone.page.reload()
        await phone.press("王建国")
        await phone.fill(ZH.say, "静脉血")
        await phone.choose("静脉血标本采集")
        await phone.press(ZH.next)
        await phone.choose("家")
        await phone.press(ZH.next)
        await phone.page.get_by_role("radio", name=ZH.possible).first.check(force=True)
        await phone.press(ZH.next)
        await phone.page.get_by_label("拍照或选择图片").set_input_files(
            {"name": "rx.png", "mimeType": "image/png", "buffer": PICTURE}
        )
        await phone.fill("医生姓名", "李明")
        await phone.fill("医院", "金华市中心医院")
        await phone.press("提交处方")
        await phone.sees("处方已提交")
        await phone.fill(ZH.signer, "王小明")
        await phone.choose(ZH.agree)
        await phone.press(ZH.place)
        await phone.page.wait_for_url("**/patient/orders/*")
        order = await daughter.get(f"/v1/orders/{phone.page.url.rpartition('/')[2]}")
        kept = await daughter.send("GET", f"/v1/prescriptions/{order['prescription_id']}/file")
        assert kept.status == 200
        assert phone.complaints == []


@pytest.mark.timeout(400)
async def test_help_a_signature_the_money_and_the_next_one(
    deployment: Deployment, till: AbstractAsyncContextManager[None]
) -> None:
    await deployment.start("api", "clock", "alarm")
    async with (
        till,
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        signed_in(launched, wire, deployment) as story,
    ):
        phone = story.phone
        daughter, known = await known_father(wire)
        order_id = await placed(daughter, known, story.clock)
        await phone.goto(f"/patient/orders/{order_id}")
        await phone.sees(ZH.submitted)
        nurse = await story.approve(order_id)
        path = await story.come(nurse, order_id)

        await phone.page.get_by_role("button", name="按住求助").scroll_into_view_if_needed()
        await phone.page.get_by_role("button", name="按住求助").hover()
        await phone.page.mouse.down()
        await phone.sees("已收到求助")
        await phone.page.mouse.up()
        operator = await Person.sign_in(wire, OPERATOR)
        assert [one["kind"] for one in (await operator.get("/v1/ops/alarms"))["items"]] == ["sos"]

        await story.leave(nurse, path, signed=False)
        await paying.sign(phone)
        await paying.pay(phone)
        await phone.choose(ZH.five_stars)
        await phone.press(ZH.send_rating)
        await phone.sees(ZH.own_rating)
        await phone.press("再约一次")
        await phone.page.get_by_role("radio", name=ZH.possible).first.wait_for()
        assert (await daughter.get(f"/v1/orders/{order_id}/bill"))["state"] == "paid"
        assert phone.complaints == []
