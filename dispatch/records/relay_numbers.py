"""The `relay_numbers` table: which number stands for whom during which visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayNumber:
    """Held by one visit at a time; `slot` is its place in the relay's pool."""

    id: UUID
    visit_id: UUID
    provider: str
    slot: int
    number: str
    bound_at: datetime
    expires_at: datetime
    released_at: datetime | None


FIND: Final = """
    SELECT * FROM relay_numbers
     WHERE visit_id = $1 AND released_at IS NULL AND expires_at > app_now()
"""


async def find(conn: Connection, visit_id: UUID) -> RelayNumber | None:
    """The number that stands for the visit's two sides now."""
    row = await conn.fetchrow(FIND, visit_id)
    return _number(row) if row else None


LOCK_POOL: Final = "SELECT pg_advisory_xact_lock(7353, hashtext($1))"
FREE_SLOT: Final = """
    SELECT slot FROM generate_series(0, $2 - 1) AS slot
     WHERE NOT EXISTS (SELECT FROM relay_numbers r
                        WHERE r.provider = $1 AND r.slot = slot.slot AND r.released_at IS NULL)
     ORDER BY slot LIMIT 1
"""


async def lock_free_slot(conn: Connection, provider: str, size: int) -> int | None:
    """A place of the pool that nobody holds, and that nobody else is given before we end."""
    await conn.execute(LOCK_POOL, provider)
    slot: int | None = await conn.fetchval(FREE_SLOT, provider, size)
    return slot


INSERT: Final = """
    INSERT INTO relay_numbers (id, visit_id, provider, slot, number, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
 RETURNING *
"""


async def insert(
    conn: Connection,
    number_id: UUID,
    visit_id: UUID,
    provider: str,
    slot: int,
    number: str,
    expires_at: datetime,
) -> RelayNumber:
    row = await conn.fetchrow(INSERT, number_id, visit_id, provider, slot, number, expires_at)
    if row is None:
        raise AssertionError("an insert that returns nothing")
    return _number(row)


RELEASE_OVER: Final = """
    UPDATE relay_numbers r SET released_at = app_now()
      FROM (SELECT n.id FROM relay_numbers n JOIN visits v ON v.id = n.visit_id
             WHERE n.released_at IS NULL
               AND (n.expires_at <= app_now()
                    OR v.state NOT IN ('scheduled', 'en_route', 'arrived', 'in_service'))
             LIMIT $1
               FOR NO KEY UPDATE OF n SKIP LOCKED) AS due
     WHERE r.id = due.id AND r.released_at IS NULL
 RETURNING r.id
"""


async def release_over(conn: Connection, limit: int) -> int:
    """Take back up to `limit` numbers whose visit or time is over; returns how many."""
    return len(await conn.fetch(RELEASE_OVER, limit))


def _number(row: asyncpg.Record) -> RelayNumber:
    return RelayNumber(**row)
