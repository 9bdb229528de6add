"""A nurse's own decisions over HTTP: why she was asked for an order nearby, or was not."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from api.schemas import dispatch as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.views.decisions import nurse_decision
from api.wire import Call, Routes
from dispatch.acts import go_on_duty
from dispatch.records import decisions

routes = Routes()

DAYS: Final = 7
# Decisions that are looked at for a page: most of a large town's were not near her.
LOOKED_MAX: Final = 300


@routes.get("/v1/nurse/decisions", query=PageQuery, answer=Page[schemas.NurseDecision])
async def list_own(call: Call, query: PageQuery) -> Page[schemas.NurseDecision]:
    """Of the last seven days, newest first. A page may hold fewer than asked for and go on."""
    before = query.after(datetime, UUID)
    async with call.read() as conn:
        nurse_id = go_on_duty.own_id(conn)
        async with conn.as_clock():
            looked = await decisions.list_of_nurse(
                conn,
                nurse_id,
                days=DAYS,
                before=None if before is None else (before[0], before[1]),
                limit=LOOKED_MAX,
            )
    items: list[schemas.NurseDecision] = []
    for number, glance in enumerate(looked, start=1):
        if glance.line is not None:
            items.append(nurse_decision(glance, glance.line, call))
        if (len(items) == query.limit and number < len(looked)) or number == LOOKED_MAX:
            return Page(items=items, next_cursor=cursor(glance.at, glance.order_id))
    return Page(items=items, next_cursor=None)
