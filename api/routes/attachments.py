"""Photos and recordings of visits over HTTP."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from aiohttp import web

from api.schemas import files as schemas
from api.schemas.conventions import Page, PageQuery, page
from api.views import files as views
from api.wire import Answer, Call, Routes, Upload, Uploaded
from dispatch import media
from dispatch.acts import attach_file
from dispatch.acts.attach_file import Recording
from dispatch.database import Connection
from dispatch.errors import IllegalTransition
from dispatch.records.attachments import Attachment

routes = Routes()

ATTACHMENT: Final = Upload(model=schemas.Attach, media_types=(*media.PICTURES, *media.SOUNDS))


@routes.post(
    "/v1/visits/{id}/attachments",
    body=ATTACHMENT,
    answer=schemas.Attachment,
    status=201,
    also=(200,),
    raises=(IllegalTransition,),
)
async def attach(call: Call, body: Uploaded) -> Answer:
    """201, or 200 and the first one if the phone sends it again."""
    given: schemas.Attach = body.fields
    started_at = given.started_at or given.recorded_at
    if started_at is None:
        raise AssertionError("the model demands one of them")
    recording = Recording(
        client_id=given.client_id,
        kind=given.kind.value,
        started_at=started_at,
        ended_at=given.ended_at,
        consent_by=given.consent_by.value if given.consent_by else None,
        consent_at=given.consent_at,
    )
    async with attach_file.stored_for_visit(
        call.pool, call.caller, call.id(), recording.kind, body.file
    ) as stored:
        return await call.act(
            attach_file.attach_to_visit,
            call.id(),
            recording,
            stored,
            view=_kept,
            status=lambda kept: 201 if kept[1] else 200,
        )


async def _kept(_: Connection, kept: tuple[Attachment, bool]) -> schemas.Attachment:
    return views.attachment_view(kept[0])


@routes.get("/v1/visits/{id}/attachments", query=PageQuery, answer=Page[schemas.Attachment])
async def list_attachments(call: Call, query: PageQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)

    async def view(_: Connection, found: list[Attachment]) -> Page[schemas.Attachment]:
        return page(found, query, views.attachment_view, lambda row: (row.id,))

    return await call.act(
        attach_file.list_of_visit, call.id(), before=before, limit=query.limit + 1, view=view
    )


@routes.get("/v1/visits/{id}/attachments/{attachment_id}", media_type=views.ANY_TYPE)
async def get_file(call: Call) -> web.StreamResponse:
    """The file itself."""
    opened = await attach_file.open_of_visit(
        call.pool, call.caller, call.id(), call.id("attachment_id")
    )
    return await views.send(call, opened)
