"""A nurse's visits for her own calendar program (RFC 5545), by an address only she was told.

The address opens no sealed field: what, when and in which county. Who and where stands in the app.
"""

from __future__ import annotations

from typing import Final

from api.schemas import calendar as schemas
from api.schemas.conventions import Empty
from api.views import calendar as views
from api.wire import Answer, Call, Routes
from dispatch.acts import keep_calendar
from dispatch.database import Caller
from dispatch.errors import NotFound

routes = Routes()

PATH: Final = "/v1/nurse/calendar.ics"
TYPE: Final = "text/calendar"


@routes.get(PATH, query=schemas.CalendarQuery, media_type=TYPE, raises=(NotFound,))
async def get(call: Call, query: schemas.CalendarQuery) -> Answer:
    """404 once she has ended the address or asked for another one."""
    async with call.pool.read(Caller.clock(call.caller.request_id)) as conn:
        booked = await keep_calendar.list_visits(conn, query.token)
    return Answer(body=views.calendar(booked, call), content_type=f"{TYPE}; charset=utf-8")


@routes.put("/v1/nurse/calendar", body=Empty, answer=schemas.CalendarLink)
async def make(call: Call, body: Empty) -> schemas.CalendarLink:
    token = await keep_calendar.make_link(call.pool, call.caller)
    return schemas.CalendarLink(url=f"{call.settings.public_url or ''}{PATH}?token={token}")


@routes.delete("/v1/nurse/calendar", status=204)
async def end(call: Call) -> None:
    await keep_calendar.end_link(call.pool, call.caller)
