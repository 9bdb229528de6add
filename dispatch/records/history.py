"""The `history` table, read: every move of every subject. `transitions` and inserts write it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move: what went from where to where, when, by whom."""

    id: int
    subject: str
    subject_id: UUID
    version: int
    move: str
    from_state: str | None
    to_state: str
    at: datetime
    actor_role: str
    actor_id: UUID | None
    detail: dict[str, Any]
    note_sealed: bytes | None


LIST_OF_ORDER: Final = """
    SELECT id, subject, subject_id, version, move, from_state, to_state, at, actor_role, actor_id,
           detail, note_sealed
      FROM history WHERE order_id = $1 AND id > $2 ORDER BY id LIMIT $3
"""


async def list_of_order(
    conn: Connection, order_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[Step]:
    """Every event of an order, its offers, visits and alarms, in order."""
    return [Step(**row) for row in await conn.fetch(LIST_OF_ORDER, order_id, after, limit)]
