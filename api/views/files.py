"""Stored files as they are told and sent."""

from __future__ import annotations

import contextlib
from typing import Final

from aiohttp import hdrs, web

from api.schemas import files as schemas
from api.wire import Call
from dispatch import media, storage
from dispatch.acts.attach_file import Opened
from dispatch.records.attachments import Attachment
from dispatch.records.documents import Document

ANY_TYPE: Final = "*/*"
KEEP_S: Final = 300
# Whatever a browser makes of the bytes, it runs nothing, asks nobody, and shares it with nobody.
HEADERS: Final = {
    "Cache-Control": f"private, max-age={KEEP_S}",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def attachment_view(row: Attachment) -> schemas.Attachment:
    """A photo or recording of a visit."""
    if row.visit_id is None or row.client_id is None or row.started_at is None:
        raise AssertionError("not an attachment of a visit")
    return schemas.Attachment(
        id=row.id,
        visit_id=row.visit_id,
        client_id=row.client_id,
        kind=schemas.AttachmentKind(row.kind),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex(),
        received_sha256=row.received_sha256.hex(),
        started_at=row.started_at,
        ended_at=row.ended_at,
        consent_by=schemas.ConsentBy(row.consent_by) if row.consent_by else None,
        consent_at=row.consent_at,
        received_at=row.received_at,
        author_id=row.author_id,
    )


def prescription_file_view(row: Attachment) -> schemas.PrescriptionFile:
    """The picture of a prescription."""
    return schemas.PrescriptionFile(
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex(),
        received_sha256=row.received_sha256.hex(),
        received_at=row.received_at,
    )


def document_view(row: Document) -> schemas.Document:
    """What was shown for an order."""
    return schemas.Document(
        id=row.id,
        order_id=row.order_id,
        kind=schemas.DocumentKind(row.kind),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex(),
        received_sha256=row.received_sha256.hex(),
        received_at=row.received_at,
        author_id=row.author_id,
    )


async def send(call: Call, opened: Opened) -> web.StreamResponse:
    """The file, opened piece by piece; as something to save, under a name of ours."""
    row = opened.attachment
    name = f"{row.kind}-{row.id}.{media.EXTENSIONS[row.media_type]}"
    headers = {
        **HEADERS,
        hdrs.CONTENT_TYPE: row.media_type,
        hdrs.CONTENT_LENGTH: str(row.size_bytes),
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.ETAG: f'"{row.sha256.hex()}"',
    }
    if call.request.method == "HEAD":
        return web.Response(headers=headers)
    place = storage.configured(call.settings)
    answer = web.StreamResponse(headers=headers)
    pieces = storage.opened_pieces(place, opened.key, row.id, row.size_bytes)
    async with contextlib.aclosing(pieces):
        # What is not there, or does not open, is told before the first byte.
        first = await anext(pieces)
        await answer.prepare(call.request)
        await answer.write(first)
        async for piece in pieces:
            await answer.write(piece)
    await answer.write_eof()
    return answer
