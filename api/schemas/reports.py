"""Reports for the desk and the regulator."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.conventions import Instant, PageQuery, Place, View


class ReportQuery(PageQuery):
    """`from` counts, `to` does not; three months at most. CSV is the whole time in one file."""

    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    format: Literal["json", "csv"] = "json"


class MarkView(View):
    """A check-in or check-out as the phone said it, and when it came in.

    `distance_m` is that to the patient's door; `corrected`: it takes the place of an earlier one.
    """

    at: Instant
    received_at: Instant
    location: Place | None
    accuracy_m: float | None
    distance_m: int | None
    device_id: str | None
    reason: str | None
    corrected: bool


class VerificationView(View):
    """The six elements of a visit: service, patient, day, place, nurse, beginning and end.

    `exceptions` name what was odd: where, when, or how it was reported.
    """

    visit_id: UUID
    order_id: UUID
    state: Literal["completed", "aborted"]
    end_reason: str | None
    service_codes: list[str]
    service_names: list[str]
    patient_id: UUID
    patient_name_masked: str | None
    county: str
    institution_code: str
    institution_name: str
    staff_no: int
    nurse_name: str
    planned_start: Instant
    planned_end: Instant
    started_at: Instant | None
    ended_at: Instant
    minutes: int | None
    check_in: MarkView | None
    check_out: MarkView | None
    exceptions: list[str]
