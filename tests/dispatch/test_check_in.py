"""Whether a nurse who is out is well: asked in time, missed in time, and never declared well."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.settings import Settings
from config.vocabulary import Risk
from dispatch import welfare
from dispatch.acts import check_in, keep_record, raise_alarm, report_positions
from dispatch.acts.keep_record import Entry
from dispatch.acts.report_positions import Point
from dispatch.errors import InvalidFields, NotFound
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import AlarmState, VisitState
from dispatch.records import alarms, safety_checks
from dispatch.records.alarms import Alarm
from dispatch.records.safety_codes import Codes
from dispatch.records.visits import Visit
from matching.travel import LOCAL_ZONE
from tests import visiting
from tests.visiting import DOOR
from tests.world import World

EVERY_MIN = 20
CODES = Codes(code="2468", duress_code="1357")


@pytest.fixture
def settings() -> Settings:
    return Settings(check_in_low_min=EVERY_MIN)


@pytest.fixture
async def visit(world: World) -> Visit:
    """Nurse 1 is in the home of patient 1; she is to check in every twenty minutes."""
    (visit,) = await visiting.assigned(world)
    return await visiting.advanced(world, visit, VisitState.IN_SERVICE)


async def swept(world: World, **delta: float) -> int:
    """Let time pass, then look after everybody, two clocks at once."""
    await world.advance(**delta)
    return sum(await asyncio.gather(*(check_in.look_after(world.pool) for _ in range(2))))


async def kinds(world: World) -> list[str]:
    async with world.pool.read(world.operator) as conn:
        return sorted(alarm.kind for alarm in await alarms.list_open(conn, 50))


async def only_alarm(world: World) -> Alarm:
    async with world.pool.read(world.operator) as conn:
        (alarm,) = await alarms.list_open(conn, 50)
    return alarm


async def asked(world: World) -> list[Any]:
    rows = await world.owner.fetch(
        "SELECT account_ids FROM outbox WHERE wake = 'check_in_now' ORDER BY id"
    )
    return [row["account_ids"] for row in rows]


async def say_well(world: World, visit: Visit, at: datetime | None = None, **more: Any) -> Visit:
    caller = world.nurse_of(visit.nurse_id).caller
    return await check_in.check_in(world.pool, caller, visit.id, Report(at=at or world.now), **more)


async def point(world: World) -> None:
    here = Point(lat=DOOR[0], lng=DOOR[1], recorded_at=world.now)
    await report_positions.report_positions(world.pool, world.nurse(1).caller, [here])


async def test_r40_a_missed_check_in_is_asked_about_and_then_raises_an_alarm(
    world: World, visit: Visit
) -> None:
    assert await swept(world, minutes=EVERY_MIN, seconds=-1) == 0
    assert await swept(world, seconds=1) == 1
    assert await asked(world) == [[world.nurse(1).account_id]]
    assert await kinds(world) == []
    assert await swept(world, minutes=5, seconds=-1) == 0
    assert await swept(world, seconds=1) == 1
    alarm = await only_alarm(world)
    assert (alarm.kind, alarm.visit_id) == ("check_in", visit.id)
    assert alarm.next_step_at == world.now + timedelta(seconds=10)


async def test_r40_who_checks_in_is_left_alone(world: World, visit: Visit) -> None:
    for _ in range(3):
        await swept(world, minutes=EVERY_MIN - 1)
        await say_well(world, visit)
    await swept(world, minutes=EVERY_MIN)
    await say_well(world, visit)  # asked, and she answers
    await swept(world, minutes=6)
    assert (len(await asked(world)), await kinds(world)) == (1, [])


async def test_r40_what_she_enters_in_the_record_is_a_sign_of_her(
    world: World, visit: Visit
) -> None:
    await swept(world, minutes=EVERY_MIN - 1)
    entry = Entry(client_id=new_id(), kind="note", data={"text": "一切正常"}, recorded_at=world.now)
    await keep_record.keep_record(world.pool, world.nurse(1).caller, visit.id, entry)
    await swept(world, minutes=EVERY_MIN - 1)
    assert await asked(world) == []


async def test_r40_a_phone_that_is_there_says_nothing_of_her(world: World, visit: Visit) -> None:
    """It may lie in a bag: positions and heartbeats are no check-in."""
    for _ in range(EVERY_MIN + 6):
        await point(world)
        assert await check_in.tell_alive(world.pool, world.nurse(1).caller) == 1
        await swept(world, minutes=1)
    assert await kinds(world) == ["check_in"]


async def test_r40_an_old_check_in_that_comes_late_is_no_all_clear(
    world: World, visit: Visit
) -> None:
    pressed_at = world.now + timedelta(minutes=1)
    await swept(world, minutes=EVERY_MIN)
    await swept(world, minutes=4)
    await say_well(world, visit, pressed_at)
    await swept(world, minutes=1)
    assert await kinds(world) == ["check_in"]


async def test_r40_a_sign_of_life_ends_no_alarm_and_an_alarm_closed_too_soon_comes_back(
    world: World, visit: Visit
) -> None:
    await swept(world, minutes=EVERY_MIN)
    await swept(world, minutes=5)
    alarm = await only_alarm(world)
    await say_well(world, visit)
    assert (await only_alarm(world)).state is AlarmState.RAISED
    await raise_alarm.resolve(world.pool, world.operator, alarm.id, "护士回电，平安")
    await swept(world, minutes=EVERY_MIN)
    await swept(world, minutes=5)
    again = await only_alarm(world)
    assert again.id != alarm.id
    await raise_alarm.resolve(world.pool, world.operator, again.id, "未核实")
    for _ in range(EVERY_MIN + 5):
        await swept(world, minutes=1)
    assert (await only_alarm(world)).id not in (alarm.id, again.id)


async def test_r40_a_standing_alarm_is_not_raised_twice(world: World, visit: Visit) -> None:
    for _ in range(60):
        await swept(world, minutes=1)
    assert await kinds(world) == ["check_in"]


async def test_r40_a_phone_that_told_where_it_is_and_falls_silent_is_dark(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    await swept(world, minutes=25)
    assert await asked(world) == []  # one that never told is not missed on the way
    await point(world)
    await swept(world, minutes=15)
    await point(world)
    await swept(world, minutes=19)
    assert await asked(world) == []
    await swept(world, minutes=1)
    assert len(await asked(world)) == 1
    await swept(world, minutes=5)
    assert await kinds(world) == ["dark"]


async def test_r40_nobody_is_looked_for_after_the_visit(world: World, visit: Visit) -> None:
    await world.advance(minutes=10)
    await visiting.advanced_to_end(world, visit)
    for _ in range(40):
        await swept(world, minutes=1)
    assert (await asked(world), await kinds(world)) == ([], [])
    due = await world.owner.fetchval("SELECT count(*) FROM safety_checks WHERE due_at IS NOT NULL")
    assert due == 0


@pytest.mark.parametrize(
    ("risk", "is_flagged", "hour", "minutes"),
    [
        (Risk.LOW, False, 10, None),
        (Risk.MEDIUM, False, 10, 60),
        (Risk.HIGH, False, 10, 30),
        (Risk.LOW, True, 10, 15),
        (Risk.LOW, False, 22, 45),
        (Risk.LOW, False, 5, 45),
        (Risk.LOW, False, 6, None),
        (Risk.HIGH, True, 23, 15),
    ],
)
def test_r40_how_often_follows_from_risk_flags_and_hour(
    risk: Risk, is_flagged: bool, hour: int, minutes: int | None
) -> None:
    settings = Settings(
        check_in_medium_min=60,
        check_in_high_min=30,
        check_in_flagged_min=15,
        check_in_night_min=45,
    )
    at = datetime(2040, 3, 5, hour, tzinfo=LOCAL_ZONE)
    assert welfare.every_min(settings, risk, is_flagged=is_flagged, starts_at=at) == minutes


async def test_r40_a_flagged_address_is_watched_more_closely(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await world.owner.execute(
        "UPDATE addresses SET flag_conditions = '{daytime_only}' WHERE id = $1",
        world.patient().address_id,
    )
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    async with world.pool.read(world.clock) as conn:
        check = (await safety_checks.by_visit(conn, [visit.id]))[visit.id]
    assert check.every_min == 15


async def test_only_the_nurse_of_the_visit_checks_in(world: World, visit: Visit) -> None:
    for caller in (world.nurse(2).caller, world.nurse(3).caller):
        with pytest.raises(NotFound):
            await check_in.check_in(world.pool, caller, visit.id, Report(at=world.now))


# The ladder


async def test_r39_an_alarm_that_is_taken_up_and_not_resolved_falls_back(
    world: World, visit: Visit
) -> None:
    await swept(world, minutes=EVERY_MIN)
    await swept(world, minutes=5)
    alarm = await only_alarm(world)
    await raise_alarm.acknowledge(world.pool, world.operator, alarm.id)
    await world.advance(minutes=30, seconds=-1)
    assert await raise_alarm.climb_ladder(world.pool) == 0
    await world.advance(seconds=1)
    assert await raise_alarm.climb_ladder(world.pool) == 1
    assert (await only_alarm(world)).state is AlarmState.RAISED
    moves = await world.owner.fetch(
        "SELECT move, actor_role FROM history WHERE subject_id = $1 ORDER BY id", alarm.id
    )
    assert [tuple(row) for row in moves] == [
        ("raise", "clock"),
        ("acknowledge", "operator"),
        ("fall_back", "clock"),
    ]


async def test_r39_what_the_clock_noticed_wakes_one_circle_more_each_rung(
    world: World, visit: Visit
) -> None:
    """First who takes alarms up at her institution, then everywhere, then the admins."""
    local = world.operator.account_id
    await world.owner.execute(
        "UPDATE accounts SET institution_id = $2 WHERE id = $1", local, visit.institution_id
    )
    await swept(world, minutes=EVERY_MIN)
    await swept(world, minutes=5)
    for seconds in (10, 10):
        await world.advance(seconds=seconds)
        await raise_alarm.climb_ladder(world.pool)
    rows = await world.owner.fetch(
        "SELECT account_ids FROM outbox WHERE wake = 'alarm' ORDER BY id"
    )
    woken = [row["account_ids"] for row in rows]
    assert woken[0] == [local]
    assert woken[1] == [local, world.admin.account_id]
    sos = await raise_alarm.press(world.pool, world.nurse(1).caller, visit.id, {})
    told = await world.owner.fetchval(
        "SELECT account_ids FROM outbox WHERE wake = 'alarm' AND data ->> 'alarm_id' = $1",
        str(sos.id),
    )
    assert set(told) == {local, world.admin.account_id}


# Duress


async def test_r39_a_duress_code_looks_like_any_and_calls_for_help_in_silence(
    world: World, visit: Visit
) -> None:
    nurse = world.nurse(1)
    await check_in.set_codes(world.pool, nurse.caller, CODES)
    before = await told_to_her(world)
    well = await say_well(world, visit, code=CODES.code)
    made = await say_well(world, visit, code=CODES.duress_code)
    assert made == well == await visiting.visit(world, visit.id)
    assert await told_to_her(world) == before
    alarm = await only_alarm(world)
    assert (alarm.kind, alarm.raised_by, alarm.level) == ("duress", None, 1)
    woken = await world.owner.fetchval("SELECT account_ids FROM outbox WHERE wake = 'alarm'")
    assert world.operator.account_id in woken
    assert nurse.account_id not in woken
    assert world.patient().account_id not in woken
    for caller in (nurse.caller, world.patient().caller):
        async with world.pool.read(caller) as conn:
            assert await alarms.list_open(conn, 50) == []
    steps = await world.owner.fetch(
        "SELECT step, taken FROM visit_facts WHERE visit_id = $1 AND step = 'check_in'", visit.id
    )
    assert [tuple(row) for row in steps] == [("check_in", True)] * 2


async def told_to_her(world: World) -> list[Any]:
    """All that her stream and her phone have been told."""
    rows = await world.owner.fetch(
        "SELECT event, data FROM outbox WHERE $1 = ANY (account_ids) ORDER BY id",
        world.nurse(1).account_id,
    )
    return [tuple(row) for row in rows]


async def test_r39_duress_again_raises_the_level_and_closing_it_tells_her_nothing(
    world: World, visit: Visit
) -> None:
    await check_in.set_codes(world.pool, world.nurse(1).caller, CODES)
    before = await told_to_her(world)
    for _ in range(2):
        await say_well(world, visit, code=CODES.duress_code)
    alarm = await only_alarm(world)
    assert alarm.level == 2
    async with world.pool.read(world.operator) as conn:
        assert len(await raise_alarm.open_payload(conn, alarm)) == 2
    await raise_alarm.acknowledge(world.pool, world.operator, alarm.id)
    await raise_alarm.resolve(world.pool, world.operator, alarm.id, "民警已到场")
    assert await told_to_her(world) == before


@pytest.mark.parametrize("state", [VisitState.SCHEDULED, VisitState.COMPLETED])
async def test_r39_duress_is_taken_in_every_state(world: World, state: VisitState) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, state)
    await check_in.set_codes(world.pool, world.nurse(1).caller, CODES)
    await say_well(world, visit, code=CODES.duress_code)
    assert await kinds(world) == ["duress"]


async def test_a_code_that_is_not_hers_is_no_sign_of_her(world: World, visit: Visit) -> None:
    await check_in.set_codes(world.pool, world.nurse(1).caller, CODES)
    await world.advance(minutes=10)
    for given in (None, "0000"):
        with pytest.raises(InvalidFields):
            await say_well(world, visit, code=given)
    await swept(world, minutes=EVERY_MIN - 10)
    assert len(await asked(world)) == 1


async def test_r39_codes_are_changed_with_the_present_one_and_under_duress_only_seem_to(
    world: World, visit: Visit
) -> None:
    caller = world.nurse(1).caller
    await check_in.set_codes(world.pool, caller, CODES)
    other = Codes(code="7777", duress_code="8888")
    with pytest.raises(InvalidFields):
        await check_in.set_codes(world.pool, caller, other)
    await check_in.set_codes(world.pool, caller, other, CODES.duress_code)
    assert await kinds(world) == ["duress"]
    await say_well(world, visit, code=CODES.code)
    await check_in.set_codes(world.pool, caller, other, CODES.code)
    await say_well(world, visit, code=other.code)
    with pytest.raises(InvalidFields):
        await check_in.set_codes(world.pool, caller, Codes(code="1", duress_code="1"), other.code)


async def test_the_codes_lie_sealed_and_nobody_else_reads_them(world: World) -> None:
    await check_in.set_codes(world.pool, world.nurse(1).caller, CODES)
    sealed = await world.owner.fetchval("SELECT codes_sealed FROM safety_codes")
    assert CODES.duress_code.encode() not in sealed
    for caller in (world.operator, world.nurse(2).caller, world.clock):
        async with world.pool.read(caller) as conn:
            assert await conn.fetchval("SELECT count(*) FROM safety_codes") == 0
