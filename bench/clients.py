"""What the three clients cost at first sight, and how smoothly the console's map moves.

Each client of a running demo is opened in an empty browser: the phones' on a slow line and a slow
processor, the console at a desk. The console's map has 5,000 nurses and 2,000 orders on it.

python -m bench.clients http://127.0.0.1:8080
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import CDPSession

from bench import frames, results
from tests.browser import driving
from tests.browser.driving import Phone

NAME: Final = "clients"
# Lighthouse's phone: a processor of a quarter, 1.6 Mbit/s with 150 ms there and back.
SLOW: Final = {"cpu": 4, "rtt_ms": 150, "bytes_a_s": 1.6e6 / 8}
FAST: Final = {"cpu": 1, "rtt_ms": 20, "bytes_a_s": 1e7 / 8}
QUIET_MS: Final = 3_000
WATCH: Final = """
    window.seen_ = {tasks: [], lcp: 0, shift: 0};
    const on = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
        .observe({type, buffered: true});
    on("longtask", (one) => seen_.tasks.push(one.duration));
    on("largest-contentful-paint", (one) => { seen_.lcp = one.startTime; });
    on("layout-shift", (one) => { if (!one.hadRecentInput) seen_.shift += one.value; });
"""
READ: Final = """() => ({...seen_,
    fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Where it opens, on what, and whom the demo signs in."""

    path: str
    demo: str
    size: dict[str, int]
    line: dict[str, float]


CLIENTS: Final = {
    "patient": Client(path="/patient/", demo="以演示用户进入", size=driving.PHONE, line=SLOW),
    "nurse": Client(path="/nurse/", demo="以演示护士", size=driving.PHONE, line=SLOW),
    "console": Client(path="/operator/", demo="调度员", size=driving.DESK, line=FAST),
}


async def opened(phone: Phone, client: Client) -> dict[str, Any]:
    """Open it with nothing kept, wait until it is quiet, and read what the browser has seen."""
    cdp = await phone.page.context.new_cdp_session(phone.page)
    loaded = await _throttled(cdp, client.line)
    await phone.goto(client.path)
    await phone.page.wait_for_load_state("load")
    # The stream of events never ends, so that the network is never idle.
    before = -1
    while len(loaded) != before:
        before = len(loaded)
        await phone.page.wait_for_timeout(QUIET_MS)
    seen = await phone.page.evaluate(READ)
    await cdp.detach()
    return {
        "kb": round(sum(loaded) / 1000),
        "fcp_s": round(seen["fcp"] / 1000, 2),
        "lcp_s": round(seen["lcp"] / 1000, 2),
        "long_tasks": len(seen["tasks"]),
        "blocked_ms": round(sum(max(0, task - 50) for task in seen["tasks"])),
        "shift": round(seen["shift"], 3),
    }


async def _throttled(cdp: CDPSession, line: dict[str, float]) -> list[float]:
    """Slow this page down; the bytes that come over the line, as they come."""
    loaded: list[float] = []
    cdp.on("Network.loadingFinished", lambda one: loaded.append(one["encodedDataLength"]))
    await cdp.send("Network.enable")
    await cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await cdp.send("Network.setBypassServiceWorker", {"bypass": True})
    await cdp.send("Emulation.setCPUThrottlingRate", {"rate": line["cpu"]})
    await cdp.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": line["rtt_ms"],
            "downloadThroughput": line["bytes_a_s"],
            "uploadThroughput": line["bytes_a_s"] / 2,
        },
    )
    return loaded


async def measure(url: str) -> list[dict[str, Any]]:
    """Each client before and after signing in."""
    rows = []
    async with driving.browser() as launched:
        for name, client in CLIENTS.items():
            async with Phone.opened(launched, url, size=client.size) as phone:
                await phone.page.add_init_script(WATCH)
                rows.append({"view": f"{name}, signing in", **await opened(phone, client)})
                await phone.press(client.demo)
                await phone.page.wait_for_url(lambda at: "sign-in" not in at)
                rows.append({"view": f"{name}, first view", **await opened(phone, client)})
    return rows


def main() -> None:
    """Measure, and keep the figures."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("url", help="of a running demo")
    given = parser.parse_args()
    found = {
        "views": asyncio.run(measure(given.url)),
        "frames": asyncio.run(frames.measure(given.url)),
    }
    results.finish(NAME, found, quick=given.quick)


if __name__ == "__main__":
    main()
