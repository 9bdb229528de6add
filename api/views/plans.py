"""A day plan for the operator: what would change for whom, and what has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from api.schemas import plans as schemas
from api.schemas.conventions import WindowView
from api.views.candidates import measure_view
from dispatch import exchanging
from dispatch.acts.commit_plan import Changed
from dispatch.database import Connection
from dispatch.day_proposals import Proposal, Standing
from dispatch.records.nurses import Nurse
from dispatch.records.visits import Visit
from matching.exchange import Seat

MINUTE_S = 60


def plan_view(day: date, county: str, made: Proposal, nurses: Mapping[UUID, Nurse]) -> schemas.Plan:
    """A proposal for a day in a county, with the nurses that it names."""
    return schemas.Plan(
        date=day,
        county=county,
        visits=made.visits,
        left_alone=made.left_alone,
        travel_before_min=round(made.travel_before_s / MINUTE_S),
        travel_after_min=round(made.travel_after_s / MINUTE_S),
        parts=[
            schemas.PlanPart(part=number, saved_min=round(saved_s / MINUTE_S))
            for number, saved_s in made.saved_s.items()
        ],
        changes=[
            schemas.PlanChange(
                **_told(move.visit, made, nurses),
                part=move.part,
                planned=_seat(move.seat, nurses),
                is_other_nurse=move.seat.nurse_id != move.visit.nurse_id,
                is_preferred_nurse=move.is_wish,
            )
            for move in made.moves
        ],
        nobody=[schemas.PlanVisit(**_told(visit, made, nurses)) for visit in made.nobody],
        travel=measure_view(made.measured),
    )


def standing_view(
    one: Standing, made: Proposal, nurses: Mapping[UUID, Nurse]
) -> schemas.StandingPlan:
    """What is left of a plan that was made without being asked for."""
    plan = plan_view(one.day, one.county, made, nurses)
    return schemas.StandingPlan(**dict(plan), planned_at=one.planned_at, pressing=bool(one.late))


def _told(visit: Visit, made: Proposal, nurses: Mapping[UUID, Nurse]) -> dict[str, Any]:
    order = made.orders[visit.order_id]
    return {
        "visit_id": visit.id,
        "version": visit.version,
        "order_id": order.id,
        "seat": visit.seat,
        "service_codes": order.service_codes,
        "window": WindowView(earliest=order.earliest, latest=order.latest),
        "told": _seat(exchanging.seat_of(visit), nurses),
        "expected_start": made.late.get(visit.id),
    }


def _seat(seat: Seat, nurses: Mapping[UUID, Nurse]) -> schemas.PlanSeat:
    nurse = nurses[seat.nurse_id]
    return schemas.PlanSeat(
        nurse_id=nurse.id, staff_no=nurse.staff_no, name=nurse.name, start_at=seat.start_at
    )


async def committed_view(_: Connection, done: Sequence[Changed]) -> schemas.CommittedPlan:
    return schemas.CommittedPlan(
        changes=[
            schemas.CommittedChange(
                was_visit_id=one.was.id,
                visit_id=one.now.id,
                version=one.now.version,
                order_id=one.now.order_id,
                seat=one.now.seat,
                nurse_id=one.now.nurse_id,
                planned_start=one.now.planned_start,
                planned_end=one.now.planned_end,
            )
            for one in done
        ]
    )
