"""Waves, expiry and lapse: who is asked, when, and what happens when nobody answers."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from dispatch import sourcing
from dispatch.acts import answer_offer, fill_order, run_visit
from dispatch.lifecycles import OfferState, OrderState, VisitState
from dispatch.records import decisions
from dispatch.records.orders import Order
from matching import decide, timetable
from matching.inputs import Frame
from matching.timetable import Clash, Obstacle
from tests import visiting
from tests.world import EASY, PAIR, SPECIAL, World

HOUR = timedelta(hours=1)


async def test_first_wave_asks_the_best_and_keeps_what_it_considered(world: World) -> None:
    order = await world.open()
    assert await fill_order.send_waves(world.pool) == 1
    sent = await world.offers(order.id)
    assert len(sent) == world.pool.settings.wave_sizes[0]
    # The third nearest is a specialist who would be missed elsewhere; the fourth is not.
    assert {offer.nurse_id for offer in sent} == {world.nurse(n).id for n in (1, 2, 4)}
    assert all(offer.expires_at == world.now + timedelta(seconds=300) for offer in sent)
    after = await world.order(order.id)
    assert (after.wave, after.at_risk) == (1, False)
    assert after.next_wave_at is not None
    assert after.next_wave_at > world.now
    async with world.pool.read(world.clock) as conn:
        kept = await decisions.find_latest(conn, order.id, 1)
    assert kept is not None
    ranked = {one.nurse_id: one for one in kept.considered if one.rank is not None}
    for offer in sent:
        assert (offer.rank, offer.cost) == (
            ranked[offer.nurse_id].rank,
            ranked[offer.nurse_id].cost,
        )
        assert offer.cost == pytest.approx(sum((ranked[offer.nurse_id].parts or {}).values()))
    assert (await world.events(order.id)).count("offer.created") == 3


@pytest.mark.parametrize(("code", "everybody"), [(EASY, False), (PAIR, True)])
async def test_more_are_considered_where_the_nearest_are_no_choice(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str, everybody: bool
) -> None:
    """Three are asked of twelve; of twelve for two seats it would be six."""
    monkeypatch.setattr(sourcing, "PASSERS_BY", 0)
    world.pool.settings = world.pool.settings.model_copy(update={"considered_first_max": 12})
    order = await world.open(service_codes=[code])
    await fill_order.send_waves(world.pool)
    async with world.pool.read(world.clock) as conn:
        kept = await decisions.find_latest(conn, order.id, 1)
    assert kept is not None
    assert (kept.summary.considered > 12) is everybody
    assert kept.summary.considered >= 12


async def test_an_order_that_may_wait_waits_for_those_who_are_asked_elsewhere(
    world: World,
) -> None:
    changes = {"hold_before_promise_min": 60, "hold_gain_min": 1}
    world.pool.settings = world.pool.settings.model_copy(update=changes)
    await world.open(1)
    await fill_order.send_waves(world.pool)
    waits = await world.open(1, promise_at=world.now + timedelta(minutes=90))
    await fill_order.send_waves(world.pool)
    assert await world.offers(waits.id) == []
    after = await world.order(waits.id)
    assert after.next_wave_at == world.now + timedelta(seconds=10)
    assert (after.wave, after.at_risk) == (0, False)
    await world.advance(minutes=31)
    await fill_order.send_waves(world.pool)
    assert await world.offers(waits.id), "the promise does not bear more"


async def test_what_is_reckoned_does_not_hold_up_the_event_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch of a province takes a while; offers are answered meanwhile."""
    threads: dict[str, int] = {}

    def watched(name: str) -> None:
        work = getattr(decide, name)

        def noting(*given: Any) -> Any:
            threads[name] = threading.get_ident()
            return work(*given)

        monkeypatch.setattr(decide, name, noting)

    watched("judge")
    watched("settle")
    order = await world.open()
    await fill_order.send_waves(world.pool)
    assert await world.offers(order.id)
    assert threads.keys() == {"judge", "settle"}
    assert threading.get_ident() not in threads.values()


