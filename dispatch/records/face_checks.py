"""The `face_checks` table: each question whether it is she, its answer, and how long that holds.

The token that was asked with is sealed, and gone with the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCheck:
    """`result` is `asked` until there is an answer; `confirmed` is a supervisor's word."""

    id: UUID
    nurse_id: UUID
    result: str
    token_sealed: bytes | None = field(default=None, repr=False)
    attempts: int = 0
    due_at: datetime | None = None
    author_id: UUID | None = None
    note: str | None = field(default=None, repr=False)
    created_at: datetime
    answered_at: datetime | None = None
    valid_until: datetime | None = None


INSERT: Final = """
    INSERT INTO face_checks (id, nurse_id, result, token_sealed, due_at, author_id, note,
                             answered_at, valid_until)
    VALUES ($1, $2, $3, $4, CASE WHEN $3 = 'asked' THEN app_now() END, $5, $6,
            CASE WHEN $3 <> 'asked' THEN app_now() END, $7)
 RETURNING *
"""


async def ask(conn: Connection, check_id: UUID, nurse_id: UUID, token_sealed: bytes) -> FaceCheck:
    """Have the service asked with this token, as soon as a clock comes by."""
    args = (check_id, nurse_id, "asked", token_sealed, None, None, None)
    return _one(await conn.fetchrow(INSERT, *args))


async def confirm(
    conn: Connection,
    check_id: UUID,
    nurse_id: UUID,
    *,
    author_id: UUID,
    note: str,
    valid_until: datetime,
) -> FaceCheck:
    """Keep a supervisor's word in the place of the service's."""
    args = (check_id, nurse_id, "confirmed", None, author_id, note, valid_until)
    return _one(await conn.fetchrow(INSERT, *args))


# Whoever claims a question has until $2 to bring the answer; then it is due again.
CLAIM_DUE: Final = """
      WITH due AS (
           SELECT id FROM face_checks WHERE due_at <= app_now() ORDER BY due_at LIMIT $1
              FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE face_checks f SET due_at = $2, attempts = attempts + 1
      FROM due WHERE f.id = due.id
 RETURNING f.*
"""


async def claim_due(conn: Connection, limit: int, again_at: datetime) -> list[FaceCheck]:
    """Up to `limit` questions that wait for their answer, put off until `again_at` meanwhile."""
    return [FaceCheck(**row) for row in await conn.fetch(CLAIM_DUE, limit, again_at)]


ANSWER: Final = """
    UPDATE face_checks
       SET result = $2, token_sealed = NULL, due_at = NULL, answered_at = app_now(),
           valid_until = $3
     WHERE id = $1 AND result = 'asked'
"""


async def answer(
    conn: Connection, check_id: UUID, result: str, valid_until: datetime | None
) -> None:
    """Keep the answer, once, and forget the token."""
    await conn.execute(ANSWER, check_id, result, valid_until)


LIST_OF_NURSE: Final = """
    SELECT * FROM face_checks
     WHERE nurse_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_of_nurse(
    conn: Connection, nurse_id: UUID, *, before: UUID | None, limit: int
) -> list[FaceCheck]:
    """The questions about a nurse, and what was confirmed in their place, newest first."""
    rows = await conn.fetch(LIST_OF_NURSE, nurse_id, before, limit)
    return [FaceCheck(**row) for row in rows]


# A later question that found somebody else takes the earlier yes away.
FIND_VALID_UNTIL: Final = """
    SELECT valid_until FROM face_checks
     WHERE nurse_id = $1 AND result IN ('matched', 'not_matched', 'confirmed')
     ORDER BY answered_at DESC, id DESC LIMIT 1
"""


async def find_valid_until(conn: Connection, nurse_id: UUID) -> datetime | None:
    """Until when it is known to be her; None where that is not known."""
    until: datetime | None = await conn.fetchval(FIND_VALID_UNTIL, nurse_id)
    return until


def _one(row: asyncpg.Record | None) -> FaceCheck:
    if row is None:
        raise NotFound
    return FaceCheck(**row)
