"""Offers accepted over HTTP with every rule on: many nurses for each seat, and one for each.

Contested: eight nurses are asked for an order, a fifth of the orders needs two, some offers have
ended before; most calls lose. Alone: each call fills a seat, the dearest answer there is.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from bench import closed_loop, results, rig
from bench.rig import Rig
from demo.load import demo_id
from demo.region import Region
from dispatch import pricing, transitions
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.records import offers, orders
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from tests.acceptance import able, test_race

SEED: Final = 330702
# Half past six in Jinhua on a Saturday, later than any day on which this is run.
MORNING: Final = datetime(2040, 3, 2, 22, 30, tzinfo=UTC)
NURSES: Final = 400
PATIENTS: Final = 200
CONNECTIONS: Final = 64
ASKED: Final = 8
WARM_UP: Final = 99
PAIR_IN: Final = 5
LATE, EXPIRED, WITHDRAWN = 0.04, 0.08, 0.12  # shares, each with those before it
TOGETHER: Final = 40
SLOT: Final = timedelta(minutes=75)
SLOTS_A_DAY: Final = 11
DAYS: Final = 3
HOUR: Final = timedelta(hours=1)
CLOCK: Final = Caller.clock("bench")
REFUSALS: Final = (
    *("409 offer-taken", "409 nurse-busy", "409 not-eligible", "410 offer-expired"),
    "409 request-in-progress",
)
# About how fast it works, not about when it begins to shed.
PATIENCE: Final = {
    "APP_ACQUIRE_TIMEOUT_S": "20",
    "APP_REQUEST_TIMEOUT_S": "25",
    "APP_LOCK_TIMEOUT_MS": "20000",
}
ACCOUNTS: Final = "SELECT id, nurse_id FROM accounts WHERE nurse_id IS NOT NULL"
VISITS: Final = "SELECT count(*) FROM visits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One way of asking; `*_us` are microseconds of processor time for one call."""

    asked: str
    api_processes: int
    connections: int
    calls: int
    calls_per_s: int
    seats_per_s: int
    won: int
    taken: int
    busy: int
    p50_ms: float
    p99_ms: float
    api_us: int
    postgres_us: int
    load_us: int


async def measure(*, orders_: int, apis: int, connections: int = CONNECTIONS) -> list[Figures]:
    """Alone first, then contested. Raises `AssertionError` if anything is not as it must be."""
    people = able.build(MORNING.date(), nurses=NURSES, patients=PATIENTS)
    async with rig.standing(people, apis=apis, at=MORNING, settings=PATIENCE) as system:
        accounts = {row["nurse_id"]: row["id"] for row in await system.owner.fetch(ACCOUNTS)}
        tokens = await system.sign_in(accounts.values())
        by_nurse = {nurse: tokens[account] for nurse, account in accounts.items()}
        found, first = [], 0
        for name, asked, count in (
            ("warming up", 1, WARM_UP),
            ("alone", 1, orders_),
            ("contested", ASKED, orders_),
        ):
            results.say(f"{name}: arranging {count} orders")
            numbers = range(first, first + count)
            sent = await arrange(system.pool, people, numbers, asked=asked)
            first += count
            found.append(await _race(system, name, sent, by_nurse, connections))
        await test_race.look(system.owner)
    return found[1:]


async def _race(
    system: Rig, name: str, sent: list[Offer], tokens: dict[UUID, str], connections: int
) -> Figures:
    requests = [
        closed_loop.post(f"/v1/offers/{one.id}/accept", {}, token=tokens[one.nurse_id])
        for one in sent
    ]
    seats = await system.owner.fetchval(VISITS)
    before = system.spent()
    tally = await closed_loop.fire(system.ports, iter(requests), connections=connections)
    us = system.spent().since(before).per_request_us(len(requests))
    tally.expect("200", *REFUSALS)
    won = tally.answers["200"]
    if await system.owner.fetchval(VISITS) - seats != won:
        raise AssertionError(f"{won} calls won, and not so many visits are there")
    return Figures(
        asked=name,
        api_processes=len(system.apis),
        connections=connections,
        calls=len(requests),
        calls_per_s=round(tally.per_s),
        seats_per_s=round(won / tally.took_s),
        won=won,
        taken=tally.answers["409 offer-taken"],
        busy=tally.answers["409 nurse-busy"],
        p50_ms=tally.percentile_ms(0.5),
        p99_ms=tally.percentile_ms(0.99),
        api_us=us["api"],
        postgres_us=us["postgres"],
        load_us=us["load"],
    )


