"""Who has worked how much, over HTTP: a nurse's own months, and staff's report of all."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from aiohttp import hdrs, web

from api.routes.reports import CSV_TYPE, csv_lines
from api.schemas import reports as schemas
from api.schemas.conventions import cursor
from api.wire import Answer, Call, Routes
from dispatch.acts import go_on_duty, open_workloads
from dispatch.acts.open_workloads import After, Fairness
from dispatch.database import Connection
from dispatch.enrolment import STAFF_NO_MAX
from dispatch.errors import InvalidFields
from dispatch.records import nurse_shares
from dispatch.records.nurse_shares import NurseShare
from dispatch.records.workloads import Workload

routes = Routes()

BATCH: Final = 500
CELLS: Final = tuple(schemas.WorkloadView.model_fields)


@routes.get("/v1/nurse/statistics", query=schemas.StatisticsQuery, answer=schemas.Statistics)
async def own(call: Call, query: schemas.StatisticsQuery) -> schemas.Statistics:
    async with call.read() as conn:
        found = await open_workloads.list_own(conn, query.from_, query.to)
        line = await nurse_shares.find(conn, go_on_duty.own_id(conn))
    return schemas.Statistics(
        items=[schemas.MonthView(**_month(one)) for one in found],
        share=None if line is None else _share(line),
    )


@routes.get(
    "/v1/ops/reports/workload",
    query=schemas.WorkloadQuery,
    answer=schemas.WorkloadReport,
    also_types=(CSV_TYPE,),
)
async def tell(call: Call, query: schemas.WorkloadQuery) -> Answer | web.StreamResponse:
    """Every nurse's months, and how evenly the work is spread."""
    if query.format == "csv":
        return await _file(call, query)

    async def view(_: Connection, found: tuple[list[Workload], Fairness]) -> schemas.WorkloadReport:
        rows, fairness = found
        told = rows[: query.limit]
        last = told[-1] if len(rows) > len(told) else None
        return schemas.WorkloadReport(
            items=[_row(one) for one in told],
            next_cursor=cursor(last.month_on.isoformat(), last.staff_no, last.institution_id)
            if last
            else None,
            fairness=schemas.FairnessView(
                nurses=fairness.nurses,
                visits_gini=_rounded(fairness.visits_gini),
                income_gini=_rounded(fairness.income_gini),
            ),
        )

    return await call.act(
        open_workloads.open_workloads,
        since=query.from_,
        until=query.to,
        after=_after(query),
        limit=query.limit + 1,
        view=view,
    )


async def _file(call: Call, query: schemas.WorkloadQuery) -> web.StreamResponse:
    """Batch by batch, so that no transaction and no memory grows with the time asked for."""
    after: After | None = None
    answer: web.StreamResponse | None = None
    name = f"workload_{query.from_:%Y%m%d}_{query.to:%Y%m%d}.csv"
    headers = {
        hdrs.CONTENT_TYPE: f"{CSV_TYPE}; charset=utf-8",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    while True:
        found, _ = await open_workloads.open_workloads(
            call.pool, call.caller, since=query.from_, until=query.to, after=after, limit=BATCH
        )
        rows = [[getattr(view, cell) for cell in CELLS] for view in map(_row, found)]
        if answer is None:
            if call.request.method == "HEAD":
                return web.Response(headers=headers)
            answer = web.StreamResponse(headers=headers)
            await answer.prepare(call.request)
            await answer.write(csv_lines([CELLS, *rows]))
        elif rows:
            await answer.write(csv_lines(rows))
        if len(found) < BATCH:
            await answer.write_eof()
            return answer
        after = _place(found[-1])


def _after(query: schemas.WorkloadQuery) -> After | None:
    given = query.after(str, int, UUID)
    if given is None:
        return None
    month, staff_no, institution_id = given
    try:
        if not 1 <= staff_no <= STAFF_NO_MAX:
            raise ValueError
        return date.fromisoformat(month), staff_no, institution_id
    except ValueError:
        raise InvalidFields((("query", "cursor"), "cursor")) from None


def _cursor(row: Workload) -> str:
    return cursor(row.month_on.isoformat(), row.staff_no, row.institution_id)


def _place(row: Workload) -> After:
    return row.month_on, row.staff_no, row.institution_id


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _share(line: NurseShare) -> schemas.ShareView:
    return schemas.ShareView(
        hours=round(line.share.hours, 1),
        offers=round(line.share.offers, 1),
        paid_min=round(line.share.paid_min, 1),
        ahead_percent=round(100 * line.ahead),
        until=line.until,
    )


def _row(row: Workload) -> schemas.WorkloadView:
    return schemas.WorkloadView(
        **_month(row), nurse_id=row.nurse_id, staff_no=row.staff_no, nurse_name=row.nurse_name
    )


def _month(row: Workload) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in schemas.MonthView.model_fields if name != "month"}
    return {"month": f"{row.month_on:%Y-%m}", **told}
