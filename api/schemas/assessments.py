"""Assessments as assessors and patients see them, and the queue before the assessors."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from api.schemas.conventions import Instant, PageQuery, View
from config.assessment import Decision, Outcome


class AssessmentRecord(View):
    """One finding on an order; `author_id` is null where the clock went by `earlier_ids`."""

    id: UUID
    version: int
    service_codes: list[str]
    decision: Decision
    outcome: Outcome
    conditions: list[str]
    conditions_text: list[str]
    risk: str | None = None
    has_capacity: bool | None = None
    checklist: dict[str, bool]
    findings: str | None = None
    note: str | None = None
    form_version: str
    author_id: UUID | None = None
    earlier_ids: list[UUID]
    assessed_at: Instant


class Assessments(View):
    """All that was found on an order, first to last."""

    items: list[AssessmentRecord]


class Clearance(View):
    """A service that needs no new assessment until then, under these conditions."""

    service_code: str
    assessment_id: UUID
    conditions: list[str]
    conditions_text: list[str]
    valid_until: Instant


class Clearances(View):
    """What needs no new assessment now; a change of the patient's condition empties it."""

    items: list[Clearance]


class ReviewQuery(PageQuery):
    county: Annotated[str | None, StringConstraints(min_length=1, max_length=20)] = None
