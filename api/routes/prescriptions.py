"""Registering a doctor's prescription."""

from __future__ import annotations

from api.schemas import people as schemas
from api.wire import Answer, Call, Routes
from dispatch.acts import write_prescription
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records.prescriptions import Content, Item, Prescription

routes = Routes()


@routes.post(
    "/v1/prescriptions",
    body=schemas.WritePrescription,
    answer=schemas.PrescriptionView,
    status=201,
    raises=(NotFound,),
)
async def write(call: Call, body: schemas.WritePrescription) -> Answer:
    content = Content(
        prescriber=body.prescriber,
        institution=body.institution,
        items=tuple(Item(**item.model_dump()) for item in body.items),
    )

    async def view(_: Connection, row: Prescription) -> schemas.PrescriptionView:
        return schemas.PrescriptionView(
            id=row.id,
            patient_id=row.patient_id,
            service_codes=row.service_codes,
            prescriber=content.prescriber,
            institution=content.institution,
            issued_on=row.issued_on,
            valid_until=row.valid_until,
            items=[schemas.PrescriptionItemView(**item.model_dump()) for item in body.items],
            created_at=row.created_at,
        )

    return await call.act(
        write_prescription.write_prescription,
        body.patient_id,
        content,
        service_codes=list(body.service_codes),
        issued_on=body.issued_on,
        valid_until=body.valid_until,
        view=view,
    )
