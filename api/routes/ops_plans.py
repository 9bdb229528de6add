"""Operators plan a day of booked visits anew, see what that would change, and commit it."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Final

from api.schemas import plans as schemas
from api.views import plans as views
from api.wire import Answer, Call, Routes
from dispatch.acts import commit_plan
from dispatch.acts.commit_plan import Wanted
from dispatch.errors import IllegalTransition, NurseBusy, PlanRefused, StaleVersion
from dispatch.records import nurses
from matching.exchange import Seat

routes = Routes()

ENGINE: Final = "dispatch.day_planning"


@routes.post("/v1/ops/plans", body=schemas.PlanRequest, answer=schemas.Plan)
async def plan(call: Call, body: schemas.PlanRequest) -> schemas.Plan:
    """Nothing is moved before it is committed."""
    await _load_engine()
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


async def _load_engine() -> None:
    """The engine of routes is large, and loaded when somebody plans for the first time.

    The first time on a machine it is compiled, for a minute: by a process of its own, since
    everybody else here would wait meanwhile. What comes of that is kept beside the modules.
    """
    if ENGINE not in sys.modules:
        compiling = await asyncio.create_subprocess_exec(sys.executable, "-m", "matching.routing")
        await compiling.wait()
        await asyncio.to_thread(importlib.import_module, ENGINE)


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
