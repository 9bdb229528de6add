"""The `history` table, read: every move of every subject. `transitions` and inserts write it.

The words said with a step are sealed with the patient's key; those of a declined offer with the key
of the account that declined.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records import person_keys


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


LIST_OF_SUBJECT: Final = """
    SELECT id, subject, subject_id, version, move, from_state, to_state, at, actor_role, actor_id,
           detail, note_sealed
      FROM history WHERE subject_id = $1 ORDER BY version LIMIT 200
"""


async def list_of_subject(conn: Connection, subject_id: UUID) -> list[Step]:
    """Every move of one thing, in order."""
    return [Step(**row) for row in await conn.fetch(LIST_OF_SUBJECT, subject_id)]


# One ending an order: nothing leads on from there.
LIST_ENDINGS: Final = """
    SELECT id, subject, subject_id, version, move, from_state, to_state, at, actor_role, actor_id,
           detail, note_sealed
      FROM history
     WHERE order_id = ANY ($1::uuid[]) AND subject = 'order' AND move IN ('reject', 'cancel')
"""


async def endings_by_order(conn: Connection, order_ids: Collection[UUID]) -> dict[UUID, Step]:
    """The step that rejected or cancelled each of these orders, where there is one."""
    rows = await conn.fetch(LIST_ENDINGS, list(order_ids)) if order_ids else []
    return {row["subject_id"]: Step(**row) for row in rows}


def note_place(subject_id: UUID, version: int) -> str:
    """What the words of the step to `version` are sealed for; a row of history has no id before."""
    return f"{subject_id}:{version}"


async def open_notes(conn: Connection, given: Sequence[Step], patient_id: UUID) -> dict[int, str]:
    """The words said with these steps of one order, by the step's id; not those erased."""
    owners = {
        step.id: step.actor_id if step.subject == "offer" else patient_id
        for step in given
        if step.note_sealed is not None
    }
    if not owners:
        return {}
    keys = await person_keys.load(conn, [owner for owner in owners.values() if owner is not None])
    opened: dict[int, str] = {}
    for step in given:
        owner = owners.get(step.id)
        if owner in keys and step.note_sealed is not None:
            place = note_place(step.subject_id, step.version)
            if step.move == "schedule":
                # An operator's assignment is sealed for the visit that it makes.
                place = str(step.subject_id)
            opened[step.id] = keys[owner].open_json(
                "history", "note_sealed", place, step.note_sealed
            )
    return opened
