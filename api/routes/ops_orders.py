"""What operators do with orders that wait: assess, see who was considered, assign, start over."""

from __future__ import annotations

from api.schemas import dispatch as schemas
from api.schemas.conventions import PageQuery
from api.schemas.orders import OpsOrder
from api.views.candidates import candidates_view
from api.views.orders import showing
from api.wire import Answer, Call, Routes
from dispatch.acts import assess_order, intervene
from dispatch.errors import IllegalTransition, NotEligible, NurseBusy, RuleRefused
from dispatch.records import orders

routes = Routes()


@routes.get("/v1/ops/orders/{id}/candidates", query=PageQuery, answer=schemas.Candidates)
async def list_candidates(call: Call, query: PageQuery) -> schemas.Candidates:
    async with call.read() as conn:
        order = await orders.get(conn, call.id())
        return await candidates_view(conn, order, query, call)


@routes.post(
    "/v1/ops/orders/{id}/assess",
    body=schemas.AssessOrder,
    answer=OpsOrder,
    raises=(IllegalTransition, RuleRefused),
)
async def assess(call: Call, body: schemas.AssessOrder) -> Answer:
    return await call.act(
        assess_order.assess_order,
        call.id(),
        body.decision,
        body.note,
        risk=body.risk,
        outcome=body.outcome,
        conditions=body.conditions,
        checklist=body.checklist,
        overrides=body.overrides,
        findings=body.findings,
        has_capacity=body.has_capacity,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/orders/{id}/assign",
    body=schemas.AssignOrder,
    answer=OpsOrder,
    raises=(IllegalTransition, NurseBusy, NotEligible),
)
async def assign(call: Call, body: schemas.AssignOrder) -> Answer:
    return await call.act(
        intervene.assign_order,
        call.id(),
        body.nurse_id,
        body.reason,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/orders/{id}/redispatch",
    body=schemas.Redispatch,
    answer=OpsOrder,
    raises=(IllegalTransition,),
)
async def redispatch(call: Call, body: schemas.Redispatch) -> Answer:
    return await call.act(
        intervene.redispatch_order,
        call.id(),
        body.reason,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/orders/{id}/hold",
    body=schemas.Reasoned,
    answer=OpsOrder,
    raises=(IllegalTransition,),
)
async def hold(call: Call, body: schemas.Reasoned) -> Answer:
    return await call.act(
        intervene.hold_order,
        call.id(),
        body.reason,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/orders/{id}/reopen",
    body=schemas.Reasoned,
    answer=OpsOrder,
    raises=(IllegalTransition,),
)
async def reopen(call: Call, body: schemas.Reasoned) -> Answer:
    return await call.act(
        intervene.reopen_order,
        call.id(),
        body.reason,
        version=call.if_match,
        view=showing(call),
    )
