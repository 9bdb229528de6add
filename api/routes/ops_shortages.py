"""Shortages over HTTP: orders of the coming hours that cannot all be served."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.schemas import shortages as schemas
from api.schemas.conventions import Page, page, slice_page
from api.views.shortages import shortage_view
from api.wire import Call, Routes
from dispatch.acts import watch_coverage
from dispatch.records import shortages

routes = Routes()


@routes.get("/v1/ops/shortages", query=schemas.ShortageQuery, answer=Page[schemas.Shortage])
async def list_shortages(call: Call, query: schemas.ShortageQuery) -> Page[schemas.Shortage]:
    """Those that hold, the soonest first; those that have ended, the last ended first."""
    async with call.read() as conn:
        if query.state == "open":
            rows = await shortages.list_open(conn, watch_coverage.SHORTAGES_MAX)
            return slice_page(rows, query, lambda row: shortage_view(row, call))
        before = query.after(datetime, UUID)
        rows = await shortages.list_ended(
            conn, None if before is None else (before[0], before[1]), query.limit + 1
        )
    return page(
        rows, query, lambda row: shortage_view(row, call), lambda row: (row.ended_at, row.id)
    )
