"""What speaks against a report is flagged; what was said is never edited, only superseded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from dispatch import evidence
from dispatch.acts import correct_fact, run_visit
from dispatch.errors import InvalidFields, NotFound, RuleRefused
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.records import visit_facts
from dispatch.records.visit_facts import Fact, Place
from dispatch.records.visits import Visit
from tests import visiting
from tests.visiting import DOOR, at_door
from tests.world import NOW, World

HERE = Place(at=NOW, lat=29.0, lng=119.6)
# One degree of latitude here: 110.85 km.
THERE = replace(HERE, lat=30.0)


@pytest.mark.parametrize(
    ("minutes", "unsure_m", "too_fast"),
    [(60, 0, False), (44.35, 0, False), (44.3, 0, True), (40, 11_000, False), (0, 0, True)],
)
def test_r32_nobody_travels_faster_than_the_limit(
    minutes: float, unsure_m: float, too_fast: bool
) -> None:
    after = replace(THERE, at=NOW + timedelta(minutes=minutes), accuracy_m=unsure_m)
    assert evidence.is_too_fast(HERE, after, 150) is too_fast


def test_two_reports_of_one_moment_are_no_journey() -> None:
    near = replace(HERE, lat=29.01)
    assert not evidence.is_too_fast(HERE, near, 150)
    assert evidence.is_too_fast(HERE, replace(HERE, lat=29.02), 150)


async def test_r32_an_impossible_way_and_a_made_up_place_are_flagged(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    far = at_door(world.now, lat=DOOR[0] - 1, is_mocked=True)
    out = await run_visit.depart(world.pool, nurse, visit.id, far)
    assert "mock_location" in out.flags
    assert "impossible_travel" not in out.flags
    await world.advance(minutes=20)
    there = await run_visit.arrive(world.pool, nurse, visit.id, at_door(world.now))
    assert "impossible_travel" in there.flags


async def test_r32_the_way_from_the_visit_before_counts_too(world: World) -> None:
    """She was at the other end of the province a quarter of an hour ago, says another visit."""
    (first,) = await visiting.assigned(world, 1)
    first = await visiting.advanced(world, first, VisitState.COMPLETED)
    (second,) = await visiting.assigned(world, 2)
    nurse = world.nurse(1).caller
    await world.advance(minutes=15)
    away = at_door(world.now, lat=DOOR[0] + 1)
    assert "impossible_travel" in (await run_visit.depart(world.pool, nurse, second.id, away)).flags


async def facts_of(world: World, visit: Visit) -> list[Fact]:
    async with world.pool.read(world.clock) as conn:
        return await visit_facts.list_of_visit(conn, visit.id)


async def test_r32_a_fact_is_superseded_with_a_reason_and_stays_as_it_was_said(
    world: World,
) -> None:
    (visit,) = await visiting.assigned(world)
    visit = await visiting.advanced(world, visit, VisitState.COMPLETED)
    said = await facts_of(world, visit)
    (arrived,) = [fact for fact in said if fact.step == "arrive"]
    really = arrived.at - timedelta(minutes=5)

    async def correct(fact: Fact, **changes: object) -> Visit:
        given = {"at": really, "place": DOOR, "reason": "门禁记录", **changes}
        return await correct_fact.correct_fact(
            world.pool,
            world.operator,
            visit.id,
            fact.id,
            **given,  # type: ignore[arg-type]
        )

    for at in (visit.departed_at - timedelta(seconds=1), visit.started_at + timedelta(seconds=1)):  # type: ignore[operator]
        with pytest.raises(InvalidFields):
            await correct(arrived, at=at)
    with pytest.raises(InvalidFields):
        await correct(said[-1], at=world.now + timedelta(minutes=3))
    corrected = await correct(arrived)
    assert corrected.arrived_at == really
    assert "corrected" in corrected.flags
    now = await facts_of(world, visit)
    assert now[: len(said)] == said
    later = now[-1]
    assert (later.step, later.at, later.supersedes) == ("arrive", really, arrived.id)
    with pytest.raises(RuleRefused):
        await correct(arrived)
    with pytest.raises(NotFound):
        await correct(replace(arrived, id=new_id()))
    # A correction may be corrected, too.
    assert (await correct(later, at=arrived.at)).arrived_at == arrived.at


async def test_r32_the_table_of_facts_takes_no_change(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    for change in ("UPDATE visit_facts SET at = now()", "DELETE FROM visit_facts"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await world.owner.execute(change)
