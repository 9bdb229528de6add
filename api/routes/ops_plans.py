"""Operators plan a day of booked visits anew, and see what that would change."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING

from api.schemas import plans as schemas
from api.views.candidates import measure_view
from api.wire import Call, Routes

if TYPE_CHECKING:
    from dispatch.records.visits import Visit
    from matching.day import Seat

routes = Routes()


@routes.post("/v1/ops/plans", body=schemas.PlanRequest, answer=schemas.Plan)
async def plan(call: Call, body: schemas.PlanRequest) -> schemas.Plan:
    """Nothing is moved: that is for the steps of each order."""
    # The engine of routes is large, and loaded when somebody plans for the first time.
    await asyncio.to_thread(importlib.import_module, "dispatch.day_planning")
    from dispatch import day_planning
    from matching.day import Prices

    async with call.read() as conn:
        found = await day_planning.survey(conn, body.date, body.county)
    prices = Prices(other_nurse_s=60.0 * body.change_min)
    made = await asyncio.to_thread(day_planning.propose, found, prices)
    return schemas.Plan(
        date=body.date,
        county=body.county,
        visits=made.visits,
        left_alone=made.left_alone,
        travel_before_min=round(made.travel_before_s / 60),
        travel_after_min=round(made.travel_after_s / 60),
        changes=[_change(visit, seat) for visit, seat in made.changes],
        travel=measure_view(made.measured),
    )


def _change(visit: Visit, seat: Seat) -> schemas.PlanChange:
    return schemas.PlanChange(
        visit_id=visit.id,
        order_id=visit.order_id,
        seat=visit.seat,
        told=schemas.PlanSeat(nurse_id=visit.nurse_id, start_at=visit.planned_start),
        planned=schemas.PlanSeat(nurse_id=seat.nurse_id, start_at=seat.start_at),
        is_other_nurse=seat.nurse_id != visit.nurse_id,
    )
