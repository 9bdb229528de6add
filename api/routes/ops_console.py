"""What a dispatcher's console needs at once: map, days, and giving a visit to another nurse."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from api.schemas import console as schemas
from api.schemas.conventions import Page, cursor
from api.schemas.visits import Visit
from api.views import console as views
from api.views.visits import showing
from api.wire import Answer, Call, Routes
from dispatch import database
from dispatch.acts import open_visits, reassign_visit
from dispatch.errors import IllegalTransition, NotEligible, NurseBusy
from dispatch.records import board
from matching.inputs import local_date, local_midnight

routes = Routes()

MAP_ORDERS_MAX: Final = 3_000


@routes.get("/v1/ops/map", answer=schemas.OpsMap)
async def show_map(call: Call) -> Answer:
    """Where living orders are, to about 500 m."""
    return await call.act(
        open_visits.open_map,
        MAP_ORDERS_MAX,
        view=lambda conn, pins: views.map_view(conn, pins, call),
    )


@routes.get("/v1/ops/days", query=schemas.DaysQuery, answer=Page[schemas.Lane])
async def list_days(call: Call, query: schemas.DaysQuery) -> Page[schemas.Lane]:
    """The day of every nurse who has visits then, by staff number; without a date today."""
    (after,) = query.after(int) or (0,)
    async with call.read() as conn:
        on = query.date or local_date(await database.now(conn))
        since, until = local_midnight(on), local_midnight(on + timedelta(days=1))
        found = await board.list_on_day(
            conn,
            since,
            until,
            institution_id=call.caller.institution_id,
            after=after,
            q=query.q,
            limit=query.limit + 1,
        )
        told = found[: query.limit]
        return Page(
            items=await views.lanes(conn, told, since, until, call),
            next_cursor=cursor(told[-1].staff_no) if len(found) > len(told) else None,
        )


@routes.post(
    "/v1/ops/visits/{id}/reassign/preview",
    body=schemas.WhatIf,
    answer=schemas.Prospect,
    conditional=False,
)
async def preview_reassign(call: Call, body: schemas.WhatIf) -> schemas.Prospect:
    """What it would mean if that nurse went instead. Nothing is changed."""
    async with call.read() as conn:
        prospect = await reassign_visit.preview(conn, call.id(), body.nurse_id)
    return views.prospect_view(prospect, call)


@routes.post(
    "/v1/ops/visits/{id}/reassign",
    body=schemas.Reassign,
    answer=Visit,
    raises=(IllegalTransition, NotEligible, NurseBusy),
)
async def reassign(call: Call, body: schemas.Reassign) -> Answer:
    """The answer is the visit of the nurse who goes now."""
    return await call.act(
        reassign_visit.reassign_visit,
        call.id(),
        body.nurse_id,
        body.reason,
        version=call.if_match,
        view=showing(call),
    )
