"""Nobody answers the door: the wait, the tries, an ending without blame, and how it goes on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from config.settings import Settings
from dispatch import doorstep
from dispatch.acts import change_order, fill_order, run_visit, wait_at_door
from dispatch.errors import IllegalTransition, NotWaiting, RuleRefused
from dispatch.evidence import Report
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import workloads
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from tests import visiting
from tests.visiting import at_door
from tests.world import World


async def arrived(world: World, window_h: float = 12) -> Visit:
    """Nurse 1 stands at the door of patient 1 at the planned time."""
    (visit,) = await visiting.assigned(world, latest=world.now + timedelta(hours=window_h))
    return await visiting.advanced(world, visit, VisitState.ARRIVED)


async def tried(world: World, visit: Visit, *kinds: str) -> None:
    caller = world.nurse_of(visit.nurse_id).caller
    for kind in kinds:
        await wait_at_door.try_door(world.pool, caller, visit.id, at_door(world.now), kind)


async def left(world: World, visit: Visit) -> tuple[Visit, Order]:
    caller = world.nurse_of(visit.nurse_id).caller
    ended = await run_visit.abort(world.pool, caller, visit.id, Report(at=world.now), "nobody_home")
    return ended, await world.order(visit.order_id)


async def left_in_vain(world: World, visit: Visit) -> tuple[Visit, Order]:
    """She rings and calls, waits a quarter of an hour, and goes."""
    await tried(world, visit, "rang", "called_patient", "called_second")
    await world.advance(minutes=15)
    return await left(world, visit)


async def woken(world: World, template: str) -> list[object]:
    rows = await world.owner.fetch("SELECT account_ids FROM outbox WHERE wake = $1", template)
    return [row["account_ids"] for row in rows]


async def test_her_wait_ends_by_itself_and_she_is_told_once(world: World) -> None:
    visit = await arrived(world)
    await tried(world, visit, "rang")
    assert await woken(world, "nurse_at_door") == [[world.patient().account_id]]
    await world.advance(minutes=15, seconds=-1)
    assert await wait_at_door.end_waits(world.pool) == 0
    await world.advance(seconds=1)
    swept = await asyncio.gather(*(wait_at_door.end_waits(world.pool) for _ in range(3)))
    assert sum(swept) == 1
    assert await woken(world, "door_wait_over") == [[world.nurse(1).account_id]]


async def test_who_was_let_in_hears_nothing_of_a_wait(world: World) -> None:
    visit = await arrived(world)
    await run_visit.start(world.pool, world.nurse(1).caller, visit.id, Report(at=world.now))
    await world.advance(minutes=15)
    await wait_at_door.end_waits(world.pool)
    assert await woken(world, "door_wait_over") == []


async def test_who_comes_early_waits_from_the_planned_start(world: World) -> None:
    visit = await arrived(world)
    early = Settings(door_wait_min=20)
    assert visit.arrived_at is not None
    assert doorstep.wait_until(visit, early) == visit.planned_start + timedelta(minutes=20)


async def test_the_tries_are_facts_with_place_and_time(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    with pytest.raises(IllegalTransition):
        await tried(world, visit, "rang")
    visit = await visiting.advanced(world, visit, VisitState.ARRIVED)
    await tried(world, visit, "rang", "called_patient")
    async with world.pool.read(world.operator) as conn:
        attempts = await doorstep.list_attempts(conn, visit)
    assert [one.kind for one in attempts] == ["rang", "called_patient"]
    sealed = await world.owner.fetchval(
        "SELECT body_sealed FROM visit_facts WHERE step = 'door_attempt' LIMIT 1"
    )
    assert b"rang" not in sealed


async def test_an_ending_without_wait_or_tries_is_flagged(world: World) -> None:
    visit = await arrived(world)
    ended, order = await left(world, visit)
    assert (ended.state, ended.end_reason) == (VisitState.ABORTED, "nobody_home")
    assert {"short_wait", "no_door_evidence"} <= set(ended.flags)
    assert order.next_wave_at is not None  # as ever: another nurse is looked for at once


async def test_an_ending_with_both_is_nobodys_fault(world: World) -> None:
    """She may be asked again, her month shows no failure, and the fund pays her way."""
    ended, order = await left_in_vain(world, await arrived(world))
    assert doorstep.PROVEN in ended.flags
    assert not {"short_wait", "no_door_evidence"} & set(ended.flags)
    lines = await world.owner.fetch(
        "SELECT account, party, amount_fen FROM ledger_lines l JOIN ledger_entries e"
        " ON e.id = l.entry_id WHERE e.kind = 'travel' ORDER BY account"
    )
    assert [tuple(row) for row in lines] == [
        ("fund", "platform", 2_000),
        ("nurse", str(world.nurse(1).id), -2_000),
    ]
    async with world.pool.read(world.operator) as conn:
        month = await workloads.list_months(
            conn,
            since=world.now - timedelta(days=1),
            until=world.now + timedelta(days=1),
            on_time_min=10,
            limit=10,
        )
    assert month == []
    await wait_at_door.resume_search(world.pool, world.patient().caller, order.id)
    await world.owner.execute("UPDATE nurses SET available = false WHERE staff_no > 1")
    await world.owner.execute("UPDATE nurse_points SET on_call = false WHERE nurse_id <> $1",
                              world.nurse(1).id)  # fmt: skip
    await fill_order.send_waves(world.pool)
    (offer,) = await world.offers(order.id, "sent")
    assert offer.nurse_id == world.nurse(1).id


async def test_nobody_is_sent_again_before_the_patient_has_said_so(world: World) -> None:
    _, order = await left_in_vain(world, await arrived(world))
    assert (order.state, order.round, order.next_wave_at) == (OrderState.OPEN, 2, None)
    assert await woken(world, "nobody_home") == [[world.patient().account_id]]
    await world.advance(minutes=30)
    await fill_order.send_waves(world.pool)
    assert await world.offers(order.id, "sent") == []
    resumed = await wait_at_door.resume_search(world.pool, world.patient().caller, order.id)
    assert resumed.next_wave_at == world.now
    with pytest.raises(NotWaiting):
        await wait_at_door.resume_search(world.pool, world.patient().caller, order.id)


async def test_the_patient_may_choose_another_time_instead(world: World) -> None:
    _, order = await left_in_vain(world, await arrived(world))
    moved = await change_order.reschedule_order(
        world.pool,
        world.patient().caller,
        order.id,
        earliest=world.now + timedelta(hours=20),
        latest=world.now + timedelta(hours=24),
    )
    assert (moved.state, moved.next_wave_at) == (OrderState.OPEN, world.now)


async def test_when_the_time_is_over_the_order_ends_with_another_one_to_choose(
    world: World,
) -> None:
    visit = await arrived(world, window_h=2.5)
    _, order = await left_in_vain(world, visit)
    assert (order.state, order.cancellation_fee_fen) == (OrderState.FAILED, None)
    assert order.closing is not None
    assert order.closing["reason"] == "nobody_home"
    assert (
        order.closing["next_window"]["earliest"] == (order.earliest + timedelta(days=1)).isoformat()
    )
    (bill,) = await world.owner.fetch("SELECT state, total_fen FROM bills")
    assert tuple(bill) == ("void", 0)


async def test_an_order_that_waits_for_nobody_cannot_be_resumed(world: World) -> None:
    order = await world.open()
    with pytest.raises(NotWaiting):
        await wait_at_door.resume_search(world.pool, world.patient().caller, order.id)


class TestByPolicy:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(door_rule="refuse", no_answer_fee_percent=50)

    async def test_an_ending_without_wait_and_tries_is_refused(self, world: World) -> None:
        visit = await arrived(world)
        with pytest.raises(RuleRefused) as refusal:
            await left(world, visit)
        errors = refusal.value.extras["errors"]
        assert isinstance(errors, list)
        assert [one["msg"] for one in errors] == ["short_wait", "no_door_evidence"]
        assert (await visiting.visit(world, visit.id)).state is VisitState.ARRIVED

    async def test_r54_of_the_visit_fee_is_kept_what_the_policy_says(self, world: World) -> None:
        _, order = await left_in_vain(world, await arrived(world, window_h=2.5))
        fee_fen = sum(one["amount_fen"] for one in order.price_lines if one["kind"] == "visit_fee")
        (bill,) = await world.owner.fetch("SELECT state, total_fen FROM bills")
        assert tuple(bill) == ("due", fee_fen // 2)
