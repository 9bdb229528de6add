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
"""


async def insert_due(conn: Connection, lead_min: int, limit: int) -> list[Confirmation]:
    """Note that the patients of up to `limit` visits are asked now; soonest first, each once."""
    return [_confirmation(row) for row in await conn.fetch(INSERT_DUE, lead_min, limit)]


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


BY_VISIT: Final = "SELECT * FROM confirmations WHERE visit_id = ANY ($1::uuid[])"


async def by_visit(conn: Connection, visit_ids: Collection[UUID]) -> dict[UUID, Confirmation]:
    """What was asked and said of these visits, where anything was."""
    rows = await conn.fetch(BY_VISIT, list(visit_ids)) if visit_ids else []
    return {row["visit_id"]: _confirmation(row) for row in rows}


def _confirmation(row: asyncpg.Record) -> Confirmation:
    return Confirmation(**row)
