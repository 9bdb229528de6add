"""What the national register said of nurses, and when it is to be asked again.

The answers are kept in `register_checks`; the last one stands on the nurse, who is locked for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records.nurses import Nurse


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A nurse about whom the register is to be asked."""

    nurse_id: UUID
    name: str = field(repr=False)
    registration_no: str
    institution_id: UUID
    institution_code: str


# Whoever claims a row has until $2 to bring the answer; then it is due again.
CLAIM_DUE: Final = """
      WITH due AS (
           SELECT id FROM nurses
            WHERE register_due_at <= app_now() AND suspended_at IS NULL
              AND registration_no IS NOT NULL
            ORDER BY register_due_at
            LIMIT $1
              FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE nurses n
       SET register_due_at = $2
      FROM due, institutions e
     WHERE n.id = due.id AND e.id = n.institution_id
 RETURNING n.id AS nurse_id, n.name, n.registration_no, n.institution_id,
           e.code AS institution_code
"""


async def claim_due(conn: Connection, limit: int, again_at: datetime) -> list[Due]:
    """Up to `limit` nurses about whom to ask, put off until `again_at` meanwhile.

    One who is suspended is asked about once she works again; without a number nobody can ask.
    """
    return [Due(**row) for row in await conn.fetch(CLAIM_DUE, limit, again_at)]


INSERT: Final = """
    INSERT INTO register_checks (id, nurse_id, institution_id, registration_no, result, author_id,
                                 note)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SET_STANDING: Final = """
    UPDATE nurses
       SET register_state = $2, register_checked_at = app_now(), register_valid_until = $3,
           register_due_at = $4, registration_state = $5, version = version + 1
     WHERE id = $1
"""


async def note(
    conn: Connection,
    check_id: UUID,
    nurse: Nurse,
    result: str,
    *,
    valid_until: datetime | None,
    due_at: datetime | None,
    registration_state: str,
    author_id: UUID | None = None,
    words: str | None = None,
) -> None:
    """Keep an answer about a locked nurse, and what follows from it for her."""
    await conn.execute(
        INSERT,
        check_id,
        nurse.id,
        nurse.institution_id,
        nurse.registration_no,
        result,
        author_id,
        words,
    )
    await conn.execute(SET_STANDING, nurse.id, result, valid_until, due_at, registration_state)
