"""Booked days are planned anew by themselves; the operator sees what that would give."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient

from api import edge, serve
from api.routes import ops_board, ops_plans
from config.settings import Settings
from dispatch import day_proposals as proposing
from dispatch import sweeps
from dispatch.acts import keep_house, plan_days, run_visit
from dispatch.channels import LogChannel
from dispatch.key_folder import LocalKeyProvider
from dispatch.records import day_proposals
from dispatch.records.visits import Visit
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.test_plans import HOUR, all_but, booked, overrun, wanted
from tests.api.throwaway import GuardedTestServer
from tests.conftest import _with_database
from tests.visiting import bound_operator
from tests.world import PAIR, World

pytestmark = pytest.mark.timeout(120)
PATH = "/v1/ops/plans"


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [ops_plans.routes, ops_board.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def standing(desk: Desk, caller: Any = None) -> list[dict[str, Any]]:
    status, told = await desk.call("GET", PATH, caller or desk.world.operator)
    assert status == 200, told
    items: list[dict[str, Any]] = told["items"]
    return items


async def on_board(desk: Desk) -> list[dict[str, Any]]:
    status, told = await desk.call("GET", "/v1/ops/board", desk.world.operator)
    assert status == 200, told
    plans: list[dict[str, Any]] = told["plans"]
    return plans


async def late(world: World, **asked: Any) -> Visit:
    """Nurse 1 is 45 minutes over; half an hour after the planned end she has another visit."""
    at = world.now + 2.5 * HOUR
    (current,) = await visiting.assigned(world, 1, (1,), earliest=at, latest=at + HOUR)
    gap = current.planned_end + HOUR / 2 - world.now
    after = await booked(world, 2, 1, gap / HOUR, **asked)
    await overrun(world, current, 45)
    return after


async def test_what_a_nurse_comes_late_to_is_proposed_and_can_be_done(desk: Desk) -> None:
    world = desk.world
    after = await late(world)
    assert await plan_days.plan_days(world.pool) == 1

    (made,) = await standing(desk)
    assert made["pressing"] is True
    (change,) = made["changes"]
    assert change["visit_id"] == str(after.id)
    assert change["expected_start"] is not None
    assert change["planned"] != change["told"]
    (told,) = await on_board(desk)
    assert (told["county"], told["date"]) == (made["county"], made["date"])
    assert (told["pressing"], told["late"], told["changes"], told["nobody"]) == (True, 1, 1, 0)

    body = {"changes": [wanted(change)]}
    status, done = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert status == 200, done
    assert await standing(desk) == await on_board(desk) == []
    assert await plan_days.plan_days(world.pool) == 1, "the day has changed"
    assert await standing(desk) == []


async def test_whom_nobody_can_replace_is_told(desk: Desk) -> None:
    world = desk.world
    after = await late(world, **all_but(world, 1))
    await world.owner.execute(
        "UPDATE orders SET latest = earliest + interval '1 min' WHERE id = $1", after.order_id
    )
    await plan_days.plan_days(world.pool)
    (made,) = await standing(desk)
    assert made["changes"] == []
    (left,) = made["nobody"]
    assert left["visit_id"] == str(after.id)
    (told,) = await on_board(desk)
    assert (told["late"], told["changes"], told["nobody"]) == (1, 0, 1)


async def test_a_day_is_planned_once_and_again_when_it_has_changed(desk: Desk) -> None:
    world = desk.world
    await booked(world, 1, 40, 26)
    await booked(world, 2, 1, 29)
    assert await plan_days.plan_days(world.pool) == 1
    assert await plan_days.plan_days(world.pool) == 0
    # Nobody is worth an hour of travel here.
    assert await standing(desk) == []

    await world.advance(seconds=60)
    await booked(world, 3, 2, 27)
    assert await plan_days.plan_days(world.pool) == 0, "it may change again"
    await world.advance(minutes=15)
    assert await plan_days.plan_days(world.pool) == 1
    assert await plan_days.plan_days(world.pool) == 0
    await world.advance(minutes=60)
    assert await plan_days.plan_days(world.pool) == 1, "what was found is an hour old"


async def test_where_somebody_is_held_up_it_is_looked_at_every_three_minutes_and_first(
    desk: Desk,
) -> None:
    world = desk.world
    await late(world)
    await booked(world, 3, 2, 27)
    assert await plan_days.plan_days(world.pool) == 1
    assert [one["pressing"] for one in await standing(desk)] == [True]
    assert await plan_days.plan_days(world.pool) == 1, "tomorrow"
    assert await plan_days.plan_days(world.pool) == 0
    await world.advance(minutes=3)
    assert await plan_days.plan_days(world.pool, 5) == 1


async def test_who_is_over_time_and_late_to_nothing_presses_nobody(desk: Desk) -> None:
    world = desk.world
    at = world.now + 2.5 * HOUR
    (current,) = await visiting.assigned(world, 1, (1,), earliest=at, latest=at + HOUR)
    gap = current.planned_end + 3 * HOUR - world.now
    await booked(world, 2, 1, gap / HOUR)
    await overrun(world, current, 45)
    await plan_days.plan_days(world.pool)
    assert [one for one in await standing(desk) if one["pressing"]] == []


async def test_a_day_whose_planning_failed_is_planned_again_soon(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood before stands as it was, with the hour at which it was made."""
    world = desk.world
    await late(world)
    await plan_days.plan_days(world.pool)
    before = await standing(desk)
    plan = proposing.plan

    async def die(*given: Any, **more: Any) -> Any:
        raise RuntimeError("killed")

    await world.advance(minutes=3)
    monkeypatch.setattr(proposing, "plan", die)
    with pytest.raises(RuntimeError):
        await plan_days.plan_days(world.pool)
    assert await standing(desk) == before
    monkeypatch.setattr(proposing, "plan", plan)
    assert await plan_days.plan_days(world.pool) == 0, "it may still be at it"
    await world.advance(minutes=5)
    assert await plan_days.plan_days(world.pool) == 1


