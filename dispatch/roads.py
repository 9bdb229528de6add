"""The road engine: how long ways by road take, asked of an OSRM server in tables.

What it told is remembered for a while. An engine that fails is left alone for a while, too; what
then takes its place is for `ways` to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any, Final, Protocol

import aiohttp
import orjson

from config.settings import Settings
from matching.travel import Place

log: Final = logging.getLogger(__name__)

Leg = tuple[Place, Place]
# Longitude and latitude, as OSRM has them.
Point = tuple[float, float]
Key = tuple[Point, Point]

ANSWER_BYTES_MAX: Final = 4 * 1024 * 1024
CONNECTIONS_MAX: Final = 4
# After so many failures in a row nothing is asked for a while.
FAILURES_MAX: Final = 3
PAUSE_S: Final = 30.0
# A decision that needs more tables than this would hold up everybody else's.
TABLES_MAX: Final = 256
# Squares are fewer than stars, but answer ways that nobody asked for: at most so many for one.
EXTRA_MAX: Final = 2
# A door further than this from every road lies outside of the map that the engine was given.
OFF_MAP_M: Final = 2_000.0
# Where no road leads: further than any way of a home visit.
NO_ROAD_S: Final = 12 * 3_600.0
# Degrees are rounded to a metre: the same door is asked for once.
DIGITS: Final = 5


class NoRoads(Exception):
    """The engine gave no answer; `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Seconds by road for each way that was asked for. The oldest of them was told `oldest_s` ago,
    from a map of the time `data`, if the engine says so."""

    seconds: Mapping[Leg, float]
    oldest_s: float
    data: str | None


class Roads(Protocol):
    """What may be asked: all ways of one decision at once. Raises NoRoads."""

    async def find(self, legs: Iterable[Leg]) -> Found: ...


class OsrmRoads:
    """Asks `/table/v1/driving` of an OSRM server for what it does not remember.

    What was not asked for longest is forgotten first. After FAILURES_MAX failures in a row it asks
    nothing for PAUSE_S, then one decision tries again.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, settings: Settings) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._settings = settings
        self._known: OrderedDict[Key, tuple[float, float]] = OrderedDict()
        self._data: str | None = None
        self._failures = 0
        self._closed_until_s = 0.0

    async def find(self, legs: Iterable[Leg]) -> Found:
        points = _Points()
        wanted = {leg: (points[leg[0]], points[leg[1]]) for leg in legs if leg[0] is not leg[1]}
        if len(wanted) > self._settings.osrm_cache_max:
            raise NoRoads("too_many")
        now_s = asyncio.get_running_loop().time()
        await self._learn([leg for leg in wanted.values() if not self._is_known(leg, now_s)], now_s)
        told = {leg: self._known[key] for leg, key in wanted.items()}
        return Found(
            seconds={leg: seconds for leg, (seconds, _) in told.items()},
            oldest_s=max((now_s - at_s for _, at_s in told.values()), default=0.0),
            data=self._data,
        )

    def _is_known(self, leg: Key, now_s: float) -> bool:
        known = self._known.get(leg)
        if known is None or now_s - known[1] >= self._settings.osrm_keep_h * 3_600:
            return False
        self._known.move_to_end(leg)
        return True

    async def _learn(self, legs: Sequence[Key], now_s: float) -> None:
        if not legs:
            return
        if now_s < self._closed_until_s:
            raise NoRoads("paused")
        tables = tables_of(legs, self._settings.osrm_table_max)
        if len(tables) > TABLES_MAX:
            raise NoRoads("too_many")
        try:
            async with asyncio.timeout(self._settings.osrm_timeout_s), asyncio.TaskGroup() as group:
                for table in tables:
                    group.create_task(self._ask(table, now_s))
        except (TimeoutError, ExceptionGroup) as error:
            raise self._failed(error) from None
        self._failures = 0
        while len(self._known) > self._settings.osrm_cache_max:
            self._known.popitem(last=False)

    def _failed(self, error: TimeoutError | ExceptionGroup) -> NoRoads:
        first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        match first:
            case NoRoads(why=why):
                pass
            case TimeoutError():
                why = "timeout"
            case _:
                why = "error"
        self._failures += 1
        if self._failures >= FAILURES_MAX:
            self._closed_until_s = asyncio.get_running_loop().time() + PAUSE_S
        log.warning("road engine gave no answer", extra={"why": why, "cause": type(first).__name__})
        return NoRoads(why)

    async def _ask(self, table: Table, now_s: float) -> None:
        content: bytes = b""
        async with self._session.get(self._url + table.path(), allow_redirects=False) as answer:
            async for part in answer.content.iter_any():
                content += part
                if len(content) > ANSWER_BYTES_MAX:
                    raise NoRoads("too_large")
        told = orjson.loads(content)
        if answer.status != 200 or told.get("code") != "Ok":
            raise NoRoads("refused")
        ends = [*told["sources"], *told["destinations"]]
        if any(end.get("distance", 0) > OFF_MAP_M for end in ends):
            raise NoRoads("off_map")
        self._data = told.get("data_version", self._data)
        for leg, seconds in zip(table.legs(), table.read(told["durations"]), strict=True):
            self._known[leg] = (NO_ROAD_S if seconds is None else float(seconds), now_s)
            self._known.move_to_end(leg)


class _Points(dict[Place, Point]):
    """The rounded degrees of each place, worked out once."""

    def __missing__(self, place: Place) -> Point:
        point = self[place] = (round(place.lng, DIGITS), round(place.lat, DIGITS))
        return point


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All ways from some places to others."""

    origins: tuple[Point, ...]
    destinations: tuple[Point, ...]

    def legs(self) -> list[Key]:
        return list(product(self.origins, self.destinations))

    def path(self) -> str:
        first, ends = len(self.origins), (*self.origins, *self.destinations)
        places = ";".join(f"{lng:.{DIGITS}f},{lat:.{DIGITS}f}" for lng, lat in ends)
        sources = ";".join(map(str, range(first)))
        destinations = ";".join(map(str, range(first, len(ends))))
        return f"/table/v1/driving/{places}?sources={sources}&destinations={destinations}"

    def read(self, durations: list[list[Any]]) -> list[Any]:
        return list(chain.from_iterable(durations))


def tables_of(legs: Collection[Key], size: int) -> list[Table]:
    """The ways as tables of up to `size` places: of a few doors around these; of a whole day, where
    nearly all ways between all places are asked for, in squares."""
    origins, destinations = ({leg[end] for leg in legs} for end in (0, 1))
    is_dense = len(origins) * len(destinations) <= EXTRA_MAX * len(legs)
    return list(_squares(legs, size) if is_dense else _stars(legs, size))


def _stars(legs: Iterable[Key], size: int) -> Iterator[Table]:
    """Ways from one place, or to one place, around the busiest first."""
    around: dict[tuple[Point, bool], list[Key]] = {}
    for leg in legs:
        around.setdefault((leg[0], True), []).append(leg)
        around.setdefault((leg[1], False), []).append(leg)
    done: set[Key] = set()
    for (hub, is_origin), hers in sorted(around.items(), key=lambda one: (-len(one[1]), one[0])):
        left = [leg for leg in hers if leg not in done]
        done.update(left)
        others = iter(sorted(leg[1 if is_origin else 0] for leg in left))
        while part := tuple(islice(others, size - 1)):
            if is_origin:
                yield Table(origins=(hub,), destinations=part)
            else:
                yield Table(origins=part, destinations=(hub,))


def _squares(legs: Collection[Key], size: int) -> Iterator[Table]:
    """All places against all, half of a table's places on each side, or more where the other has
    fewer; without what nobody asks."""
    ends = [sorted({leg[end] for leg in legs}) for end in (0, 1)]
    first, second = map(len, ends)
    rows = min(first, max(size // 2, size - second))
    square_of = [
        {place: number // side for number, place in enumerate(places)}
        for places, side in zip(ends, (rows, size - rows), strict=True)
    ]
    squares: dict[tuple[int, int], tuple[set[Point], set[Point]]] = {}
    for a, b in legs:
        sides = squares.setdefault((square_of[0][a], square_of[1][b]), (set(), set()))
        sides[0].add(a)
        sides[1].add(b)
    for _, (froms, tos) in sorted(squares.items()):
        yield Table(origins=tuple(sorted(froms)), destinations=tuple(sorted(tos)))


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Roads | None]:
    """The engine that the settings name, for as long as the block lasts, or None."""
    if settings.osrm_url is None:
        yield None
        return
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.osrm_timeout_s),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield OsrmRoads(session, settings.osrm_url, settings)
