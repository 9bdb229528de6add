"""The sweeps that find a nurse: waves go out, offers run out, an order nobody came to is closed.

They claim what is due and remember nothing, so any number of clocks may run them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from dispatch import (
    consequences,
    database,
    incentives,
    keeping,
    learned,
    sourcing,
    transitions,
    ways,
)
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import Overloaded
from dispatch.ids import new_id
from dispatch.lifecycles import EMPTY_SEAT, OfferState, OrderState
from dispatch.records import decisions, events, nurses, offers, orders, visits
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from dispatch.sealing import Keyring
from dispatch.ways import Ways
from matching import decide, waves
from matching.inputs import Need, local_date
from matching.waves import Alert

log: Final = logging.getLogger(__name__)

SWEEP: Final = Caller.clock("waves")
# Orders that are decided together: enough to weigh one against the other, few enough that nobody
# waits long for one of them.
BATCH: Final = 16
# An order that cannot be worked is looked at again after this time, so that it holds up no other.
POSTPONED: Final = timedelta(minutes=2)
# A nurse who has a seat is not kept waiting for a partner whom nobody is left to be, nor until she
# would have to set out. The patience doubles with each round: else an order for tomorrow would ask
# the same nurse all day, and let go of her again each quarter of an hour.
SEAT_PATIENCE: Final = timedelta(minutes=15)
DOUBLINGS_MAX: Final = 10
SEAT_LEAD: Final = timedelta(minutes=15)
NOBODY: Final = frozenset({Alert.NOBODY_ELIGIBLE, Alert.NOBODY_LEFT})


async def send_waves(pool: Pool, limit: int = 50) -> int:
    """Decide on the orders whose next wave is due, and send its offers; returns how many orders.

    An order that fails is put off alone; the others of its batch go out.
    """
    done = 0
    while done < limit:
        size = min(BATCH, limit - done)
        try:
            worked = await _send_batch(pool, SWEEP, size)
        except (*database.AGAIN, Overloaded):
            raise
        except Exception as error:
            if database.is_gone(error):
                raise
            log.error("wave failed", exc_info=error)
            worked = await _send_singly(pool, size)
        done += worked
        # Not only when a batch was full: what came while it was decided need not wait for a tick.
        if not worked:
            break
    return done


async def _send_singly(pool: Pool, limit: int) -> int:
    """After a batch has failed: one order at a time, so that only the bad one is put off."""
    async with pool.read(SWEEP) as conn:
        due = await orders.list_wave_due(conn, limit)
    for order_id in due:
        try:
            await _send_batch(pool, SWEEP, 1, only=order_id)
        except Exception as error:
            if database.is_gone(error):
                raise
            log.error("order put off", exc_info=error, extra={"order_id": str(order_id)})
            await _postpone(pool, SWEEP, order_id)
    return len(due)


@database.act
async def _postpone(conn: Connection, order_id: UUID) -> None:
    await orders.postpone(conn, order_id, await database.now(conn) + POSTPONED)


@database.act
async def _send_batch(conn: Connection, limit: int, *, only: UUID | None = None) -> int:
    if not await decisions.try_lock_sender(conn):
        return 0
    if only is None:
        due = await orders.claim_wave_due(conn, limit)
    else:
        due = await orders.claim_one_wave_due(conn, only)
    if not due:
        return 0
    now = await database.now(conn)
    needs = await sourcing.needs_of(conn, due)
    for order in due:
        if order.id not in needs:
            log.error("order has no place", extra={"order_id": str(order.id)})
            await orders.postpone(conn, order.id, now + POSTPONED)
    workable = [order for order in due if order.id in needs]
    if workable:
        await _work(conn, workable, needs, now)
    return len(due)


async def _work(
    conn: Connection, due: Sequence[Order], needs: Mapping[UUID, Need], now: datetime
) -> None:
    progress = await sourcing.progress_of(conn, due)
    asked = {order.id: [offer.nurse_id for offer in progress[order.id].offers] for order in due}
    scarcity, accepting = await _scarcity(conn, now), await learned.acceptance(conn, now)
    cases: dict[UUID, decide.Case] = {}
    judged: dict[UUID, decide.Judged] = {}
    wanted, nearest, by_road = list(due), conn.settings.considered_first_max, None
    while True:
        found = await sourcing.candidates_for(
            conn, [needs[order.id] for order in wanted], now, nearest=nearest, also=asked
        )
        new = {
            order.id: decide.Case(
                need=needs[order.id], candidates=found[order.id], progress=progress[order.id]
            )
            for order in wanted
        }
        cases |= new
        measured = await _measure(conn, cases.values(), now)
        frame = sourcing.frame_of(conn, now, measured.travel, scarcity, accepting)
        # A road engine that fails or comes back meanwhile: all are judged again by one measure.
        again = by_road is not None and by_road != measured.by_road
        by_road = measured.by_road
        judging = list((cases if again else new).values())
        for one in await asyncio.to_thread(decide.judge, judging, frame):
            judged[one.case.need.order_id] = one
        # More than the nearest are considered where those would hardly be a choice.
        wanted = [
            order
            for order in wanted
            if len(found[order.id]) >= nearest and judged[order.id].is_scant(frame.policy)
        ]
        if not wanted or nearest >= conn.settings.considered_max:
            break
        nearest = conn.settings.considered_max
    settled = await asyncio.to_thread(decide.settle, [judged[order.id] for order in due], frame)
    await _send(conn, due, needs, settled, measured.told, now)


async def _measure(conn: Connection, cases: Iterable[decide.Case], now: datetime) -> Ways:
    return await ways.for_judging(conn, [(case.need, case.candidates) for case in cases], now)


async def _send(
    conn: Connection,
    due: Sequence[Order],
    needs: Mapping[UUID, Need],
    settled: decide.Settled,
    travel: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write down what was decided, send the offers, and say when to look again.

    While it was decided a nurse may have been suspended or have gone off duty: she is not asked,
    and her order is looked at again at once.
    """
    pairs = list(zip(due, settled.decisions, strict=True))
    # A batch of which nobody is asked comes again and again; what it considered is kept, no more.
    batch = None
    if any(made.plan.asks for made in settled.decisions):
        batch = keeping.batch_of(settled.certificate, now)
        if batch.refuted is not None:
            log.error("proof refuted", extra={"batch_id": str(batch.id), "why": batch.refuted})
    in_batch = (
        {} if batch is None else {one.order_id: batch.id for one in settled.certificate.batch}
    )
    await decisions.put_many(
        conn,
        [
            keeping.decision_of(
                order, made, conn.settings.candidates_max, travel, now, in_batch.get(order.id)
            )
            for order, made in pairs
        ],
        batch,
    )
    current = await visits.list_current(conn, [order.id for order in due if order.seats > 1])
    going = []
    for order, decision in pairs:
        filled = [v for v in current.get(order.id, []) if v.state not in EMPTY_SEAT]
        if filled and _has_waited_enough(order, filled, decision.plan, now):
            await consequences.next_round(conn, order, "redispatch", detail={"why": "empty_seat"})
        else:
            going.append((order, decision))
    extra_fen = {
        order.id: await incentives.grant(
            conn, order, decision.plan.wave, len(needs[order.id].seats), now
        )
        for order, decision in going
        if decision.plan.asks
    }
    planned = [
        offer
        for order, decision in going
        for offer in _offers(order, needs[order.id], decision, now, extra_fen.get(order.id, 0))
    ]
    sendable = await nurses.lock_sendable(conn, {offer.nurse_id for offer in planned})
    sent = await offers.insert_many(
        conn, [offer for offer in planned if offer.nurse_id in sendable]
    )
    unsent = {offer.order_id for offer in planned if offer.nurse_id not in sendable}
    await consequences.tell_offers(conn, sent, "offer.created", wake="offer")
    await orders.set_waves(
        conn,
        [
            orders.Wave(
                order_id=order.id,
                wave=decision.plan.wave,
                next_wave_at=now if order.id in unsent else decision.plan.next_due_at,
                at_risk=decision.plan.alert is not None,
            )
            for order, decision in going
        ],
    )
    for order, decision in going:
        alert = decision.plan.alert
        if alert is not None and not order.at_risk:
            await _tell_risk(conn, order, alert)


