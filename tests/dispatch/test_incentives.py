"""A fund adds to nurses' pay where nobody takes an order: capped, logged, never on the bill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from config.settings import Settings
from dispatch import consequences, incentives
from dispatch.acts import fill_order
from dispatch.database import Connection
from dispatch.lifecycles import BillState
from dispatch.records import bills, incentive_grants, ledger, orders
from dispatch.records.incentive_grants import Grant
from dispatch.records.orders import Order
from tests.care import HOUR, step, visit_of
from tests.world import World


@pytest.fixture
def settings() -> Settings:
    return Settings(
        incentive_step_fen=5_00,
        incentive_order_limit_fen=12_00,
        incentive_day_limit_fen=20_00,
        incentive_fund_limit_fen=22_00,
    )


async def grant(world: World, order: Order, wave: int, seats: int = 1) -> int:
    async def give(conn: Connection) -> int:
        return await incentives.grant(conn, order, wave, seats, world.now)

    return await world.pool.transact(world.clock, give)


async def granted(world: World, order: Order) -> list[Grant]:
    async with world.pool.read(world.clock) as conn:
        return await incentive_grants.list_of_order(conn, order.id)


async def test_r58_each_further_wave_adds_a_step_up_to_the_orders_limit(world: World) -> None:
    order = await world.open()
    assert [await grant(world, order, wave) for wave in range(1, 7)] == [
        0,
        0,
        5_00,
        10_00,
        12_00,
        12_00,
    ]
    assert [(one.wave, one.amount_fen, one.reason) for one in await granted(world, order)] == [
        (3, 5_00, "unfilled"),
        (4, 10_00, "unfilled"),
        (5, 12_00, "unfilled"),
    ]
    assert (await world.order(order.id)).price_fen == order.price_fen
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await world.owner.execute("UPDATE incentive_grants SET amount_fen = 1")


async def test_r58_day_and_fund_have_their_limits(world: World) -> None:
    first, second, third = [await world.open() for _ in range(3)]
    assert await grant(world, first, 5) == 12_00
    assert await grant(world, second, 4, seats=2) == 4_00
    assert await grant(world, third, 3) == 0
    await world.advance(days=1)
    assert await grant(world, third, 3) == 2_00


async def test_r58_by_default_nobody_is_paid_more(world: World) -> None:
    world.pool.settings = Settings()
    order = await world.open()
    assert [await grant(world, order, wave) for wave in range(1, 9)] == [0] * 8


async def test_r58_the_offers_of_a_third_wave_tell_it_and_the_bill_does_not(world: World) -> None:
    order = await world.open()
    await world.owner.execute("UPDATE orders SET wave = 2 WHERE id = $1", order.id)
    await fill_order.send_waves(world.pool)
    sent = await world.offers(order.id, "sent")
    assert {offer.pay_fen for offer in sent} == {order.pay_fen + 5_00}

    async def accept(conn: Connection) -> None:
        held = await orders.lock(conn, order.id)
        visit = visit_of(world, held, 1, world.now + HOUR)
        await consequences.fill_seat(conn, held, replace(visit, pay_fen=sent[0].pay_fen))

    await world.pool.transact(world.operator, accept)
    await step(world, order, 1, "arrive", "start", "complete")
    async with world.pool.read(world.clock) as conn:
        bill = await bills.find_of_order(conn, order.id)
        booked: dict[str, Any] = {
            one.account: one.amount_fen for one in await ledger.list_balances(conn)
        }
    assert bill is not None
    assert (bill.state, bill.own_fen) == (BillState.DUE, order.price_fen)
    assert (booked["fund"], booked["nurse"]) == (5_00, -5_00)
