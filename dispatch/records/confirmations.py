"""The `confirmations` table: patients are asked before a visit whether they are ready for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

import asyncpg

from dispatch.database import Connection

Answer: TypeAlias = Literal["yes", "later", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """`answer` is None until there is one; the last counts."""

    visit_id: UUID
    order_id: UUID
    account_id: UUID
    asked_at: datetime
    answer: Answer | None
    note_sealed: bytes | None
    answered_at: datetime | None
    answered_by: UUID | None


# A visit that was agreed on late is asked about at once, one that has begun no more.
INSERT_DUE: Final = """
    WITH asked AS (
        INSERT INTO confirmations (visit_id, order_id, account_id)
        SELECT v.id, v.order_id, v.account_id
          FROM visits v
         WHERE v.state = 'scheduled'
           AND v.planned_start > app_now()
           AND v.planned_start <= app_now() + make_interval(mins => $1)
           AND NOT EXISTS (SELECT FROM confirmations c WHERE c.visit_id = v.id)
         ORDER BY v.planned_start
         LIMIT $2
            ON CONFLICT (visit_id) DO NOTHING
     RETURNING *
    ), waits AS (
        INSERT INTO confirmation_waits (visit_id, due_at)
        SELECT v.id, app_now() + least(make_interval(mins => $3), (v.planned_start - app_now()) / 4)
          FROM asked JOIN visits v ON v.id = asked.visit_id
    )
    SELECT * FROM asked
"""


async def insert_due(
    conn: Connection, lead_min: int, wait_min: int, limit: int
) -> list[Confirmation]:
    """Note that the patients of up to `limit` visits are asked now; soonest first, each once.

    An answer is waited for `wait_min`, and never longer than a quarter of the time that is left.
    """
    rows = await conn.fetch(INSERT_DUE, lead_min, limit, wait_min)
    return [_confirmation(row) for row in rows]


# The sweep finds a wait without holding it; the act holds order and visit and looks again.
FIND_WAIT_DUE: Final = """
    SELECT visit_id FROM confirmation_waits WHERE due_at <= app_now() ORDER BY due_at LIMIT $1
"""


async def list_wait_due(conn: Connection, limit: int) -> list[UUID]:
    """Visits about which nobody has answered for long enough, oldest first; not held."""
    return [row["visit_id"] for row in await conn.fetch(FIND_WAIT_DUE, limit)]


LOCK_WAIT_DUE: Final = """
    SELECT second FROM confirmation_waits
     WHERE visit_id = $1 AND due_at <= app_now() FOR NO KEY UPDATE
"""


async def lock_wait_due(conn: Connection, visit_id: UUID) -> bool | None:
    """Whether the second contact was asked already; None if nothing is due. Held."""
    second: bool | None = await conn.fetchval(LOCK_WAIT_DUE, visit_id)
    return second


WAIT_FOR_SECOND: Final = """
    UPDATE confirmation_waits w
       SET second = true,
           due_at = app_now() + least(make_interval(mins => $2), (v.planned_start - app_now()) / 4)
      FROM visits v
     WHERE w.visit_id = $1 AND v.id = w.visit_id
"""


async def wait_for_second(conn: Connection, visit_id: UUID, wait_min: int) -> None:
    """The second contact is asked now. The caller holds the wait."""
    await conn.execute(WAIT_FOR_SECOND, visit_id, wait_min)


END_WAIT: Final = "UPDATE confirmation_waits SET due_at = NULL WHERE visit_id = $1"


async def end_wait(conn: Connection, visit_id: UUID) -> None:
    """Nothing more follows from silence: it was answered, or everybody knows."""
    await conn.execute(END_WAIT, visit_id)


ANSWER: Final = """
    INSERT INTO confirmations (visit_id, order_id, account_id, answer, note_sealed, answered_at,
                               answered_by)
    SELECT v.id, v.order_id, v.account_id, $2, $3, app_now(), $4 FROM visits v WHERE v.id = $1
        ON CONFLICT (visit_id) DO UPDATE
           SET answer = excluded.answer, note_sealed = excluded.note_sealed,
               answered_at = excluded.answered_at, answered_by = excluded.answered_by
 RETURNING *
"""


async def answer(
    conn: Connection, visit_id: UUID, said: str, note_sealed: bytes | None
) -> Confirmation:
    """What the patient's side says, asked or not; it goes before what was said earlier."""
    row = await conn.fetchrow(ANSWER, visit_id, said, note_sealed, conn.caller.account_id)
    if row is None:
        raise AssertionError("an insert that returns nothing")
    return _confirmation(row)


# Her words stay sealed for the visit of which they were said.
CARRY: Final = """
    INSERT INTO confirmations (visit_id, order_id, account_id, asked_at, answer, answered_at,
                               answered_by)
    SELECT $2, order_id, account_id, asked_at, answer, answered_at, answered_by
      FROM confirmations WHERE visit_id = $1 AND answer = 'yes'
"""


async def carry(conn: Connection, visit_id: UUID, to_visit_id: UUID) -> None:
    """Who is ready for a visit is ready for the one in its place, at the same time."""
    await conn.execute(CARRY, visit_id, to_visit_id)


FORGET: Final = """
    WITH waits AS (DELETE FROM confirmation_waits WHERE visit_id = ANY ($1))
    DELETE FROM confirmations WHERE visit_id = ANY ($1)
"""


async def forget(conn: Connection, visit_ids: Collection[UUID]) -> None:
    """What was asked and said of another start does not count: the clock asks when it is time."""
    await conn.execute(FORGET, list(visit_ids))


BY_VISIT: Final = "SELECT * FROM confirmations WHERE visit_id = ANY ($1::uuid[])"


async def by_visit(conn: Connection, visit_ids: Collection[UUID]) -> dict[UUID, Confirmation]:
    """What was asked and said of these visits, where anything was."""
    rows = await conn.fetch(BY_VISIT, list(visit_ids)) if visit_ids else []
    return {row["visit_id"]: _confirmation(row) for row in rows}


def _confirmation(row: asyncpg.Record) -> Confirmation:
    return Confirmation(**row)
