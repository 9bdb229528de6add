"""All three clients at once, each in a browser of its own: one order from the tap to the rating."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest

from tests.acceptance.clients import OPERATOR, Person, ServerClock, Wire
from tests.acceptance.processes import Deployment
from tests.browser import driving, nurse_story, nurse_words, paying
from tests.browser.care_story import HOME, Story
from tests.browser.driving import Phone
from tests.browser.nurse_story import AWAY, NurseStory
from tests.browser.paying import server_settings, till, till_port
from tests.browser.test_nurse import NO_NETWORK
from tests.browser.words import CONSOLE, ZH

__all__ = ["server_settings", "till", "till_port"]


async def no_look(_: str) -> None:
    """Each view is looked at in the tests of its client."""


@pytest.mark.timeout(600)
async def test_a_patient_a_nurse_without_a_network_and_an_operator_who_sees_it_all(
    deployment: Deployment, till: AbstractAsyncContextManager[None]
) -> None:
    await deployment.start("api", "clock", "alarm")
    async with (
        till,
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, place=HOME) as hers,
        Phone.opened(launched, deployment.url, place=AWAY) as phone,
        Phone.opened(launched, deployment.url, size=driving.DESK) as desk,
    ):
        clock = ServerClock(wire)
        await clock.read()
        patient = Story(phone=hers, wire=wire, clock=clock, words=ZH, look=no_look)
        nurse = NurseStory(phone=phone, wire=wire, clock=clock, words=nurse_words.ZH, look=no_look)
        await desk.goto("/operator/")
        await desk.press(CONSOLE["zh-CN"].dispatcher)

        await patient.sign_in()
        await patient.add_person()
        order_id = await patient.order()

        await desk.press(ZH.dressing)
        await desk.sees(nurse_story.NAME)
        await desk.fill("给患者的话", "可以上门")
        await desk.press("可以上门")
        await desk.sees("已询问")
        await hers.sees(ZH.open)

        operator = await Person.sign_in(wire, OPERATOR)
        considered = await operator.items(f"/v1/ops/orders/{order_id}/candidates")
        asked = next(one["staff_no"] for one in considered if one["offer_state"] == "sent")
        await nurse.sign_in(asked)
        visit_id = await nurse.accept(order_id)
        await hers.sees(ZH.assigned)
        await desk.sees("收回此单")

        await nurse.offline(is_off=True)
        await nurse.come(visit_id)
        await nurse.begin()
        await nurse.record()
        await nurse.finish()
        assert (await operator.get(f"/v1/visits/{visit_id}"))["state"] == "scheduled"
        await nurse.offline(is_off=False)
        await nurse.is_sent()

        await hers.sees(ZH.fulfilled)
        await desk.sees("已完成")
        await paying.pay(hers)
        await patient.thank()
        order = await operator.get(f"/v1/ops/orders/{order_id}")
        assert (order["state"], order["stars"]) == ("fulfilled", 5)
        assert hers.complaints == desk.complaints == []
        assert [said for said in phone.complaints if NO_NETWORK not in said] == []
