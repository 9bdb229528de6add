"""The emergency path: the operators first, every timer changed, the record locked for review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from config.settings import Settings
from dispatch.acts import (
    check_in,
    collect_debts,
    correct_fact,
    declare_emergency,
    end_visit,
    keep_patient,
    keep_record,
    raise_alarm,
    run_visit,
)
from dispatch.acts.declare_emergency import Measures
from dispatch.acts.keep_record import Entry
from dispatch.errors import InUse, NotFound, RecordLocked, VisitUnderWay
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import BillState, OrderState, VisitState
from dispatch.records import alarms, bills, visit_facts
from dispatch.records.bills import Bill
from dispatch.records.emergencies import Emergency
from dispatch.records.visits import Visit
from tests import visiting
from tests.world import World


@pytest.fixture
def settings() -> Settings:
    return Settings(check_in_low_min=20)


@pytest.fixture
async def visit(world: World) -> Visit:
    (visit,) = await visiting.assigned(world)
    return await visiting.advanced(world, visit, VisitState.IN_SERVICE)


async def declared(world: World, visit: Visit, **done: Any) -> Emergency:
    return await declare_emergency.declare_emergency(
        world.pool,
        world.nurse_of(visit.nurse_id).caller,
        visit.id,
        visiting.at_door(world.now),
        Measures(**done),
    )


async def ended(world: World, visit: Visit) -> Visit:
    """Handed over to the ambulance."""
    caller = world.nurse_of(visit.nurse_id).caller
    return await run_visit.abort(world.pool, caller, visit.id, Report(at=world.now), "clinical")


async def note(world: World, visit: Visit) -> None:
    entry = Entry(client_id=new_id(), kind="note", data={"text": "复苏"}, recorded_at=world.now)
    await keep_record.keep_record(
        world.pool, world.nurse_of(visit.nurse_id).caller, visit.id, entry
    )


async def test_r44_the_operators_are_told_first_of_all(world: World, visit: Visit) -> None:
    last = await world.owner.fetchval("SELECT max(id) FROM outbox")
    emergency = await declared(world, visit, first_aid=True)
    assert emergency.first_aid_at == world.now
    assert (emergency.ambulance_at, emergency.released_at) == (None, None)
    first = await world.owner.fetchrow(
        "SELECT event, wake, account_ids FROM outbox WHERE id > $1 ORDER BY id LIMIT 1", last
    )
    assert first is not None
    assert (first["event"], first["wake"]) == ("alarm.raised", "alarm")
    assert world.operator.account_id in first["account_ids"]
    await raise_alarm.press(world.pool, world.patient().caller, visit.id, {})
    async with world.pool.read(world.operator) as conn:
        assert [one.kind for one in await alarms.list_open(conn, 50)] == ["emergency", "sos"]


async def test_r44_each_measure_is_noted_once_with_its_time(world: World, visit: Visit) -> None:
    begun_at = world.now
    await declared(world, visit, first_aid=True, words="意识丧失")
    await world.advance(minutes=2)
    await declared(world, visit, first_aid=True, ambulance_called=True)
    await world.advance(minutes=1)
    emergency = await declared(world, visit, doctor_informed=True, words="已联系值班医生")
    assert emergency.first_aid_at == begun_at
    assert emergency.ambulance_at == begun_at + timedelta(minutes=2)
    assert emergency.doctor_at == begun_at + timedelta(minutes=3)
    async with world.pool.read(world.operator) as conn:
        said = await declare_emergency.open_words(conn, emergency)
        assert len(await alarms.list_open(conn, 50)) == 1
        facts = await visit_facts.list_of_visit(conn, visit.id)
    assert [one["words"] for one in said] == ["意识丧失", "已联系值班医生"]
    assert [fact.step for fact in facts if fact.step == "emergency"] == ["emergency"] * 3
    assert "意识丧失".encode() not in await world.owner.fetchval(
        "SELECT words_sealed FROM emergencies"
    )


async def test_r44_every_timer_changes(world: World, visit: Visit) -> None:
    """She is not asked whether she is well, the visit may last, its alarm rings again sooner; her
    next visit is a dispatcher's to see to, and she is not told to set out for it."""
    later = await world.open(
        2, earliest=world.now + timedelta(minutes=100), latest=world.now + timedelta(minutes=160)
    )
    following = await visiting.seated(world, later, 1, 1)
    await declared(world, visit, first_aid=True)
    async with world.pool.read(world.operator) as conn:
        found = {one.kind: one for one in await alarms.list_open(conn, 50)}
    assert found["not_departed"].visit_id == following.id
    await raise_alarm.acknowledge(world.pool, world.operator, found["emergency"].id)
    await world.advance(minutes=9)
    assert await raise_alarm.climb_ladder(world.pool) == 0
    await world.advance(minutes=1)
    assert await raise_alarm.climb_ladder(world.pool) == 1
    await world.advance(minutes=90)
    assert await check_in.look_after(world.pool) == 0
    assert await raise_alarm.find_overdue(world.pool) == 0
    assert await end_visit.nudge_late(world.pool) == 0
    await world.advance(minutes=80)
    assert await raise_alarm.find_overdue(world.pool) == 1


