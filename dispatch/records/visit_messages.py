"""The `visit_messages` table: what the two sides of a visit wrote to each other, sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMessage:
    """`client_id` was made on the phone, so that sending it twice keeps one."""

    id: UUID
    visit_id: UUID
    patient_id: UUID
    author_id: UUID
    author_role: str
    client_id: UUID
    text_sealed: bytes
    sent_at: datetime


INSERT: Final = """
    INSERT INTO visit_messages (id, visit_id, patient_id, author_id, author_role, client_id,
                                text_sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (visit_id, client_id) DO NOTHING
 RETURNING *
"""
FIND_BY_CLIENT_ID: Final = "SELECT * FROM visit_messages WHERE visit_id = $1 AND client_id = $2"


async def insert(
    conn: Connection,
    *,
    message_id: UUID,
    visit_id: UUID,
    patient_id: UUID,
    author_id: UUID,
    client_id: UUID,
    text: str,
) -> tuple[VisitMessage, bool]:
    """Keep a message, and tell whether it is new; if it was sent before, the first one stands."""
    sealed = await person_keys.seal_json(
        conn, patient_id, "visit_messages", "text_sealed", message_id, text
    )
    row = await conn.fetchrow(
        INSERT,
        message_id,
        visit_id,
        patient_id,
        author_id,
        conn.role.value,
        client_id,
        sealed,
    )
    if row is not None:
        return _message(row), True
    first = await conn.fetchrow(FIND_BY_CLIENT_ID, visit_id, client_id)
    if first is None:
        raise AssertionError("a message that conflicts and is not there")
    return _message(first), False


LIST_OF_VISIT: Final = """
    SELECT * FROM visit_messages
     WHERE visit_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_of_visit(
    conn: Connection, visit_id: UUID, *, before: UUID | None, limit: int
) -> list[VisitMessage]:
    """The messages of a visit, newest first."""
    return [_message(row) for row in await conn.fetch(LIST_OF_VISIT, visit_id, before, limit)]


COUNT_OF_VISIT: Final = "SELECT count(*) FROM visit_messages WHERE visit_id = $1"


async def count_of_visit(conn: Connection, visit_id: UUID) -> int:
    return int(await conn.fetchval(COUNT_OF_VISIT, visit_id))


async def open_texts(conn: Connection, given: Sequence[VisitMessage]) -> dict[UUID, str]:
    """What they say, by message; nothing of people who were erased."""
    keys = await person_keys.load(conn, [one.patient_id for one in given])
    return {
        one.id: keys[one.patient_id].open_json(
            "visit_messages", "text_sealed", one.id, one.text_sealed
        )
        for one in given
        if one.patient_id in keys
    }


def _message(row: asyncpg.Record) -> VisitMessage:
    return VisitMessage(**row)
