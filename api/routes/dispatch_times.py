"""How orders found their nurses, over HTTP: one list of lines by day, hour and service."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from aiohttp import hdrs, web

from api.routes.reports import CSV_TYPE, csv_lines
from api.schemas import reports as schemas
from api.wire import Call, Routes
from dispatch.errors import InvalidFields
from dispatch.records import dispatch_times

routes = Routes()

SPAN_MAX: Final = timedelta(days=92)
CELLS: Final = tuple(schemas.DispatchLine.model_fields)


@routes.get(
    "/v1/ops/reports/dispatch",
    query=schemas.DispatchQuery,
    answer=schemas.DispatchReport,
    also_types=(CSV_TYPE,),
)
async def tell(
    call: Call, query: schemas.DispatchQuery
) -> schemas.DispatchReport | web.StreamResponse:
    """Waits from approval to assignment, orders for which nobody was found, arrivals in time."""
    if not timedelta(0) < query.to - query.from_ <= SPAN_MAX:
        raise InvalidFields((("query", "to"), "span_too_long"))
    async with call.read() as conn:
        found = await dispatch_times.list_lines(
            conn,
            since=query.from_,
            until=query.to,
            on_time_min=conn.settings.eta_slip_min,
        )
    lines = [
        schemas.DispatchLine(**{cell: getattr(line, cell) for cell in CELLS}) for line in found
    ]
    if query.format == "json":
        return schemas.DispatchReport(items=lines)
    name = f"dispatch_{query.from_:%Y%m%d}_{query.to:%Y%m%d}.csv"
    return web.Response(
        body=csv_lines([CELLS, *([getattr(line, cell) for cell in CELLS] for line in lines)]),
        headers={
            hdrs.CONTENT_TYPE: f"{CSV_TYPE}; charset=utf-8",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            hdrs.CACHE_CONTROL: "no-store",
        },
    )
