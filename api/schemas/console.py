"""What a dispatcher's console shows at once: orders on the map, days beside each other, what if."""

from __future__ import annotations

from uuid import UUID

from api.schemas.conventions import (
    Body,
    Day,
    Id,
    Instant,
    Line,
    MoveView,
    PageQuery,
    Place,
    Prose,
    View,
    WindowView,
)
from api.schemas.dispatch import RefusalView
from api.schemas.visits import Span
from dispatch.lifecycles import OrderState, VisitState
from matching.policy import Urgency


class OrderPin(View):
    """A living order; `area` is the centre of a cell of about 500 m, `at_risk` as on the board."""

    id: UUID
    state: OrderState
    urgency: Urgency
    at_risk: bool
    county: str
    service_codes: list[str]
    window: WindowView
    area: Place


class OpsMap(View):
    """Living orders for the map, soonest first; the nurses on it are those of the board."""

    orders: list[OrderPin]


class DaysQuery(PageQuery):
    """`q`: part of a name or a staff number; then nurses without visits are told, too."""

    date: Day | None = None
    q: Line | None = None


class LaneVisit(View):
    """A visit in the day of its nurse; from `leaves_at` on she is on her way to it."""

    visit_id: UUID
    order_id: UUID
    seat: int
    state: VisitState
    version: int
    moves: list[MoveView]
    service_codes: list[str]
    county: str
    urgency: Urgency
    window: WindowView
    leaves_at: Instant
    planned_start: Instant
    planned_end: Instant


class Lane(View):
    """A nurse's day in short; what is given back or cancelled is left out."""

    nurse_id: UUID
    staff_no: int
    name: str
    shifts: list[Span]
    duties: list[Span]
    visits: list[LaneVisit]


class WhatIf(Body):
    nurse_id: Id


class Reassign(Body):
    nurse_id: Id
    reason: Prose


class Going(View):
    """`distance_m` is straight."""

    start_at: Instant
    end_at: Instant
    travel_s: int
    distance_m: int


class Prospect(View):
    """What it would mean if another nurse went: `would` is null where `reasons` are against it.

    `added_travel_s` is what her day's travel grows by.
    """

    nurse_id: UUID
    name: str
    eligible: bool
    reasons: list[RefusalView]
    now: Going
    would: Going | None
    added_travel_s: int | None
