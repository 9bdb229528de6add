"""Accepting and declining: exactly one winner a seat, whoever else is at it at the same moment."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from config.settings import Settings
from dispatch import database
from dispatch.acts import answer_offer, fill_order
from dispatch.database import Connection
from dispatch.errors import (
    DispatchError,
    IllegalTransition,
    NotEligible,
    NotFound,
    NurseBusy,
    OfferExpired,
    OfferTaken,
)
from dispatch.ids import new_id
from dispatch.lifecycles import OfferState, OrderState
from dispatch.records import offers
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from tests.world import PAIR, World

# No state may be left that one of these finds.
DOUBLE_WINNERS = """
    SELECT order_id, round, seat FROM visits WHERE state NOT IN ('released', 'cancelled')
     GROUP BY 1, 2, 3 HAVING count(*) > 1
"""
WITHOUT_VISITS = """
    SELECT o.id FROM orders o WHERE o.state = 'assigned' AND o.seats <> (
        SELECT count(DISTINCT v.nurse_id) FROM visits v
         WHERE v.order_id = o.id AND v.round = o.round AND v.state NOT IN ('released', 'cancelled'))
"""
WINS_WITHOUT_VISIT = """
    SELECT f.id FROM offers f
     WHERE f.state = 'accepted' AND NOT EXISTS (SELECT FROM visits v WHERE v.offer_id = f.id)
"""
TWO_PLACES = """
    SELECT a.id FROM visits a JOIN visits b ON a.nurse_id = b.nurse_id AND a.id < b.id
       AND a.busy && b.busy
     WHERE a.state NOT IN ('released', 'cancelled') AND b.state NOT IN ('released', 'cancelled')
"""


@pytest.fixture
def settings() -> Settings:
    """Patience enough for 64 callers on a busy machine: here nobody is shed."""
    return Settings(acquire_timeout_s=30, request_timeout_s=60)


async def ask(world: World, order: Order, staff_nos: list[int], *, seat: int = 1) -> list[Offer]:
    """Offers as a wave would send them."""

    async def send(conn: Connection) -> list[Offer]:
        now = await database.now(conn)
        return await offers.insert_many(
            conn,
            [
                Offer(
                    id=new_id(),
                    order_id=order.id,
                    round=order.round,
                    wave=1,
                    seat=seat,
                    nurse_id=world.nurse(number).id,
                    sent_at=now,
                    expires_at=now + timedelta(minutes=5),
                    pay_fen=10_000,
                    distance_m=1000,
                    travel_s=600,
                )
                for number in staff_nos
            ],
        )

    return await world.pool.transact(world.clock, send)


async def accept(world: World, offer: Offer) -> Visit | DispatchError:
    """What the offer's nurse is answered."""
    caller = world.nurse_of(offer.nurse_id).caller
    try:
        return await answer_offer.accept_offer(world.pool, caller, offer.id)
    except DispatchError as refusal:
        return refusal


async def check(owner: asyncpg.Connection) -> None:
    for query in (DOUBLE_WINNERS, WITHOUT_VISITS, WINS_WITHOUT_VISIT, TWO_PLACES):
        assert await owner.fetch(query) == []


async def test_accept_fills_the_seat_and_tells_everybody(world: World) -> None:
    order = await world.open()
    first, second = await ask(world, order, [1, 2])
    visit = await accept(world, first)
    assert isinstance(visit, Visit)
    assert order.earliest <= visit.planned_start <= order.latest
    assert visit.planned_end - visit.planned_start == timedelta(minutes=order.duration_min)
    assert visit.busy.lower == visit.planned_start - timedelta(seconds=visit.travel_s)
    assert visit.nudge_at is not None
    assert visit.nudge_at < visit.planned_start < visit.miss_at
    assert visit.overdue_at == visit.planned_end + timedelta(minutes=30)
    after = await world.order(order.id)
    assert (after.state, after.next_wave_at) == (OrderState.ASSIGNED, None)
    assert after.institution_id == visit.institution_id
    assert await world.events(order.id) == [
        "visit.scheduled",
        "visit.scheduled",
        "order.assigned",
        "offer.withdrawn",
    ]
    states = {offer.id: offer.state for offer in await world.offers(order.id)}
    assert states == {first.id: OfferState.ACCEPTED, second.id: OfferState.WITHDRAWN}


async def test_the_winner_may_ask_again_and_the_loser_is_told(world: World) -> None:
    order = await world.open()
    first, second = await ask(world, order, [1, 2])
    won = await accept(world, first)
    assert isinstance(won, Visit)
    again = await accept(world, first)
    assert isinstance(again, Visit)
    assert again.id == won.id
    assert isinstance(await accept(world, second), OfferTaken)


async def test_somebody_elses_offer_does_not_exist(world: World) -> None:
    order = await world.open()
    (offer,) = await ask(world, order, [1])
    for act in (
        answer_offer.accept_offer(world.pool, world.nurse(2).caller, offer.id),
        answer_offer.decline_offer(world.pool, world.nurse(2).caller, offer.id, "busy"),
        answer_offer.accept_offer(world.pool, world.nurse(1).caller, new_id()),
    ):
        with pytest.raises(NotFound):
            await act


