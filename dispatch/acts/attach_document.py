"""What the patient's side shows to the assessor of an order: identity, medical record, contract.

The owner and assessors open it, and nobody else; each reading leaves a trace.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Final
from uuid import UUID

from dispatch import database, transitions
from dispatch.acts import attach_file
from dispatch.acts.attach_file import Opened, Stored
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import NotFound, RuleRefused
from dispatch.lifecycles import ORDER
from dispatch.records import audit, documents, orders, person_keys, reviews
from dispatch.records.documents import Document
from dispatch.storage import Incoming

# The precondition that is met by showing a document of this kind.
SHOWS: Final[Mapping[str, str]] = {"medical_record": "medical_record_uploaded"}


@contextlib.asynccontextmanager
async def stored_for_order(
    pool: Pool, caller: Caller, order_id: UUID, incoming: Incoming
) -> AsyncIterator[Stored]:
    """The file, cleaned, sealed and stored; taken away again if the block writes no row.

    Raises `NotFound`, `UnsupportedFile`, `InvalidFields`.
    """
    async with pool.read(caller) as conn:
        order = await orders.get(conn, order_id)
        key = await person_keys.get(conn, order.patient_id)
    async with attach_file.stored_file(pool, key, attach_file.PAPER_TYPES, incoming) as stored:
        yield stored


@database.act
async def attach_document(
    conn: Connection, order_id: UUID, kind: str, stored: Stored
) -> tuple[Document, bool]:
    """Bind a stored file to an order, and tell whether it is new; re-sending gives the first one.

    Raises `NotFound`, `IllegalTransition` once the order has ended, `RuleRefused` (too many).
    """
    stored.kept = False
    order = await orders.lock(conn, order_id)
    author_id = conn.caller.account_id
    if author_id is None:
        raise NotFound
    limit = conn.settings.order_files_max
    known = await documents.list_of_order(conn, order.id, limit)
    for one in known:
        if (one.kind, one.received_sha256) == (kind, stored.received_sha256):
            return one, False
    if order.state in ORDER.final:
        raise transitions.illegal(conn, ORDER, order.id, order.state, "attach")
    if len(known) >= limit:
        raise RuleRefused((("body", "file"), "too_many_files"), limit=limit)
    document = Document(
        id=stored.id,
        order_id=order.id,
        patient_id=order.patient_id,
        kind=kind,
        media_type=stored.media.media_type,
        size_bytes=len(stored.media.data),
        sha256=stored.sha256,
        received_sha256=stored.received_sha256,
        received_at=await database.now(conn),
        author_id=author_id,
    )
    await documents.insert(conn, document)
    stored.kept = True
    if slug := SHOWS.get(kind):
        async with conn.as_clock():
            await reviews.add_preconditions(conn, order.id, [slug])
    await attach_file.trace(conn, "document.keep", document)
    return document, True


@database.act
async def list_of_order(conn: Connection, order_id: UUID) -> list[Document]:
    """What was shown for an order, newest first; times and hashes, no contents."""
    order = await orders.get(conn, order_id)
    await audit.append(conn, "document.list", "order", order.id, person_id=order.patient_id)
    return await documents.list_of_order(conn, order.id, conn.settings.order_files_max)


@database.act
async def open_document(conn: Connection, order_id: UUID, document_id: UUID) -> Opened:
    """The key to a document of an order. Raises `NotFound` and `KeyDestroyed`."""
    document = await documents.get_of_order(conn, order_id, document_id)
    key = await person_keys.get(conn, document.patient_id)
    await attach_file.trace(conn, "document.read", document)
    return Opened(attachment=document, key=key)
