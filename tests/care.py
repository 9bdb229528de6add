"""Orders brought as far as a test needs them, by the moves alone: no offers and no sweeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from dispatch import consequences, database, transitions
from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.records import orders, visits
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from tests.world import World

HOUR = timedelta(hours=1)


def visit_of(world: World, order: Order, seat: int, starts_at: datetime) -> Visit:
    """A visit as accepting an offer would plan it."""
    return Visit(
        id=new_id(),
        order_id=order.id,
        round=order.round,
        seat=seat,
        nurse_id=world.nurse(seat).id,
        account_id=order.account_id,
        patient_id=order.patient_id,
        institution_id=world.institution_ids[seat - 1],
        planned_start=starts_at,
        planned_end=starts_at + timedelta(minutes=order.duration_min),
        busy=asyncpg.Range(
            starts_at - timedelta(minutes=30), starts_at + timedelta(minutes=order.duration_min)
        ),
        pay_fen=order.pay_fen,
        distance_m=2000,
        travel_s=600,
        miss_at=starts_at + HOUR,
        overdue_at=starts_at + 3 * HOUR,
        created_at=world.now,
    )


async def assigned(world: World, starts_at: datetime, **changes: Any) -> Order:
    """An order with a nurse on each seat, who are to begin at `starts_at`."""
    order = await world.open(**changes)

    async def fill(conn: Connection) -> Order:
        held = await orders.lock(conn, order.id)
        for seat in range(1, held.seats + 1):
            held = await consequences.fill_seat(conn, held, visit_of(world, held, seat, starts_at))
        return held

    return await world.pool.transact(world.operator, fill)


async def step(world: World, order: Order, seat: int, *moves: str) -> None:
    """Take a visit's steps as its nurse; what follows for the order follows, too."""

    async def take(conn: Connection) -> None:
        held = await orders.lock(conn, order.id)
        (visit,) = [v for v in await visits.list_of_order(conn, order.id) if v.seat == seat]
        for move in moves:
            now = await database.now(conn)
            changes: dict[str, Any] = {"ended_at": now} if move in ("complete", "abort") else {}
            visit = await transitions.move_visit(conn, visit, move, **changes)
        if visit.state is VisitState.COMPLETED:
            await consequences.after_visit(conn, held, visit)

    await world.pool.transact(world.nurse(seat).caller, take)