async def test_an_offer_past_its_time_is_gone_also_before_the_sweep(world: World) -> None:
    order = await world.open()
    (offer,) = await ask(world, order, [1])
    await world.advance(minutes=5)
    assert isinstance(await accept(world, offer), OfferExpired)
    assert (await world.offers(order.id))[0].state is OfferState.SENT
    assert await fill_order.expire_offers(world.pool) == 1
    assert isinstance(await accept(world, offer), OfferExpired)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("certificate_valid_until = '2040-01-01'", "certificate"),
        ("insurance_valid_until = '2040-01-01'", "insurance"),
        ("suspended_at = app_now()", "active"),
        ("specialties = '{}'", "specialty"),
        ("radius_m = 100", "radius"),
    ],
)
async def test_eligibility_is_asked_again(world: World, change: str, rule: str) -> None:
    order = await world.open()
    (offer,) = await ask(world, order, [3])
    await world.owner.execute(f"UPDATE nurses SET {change} WHERE staff_no = 3")  # noqa: S608
    refusal = await accept(world, offer)
    assert isinstance(refusal, NotEligible)
    reasons = refusal.extras["reasons"]
    assert isinstance(reasons, list)
    assert [reason["rule"] for reason in reasons] == [rule]
    assert (await world.offers(order.id))[0].state is OfferState.SENT


async def test_a_nurse_is_not_in_two_places(world: World) -> None:
    """Two orders whose windows leave room for one of them only."""
    narrow = {
        "earliest": world.now + timedelta(hours=3),
        "latest": world.now + timedelta(hours=3, minutes=5),
    }
    placed = [await world.open(number, **narrow) for number in (1, 2)]
    asked = [(await ask(world, order, [5]))[0] for order in placed]
    answers = await asyncio.gather(*(accept(world, offer) for offer in asked))
    assert sorted(type(answer).__name__ for answer in answers) == ["NurseBusy", "Visit"]
    await check(world.owner)


async def test_the_database_refuses_an_overlap_that_the_rules_missed(world: World) -> None:
    """The exclusion constraint speaks in the trade's words: a visit that was moved by hand."""
    first, second = await world.open(1), await world.open(2)
    (mine,) = await ask(world, first, [5])
    assert isinstance(await accept(world, mine), Visit)
    (other,) = await ask(world, second, [5])
    await world.owner.execute(
        "UPDATE visits SET busy = tstzrange(lower(busy), upper(busy) + interval '10 hours')"
    )
    assert isinstance(await accept(world, other), NurseBusy)


async def test_two_seats_are_two_nurses_at_one_time(world: World) -> None:
    order = await world.open(service_codes=[PAIR])
    (left,) = await ask(world, order, [1], seat=1)
    right = (await ask(world, order, [2, 3], seat=2))[0]
    first = await accept(world, left)
    assert isinstance(first, Visit)
    assert (await world.order(order.id)).state is OrderState.OPEN
    second = await accept(world, right)
    assert isinstance(second, Visit)
    assert (first.planned_start, first.seat, second.seat) == (second.planned_start, 1, 2)
    assert (await world.order(order.id)).state is OrderState.ASSIGNED
    assert not await world.offers(order.id, "sent")
    await check(world.owner)


async def test_decline_is_for_good_and_wakes_the_next_wave(world: World) -> None:
    order = await world.open()
    await fill_order.send_waves(world.pool)
    sent = await world.offers(order.id)
    for offer in sent:
        caller = world.nurse_of(offer.nurse_id).caller
        await answer_offer.decline_offer(world.pool, caller, offer.id, "too_far", "车坏了")
    assert isinstance(await accept(world, sent[0]), IllegalTransition)
    assert (await world.order(order.id)).next_wave_at == world.now
    await fill_order.send_waves(world.pool)
    new = await world.offers(order.id, "sent")
    assert len(new) == 6
    assert {offer.nurse_id for offer in new}.isdisjoint(offer.nurse_id for offer in sent)
    raw = await world.owner.fetchval(
        "SELECT string_agg(note_sealed::text, '') FROM history WHERE move = 'decline'"
    )
    assert "车坏了".encode().hex() not in raw


