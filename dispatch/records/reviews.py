"""The assessment's side of the `orders` table: who has a submitted order before him, until when.

Its state is written by `transitions` alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records import orders
from dispatch.records.orders import Order

CLAIM_DUE: Final = """
    SELECT * FROM orders
     WHERE state = 'submitted' AND review_at <= app_now() AND latest > app_now()
     ORDER BY review_at
     LIMIT $1
       FOR NO KEY UPDATE SKIP LOCKED
"""


async def claim_due(conn: Connection, limit: int) -> list[Order]:
    """Hold up to `limit` submitted orders on whose assessment something is due, oldest first."""
    return [orders.order_of(r) for r in await conn.fetch(CLAIM_DUE, limit)]


SET: Final = """
    UPDATE orders o
       SET review = r.review, review_at = r.review_at, at_risk = o.at_risk OR r.late
      FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[])
           AS r (order_id, review, review_at, late)
     WHERE o.id = r.order_id AND o.state = 'submitted'
"""


async def put(conn: Connection, given: Collection[tuple[UUID, str, datetime | None, bool]]) -> None:
    """Note for held orders who has each before him, until when, and whether it is late already."""
    columns = [list(column) for column in zip(*given, strict=True)] or [[], [], [], []]
    await conn.execute(SET, *columns)


LOOK_AGAIN: Final = """
    UPDATE orders SET review = 'new', review_at = app_now()
     WHERE state = 'submitted' AND review = 'clock' AND (id = $1 OR patient_id = $2)
"""


async def look_again(
    conn: Connection, *, order_id: UUID | None = None, patient_id: UUID | None = None
) -> None:
    """Let it be asked anew whether an earlier assessment will do: of one order, or a patient's."""
    await conn.execute(LOOK_AGAIN, order_id, patient_id)


LIST_WAITING: Final = """
    SELECT * FROM orders
     WHERE (state = 'submitted' AND review IN ('new', 'person')
            OR reassess_since IS NOT NULL AND state IN ('open', 'held', 'assigned'))
       AND ($1::text IS NULL OR county = $1)
       AND ($2::timestamptz IS NULL OR (promise_at, id) > ($2, $3))
     ORDER BY promise_at, id
     LIMIT $4
"""


async def list_waiting(
    conn: Connection, *, county: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Order]:
    """The orders that wait for a person's assessment, first or renewed, oldest promise first."""
    promise_at, order_id = after or (None, None)
    rows = await conn.fetch(LIST_WAITING, county, promise_at, order_id, limit)
    return [orders.order_of(r) for r in rows]


ASK_AGAIN: Final = """
    UPDATE orders SET reassess_since = app_now(), next_wave_at = NULL,
                      at_risk = at_risk OR state = 'assigned'
     WHERE id = $1 AND state IN ('open', 'held', 'assigned') AND reassess_since IS NULL
"""


async def ask_again(conn: Connection, order_id: UUID) -> None:
    """What an order was approved by holds no longer: a person is to look. The caller holds it."""
    await conn.execute(ASK_AGAIN, order_id)


RENEW: Final = """
    UPDATE orders SET reassess_since = NULL, assessment = $2, assessment_sealed = $3,
                      version = version + 1
     WHERE id = $1
 RETURNING *
"""


async def renew(
    conn: Connection, order_id: UUID, assessment: dict[str, Any], assessment_sealed: bytes | None
) -> Order:
    """It was approved again, by this assessment. The caller holds the order."""
    row = await conn.fetchrow(RENEW, order_id, assessment, assessment_sealed)
    if row is None:
        raise NotFound
    return orders.order_of(row)


ADD_PRECONDITIONS: Final = """
    UPDATE orders
       SET preconditions = preconditions || ARRAY(SELECT unnest($2::text[]) EXCEPT
                                                  SELECT unnest(preconditions))
     WHERE id = $1
"""


async def add_preconditions(conn: Connection, order_id: UUID, slugs: Collection[str]) -> None:
    """Declare more of what the services presuppose. The caller holds the order and moves it."""
    await conn.execute(ADD_PRECONDITIONS, order_id, list(slugs))
