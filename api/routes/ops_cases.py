"""Cases over HTTP for the operators who see to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.policy import Permission
from api.routes.cases import report_event
from api.schemas import cases as schemas
from api.schemas.conventions import Empty, Page
from api.views import cases as views
from api.wire import Answer, Call, Routes
from dispatch import database
from dispatch.acts import settle_case
from dispatch.errors import Forbidden, IllegalTransition, NothingHeld
from dispatch.lifecycles import Role
from dispatch.records import cases

routes = Routes()


@routes.get("/v1/ops/cases", query=schemas.CaseQueueQuery, answer=Page[schemas.Case])
async def list_cases(call: Call, query: schemas.CaseQueueQuery) -> Page[schemas.Case]:
    """What waits for a person, soonest due first; what is settled, newest first."""
    async with call.read() as conn:
        now = await database.now(conn)
        if query.state == "settled":
            (before,) = query.after(UUID) or (None,)
            found = await cases.list_settled(
                conn,
                kind=query.kind,
                severity=query.severity,
                before=before,
                limit=query.limit + 1,
            )
            return views.cases_page(found, now, query, call)
        after = query.after(datetime, UUID)
        found = await cases.list_queue(
            conn,
            kind=query.kind,
            severity=query.severity,
            late=query.state == "late",
            after=None if after is None else (after[0], after[1]),
            limit=query.limit + 1,
        )
        return views.cases_page(found, now, query, call, by_due=True)


@routes.get("/v1/ops/cases/{id}", answer=schemas.Case)
async def get(call: Call) -> Answer:
    return await call.act(settle_case.open_case, call.id(), view=views.showing(call))


@routes.post(
    "/v1/ops/visits/{id}/adverse-events",
    body=schemas.ReportEvent,
    answer=schemas.Case,
    status=201,
    conditional=False,
)
async def report(call: Call, body: schemas.ReportEvent) -> Answer:
    return await report_event(call, body)


@routes.post("/v1/ops/cases/{id}/take-up", answer=schemas.Case, raises=(IllegalTransition,))
async def take_up(call: Call, body: Empty) -> Answer:
    return await call.act(
        settle_case.take_up, call.id(), version=call.if_match, view=views.showing(call)
    )


@routes.post(
    "/v1/ops/cases/{id}/tell",
    body=schemas.TellCase,
    answer=schemas.Case,
    raises=(IllegalTransition,),
)
async def tell(call: Call, body: schemas.TellCase) -> Answer:
    return await call.act(
        settle_case.tell, call.id(), body.text, version=call.if_match, view=views.showing(call)
    )


@routes.post(
    "/v1/ops/cases/{id}/settle",
    body=schemas.SettleCase,
    answer=schemas.Case,
    raises=(IllegalTransition,),
)
async def settle(call: Call, body: schemas.SettleCase) -> Answer:
    """What somebody is let off is money: it takes the permission for that as well."""
    caller = call.caller
    if (
        body.credit_fen
        and caller.role is not Role.ADMIN
        and Permission.BILLING not in caller.permissions
    ):
        raise Forbidden
    return await call.act(
        settle_case.settle,
        call.id(),
        body.outcome,
        body.text,
        credit_fen=body.credit_fen or 0,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post(
    "/v1/ops/cases/{id}/lift-hold",
    body=schemas.LiftHold,
    answer=schemas.Case,
    raises=(NothingHeld,),
)
async def lift_hold(call: Call, body: schemas.LiftHold) -> Answer:
    """Only a person lets a nurse go again, and says why."""
    return await call.act(
        settle_case.lift_hold,
        call.id(),
        body.reason,
        version=call.if_match,
        view=views.showing(call),
    )
