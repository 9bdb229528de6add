"""The `day_proposals` table: for each booked day of a county, what planning it anew proposes.

One row for each, written again whenever the day is planned again; ids, times and numbers only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypedDict
from uuid import UUID

import asyncpg

from dispatch.database import Connection


class Move(TypedDict):
    """A visit as it was seen, and whom and when it would have."""

    visit_id: UUID
    version: int
    nurse_id: UUID
    start_at: datetime
    part: int
    is_wish: bool


class Seen(TypedDict):
    """A visit as it was seen; if its nurse is held up, when she is expected there."""

    visit_id: UUID
    version: int
    expected_at: datetime | None


class Kept(TypedDict):
    """A proposal; `saved_s` is of each part, from the first."""

    moves: list[Move]
    saved_s: list[int]
    late: list[Seen]
    nobody: list[Seen]
    visits: int
    left_alone: int
    travel_before_s: int
    travel_after_s: int
    measured: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProposal:
    """What was proposed for a day in a county, and when."""

    county: str
    day: date
    planned_at: datetime
    proposal: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedDay:
    """A day in a county with visits that nobody has set out for, by these nurses; what was planned
    of it last, if anything was. `seen` is a digest of the bookings."""

    county: str
    day: date
    seen: str
    nurse_ids: list[UUID]
    claimed_at: datetime | None
    planned_at: datetime | None
    was_seen: str | None
    was_held_up: bool


LIST_BOOKED: Final = """
    SELECT b.county, b.day, b.seen, b.nurse_ids, p.claimed_at, p.planned_at, p.seen AS was_seen,
           coalesce(p.held_up, false) AS was_held_up
      FROM (SELECT o.county, (v.planned_start AT TIME ZONE 'Asia/Shanghai')::date AS day,
                   md5(string_agg(v.id || ' ' || v.version, ' ' ORDER BY v.id)) AS seen,
                   array_agg(DISTINCT v.nurse_id) AS nurse_ids
              FROM visits v JOIN orders o ON o.id = v.order_id AND o.round = v.round
             WHERE v.state = 'scheduled' AND o.state = 'assigned'
               AND v.planned_start >= $1 AND v.planned_start < $2
             GROUP BY 1, 2) AS b
      LEFT JOIN day_proposals p ON p.county = b.county AND p.day = b.day
"""


async def list_booked(conn: Connection, since: datetime, until: datetime) -> list[BookedDay]:
    """Days with visits between two times."""
    return [BookedDay(**row) for row in await conn.fetch(LIST_BOOKED, since, until)]


# Whoever comes second finds it claimed already.
CLAIM: Final = """
    INSERT INTO day_proposals AS p (county, day, claimed_at) VALUES ($1, $2, app_now())
        ON CONFLICT (county, day) DO UPDATE SET claimed_at = excluded.claimed_at
         WHERE p.planned_at IS NOT DISTINCT FROM $3 AND p.claimed_at IS NOT DISTINCT FROM $4
    RETURNING claimed_at
"""


async def claim(conn: Connection, booked: BookedDay) -> datetime | None:
    """Be the one who plans this day now, since that time; None if another one is."""
    at: datetime | None = await conn.fetchval(
        CLAIM, booked.county, booked.day, booked.planned_at, booked.claimed_at
    )
    return at


KEEP: Final = """
    UPDATE day_proposals
       SET claimed_at = NULL, planned_at = $3, seen = $4, held_up = $5, proposal = $6
     WHERE county = $1 AND day = $2 AND claimed_at = $3
"""


async def keep(
    conn: Connection, booked: BookedDay, claimed_at: datetime, proposal: Kept, *, held_up: bool
) -> None:
    """What was found of a day that was claimed, unless somebody else has claimed it since."""
    await conn.execute(KEEP, booked.county, booked.day, claimed_at, booked.seen, held_up, proposal)


LIST_STANDING: Final = """
    SELECT county, day, planned_at, proposal FROM day_proposals
     WHERE day >= (app_now() AT TIME ZONE 'Asia/Shanghai')::date AND planned_at > $1
       AND (proposal -> 'moves' <> '[]' OR proposal -> 'nobody' <> '[]')
     ORDER BY proposal -> 'late' = '[]', day, county
     LIMIT $2
"""


async def list_standing(conn: Connection, since: datetime, limit: int) -> list[DayProposal]:
    """Of today and later what was proposed after a time: those with late nurses first, by day."""
    return [_proposal(row) for row in await conn.fetch(LIST_STANDING, since, limit)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How a visit stands that nobody has set out for, if its order may be planned otherwise."""

    id: UUID
    version: int
    nurse_id: UUID
    order_id: UUID
    leaves_at: datetime


LIST_STANDS: Final = """
    SELECT v.id, v.version, v.nurse_id, v.order_id, lower(v.busy) AS leaves_at
      FROM visits v JOIN orders o ON o.id = v.order_id AND o.round = v.round
     WHERE v.id = ANY ($1) AND v.state = 'scheduled' AND o.state = 'assigned'
       AND o.reassess_since IS NULL
"""


async def list_stands(conn: Connection, visit_ids: Collection[UUID]) -> list[Stand]:
    """Those of these visits that may still be planned otherwise."""
    return [Stand(**row) for row in await conn.fetch(LIST_STANDS, list(visit_ids))]


PRUNE: Final = """
    DELETE FROM day_proposals WHERE (county, day) IN (
        SELECT county, day FROM day_proposals
         WHERE day < (app_now() AT TIME ZONE 'Asia/Shanghai')::date LIMIT $1)
"""


async def prune(conn: Connection, limit: int) -> str:
    """Drop up to `limit` of days that are over."""
    return await conn.execute(PRUNE, limit)


def _proposal(row: asyncpg.Record) -> DayProposal:
    kept: Kept = row["proposal"]
    kept["moves"] = [_move(one) for one in row["proposal"]["moves"]]
    kept["late"] = [_seen(one) for one in row["proposal"]["late"]]
    kept["nobody"] = [_seen(one) for one in row["proposal"]["nobody"]]
    return DayProposal(**{**row, "proposal": kept})


def _seen(kept: dict[str, Any]) -> Seen:
    at = kept["expected_at"]
    return Seen(
        visit_id=UUID(kept["visit_id"]),
        version=kept["version"],
        expected_at=None if at is None else datetime.fromisoformat(at),
    )


def _move(kept: dict[str, Any]) -> Move:
    return Move(
        visit_id=UUID(kept["visit_id"]),
        version=kept["version"],
        nurse_id=UUID(kept["nurse_id"]),
        start_at=datetime.fromisoformat(kept["start_at"]),
        part=kept["part"],
        is_wish=kept["is_wish"],
    )
