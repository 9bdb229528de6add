"""The operators' board, a nurse's day, and the steps that an operator takes for a nurse."""

from __future__ import annotations

from typing import Final

from api.schemas import visits as schemas
from api.views.alarms import alarm_view
from api.views.days import day_view
from api.views.orders import order_views
from api.views.visits import showing
from api.wire import Answer, Call, Routes
from dispatch import database
from dispatch.acts import end_visit, open_visits
from dispatch.errors import IllegalTransition
from dispatch.records import alarms, board, orders, visits
from dispatch.records.board import Pin
from matching.inputs import local_date

routes = Routes()

ALARMS_MAX: Final = 200
AT_RISK_MAX: Final = 100
NURSES_MAX: Final = 5_000


@routes.get("/v1/ops/board", answer=schemas.Board)
async def show(call: Call) -> schemas.Board:
    """How things stand, in one transaction; it opens nothing that is sealed."""
    async with call.read() as conn:
        return schemas.Board(
            now=await database.now(conn),
            orders=await orders.count_by_state(conn),
            visits=await visits.count_by_state(conn),
            alarms=[alarm_view(each, call) for each in await alarms.list_open(conn, ALARMS_MAX)],
            at_risk=await order_views(conn, await orders.list_at_risk(conn, AT_RISK_MAX), call),
            nurses=[
                _nurse(pin, call)
                for pin in await board.list_pins(conn, call.caller.institution_id, NURSES_MAX)
            ],
        )


def _nurse(pin: Pin, call: Call) -> schemas.BoardNurse:
    return schemas.BoardNurse(
        id=pin.id,
        state=pin.state,
        visit_id=pin.visit_id,
        location=call.place(pin.lat, pin.lng),
        recorded_at=pin.recorded_at,
    )


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
    "/v1/ops/visits/{id}/complete",
    body=schemas.EndForHer,
    answer=schemas.Visit,
    raises=(IllegalTransition,),
)
async def complete(call: Call, body: schemas.EndForHer) -> Answer:
    return await _end(call, "complete", body)