async def arrange(pool: Pool, people: Region, numbers: range, *, asked: int) -> list[Offer]:
    """Open orders and their offers as waves leave them; in the order in which they are answered."""
    rng = random.Random(SEED + asked)
    async with pool.read(CLOCK) as conn:
        now: datetime = await conn.fetchval("SELECT app_now()")
    placed = [
        _order(pool, people, number, now, pair=asked > 1 and number % PAIR_IN == 0)
        for number in numbers
    ]
    sent = [
        one
        for number, order in zip(numbers, placed, strict=True)
        for one in _ask(order, _choose(people, number, rng, asked), rng, now)
    ]

    async def put(conn: Connection, *, some: list[Order]) -> None:
        for order in some:
            await orders.insert(conn, order)
            await transitions.move_order(
                conn, order, "approve", wave=1, next_wave_at=now + 2 * HOUR
            )
        ids = {order.id for order in some}
        theirs = [offer for offer, _ in sent if offer.order_id in ids]
        await offers.insert_many(conn, theirs)
        for move in ("expire", "withdraw"):
            await transitions.move_offers(
                conn,
                [offer for offer, ended in sent if ended == move and offer.order_id in ids],
                move,
            )

    for start in range(0, len(placed), TOGETHER):
        await pool.transact(CLOCK, partial(put, some=placed[start : start + TOGETHER]))
    # Calls for one order are near each other, so that they meet.
    places = [(place + rng.uniform(0, CONNECTIONS), offer) for place, (offer, _) in enumerate(sent)]
    return [offer for _, offer in sorted(places, key=lambda each: each[0])]


def _order(pool: Pool, people: Region, number: int, now: datetime, *, pair: bool) -> Order:
    one = people.patients[number % len(people.patients)]
    payer = next(each for each in people.patients if each.account_phone == one.account_phone)
    day, slot = divmod(number % (DAYS * SLOTS_A_DAY), SLOTS_A_DAY)
    earliest = now + HOUR + timedelta(days=day) + slot * SLOT
    code = test_race.PAIR if pair else test_race.ONE
    bundle = pool.catalogue.combine([code])
    price = pricing.of(bundle, pool.settings)
    return Order(
        id=new_id(),
        account_id=demo_id("account", payer.patient_no),
        patient_id=demo_id("patient", one.patient_no),
        address_id=demo_id("address", one.patient_no),
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


def _choose(people: Region, number: int, rng: random.Random, asked: int) -> list[UUID]:
    """Whom to ask: by chance, or the one nurse whom no other order of that slot is offered to."""
    chosen = rng.sample(people.nurses, asked)
    if asked == 1:
        chosen = [people.nurses[number % len(people.nurses)]]
    return [demo_id("nurse", one.staff_no) for one in chosen]


def _ask(
    order: Order, nurse_ids: list[UUID], rng: random.Random, now: datetime
) -> Iterator[tuple[Offer, str]]:
    """An offer to each of them, and what has become of it before it is answered."""
    for place, nurse_id in enumerate(nurse_ids):
        fate = rng.random() if len(nurse_ids) > 1 else 1.0
        late = fate < LATE
        yield (
            Offer(
                id=new_id(),
                order_id=order.id,
                round=1,
                wave=1,
                seat=1 + place % order.seats,
                nurse_id=nurse_id,
                sent_at=now - HOUR,
                expires_at=now - HOUR / 60 if late else now + 2 * HOUR,
                pay_fen=order.pay_fen,
                distance_m=1_000,
                travel_s=300,
            ),
            "" if late or fate >= WITHDRAWN else "expire" if fate < EXPIRED else "withdraw",
        )


def main() -> None:
    """Measure with one API process and with two, print tables, keep results/accepting.json."""
    parser = results.parser("accepting", __doc__)
    parser.add_argument("--orders", type=int, default=1_200)
    parser.add_argument("--apis", type=int, nargs="+", default=[1, 2], help="API processes")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    given = parser.parse_args()
    count, apis = (100, [1]) if given.quick else (given.orders, given.apis)
    found = [
        one
        for number in apis
        for one in asyncio.run(measure(orders_=count, apis=number, connections=given.connections))
    ]
    results.finish("accepting", {"runs": [asdict(one) for one in found]}, quick=given.quick)


if __name__ == "__main__":
    main()
