"""Reports for the desk and the regulator."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.conventions import Instant, PageQuery, Place, Query, View


class ReportQuery(PageQuery):
    """`from` counts, `to` does not; three months at most. CSV is the whole time in one file."""

    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    format: Literal["json", "csv"] = "json"


class StatisticsQuery(Query):
    """`from` counts, `to` does not; a year at most."""

    from_: Annotated[Instant, Field(alias="from")]
    to: Instant


class WorkloadQuery(PageQuery):
    """`from` counts, `to` does not; a year at most. CSV is the whole time in one file."""

    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    format: Literal["json", "csv"] = "json"


class DispatchQuery(Query):
    """`from` counts, `to` does not; three months at most."""

    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    format: Literal["json", "csv"] = "json"


class DispatchLine(View):
    """Orders placed in an hour of the day (`00`-`23`), on a day, or for a service, by `key`.

    The waits are from approval to assignment: half of the orders, and nine of ten, waited no
    longer; null where none was assigned. `nobody`: approved, and no nurse was found. Visits by day
    only.
    """

    by: Literal["day", "hour", "service"]
    key: str
    placed: int
    assigned: int
    nobody: int
    wait_p50_s: int | None
    wait_p90_s: int | None
    visits: int
    on_time: int


class DispatchReport(View):
    """Lines by day, hour and service, in this order."""

    items: list[DispatchLine]


class MonthView(View):
    """What a nurse has done in a month: completed visits, and offers by the time of sending.

    `minutes` are those in homes, travel is as planned, `income_fen` before any deduction.
    """

    month: str
    institution_id: UUID
    institution_name: str
    visits: int
    on_time: int
    minutes: int
    travel_min: int
    distance_m: int
    income_fen: int
    offers: int
    accepted: int
    declined: int
    expired: int


class ShareView(View):
    """A nurse's line in the ledger by which work goes round: hours that she opened, offers and paid
    minutes in them, older weeks counting less. `ahead_percent` is how much more than the mean hour
    of all hers was given; who is ahead is asked the later.
    """

    hours: float
    offers: float
    paid_min: float
    ahead_percent: int
    until: Instant


class Statistics(View):
    """A nurse's own months, the first one first."""

    items: list[MonthView]
    share: ShareView | None = None


class WorkloadView(MonthView):
    nurse_id: UUID
    staff_no: int
    nurse_name: str


class FairnessView(View):
    """Gini's coefficient over all who could work, 0 (all the same) to 1; null without any visit."""

    nurses: int
    visits_gini: float | None
    income_gini: float | None


class WorkloadReport(View):
    """By month, staff number and institution; `fairness` is that of the whole time."""

    items: list[WorkloadView]
    next_cursor: str | None = None
    fairness: FairnessView


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
