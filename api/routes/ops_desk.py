"""Orders over HTTP for operators: find, open, place for a patient, cancel."""

from __future__ import annotations

from uuid import UUID

from api import reference
from api.routes.orders import page_of_orders, wish_of
from api.schemas import orders as schemas
from api.schemas.conventions import Page, PageQuery
from api.views import timeline
from api.views.orders import showing
from api.wire import Answer, Call, Routes
from dispatch.acts import change_order, find_orders, place_order
from dispatch.acts.find_orders import Search
from dispatch.errors import IllegalTransition, RuleRefused

routes = Routes()


@routes.get("/v1/ops/orders", query=schemas.OpsOrderQuery, answer=Page[schemas.Order])
async def list_orders(call: Call, query: schemas.OpsOrderQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    return await call.act(
        find_orders.find_orders,
        Search(
            state=query.state,
            county=query.county,
            q=query.q,
            before=before,
            limit=query.limit + 1,
        ),
        view=lambda conn, found: page_of_orders(conn, found, query, call),
    )


@routes.get("/v1/ops/orders/{id}", answer=schemas.OpsOrder)
async def get(call: Call) -> Answer:
    return await call.act(find_orders.open_order, call.id(), view=showing(call))


@routes.get("/v1/ops/orders/{id}/timeline", query=PageQuery, answer=Page[schemas.TimelineEvent])
async def tell_timeline(call: Call, query: PageQuery) -> Answer:
    return await call.act(
        find_orders.open_timeline,
        call.id(),
        view=lambda conn, order: timeline.timeline_page(conn, order, query, call),
    )


@routes.post(
    "/v1/ops/orders",
    body=schemas.PlaceOrderFor,
    answer=schemas.OpsOrder,
    status=201,
    raises=(RuleRefused,),
)
async def place(call: Call, body: schemas.PlaceOrderFor) -> Answer:
    return await call.act(
        place_order.place_order,
        reference.consent_texts(),
        wish_of(body, call),
        channel=body.channel.value,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/orders/{id}/cancel",
    body=schemas.CancelOrder,
    answer=schemas.OpsOrder,
    raises=(IllegalTransition,),
)
async def cancel(call: Call, body: schemas.CancelOrder) -> Answer:
    return await call.act(
        change_order.cancel_order,
        call.id(),
        reason=body.reason,
        version=call.if_match,
        view=showing(call),
    )