async def test_who_was_too_slow_does_not_overwrite_what_is_newer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = desk.world
    await late(world)
    plan, goes_on = proposing.plan, asyncio.Event()

    async def slowly(*given: Any, **more: Any) -> Any:
        made = await plan(*given, **more)
        await goes_on.wait()
        return replace(made, moves=(), nobody=())

    monkeypatch.setattr(proposing, "plan", slowly)
    slow = asyncio.create_task(plan_days.plan_days(world.pool))
    async with asyncio.timeout(60):
        while not await world.owner.fetchval("SELECT count(*) FROM day_proposals"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    monkeypatch.setattr(proposing, "plan", plan)
    await world.advance(minutes=5)
    assert await plan_days.plan_days(world.pool) == 1
    newer = await standing(desk)
    goes_on.set()
    await slow
    assert await standing(desk) == newer != []


async def test_the_clock_has_another_process_plan(
    desk: Desk,
    server_dsn: str,
    world_keys: LocalKeyProvider,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A real one, with this world's database and keys; it says so where that fails."""
    world = desk.world
    dsn = _with_database(server_dsn, await world.owner.fetchval("SELECT current_database()"))
    monkeypatch.setenv("APP_KEYS_DIR", str(world_keys._folder))
    monkeypatch.setenv("APP_STATE_DIR", str(tmp_path))
    asked: list[int] = []

    async def plan_aside() -> None:
        asked.append(1)
        await serve.plan_aside(dsn)

    sweep = next(
        one
        for one in sweeps.of_clock(
            Settings(),
            process="p",
            state_dir=tmp_path,
            channel=LogChannel(),
            sender=cast(Any, None),
            figures=dict,
            plan_aside=plan_aside,
        )
        if one.name == "plan_days"
    )
    await sweep.run(world.pool, sweep.limit)
    assert asked == [], "nothing is booked"

    await late(world)
    await sweep.run(world.pool, sweep.limit)
    assert len(await standing(desk)) == len(asked) == 1
    await sweep.run(world.pool, sweep.limit)
    assert len(asked) == 1

    monkeypatch.setenv("APP_PORT", "none")
    with pytest.raises(RuntimeError, match="exit code 1"):
        await serve.plan_aside(dsn)


async def test_two_clocks_plan_a_day_once(desk: Desk) -> None:
    await late(desk.world)
    done = await asyncio.gather(*(plan_days.plan_days(desk.world.pool) for _ in range(3)))
    assert sum(done) == 1


async def test_a_part_that_has_changed_is_gone(desk: Desk) -> None:
    world = desk.world
    after = await late(world)
    await plan_days.plan_days(world.pool)
    assert len(await standing(desk)) == 1
    await run_visit.depart(world.pool, world.nurse(1).caller, after.id, visiting.at_door(world.now))
    assert await standing(desk) == await on_board(desk) == []


async def test_so_is_what_somebody_has_seen_to_by_hand(desk: Desk) -> None:
    world = desk.world
    after = await late(world, **all_but(world, 1))
    await world.owner.execute(
        "UPDATE orders SET latest = earliest + interval '1 min' WHERE id = $1", after.order_id
    )
    await plan_days.plan_days(world.pool)
    assert len(await on_board(desk)) == 1
    await world.owner.execute("UPDATE orders SET latest = $1", world.now + 9 * HOUR)
    by_hand = {
        "visit_id": str(after.id),
        "version": after.version,
        "nurse_id": str(after.nurse_id),
        "start_at": (after.planned_start + HOUR).isoformat(),
    }
    status, told = await desk.call("POST", f"{PATH}/commit", world.operator, {"changes": [by_hand]})
    assert status == 200, told
    assert await standing(desk) == await on_board(desk) == []


async def test_so_is_what_waits_for_another_assessment(desk: Desk) -> None:
    after = await late(desk.world)
    await plan_days.plan_days(desk.world.pool)
    await desk.world.owner.execute(
        "UPDATE orders SET reassess_since = app_now() WHERE id = $1", after.order_id
    )
    assert await standing(desk) == []


async def test_what_a_late_nurse_would_change_stands_for_five_minutes(desk: Desk) -> None:
    """A commit asks again whether she is late, and by how much."""
    await late(desk.world)
    await plan_days.plan_days(desk.world.pool)
    await desk.world.advance(minutes=5)
    assert len(await standing(desk)) == 1
    await desk.world.advance(seconds=1)
    assert await standing(desk) == []


async def test_what_begins_too_soon_is_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told otherwise in the two hours before she sets out."""
    world = desk.world
    monkeypatch.setattr(plan_days, "CHANGE_MIN", 5)
    far = await booked(world, 1, 40, 3.4)
    await booked(world, 2, 1, 6)
    await plan_days.plan_days(world.pool)
    (made,) = await standing(desk)
    assert [change["visit_id"] for change in made["changes"]] == [str(far.id)]
    until = far.leaves_at - 2 * HOUR - world.now
    await world.advance(seconds=until.total_seconds() - 1)
    assert len(await standing(desk)) == 1
    await world.advance(seconds=1)
    assert await standing(desk) == []


async def test_what_nobody_has_looked_at_for_long_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the clock stands, or was told to plan no more."""
    monkeypatch.setattr(plan_days, "CHANGE_MIN", 5)
    await booked(desk.world, 1, 40, 26)
    await booked(desk.world, 2, 1, 29)
    await plan_days.plan_days(desk.world.pool)
    assert len(await standing(desk)) == 1
    await desk.world.advance(minutes=90)
    assert await standing(desk) == []


async def test_what_is_out_of_date_hides_nothing(desk: Desk) -> None:
    """Twenty days that nothing can be done about any more stand before the one that counts."""
    world = desk.world
    await late(world)
    await plan_days.plan_days(world.pool)
    await world.owner.execute(
        """
        INSERT INTO day_proposals (county, day, planned_at, seen, proposal)
        SELECT 'A' || n, day, planned_at, seen,
               jsonb_set(jsonb_set(proposal, '{moves,0,version}', '0'), '{late,0,version}', '0')
          FROM day_proposals, generate_series(1, 25) AS n
        """
    )
    assert len(await on_board(desk)) == len(await standing(desk)) == 1


async def test_it_is_for_those_who_see_all_institutions(desk: Desk) -> None:
    """A plan sends nurses of one in the place of another's, or for two nurses of two; who is bound
    to one plans for it."""
    world = desk.world
    at = world.now + 2.5 * HOUR
    (current,) = await visiting.assigned(world, 1, (1,), earliest=at, latest=at + HOUR)
    start = current.planned_end + HOUR / 2
    pair = await visiting.assigned(
        world, 2, (1, 3), earliest=start, latest=start + 3 * HOUR, service_codes=[PAIR]
    )
    await overrun(world, current, 45)
    await plan_days.plan_days(world.pool)
    assert len({visit.institution_id for visit in pair}) == 2
    for visit in pair:
        assert await standing(desk, bound_operator(world, visit.institution_id)) == []
    assert len(await standing(desk, world.auditor)) == 1
    status, _ = await desk.call("GET", PATH, world.reviewer)
    assert status == 403


async def test_days_that_are_over_are_thrown_away(desk: Desk) -> None:
    world = desk.world
    await late(world)
    await plan_days.plan_days(world.pool)
    await world.advance(days=1)
    assert await standing(desk) == []
    await keep_house.keep_house(world.pool)
    assert await world.owner.fetchval("SELECT count(*) FROM day_proposals") == 0


async def test_it_can_be_switched_off(desk: Desk) -> None:
    world = desk.world
    await late(world)
    world.pool.settings = world.pool.settings.model_copy(update={"plan_ahead_days": 0})
    assert await plan_days.plan_days(world.pool) == 0


async def test_a_day_without_anything_to_say_is_not_read_again(desk: Desk) -> None:
    world = desk.world
    await booked(world, 3, 2, 27)
    await plan_days.plan_days(world.pool)
    async with world.pool.read(world.clock) as conn:
        assert await day_proposals.list_standing(conn, world.now - HOUR, 10) == []
    assert await world.owner.fetchval("SELECT count(*) FROM day_proposals") == 1
