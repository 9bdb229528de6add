"""How smoothly the console's map moves with 5,000 nurses and 2,000 orders, for `bench.clients`.

It asks a running demo for its console and answers for the board and the map itself.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from typing import Any, Final

from playwright.async_api import Page, Route

from bench import results
from tests.browser import driving
from tests.browser.driving import Phone

NURSES: Final = 5_000
ORDERS: Final = 2_000
SEED: Final = 7
STATES: Final = ("submitted", "open", "held", "assigned")
OUT: Final = ("en_route", "arrived", "in_service")
DRAGS: Final = 6
UPDATES: Final = 20
WATCH: Final = """
    window.frames_ = []; let last = performance.now();
    const watch = (at) => { frames_.push(at - last); last = at; requestAnimationFrame(watch); };
    requestAnimationFrame(watch);
    window.drawn_ = [];
    new PerformanceObserver((list) => drawn_.push(...list.getEntries().map((one) => one.duration)))
        .observe({type: "measure"});
"""


def places(rng: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Around the towns of Jinhua."""
    towns = [(rng.uniform(28.8, 29.5), rng.uniform(119.4, 120.6)) for _ in range(40)]
    for _ in range(count):
        lat, lng = rng.choice(towns)
        yield {"lat": rng.gauss(lat, 0.03), "lng": rng.gauss(lng, 0.03), "crs": "wgs84"}


def crowded(board: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    nurses = [
        {
            "id": f"00000000-0000-7000-8000-{n:012d}",
            "state": rng.choice(OUT) if n % 5 == 0 else "available",
            "visit_id": None,
            "location": place,
            "recorded_at": board["now"],
        }
        for n, place in enumerate(places(rng, NURSES))
    ]
    return {**board, "nurses": nurses}


def orders(rng: random.Random, now: str) -> dict[str, Any]:
    return {
        "orders": [
            {
                "id": f"00000000-0000-7000-9000-{n:012d}",
                "state": rng.choice(STATES),
                "urgency": "routine",
                "at_risk": n % 40 == 0,
                "county": "330702",
                "service_codes": ["EC01"],
                "window": {"earliest": now, "latest": now},
                "area": place,
            }
            for n, place in enumerate(places(rng, ORDERS))
        ]
    }


async def measure(url: str) -> list[dict[str, Any]]:
    """Times of frames, while the map is dragged and while it is updated again and again; and of
    drawing it."""
    rng = random.Random(SEED)
    async with (
        driving.browser() as launched,
        Phone.opened(launched, url, size=driving.DESK) as desk,
    ):
        page = desk.page

        async def board(route: Route) -> None:
            told = await (await route.fetch()).json()
            await route.fulfill(json=crowded(told, rng))

        async def map_(route: Route) -> None:
            await route.fulfill(json=orders(rng, "2026-01-01T00:00:00Z"))

        await page.route("**/v1/ops/board", board)
        await page.route("**/v1/ops/map", map_)
        await desk.goto("/operator/")
        await desk.press("调度员")
        await page.get_by_text(str(NURSES)).first.wait_for()
        await page.evaluate(WATCH)
        return [
            {"what": "a frame while it is dragged", **await _frames(page, _drag)},
            {"what": "a frame while it is updated", **await _frames(page, _update)},
            {"what": "drawing it", **_spread(await page.evaluate("drawn_"))},
        ]


async def _drag(page: Page) -> None:
    for n in range(DRAGS):
        await page.mouse.move(900, 500)
        await page.mouse.down()
        await page.mouse.move(900 + (-1) ** n * 400, 400, steps=30)
        await page.mouse.up()


async def _update(page: Page) -> None:
    """A tab that comes back reads the board anew."""
    for _ in range(UPDATES):
        await page.mouse.wheel(0, 40)
        await page.wait_for_timeout(150)


async def _frames(page: Page, act: Any) -> dict[str, float]:
    await page.evaluate("frames_.length = 0")
    await act(page)
    return _spread(await page.evaluate("frames_"))


def _spread(found: list[float]) -> dict[str, float]:
    found = sorted(found)
    return {
        "p50_ms": round(statistics.median(found), 1),
        "p95_ms": round(results.quantile(found, 0.95), 1),
        "max_ms": round(found[-1], 1),
    }
