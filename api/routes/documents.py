"""What the patient's side shows to the assessor of an order, over HTTP."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.schemas import files as schemas
from api.views import files as views
from api.wire import Answer, Call, Routes, Upload, Uploaded
from dispatch.acts import attach_document, attach_file
from dispatch.database import Connection
from dispatch.errors import IllegalTransition, RuleRefused
from dispatch.records.documents import Document

routes = Routes()

DOCUMENT: Final = Upload(model=schemas.AttachDocument, media_types=attach_file.PAPER_TYPES)


@routes.post(
    "/v1/orders/{id}/documents",
    body=DOCUMENT,
    answer=schemas.Document,
    status=201,
    also=(200,),
    raises=(IllegalTransition, RuleRefused),
)
async def attach(call: Call, body: Uploaded) -> Answer:
    """201, or 200 and the first one if the same file is sent again."""
    given: schemas.AttachDocument = body.fields
    async with attach_document.stored_for_order(
        call.pool, call.caller, call.id(), body.file
    ) as stored:
        return await call.act(
            attach_document.attach_document,
            call.id(),
            given.kind.value,
            stored,
            view=_kept,
            status=lambda kept: 201 if kept[1] else 200,
        )


async def _kept(_: Connection, kept: tuple[Document, bool]) -> schemas.Document:
    return views.document_view(kept[0])


@routes.get("/v1/orders/{id}/documents", answer=schemas.Documents)
async def list_documents(call: Call) -> Answer:
    async def view(_: Connection, found: list[Document]) -> schemas.Documents:
        return schemas.Documents(items=[views.document_view(one) for one in found])

    return await call.act(attach_document.list_of_order, call.id(), view=view)


@routes.get("/v1/orders/{id}/documents/{document_id}", media_type=views.ANY_TYPE)
async def get_file(call: Call) -> web.StreamResponse:
    """The file itself."""
    opened = await attach_document.open_document(
        call.pool, call.caller, call.id(), call.id("document_id")
    )
    return await views.send(call, opened)
