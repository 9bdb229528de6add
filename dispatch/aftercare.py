"""What a visit leaves to be done once it has ended, each with its time: waste to be brought back.

Runs inside the act that ended it, with the order held.
"""

from __future__ import annotations

from datetime import timedelta

from config import waste
from dispatch.database import Connection
from dispatch.lifecycles import VisitState
from dispatch.records import waste_returns
from dispatch.records.orders import Order
from dispatch.records.visits import Visit


async def expect_waste(conn: Connection, order: Order, visit: Visit) -> None:
    """Expect back what the services of a visit leave behind, once it was begun and has ended."""
    was_served = visit.state in (VisitState.COMPLETED, VisitState.ABORTED)
    if not was_served or visit.started_at is None or visit.ended_at is None:
        return
    categories = waste.load().of_services(conn.catalogue, order.service_codes)
    if categories:
        due_at = visit.ended_at + timedelta(hours=conn.settings.waste_due_h)
        async with conn.as_clock():
            await waste_returns.insert(conn, visit.id, categories, due_at)
