"""Nurses as staff register, find, change and suspend them."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from api.schemas import nurses as schemas
from api.schemas.conventions import Page, page
from api.views import nurses as views
from api.wire import Answer, Call, Raw, Routes
from dispatch import enrolment
from dispatch.acts import check_register, register_nurse, suspend_nurse
from dispatch.database import Connection
from dispatch.enrolment import Registration
from dispatch.errors import AlreadyRegistered
from dispatch.records import nurses

routes = Routes()

CSV: Final = Raw(
    media_types=("text/csv",),
    limit_bytes=10 * 1024 * 1024,
    schema={
        "type": "string",
        "description": f"{','.join(enrolment.COLUMNS)}; UTF-8 or GB18030",
    },
)


@routes.get("/v1/ops/nurses", query=schemas.NurseQuery, answer=Page[schemas.NurseView])
async def list_nurses(call: Call, query: schemas.NurseQuery) -> Page[schemas.NurseView]:
    (before,) = query.after(UUID) or (None,)
    own = call.caller.institution_id
    if own is not None and query.institution_id not in (None, own):
        return Page(items=[])
    async with call.read() as conn:
        rows = await nurses.list_all(
            conn,
            institution_id=own or query.institution_id,
            q=query.q,
            state=query.state,
            before=before,
            limit=query.limit + 1,
        )
        points = await nurses.points_by_nurse(conn, [nurse.id for nurse in rows])
    return page(rows, query, lambda row: views.list_item(row, points, call), lambda row: (row.id,))


@routes.post(
    "/v1/ops/nurses",
    body=schemas.RegisterNurse,
    answer=schemas.NurseDetail,
    status=201,
    raises=(AlreadyRegistered,),
)
async def register(call: Call, body: schemas.RegisterNurse) -> Answer:
    lat, lng = body.location.wgs84()
    return await call.act(
        register_nurse.register_nurse,
        Registration(
            lat=lat,
            lng=lng,
            insurances=body.insurances.told() if body.insurances else {},
            **body.model_dump(exclude={"location", "institution_id", "insurances"}),
        ),
        body.institution_id,
        view=views.showing(call),
    )


@routes.post(
    "/v1/ops/nurses/import",
    body=CSV,
    answer=schemas.Imported,
    status=201,
    raises=(AlreadyRegistered,),
)
async def import_file(call: Call, body: bytes) -> Answer:
    async def view(_: Connection, count: int) -> schemas.Imported:
        return schemas.Imported(imported=count)

    sheet = await asyncio.to_thread(enrolment.read, body, call.catalogue)
    return await call.act(register_nurse.import_nurses, sheet, view=view)


@routes.get("/v1/ops/nurses/{id}", answer=schemas.NurseDetail)
async def get(call: Call) -> Answer:
    return await call.act(
        register_nurse.open_nurse,
        call.id(),
        view=views.showing(call),
    )


@routes.patch("/v1/ops/nurses/{id}", body=schemas.ChangeNurse, answer=schemas.NurseDetail)
async def change(call: Call, body: schemas.ChangeNurse) -> Answer:
    changes, place = views.changes_of(body)
    return await call.act(
        register_nurse.change_nurse,
        call.id(),
        changes,
        place,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post("/v1/ops/nurses/{id}/suspend", body=schemas.SuspendNurse, answer=schemas.NurseDetail)
async def suspend(call: Call, body: schemas.SuspendNurse) -> Answer:
    return await call.act(
        suspend_nurse.suspend_nurse,
        call.id(),
        body.reason,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post(
    "/v1/ops/nurses/{id}/confirm-registration",
    body=schemas.ConfirmRegistration,
    answer=schemas.NurseDetail,
)
async def confirm_registration(call: Call, body: schemas.ConfirmRegistration) -> Answer:
    return await call.act(
        check_register.confirm_registration,
        call.id(),
        body.note,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post("/v1/ops/nurses/{id}/reinstate", answer=schemas.NurseDetail)
async def reinstate(call: Call, body: object) -> Answer:
    return await call.act(
        suspend_nurse.reinstate_nurse,
        call.id(),
        version=call.if_match,
        view=views.showing(call),
    )
