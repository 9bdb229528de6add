"""`shifts` and `ward_duties`: when a nurse is open for visits, and when her hospital has her."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import ShiftsOverlap
from dispatch.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A time that a nurse has opened for home visits, its end not included."""

    id: UUID
    nurse_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A time that her hospital has her, its end not included."""

    nurse_id: UUID
    starts_at: datetime
    ends_at: datetime


def shift_of(row: asyncpg.Record) -> Shift:
    """A row of `shifts` as a record."""
    during = row["during"]
    return Shift(
        id=row["id"], nurse_id=row["nurse_id"], starts_at=during.lower, ends_at=during.upper
    )


def duty_of(row: asyncpg.Record) -> Duty:
    """A row of `ward_duties` as a record."""
    during = row["during"]
    return Duty(nurse_id=row["nurse_id"], starts_at=during.lower, ends_at=during.upper)


# What overlaps a shift that is there already is passed over: topping up twice adds nothing.
ADD: Final = """
    INSERT INTO shifts (id, nurse_id, during)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::tstzrange[])
        ON CONFLICT DO NOTHING
"""


async def add(conn: Connection, given: Sequence[tuple[UUID, datetime, datetime]]) -> None:
    """Open more times, each (nurse, from, until), where nothing overlaps them."""
    await conn.execute(
        ADD,
        [new_id() for _ in given],
        [nurse_id for nurse_id, _, _ in given],
        [asyncpg.Range(starts_at, ends_at) for _, starts_at, ends_at in given],
    )


ADD_DUTIES: Final = """
    INSERT INTO ward_duties (nurse_id, during)
    SELECT * FROM unnest($1::uuid[], $2::tstzrange[])
        ON CONFLICT DO NOTHING
"""


async def add_duties(conn: Connection, given: Sequence[tuple[UUID, datetime, datetime]]) -> None:
    """Note hospital duties, each (nurse, from, until), where nothing overlaps them."""
    await conn.execute(
        ADD_DUTIES,
        [nurse_id for nurse_id, _, _ in given],
        [asyncpg.Range(starts_at, ends_at) for _, starts_at, ends_at in given],
    )


LIST_OF_NURSE: Final = """
    SELECT id, nurse_id, during FROM shifts
     WHERE nurse_id = $1 AND upper(during) > $2
       AND ($3::timestamptz IS NULL OR (lower(during), id) > ($3, $4::uuid))
     ORDER BY lower(during), id
     LIMIT $5
"""


async def list_of_nurse(
    conn: Connection,
    nurse_id: UUID,
    *,
    since: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Shift]:
    """A nurse's shifts that end after `since`, earliest first."""
    at, shift_id = after if after else (None, None)
    rows = await conn.fetch(LIST_OF_NURSE, nurse_id, since, at, shift_id, limit)
    return [shift_of(row) for row in rows]


DELETE_COMING: Final = """
    DELETE FROM shifts
     WHERE nurse_id = $1
       AND (lower(during) > app_now()
            OR upper(during) > app_now() AND during && ANY ($2::tstzrange[]))
"""
INSERT: Final = """
    INSERT INTO shifts (id, nurse_id, during)
    SELECT id, $2, during FROM unnest($1::uuid[], $3::tstzrange[]) AS s (id, during)
"""


async def replace_coming(
    conn: Connection, nurse_id: UUID, given: Sequence[tuple[datetime, datetime]]
) -> None:
    """Put these in the place of all that has not begun, and of what has begun and they overlap.

    Raises `ShiftsOverlap`.
    """
    spans = [asyncpg.Range(starts_at, ends_at) for starts_at, ends_at in given]
    await conn.execute(DELETE_COMING, nurse_id, spans)
    try:
        await conn.execute(INSERT, [new_id() for _ in given], nurse_id, spans)
    except asyncpg.ExclusionViolationError:
        raise ShiftsOverlap from None


LIST_OF_NURSES: Final = """
    SELECT id, nurse_id, during FROM shifts
     WHERE nurse_id = ANY($1) AND during && tstzrange($2, $3)
     ORDER BY nurse_id, lower(during)
     LIMIT 100000
"""


async def list_of_nurses(
    conn: Connection, nurse_ids: Collection[UUID], since: datetime, until: datetime
) -> list[Shift]:
    """The shifts of these nurses that touch a time, by nurse and start."""
    rows = await conn.fetch(LIST_OF_NURSES, list(nurse_ids), since, until)
    return [shift_of(row) for row in rows]


LIST_DUTIES_OF_NURSES: Final = """
    SELECT nurse_id, during FROM ward_duties
     WHERE nurse_id = ANY($1) AND during && tstzrange($2, $3)
     ORDER BY nurse_id, lower(during)
     LIMIT 100000
"""


async def list_duties_of_nurses(
    conn: Connection, nurse_ids: Collection[UUID], since: datetime, until: datetime
) -> list[Duty]:
    """The hospital duties of these nurses that touch a time, by nurse and start."""
    rows = await conn.fetch(LIST_DUTIES_OF_NURSES, list(nurse_ids), since, until)
    return [duty_of(row) for row in rows]


PRUNE: Final = """
    WITH old_shifts AS (
        DELETE FROM shifts WHERE id IN (
            SELECT id FROM shifts WHERE upper(during) < app_now() - make_interval(days => $1)
             LIMIT $2)
    )
    DELETE FROM ward_duties WHERE ctid IN (
        SELECT ctid FROM ward_duties WHERE upper(during) < app_now() - make_interval(days => $1)
         LIMIT $2)
"""


async def prune(conn: Connection, keep_days: int, limit: int) -> None:
    """Drop shifts and duties that ended more than `keep_days` ago, up to `limit` of each."""
    await conn.execute(PRUNE, keep_days, limit)
