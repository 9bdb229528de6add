"""Reports over HTTP: pages of JSON, or the whole time as one CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from aiohttp import hdrs, web

from api.schemas import reports as schemas
from api.schemas.conventions import Page, cursor
from api.wire import Answer, Call, Routes
from dispatch.acts import open_reports
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records.verifications import Mark, Verification

routes = Routes()

CSV_TYPE: Final = "text/csv"
VERIFICATION: Final = "visit-verification"
BATCH: Final = 200
# A spreadsheet takes a cell that begins like this for a formula.
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


@routes.get(
    "/v1/ops/reports/{name}",
    query=schemas.ReportQuery,
    answer=Page[schemas.VerificationView],
    also_types=(CSV_TYPE,),
    raises=(NotFound,),
)
async def tell(call: Call, query: schemas.ReportQuery) -> Answer | web.StreamResponse:
    """`visit-verification`: every visit with its six elements and what was odd."""
    if call.param("name") != VERIFICATION:
        raise NotFound
    if query.format == "csv":
        return await _file(call, query)

    async def view(_: Connection, found: list[Verification]) -> Page[schemas.VerificationView]:
        told = found[: query.limit]
        last = told[-1] if len(found) > len(told) else None
        return Page(
            items=[_verification(one, call) for one in told],
            next_cursor=cursor(last.ended_at, last.visit_id) if last else None,
        )

    return await call.act(
        open_reports.open_verifications,
        since=query.from_,
        until=query.to,
        after=_after(query.after(datetime, UUID)),
        limit=query.limit + 1,
        view=view,
    )


async def _file(call: Call, query: schemas.ReportQuery) -> web.StreamResponse:
    """Batch by batch, so that no transaction and no memory grows with the time asked for."""
    after: tuple[datetime, UUID] | None = None
    answer: web.StreamResponse | None = None
    while True:
        found = await open_reports.open_verifications(
            call.pool, call.caller, since=query.from_, until=query.to, after=after, limit=BATCH
        )
        rows = [_row(_verification(one, call)) for one in found]
        if answer is None:
            answer = web.StreamResponse(headers=_headers(query))
            if call.request.method == "HEAD":
                return web.Response(headers=_headers(query))
            await answer.prepare(call.request)
            await answer.write(csv_lines([HEADINGS, *rows]))
        elif rows:
            await answer.write(csv_lines(rows))
        if len(found) < BATCH:
            await answer.write_eof()
            return answer
        after = (found[-1].ended_at, found[-1].visit_id)


def _headers(query: schemas.ReportQuery) -> dict[str, str]:
    name = f"{VERIFICATION}_{query.from_:%Y%m%d}_{query.to:%Y%m%d}.csv"
    return {
        hdrs.CONTENT_TYPE: f"{CSV_TYPE}; charset=utf-8",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.CACHE_CONTROL: "no-store",
    }


def _after(given: tuple[Any, ...] | None) -> tuple[datetime, UUID] | None:
    return None if given is None else (given[0], given[1])


def _verification(one: Verification, call: Call) -> schemas.VerificationView:
    minutes = None
    if one.started_at is not None:
        minutes = round((one.ended_at - one.started_at) / timedelta(minutes=1))
    return schemas.VerificationView(
        visit_id=one.visit_id,
        order_id=one.order_id,
        state="completed" if one.state == "completed" else "aborted",
        end_reason=one.end_reason,
        service_codes=one.service_codes,
        service_names=[call.catalogue.get(code).name(call.language) for code in one.service_codes],
        patient_id=one.patient_id,
        patient_name_masked=one.patient_name_masked,
        county=one.county,
        institution_code=one.institution_code,
        institution_name=one.institution_name,
        staff_no=one.staff_no,
        nurse_name=one.nurse_name,
        planned_start=one.planned_start,
        planned_end=one.planned_end,
        started_at=one.started_at,
        ended_at=one.ended_at,
        minutes=minutes,
        check_in=_mark(one.check_in, call),
        check_out=_mark(one.check_out, call),
        exceptions=one.exceptions,
    )


def _mark(mark: Mark | None, call: Call) -> schemas.MarkView | None:
    if mark is None:
        return None
    is_placed = mark.lat is not None and mark.lng is not None
    return schemas.MarkView(
        at=mark.at,
        received_at=mark.received_at,
        location=call.place(mark.lat or 0.0, mark.lng or 0.0) if is_placed else None,
        accuracy_m=mark.accuracy_m,
        distance_m=mark.distance_m,
        device_id=mark.device_id,
        reason=mark.reason,
        corrected=mark.is_corrected,
    )


MARK_CELLS: Final = (
    "at",
    "received_at",
    "lat",
    "lng",
    "accuracy_m",
    "distance_m",
    "device_id",
    "reason",
    "corrected",
)
PLAIN_CELLS: Final = tuple(
    name for name in schemas.VerificationView.model_fields if name not in ("check_in", "check_out")
)
HEADINGS: Final = (
    *PLAIN_CELLS,
    *(f"{mark}_{name}" for mark in ("check_in", "check_out") for name in MARK_CELLS),
)


def _row(view: schemas.VerificationView) -> list[object]:
    told = view.model_dump(mode="json")
    cells: list[object] = [told[name] for name in PLAIN_CELLS]
    for mark in ("check_in", "check_out"):
        said = {**(told[mark] or {})}
        said |= said.get("location") or {}
        cells += [said.get(name) for name in MARK_CELLS]
    return cells


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return _cell("; ".join(map(str, value)))
        case str() if value.startswith(FORMULAS):
            return f"'{value}"
        case _:
            return str(value)


def csv_lines(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows of a CSV file, each cell so that no spreadsheet takes it for a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()
