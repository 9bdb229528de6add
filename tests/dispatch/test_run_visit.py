"""The visit from departure to its end: the steps, what is flagged, what follows for the order."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from dispatch.acts import end_visit, run_visit
from dispatch.errors import (
    Forbidden,
    IllegalTransition,
    InvalidFields,
    NotFound,
    OutsideGeofence,
    StaleVersion,
)
from dispatch.evidence import Report
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import alarms, person_keys, positions, visit_facts
from tests import visiting
from tests.visiting import at_door
from tests.world import PAIR, World


@pytest.fixture
def world(jinhua: World) -> World:
    return jinhua


async def test_a_visit_from_departure_to_completion_fulfils_its_order(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    done = await visiting.advanced(world, visit, VisitState.COMPLETED)
    assert done.state is VisitState.COMPLETED
    assert done.departed_at == visit.planned_start - timedelta(seconds=visit.travel_s)
    assert (done.arrived_at, done.started_at) == (visit.planned_start, visit.planned_start)
    assert done.ended_at == visit.planned_end
    assert done.flags == ["unsigned"]
    assert (await world.order(visit.order_id)).state is OrderState.FULFILLED
    told = await world.events(visit.order_id)
    for state in ("scheduled", "en_route", "arrived", "in_service", "completed"):
        # Once for the patient and the operators, once for the nurse.
        assert told.count(f"visit.{state}") == 2
    async with world.pool.read(world.clock) as conn:
        assert done.summary_sealed is not None
        summary = await person_keys.open_json(
            conn, visit.patient_id, "visits", "summary_sealed", visit.id, done.summary_sealed
        )
    assert summary == "一切正常"


async def test_the_patient_is_told_when_she_sets_out_and_when_to_expect_her(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    going = await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    assert going.eta is not None
    assert going.eta > world.now
    woken = await world.owner.fetchrow(
        "SELECT account_ids FROM outbox WHERE wake = 'nurse_on_her_way'"
    )
    assert woken is not None
    assert woken["account_ids"] == [world.patient().account_id]


async def test_somebody_elses_visit_does_not_exist(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    for stranger in (world.nurse(2).caller, world.patient(2).caller):
        with pytest.raises(NotFound):
            await run_visit.depart(world.pool, stranger, visit.id, at_door(world.now))
    with pytest.raises(Forbidden):
        await run_visit.depart(world.pool, world.patient().caller, visit.id, at_door(world.now))


async def test_nobody_departs_before_every_seat_is_filled(world: World) -> None:
    order = await world.open(service_codes=[PAIR])
    first = await visiting.seated(world, order, 1, 1)
    with pytest.raises(IllegalTransition) as refusal:
        await run_visit.depart(world.pool, world.nurse(1).caller, first.id, at_door(world.now))
    assert refusal.value.extras["state"] == "scheduled"
    await visiting.seated(world, order, 2, 2)
    await run_visit.depart(world.pool, world.nurse(1).caller, first.id, at_door(world.now))


async def test_a_step_names_its_time_and_the_version_it_has_seen(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    with pytest.raises(InvalidFields) as refusal:
        await run_visit.depart(
            world.pool, nurse, visit.id, at_door(world.now + timedelta(minutes=3))
        )
    assert refusal.value.extras["errors"] == [{"loc": ["body", "at"], "msg": "in_future"}]
    with pytest.raises(StaleVersion):
        await run_visit.depart(world.pool, nurse, visit.id, at_door(world.now), version=7)
    await run_visit.depart(world.pool, nurse, visit.id, at_door(world.now), version=1)


async def test_r33_outside_the_geofence_needs_a_reason_and_is_flagged(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    nurse = world.nurse(1).caller
    # 0.005 degrees of latitude are 554 m; her phone is sure to 100 m.
    off = at_door(world.now, lat=visiting.DOOR[0] + 0.005, accuracy_m=100.0)
    with pytest.raises(OutsideGeofence) as refusal:
        await run_visit.arrive(world.pool, nurse, visit.id, off)
    assert refusal.value.extras == {"distance_m": 554, "limit_m": 300}
    assert (await visiting.visit(world, visit.id)).state is VisitState.EN_ROUTE
    arrived = await run_visit.arrive(world.pool, nurse, visit.id, off, "地址定位有误")
    assert "outside_geofence" in arrived.flags


async def test_accuracy_is_taken_off_the_distance_but_not_without_bound(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    near = at_door(world.now, lat=visiting.DOOR[0] + 0.005, accuracy_m=260.0)
    far = at_door(world.now, lat=visiting.DOOR[0] + 0.05, accuracy_m=100_000.0)
    with pytest.raises(OutsideGeofence):
        await run_visit.arrive(world.pool, nurse, visit.id, far)
    arrived = await run_visit.arrive(world.pool, nurse, visit.id, near)
    # Two hours before the visit is planned, but at the door.
    assert arrived.flags == ["early_arrival"]


async def test_steps_of_a_phone_that_was_offline_are_taken_late(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse, start = world.nurse(1).caller, visit.planned_start
    await world.advance(hours=2, minutes=50)
    await run_visit.depart(
        world.pool, nurse, visit.id, at_door(start - timedelta(seconds=visit.travel_s))
    )
    await run_visit.arrive(world.pool, nurse, visit.id, at_door(start))
    await run_visit.start(world.pool, nurse, visit.id, Report(at=start - timedelta(minutes=1)))
    await visiting.recorded(world, visit)
    now = await run_visit.complete(
        world.pool, nurse, visit.id, at_door(start + timedelta(minutes=5)), "done"
    )
    assert now.flags == ["late_sync", "no_door_check", "out_of_order", "short_dwell", "unsigned"]
    async with world.pool.read(world.clock) as conn:
        facts = await visit_facts.list_of_visit(conn, visit.id)
    assert [(fact.step, fact.at, fact.received_at) for fact in facts][1] == (
        "arrive",
        start,
        world.now,
    )


async def test_a_step_for_an_ended_visit_is_refused_kept_and_shown(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await world.advance(hours=3, minutes=1)
    assert await end_visit.miss_visits(world.pool) == 1
    for _ in range(2):
        with pytest.raises(IllegalTransition) as refusal:
            await run_visit.arrive(
                world.pool, world.nurse(1).caller, visit.id, at_door(visit.planned_start)
            )
        assert refusal.value.extras["state"] == "missed"
    ended = await visiting.visit(world, visit.id)
    assert "late_step" in ended.flags
    async with world.pool.read(world.operator) as conn:
        facts = await visit_facts.list_of_visit(conn, visit.id)
        raised = await alarms.list_open(conn, 10)
    assert [(fact.step, fact.taken) for fact in facts] == [("arrive", False)] * 2
    assert [(alarm.kind, alarm.visit_id) for alarm in raised] == [("late_step", visit.id)]
    with pytest.raises(IllegalTransition):
        await end_visit.end_for_her(world.pool, world.operator, visit.id, "release", "late")


async def test_the_same_step_twice_at_once_is_taken_once(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    outcomes = await asyncio.gather(
        *(
            run_visit.depart(world.pool, world.nurse(1).caller, visit.id, at_door(world.now))
            for _ in range(4)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 3
    assert (await visiting.visit(world, visit.id)).version == 2


@pytest.mark.parametrize(
    ("reason", "hours", "code", "state"),
    [
        ("nobody_home", 0, "nobody_home", OrderState.OPEN),
        ("clinical: 血压 220/130，建议急诊", 0, "clinical", OrderState.FAILED),
        ("门口有恶犬", 0, "other", OrderState.OPEN),
        ("unsafe", 4, "unsafe", OrderState.FAILED),
    ],
)
async def test_an_aborted_visit_is_planned_again_if_time_and_reason_allow(
    world: World, reason: str, hours: int, code: str, state: OrderState
) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    await world.advance(hours=hours)
    ended = await run_visit.abort(
        world.pool, world.nurse(1).caller, visit.id, Report(at=world.now), reason
    )
    assert (ended.state, ended.end_reason) == (VisitState.ABORTED, code)
    order = await world.order(visit.order_id)
    assert order.state is state
    assert order.round == (2 if state is OrderState.OPEN else 1)


async def test_giving_back_frees_the_partner_and_starts_over(world: World) -> None:
    first, second = await visiting.assigned(world, staff_nos=(1, 2), service_codes=[PAIR])
    await run_visit.release(world.pool, world.nurse(2).caller, second.id, "孩子发烧")
    order = await world.order(first.order_id)
    assert (order.state, order.round, order.next_wave_at) == (OrderState.OPEN, 2, world.now)
    assert [v.state for v in await world.visits(order.id)] == [VisitState.RELEASED] * 2
    woken = await world.owner.fetchval(
        "SELECT account_ids FROM outbox WHERE wake = 'visit_withdrawn'"
    )
    assert woken == [world.nurse(1).account_id]


async def test_giving_back_one_seat_of_an_order_that_still_looks(world: World) -> None:
    order = await world.open(service_codes=[PAIR])
    first = await visiting.seated(world, order, 1, 1)
    await run_visit.release(world.pool, world.nurse(1).caller, first.id, "病了")
    after = await world.order(order.id)
    assert (after.state, after.round) == (OrderState.OPEN, 2)


async def test_after_departing_a_visit_cannot_be_given_back(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    with pytest.raises(IllegalTransition):
        await run_visit.release(world.pool, world.nurse(1).caller, visit.id, "no")


async def test_when_one_of_two_breaks_off_the_one_in_service_goes_on(world: World) -> None:
    first, second = await visiting.assigned(world, staff_nos=(1, 2), service_codes=[PAIR])
    await visiting.advanced(world, first, VisitState.IN_SERVICE)
    await visiting.advanced(world, second, VisitState.ARRIVED)
    await run_visit.abort(
        world.pool, world.nurse(2).caller, second.id, Report(at=world.now), "other"
    )
    assert (await visiting.visit(world, first.id)).state is VisitState.IN_SERVICE
    assert (await world.order(first.order_id)).state is OrderState.ASSIGNED
    await visiting.advanced_to_end(world, first)
    order = await world.order(first.order_id)
    assert order.state is OrderState.FAILED
    assert order.closing is not None


async def test_operators_end_a_visit_for_a_nurse_who_cannot(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    with pytest.raises(IllegalTransition):
        await end_visit.end_for_her(world.pool, world.operator, visit.id, "miss", "?")
    with pytest.raises(Forbidden):
        await end_visit.end_for_her(world.pool, world.patient().caller, visit.id, "complete", "?")
    ended = await end_visit.end_for_her(
        world.pool, world.operator, visit.id, "complete", "手机没电", world.now
    )
    assert ended.state is VisitState.COMPLETED
    assert ended.flags == ["ended_by_operator", "record_incomplete"]
    assert (await world.order(visit.order_id)).state is OrderState.FULFILLED


async def test_positions_end_with_the_visit(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    point = positions.Position(
        visit_id=visit.id, nurse_id=visit.nurse_id, recorded_at=world.now, lat=29.0, lng=119.6
    )
    await world.pool.transact(
        world.nurse(1).caller,
        lambda conn: positions.insert_many(conn, visit.patient_id, [point]),
    )
    await run_visit.abort(
        world.pool, world.nurse(1).caller, visit.id, Report(at=world.now), "unsafe"
    )
    assert await world.owner.fetchval("SELECT count(*) FROM positions") == 0


async def test_late_nurses_are_reminded_once_then_told_of_once(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    assert await end_visit.nudge_late(world.pool) == 0
    leave_in = visit.planned_start - timedelta(seconds=visit.travel_s) - world.now
    await world.advance(seconds=leave_in.total_seconds() - 600)
    swept = await asyncio.gather(*(end_visit.nudge_late(world.pool) for _ in range(3)))
    assert sum(swept) == 1
    assert await world.owner.fetchval(
        "SELECT account_ids FROM outbox WHERE wake = 'depart_now'"
    ) == [world.nurse(1).account_id]
    await world.advance(minutes=19)
    assert await end_visit.nudge_late(world.pool) == 0
    await world.advance(minutes=1)
    swept = await asyncio.gather(*(end_visit.nudge_late(world.pool) for _ in range(3)))
    assert sum(swept) == 1
    async with world.pool.read(world.operator) as conn:
        (alarm,) = await alarms.list_open(conn, 10)
    assert (alarm.kind, alarm.visit_id) == ("not_departed", visit.id)
    await world.advance(minutes=30)
    assert await end_visit.nudge_late(world.pool) == 0


async def test_a_nurse_who_departed_is_not_reminded(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    assert await end_visit.nudge_late(world.pool) == 0


async def test_missed_visits_are_given_up_once_and_planned_again(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await world.advance(hours=2, minutes=59)
    assert await end_visit.miss_visits(world.pool) == 0
    await world.advance(minutes=1)
    swept = await asyncio.gather(*(end_visit.miss_visits(world.pool) for _ in range(3)))
    assert sum(swept) == 1
    assert (await visiting.visit(world, visit.id)).state is VisitState.MISSED
    order = await world.order(visit.order_id)
    assert (order.state, order.round) == (OrderState.OPEN, 2)
