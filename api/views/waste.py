"""Medical waste that is on its way back, as staff and its nurse see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal

from api.schemas import waste as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.wire import Call
from config import waste
from dispatch import database
from dispatch.database import Connection
from dispatch.records.waste_returns import WasteReturn


def showing(call: Call) -> Callable[[Connection, WasteReturn], Awaitable[schemas.Waste]]:
    """The `view` of an act whose result is a return of waste."""

    async def view(conn: Connection, found: WasteReturn) -> schemas.Waste:
        return waste_view(found, await database.now(conn), call)

    return view


def waste_page(
    found: Sequence[WasteReturn], now: datetime, query: PageQuery, call: Call
) -> Page[schemas.Waste]:
    """A page of what is out, soonest due first."""
    told = found[: query.limit]
    last = told[-1] if len(found) > len(told) else None
    return Page(
        items=[waste_view(one, now, call) for one in told],
        next_cursor=cursor(last.due_at, last.visit_id) if last else None,
    )


def waste_view(one: WasteReturn, now: datetime, call: Call) -> schemas.Waste:
    """What is expected of a visit, what came, and who has it."""
    listed, returned = waste.load(), one.returned or {}
    excuse = listed.excuses.get(one.excuse) if one.excuse else None
    return schemas.Waste(
        visit_id=one.visit_id,
        order_id=one.order_id,
        nurse_id=one.nurse_id,
        institution_id=one.institution_id,
        state=_state(one, now),
        version=one.version,
        categories=[
            schemas.WasteCategory(
                category=category,
                label=label.in_language(call.language),
                containers=returned.get(category),
            )
            for category, label in listed.categories.items()
            if category in one.categories or category in returned
        ],
        due_at=one.due_at,
        received_by=one.received_by,
        excuse=one.excuse,
        excuse_text=excuse.in_language(call.language) if excuse else None,
        settled_at=one.settled_at,
    )


def _state(one: WasteReturn, now: datetime) -> Literal["out", "late", "received", "excused"]:
    if one.settled_at is not None:
        return "received" if one.received_by is not None else "excused"
    return "late" if one.due_at <= now else "out"
