"""Records of a visit and the nurse's way: what is kept, once, and who may look."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dispatch.acts import end_visit, keep_record, open_visits, report_positions, run_visit
from dispatch.acts.keep_record import Entry
from dispatch.acts.report_positions import Point
from dispatch.errors import IllegalTransition, InvalidFields, NotFound
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.records import nurses, positions, visit_records
from dispatch.records.visits import Visit
from tests import visiting
from tests.visiting import DOOR, at_door
from tests.world import World


@pytest.fixture
def world(jinhua: World) -> World:
    return jinhua


def entry(world: World, **changes: Any) -> Entry:
    plain = {
        "client_id": new_id(),
        "kind": "vitals",
        "data": {"systolic_mmhg": 128, "diastolic_mmhg": 76},
        "recorded_at": world.now,
    }
    return Entry(**{**plain, **changes})


async def way(world: World, visit: Visit) -> list[Any]:
    return await world.owner.fetch(
        "SELECT recorded_at FROM positions WHERE visit_id = $1 ORDER BY recorded_at", visit.id
    )


async def test_a_record_sent_twice_is_kept_once_and_the_first_one_stands(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    nurse = world.nurse(1).caller
    sent = entry(world)
    kept = await asyncio.gather(
        *(keep_record.keep_record(world.pool, nurse, visit.id, sent) for _ in range(4))
    )
    assert sorted(new for _, new in kept) == [False, False, False, True]
    assert len({record.id for record, _ in kept}) == 1
    other = entry(world, client_id=sent.client_id, data={"pulse_bpm": 60})
    first, new = await keep_record.keep_record(world.pool, nurse, visit.id, other)
    async with world.pool.read(nurse) as conn:
        assert (await visit_records.open_data(conn, [first]))[first.id] == sent.data
    assert not new
    assert (
        await world.owner.fetchval("SELECT count(*) FROM audit WHERE action = 'record.keep'") == 1
    )


async def test_records_begin_at_the_door_and_are_taken_after_the_end(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    with pytest.raises(IllegalTransition):
        await keep_record.keep_record(world.pool, nurse, visit.id, entry(world))
    await visiting.advanced(world, visit, VisitState.COMPLETED)
    with pytest.raises(InvalidFields):
        await keep_record.keep_record(
            world.pool, nurse, visit.id, entry(world, recorded_at=world.now + timedelta(hours=1))
        )
    await keep_record.keep_record(world.pool, nurse, visit.id, entry(world))
    assert "late_record" in (await visiting.visit(world, visit.id)).flags


async def test_a_missed_visit_takes_the_records_of_a_phone_that_was_offline(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    await world.advance(hours=3)
    await end_visit.miss_visits(world.pool)
    with pytest.raises(IllegalTransition):
        await keep_record.keep_record(world.pool, nurse, visit.id, entry(world))
    with pytest.raises(IllegalTransition):
        await run_visit.arrive(world.pool, nurse, visit.id, at_door(visit.planned_start))
    _, new = await keep_record.keep_record(world.pool, nurse, visit.id, entry(world))
    assert new


async def test_who_may_read_the_records_of_a_patient(world: World) -> None:
    (past,) = await visiting.assigned(world)
    await visiting.advanced(world, past, VisitState.COMPLETED)
    late = entry(world)
    await keep_record.keep_record(world.pool, world.nurse(1).caller, past.id, late)
    (ahead,) = await visiting.assigned(world, staff_nos=(2,))
    patient_id = past.patient_id

    async def read(caller: Any) -> int:
        found = await open_visits.open_records_of_patient(
            world.pool, caller, patient_id, before=None, limit=10
        )
        return sum(record.client_id == late.client_id for record in found)

    assert await read(world.patient().caller) == 1
    assert await read(world.operator) == 1
    # Her colleague wrote it; she goes there next.
    assert await read(world.nurse(2).caller) == 1
    assert await read(world.patient(2).caller) == 0
    for stranger in (world.nurse(1).caller, world.nurse(3).caller):
        with pytest.raises(NotFound):
            await read(stranger)
    await run_visit.release(world.pool, world.nurse(2).caller, ahead.id, "x")
    with pytest.raises(NotFound):
        await read(world.nurse(2).caller)
    seen = await world.owner.fetch("SELECT actor_role FROM audit WHERE action = 'record.read'")
    assert [row["actor_role"] for row in seen] == ["operator", "nurse"]


async def test_r30_points_are_kept_only_between_departure_and_end(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller

    def points(*minutes: int) -> list[Point]:
        return [
            Point(lat=29.0, lng=119.6, recorded_at=world.now + timedelta(minutes=m))
            for m in minutes
        ]

    before = await report_positions.report_positions(world.pool, nurse, points(-1, 0))
    assert (before.accepted, before.ignored) == (0, 2)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    start = world.now
    await world.advance(minutes=3)
    # In any order, one of them twice, one before she left and one of the future.
    given = points(0, -2, -1, -1, -60, 30)
    taken = await report_positions.report_positions(world.pool, nurse, given)
    assert (taken.accepted, taken.ignored) == (4, 2)
    kept = [row["recorded_at"] - start for row in await way(world, visit)]
    # The first is where she was when she departed.
    assert kept == [timedelta(minutes=m) for m in (0, 1, 2, 3)]
    other = await report_positions.report_positions(world.pool, world.nurse(2).caller, points(0))
    assert (other.accepted, other.ignored) == (0, 1)
    await run_visit.abort(world.pool, nurse, visit.id, Report(at=world.now), "nobody_home")
    after = await report_positions.report_positions(world.pool, nurse, points(0))
    assert (after.accepted, after.ignored) == (0, 1)
    assert await way(world, visit) == []


async def test_the_newest_point_moves_the_expected_time_and_her_dispatch_point(
    world: World,
) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1)
    going = await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    assert going.eta is not None
    await world.advance(minutes=5)
    near = Point(lat=DOOR[0] - 0.01, lng=DOOR[1], recorded_at=world.now)
    far = Point(lat=28.9, lng=119.6, recorded_at=world.now - timedelta(minutes=1))
    await report_positions.report_positions(world.pool, nurse.caller, [near, far])
    closer = await visiting.visit(world, visit.id)
    assert closer.eta is not None
    assert world.now < closer.eta < going.eta
    await report_positions.report_positions(
        world.pool,
        nurse.caller,
        [Point(lat=28.9, lng=119.6, recorded_at=world.now - timedelta(minutes=2))],
    )
    assert (await visiting.visit(world, visit.id)).eta == closer.eta
    async with world.pool.read(nurse.caller) as conn:
        last = await positions.find_last(conn, visit.patient_id, visit.id)
        point = (await nurses.points_by_nurse(conn, [nurse.id]))[nurse.id]
    assert last is not None
    assert (last.lat, last.lng) == (near.lat, near.lng)
    assert abs(point.lat - near.lat) < 0.001


async def test_the_patient_is_told_of_the_way_now_and_then_and_woken_once_if_she_is_late(
    world: World,
) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    for _ in range(12):
        await world.advance(seconds=1)
        point = Point(lat=DOOR[0] - 0.01, lng=DOOR[1], recorded_at=world.now)
        await report_positions.report_positions(world.pool, nurse, [point])
    told = (await world.events(visit.order_id)).count("position.updated")
    assert 2 <= told <= 4
    for _ in range(2):
        await world.advance(minutes=25)
        stuck = Point(lat=28.9, lng=119.6, recorded_at=world.now)
        await report_positions.report_positions(world.pool, nurse, [stuck])
    woken = await world.owner.fetch("SELECT account_ids FROM outbox WHERE wake = 'eta_changed'")
    assert [row["account_ids"] for row in woken] == [[world.patient().account_id]]


async def test_a_point_that_races_with_the_end_is_not_left_behind(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    point = Point(lat=29.0, lng=119.6, recorded_at=world.now)
    await asyncio.gather(
        *(report_positions.report_positions(world.pool, nurse, [point]) for _ in range(4)),
        run_visit.abort(world.pool, nurse, visit.id, Report(at=world.now), "nobody_home"),
        *(report_positions.report_positions(world.pool, nurse, [point]) for _ in range(4)),
    )
    assert await way(world, visit) == []
