"""Flags on patients and addresses over HTTP: proposed, decided, appealed, read."""

from __future__ import annotations

from uuid import UUID

from api.schemas import flags as schemas
from api.schemas.conventions import Page, PageQuery
from api.views.flags import flags_page, showing
from api.wire import Answer, Call, Routes
from dispatch.acts import flag_danger, open_flags
from dispatch.acts.flag_danger import Danger
from dispatch.errors import IllegalTransition, SecondPersonNeeded

routes = Routes()


@routes.post(
    "/v1/visits/{id}/flags",
    body=schemas.FlagVisit,
    answer=schemas.Flag,
    status=201,
    conditional=False,
)
async def flag_visit(call: Call, body: schemas.FlagVisit) -> Answer:
    danger = Danger(
        kind=body.kind.value,
        conditions=body.conditions,
        words=body.words,
        evidence=body.evidence,
        of_address=body.of_address,
    )
    return await call.act(flag_danger.flag_visit, call.id(), danger, view=showing(call))


@routes.post(
    "/v1/ops/patients/{id}/flags",
    body=schemas.FlagPatient,
    answer=schemas.Flag,
    status=201,
    conditional=False,
)
async def flag_patient(call: Call, body: schemas.FlagPatient) -> Answer:
    danger = Danger(kind=body.kind.value, conditions=body.conditions, words=body.words)
    return await call.act(
        flag_danger.flag_patient, call.id(), danger, body.address_id, view=showing(call)
    )


@routes.get("/v1/ops/flags", query=schemas.FlagQuery, answer=Page[schemas.Flag])
async def list_all(call: Call, query: schemas.FlagQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    return await call.act(
        open_flags.open_flags,
        state=query.state,
        before=before,
        limit=query.limit + 1,
        view=lambda conn, found: flags_page(conn, found, query, call),
    )


@routes.get("/v1/patients/{id}/flags", query=PageQuery, answer=Page[schemas.Flag])
async def list_of_patient(call: Call, query: PageQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    return await call.act(
        open_flags.open_flags,
        patient_id=call.id(),
        before=before,
        limit=query.limit + 1,
        view=lambda conn, found: flags_page(conn, found, query, call),
    )


@routes.post(
    "/v1/ops/flags/{id}/confirm",
    body=schemas.ConfirmFlag,
    answer=schemas.Flag,
    raises=(IllegalTransition, SecondPersonNeeded),
)
async def confirm(call: Call, body: schemas.ConfirmFlag) -> Answer:
    return await call.act(
        flag_danger.confirm_flag,
        call.id(),
        body.reason,
        conditions=body.conditions,
        valid_days=body.valid_days,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/flags/{id}/reject",
    body=schemas.RejectFlag,
    answer=schemas.Flag,
    raises=(IllegalTransition, SecondPersonNeeded),
)
async def reject(call: Call, body: schemas.RejectFlag) -> Answer:
    return await call.act(
        flag_danger.reject_flag,
        call.id(),
        body.reason,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/flags/{id}/appeal",
    body=schemas.AppealFlag,
    answer=schemas.Flag,
    raises=(IllegalTransition,),
)
async def appeal(call: Call, body: schemas.AppealFlag) -> Answer:
    return await call.act(
        flag_danger.appeal_flag, call.id(), body.words, version=call.if_match, view=showing(call)
    )
