"""The `ratings` table: what a patient thought of a visit, and the averages of the nurses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """`comment_sealed` lies under the patient's key."""

    order_id: UUID
    account_id: UUID
    stars: int
    tags: list[str]
    comment_sealed: bytes | None
    created_at: datetime


INSERT: Final = """
    INSERT INTO ratings (order_id, account_id, stars, tags, comment_sealed)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (order_id) DO NOTHING
 RETURNING order_id, account_id, stars, tags, comment_sealed, created_at
"""


async def insert(
    conn: Connection,
    order_id: UUID,
    account_id: UUID,
    *,
    stars: int,
    tags: list[str],
    comment_sealed: bytes | None,
) -> Rating | None:
    """Keep the rating of an order; None if it has one already."""
    row = await conn.fetchrow(INSERT, order_id, account_id, stars, tags, comment_sealed)
    return None if row is None else Rating(**row)


STARS_BY_ORDER: Final = "SELECT order_id, stars FROM ratings WHERE order_id = ANY ($1::uuid[])"


async def stars_by_order(conn: Connection, order_ids: Collection[UUID]) -> dict[UUID, int]:
    """The stars of those of these orders that were rated."""
    if not order_ids:
        return {}
    rows = await conn.fetch(STARS_BY_ORDER, list(order_ids))
    return {row["order_id"]: row["stars"] for row in rows}


ADD_TO_NURSES: Final = """
    WITH held AS (
        SELECT id FROM nurses WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE nurses n
       SET rating = (coalesce(n.rating, 0) * n.ratings + $2) / (n.ratings + 1),
           ratings = n.ratings + 1
      FROM held
     WHERE n.id = held.id
"""


async def add_to_nurses(conn: Connection, nurse_ids: Collection[UUID], stars: int) -> None:
    """Let the stars count in the average of each of these nurses."""
    await conn.execute(ADD_TO_NURSES, list(nurse_ids), stars)
