"""The `safety_checks` table: when a nurse who is out was heard of, and when to look at her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyCheck:
    """What is known of a nurse on one visit. `heard_at` is of her phone, `answered_at` of herself.

    `tells`: the phone has told by itself that it is there, so that its silence means something.
    `asked_at`: she was asked whether she is well. `due_at` None: nothing to look for.
    """

    visit_id: UUID
    every_min: int | None
    tells: bool
    heard_at: datetime
    answered_at: datetime
    asked_at: datetime | None = None
    due_at: datetime | None


# A step brings the visit to another place, so that its phone has yet to tell that it is there.
PUT: Final = """
    INSERT INTO safety_checks AS c (visit_id, every_min, heard_at, answered_at, due_at)
    VALUES ($1, $2, app_now(), $3, $4)
    ON CONFLICT (visit_id) DO UPDATE
       SET every_min = excluded.every_min, tells = false, heard_at = excluded.heard_at,
           answered_at = greatest(c.answered_at, excluded.answered_at), due_at = excluded.due_at
"""


async def put(
    conn: Connection,
    visit_id: UUID,
    *,
    every_min: int | None,
    answered_at: datetime,
    due_at: datetime | None,
) -> None:
    """Note a step of hers, and when to look next."""
    await conn.execute(PUT, visit_id, every_min, answered_at, due_at)


END: Final = "UPDATE safety_checks SET due_at = NULL WHERE visit_id = $1 AND due_at IS NOT NULL"


async def end(conn: Connection, visit_id: UUID) -> None:
    """Look at her no more: the visit has ended."""
    await conn.execute(END, visit_id)


# A phone that tells by itself is missed from now on when it falls silent.
HEAR: Final = """
    UPDATE safety_checks
       SET heard_at = app_now(), answered_at = greatest(answered_at, $2),
           tells = tells OR $3::timestamptz IS NOT NULL, due_at = least(due_at, $3)
     WHERE visit_id = $1
"""


async def hear(
    conn: Connection,
    visit_id: UUID,
    *,
    answered_at: datetime | None = None,
    silent_at: datetime | None = None,
) -> None:
    """Her phone was heard of now; with `answered_at` she herself was, then.

    With `silent_at` the phone has told by itself, and its silence is looked for at that time.
    """
    await conn.execute(HEAR, visit_id, answered_at, silent_at)


LOCK: Final = """
    SELECT visit_id, every_min, tells, heard_at, answered_at, asked_at, due_at
      FROM safety_checks WHERE visit_id = $1 FOR NO KEY UPDATE
"""


async def lock(conn: Connection, visit_id: UUID) -> SafetyCheck | None:
    """What is known of her on one visit, held to the end. The visit is locked before."""
    row = await conn.fetchrow(LOCK, visit_id)
    return SafetyCheck(**row) if row else None


BY_VISIT: Final = """
    SELECT visit_id, every_min, tells, heard_at, answered_at, asked_at, due_at
      FROM safety_checks WHERE visit_id = ANY ($1::uuid[])
"""


async def by_visit(conn: Connection, visit_ids: Sequence[UUID]) -> dict[UUID, SafetyCheck]:
    """The checks of these visits; those whose nurse has not set out have none."""
    rows = await conn.fetch(BY_VISIT, list(visit_ids)) if visit_ids else []
    return {row["visit_id"]: SafetyCheck(**row) for row in rows}


# The sweep finds a check without holding it, since its visit must be locked first.
FIND_DUE: Final = """
    SELECT visit_id FROM safety_checks WHERE due_at <= app_now() ORDER BY due_at LIMIT $1
"""


async def list_due(conn: Connection, limit: int) -> list[UUID]:
    """The visits whose nurses are to be looked at, oldest deadline first; not held."""
    return [row["visit_id"] for row in await conn.fetch(FIND_DUE, limit)]


SET_DUE: Final = "UPDATE safety_checks SET asked_at = $2, due_at = $3 WHERE visit_id = $1"


async def set_due(
    conn: Connection, visit_id: UUID, *, asked_at: datetime | None, due_at: datetime | None
) -> None:
    """Note that she was asked (or is no more), and when to look again. The caller holds it."""
    await conn.execute(SET_DUE, visit_id, asked_at, due_at)
