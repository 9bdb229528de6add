"""A patient's whole order in a real browser, against the real server, with an eye on every view."""

from __future__ import annotations

import pytest

from tests.acceptance.clients import ServerClock, Wire
from tests.acceptance.processes import Deployment
from tests.browser import driving
from tests.browser.care_story import HOME, Story
from tests.browser.driving import Phone
from tests.browser.words import EN, ZH, Words


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "words"), [("zh-CN", ZH), ("en", EN)])
async def test_an_order_from_the_first_tap_to_the_rating(
    deployment: Deployment, language: str, words: Words
) -> None:
    await deployment.start("api", "clock", "alarm")
    offences: dict[str, list[str]] = {}
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, language=language, place=HOME) as phone,
    ):
        clock = ServerClock(wire)
        await clock.read()

        async def look(view: str) -> None:
            offences[view] = await phone.offences()
            width = await phone.page.evaluate("document.documentElement.scrollWidth")
            assert width <= driving.PHONE["width"], f"{view} is wider than the phone"

        story = Story(phone=phone, wire=wire, clock=clock, words=words, look=look)
        await story.sign_in()
        await story.add_person()
        order_id = await story.order()
        nurse = await story.approve(order_id)
        await story.visit(nurse, order_id)
        await story.thank()
    assert len(offences) >= 15
    assert {view: found for view, found in offences.items() if found} == {}
    assert phone.complaints == []
