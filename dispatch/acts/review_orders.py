"""The sweep before the assessors: who must see an order, who is late, what needs nobody.

An earlier assessment that still holds approves a repeat by itself; only the others wait for a
person, and a patient who waits too long is told, with the time by which it will be done.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch import assessing, booking, consequences, database
from dispatch.database import Caller, Connection, Pool
from dispatch.records import assessments, audit, events, reviews
from dispatch.records.assessments import Clearance
from dispatch.records.orders import Order

log: Final = logging.getLogger(__name__)

SWEEP: Final = Caller.clock("reviews")

Review = tuple[UUID, str, datetime | None, bool]


async def review_orders(pool: Pool, limit: int = 50) -> int:
    """See to up to `limit` submitted orders on whose assessment something is due."""
    return await _review(pool, SWEEP, limit)


@database.act
async def _review(conn: Connection, limit: int) -> int:
    due = await reviews.claim_due(conn, limit)
    if not due:
        return 0
    now = await database.now(conn)
    unseen = [order for order in due if order.review in ("new", "clock")]
    in_force = await assessments.list_in_force(conn, [order.patient_id for order in unseen])
    noted: list[Review] = []
    for order in due:
        match order.review:
            case "new":
                noted.append(await _first_look(conn, order, in_force, now))
            case "clock":
                noted += await _repeat(conn, order, in_force, now)
            case _:
                noted.append(await _tell_late(conn, order, now))
    await reviews.put(conn, noted)
    return len(due)


async def _first_look(
    conn: Connection, order: Order, in_force: Sequence[Clearance], now: datetime
) -> Review:
    """Leave a repeat to the clock for a moment, in which a person may still take it up; everything
    else goes to the assessors."""
    known = assessing.earlier(order, in_force)
    if known is None or not await assessing.goes_by_itself(conn, order):
        return order.id, "person", booking.assessed_by(now, conn.settings), False
    return order.id, "clock", now + timedelta(seconds=conn.settings.reuse_after_s), False


async def _repeat(
    conn: Connection, order: Order, in_force: Sequence[Clearance], now: datetime
) -> list[Review]:
    """Approve by earlier assessments; to a person if they hold no longer, or it does not work."""
    to_person: Review = (order.id, "person", booking.assessed_by(now, conn.settings), False)
    going_by = assessing.earlier(order, in_force)
    if going_by is None or not await assessing.goes_by_itself(conn, order):
        return [to_person]
    found = assessing.repeated(going_by)
    try:
        async with conn.savepoint():
            kept = await assessing.keep(conn, order, found, now)
            await assessing.settle(conn, order, found, kept, now)
            await audit.append(conn, "order.approve", "order", order.id, person_id=order.patient_id)
    except Exception as error:
        if database.is_gone(error):
            raise
        log.error("order not approved by itself", exc_info=error, extra={"order": str(order.id)})
        return [to_person]
    return []


async def _tell_late(conn: Connection, order: Order, now: datetime) -> Review:
    """Nobody has assessed it in time: the patient is told by when it will be, operators see it."""
    by = booking.assessed_by(now, conn.settings, again=True)
    await events.insert(
        conn,
        f"order.{order.state.value}",
        {**consequences.standing(order), "at_risk": True, "assess_by": by.isoformat()},
        order_id=order.id,
        account_ids=[order.account_id],
        institution_id=order.institution_id,
        wake="assessment_late",
    )
    return order.id, "person", by, True
