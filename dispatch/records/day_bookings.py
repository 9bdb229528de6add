"""The visits of a day and a county that may still be planned otherwise; read only."""

from __future__ import annotations

from datetime import datetime
from typing import Final

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


LIST_ORDERS: Final = "SELECT * FROM orders WHERE id = ANY($1) ORDER BY id"


async def list_orders(conn: Connection, visits: list[Visit]) -> list[Order]:
    """The orders of these visits, by id."""
    ids = sorted({visit.order_id for visit in visits})
    return [order_of(row) for row in await conn.fetch(LIST_ORDERS, ids)]
