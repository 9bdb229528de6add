"""Pictures of every view of the clients, in both languages, from a running demo.

python -m tests.browser http://127.0.0.1:8080 FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.acceptance.clients import ServerClock, Wire
from tests.browser import driving, nurse_story, nurse_words
from tests.browser.care_story import HOME, Story
from tests.browser.driving import Phone
from tests.browser.nurse_story import AWAY, NurseStory
from tests.browser.words import EN, ZH, Words


async def picture(url: str, folder: Path, language: str, words: Words) -> None:
    """Play one order, and keep a picture at each stop."""
    async with (
        driving.browser() as launched,
        Wire.to(url, at_once=4) as wire,
        Phone.opened(launched, url, language=language, place=HOME, folder=folder) as phone,
    ):
        clock = ServerClock(wire)
        await clock.read()

        async def look(view: str) -> None:
            await phone.shot(f"patient-{view}-{language}")

        story = Story(phone=phone, wire=wire, clock=clock, words=words, look=look)
        await story.sign_in()
        await story.add_person()
        order_id = await story.order()
        await story.visit(await story.approve(order_id), order_id)
        await story.thank()


async def picture_nurse(url: str, folder: Path, language: str, words: nurse_words.Words) -> None:
    """Play one visit, and keep a picture at each stop."""
    async with (
        driving.browser() as launched,
        Wire.to(url, at_once=4) as wire,
        Phone.opened(launched, url, language=language, place=AWAY, folder=folder) as phone,
    ):
        clock = ServerClock(wire)
        await clock.read()

        async def look(view: str) -> None:
            await phone.shot(f"nurse-{view}-{language}")

        booking = await nurse_story.book(wire, clock, code=nurse_story.DRESSING)
        story = NurseStory(phone=phone, wire=wire, clock=clock, words=words, look=look)
        await story.sign_in(booking.asked[0])
        visit_id = await story.accept(booking.order_id)
        await story.look_around()
        await story.come(visit_id)
        await story.knock()
        await story.begin()
        await story.record()
        await story.finish()


async def main(url: str, folder: Path) -> None:
    for language, words in (("zh-CN", ZH), ("en", EN)):
        await picture(url, folder, language, words)
    for language, said in (("zh-CN", nurse_words.ZH), ("en", nurse_words.EN)):
        await picture_nurse(url, folder, language, said)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
