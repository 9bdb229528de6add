"""Alarms over HTTP for the people who take them up."""

from __future__ import annotations

from uuid import UUID

from api.schemas import alarms as schemas
from api.schemas.conventions import Empty, Page
from api.views.alarms import alarms_page, showing
from api.wire import Answer, Call, Routes
from dispatch.acts import open_visits, raise_alarm
from dispatch.errors import IllegalTransition

routes = Routes()


@routes.get("/v1/ops/alarms", query=schemas.AlarmQuery, answer=Page[schemas.Alarm])
async def list_alarms(call: Call, query: schemas.AlarmQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    return await call.act(
        open_visits.open_alarms,
        state=query.state,
        before=before,
        limit=query.limit + 1,
        view=lambda conn, found: alarms_page(conn, found, query, call),
    )


@routes.post("/v1/ops/alarms/{id}/acknowledge", answer=schemas.Alarm, raises=(IllegalTransition,))
async def acknowledge(call: Call, body: Empty) -> Answer:
    return await call.act(
        raise_alarm.acknowledge, call.id(), version=call.if_match, view=showing(call)
    )


@routes.post(
    "/v1/ops/alarms/{id}/resolve",
    body=schemas.ResolveAlarm,
    answer=schemas.Alarm,
    raises=(IllegalTransition,),
)
async def resolve(call: Call, body: schemas.ResolveAlarm) -> Answer:
    return await call.act(
        raise_alarm.resolve, call.id(), body.note, version=call.if_match, view=showing(call)
    )