async def test_64_accepts_at_once_of_20_orders(world: World) -> None:
    """Eight nurses an order, a fifth of them for two; some offers have run out, some were called
    back; everybody answers at once, some twice."""
    rng = random.Random(7)  # noqa: S311
    placed: list[Order] = []
    asked: list[Offer] = []
    live: set[tuple[UUID, int]] = set()
    for index in range(20):
        pair = index % 5 == 0
        start = world.now + timedelta(hours=2 + (index % 4) * 2)
        order = await world.open(
            index + 1,
            service_codes=[PAIR] if pair else ["EC01"],
            earliest=start,
            latest=start + timedelta(hours=1),
        )
        placed.append(order)
        numbers = rng.sample(range(1, 41), 8)
        for seat in (1, 2) if pair else (1,):
            part = numbers[seat - 1 :: 2] if pair else numbers
            sent = await ask(world, order, part, seat=seat)
            asked += sent
            await world.owner.execute(
                "UPDATE offers SET expires_at = sent_at + interval '1 second' WHERE id = ANY($1)",
                [offer.id for offer in sent[:2]],
            )
            live |= {(order.id, seat)}
    await world.advance(seconds=1)
    calls = asked + rng.sample(asked, 40)
    rng.shuffle(calls)
    gate = asyncio.Semaphore(64)

    async def one(offer: Offer) -> tuple[Offer, Visit | DispatchError]:
        async with gate:
            return offer, await accept(world, offer)

    answers = await asyncio.gather(*(one(offer) for offer in calls))
    await check(world.owner)
    won = {(v.order_id, v.seat): v.id for _, v in answers if isinstance(v, Visit)}
    assert Counter(type(a).__name__ for _, a in answers)["Visit"] >= len(won)
    kept = {
        (row["order_id"], row["seat"]): row["id"]
        for row in await world.owner.fetch("SELECT id, order_id, seat FROM visits")
    }
    assert won == kept
    for order in placed:
        after = await world.order(order.id)
        filled = sum(key[0] == order.id for key in kept)
        assert (after.state is OrderState.ASSIGNED) == (filled == order.seats)
    # Nobody but a nurse who is elsewhere keeps a live offer open at the end.
    free = live - kept.keys()
    refused = {(o.order_id, o.seat) for o, a in answers if isinstance(a, NurseBusy)}
    assert free <= refused
    losers = [a for _, a in answers if not isinstance(a, Visit)]
    assert all(isinstance(a, OfferTaken | OfferExpired | NurseBusy) for a in losers), Counter(
        type(a).__name__ for a in losers
    )


async def test_accept_against_expiry_at_the_due_time(world: World) -> None:
    """With a running clock: each offer ends one way, and a win is never later than its time."""
    await world.owner.execute(
        "UPDATE app_clock SET origin_real = clock_timestamp(), origin_app = $1, scale = 1",
        world.now,
    )
    placed = [await world.open(number) for number in range(1, 11)]
    asked = [(await ask(world, order, [number]))[0] for number, order in enumerate(placed, 1)]
    await world.owner.execute("UPDATE offers SET expires_at = app_now() + interval '0.3 seconds'")
    due = await world.owner.fetchval("SELECT max(expires_at) FROM offers")

    async def sweep() -> None:
        for _ in range(40):
            await fill_order.expire_offers(world.pool)
            await asyncio.sleep(0.01)

    async def late(offer: Offer, delay_s: float) -> Visit | DispatchError:
        await asyncio.sleep(delay_s)
        return await accept(world, offer)

    answers, _ = await asyncio.gather(
        asyncio.gather(*(late(offer, 0.2 + i * 0.02) for i, offer in enumerate(asked))), sweep()
    )
    states = Counter(
        row["state"] for row in await world.owner.fetch("SELECT state::text FROM offers")
    )
    assert set(states) <= {"accepted", "expired"}
    assert states["accepted"] == sum(isinstance(answer, Visit) for answer in answers)
    assert states["expired"] == sum(isinstance(answer, OfferExpired) for answer in answers)
    last = await world.owner.fetchval("SELECT max(ended_at) FROM offers WHERE state = 'accepted'")
    assert last is None or last <= due + timedelta(seconds=2)
    await check(world.owner)


async def test_no_order_is_assigned_without_its_visits(world: World) -> None:
    """The last wall: whatever the code does, the database refuses it at commit."""
    order = await world.open()
    with pytest.raises(asyncpg.CheckViolationError):
        await world.owner.execute(
            """
            WITH moved AS (
                UPDATE orders SET state = 'assigned', next_wave_at = NULL, version = version + 1
                 WHERE id = $1 RETURNING *)
            INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role)
            SELECT 'order', id, id, version, 'assign', 'assigned', 'nurse' FROM moved
            """,
            order.id,
        )


async def test_accepting_takes_few_statements(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guard against a loop of queries sneaking in: its cost must not grow with the wave."""
    seen: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        monkeypatch.setattr(Connection, name, _noting(seen, getattr(Connection, name)))
    counts = []
    for number, staff in ((3, [21]), (1, [1, 2]), (2, list(range(11, 20)))):
        order = await world.open(number)
        offer = (await ask(world, order, staff))[0]
        seen.clear()
        assert isinstance(await accept(world, offer), Visit)
        counts.append(len(seen))
    # The first reads besides what each process reads once in ten minutes.
    assert counts[1] == counts[2] <= 32


def _noting(seen: list[str], original: Callable[..., Awaitable[object]]) -> object:
    async def noted(conn: Connection, query: str, *args: object) -> object:
        seen.append(query)
        return await original(conn, query, *args)

    return noted
