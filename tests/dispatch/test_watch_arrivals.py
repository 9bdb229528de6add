"""Nurses who do not come: found out, asked, told of, and in time another one is looked for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dispatch.acts import end_visit, fill_order, report_positions, run_visit, watch_arrivals
from dispatch.acts.report_positions import Point
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import alarms
from dispatch.records.visits import Visit
from tests import visiting
from tests.visiting import DOOR, at_door
from tests.world import World

# A kilometre in degrees of latitude.
KM = 0.009


async def on_her_way(world: World, *, latest_h: float = 6) -> Visit:
    """Nurse 1 has set out in time, eight kilometres from the door of patient 1, a minute ago."""
    order: dict[str, Any] = {"latest": world.now + timedelta(hours=latest_h)}
    (visit,) = await visiting.assigned(world, **order)
    leave_in = visit.planned_start - timedelta(seconds=visit.travel_s) - world.now
    await world.advance(seconds=leave_in.total_seconds())
    report = at_door(world.now, lat=DOOR[0] - 8 * KM)
    gone = await run_visit.depart(world.pool, world.nurse(1).caller, visit.id, report)
    await world.advance(minutes=1)
    return gone


async def tells(world: World, *, km: float) -> None:
    """Her phone says that she is so far from the door."""
    point = Point(lat=DOOR[0] - km * KM, lng=DOOR[1], recorded_at=world.now, accuracy_m=10)
    await report_positions.report_positions(world.pool, world.nurse(1).caller, [point])


async def look(world: World) -> int:
    """Every clock looks at once; returns at how many they looked."""
    return sum(await asyncio.gather(*(watch_arrivals.watch_arrivals(world.pool) for _ in range(3))))


async def asked(world: World) -> int:
    count: int = await world.owner.fetchval(
        "SELECT count(*) FROM outbox WHERE wake = 'on_your_way'"
    )
    return count


async def rung(world: World) -> list[str]:
    async with world.pool.read(world.operator) as conn:
        return [alarm.kind for alarm in await alarms.list_open(conn, 10)]


async def test_who_comes_nearer_is_left_in_peace(world: World) -> None:
    visit = await on_her_way(world)
    for km in (8, 6, 5, 3, 1, 0.1):
        await tells(world, km=km)
        await world.advance(minutes=4)
        await look(world)
    assert (await asked(world), await rung(world)) == (0, [])
    assert (await visiting.visit(world, visit.id)).flags == []


async def test_who_stands_still_is_asked_then_told_of_and_forgiven(world: World) -> None:
    visit = await on_her_way(world)
    await tells(world, km=5)
    await world.advance(minutes=14)
    await tells(world, km=4.95)
    await look(world)
    assert await asked(world) == 0, "not yet, and standing about is no coming nearer"
    await world.advance(minutes=1)
    assert await look(world) == 1
    assert (await asked(world), await rung(world)) == (1, [])
    assert (await visiting.visit(world, visit.id)).flags == ["stalled"]
    await world.advance(minutes=5)
    assert await look(world) == 1
    assert (await asked(world), await rung(world)) == (1, ["not_coming"])
    assert (await world.order(visit.order_id)).at_risk

    await tells(world, km=4)
    assert await look(world) == 1
    assert not (await world.order(visit.order_id)).at_risk
    after = await visiting.visit(world, visit.id)
    assert (after.state, after.flags) == (VisitState.EN_ROUTE, [])
    assert await end_visit.miss_visits(world.pool) == 0


@pytest.mark.parametrize(("km", "doubted"), [(4.0, False), (5.6, True)])
async def test_who_goes_away_again(world: World, km: float, doubted: bool) -> None:
    """A kilometre back may be a one-way street."""
    visit = await on_her_way(world)
    await tells(world, km=3)
    for _ in range(6):
        await world.advance(minutes=1)
        await tells(world, km=km)
        await look(world)
    assert (await visiting.visit(world, visit.id)).flags == (["retreating"] if doubted else [])


async def test_who_falls_silent_loses_the_visit_once_she_is_late(world: World) -> None:
    visit = await on_her_way(world)
    await tells(world, km=7)
    await world.advance(minutes=20)
    while not (await rung(world)):
        await look(world)
        await world.advance(minutes=1)
    assert (await visiting.visit(world, visit.id)).flags == ["stalled"]
    late_at = visit.planned_start + timedelta(minutes=world.pool.settings.late_arrival_min)
    assert world.now < late_at
    await world.advance(seconds=(late_at - world.now).total_seconds() - 1)
    await look(world)
    assert await end_visit.miss_visits(world.pool) == 0, "she is not late yet"
    await world.advance(seconds=1)
    await look(world)
    swept = await asyncio.gather(*(end_visit.miss_visits(world.pool) for _ in range(3)))
    assert sum(swept) == 1

    ended = await visiting.visit(world, visit.id)
    assert (ended.state, ended.end_reason) == (VisitState.MISSED, "missed")
    order = await world.order(visit.order_id)
    assert (order.state, order.round) == (OrderState.OPEN, 2)
    await fill_order.send_waves(world.pool)
    sent = await world.offers(order.id, "sent")
    assert sent
    assert world.nurse(1).id not in {offer.nurse_id for offer in sent}
    woken = await world.owner.fetch(
        "SELECT wake, account_ids FROM outbox WHERE wake IN ('visit_withdrawn', 'looking_again')"
    )
    assert {row["wake"]: row["account_ids"] for row in woken} == {
        "visit_withdrawn": [world.nurse(1).account_id],
        "looking_again": [world.patient(1).account_id],
    }


async def test_nobody_is_taken_off_where_nobody_else_could_come(world: World) -> None:
    """Half an hour before the window ends a late nurse is the only one there is."""
    visit = await on_her_way(world, latest_h=2.5)
    await tells(world, km=7)
    for _ in range(12):
        await world.advance(minutes=5)
        await look(world)
        await end_visit.miss_visits(world.pool)
    assert await rung(world) == ["not_coming"]
    assert (await visiting.visit(world, visit.id)).state is VisitState.EN_ROUTE


async def test_a_silent_phone_that_never_told_is_only_late_by_the_hour(world: World) -> None:
    """It may have no leave to tell where it is."""
    visit = await on_her_way(world)
    await world.advance(minutes=30)
    await look(world)
    assert await asked(world) == 0
    after = max(visit.planned_start, visit.eta or visit.planned_start)
    await world.advance(seconds=(after - world.now).total_seconds() + 20 * 60)
    await look(world)
    assert (await visiting.visit(world, visit.id)).flags == ["late_on_the_way"]


async def test_who_has_not_set_out_loses_the_visit_in_time_for_another(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    no_show_at = visit.planned_start + timedelta(minutes=world.pool.settings.no_show_min)
    while world.now < no_show_at - timedelta(minutes=1):
        await world.advance(minutes=1)
        await end_visit.nudge_late(world.pool)
        assert await end_visit.miss_visits(world.pool) == 0
    assert await rung(world) == ["not_departed"]
    await world.advance(minutes=1)
    await asyncio.gather(*(end_visit.nudge_late(world.pool) for _ in range(3)))
    assert await end_visit.miss_visits(world.pool) == 1
    assert (await world.order(visit.order_id)).state is OrderState.OPEN


async def test_a_nearer_nurse_changes_nothing_once_one_has_accepted(world: World) -> None:
    visit = await on_her_way(world)
    await tells(world, km=7)
    await world.owner.execute(
        "UPDATE nurse_points SET pos = (SELECT pos FROM nurse_points LIMIT 1)"
    )
    events = await world.events(visit.order_id)
    await fill_order.send_waves(world.pool)
    await look(world)
    assert (await visiting.visit(world, visit.id)).nurse_id == world.nurse(1).id
    assert await world.events(visit.order_id) == events
