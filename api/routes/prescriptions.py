"""A doctor's prescriptions over HTTP: writing them down, their pictures, reading them."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.schemas import files
from api.schemas import people as schemas
from api.views import files as views
from api.wire import Answer, Call, Routes, Upload, Uploaded
from dispatch.acts import attach_file, write_prescription
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records import attachments, prescriptions
from dispatch.records.attachments import Attachment
from dispatch.records.prescriptions import Content, Item, Prescription

routes = Routes()

PICTURE: Final = Upload(model=files.PrescriptionFileFields, media_types=attach_file.PAPER_TYPES)


@routes.post(
    "/v1/prescriptions",
    body=schemas.WritePrescription,
    answer=files.Prescription,
    status=201,
    raises=(NotFound,),
)
async def write(call: Call, body: schemas.WritePrescription) -> Answer:
    content = Content(
        prescriber=body.prescriber,
        institution=body.institution,
        items=tuple(Item(**item.model_dump()) for item in body.items),
    )
    return await call.act(
        write_prescription.write_prescription,
        body.patient_id,
        content,
        service_codes=list(body.service_codes),
        issued_on=body.issued_on,
        valid_until=body.valid_until,
        view=_view,
    )


@routes.get("/v1/prescriptions/{id}", answer=files.Prescription)
async def get(call: Call) -> Answer:
    return await call.act(write_prescription.open_prescription, call.id(), view=_view)


@routes.put("/v1/prescriptions/{id}/file", body=PICTURE, answer=files.Prescription)
async def put_file(call: Call, body: Uploaded) -> Answer:
    """Another file takes the place of the one before, which is kept; the same changes nothing."""

    async def view(conn: Connection, kept: Attachment) -> files.Prescription:
        return await _view(conn, await prescriptions.get(conn, call.id()))

    async with attach_file.stored_for_prescription(
        call.pool, call.caller, call.id(), body.file
    ) as stored:
        return await call.act(attach_file.attach_to_prescription, call.id(), stored, view=view)


@routes.get("/v1/prescriptions/{id}/file", media_type=views.ANY_TYPE)
async def get_file(call: Call) -> web.StreamResponse:
    """The file itself."""
    opened = await attach_file.open_of_prescription(call.pool, call.caller, call.id())
    return await views.send(call, opened)


async def _view(conn: Connection, row: Prescription) -> files.Prescription:
    content = await prescriptions.open_content(conn, row)
    newest = await attachments.list_of_prescription(conn, row.id, 1)
    return files.Prescription(
        id=row.id,
        patient_id=row.patient_id,
        service_codes=row.service_codes,
        prescriber=content.prescriber,
        institution=content.institution,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        items=[
            schemas.PrescriptionItemView(
                drug=item.drug,
                dose=item.dose,
                route=item.route,
                frequency=item.frequency,
                procedure=item.procedure,
            )
            for item in content.items
        ],
        file=views.prescription_file_view(newest[0]) if newest else None,
        created_at=row.created_at,
    )
