"""The `documents` table: what the patient's side shows to the assessor of an order, each a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A row; its file is named by its id. `sha256` is of what is kept and served,
    `received_sha256` of what was sent."""

    id: UUID
    order_id: UUID
    patient_id: UUID
    kind: str
    media_type: str
    size_bytes: int
    sha256: bytes
    received_sha256: bytes
    received_at: datetime
    author_id: UUID


INSERT: Final = """
    INSERT INTO documents (id, order_id, patient_id, kind, media_type, size_bytes, sha256,
                           received_sha256, received_at, author_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def insert(conn: Connection, given: Document) -> None:
    """Keep a row. The caller holds the order and has found no such file of it."""
    await conn.execute(
        INSERT,
        given.id,
        given.order_id,
        given.patient_id,
        given.kind,
        given.media_type,
        given.size_bytes,
        given.sha256,
        given.received_sha256,
        given.received_at,
        given.author_id,
    )


GET: Final = """
    SELECT id, order_id, patient_id, kind, media_type, size_bytes, sha256, received_sha256,
           received_at, author_id
      FROM documents WHERE id = $1 AND order_id = $2
"""


async def get_of_order(conn: Connection, order_id: UUID, document_id: UUID) -> Document:
    row = await conn.fetchrow(GET, document_id, order_id)
    if row is None:
        raise NotFound
    return Document(**row)


LIST_OF_ORDER: Final = """
    SELECT id, order_id, patient_id, kind, media_type, size_bytes, sha256, received_sha256,
           received_at, author_id
      FROM documents WHERE order_id = $1 ORDER BY id DESC LIMIT $2
"""


async def list_of_order(conn: Connection, order_id: UUID, limit: int) -> list[Document]:
    """What was shown for an order, newest first."""
    return [Document(**row) for row in await conn.fetch(LIST_OF_ORDER, order_id, limit)]
