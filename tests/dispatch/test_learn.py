"""Learning who says yes: from what was answered, once a day, and the next wave goes by it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import timedelta

import pytest

from dispatch import learned, sourcing
from dispatch.acts import answer_offer, fill_order, learn
from dispatch.database import Connection
from dispatch.records import learned_models
from dispatch.records.learned_models import LearnedModel
from matching import learning
from matching.acceptance import TERMS, Acceptance
from tests.world import World


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a small region gives in an hour is enough."""
    monkeypatch.setattr(learning, "LEAST", 12)
    monkeypatch.setattr(learning, "LEAST_OF_A_KIND", 3)


async def answered(world: World) -> None:
    """Of five orders: the best nurse accepts, the second declines, the third does not look."""
    for number in range(1, 6):
        order = await world.open(number)
        await fill_order.send_waves(world.pool)
        sent = await world.offers(order.id, "sent")
        second, first = world.nurse_of(sent[1].nurse_id), world.nurse_of(sent[0].nurse_id)
        await answer_offer.decline_offer(world.pool, second.caller, sent[1].id, "busy")
        await world.advance(seconds=301)
        await fill_order.expire_offers(world.pool)
        await fill_order.send_waves(world.pool)
        again = await world.offers(order.id, "sent")
        taker = world.nurse_of(again[0].nurse_id)
        assert taker.id != first.id
        await answer_offer.accept_offer(world.pool, taker.caller, again[0].id)


@pytest.mark.usefixtures("few")
async def test_answers_teach_once_a_day(world: World) -> None:
    await answered(world)
    async with world.pool.read(world.clock) as conn:
        found = await learned_models.list_answers(conn, world.now - timedelta(days=1), 1_000)
        newest = await learned_models.list_answers(conn, world.now - timedelta(days=1), 2)
    assert sum(one.accepted for one in found) == 5
    assert len(found) >= 15
    assert newest == found[-2:]
    assert max(one.ask.load for one in found) > 0

    await asyncio.gather(*(learn.learn(world.pool) for _ in range(2)))
    assert await learn.learn(world.pool) == 0
    async with world.pool.read(world.clock) as conn:
        kept = await learned_models.find_latest(conn, learned.ACCEPTANCE)
    assert kept is not None
    assert kept.sample == len(found)
    leanings = await world.owner.fetch("SELECT nurse_id, leaning FROM acceptance_leanings")
    assert {row["nurse_id"] for row in leanings} == {one.nurse_id for one in found}


async def teach(world: World, odds: float) -> None:
    """Everybody is as likely to accept, by their log-odds."""
    model = Acceptance(coefficients=(odds, *[0.0] * (len(TERMS) - 1)))

    async def keep(conn: Connection) -> None:
        await learned_models.insert(
            conn,
            LearnedModel(
                kind=learned.ACCEPTANCE, learned_at=world.now, sample=1, model=asdict(model)
            ),
        )

    await world.pool.transact(world.clock, keep)


@pytest.mark.parametrize(("odds", "asked"), [(-3.0, 12), (0.0, 2), (3.0, 1)])
async def test_the_next_wave_goes_by_what_was_learned(
    world: World, odds: float, asked: int
) -> None:
    """The less likely a yes, the more are asked, up to the greatest wave."""
    await teach(world, odds)
    order = await world.open()
    await fill_order.send_waves(world.pool)
    assert len(await world.offers(order.id)) == asked


async def test_a_leaning_counts_for_its_nurse(world: World) -> None:
    await world.owner.execute(
        "INSERT INTO acceptance_leanings SELECT id, 1.5 FROM nurses WHERE staff_no = 1"
    )
    order = await world.open()
    async with world.pool.read(world.clock) as conn:
        needs = await sourcing.needs_of(conn, [order])
        found = await sourcing.candidates_for(conn, list(needs.values()), world.now, nearest=10)
    leanings = {one.staff_no: one.leaning for one in found[order.id]}
    assert leanings.pop(1) == 1.5
    assert set(leanings.values()) == {0.0}


@pytest.mark.usefixtures("few")
async def test_waves_stay_as_they_are_set_where_that_is_wanted(world: World) -> None:
    world.pool.settings = world.pool.settings.model_copy(update={"fill_target_percent": 0})
    await answered(world)
    await learn.learn(world.pool)
    async with world.pool.read(world.clock) as conn:
        assert await learned_models.find_latest(conn, learned.ACCEPTANCE) is None
