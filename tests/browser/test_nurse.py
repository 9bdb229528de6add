"""A nurse with her phone in a real browser: a visit without a network, and a race for an offer."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncpg
import pytest

from tests.acceptance.clients import ServerClock, Wire
from tests.acceptance.processes import Deployment
from tests.browser import driving, nurse_story
from tests.browser.driving import Phone
from tests.browser.nurse_story import AWAY, DRESSING, NurseStory
from tests.browser.nurse_words import EN, ZH

# What a browser says of each request that finds no network.
NO_NETWORK = "net::ERR_INTERNET_DISCONNECTED"
REFUSED = "the server responded with a status of 4"
SHARES: Final = """
    INSERT INTO nurse_shares (nurse_id, hours, offers, paid_min, ahead, until)
    SELECT id, 32, 6, 240, -0.25, app_now() FROM nurses
"""


@pytest.mark.timeout(600)
async def test_a_visit_without_a_network_from_the_departure_to_the_end(
    deployment: Deployment, owner: asyncpg.Connection
) -> None:
    await owner.execute(SHARES)
    await deployment.start("api", "clock", "alarm")
    offences: dict[str, list[str]] = {}
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, place=AWAY) as phone,
    ):
        clock = ServerClock(wire)
        await clock.read()

        async def look(view: str) -> None:
            if view == "me":
                await phone.sees(ZH.share)
            offences[view] = await phone.offences()
            width = await phone.page.evaluate("document.documentElement.scrollWidth")
            assert width <= driving.PHONE["width"], f"{view} is wider than the phone"

        booking = await nurse_story.book(wire, clock, code=DRESSING)
        story = NurseStory(phone=phone, wire=wire, clock=clock, words=ZH, look=look)
        await story.sign_in(booking.asked[0])
        visit_id = await story.accept(booking.order_id)
        await story.look_around()
        await story.offline(is_off=True)
        await story.come(visit_id)
        await story.knock()
        await story.begin()
        await story.record()
        await story.finish()
        path = f"/v1/visits/{visit_id}"
        assert (await booking.operator.get(path))["state"] == "scheduled"
        await story.offline(is_off=False)
        await story.is_sent()
        visit = await booking.operator.get(path)
        records = await booking.operator.items(f"{path}/records")
        order = await booking.patient.get(f"/v1/orders/{booking.order_id}")
    assert visit["state"] == "completed"
    assert order["state"] == "fulfilled"
    assert "record_incomplete" not in visit["flags"]
    steps = [fact["step"] for fact in visit["facts"]]
    assert steps == ["depart", "arrive", "door_attempt", "start", "complete"]
    times = [fact["at"] for fact in visit["facts"]]
    assert times == sorted(times), "each at the time at which she did it"
    assert {record["kind"] for record in records} >= {"vitals", "procedure", "photo"}
    assert len(offences) >= 15
    assert {view: found for view, found in offences.items() if found} == {}
    assert [said for said in phone.complaints if NO_NETWORK not in said] == []


@pytest.mark.timeout(600)
async def test_of_two_nurses_who_tap_at_once_one_wins_and_the_other_is_told(
    deployment: Deployment,
) -> None:
    await deployment.start("api", "clock", "alarm")
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, language="en", place=AWAY) as one,
        Phone.opened(launched, deployment.url, language="en", place=AWAY) as other,
    ):
        clock = ServerClock(wire)
        await clock.read()
        booking = await nurse_story.book(wire, clock, code=DRESSING, asked=2)

        async def look(_: str) -> None: ...

        phones = (one, other)
        for phone, staff_no in zip(phones, booking.asked, strict=False):
            story = NurseStory(phone=phone, wire=wire, clock=clock, words=EN, look=look)
            await story.sign_in(staff_no)
            await phone.page.get_by_role("button", name=EN.accept).first.wait_for()
        await asyncio.gather(*(phone.press(EN.accept) for phone in phones))
        ends = await asyncio.gather(*(_end(phone) for phone in phones))
        order = await booking.patient.get(f"/v1/orders/{booking.order_id}")
    assert sorted(ends) == ["lost", "won"]
    assert order["state"] == "assigned"
    said = [word for phone in phones for word in phone.complaints if REFUSED not in word]
    assert said == []


@pytest.mark.timeout(600)
async def test_what_was_cancelled_meanwhile_is_told_and_let_go(deployment: Deployment) -> None:
    await deployment.start("api", "clock", "alarm")
    async with (
        driving.browser() as launched,
        Wire.to(deployment.url, at_once=4) as wire,
        Phone.opened(launched, deployment.url, language="en", place=AWAY) as phone,
    ):
        clock = ServerClock(wire)
        await clock.read()

        async def look(_: str) -> None: ...

        booking = await nurse_story.book(wire, clock, code=DRESSING)
        story = NurseStory(phone=phone, wire=wire, clock=clock, words=EN, look=look)
        await story.sign_in(booking.asked[0])
        visit_id = await story.accept(booking.order_id)
        await story.offline(is_off=True)
        await story.come(visit_id)
        await booking.operator.post(
            f"/v1/ops/orders/{booking.order_id}/cancel", {"reason": "住院了"}
        )
        await story.offline(is_off=False)
        await phone.sees(EN.not_taken)
        assert await phone.offences() == []
        await phone.press(EN.let_go)
        await phone.sees(EN.cancelled)
        await story.is_sent()
        await phone.page.get_by_text(EN.not_taken).wait_for(state="detached")
        visit = await booking.operator.get(f"/v1/visits/{visit_id}")
    assert visit["state"] == "cancelled"
    # What she did is kept all the same, for the dispatcher to see.
    assert [(fact["step"], fact["taken"]) for fact in visit["facts"]] == [
        ("depart", False),
        ("arrive", False),
    ]


async def _end(phone: Phone) -> str:
    """What she sees: the visit that is hers now, or that somebody was faster."""
    won = phone.page.get_by_text(nurse_story.NAME)
    lost = phone.page.get_by_text(EN.lost)
    await won.or_(lost).first.wait_for()
    return "won" if await won.count() else "lost"
