"""Noting who pays for a patient besides herself, and when that ends."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from config import payers
from dispatch import coverage, database
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotFound, RuleRefused
from dispatch.ids import new_id
from dispatch.records import audit, coverages, patients
from dispatch.records.coverages import Coverage


@database.act
async def cover_patient(
    conn: Connection,
    patient_id: UUID,
    *,
    plan_code: str,
    valid_from: date,
    valid_until: date | None = None,
    daily_fen: int | None = None,
    reference: str | None = None,
) -> Coverage:
    """Register a coverage by one of the plans. The payer's number of it is sealed.

    Raises `NotFound`, `InvalidFields`, and `RuleRefused` for a home bed beyond the city's limits.
    """
    patient = await patients.get(conn, patient_id)
    plan = payers.load().by_code.get(plan_code)
    if plan is None:
        raise InvalidFields((("body", "plan"), "payer_plan"))
    if valid_until is not None and valid_until < valid_from:
        raise InvalidFields((("body", "valid_until"), "before_first_day"))
    if daily_fen is not None and plan.daily_fen is None:
        raise InvalidFields((("body", "daily_fen"), "not_by_the_day"))
    known = await coverages.list_of_patient(conn, patient.id)
    beds = [(one.valid_from, one.valid_until) for one in known if one.payer == plan.payer]
    if (refusal := coverage.opening_refusal(plan, beds, valid_from)) is not None:
        raise RuleRefused((("body", "valid_from"), refusal))
    made = Coverage(
        id=(coverage_id := new_id()),
        patient_id=patient.id,
        plan=plan.code,
        payer=plan.payer,
        valid_from=valid_from,
        valid_until=valid_until,
        daily_fen=daily_fen,
        reference_sealed=await coverages.seal_reference(conn, patient.id, coverage_id, reference)
        if reference is not None
        else None,
        created_by=conn.caller.account_id,
        created_at=await database.now(conn),
    )
    await coverages.insert(conn, made)
    await audit.append(conn, "coverage.open", "coverage", made.id, person_id=patient.id)
    return made


@database.act
async def end_coverage(
    conn: Connection, patient_id: UUID, coverage_id: UUID, valid_until: date
) -> Coverage:
    """Let a coverage end with that day, earlier than it would have.

    Raises `NotFound`, also for a day before it began or after its end.
    """
    if all(one.id != coverage_id for one in await coverages.list_of_patient(conn, patient_id)):
        raise NotFound
    ended = await coverages.end(conn, patient_id, coverage_id, valid_until)
    await audit.append(conn, "coverage.end", "coverage", coverage_id, person_id=patient_id)
    return ended
