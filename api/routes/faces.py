"""The face check over HTTP: a nurse asks, reads the answer; a supervisor confirms in its place."""

from __future__ import annotations

from uuid import UUID

from api.schemas import safety as schemas
from api.schemas.conventions import Page, PageQuery, page
from api.wire import Answer, Call, Routes
from dispatch.acts import check_face, go_on_duty
from dispatch.database import Connection
from dispatch.records import face_checks
from dispatch.records.face_checks import FaceCheck

routes = Routes()


@routes.post("/v1/nurse/face-checks", body=schemas.AskFace, answer=schemas.FaceChecked, status=202)
async def ask(call: Call, body: schemas.AskFace) -> Answer:
    return await call.act(check_face.ask_face, body.token, view=_shown)


@routes.get("/v1/nurse/face-checks", query=PageQuery, answer=Page[schemas.FaceChecked])
async def list_own(call: Call, query: PageQuery) -> Page[schemas.FaceChecked]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        found = await face_checks.list_of_nurse(
            conn, go_on_duty.own_id(conn), before=before, limit=query.limit + 1
        )
    return page(found, query, _view, lambda one: (one.id,))


@routes.post(
    "/v1/ops/nurses/{id}/confirm-face",
    body=schemas.ConfirmFace,
    answer=schemas.FaceChecked,
    status=201,
    conditional=False,
)
async def confirm(call: Call, body: schemas.ConfirmFace) -> Answer:
    return await call.act(check_face.confirm_face, call.id(), body.note, view=_shown)


async def _shown(_: Connection, check: FaceCheck) -> schemas.FaceChecked:
    return _view(check)


def _view(check: FaceCheck) -> schemas.FaceChecked:
    return schemas.FaceChecked(
        id=check.id,
        nurse_id=check.nurse_id,
        result=schemas.FaceResult(check.result),
        created_at=check.created_at,
        answered_at=check.answered_at,
        valid_until=check.valid_until,
    )
