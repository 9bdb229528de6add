"""64 clients accept the offers of 2,000 orders over HTTP: one winner a seat, no order stuck."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from api import serve
from config import catalogue
from config.settings import Settings
from demo.load import demo_id
from demo.region import Region
from dispatch import database, pricing, transitions
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.records import offers, orders
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from tests.acceptance import able
from tests.acceptance.clients import Answer, Person, Wire
from tests.acceptance.conftest import MORNING
from tests.acceptance.processes import Deployment

CLIENTS: Final = 64
ORDERS: Final = 2_000
PAIRS: Final = ORDERS // 5
NURSES: Final = 160
PATIENTS: Final = 100
LIVE_A_SEAT: Final = 2
CROWD: Final = 6
CROWDED_IN: Final = 20
"""Two nurses hold an open offer for most seats; for the seats of each twentieth order it is six."""

HOPELESS_IN: Final = 20
ENDED: Final = 0.06
TAPS_TWICE: Final = 0.05
TOGETHER: Final = 250
ASKED_AGAIN: Final = 60
WORKED_OFF_S: Final = 90
SEED: Final = 2_000

ONE, PAIR = "EC01", "EC09"
SLOT: Final = timedelta(minutes=75)
SLOTS_A_DAY: Final = 11
DAYS: Final = 3
HOUR: Final = timedelta(hours=1)
CLOCK: Final = Caller.clock("race")


class Kept(StrEnum):
    """What has become of an offer before anybody answers it."""

    LIVE = "live"
    LATE = "late"  # its time is over, and no clock has swept it yet
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One offer, and the number of the nurse who holds it."""

    offer: Offer
    kept: Kept
    nurse: int

    @property
    def seat(self) -> tuple[UUID, int]:
        return self.offer.order_id, self.offer.seat


@dataclass(slots=True, kw_only=True)
class Race:
    """What was asked and what was answered, call by call."""

    asked: list[Asked]
    answers: list[tuple[Asked, str, Answer]] = field(default_factory=list)

    def told(self) -> Iterator[tuple[Asked, int, str]]:
        for asked, _, answer in self.answers:
            problem = "" if answer.status == 200 else answer.json()["type"]
            yield asked, answer.status, problem.removeprefix("/problems/")

    def wins(self) -> dict[UUID, list[tuple[Asked, str, Answer]]]:
        """The calls that were answered with yes, by offer."""
        found: dict[UUID, list[tuple[Asked, str, Answer]]] = defaultdict(list)
        for asked, key, answer in self.answers:
            if answer.status == 200:
                found[asked.offer.id].append((asked, key, answer))
        return found


@pytest.fixture(scope="session")
def people() -> Region:
    return able.build(MORNING.date(), nurses=NURSES, patients=PATIENTS)


@pytest.fixture
def server_settings() -> dict[str, str]:
    """Patience: this is about who wins, not about when the API begins to shed."""
    return {
        "APP_LOG_LEVEL": "warning",
        "APP_ACQUIRE_TIMEOUT_S": "20",
        "APP_REQUEST_TIMEOUT_S": "25",
    }


@pytest.fixture
async def pool(deployment: Deployment) -> AsyncIterator[Pool]:
    settings = Settings(demo=True, state_dir=deployment.state_dir)
    made = await database.connect(
        deployment.dsn,
        keyring=serve.open_keyring(settings),
        settings=settings,
        catalogue=catalogue.load(),
        size=4,
        name="race",
    )
    yield made
    await made.close()


# Arranging