async def test_r44_on_the_way_nobody_gives_the_visit_up(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.EN_ROUTE)
    await declared(world, visit, first_aid=True, words="路遇伤者")
    await world.advance(minutes=90)
    assert await end_visit.miss_visits(world.pool) == 0


async def test_r44_the_record_is_locked_until_a_person_releases_it(
    world: World, visit: Visit
) -> None:
    await declared(world, visit, first_aid=True, ambulance_called=True)
    await note(world, visit)  # while it lasts she goes on writing
    with pytest.raises(VisitUnderWay):
        await declare_emergency.release_record(world.pool, world.operator, visit.id, "已审核")
    await world.advance(minutes=15)
    await ended(world, visit)
    with pytest.raises(RecordLocked):
        await note(world, visit)
    async with world.pool.read(world.operator) as conn:
        facts = await visit_facts.list_of_visit(conn, visit.id)
    arrival = next(fact for fact in facts if fact.step == "arrive")
    again: dict[str, Any] = {"at": arrival.at, "place": None, "reason": "更正"}
    with pytest.raises(RecordLocked):
        await correct_fact.correct_fact(world.pool, world.operator, visit.id, arrival.id, **again)
    with pytest.raises(InUse):
        await keep_patient.remove_patient(
            world.pool, world.patient().caller, visit.patient_id, None
        )
    released = await declare_emergency.release_record(
        world.pool, world.operator, visit.id, "病历完整，已讨论"
    )
    assert released.released_by == world.operator.account_id
    await note(world, visit)
    await correct_fact.correct_fact(world.pool, world.operator, visit.id, arrival.id, **again)
    with pytest.raises(NotFound):
        await declare_emergency.release_record(world.pool, world.operator, visit.id, "再次")


async def test_r44_nobody_is_sent_after_an_emergency_by_itself(world: World) -> None:
    """Whatever reason the visit is broken off for, and however much is left of the window."""
    (visit,) = await visiting.assigned(world, latest=world.now + timedelta(hours=12))
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    await declared(world, visit, first_aid=True)
    caller = world.nurse(1).caller
    await run_visit.abort(world.pool, caller, visit.id, Report(at=world.now), "other: 送医")
    assert (await world.order(visit.order_id)).state is OrderState.FAILED


@pytest.mark.parametrize("state", [VisitState.SCHEDULED, VisitState.COMPLETED])
async def test_r44_it_is_taken_in_every_state_and_from_nobody_else(
    world: World, state: VisitState
) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, state)
    assert (await declared(world, visit)).released_at is None
    for stranger in (world.nurse(2).caller, world.patient(2).caller):
        with pytest.raises(NotFound):
            await declare_emergency.declare_emergency(
                world.pool, stranger, visit.id, Report(at=world.now), Measures()
            )


async def bill_of(world: World, visit: Visit) -> Bill:
    async with world.pool.read(world.operator) as conn:
        bill = await bills.find_of_order(conn, visit.order_id)
    assert bill is not None
    return bill


async def test_r44_nothing_is_charged_before_the_record_is_released(
    world: World, visit: Visit
) -> None:
    await declared(world, visit, first_aid=True)
    await visiting.advanced_to_end(world, visit)
    assert (await world.order(visit.order_id)).state is OrderState.FULFILLED
    assert (await bill_of(world, visit)).state is BillState.ESTIMATED
    await world.advance(hours=24)
    await declare_emergency.release_record(world.pool, world.operator, visit.id, "已审核")
    bill = await bill_of(world, visit)
    assert (bill.state, bill.fixed_at) == (BillState.DUE, world.now)
    assert bill.own_fen == (await world.order(visit.order_id)).price_fen


async def test_r44_of_what_was_due_already_nobody_is_reminded_before_its_release(
    world: World, visit: Visit
) -> None:
    await visiting.advanced_to_end(world, visit)
    assert (await bill_of(world, visit)).state is BillState.DUE
    await declared(world, visit, first_aid=True, words="离开后晕倒")
    await world.advance(days=8)
    assert await collect_debts.lapse_bills(world.pool) == 0
    assert await collect_debts.report_bills(world.pool) == 0
    await declare_emergency.release_record(world.pool, world.operator, visit.id, "已审核")
    assert await collect_debts.lapse_bills(world.pool) == 0
    await world.advance(hours=48)
    assert await collect_debts.lapse_bills(world.pool) == 1
