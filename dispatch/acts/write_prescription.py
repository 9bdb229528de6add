"""Registering and reading what a doctor has ordered, so that what needs it can be booked."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from dispatch import database
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotFound
from dispatch.records import audit, patients, prescriptions
from dispatch.records.prescriptions import Content, Prescription
from matching.inputs import local_date

# A transcription slip shows as a prescription that is valid for ever.
VALID_MAX_DAYS: Final = 731

Fault = tuple[tuple[str | int, ...], str]


@database.act
async def write_prescription(
    conn: Connection,
    patient_id: UUID,
    content: Content,
    *,
    service_codes: list[str],
    issued_on: date,
    valid_until: date,
) -> Prescription:
    """Keep a prescription for a patient of the caller. Raises `InvalidFields`."""
    try:
        patient = await patients.lock_own(conn, conn.caller.account_id, patient_id)
    except NotFound:
        raise InvalidFields((("body", "patient_id"), "unknown_patient")) from None
    today = local_date(await database.now(conn))
    faults: list[Fault] = [
        (("body", "service_codes", place), "service_code")
        for place, code in enumerate(service_codes)
        if code not in conn.catalogue.services
    ]
    if len(set(service_codes)) != len(service_codes):
        faults.append((("body", "service_codes"), "repeated"))
    if issued_on > today:
        faults.append((("body", "issued_on"), "day_in_future"))
    if valid_until < issued_on:
        faults.append((("body", "valid_until"), "before_issued"))
    elif valid_until < today:
        faults.append((("body", "valid_until"), "expired"))
    elif (valid_until - issued_on).days > VALID_MAX_DAYS:
        faults.append((("body", "valid_until"), "valid_too_long"))
    for place, item in enumerate(content.items):
        if item.drug is None and item.procedure is None:
            faults.append((("body", "items", place), "drug_or_procedure"))
    if faults:
        raise InvalidFields(*faults)
    prescription = await prescriptions.insert(
        conn,
        patient.id,
        content,
        service_codes=service_codes,
        issued_on=issued_on,
        valid_until=valid_until,
    )
    await audit.append(
        conn, "prescription.create", "prescription", prescription.id, person_id=patient.id
    )
    return prescription


@database.act
async def open_prescription(conn: Connection, prescription_id: UUID) -> Prescription:
    """One prescription; showing it opens what is sealed. Raises `NotFound`."""
    prescription = await prescriptions.get(conn, prescription_id)
    await audit.append(
        conn,
        "prescription.read",
        "prescription",
        prescription.id,
        person_id=prescription.patient_id,
    )
    return prescription
