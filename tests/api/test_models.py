"""What was learned is shown to operators: coefficients, reliability, age."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from math import log1p
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import ops_models
from dispatch import learned
from dispatch.database import Connection
from dispatch.records import learned_models
from dispatch.records.learned_models import LearnedModel
from matching import learning
from matching.acceptance import Acceptance, Ask, Bar
from matching.pace import Pace
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.world import SPECIAL, World

PATH = "/v1/ops/models"


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [ops_models.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


MODEL = Acceptance(
    coefficients=(0.5, -0.8, 0.2, 0.1, -0.3, 0.0, -0.9),
    services={SPECIAL: -0.25, "EC09": 0.4},
    a=0.05,
    b=0.9,
    offers=1_000,
    reliability=(Bar(offers=70, said=0.2, found=0.19), Bar(offers=80, said=0.7, found=0.72)),
)


async def keep(world: World, kind: str, model: dict[str, Any], sample: int) -> None:
    async def put(conn: Connection) -> None:
        await learned_models.insert(
            conn, LearnedModel(kind=kind, learned_at=world.now, sample=sample, model=model)
        )

    await world.pool.transact(world.clock, put)


async def test_before_anything_is_learned_there_is_nothing(desk: Desk) -> None:
    status, told = await desk.call("GET", PATH, desk.world.operator)
    assert (status, told["acceptance"], told["pace"]) == (200, None, None)


async def test_the_chance_of_an_offer_can_be_worked_out_from_what_is_shown(desk: Desk) -> None:
    world = desk.world
    pace = Pace(detour=1.4, speeds_kmh=(25.0,) * 24, ways=210)
    await keep(world, learned.ACCEPTANCE, asdict(MODEL), MODEL.offers)
    await keep(world, learned.PACE, asdict(pace), pace.ways)
    await world.advance(days=2)
    status, told = await desk.call("GET", PATH, world.operator)
    assert status == 200, told
    assert told["pace"]["detour"] == 1.4
    assert told["pace"]["speeds_kmh"] == [25.0] * 24
    assert (told["pace"]["ways"], told["pace"]["age_days"]) == (210, 2)

    shown = told["acceptance"]
    assert (shown["offers"], shown["age_days"], shown["used"]) == (1_000, 2, True)
    assert shown["target_percent"] == world.pool.settings.fill_target_percent
    assert shown["reliability"][1] == {"offers": 80, "said": 0.7, "found": 0.72}
    assert [one["service_code"] for one in shown["services"]] == ["EC09", SPECIAL]

    ask = Ask(service=SPECIAL, distance_m=3_000, pay_fen=9_900, load=20, asked_at=world.now)
    counts = {one["term"]: one["coefficient"] for one in shown["terms"]}
    measures = {"ln(1 + km)": log1p(3), "ln(1 + yuan)": log1p(99), "visits of 30 days / 10": 2.0}
    assert measures.keys() <= {one["measure"] for one in shown["terms"]}
    z = counts["base"] + sum(
        measures.get(one["measure"], 0.0) * one["coefficient"] for one in shown["terms"]
    )
    leaning = {one["service_code"]: one["leaning"] for one in shown["services"]}[SPECIAL]
    odds = shown["a"] + shown["b"] * (z + leaning)
    chance = MODEL.chance(ask)
    assert learning._sigmoid(odds) == pytest.approx(chance)


async def test_it_says_so_where_it_is_not_used(desk: Desk) -> None:
    world = desk.world
    await keep(world, learned.ACCEPTANCE, asdict(MODEL), MODEL.offers)
    world.pool.settings = world.pool.settings.model_copy(update={"fill_target_percent": 0})
    _, told = await desk.call("GET", PATH, world.operator)
    assert told["acceptance"]["used"] is False


async def test_auditors_may_look_and_assessors_may_not(desk: Desk) -> None:
    status, _ = await desk.call("GET", PATH, desk.world.auditor)
    assert status == 200
    status, _ = await desk.call("GET", PATH, desk.world.reviewer)
    assert status == 403
