"""The `shortages` table: orders that cannot all be served, with the certificate, while it holds.

Ids, times and numbers only; words are made when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypedDict
from uuid import UUID

import asyncpg

from dispatch.database import Connection


class Short(TypedDict):
    """An order of a shortage; `nurses` are places in `Certificate.nurses`."""

    order_id: UUID
    seats: int
    opens_at: datetime
    closes_at: datetime
    lasts_s: int
    needs: list[str]
    nurses: list[int]


class Able(TypedDict):
    """A nurse who qualifies for some of them, her free hours in their time, and how many visits
    those hold at most."""

    nurse_id: UUID
    visits_max: int
    free_hours: list[tuple[datetime, datetime]]


class Certificate(TypedDict):
    """All that is needed to count again."""

    orders: list[Short]
    nurses: list[Able]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """`order_ids` ask for `seats` visits between two times; who qualifies can make `visits_max`.

    It was found, held when it was last looked at, and has ended when it held no longer. `digest` is
    of all but these times and the id, None in rows of before it was kept.
    """

    id: UUID
    county: str
    order_ids: list[UUID]
    starts_at: datetime
    ends_at: datetime
    seats: int
    visits_max: int
    certificate: Certificate
    found_at: datetime
    held_at: datetime
    ended_at: datetime | None = None
    digest: str | None = None


TRY_LOCK_WATCHER: Final = "SELECT pg_try_advisory_xact_lock(7350, 4)"


async def try_lock_watcher(conn: Connection) -> bool:
    """Be the one who writes shortages, to the end of the transaction; false if another one is."""
    return bool(await conn.fetchval(TRY_LOCK_WATCHER))


# Those that were not found again have ended.
KEEP: Final = """
      WITH found AS (
           SELECT * FROM jsonb_populate_recordset(NULL::shortages, $1)),
           ended AS (
           UPDATE shortages s SET ended_at = app_now()
            WHERE s.ended_at IS NULL
              AND NOT EXISTS (SELECT FROM found f WHERE f.order_ids = s.order_ids))
    INSERT INTO shortages (id, county, order_ids, starts_at, ends_at, seats, visits_max,
                           certificate, found_at, held_at, digest)
    SELECT id, county, order_ids, starts_at, ends_at, seats, visits_max, certificate, found_at,
           held_at, digest
      FROM found
        ON CONFLICT (order_ids) WHERE ended_at IS NULL DO UPDATE
           SET county = excluded.county, starts_at = excluded.starts_at,
               ends_at = excluded.ends_at, seats = excluded.seats,
               visits_max = excluded.visits_max, certificate = excluded.certificate,
               held_at = excluded.held_at, digest = excluded.digest
"""


async def keep(conn: Connection, found: Sequence[Shortage]) -> None:
    """These shortages hold, and no others."""
    await conn.execute(KEEP, found)


LIST_OPEN: Final = """
    SELECT id, county, order_ids, starts_at, ends_at, seats, visits_max, certificate, found_at,
           held_at, ended_at, digest
      FROM shortages
     WHERE ended_at IS NULL
     ORDER BY starts_at, id
     LIMIT $1
"""


async def list_open(conn: Connection, limit: int) -> list[Shortage]:
    """Those that hold, the soonest first."""
    return [_shortage(row) for row in await conn.fetch(LIST_OPEN, limit)]


LIST_ENDED: Final = """
    SELECT id, county, order_ids, starts_at, ends_at, seats, visits_max, certificate, found_at,
           held_at, ended_at, digest
      FROM shortages
     WHERE ended_at IS NOT NULL AND ($1::timestamptz IS NULL OR (ended_at, id) < ($1, $2::uuid))
     ORDER BY ended_at DESC, id DESC
     LIMIT $3
"""


async def list_ended(
    conn: Connection, before: tuple[datetime, UUID] | None, limit: int
) -> list[Shortage]:
    """Those that hold no longer, the last ended first."""
    ended_at, shortage_id = before or (None, None)
    return [_shortage(row) for row in await conn.fetch(LIST_ENDED, ended_at, shortage_id, limit)]


PRUNE: Final = """
    DELETE FROM shortages WHERE id IN (
        SELECT id FROM shortages
         WHERE ended_at < app_now() - make_interval(days => $1) LIMIT $2)
"""


async def prune(conn: Connection, keep_days: int, limit: int) -> str:
    """Drop up to `limit` shortages that ended more than `keep_days` ago."""
    return await conn.execute(PRUNE, keep_days, limit)


def _shortage(row: asyncpg.Record) -> Shortage:
    kept = row["certificate"]
    return Shortage(
        **{
            **row,
            "certificate": Certificate(
                orders=[_order(order) for order in kept["orders"]],
                nurses=[_able(nurse) for nurse in kept["nurses"]],
            ),
        }
    )


def _order(kept: dict[str, Any]) -> Short:
    return Short(
        order_id=UUID(kept["order_id"]),
        seats=kept["seats"],
        opens_at=datetime.fromisoformat(kept["opens_at"]),
        closes_at=datetime.fromisoformat(kept["closes_at"]),
        lasts_s=kept["lasts_s"],
        needs=kept["needs"],
        nurses=kept["nurses"],
    )


def _able(kept: dict[str, Any]) -> Able:
    return Able(
        nurse_id=UUID(kept["nurse_id"]),
        visits_max=kept["visits_max"],
        free_hours=[
            (datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))
            for starts_at, ends_at in kept["free_hours"]
        ],
    )
