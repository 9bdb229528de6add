"""The road engine: what is asked, what is remembered, and what happens when it fails.

`TableServer` is no OSRM: a small HTTP server that answers tables as OSRM does. With OSRM_BIN (the
folder of osrm-extract … osrm-routed) and OSRM_EXTRACT (an .osm.pbf with its table beside it) a real
one is asked as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import permutations
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from config.settings import Settings
from dispatch import roads, sourcing
from dispatch.acts import answer_offer, fill_order, learn
from dispatch.lifecycles import VisitState
from dispatch.records import decisions, learned_models
from dispatch.records.decisions import Decision
from dispatch.roads import Found, NoRoads, Roads
from matching.travel import Place
from tests import visiting
from tests.world import World

SECONDS_A_DEGREE = 40_000


class TableServer:
    """Answers `/table/v1/driving/…`: the further, the longer; out is a little quicker than back."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[web.Request], Awaitable[web.Response]] = self.table
        self.off_map_m = 5.0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        return await self.answer(request)

    async def table(self, request: web.Request) -> web.Response:
        ends = [tuple(map(float, end.split(","))) for end in request.match_info["ends"].split(";")]
        sources = [ends[int(number)] for number in request.query["sources"].split(";")]
        goals = [ends[int(number)] for number in request.query["destinations"].split(";")]
        snapped = {"distance": self.off_map_m}
        return web.json_response(
            {
                "code": "Ok",
                "data_version": "2026-11-01",
                "durations": [[_seconds(a, b) for b in goals] for a in sources],
                "sources": [snapped] * len(sources),
                "destinations": [snapped] * len(goals),
            }
        )

    async def slow(self, _: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async def refusal(self, _: web.Request) -> web.Response:
        return web.json_response({"code": "TooBig", "message": "…"}, status=400)

    async def nonsense(self, _: web.Request) -> web.Response:
        return web.Response(text="<html>")


def _seconds(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    longer = 1.1 if a > b else 1.0
    return longer * SECONDS_A_DEGREE * (abs(a[0] - b[0]) + abs(a[1] - b[1]))


@pytest.fixture
async def server() -> AsyncIterator[TableServer]:
    tables = TableServer()
    app = web.Application()
    app.router.add_get("/table/v1/driving/{ends}", tables.take)
    async with TestServer(app) as running:
        tables.url = str(running.make_url(""))
        yield tables


@contextlib.asynccontextmanager
async def engine_at(server: TableServer, **given: Any) -> AsyncIterator[Roads]:
    async with roads.connect(Settings(osrm_url=server.url, **given)) as made:
        assert made is not None
        yield made


@pytest.fixture
async def engine(server: TableServer) -> AsyncIterator[Roads]:
    """Patient, so that a busy machine is no timeout."""
    async with engine_at(server, osrm_table_max=5, osrm_timeout_s=30) as made:
        yield made


def around(count: int) -> list[Place]:
    return [Place.at(29.08 + 0.01 * number, 119.65) for number in range(count)]


async def test_every_way_is_told_in_few_tables(server: TableServer, engine: Roads) -> None:
    """From one door to nine others and back: four others fit beside it into each table."""
    door, *others = around(10)
    wanted = [leg for other in others for leg in ((door, other), (other, door))]

    found = await engine.find(wanted)

    assert set(found.seconds) == set(wanted)
    for origin, destination in wanted:
        told = _seconds((origin.lng, origin.lat), (destination.lng, destination.lat))
        assert found.seconds[origin, destination] == pytest.approx(told, rel=1e-3)
    assert len(server.asked) == 6
    assert found.data == "2026-11-01"


async def test_all_ways_of_a_day_are_told_in_squares(server: TableServer) -> None:
    places = around(250)
    wanted = list(permutations(places, 2))
    async with engine_at(server, osrm_timeout_s=60) as engine:
        found = await engine.find(wanted)
        assert len(server.asked) == 25
        assert found.seconds.keys() == set(wanted)
        for origin, destination in wanted[::997]:
            told = _seconds((origin.lng, origin.lat), (destination.lng, destination.lat))
            assert found.seconds[origin, destination] == pytest.approx(told, rel=1e-3)
        await engine.find(wanted)
    assert len(server.asked) == 25


@pytest.mark.parametrize("size", [2, 3, 100])
@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_every_way_stands_in_a_table_that_is_no_larger_than_it_may_be(
    size: int, share: float
) -> None:
    chance = random.Random(3)  # noqa: S311
    points = [(119.0 + n / 1_000, 29.0) for n in range(40)]
    wanted = [leg for leg in permutations(points, 2) if chance.random() < share]
    tables = roads.tables_of(wanted, size)
    assert set(wanted) <= {leg for one in tables for leg in one.legs()}
    assert all(len(one.origins) + len(one.destinations) <= size for one in tables)


async def test_what_it_told_is_remembered_up_to_a_bound(server: TableServer) -> None:
    door, *others = around(7)
    first, second = ([(door, other) for other in others[n : n + 3]] for n in (0, 3))
    async with engine_at(server, osrm_cache_max=4) as engine:
        await engine.find(first)
        await engine.find(first)
        assert len(server.asked) == 1
        await engine.find(second)
        await engine.find(first)
    assert len(server.asked) == 3, "what was not asked for longest was forgotten"


async def test_what_is_too_old_is_asked_again(server: TableServer) -> None:
    async with engine_at(server, osrm_keep_h=1e-9) as engine:
        for _ in range(2):
            await engine.find([(around(2)[0], around(2)[1])])
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("mode", "why"), [("slow", "timeout"), ("refusal", "refused"), ("nonsense", "error")]
)
async def test_a_failing_engine_is_left_alone_for_a_while(
    server: TableServer, mode: str, why: str
) -> None:
    server.answer = getattr(server, mode)
    async with engine_at(server, osrm_timeout_s=0.5 if mode == "slow" else 30) as engine:
        for expected in (why, why, why, "paused"):
            with pytest.raises(NoRoads) as failed:
                await engine.find([(around(2)[0], around(2)[1])])
            assert failed.value.why == expected
    assert len(server.asked) == 3


async def test_a_map_of_another_country_is_no_answer(server: TableServer, engine: Roads) -> None:
    """OSRM moves any place onto its nearest road, however far that is."""
    server.off_map_m = 8_000_000
    with pytest.raises(NoRoads, match="off_map"):
        await engine.find([(around(2)[0], around(2)[1])])


async def looked(world: World, order_id: Any) -> Decision:
    async with world.pool.read(world.clock) as conn:
        kept = await decisions.find_latest(conn, order_id, 1)
    assert kept is not None
    return kept


async def test_a_wave_goes_by_road_and_says_so(world: World, engine: Roads) -> None:
    world.pool.roads = engine
    world.pool.settings = world.pool.settings.model_copy(update={"considered_first_max": 5})
    order = await world.open()
    await fill_order.send_waves(world.pool)
    kept = await looked(world, order.id)
    assert kept.travel == {"engine": "osrm", "data": "2026-11-01", "oldest_s": 0}
    first = next(one for one in kept.considered if one.rank == 1)
    assert first.travel_s is not None
    offer = next(one for one in await world.offers(order.id) if one.nurse_id == first.nurse_id)
    assert offer.travel_s == first.travel_s
    visit = await answer_offer.accept_offer(
        world.pool, world.nurse_of(offer.nurse_id).caller, offer.id
    )
    assert visit.travel_s == first.travel_s


async def test_a_decision_without_roads_goes_by_straight_lines_as_a_whole(
    world: World, server: TableServer, engine: Roads
) -> None:
    plain = await world.open()
    await fill_order.send_waves(world.pool)
    server.answer = server.refusal
    world.pool.roads = engine
    order = await world.open()
    await fill_order.send_waves(world.pool)
    failed, usual = await looked(world, order.id), await looked(world, plain.id)
    assert failed.travel is not None
    assert (failed.travel["instead_of"], failed.travel["why"]) == ("osrm", "refused")
    assert usual.travel is not None
    assert "instead_of" not in usual.travel
    ways = {one.nurse_id: one.travel_s for one in usual.considered if one.rank}
    assert all(ways[one.nurse_id] == one.travel_s for one in failed.considered if one.rank)


async def test_an_engine_that_fails_between_two_looks_is_not_mixed_in(
    world: World, server: TableServer, engine: Roads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest were judged by road already when more were wanted, and the engine was gone."""
    find = engine.find

    async def first_only(legs: Iterable[roads.Leg]) -> Found:
        found = await find(legs)
        server.answer = server.refusal
        return found

    monkeypatch.setattr(engine, "find", first_only)
    monkeypatch.setattr(sourcing, "PASSERS_BY", 0)
    world.pool.roads = engine
    world.pool.settings = world.pool.settings.model_copy(update={"considered_first_max": 4})
    order = await world.open()
    await fill_order.send_waves(world.pool)
    kept = await looked(world, order.id)
    assert kept.travel is not None
    assert kept.travel["instead_of"] == "osrm"
    world.pool.roads = None
    plain = await world.open()
    await fill_order.send_waves(world.pool)
    ways = {one.nurse_id: one.travel_s for one in (await looked(world, plain.id)).considered}
    assert all(one.travel_s == ways[one.nurse_id] for one in kept.considered if one.rank)


async def test_finished_ways_teach_the_pace(world: World) -> None:
    """Once a day, by whichever clock comes first; the next decision goes by it."""
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.COMPLETED)
    learned = await asyncio.gather(*(learn.learn(world.pool) for _ in range(2)))
    assert sorted(learned) == [0, 1]
    assert await learn.learn(world.pool) == 0
    async with world.pool.read(world.clock) as conn:
        kept = await learned_models.find_latest(conn, "pace")
    assert kept is not None
    assert kept.sample == 1
    order = await world.open()
    await fill_order.send_waves(world.pool)
    told = (await looked(world, order.id)).travel
    assert told is not None
    assert (told["engine"], told["learned_from"]) == ("straight", 1)
    await world.advance(days=1)
    assert await learn.learn(world.pool) == 1


@pytest.mark.skipif("OSRM_BIN" not in os.environ, reason="OSRM_BIN names no folder of OSRM")
@pytest.mark.timeout(180)
async def test_a_real_engine_tells_what_it_told_before(tmp_path: Path) -> None:
    """A real country, cut and prepared by OSRM itself; the table beside the extract is its own."""
    tools, extract = Path(os.environ["OSRM_BIN"]), Path(os.environ["OSRM_EXTRACT"])
    known = orjson.loads(
        extract.with_name(extract.name.removesuffix(".osm.pbf") + "_osrm_car_60x60.json")
        .read_bytes()
    )  # fmt: skip
    shutil.copy(extract, tmp_path / "map.osm.pbf")
    profile = tools.parent / "share" / "profiles" / "car.lua"
    for tool, *words in (
        ("osrm-extract", "-p", profile, "map.osm.pbf"),
        ("osrm-contract", "map.osrm"),
    ):
        made = await asyncio.create_subprocess_exec(
            tools / tool, *words, cwd=tmp_path, stdout=asyncio.subprocess.DEVNULL
        )
        assert await made.wait() == 0
    port = unused_port()
    routed = await asyncio.create_subprocess_exec(
        tools / "osrm-routed",
        "--algorithm=ch",
        f"--port={port}",
        "map.osrm",
        cwd=tmp_path,
        stdout=asyncio.subprocess.DEVNULL,
    )
    places = [Place.at(lat, lng) for lng, lat in known["points_lon_lat"]]
    given = Settings(osrm_url=f"http://127.0.0.1:{port}", osrm_timeout_s=10)
    try:
        async with asyncio.timeout(30):
            while not await _is_up(port):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        async with roads.connect(given) as engine:
            assert engine is not None
            found = await engine.find(permutations(places, 2))
    finally:
        routed.terminate()
        await routed.wait()
    told = [
        (found.seconds[a, b], known["durations_s"][places.index(a)][places.index(b)])
        for a, b in permutations(places, 2)
    ]
    alike = sum(abs(ours - theirs) <= max(2.0, 0.01 * theirs) for ours, theirs in told)
    assert alike >= 0.98 * len(told)


async def _is_up(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/"):
            return True
    except aiohttp.ClientError:
        return False
