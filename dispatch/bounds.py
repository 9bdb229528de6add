"""What binds an order's visit besides its services: its assessment's conditions, confirmed flags.

Runs inside the act whose step it follows, with the order held. It decides nothing about nurses.
"""

from __future__ import annotations

from typing import Final

from config.vocabulary import Condition
from dispatch.database import Connection
from dispatch.records import addresses, orders
from dispatch.records.addresses import Bounds
from dispatch.records.orders import Order

KNOWN: Final = frozenset(condition.value for condition in Condition)
PAIR: Final = 2
TIER_MAX: Final = 3


def conditions_of(order: Order, bounds: Bounds) -> frozenset[Condition]:
    """What the order's visit must keep to: by its assessment, and by flags that stand now."""
    assessed = (order.assessment or {}).get("conditions", ())
    return frozenset(Condition(name) for name in (*assessed, *bounds.conditions) if name in KNOWN)


def least_tier(by_services: int, conditions: frozenset[Condition]) -> int:
    """The nurse tier that services ask for, or the higher one that a condition does."""
    if Condition.SPECIALIST in conditions:
        return TIER_MAX
    return min(TIER_MAX, by_services + (Condition.HIGHER_TIER in conditions))


async def find_conditions(conn: Connection, order: Order) -> frozenset[Condition]:
    """The same for one order whose address nobody has read yet."""
    async with conn.as_clock():
        bounds = await addresses.list_bounds(conn, [order.address_id])
    return conditions_of(order, bounds[order.address_id])


async def seat_all(conn: Connection, order: Order) -> Order:
    """Give an order that waits for nurses its second seat, where two must go together.

    The price that the patient was told stays, and each nurse is paid as one would be.
    """
    if order.seats >= PAIR or Condition.TWO_NURSES not in await find_conditions(conn, order):
        return order
    async with conn.as_clock():
        return await orders.set_seats(conn, order.id, PAIR)