async def arrange(pool: Pool, people: Region, now: datetime) -> list[Asked]:
    """The orders and everybody who is asked about them, as waves would have left them."""
    rng = random.Random(SEED)  # noqa: S311 - the same race again
    placed = [order_of(pool, people, number, now) for number in range(ORDERS)]
    rng.shuffle(placed)
    asked = [one for order in placed for one in ask(order, people, rng, now)]

    async def put(conn: Connection, *, some: list[Order]) -> None:
        for order in some:
            await orders.insert(conn, order)
            await transitions.move_order(
                conn, order, "approve", wave=1, next_wave_at=now + 2 * HOUR
            )
        ids = {order.id for order in some}
        theirs = [one for one in asked if one.offer.order_id in ids]
        sent = await offers.insert_many(conn, [one.offer for one in theirs])
        assert len(sent) == len(theirs)
        for kept, move in ((Kept.EXPIRED, "expire"), (Kept.WITHDRAWN, "withdraw")):
            await transitions.move_offers(
                conn, [one.offer for one in theirs if one.kept is kept], move
            )

    for start in range(0, ORDERS, TOGETHER):
        await pool.transact(CLOCK, partial(put, some=placed[start : start + TOGETHER]))
    return asked


def order_of(pool: Pool, people: Region, number: int, now: datetime) -> Order:
    """An order of some patient; each fifth needs two nurses. Its window leaves no choice."""
    patient_no = people.patients[number % PATIENTS].patient_no
    day, slot = divmod(number % (DAYS * SLOTS_A_DAY), SLOTS_A_DAY)
    earliest = now + HOUR + timedelta(days=day) + slot * SLOT
    code = PAIR if number < PAIRS else ONE
    bundle = pool.catalogue.combine([code])
    price = pricing.of(bundle, pool.settings)
    account_no = next(
        one.patient_no
        for one in people.patients
        if one.account_phone == people.patients[number % PATIENTS].account_phone
    )
    return Order(
        id=new_id(),
        account_id=demo_id("account", account_no),
        patient_id=demo_id("patient", patient_no),
        address_id=demo_id("address", patient_no),
        county=able.COUNTY,
        service_codes=[code],
        seats=bundle.nurses_required,
        earliest=earliest,
        latest=earliest + timedelta(minutes=20),
        duration_min=bundle.duration_min,
        urgency="routine",
        promise_at=now + 4 * HOUR,
        price_fen=price.price_fen,
        price_lines=list(price.lines),
        pay_fen=price.pay_fen,
        consent={"version": "1", "accepted_at": now.isoformat(), "language": "en", "hashes": {}},
        created_at=now,
        updated_at=now,
    )


def ask(order: Order, people: Region, rng: random.Random, now: datetime) -> Iterable[Asked]:
    """Live offers for each seat and some that have ended; one order in twenty has only those."""
    hopeless, crowded = rng.randrange(HOPELESS_IN) == 0, rng.randrange(CROWDED_IN) == 0
    nurses = iter(rng.sample(range(NURSES), 20))
    for seat in range(1, order.seats + 1):
        kinds = [] if hopeless else [Kept.LIVE] * (CROWD if crowded else LIVE_A_SEAT)
        kinds += [
            kind for kind in (Kept.LATE, Kept.WITHDRAWN, Kept.EXPIRED) if rng.random() < ENDED
        ]
        for kind in kinds or [Kept.LATE]:
            number = next(nurses)
            yield Asked(
                offer=Offer(
                    id=new_id(),
                    order_id=order.id,
                    round=1,
                    wave=1,
                    seat=seat,
                    nurse_id=demo_id("nurse", people.nurses[number].staff_no),
                    sent_at=now - HOUR,
                    expires_at=now + 2 * HOUR if kind is not Kept.LATE else now - HOUR / 60,
                    pay_fen=order.pay_fen,
                    distance_m=1_000,
                    travel_s=300,
                ),
                kept=kind,
                nurse=number,
            )


# Racing


async def race(asked: list[Asked], nurses: list[Person]) -> Race:
    """Send every accept, some twice. Those for one order are near each other, so that they meet."""
    rng = random.Random(SEED)  # noqa: S311 - the same race again
    taps = [one for one in asked for _ in range(1 + (rng.random() < TAPS_TWICE))]
    places = {id(one): place for place, one in enumerate(asked)}
    taps.sort(key=lambda one: places[id(one)] + rng.uniform(0, CLIENTS / 2))
    keys = {id(one): str(uuid4()) for one in asked}
    run = Race(asked=asked)
    waiting = iter(taps)

    async def client() -> None:
        for one in waiting:
            key = keys[id(one)] if rng.random() < 0.5 else str(uuid4())
            answer = await accept(nurses, one, key)
            run.answers.append((one, key, answer))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return run


