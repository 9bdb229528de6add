"""The operators' board, a nurse's day, and the steps that an operator takes for a nurse."""

from __future__ import annotations

from typing import Final

from api.policy import POLICIES
from api.schemas import visits as schemas
from api.views import board
from api.views.days import day_view
from api.views.visits import showing
from api.wire import Answer, Call, Routes
from dispatch import database
from dispatch.acts import correct_fact, end_visit, open_visits
from dispatch.errors import IllegalTransition
from matching.inputs import local_date

routes = Routes()

ALARMS: Final = POLICIES["POST", "/v1/ops/alarms/{id}/acknowledge"]


@routes.get("/v1/ops/board", answer=schemas.Board)
async def show(call: Call) -> Answer:
    """How things stand. Where an alarm was pressed is opened for those who take alarms up."""
    async with call.read() as conn:
        stand = await board.read(conn)
    pressed = [alarm for alarm in stand.alarms if alarm.payload_sealed is not None]
    presses: board.Presses = {}
    if pressed and ALARMS.admits(call.caller.role, call.caller.permissions):
        presses = await open_visits.open_presses(call.pool, call.caller, pressed)
    return await board.answer(call, stand, presses)


@routes.get("/v1/ops/nurses/{id}/day", query=schemas.DayQuery, answer=schemas.NurseDay)
async def show_day(call: Call, query: schemas.DayQuery) -> Answer:
    """Without a date it is today's."""
    on = query.date
    if on is None:
        async with call.read() as conn:
            on = local_date(await database.now(conn))
    return await call.act(
        open_visits.open_day, call.id(), on, view=lambda conn, day: day_view(conn, day, call)
    )


async def _end(call: Call, move: str, body: schemas.EndForHer) -> Answer:
    return await call.act(
        end_visit.end_for_her,
        call.id(),
        move,
        body.reason,
        body.at,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/visits/{id}/abort",
    body=schemas.EndForHer,
    answer=schemas.Visit,
    raises=(IllegalTransition,),
)
async def abort(call: Call, body: schemas.EndForHer) -> Answer:
    return await _end(call, "abort", body)


@routes.post(
    "/v1/ops/visits/{id}/miss",
    body=schemas.EndForHer,
    answer=schemas.Visit,
    raises=(IllegalTransition,),
)
async def miss(call: Call, body: schemas.EndForHer) -> Answer:
    return await _end(call, "miss", body)


@routes.post(
    "/v1/ops/visits/{id}/release",
    body=schemas.EndForHer,
    answer=schemas.Visit,
    raises=(IllegalTransition,),
)
async def release(call: Call, body: schemas.EndForHer) -> Answer:
    return await _end(call, "release", body)


@routes.post(
    "/v1/ops/visits/{id}/facts/{fact_id}/supersede",
    body=schemas.CorrectFact,
    answer=schemas.Visit,
    conditional=False,
)
async def supersede(call: Call, body: schemas.CorrectFact) -> Answer:
    """What a phone said stays as it was; a later fact takes its place."""
    return await call.act(
        correct_fact.correct_fact,
        call.id(),
        call.id("fact_id"),
        at=body.at,
        place=body.location.wgs84() if body.location else None,
        reason=body.reason,
        view=showing(call),
    )


@routes.post(
    "/v1/ops/visits/{id}/complete",
    body=schemas.EndForHer,
    answer=schemas.Visit,
    raises=(IllegalTransition,),
)
async def complete(call: Call, body: schemas.EndForHer) -> Answer:
    return await _end(call, "complete", body)
