"""What a nurse says of herself: availability, place, shifts, profile."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from dispatch.acts import fill_order, go_on_duty
from dispatch.acts.go_on_duty import Opening
from dispatch.errors import InvalidFields, NotFound, ShiftsOverlap, StaleVersion
from dispatch.records import nurses, shifts
from dispatch.records.nurses import NurseState, Point
from tests.world import HOME, NOW, SHIFT, World

HOUR = timedelta(hours=1)


def opening(from_h: float, to_h: float) -> Opening:
    return Opening(starts_at=NOW + from_h * HOUR, ends_at=NOW + to_h * HOUR)


async def put(world: World, *given: Opening, staff_no: int = 1) -> None:
    await go_on_duty.replace_shifts(world.pool, world.nurse(staff_no).caller, given)


async def coming(world: World, staff_no: int = 1) -> list[tuple[datetime, datetime]]:
    async with world.pool.read(world.clock) as conn:
        found = await shifts.list_of_nurse(
            conn, world.nurse(staff_no).id, since=world.now, after=None, limit=300
        )
    return [(shift.starts_at, shift.ends_at) for shift in found]


async def point(world: World, staff_no: int = 1) -> Point:
    nurse_id = world.nurse(staff_no).id
    async with world.pool.read(world.clock) as conn:
        return (await nurses.points_by_nurse(conn, [nurse_id]))[nurse_id]


# Availability


async def test_who_is_not_available_is_not_asked_until_she_is_again(world: World) -> None:
    """The same order finds nobody, and then her alone."""
    everybody = [world.nurse(number) for number in range(1, 41)]
    for nurse in everybody:
        said = await go_on_duty.set_availability(
            world.pool, nurse.caller, available=False, place=None
        )
        assert said.state is NurseState.UNAVAILABLE
    order = await world.open()
    await fill_order.send_waves(world.pool)
    assert await world.offers(order.id) == []
    await go_on_duty.set_availability(world.pool, world.nurse(5).caller, available=True, place=HOME)
    again = await world.open(2)
    await fill_order.send_waves(world.pool)
    assert [o.nurse_id for o in await world.offers(again.id)] == [world.nurse(5).id]


async def test_her_place_is_kept_to_a_hundred_metres(world: World) -> None:
    for lat in (29.1503, 29.1504):
        await go_on_duty.set_availability(
            world.pool, world.nurse(1).caller, available=True, place=(lat, 119.7)
        )
        kept = await point(world)
        assert abs(kept.lat - lat) < 0.0005
        assert kept.lat != pytest.approx(lat, abs=1e-6)
    before = await point(world)
    await go_on_duty.set_availability(world.pool, world.nurse(1).caller, available=True, place=None)
    assert await point(world) == before


async def test_saying_the_same_again_makes_no_new_version(world: World) -> None:
    caller = world.nurse(1).caller
    said = [
        await go_on_duty.set_availability(world.pool, caller, available=up, place=HOME)
        for up in (True, False, False, True)
    ]
    assert [nurse.version for nurse in said] == [1, 2, 2, 3]
    assert (await point(world)).on_call


async def test_a_nurse_who_is_not_admitted_is_never_on_call(world: World) -> None:
    await world.owner.execute("UPDATE nurses SET admitted = false, available = false")
    await go_on_duty.set_availability(world.pool, world.nurse(1).caller, available=True, place=None)
    assert not (await point(world)).on_call


async def test_nobody_else_has_a_duty(world: World) -> None:
    with pytest.raises(NotFound):
        await go_on_duty.set_availability(world.pool, world.operator, available=True, place=None)


# Shifts


async def test_new_shifts_take_the_place_of_those_to_come(world: World) -> None:
    await put(world, opening(30, 34), opening(26, 30))
    assert await coming(world) == [
        SHIFT,
        (NOW + 26 * HOUR, NOW + 30 * HOUR),
        (NOW + 30 * HOUR, NOW + 34 * HOUR),
    ]
    await put(world)
    assert await coming(world) == [SHIFT]
    assert len(await coming(world, staff_no=2)) == 3


async def test_a_shift_that_has_begun_gives_way_to_new_ones_in_its_time(world: World) -> None:
    await put(world, opening(-1, 2), opening(5, 8))
    told = [(NOW - HOUR, NOW + 2 * HOUR), (NOW + 5 * HOUR, NOW + 8 * HOUR)]
    assert await coming(world) == told
    await put(world, *(Opening(starts_at=start, ends_at=end) for start, end in told))
    assert await coming(world) == told


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        (opening(3, 3), [([0, "ends_at"], "shift_order")]),
        (opening(3, 1), [([0, "ends_at"], "shift_order")]),
        (opening(-5, 0), [([0, "ends_at"], "window_past")]),
        (opening(1, 25.1), [([0, "ends_at"], "shift_long")]),
        (opening(60 * 24 + 1, 60 * 24 + 2), [([0, "starts_at"], "window_far")]),
    ],
)
async def test_a_time_that_is_no_shift_is_refused(
    world: World, given: Opening, faults: list[Any]
) -> None:
    before = await coming(world)
    with pytest.raises(InvalidFields) as refusal:
        await put(world, given, opening(26, 30))
    errors = refusal.value.extras["errors"]
    assert isinstance(errors, list)
    assert [(error["loc"][1:], error["msg"]) for error in errors] == faults
    assert await coming(world) == before


async def test_shifts_that_share_time_are_refused_and_those_that_touch_are_not(
    world: World,
) -> None:
    before = await coming(world)
    with pytest.raises(ShiftsOverlap):
        await put(world, opening(30, 34), opening(26, 30.1))
    assert await coming(world) == before
    await put(world, opening(24, 48), opening(48, 72))


async def test_two_phones_at_once_leave_the_shifts_of_one(world: World) -> None:
    plans = [[opening(26 + n, 28 + n), opening(50 + n, 52 + n)] for n in range(6)]
    await asyncio.gather(*(put(world, *plan) for plan in plans))
    left = (await coming(world))[1:]
    assert left in [[(one.starts_at, one.ends_at) for one in plan] for plan in plans]


# Profile


async def test_quiet_hours_need_both_ends(world: World) -> None:
    caller = world.nurse(1).caller
    with pytest.raises(InvalidFields):
        await go_on_duty.change_profile(world.pool, caller, {"quiet_from": time(22)})
    hers = {"quiet_from": time(22), "quiet_until": time(7), "radius_m": 5_000}
    changed = await go_on_duty.change_profile(world.pool, caller, hers, version=1)
    assert (changed.quiet_from, changed.quiet_until, changed.radius_m, changed.version) == (
        time(22),
        time(7),
        5_000,
        2,
    )
    with pytest.raises(StaleVersion):
        await go_on_duty.change_profile(world.pool, caller, {"radius_m": 6_000}, version=1)
    ended = {"quiet_from": None, "quiet_until": None}
    assert (await go_on_duty.change_profile(world.pool, caller, ended)).quiet_from is None


async def test_a_smaller_radius_counts_at_the_next_wave(world: World) -> None:
    for number in range(1, 41):
        await go_on_duty.change_profile(
            world.pool, world.nurse(number).caller, {"radius_m": 5_000 if number == 7 else 100}
        )
    order = await world.open()
    await fill_order.send_waves(world.pool)
    asked = {offer.nurse_id for offer in await world.offers(order.id)}
    assert world.nurse(7).id in asked
    assert world.nurse(20).id not in asked
