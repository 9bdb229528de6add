"""The `day_proposals` table: for each booked day of a county, what planning it anew proposes.

One row for each, written again whenever the day is planned again; ids, times and numbers only.
"""

from __future__ import annotations

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


class Late(TypedDict):
    """When a nurse who is held up is expected at a visit."""

    visit_id: UUID
    expected_at: datetime


class Kept(TypedDict):
    """A proposal; `saved_s` is of each part, from the first."""

    moves: list[Move]
    saved_s: list[int]
    late: list[Late]
    nobody: list[UUID]
    visits: int
    left_alone: int
    travel_before_s: int
    travel_after_s: int
    measured: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProposal:
    """`seen` is a digest of the bookings that it was made of; `pressing`: a nurse is held up."""

    county: str
    day: date
    planned_at: datetime
    seen: str
    pressing: bool
    proposal: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedDay:
    """A day in a county with visits that nobody has set out for, by these nurses; what was planned
    of it last, if anything was."""

    county: str
    day: date
    seen: str
    nurse_ids: list[UUID]
    planned_at: datetime | None
    was_seen: str | None
    was_pressing: bool


LIST_BOOKED: Final = """
    SELECT b.county, b.day, b.seen, b.nurse_ids, p.planned_at, p.seen AS was_seen,
           coalesce(p.pressing, false) AS was_pressing
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


NOTHING: Final = Kept(
    moves=[],
    saved_s=[],
    late=[],
    nobody=[],
    visits=0,
    left_alone=0,
    travel_before_s=0,
    travel_after_s=0,
    measured={},
)
# Whoever comes second finds it planned already.
CLAIM: Final = """
    INSERT INTO day_proposals AS p (county, day, planned_at, seen, pressing, proposal)
    VALUES ($1, $2, app_now(), $3, $4, $6)
        ON CONFLICT (county, day) DO UPDATE
           SET planned_at = excluded.planned_at, seen = excluded.seen, pressing = excluded.pressing
         WHERE p.planned_at IS NOT DISTINCT FROM $5
    RETURNING true
"""


async def claim(conn: Connection, booked: BookedDay, *, pressing: bool) -> bool:
    """Be the one who plans this day now; false if another one is."""
    return bool(
        await conn.fetchval(
            CLAIM,
            booked.county,
            booked.day,
            booked.seen,
            pressing,
            booked.planned_at,
            NOTHING,
        )
    )


KEEP: Final = """
    UPDATE day_proposals SET proposal = $3, planned_at = app_now() WHERE county = $1 AND day = $2
"""


async def keep(conn: Connection, county: str, day: date, proposal: Kept) -> None:
    """What was found of a day that was claimed."""
    await conn.execute(KEEP, county, day, proposal)


LIST_NEWEST: Final = """
    SELECT county, day, planned_at, seen, pressing, proposal FROM day_proposals
     WHERE day >= (app_now() AT TIME ZONE 'Asia/Shanghai')::date
       AND (proposal -> 'moves' <> '[]' OR proposal -> 'nobody' <> '[]')
     ORDER BY pressing DESC, day, county
     LIMIT $1
"""


async def list_newest(conn: Connection, limit: int) -> list[DayProposal]:
    """Of today and later what proposes anything: the pressing first, then by day."""
    return [_proposal(row) for row in await conn.fetch(LIST_NEWEST, limit)]


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
    kept["late"] = [_late(one) for one in row["proposal"]["late"]]
    kept["nobody"] = [UUID(one) for one in row["proposal"]["nobody"]]
    return DayProposal(**{**row, "proposal": kept})


def _late(kept: dict[str, Any]) -> Late:
    return Late(
        visit_id=UUID(kept["visit_id"]), expected_at=datetime.fromisoformat(kept["expected_at"])
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