def _offers(
    order: Order, need: Need, decision: decide.Decision, now: datetime, extra_fen: int
) -> list[Offer]:
    chosen = {one.nurse_id: one for one in decision.considered}
    found = []
    for ask in decision.plan.asks:
        one = chosen[ask.nurse_id]
        found.append(
            Offer(
                id=new_id(),
                order_id=order.id,
                round=need.round,
                wave=decision.plan.wave,
                seat=ask.seat,
                nurse_id=ask.nurse_id,
                sent_at=now,
                expires_at=ask.expires_at,
                pay_fen=order.pay_fen + extra_fen,
                distance_m=one.distance_m,
                travel_s=one.fit.travel_in_s if one.fit else 0,
                rank=one.rank,
                cost=one.cost.total if one.cost else None,
                why=[{"kind": reason.kind, "value": reason.value} for reason in one.why],
            )
        )
    return found


def _has_waited_enough(
    order: Order, filled: Sequence[Visit], plan: waves.WavePlan, now: datetime
) -> bool:
    """Whether the nurse of a filled seat is freed, because the other seat stays empty."""
    first = min(filled, key=lambda visit: visit.planned_start)
    if now >= first.leaves_at - SEAT_LEAD:
        return True
    waited = now - max(visit.created_at for visit in filled)
    patience = SEAT_PATIENCE * 2 ** min(order.round - 1, DOUBLINGS_MAX)
    return plan.alert in NOBODY and not plan.asks and waited >= patience


