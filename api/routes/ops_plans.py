"""Operators plan a day of booked visits anew, see what that would change, and commit it."""

from __future__ import annotations

from typing import Final

from api.schemas import plans as schemas
from api.schemas.conventions import Page, PageQuery, slice_page
from api.views import plans as views
from api.wire import Answer, Call, Routes
from dispatch import day_proposals
from dispatch.acts import commit_plan
from dispatch.acts.commit_plan import Wanted
from dispatch.errors import IllegalTransition, NurseBusy, PlanRefused, StaleVersion
from dispatch.records import nurses
from matching.exchange import Seat

routes = Routes()

PLANS_MAX: Final = 200


@routes.get("/v1/ops/plans", query=PageQuery, answer=Page[schemas.StandingPlan])
async def list_standing(call: Call, query: PageQuery) -> Page[schemas.StandingPlan]:
    """What planning the booked days anew proposes by itself, for those who see all institutions:
    days to whose visits somebody comes late first, then by day."""
    async with call.read() as conn:
        standing = await day_proposals.list_standing(conn, PLANS_MAX)
        made, by_id = await day_proposals.show(conn, standing)
    rows = list(zip(standing, made, strict=True))
    return slice_page(rows, query, lambda row: views.standing_view(*row, by_id))


@routes.post("/v1/ops/plans", body=schemas.PlanRequest, answer=schemas.Plan)
async def plan(call: Call, body: schemas.PlanRequest) -> schemas.Plan:
    """Nothing is moved before it is committed."""
    made = await day_proposals.plan(
        call.read, body.date, body.county, change_min=body.change_min, absent=body.absent_nurse_id
    )
    concerned = {move.seat.nurse_id for move in made.moves}
    concerned |= {visit.nurse_id for visit in (*(move.visit for move in made.moves), *made.nobody)}
    async with call.read() as conn:
        by_id = {nurse.id: nurse for nurse in await nurses.list_of_ids(conn, concerned)}
    return views.plan_view(body.date, body.county, made, by_id)


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
