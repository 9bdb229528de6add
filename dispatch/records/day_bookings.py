"""The visits that may still be planned otherwise, with their orders and nurses: read, and held."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records.orders import Order, order_of
from dispatch.records.visits import Visit, visit_of

LIST_VISITS: Final = """
    SELECT v.* FROM visits v JOIN orders o ON o.id = v.order_id AND o.round = v.round
     WHERE v.state = 'scheduled' AND o.state = 'assigned' AND o.county = $1
       AND v.planned_start >= $2 AND v.planned_start < $3
     ORDER BY v.planned_start, v.id
     LIMIT $4
"""


async def list_visits(
    conn: Connection, county: str, since: datetime, until: datetime, limit: int
) -> list[Visit]:
    """Visits that nobody has set out for, of orders that have all their nurses, by start."""
    rows = await conn.fetch(LIST_VISITS, county, since, until, limit)
    return [visit_of(row) for row in rows]


LIST_GOING: Final = """
    SELECT DISTINCT nurse_id FROM visits
     WHERE state IN ('en_route', 'arrived', 'in_service') AND nurse_id = ANY($1)
"""


async def list_going(conn: Connection, nurse_ids: Collection[UUID]) -> list[UUID]:
    """Who of these has set out for a visit, or is at one."""
    return [row["nurse_id"] for row in await conn.fetch(LIST_GOING, list(nurse_ids))]


LIST_OF_IDS: Final = "SELECT * FROM visits WHERE id = ANY($1) ORDER BY id"


async def list_of_ids(conn: Connection, visit_ids: Collection[UUID]) -> list[Visit]:
    """These visits, by id; ids of nothing are left out."""
    return [visit_of(row) for row in await conn.fetch(LIST_OF_IDS, list(visit_ids))]


LIST_ORDERS: Final = "SELECT * FROM orders WHERE id = ANY($1) ORDER BY id"


async def list_orders(conn: Connection, visits: list[Visit]) -> list[Order]:
    """The orders of these visits, by id."""
    ids = sorted({visit.order_id for visit in visits})
    return [order_of(row) for row in await conn.fetch(LIST_ORDERS, ids)]


# Each table by id, so that no two plans wait for each other.
LOCK_ORDERS: Final = "SELECT * FROM orders WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"
LOCK_VISITS: Final = """
    SELECT * FROM visits
     WHERE order_id = ANY($1)
       AND (id = ANY($2) OR state IN ('scheduled', 'en_route', 'arrived', 'in_service'))
     ORDER BY id
       FOR NO KEY UPDATE
"""
LOCK_NURSES: Final = "SELECT id FROM nurses WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"


async def lock_orders(conn: Connection, order_ids: Collection[UUID]) -> dict[UUID, Order]:
    """Hold these orders, before anything of theirs is held."""
    rows = await conn.fetch(LOCK_ORDERS, list(order_ids))
    return {row["id"]: order_of(row) for row in rows}


async def lock_visits(
    conn: Connection, order_ids: Collection[UUID], visit_ids: Collection[UUID]
) -> dict[UUID, Visit]:
    """Hold these visits and whatever else of their orders goes on."""
    rows = await conn.fetch(LOCK_VISITS, list(order_ids), list(visit_ids))
    return {row["id"]: visit_of(row) for row in rows}


async def lock_nurses(conn: Connection, nurse_ids: Collection[UUID]) -> None:
    """Hold these nurses: nobody gives them anything else meanwhile."""
    await conn.execute(LOCK_NURSES, list(nurse_ids))