async def _tell_risk(conn: Connection, order: Order, alert: Alert) -> None:
    await events.insert(
        conn,
        f"order.{order.state.value}",
        {
            **consequences.standing(order),
            "version": order.version + 1,
            "at_risk": True,
            "alert": alert.value,
        },
        order_id=order.id,
        institution_id=order.institution_id,
    )


# How rare a competence is changes over weeks and takes reading every nurse.
SCARCITY_FOR: Final = timedelta(minutes=10)
_scarcities: WeakKeyDictionary[Keyring, tuple[datetime, Mapping[str, float]]] = WeakKeyDictionary()


async def _scarcity(conn: Connection, now: datetime) -> Mapping[str, float]:
    known = _scarcities.get(conn.keyring)
    if known is None or now - known[0] >= SCARCITY_FOR:
        known = (now, await sourcing.scarcity_now(conn))
        _scarcities[conn.keyring] = known
    return known[1]


async def preview(conn: Connection, order: Order) -> decisions.Decision | None:
    """What the matcher would consider for an order now, as it would be kept; nothing is written.

    None when the patient was erased.
    """
    async with conn.as_clock():
        now = await database.now(conn)
        needs = await sourcing.needs_of(conn, [order])
        if order.id not in needs:
            return None
        need = needs[order.id]
        progress = (await sourcing.progress_of(conn, [order]))[order.id]
        also = {order.id: [offer.nurse_id for offer in progress.offers]}
        found = await sourcing.candidates_for(
            conn, [need], now, nearest=conn.settings.considered_max, also=also
        )
        case = decide.Case(need=need, candidates=found[order.id], progress=progress)
        measured = await _measure(conn, [case], now)
        frame = sourcing.frame_of(
            conn,
            now,
            measured.travel,
            await _scarcity(conn, now),
            await learned.acceptance(conn, now),
        )
    (made,) = await asyncio.to_thread(decide.decide, [case], frame)
    return keeping.decision_of(order, made, conn.settings.candidates_max, measured.told, now)


async def expire_offers(pool: Pool, limit: int = 50) -> int:
    """End the offers whose time has run out, and let the next wave go where nobody is left to ask.

    The order is woken in a transaction of its own: accepting locks the order before the offer.
    """
    ended = await _expire(pool, SWEEP, limit)
    if ended:
        await _wake(pool, SWEEP, [(offer.order_id, offer.seat) for offer in ended])
    return len(ended)


@database.act
async def _expire(conn: Connection, limit: int) -> list[Offer]:
    ended = await transitions.move_offers(conn, await offers.claim_expired(conn, limit), "expire")
    await consequences.tell_offers(conn, ended, "offer.expired")
    return ended


@database.act
async def _wake(conn: Connection, ended: Sequence[tuple[UUID, int]]) -> None:
    await orders.wake_unasked(conn, ended)


async def lapse_orders(pool: Pool, limit: int = 50) -> int:
    """Close the orders whose window has passed without a nurse, and say honestly why."""
    return await _lapse(pool, SWEEP, limit)


@database.act
async def _lapse(conn: Connection, limit: int) -> int:
    now = await database.now(conn)
    claimed = await orders.claim_lapsed(conn, limit)
    for order in claimed:
        try:
            async with conn.savepoint():
                closing = await _closing(conn, order, now)
                await consequences.end_order(
                    conn, order, "lapse", wake="nobody_found", closing=closing
                )
        except Exception as error:
            log.error("order not lapsed", exc_info=error, extra={"order_id": str(order.id)})
    return len(claimed)


async def _closing(conn: Connection, order: Order, now: datetime) -> dict[str, Any]:
    """Why it ended: who was asked, which rules stood in the way, and what could help now."""
    asked = await offers.list_of_order(conn, order.id)
    answers = Counter(offer.state for offer in asked)
    last = await decisions.find_latest(conn, order.id, order.round)
    ahead = local_date(now) - local_date(order.earliest)
    shift = timedelta(days=ahead.days + 1)
    return {
        "at": now.isoformat(),
        "reason": "not_assessed" if order.state is OrderState.SUBMITTED else "nobody_found",
        "counts": last.summary.counts if last else {},
        "alternatives": last.summary.alternatives if last else [],
        "asked": len({offer.nurse_id for offer in asked}),
        "declined": answers[OfferState.DECLINED],
        "expired": answers[OfferState.EXPIRED],
        "next_window": {
            "earliest": (order.earliest + shift).isoformat(),
            "latest": (order.latest + shift).isoformat(),
        },
    }
