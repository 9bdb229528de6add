"""The `door_waits` table: until when a nurse waits at a door that nobody opens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection

PUT: Final = """
    INSERT INTO door_waits (visit_id, until, due_at) VALUES ($1, $2, $2)
    ON CONFLICT (visit_id) DO UPDATE SET until = excluded.until, due_at = excluded.due_at
"""


async def put(conn: Connection, visit_id: UUID, until: datetime) -> None:
    """She is at the door, and waits so long if need be."""
    await conn.execute(PUT, visit_id, until)


BY_VISIT: Final = "SELECT visit_id, until FROM door_waits WHERE visit_id = ANY ($1::uuid[])"


async def by_visit(conn: Connection, visit_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Until when each of these nurses waits; those who have not arrived are left out."""
    rows = await conn.fetch(BY_VISIT, list(visit_ids)) if visit_ids else []
    return {row["visit_id"]: row["until"] for row in rows}


# A visit that has begun or ended is looked at no more.
CLAIM_DUE: Final = """
      WITH due AS (
           SELECT visit_id FROM door_waits
            WHERE due_at <= app_now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE door_waits d
       SET due_at = NULL
      FROM due JOIN visits v ON v.id = due.visit_id
     WHERE d.visit_id = due.visit_id
 RETURNING v.id, v.state = 'arrived' AS is_waiting
"""


async def claim_due(conn: Connection, limit: int) -> list[tuple[UUID, bool]]:
    """Up to `limit` waits that are over, and whether she still stands at the door; each once."""
    return [(row["id"], row["is_waiting"]) for row in await conn.fetch(CLAIM_DUE, limit)]
