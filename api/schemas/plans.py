"""The day plan as an operator asks for it and sees it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.catalogue import ServedCounty
from api.schemas.conventions import Body, Day, Instant, View
from api.schemas.dispatch import MeasureView


class PlanRequest(Body):
    """`change_min`: how much travel it must save to send another nurse than was told."""

    date: Day
    county: ServedCounty
    change_min: Annotated[int, Field(ge=0, le=600)] = 60


class PlanSeat(View):
    nurse_id: UUID
    start_at: Instant


class PlanChange(View):
    """One visit that would be moved; `is_other_nurse` tells whether somebody else would come."""

    visit_id: UUID
    order_id: UUID
    seat: int
    told: PlanSeat
    planned: PlanSeat
    is_other_nurse: bool


class Plan(View):
    """What the day could gain if some visits were exchanged; nothing of it has been done.

    `left_alone`: visits whose nurse's day was not looked at. Visits that begin within two hours are
    never moved.
    """

    date: Day
    county: str
    visits: int
    left_alone: int
    travel_before_min: int
    travel_after_min: int
    changes: list[PlanChange]
    travel: MeasureView
