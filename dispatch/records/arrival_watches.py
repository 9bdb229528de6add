"""The `arrival_watches` table: whether a nurse on her way comes nearer, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch.database import Connection

# Nearer by less is the noise of a phone.
NEARER_M: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalWatch:
    """How far a nurse had to go when she was heard of last, and at the least, by the straight line.

    `gained_at`: when she last came nearer; `away_since`: since when she has been going away from
    where she was nearest; `stage`: 0 nothing, 1 she was asked, 2 the operators were told.
    """

    visit_id: UUID
    left_m: float | None
    nearest_m: float | None
    gained_at: datetime
    away_since: datetime | None
    heard_at: datetime
    stage: int
    due_at: datetime | None


BEGIN: Final = """
    INSERT INTO arrival_watches (visit_id, gained_at, heard_at, due_at)
    VALUES ($1, $2, app_now(), $3)
        ON CONFLICT (visit_id) DO NOTHING
"""


async def begin(conn: Connection, visit_id: UUID, left_at: datetime, due_at: datetime) -> None:
    """She has set out."""
    await conn.execute(BEGIN, visit_id, left_at, due_at)


# One statement with the time of arrival, since it is written each time her phone speaks. Who was in
# doubt and comes nearer is looked at again at once.
HEAR: Final = """
    WITH expected AS (UPDATE visits SET eta = $2 WHERE id = $1 AND state = 'en_route')
    UPDATE arrival_watches
       SET heard_at = app_now(), left_m = $3,
           away_since = CASE WHEN $3 >= nearest_m + $5 THEN coalesce(away_since, $4) END,
           gained_at = CASE WHEN $3 > nearest_m - $6 THEN gained_at ELSE $4 END,
           nearest_m = CASE WHEN $3 > nearest_m - $6 THEN nearest_m ELSE $3 END,
           due_at = CASE WHEN stage > 0 AND $3 <= nearest_m - $6 THEN app_now()
                         WHEN nearest_m IS NULL OR $3 >= nearest_m + $5
                         THEN least(due_at, app_now() + $7)
                         ELSE due_at END
     WHERE visit_id = $1
"""


async def hear(
    conn: Connection,
    visit_id: UUID,
    *,
    eta: datetime,
    left_m: float,
    at: datetime,
    away_m: float,
    look_after: timedelta,
) -> None:
    """Her phone told at `at` that `left_m` are left, and she is expected at `eta`.

    Further than `away_m` from where she was nearest she is going away. Where that is new, she is
    looked at `look_after` later.
    """
    await conn.execute(HEAR, visit_id, eta, left_m, at, away_m, NEARER_M, look_after)


LOCK: Final = "SELECT * FROM arrival_watches WHERE visit_id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, visit_id: UUID) -> ArrivalWatch | None:
    """What is known of her on one visit, held to the end. The visit is locked before."""
    row = await conn.fetchrow(LOCK, visit_id)
    return ArrivalWatch(**row) if row else None


# The sweep finds a watch without holding it, since order and visit must be locked first.
FIND_DUE: Final = """
    SELECT visit_id FROM arrival_watches WHERE due_at <= app_now() ORDER BY due_at LIMIT $1
"""


async def list_due(conn: Connection, limit: int) -> list[UUID]:
    """The visits whose nurses are to be looked at, oldest deadline first; not held."""
    return [row["visit_id"] for row in await conn.fetch(FIND_DUE, limit)]


SET_STAGE: Final = "UPDATE arrival_watches SET stage = $2, due_at = $3 WHERE visit_id = $1"


async def set_stage(conn: Connection, visit_id: UUID, stage: int, due_at: datetime | None) -> None:
    """Note what was done about her, and when to look again. The caller holds it."""
    await conn.execute(SET_STAGE, visit_id, stage, due_at)
