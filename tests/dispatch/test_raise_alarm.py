"""Alarms: none is lost, none is raised twice, and they climb until somebody takes them up."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dispatch.acts import raise_alarm
from dispatch.errors import Forbidden, IllegalTransition, NotFound, StaleVersion
from dispatch.lifecycles import AlarmState, VisitState
from dispatch.records import alarms, person_keys
from dispatch.records.alarms import Alarm
from tests import visiting
from tests.world import World


@pytest.fixture
def world(jinhua: World) -> World:
    return jinhua


async def open_alarms(world: World) -> list[Alarm]:
    async with world.pool.read(world.operator) as conn:
        return await alarms.list_open(conn, 50)


async def bodies(world: World, alarm: Alarm) -> list[dict[str, Any]]:
    async with world.pool.read(world.operator) as conn:
        return [press["body"] for press in await raise_alarm.open_payload(conn, alarm)]


async def rungs(world: World) -> list[int]:
    """The rungs at which operators were woken, in order."""
    rows = await world.owner.fetch(
        "SELECT data ->> 'step' AS step FROM outbox WHERE wake = 'alarm' ORDER BY id"
    )
    return [int(row["step"]) for row in rows]


async def test_sos_wakes_the_operators_and_keeps_what_was_sent(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    alarm = await raise_alarm.press(world.pool, nurse, visit.id, {"battery": 4, "x": {"y": [1]}})
    assert (alarm.kind, alarm.level, alarm.state) == ("sos", 1, AlarmState.RAISED)
    assert await bodies(world, alarm) == [{"battery": 4, "x": {"y": [1]}}]
    woken = await world.owner.fetchval("SELECT account_ids FROM outbox WHERE wake = 'alarm'")
    assert world.operator.account_id in woken
    assert world.admin.account_id in woken
    assert world.reviewer.account_id not in woken
    stored = await world.owner.fetchval("SELECT payload_sealed FROM alarms")
    assert b"battery" not in stored


async def test_sos_in_every_state_by_nurse_and_patient_and_by_nobody_else(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.COMPLETED)
    for caller in (world.nurse(1).caller, world.patient().caller):
        await raise_alarm.press(world.pool, caller, visit.id, {})
    (alarm,) = await open_alarms(world)
    assert (alarm.level, alarm.raised_by) == (2, world.nurse(1).account_id)
    for stranger in (world.nurse(2).caller, world.patient(2).caller):
        with pytest.raises(NotFound):
            await raise_alarm.press(world.pool, stranger, visit.id, {})


async def test_presses_at_once_join_one_alarm_and_each_counts(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse, patient = world.nurse(1).caller, world.patient().caller
    await asyncio.gather(
        *(
            raise_alarm.press(world.pool, caller, visit.id, {"n": n})
            for n, caller in enumerate([nurse, patient] * 4)
        )
    )
    (alarm,) = await open_alarms(world)
    assert alarm.level == 8
    assert sorted(body["n"] for body in await bodies(world, alarm)) == list(range(8))


async def test_a_second_press_opens_an_acknowledged_alarm_again(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    first = await raise_alarm.press(world.pool, nurse, visit.id, {})
    taken = await raise_alarm.acknowledge(world.pool, world.operator, first.id, version=1)
    assert taken.state is AlarmState.ACKNOWLEDGED
    again = await raise_alarm.press(world.pool, nurse, visit.id, {})
    assert (again.id, again.state, again.level) == (first.id, AlarmState.RAISED, 2)
    assert again.next_step_at == world.now + timedelta(seconds=10)


async def test_a_resolved_alarm_stays_resolved_and_the_next_press_is_a_new_one(
    world: World,
) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1).caller
    first = await raise_alarm.press(world.pool, nurse, visit.id, {"n": 1})
    with pytest.raises(Forbidden):
        await raise_alarm.resolve(world.pool, nurse, first.id, "nothing")
    with pytest.raises(StaleVersion):
        await raise_alarm.resolve(world.pool, world.operator, first.id, "ok", version=9)
    ended = await raise_alarm.resolve(world.pool, world.operator, first.id, "误触，已电话确认")
    assert ended.state is AlarmState.RESOLVED
    with pytest.raises(IllegalTransition):
        await raise_alarm.acknowledge(world.pool, world.operator, first.id)
    note = await world.owner.fetchval("SELECT note_sealed FROM history WHERE move = 'resolve'")
    async with world.pool.read(world.operator) as conn:
        assert ended.person_id is not None
        opened = await person_keys.open_json(
            conn, ended.person_id, "history", "note_sealed", f"{ended.id}:2", note
        )
    assert opened == "误触，已电话确认"
    second = await raise_alarm.press(world.pool, nurse, visit.id, {"n": 2})
    assert (second.id != first.id, second.level) == (True, 1)


async def test_an_alarm_is_taken_even_when_the_key_of_its_payload_is_gone(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse(1)
    first = await raise_alarm.press(world.pool, nurse.caller, visit.id, {"n": 1})
    await world.pool.transact(world.clock, lambda conn: person_keys.destroy(conn, nurse.account_id))
    again = await raise_alarm.press(world.pool, world.patient().caller, visit.id, {"n": 2})
    assert (again.id, again.level) == (first.id, 2)
    assert await bodies(world, again) == []


async def test_the_ladder_climbs_on_time_until_somebody_takes_it_up(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    alarm = await raise_alarm.press(world.pool, world.nurse(1).caller, visit.id, {})
    at_s = []
    for second in range(1, 131):
        await world.advance(seconds=1)
        swept = await asyncio.gather(*(raise_alarm.climb_ladder(world.pool) for _ in range(2)))
        if sum(swept):
            at_s.append(second)
    assert at_s == [10, 20, 40, 70, 100, 130]
    assert await rungs(world) == [0, 1, 2, 3, 4, 5, 6]
    await raise_alarm.acknowledge(world.pool, world.operator, alarm.id)
    await world.advance(minutes=5)
    assert await raise_alarm.climb_ladder(world.pool) == 0


async def test_after_a_standstill_the_ladder_goes_on_once_not_for_each_rung_missed(
    world: World,
) -> None:
    (visit,) = await visiting.assigned(world)
    await raise_alarm.press(world.pool, world.nurse(1).caller, visit.id, {})
    await world.advance(minutes=10)
    assert [await raise_alarm.climb_ladder(world.pool) for _ in range(3)] == [1, 0, 0]
    await world.advance(seconds=10)
    assert await raise_alarm.climb_ladder(world.pool) == 1


@pytest.mark.parametrize("state", [VisitState.ARRIVED, VisitState.IN_SERVICE])
async def test_a_visit_that_should_have_ended_raises_one_alarm(
    world: World, state: VisitState
) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, state)
    until = visit.planned_end + timedelta(minutes=30) - world.now
    await world.advance(seconds=until.total_seconds() - 1)
    assert await raise_alarm.find_overdue(world.pool) == 0
    await world.advance(seconds=1)
    swept = await asyncio.gather(*(raise_alarm.find_overdue(world.pool) for _ in range(3)))
    assert sum(swept) == 1
    (alarm,) = await open_alarms(world)
    assert (alarm.kind, alarm.visit_id, alarm.step) == ("overdue", visit.id, 0)
    woken = await world.owner.fetchval(
        "SELECT account_ids FROM outbox WHERE wake = 'visit_overdue'"
    )
    assert woken == [world.nurse(1).account_id]
    await raise_alarm.resolve(world.pool, world.operator, alarm.id, "电话确认，仍在服务")
    await world.advance(hours=1)
    assert await raise_alarm.find_overdue(world.pool) == 0


async def test_a_visit_that_has_ended_raises_none(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.COMPLETED)
    await world.advance(hours=5)
    assert await raise_alarm.find_overdue(world.pool) == 0


async def test_operators_of_another_institution_hear_nothing(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await raise_alarm.press(world.pool, world.nurse(1).caller, visit.id, {})
    there = await world.owner.fetch("SELECT institution_id, staff FROM outbox WHERE wake = 'alarm'")
    assert {(row["institution_id"], row["staff"]) for row in there} == {
        (world.institution_ids[0], True)
    }
    for institution_id, seen in ((world.institution_ids[0], 1), (world.institution_ids[1], 0)):
        bound = visiting.bound_operator(world, institution_id)
        async with world.pool.read(bound) as conn:
            assert len(await alarms.list_open(conn, 50)) == seen


async def test_sos_of_a_phone_that_was_offline_is_taken_when_it_comes(world: World) -> None:
    """Pressed in the home, sent hours later with its own time: it rings like any other."""
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    pressed_at = world.now.isoformat()
    await world.advance(hours=3)
    nurse = world.nurse(1).caller
    alarm = await raise_alarm.press(world.pool, nurse, visit.id, {"at": pressed_at})
    assert alarm.state is AlarmState.RAISED
    assert (await bodies(world, alarm))[0]["at"] == pressed_at
    await world.advance(seconds=world.pool.settings.alarm_steps_s[0])
    assert await raise_alarm.climb_ladder(world.pool) == 1