async def accept(nurses: list[Person], asked: Asked, key: str) -> Answer:
    return await nurses[asked.nurse].send(
        "POST", f"/v1/offers/{asked.offer.id}/accept", {}, key=key
    )


# Looking

TWO_WINNERS: Final = """
    SELECT order_id, round, seat FROM offers WHERE state = 'accepted'
     GROUP BY order_id, round, seat HAVING count(*) > 1
     UNION ALL
    SELECT order_id, round, seat FROM visits WHERE state NOT IN ('released', 'cancelled')
     GROUP BY order_id, round, seat HAVING count(*) > 1
"""
NOT_AS_SEATED: Final = """
    SELECT o.id FROM orders o
      LEFT JOIN LATERAL (SELECT count(*) AS filled, count(DISTINCT nurse_id) AS nurses FROM visits v
                          WHERE v.order_id = o.id AND v.round = o.round
                            AND v.state NOT IN ('released', 'cancelled')) AS seen ON true
     WHERE (o.state = 'assigned') <> (seen.filled = o.seats) OR seen.filled <> seen.nurses
"""
IN_TWO_PLACES: Final = """
    SELECT a.id FROM visits a JOIN visits b
        ON a.nurse_id = b.nurse_id AND a.id < b.id AND a.busy && b.busy
     WHERE a.state = 'scheduled' AND b.state = 'scheduled'
"""
NOT_OF_THE_OFFER: Final = """
    SELECT f.id FROM offers f LEFT JOIN visits v ON v.offer_id = f.id
     WHERE (f.state = 'accepted') <> (v.id IS NOT NULL)
        OR (v.id IS NOT NULL
            AND (v.nurse_id, v.order_id, v.seat) <> (f.nurse_id, f.order_id, f.seat))
"""
OFFERED_IN_VAIN: Final = """
    SELECT f.id FROM offers f JOIN orders o ON o.id = f.order_id
     WHERE f.state = 'sent'
       AND (o.state <> 'open' OR EXISTS (SELECT FROM visits v WHERE v.order_id = o.id
                                            AND v.seat = f.seat AND v.state = 'scheduled'))
"""
ASLEEP: Final = """
    SELECT o.id FROM orders o, generate_series(1, o.seats) AS seat
     WHERE o.state = 'open' AND (o.next_wave_at IS NULL OR o.next_wave_at > app_now())
       AND NOT EXISTS (SELECT FROM visits v WHERE v.order_id = o.id AND v.seat = seat
                          AND v.state = 'scheduled')
       AND NOT EXISTS (SELECT FROM offers f WHERE f.order_id = o.id AND f.seat = seat
                          AND f.state = 'sent')
       AND EXISTS (SELECT FROM offers f WHERE f.order_id = o.id AND f.state = 'accepted')
"""
VISITS: Final = "SELECT id, offer_id FROM visits"
# An order that waits for a nurse falls due again and again; what must not be is that it stays due.
WAITING: Final = """
    SELECT count(*) FROM offers
     WHERE state = 'sent' AND expires_at <= app_now() - interval '10 seconds'
     UNION ALL
    SELECT count(*) FROM orders
     WHERE state = 'open' AND next_wave_at <= app_now() - interval '10 seconds'
"""


async def look(owner: asyncpg.Connection) -> None:
    for query in (TWO_WINNERS, NOT_AS_SEATED, IN_TWO_PLACES, NOT_OF_THE_OFFER, OFFERED_IN_VAIN):
        assert await owner.fetch(query) == [], query


