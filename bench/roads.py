"""How fast a real OSRM server answers what dispatch asks, and how far straight lines are off.

It prepares the extract with OSRM's own tools (`--tools`, the folder of osrm-extract … osrm-routed)
and asks the server through the engine that dispatch uses.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench import results
from config.geometry import Plane
from config.settings import Settings
from dispatch import ways
from dispatch.roads import Leg, OsrmRoads
from matching.travel import HOUR_S, Place

NAME: Final = "roads"
DOORS: Final = 16
NURSES: Final = 60
ROUNDS: Final = 20
PORT: Final = 5_055
TABLE_MAX: Final = 2_000
AROUND_M: Final = 300.0

# The local plane of the map: distances on another's would be far off.
PLANE: Final = Plane(origin_lat=47.14, origin_lng=9.53)

Points = Sequence[tuple[float, float]]


async def measure(tools: Path, extract: Path, known: Points) -> dict[str, Any]:
    """Places lie at random within three hundred metres of the `known` ones."""
    with tempfile.TemporaryDirectory() as folder:
        prepared_s = await _prepare(tools, extract, Path(folder))
        async with _served(tools, Path(folder)):
            rows = [
                await _tables(known, of, to, rounds)
                for of, to, rounds in ((1, 50, ROUNDS), (100, 100, 3), (DOORS, 1_000, 3))
            ]
            return {
                "asked": rows,
                "map": extract.name,
                "prepared_s": round(prepared_s, 1),
                **await _batch(known),
            }


async def _prepare(tools: Path, extract: Path, folder: Path) -> float:
    shutil.copy(extract, folder / "map.osm.pbf")
    profile = tools.parent / "share" / "profiles" / "car.lua"
    began_s = time.perf_counter()
    for tool, *words in (
        ("osrm-extract", "-p", str(profile), "map.osm.pbf"),
        ("osrm-contract", "map.osrm"),
    ):
        made = await asyncio.create_subprocess_exec(
            tools / tool, *words, cwd=folder, stdout=asyncio.subprocess.DEVNULL
        )
        if await made.wait():
            raise SystemExit(f"{tool} failed")
    return time.perf_counter() - began_s


@contextlib.asynccontextmanager
async def _served(tools: Path, folder: Path) -> AsyncIterator[None]:
    routed = await asyncio.create_subprocess_exec(
        tools / "osrm-routed",
        "--algorithm=ch",
        f"--max-table-size={TABLE_MAX}",
        f"--port={PORT}",
        "map.osrm",
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{PORT}/"):
                        break
                await asyncio.sleep(0.05)
        yield
    finally:
        routed.terminate()
        await routed.wait()


async def _tables(known: Points, origins: int, destinations: int, rounds: int) -> dict[str, Any]:
    """The median of so many questions, each about places that are not known yet."""
    taken = []
    for number in range(rounds):
        some = _places(known, origins + destinations, number)
        legs = [(a, b) for a in some[:origins] for b in some[origins:]]
        async with _engine() as engine:
            taken.append(await _timed(engine, legs))
    return {"from": origins, "to": destinations, "ms": round(1000 * statistics.median(taken), 1)}


async def _batch(known: Points) -> dict[str, Any]:
    """What a tick asks for: each of some doors to and from the same nurses, then the same again."""
    some = _places(known, DOORS + NURSES, ROUNDS)
    legs = [
        leg
        for door in some[:DOORS]
        for nurse in some[DOORS:]
        for leg in ((door, nurse), (nurse, door))
    ]
    async with _engine() as engine:
        cold_s, warm_s = await _timed(engine, legs), await _timed(engine, legs)
        found = await engine.find(legs)
    lines = _straight()
    ratios = sorted(found.seconds[a, b] / lines(a, b) for a, b in legs if a.distance_m(b) > 500)
    return {
        "doors_of_a_batch": DOORS,
        "nurses_of_a_batch": NURSES,
        "batch_cold_ms": round(1000 * cold_s, 1),
        "batch_known_ms": round(1000 * warm_s, 1),
        "road_over_straight_p50": round(results.quantile(ratios, 0.5), 2),
        "road_over_straight_p10": round(results.quantile(ratios, 0.1), 2),
        "road_over_straight_p90": round(results.quantile(ratios, 0.9), 2),
    }


def _straight() -> Callable[[Place, Place], float]:
    """Seconds by the pace that is set, off the peak."""
    pace = ways.set_pace(Settings())
    metres_s = max(pace.speeds_kmh) * 1000 / HOUR_S
    return lambda a, b: a.distance_m(b) * pace.detour / metres_s


@contextlib.asynccontextmanager
async def _engine() -> AsyncIterator[OsrmRoads]:
    """An engine that knows nothing yet."""
    given = Settings(osrm_timeout_s=60, osrm_table_max=TABLE_MAX, osrm_cache_max=2_000_000)
    async with aiohttp.ClientSession() as session:
        yield OsrmRoads(session, f"http://127.0.0.1:{PORT}", given)


async def _timed(engine: OsrmRoads, legs: Sequence[Leg]) -> float:
    began_s = time.perf_counter()
    await engine.find(legs)
    return time.perf_counter() - began_s


def _places(known: Points, count: int, seed: int) -> list[Place]:
    rolled = random.Random(seed)
    found = []
    for _ in range(count):
        lng, lat = rolled.choice(known)
        plane = Plane(origin_lat=lat, origin_lng=lng)
        x_m, y_m = rolled.uniform(-AROUND_M, AROUND_M), rolled.uniform(-AROUND_M, AROUND_M)
        found.append(Place.at(*plane.locate(x_m, y_m), PLANE))
    return found


def main() -> None:
    """Measure one extract."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--extract", type=Path, required=True)
    parser.add_argument("--points", type=Path, required=True)
    given = parser.parse_args()
    known = json.loads(given.points.read_text(encoding="utf-8"))["points_lon_lat"]
    figures = asyncio.run(measure(given.tools.resolve(), given.extract, known))
    results.finish(NAME, figures, quick=given.quick)


if __name__ == "__main__":
    main()
