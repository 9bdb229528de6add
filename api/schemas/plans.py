"""The day plan: as an operator asks for it and sees it, and as he commits it or a part of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.catalogue import ServedCounty
from api.schemas.conventions import Body, Day, Id, Instant, Prose, View, WindowView
from api.schemas.dispatch import MeasureView


class PlanRequest(Body):
    """`change_min`: how much travel it must save to send another nurse than was told.

    With `absent_nurse_id` the plan gives what she has to others, and changes as little else as it
    must. So it does with what a nurse comes late to because she is held up where she is.
    """

    date: Day
    county: ServedCounty
    change_min: Annotated[int, Field(ge=0, le=600)] = 60
    absent_nurse_id: Id | None = None


class PlanSeat(View):
    nurse_id: UUID
    staff_no: int
    name: str
    start_at: Instant


class PlanVisit(View):
    """A visit as it was told; `version` is there to commit a change of it by. `expected_start` is
    when the nurse would be there as it looks now, if that is more than ten minutes late."""

    visit_id: UUID
    version: int
    order_id: UUID
    seat: int
    service_codes: list[str]
    window: WindowView
    told: PlanSeat
    expected_start: Instant | None = None


class PlanChange(PlanVisit):
    """One visit that would be moved; `is_other_nurse` tells whether somebody else would come, and
    `is_preferred_nurse` whether she is the one whom the patient asked for."""

    part: int
    planned: PlanSeat
    is_other_nurse: bool
    is_preferred_nurse: bool


class PlanPart(View):
    """Changes that stand or fall together, and the travel that they save; below nought they cost
    some."""

    part: int
    saved_min: int


class Plan(View):
    """What the day could gain if some visits were exchanged; nothing of it has been done.

    Each of `parts` may be committed by itself. `left_alone`: visits whose nurse's day was not
    looked at, since it is no plain round or some 200 visits are planned already. Visits that begin
    within two hours are never moved, but for those of a nurse who is absent and those that one
    comes late to; `nobody`: of these, what no other nurse and no later time were found for.
    """

    date: Day
    county: str
    visits: int
    left_alone: int
    travel_before_min: int
    travel_after_min: int
    parts: list[PlanPart]
    changes: list[PlanChange]
    nobody: list[PlanVisit]
    travel: MeasureView


class StandingPlan(Plan):
    """A plan that was made without being asked for, as much of it as can still be done. `pressing`:
    a nurse is held up, and comes late to what follows."""

    planned_at: Instant
    pressing: bool


class PlannedChange(Body):
    """How a visit is to be; `version` is the one that was seen."""

    visit_id: Id
    version: Annotated[int, Field(ge=1, lt=2**31)]
    nurse_id: Id
    start_at: Instant


class PlanCommit(Body):
    """What the nurse with `absent_nurse_id` has not set out for may be changed however soon it is;
    so may what nurses have who are held up where they are."""

    changes: Annotated[list[PlannedChange], Field(min_length=1, max_length=200)]
    reason: Prose | None = None
    absent_nurse_id: Id | None = None


class CommittedChange(View):
    """`visit_id` is another than `was_visit_id` where another nurse comes."""

    was_visit_id: UUID
    visit_id: UUID
    version: int
    order_id: UUID
    seat: int
    nurse_id: UUID
    planned_start: Instant
    planned_end: Instant


class CommittedPlan(View):
    """In the order of what was asked for."""

    changes: list[CommittedChange]