async def test_a_term_may_count_more_or_not_at_all(world: World) -> None:
    """As the deployment sets it; every other term stays as it is."""
    plain = await costs_of(world, await world.open(1))
    changes = {"cost_factors": {"travel": 2.0, "waiting": 0.0}}
    world.pool.settings = world.pool.settings.model_copy(update=changes)
    found = await costs_of(world, await world.open(1))
    assert found.keys() & plain.keys()
    for nurse in found.keys() & plain.keys():
        assert found[nurse]["travel"] == pytest.approx(2 * plain[nurse]["travel"], abs=0.01)
        assert found[nurse]["waiting"] == 0
        assert found[nurse]["load"] == plain[nurse]["load"]


async def costs_of(world: World, order: Order) -> dict[UUID, dict[str, float]]:
    await fill_order.send_waves(world.pool)
    async with world.pool.read(world.clock) as conn:
        kept = await decisions.find_latest(conn, order.id, 1)
    assert kept is not None
    return {one.nurse_id: one.parts for one in kept.considered if one.parts is not None}


WAITING: Final = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_who_is_suspended_while_a_wave_is_decided_is_not_asked(world: World) -> None:
    """It used to go out to her: her row was read before, and the offer came after her suspension
    had taken back what there was."""
    order = await world.open()
    first = world.nurse(1).id
    async with world.owner.transaction():
        await world.owner.execute("UPDATE nurses SET suspended_at = app_now() WHERE id = $1", first)
        wave = asyncio.create_task(fill_order.send_waves(world.pool))
        async with asyncio.timeout(10):
            while not (wave.done() or await world.owner.fetchval(WAITING)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not wave.done()
    assert await wave == 2, "it is looked at again at once"
    sent = await world.offers(order.id)
    assert {one.nurse_id for one in sent if one.wave == 1} == {world.nurse(n).id for n in (2, 4)}
    assert len(sent) > 2
    assert first not in {one.nurse_id for one in sent}


async def test_only_those_who_may_are_asked(world: World) -> None:
    """The even numbers hold general nursing only; they are shown with the reason."""
    order = await world.open(service_codes=[SPECIAL])
    await fill_order.send_waves(world.pool)
    sent = await world.offers(order.id)
    odd = {world.nurse(n).id for n in range(1, 41, 2)}
    assert sent
    assert {offer.nurse_id for offer in sent} <= odd
    async with world.pool.read(world.clock) as conn:
        kept = await decisions.find_latest(conn, order.id, 1)
    assert kept is not None
    assert kept.summary.counts["specialty"] > 0
    refused = next(one for one in kept.considered if one.rank is None)
    assert refused.refusals[0].rule == "specialty"


async def test_the_preferred_nurse_is_asked_alone_and_first(world: World) -> None:
    wanted = world.nurse(30)
    order = await world.open(preferences={"preferred_nurse_id": str(wanted.id)})
    await fill_order.send_waves(world.pool)
    assert [offer.nurse_id for offer in await world.offers(order.id)] == [wanted.id]
    await world.advance(seconds=world.pool.settings.preferred_ttl_s + 1)
    assert await fill_order.expire_offers(world.pool) == 1
    await fill_order.send_waves(world.pool)
    assert len(await world.offers(order.id, "sent")) == 3


async def test_a_blocked_nurse_is_never_asked(world: World) -> None:
    order = await world.open()
    await world.owner.execute(
        "INSERT INTO blocked_pairs (patient_id, nurse_id) VALUES ($1, $2)",
        order.patient_id,
        world.nurse(1).id,
    )
    await fill_order.send_waves(world.pool)
    assert world.nurse(1).id not in {offer.nurse_id for offer in await world.offers(order.id)}


async def test_expiry_wakes_the_next_wave_at_once(world: World) -> None:
    """Once everybody asked has let it run out, nobody waits for the wave's own time."""
    order = await world.open()
    await fill_order.send_waves(world.pool)
    await world.advance(seconds=301)
    assert await fill_order.expire_offers(world.pool) == 3
    assert await fill_order.send_waves(world.pool) == 1
    sent = await world.offers(order.id, "sent")
    assert len(sent) == world.pool.settings.wave_sizes[1]
    asked_before = {offer.nurse_id for offer in await world.offers(order.id, "expired")}
    assert asked_before.isdisjoint(offer.nurse_id for offer in sent)


async def test_sweeps_run_twice_at_once_do_the_work_once(world: World) -> None:
    placed = [await world.open(number) for number in range(1, 11)]
    await asyncio.gather(*(fill_order.send_waves(world.pool) for _ in range(4)))
    while await fill_order.send_waves(world.pool):
        pass
    held: dict[object, int] = {}
    for order in placed:
        sent = await world.offers(order.id, "sent")
        assert 0 < len(sent) <= 3
        for offer in sent:
            held[offer.nurse_id] = held.get(offer.nurse_id, 0) + 1
    assert max(held.values()) <= world.pool.settings.max_open_offers
    await world.advance(seconds=301)
    ended = await asyncio.gather(*(fill_order.expire_offers(world.pool) for _ in range(4)))
    assert sum(ended) == sum(held.values())
    for order in placed:
        assert (await world.events(order.id)).count("offer.expired") == len(
            await world.offers(order.id, "expired")
        )


async def test_an_order_that_cannot_be_worked_holds_up_no_other(world: World) -> None:
    bad = await world.open(1)
    good = await world.open(2)
    await world.owner.execute(
        "UPDATE orders SET service_codes = '{NONE}', version = version + 1 WHERE id = $1", bad.id
    )
    await fill_order.send_waves(world.pool)
    assert len(await world.offers(good.id, "sent")) == 3
    after = await world.order(bad.id)
    assert after.at_risk
    assert after.next_wave_at is not None
    assert after.next_wave_at > world.now


async def test_nobody_is_told_honestly(world: World) -> None:
    """Nobody works for the far county: the operator is told at once, the patient at the end."""
    order = await world.open(county="330781")
    await fill_order.send_waves(world.pool)
    assert (await world.order(order.id)).at_risk
    at_risk = await world.owner.fetchrow(
        "SELECT data FROM outbox WHERE order_id = $1 AND data ? 'alert'", order.id
    )
    assert at_risk is not None
    await world.advance(hours=7)
    assert await fill_order.lapse_orders(world.pool) == 1
    after = await world.order(order.id)
    assert after.state is OrderState.LAPSED
    assert after.closing is not None
    assert after.closing["reason"] == "nobody_found"
    assert after.closing["counts"]["institution_covers"] > 0
    assert "other_institution" in after.closing["alternatives"]
    assert after.closing["next_window"]["earliest"] > world.now.isoformat()


async def test_lapse_withdraws_what_is_out_and_closes_the_unassessed(world: World) -> None:
    submitted = await world.place(1)
    open_ = await world.open(2, latest=world.now + timedelta(hours=3))
    await world.advance(hours=2, minutes=59, seconds=50)
    await fill_order.send_waves(world.pool)
    await world.advance(hours=4)
    ended = await asyncio.gather(*(fill_order.lapse_orders(world.pool) for _ in range(3)))
    assert sum(ended) == 2
    assert (await world.order(submitted.id)).state is OrderState.LAPSED
    assert ((await world.order(submitted.id)).closing or {})["reason"] == "not_assessed"
    assert (await world.order(open_.id)).state is OrderState.LAPSED
    assert not await world.offers(open_.id, "sent")


async def test_a_seat_that_stays_empty_frees_the_other(world: World) -> None:
    """One of two seats is filled and nobody is left: a new round, in time to ask others."""
    order = await world.open(service_codes=[PAIR])
    await fill_order.send_waves(world.pool)
    first = next(o for o in await world.offers(order.id, "sent") if o.seat == 1)
    nurse = world.nurse_of(first.nurse_id)
    visit = await answer_offer.accept_offer(world.pool, nurse.caller, first.id)
    assert (await world.order(order.id)).state is OrderState.OPEN
    assert {o.seat for o in await world.offers(order.id, "sent")} == {2}
    await world.owner.execute("UPDATE nurses SET available = false WHERE id <> $1", first.nurse_id)
    await world.owner.execute("UPDATE nurse_points SET on_call = nurse_id = $1", first.nurse_id)
    for _ in range(8):
        await world.advance(minutes=3)
        await fill_order.expire_offers(world.pool)
        await fill_order.send_waves(world.pool)
    after = await world.order(order.id)
    assert (after.state, after.round) == (OrderState.OPEN, 2)
    (ended,) = await world.visits(order.id)
    assert (ended.id, ended.state) == (visit.id, VisitState.RELEASED)
    assert all(o.state is not OfferState.SENT or o.round == 2 for o in await world.offers(order.id))


async def test_the_one_who_would_come_is_not_asked_and_let_go_all_day(world: World) -> None:
    """It used to go on each quarter of an hour: asked, taken, let go; 36 times for one order."""
    tomorrow = world.now + timedelta(hours=24)
    order = await world.open(
        service_codes=[PAIR], earliest=tomorrow, latest=tomorrow + timedelta(hours=2)
    )
    await fill_order.send_waves(world.pool)
    first = next(o for o in await world.offers(order.id, "sent") if o.seat == 1)
    nurse = world.nurse_of(first.nurse_id)
    await world.owner.execute("UPDATE nurses SET available = false WHERE id <> $1", nurse.id)
    await world.owner.execute("UPDATE nurse_points SET on_call = nurse_id = $1", nurse.id)
    began = world.now
    while world.now < began + timedelta(hours=3):
        for offer in await world.offers(order.id, "sent"):
            if offer.nurse_id == nurse.id:
                await answer_offer.accept_offer(world.pool, nurse.caller, offer.id)
        await world.advance(minutes=4)
        await fill_order.expire_offers(world.pool)
        await fill_order.send_waves(world.pool)
    after = await world.order(order.id)
    assert after.state is OrderState.OPEN
    assert 3 <= after.round <= 4, "after 15, 30, 60 minutes and so on"


BLOCKED: Final = """
    SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_a_database_that_goes_away_puts_no_order_off(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that broke used to be taken for the fault of an order: "wave failed" at every
    tick while the database was away, and whichever orders were due then put off for minutes."""
    order = await world.open()
    async with world.owner.transaction():
        await world.owner.execute("LOCK TABLE nurses IN ACCESS EXCLUSIVE MODE")
        sweep = asyncio.create_task(fill_order.send_waves(world.pool))
        async with asyncio.timeout(10):
            while (pid := await world.owner.fetchval(BLOCKED)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await world.owner.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises((asyncpg.AdminShutdownError, asyncpg.InterfaceError)):
            await sweep
    assert [line.message for line in caplog.records if line.name == fill_order.__name__] == []
    assert await fill_order.send_waves(world.pool) == 1
    assert await world.offers(order.id)


async def test_who_is_held_up_is_not_free_before_she_can_be(world: World) -> None:
    """From far away she comes an hour late; what follows at once is none of hers any more."""
    at = world.now + 3 * HOUR
    (current,) = await visiting.assigned(world, 1, (1,), earliest=at, latest=at + HOUR)
    after = current.planned_end + timedelta(minutes=40)
    order = await world.open(2, earliest=after, latest=after + timedelta(minutes=5))

    async def obstacle() -> str | None:
        async with world.pool.read(world.clock) as conn:
            (need,) = (await sourcing.needs_of(conn, [order])).values()
            found = await sourcing.candidate_for(conn, need, current.nurse_id, order.patient_id)
        assert found is not None
        fitting = timetable.fit(need, found[0], Frame(now=found[1], catalogue=world.pool.catalogue))
        return fitting.obstacle if isinstance(fitting, Clash) else None

    assert await obstacle() is None
    await world.advance(seconds=(current.leaves_at - world.now).total_seconds())
    far = visiting.at_door(world.now, lat=28.6)
    await run_visit.depart(world.pool, world.nurse(1).caller, current.id, far)
    assert await obstacle() == Obstacle.VISIT
