"""Complaints, adverse events and follow-ups over HTTP, for those who tell of them."""

from __future__ import annotations

from uuid import UUID

from api.schemas import cases as schemas
from api.schemas.conventions import Page
from api.views import cases as views
from api.wire import Answer, Call, Routes
from dispatch import database
from dispatch.acts import open_case, settle_case
from dispatch.acts.open_case import Happening
from dispatch.errors import IllegalTransition, RuleRefused
from dispatch.records import cases

routes = Routes()


@routes.post(
    "/v1/orders/{id}/complaint",
    body=schemas.Complain,
    answer=schemas.Case,
    status=201,
    raises=(RuleRefused,),
    conditional=False,
)
async def complain(call: Call, body: schemas.Complain) -> Answer:
    """Every step that follows is told to who complains."""
    return await call.act(
        open_case.complain, call.id(), body.kind, body.text, view=views.showing(call)
    )


@routes.post(
    "/v1/visits/{id}/adverse-events",
    body=schemas.ReportEvent,
    answer=schemas.Case,
    status=201,
    conditional=False,
)
async def report(call: Call, body: schemas.ReportEvent) -> Answer:
    """At any time, by either side; operators are woken."""
    return await report_event(call, body)


async def report_event(call: Call, body: schemas.ReportEvent) -> Answer:
    """An adverse event of the visit in the path, as the caller tells it."""
    return await call.act(
        open_case.report_event,
        call.id(),
        Happening(
            topic=body.kind,
            severity=body.severity,
            occurred_at=body.occurred_at,
            description=body.description,
            harm=body.harm,
            immediate_action=body.immediate_action,
            notified=body.notified,
            service_code=body.service_code,
        ),
        view=views.showing(call),
    )


@routes.get("/v1/cases", query=schemas.CaseQuery, answer=Page[schemas.Case])
async def list_own(call: Call, query: schemas.CaseQuery) -> Page[schemas.Case]:
    """What the caller has told of, and for patients their follow-ups; newest first."""
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        found = await cases.list_own(
            conn,
            call.caller.account_id,
            kind=query.kind,
            before=before,
            limit=query.limit + 1,
        )
        return views.cases_page(found, await database.now(conn), query, call)


@routes.get("/v1/cases/{id}", answer=schemas.Case)
async def get(call: Call) -> Answer:
    return await call.act(settle_case.open_case, call.id(), view=views.showing(call))


@routes.post(
    "/v1/cases/{id}/answer",
    body=schemas.AnswerFollowUp,
    answer=schemas.Case,
    raises=(IllegalTransition,),
)
async def answer(call: Call, body: schemas.AnswerFollowUp) -> Answer:
    """How the patient is: who is well needs no call, who has signs gets it sooner."""
    return await call.act(
        settle_case.answer,
        call.id(),
        body.signs,
        body.text,
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post(
    "/v1/cases/{id}/dispute",
    body=schemas.DisputeCase,
    answer=schemas.Case,
    raises=(IllegalTransition,),
)
async def dispute(call: Call, body: schemas.DisputeCase) -> Answer:
    return await call.act(
        settle_case.dispute,
        call.id(),
        body.text,
        version=call.if_match,
        view=views.showing(call),
    )
