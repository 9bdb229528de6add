"""The `attachments` table: photos, recordings, pictures of prescriptions, each a stored file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A row; its file is named by its id. Of a visit or of a prescription, never of both.

    `sha256` is of what is kept and served, `received_sha256` of what was sent: they differ where
    something was taken out. `started_at` and `ended_at` are the phone's times.
    """

    id: UUID
    visit_id: UUID | None = None
    prescription_id: UUID | None = None
    patient_id: UUID
    client_id: UUID | None = None
    kind: str
    media_type: str
    size_bytes: int
    sha256: bytes
    received_sha256: bytes
    started_at: datetime | None = None
    ended_at: datetime | None = None
    consent_by: str | None = None
    consent_at: datetime | None = None
    received_at: datetime
    author_id: UUID


INSERT: Final = """
    INSERT INTO attachments (id, visit_id, prescription_id, patient_id, client_id, kind, media_type,
                             size_bytes, sha256, received_sha256, started_at, ended_at, consent_by,
                             consent_at, received_at, author_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT (visit_id, client_id) DO NOTHING
 RETURNING *
"""
FIND_BY_CLIENT_ID: Final = "SELECT * FROM attachments WHERE visit_id = $1 AND client_id = $2"


async def insert(conn: Connection, given: Attachment) -> tuple[Attachment, bool]:
    """Keep a row, and tell whether it is new; if it was sent before, the first one stands."""
    row = await conn.fetchrow(
        INSERT,
        given.id,
        given.visit_id,
        given.prescription_id,
        given.patient_id,
        given.client_id,
        given.kind,
        given.media_type,
        given.size_bytes,
        given.sha256,
        given.received_sha256,
        given.started_at,
        given.ended_at,
        given.consent_by,
        given.consent_at,
        given.received_at,
        given.author_id,
    )
    if row is not None:
        return _attachment(row), True
    first = await conn.fetchrow(FIND_BY_CLIENT_ID, given.visit_id, given.client_id)
    if first is None:
        raise AssertionError("an attachment that conflicts and is not there")
    return _attachment(first), False


async def find_by_client_id(conn: Connection, visit_id: UUID, client_id: UUID) -> Attachment | None:
    """What the phone sent under this id before, if it did."""
    row = await conn.fetchrow(FIND_BY_CLIENT_ID, visit_id, client_id)
    return None if row is None else _attachment(row)


GET_OF_VISIT: Final = "SELECT * FROM attachments WHERE id = $1 AND visit_id = $2"


async def get_of_visit(conn: Connection, visit_id: UUID, attachment_id: UUID) -> Attachment:
    row = await conn.fetchrow(GET_OF_VISIT, attachment_id, visit_id)
    if row is None:
        raise NotFound
    return _attachment(row)


LIST_OF_VISIT: Final = """
    SELECT * FROM attachments
     WHERE visit_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_of_visit(
    conn: Connection, visit_id: UUID, *, before: UUID | None, limit: int
) -> list[Attachment]:
    """What was attached to a visit, newest first."""
    return [_attachment(row) for row in await conn.fetch(LIST_OF_VISIT, visit_id, before, limit)]


PHOTO_NAMES: Final = """
    SELECT id, client_id FROM attachments
     WHERE visit_id = ANY ($1::uuid[]) AND kind = 'photo' LIMIT 1000
"""


async def photo_names(conn: Connection, visit_ids: list[UUID]) -> set[UUID]:
    """The ids by which the photos of these visits may be named: ours and the phone's."""
    rows = await conn.fetch(PHOTO_NAMES, visit_ids)
    return {name for row in rows for name in (row["id"], row["client_id"])}


COUNT_OF_VISIT: Final = "SELECT count(*) FROM attachments WHERE visit_id = $1"


async def count_of_visit(conn: Connection, visit_id: UUID) -> int:
    return int(await conn.fetchval(COUNT_OF_VISIT, visit_id))


LIST_OF_PRESCRIPTION: Final = """
    SELECT * FROM attachments WHERE prescription_id = $1 ORDER BY id DESC LIMIT $2
"""


async def list_of_prescription(
    conn: Connection, prescription_id: UUID, limit: int
) -> list[Attachment]:
    """The pictures of a prescription, the newest first, which is the one that counts."""
    rows = await conn.fetch(LIST_OF_PRESCRIPTION, prescription_id, limit)
    return [_attachment(row) for row in rows]


LIST_UNKNOWN: Final = """
    SELECT f.id FROM unnest($1::uuid[]) AS f (id)
     WHERE NOT EXISTS (SELECT FROM attachments a WHERE a.id = f.id)
       AND NOT EXISTS (SELECT FROM documents d WHERE d.id = f.id)
"""


async def list_unknown(conn: Connection, names: list[UUID]) -> list[UUID]:
    """Those of these files that no row knows of, neither here nor of documents."""
    return [row["id"] for row in await conn.fetch(LIST_UNKNOWN, names)]


def _attachment(row: asyncpg.Record) -> Attachment:
    return Attachment(**row)
