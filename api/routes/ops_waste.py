"""Medical waste over HTTP: what is out, who receives it, why some does not come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.schemas import waste as schemas
from api.schemas.conventions import Page
from api.views import waste as views
from api.wire import Answer, Call, Routes
from dispatch import database
from dispatch.acts import return_waste
from dispatch.errors import AlreadySettled, RuleRefused
from dispatch.records import waste_returns

routes = Routes()


@routes.get("/v1/ops/waste", query=schemas.WasteQuery, answer=Page[schemas.Waste])
async def list_out(call: Call, query: schemas.WasteQuery) -> Page[schemas.Waste]:
    """What visits have left to be brought back, soonest due first."""
    after = query.after(datetime, UUID)
    async with call.read() as conn:
        found = await waste_returns.list_out(
            conn,
            overdue=query.state == "late",
            institution_id=call.caller.institution_id,
            after=None if after is None else (after[0], after[1]),
            limit=query.limit + 1,
        )
        return views.waste_page(found, await database.now(conn), query, call)


@routes.post(
    "/v1/ops/visits/{id}/waste/receive",
    body=schemas.ReceiveWaste,
    answer=schemas.Waste,
    raises=(AlreadySettled, RuleRefused),
)
async def receive(call: Call, body: schemas.ReceiveWaste) -> Answer:
    """By category, by a named person; the visit is closed with it."""
    return await call.act(
        return_waste.receive_waste,
        call.id(),
        {one.category: one.containers for one in body.items},
        body.received_by,
        body.at,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post(
    "/v1/ops/visits/{id}/waste/excuse",
    body=schemas.ExcuseWaste,
    answer=schemas.Waste,
    raises=(AlreadySettled,),
)
async def excuse(call: Call, body: schemas.ExcuseWaste) -> Answer:
    return await call.act(
        return_waste.excuse_waste,
        call.id(),
        body.reason,
        body.note,
        version=call.if_match,
        view=views.showing(call),
    )