def judge(run: Race) -> None:
    """Every answer is one that the contract names for what became of the offer."""
    allowed: dict[Kept, set[tuple[int, str]]] = {
        Kept.LIVE: {
            (200, ""),
            (409, "offer-taken"),
            (409, "nurse-busy"),
            (409, "not-eligible"),
            (409, "request-in-progress"),
        },
        Kept.LATE: {(410, "offer-expired"), (409, "offer-taken")},
        Kept.EXPIRED: {(410, "offer-expired")},
        Kept.WITHDRAWN: {(409, "offer-taken")},
    }
    seen: Counter[tuple[Kept, int, str]] = Counter()
    by_seat: dict[tuple[UUID, int], set[str]] = defaultdict(set)
    for asked, status, slug in run.told():
        assert (status, slug) in allowed[asked.kept]
        seen[asked.kept, status, slug] += 1
        if asked.kept is Kept.LIVE:
            by_seat[asked.seat].add(slug)
    assert all(seen[Kept.LIVE, 409, slug] for slug in ("offer-taken", "nurse-busy"))
    assert seen[Kept.LATE, 410, "offer-expired"]
    assert seen[Kept.WITHDRAWN, 409, "offer-taken"]
    # A seat that nobody won was won by nobody who could have come.
    winners = Counter(asked.seat for (asked, *_), *_ in run.wins().values())
    assert set(winners.values()) == {1}
    for seat, slugs in by_seat.items():
        assert seat in winners or slugs <= {"nurse-busy", "not-eligible"}
    assert len(winners) > 0.8 * len(by_seat)


async def check_visits(
    owner: asyncpg.Connection, wins: dict[UUID, list[tuple[Asked, str, Answer]]]
) -> None:
    """Every yes has its visit and every visit its yes; each tap of a winner got the same one."""
    there = {row["offer_id"]: str(row["id"]) for row in await owner.fetch(VISITS)}
    assert there.keys() == wins.keys()
    for offer_id, heard in wins.items():
        for asked, _, answer in heard:
            told = answer.json()
            assert told["visit_id"] == there[offer_id]
            assert (told["order_id"], told["seat"]) == (str(asked.offer.order_id), asked.offer.seat)


async def ask_again(
    wins: dict[UUID, list[tuple[Asked, str, Answer]]], nurses: list[Person]
) -> None:
    """With the same key the same bytes, with another one the same visit."""
    for heard in list(wins.values())[:ASKED_AGAIN]:
        asked, key, answer = heard[0]
        same = await accept(nurses, asked, key)
        assert (same.status, same.body) == (200, answer.body)
        other = await accept(nurses, asked, str(uuid4()))
        assert (other.status, other.json()) == (200, answer.json())


async def until_nothing_waits(owner: asyncpg.Connection) -> None:
    """Every deadline that has passed is worked off."""
    async with asyncio.timeout(WORKED_OFF_S):
        while True:
            if not any(row["count"] for row in await owner.fetch(WAITING)):
                return
            await asyncio.sleep(0.2)


@pytest.mark.acceptance
@pytest.mark.timeout(400)
async def test_of_64_clients_one_wins_each_seat_and_no_order_is_stuck(
    deployment: Deployment, pool: Pool, people: Region, owner: asyncpg.Connection
) -> None:
    await deployment.start("clock", "api")
    await deployment.stop("clock")
    asked = await arrange(pool, people, await owner.fetchval("SELECT app_now()"))
    async with Wire.to(deployment.url, at_once=CLIENTS) as wire:
        nurses = await asyncio.gather(*(Person.sign_in(wire, one.phone) for one in people.nurses))
        run = await race(asked, nurses)
        judge(run)
        await look(owner)
        assert await owner.fetch(ASLEEP) == []
        wins = run.wins()
        await check_visits(owner, wins)
        await ask_again(wins, nurses)
        assert max(wire.statuses) < 500
    # The clock goes on where it was stopped: what is over ends, and who waits is looked after.
    await deployment.start("clock")
    await until_nothing_waits(owner)
    await look(owner)
