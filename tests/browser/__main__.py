"""Pictures of every view of the clients in both languages, from a running demo, and sheets of them.

By day, or nobody is asked. python -m tests.browser http://127.0.0.1:8080 FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

from PIL import Image

from tests.acceptance.clients import ServerClock, Wire
from tests.browser import driving, nurse_story, nurse_words
from tests.browser.care_story import HOME, Story
from tests.browser.driving import Phone
from tests.browser.nurse_story import AWAY, NurseStory
from tests.browser.words import CONSOLE, EN, ZH, ConsoleWords, Words

SIZES: Final = {"desk": driving.DESK, "phone": driving.PHONE}
COLUMNS: Final = 6
GAP: Final = 8
PHONE_TILE: Final = (240, 500)
DESK_TILE: Final = (400, 250)
COLOURS: Final = 128
CONSOLE_VIEWS: Final = ("", "orders", "day", "nurses", "institutions", "reports")


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


async def picture_console(url: str, folder: Path, language: str, words: ConsoleWords) -> None:
    """Keep a picture of each view of the console, by day and night, at a desk and on a phone."""
    async with driving.browser() as launched:
        for size, scheme in (("desk", "light"), ("desk", "dark"), ("phone", "light")):
            async with Phone.opened(
                launched, url, language=language, folder=folder, size=SIZES[size]
            ) as desk:
                await desk.page.add_init_script(
                    f"localStorage.setItem('shangmen.operator.scheme', '{scheme}')"
                )
                await desk.goto("/operator/")
                await desk.press(words.dispatcher)
                await desk.page.wait_for_url(lambda at: "sign-in" not in at)
                for view in CONSOLE_VIEWS:
                    await desk.goto(f"/operator/{view}")
                    await desk.page.get_by_role("main").get_by_text(words.any_text).first.wait_for()
                    await desk.page.get_by_text(words.loading).first.wait_for(state="detached")
                    await desk.shot(f"console-{view or 'desk'}-{scheme}-{size}-{language}")


def sheet(folder: Path, name: str, pattern: str, tile: tuple[int, int]) -> None:
    """The beginnings of these views side by side, as one small picture."""
    width, height = tile
    views = sorted(folder.glob(pattern))
    rows = -(-len(views) // COLUMNS)
    made = Image.new("RGB", (COLUMNS * (width + GAP), rows * (height + GAP)), "white")
    for number, path in enumerate(views):
        view = Image.open(path).convert("RGB")
        view = view.crop((0, 0, view.width, min(view.height, view.width * height // width)))
        view = view.resize((width, view.height * width // view.width))
        row, column = divmod(number, COLUMNS)
        made.paste(view, (column * (width + GAP), row * (height + GAP)))
    made.quantize(COLOURS).save(folder / f"{name}.png", optimize=True)


def sheets(folder: Path) -> None:
    """One for each client, size and language."""
    for language in CONSOLE:
        for client in ("patient", "nurse"):
            sheet(folder, f"sheet-{client}-{language}", f"{client}-*-{language}.png", PHONE_TILE)
        for size, tile in (("desk", DESK_TILE), ("phone", PHONE_TILE)):
            pattern = f"console-*-{size}-{language}.png"
            sheet(folder, f"sheet-console-{size}-{language}", pattern, tile)


async def main(url: str, folder: Path) -> None:
    for language, words in (("zh-CN", ZH), ("en", EN)):
        await picture(url, folder, language, words)
    for language, said in (("zh-CN", nurse_words.ZH), ("en", nurse_words.EN)):
        await picture_nurse(url, folder, language, said)
    for language, labels in CONSOLE.items():
        await picture_console(url, folder, language, labels)
    sheets(folder)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
