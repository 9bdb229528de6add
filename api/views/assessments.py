"""Assessments in words: each finding as it was, and what it lets be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.schemas import assessments as schemas
from api.views.orders import conditions_text
from api.wire import Call
from config.assessment import Decision, Outcome
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records import assessments
from dispatch.records.assessments import Assessment, Clearance
from dispatch.sealing import KeyDestroyed


async def assessments_view(
    conn: Connection, found: Sequence[Assessment], call: Call
) -> schemas.Assessments:
    """Findings as they were. An auditor sees nothing of what is sealed, nor does anybody once the
    patient was erased."""
    opens = call.caller.role is not Role.AUDITOR
    forms = [await _form(conn, one) if opens else {} for one in found]
    return schemas.Assessments(
        items=[_record(one, form, call) for one, form in zip(found, forms, strict=True)]
    )


def clearances_view(found: Sequence[Clearance], call: Call) -> schemas.Clearances:
    """What a patient needs no new assessment for."""
    return schemas.Clearances(
        items=[
            schemas.Clearance(
                service_code=one.service_code,
                assessment_id=one.assessment_id,
                conditions=one.conditions,
                conditions_text=conditions_text(one.conditions, call),
                valid_until=one.valid_until,
            )
            for one in found
        ]
    )


async def _form(conn: Connection, found: Assessment) -> dict[str, Any]:
    try:
        return await assessments.open_form(conn, found)
    except KeyDestroyed:
        return {}


def _record(found: Assessment, form: dict[str, Any], call: Call) -> schemas.AssessmentRecord:
    told = form.get("conditions") or found.conditions
    return schemas.AssessmentRecord(
        id=found.id,
        version=found.version,
        service_codes=found.service_codes,
        decision=Decision(found.decision),
        outcome=Outcome(found.outcome),
        conditions=told,
        conditions_text=conditions_text(told, call),
        risk=found.risk,
        has_capacity=found.has_capacity,
        checklist=form.get("checklist", {}),
        findings=form.get("findings"),
        note=form.get("note"),
        form_version=found.form_version,
        author_id=found.author_id,
        earlier_ids=found.earlier_ids,
        assessed_at=found.assessed_at,
    )
