"""Operators plan a day of booked visits anew, see what that would change, and commit it."""

from __future__ import annotations

import asyncio
import importlib

from api.schemas import plans as schemas
from api.views import plans as views
from api.wire import Answer, Call, Routes
from dispatch.acts import commit_plan
from dispatch.acts.commit_plan import Wanted
from dispatch.errors import IllegalTransition, NurseBusy, PlanRefused, StaleVersion
from dispatch.records import nurses
from matching.exchange import Seat

routes = Routes()


@routes.post("/v1/ops/plans", body=schemas.PlanRequest, answer=schemas.Plan)
async def plan(call: Call, body: schemas.PlanRequest) -> schemas.Plan:
    """Nothing is moved before it is committed."""
    # The engine of routes is large, and loaded when somebody plans for the first time.
    await asyncio.to_thread(importlib.import_module, "dispatch.day_planning")
    from dispatch import day_planning, day_survey
    from matching.day import Prices

    async with call.read() as conn:
        found = await day_survey.survey(conn, body.date, body.county, body.absent_nurse_id)
    prices = Prices(other_nurse_s=60.0 * body.change_min)
    made = await asyncio.to_thread(day_planning.propose, found, prices)
    concerned = {move.seat.nurse_id for move in made.moves}
    concerned |= {visit.nurse_id for visit in (*(move.visit for move in made.moves), *made.nobody)}
    async with call.read() as conn:
        by_id = {nurse.id: nurse for nurse in await nurses.list_of_ids(conn, concerned)}
    return views.plan_view(body, made, by_id, found.orders)


@routes.post(
    "/v1/ops/plans/commit",
    body=schemas.PlanCommit,
    answer=schemas.CommittedPlan,
    raises=(IllegalTransition, NurseBusy, PlanRefused, StaleVersion),
)
async def commit(call: Call, body: schemas.PlanCommit) -> Answer:
    """All of these changes or none: of nurses, of starts within what the patients agreed to."""
    wanted = [
        Wanted(
            visit_id=one.visit_id,
            version=one.version,
            seat=Seat(nurse_id=one.nurse_id, start_at=one.start_at),
        )
        for one in body.changes
    ]
    return await call.act(
        commit_plan.commit_plan,
        wanted,
        body.reason,
        absent=body.absent_nurse_id,
        view=views.committed_view,
    )
