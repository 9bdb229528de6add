"""Assessments over HTTP: what waits for one, what was found, what needs none for now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.schemas import assessments as schemas
from api.schemas.conventions import Page, cursor
from api.schemas.orders import Order
from api.views.assessments import assessments_view, clearances_view
from api.views.orders import order_views
from api.wire import Answer, Call, Routes
from dispatch.acts import assess_order
from dispatch.records import assessments, reviews

routes = Routes()


@routes.get("/v1/ops/assessments", query=schemas.ReviewQuery, answer=Page[Order])
async def list_waiting(call: Call, query: schemas.ReviewQuery) -> Page[Order]:
    async with call.read() as conn:
        found = await reviews.list_waiting(
            conn,
            county=query.county,
            after=query.after(datetime, UUID),
            limit=query.limit + 1,
        )
        told = found[: query.limit]
        last = told[-1] if len(found) > len(told) else None
        return Page(
            items=await order_views(conn, told, call),
            next_cursor=cursor(last.promise_at, last.id) if last else None,
        )


@routes.get("/v1/ops/orders/{id}/assessments", answer=schemas.Assessments)
async def list_of_order(call: Call) -> Answer:
    return await call.act(
        assess_order.open_assessments,
        call.id(),
        view=lambda conn, found: assessments_view(conn, found, call),
    )


@routes.get("/v1/patients/{id}/clearances", answer=schemas.Clearances)
async def list_clearances(call: Call) -> schemas.Clearances:
    async with call.read() as conn:
        return clearances_view(await assessments.list_in_force(conn, [call.id()]), call)
