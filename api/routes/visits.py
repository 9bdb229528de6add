"""Visits over HTTP for the nurses who run them: see, step, record, tell where, call for help."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from api import reading
from api.reading import Unreadable
from api.schemas import visits as schemas
from api.schemas.alarms import Pressed
from api.schemas.conventions import Page, PageQuery
from api.views.visits import record_view, records_page, showing, visits_page
from api.wire import Answer, Call, Raw, Routes
from dispatch.acts import keep_record, open_visits, raise_alarm, report_positions, run_visit
from dispatch.acts.keep_record import Entry
from dispatch.acts.report_positions import Point, Taken
from dispatch.bedside import DoorCheck
from dispatch.database import Connection
from dispatch.errors import (
    IllegalTransition,
    NotEligible,
    OutsideGeofence,
    RecordIncomplete,
    RecordLocked,
    RequestInProgress,
    RetryKeyReused,
    RuleRefused,
)
from dispatch.evidence import Report
from dispatch.records.alarms import Alarm

routes = Routes()

SOS: Final = Raw(
    limit_bytes=4096,
    lenient=True,
    schema={
        "type": "object",
        "description": "Whatever the phone knows; nothing in it is refused, all of it is kept.",
        "properties": {
            "location": {"type": "object"},
            "at": {"type": "string"},
        },
    },
)


def _report(said: schemas.Located) -> Report:
    lat, lng = said.location.wgs84()
    return Report(
        at=said.at,
        lat=lat,
        lng=lng,
        accuracy_m=said.accuracy_m,
        is_mocked=said.mock_location,
        device_id=said.device_id,
    )


@routes.get("/v1/nurse/visits", query=schemas.VisitQuery, answer=Page[schemas.Visit])
async def list_own(call: Call, query: schemas.VisitQuery) -> Answer:
    return await call.act(
        open_visits.list_own,
        since=query.from_,
        until=query.to,
        before=query.after(datetime, UUID),
        limit=query.limit + 1,
        view=lambda conn, found: visits_page(conn, found, query, call),
    )


@routes.get("/v1/visits/{id}", answer=schemas.Visit)
async def get(call: Call) -> Answer:
    return await call.act(open_visits.open_visit, call.id(), view=showing(call))


@routes.post(
    "/v1/visits/{id}/depart",
    body=schemas.Depart,
    answer=schemas.Visit,
    raises=(IllegalTransition, NotEligible),
)
async def depart(call: Call, body: schemas.Depart) -> Answer:
    return await call.act(
        run_visit.depart,
        call.id(),
        _report(body),
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/visits/{id}/arrive",
    body=schemas.Arrive,
    answer=schemas.Visit,
    raises=(IllegalTransition, NotEligible, OutsideGeofence),
)
async def arrive(call: Call, body: schemas.Arrive) -> Answer:
    return await call.act(
        run_visit.arrive,
        call.id(),
        _report(body),
        body.override_reason,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/visits/{id}/start",
    body=schemas.Start,
    answer=schemas.Visit,
    raises=(IllegalTransition, RuleRefused),
)
async def start(call: Call, body: schemas.Start) -> Answer:
    return await call.act(
        run_visit.start,
        call.id(),
        Report(at=body.at),
        check=_door_check(body.door_check),
        version=call.if_match,
        view=showing(call),
    )


def _door_check(body: schemas.DoorCheck | None) -> DoorCheck | None:
    if body is None:
        return None
    return DoorCheck(
        outcome=body.outcome,
        checks=body.checks,
        found=body.found,
        family_present=body.family_present,
        note=body.note,
    )


@routes.post(
    "/v1/visits/{id}/complete",
    body=schemas.Complete,
    answer=schemas.Visit,
    raises=(IllegalTransition, RecordIncomplete),
)
async def complete(call: Call, body: schemas.Complete) -> Answer:
    return await call.act(
        run_visit.complete,
        call.id(),
        _report(body),
        body.summary,
        early_reason=body.early_reason,
        signature=body.signature.model_dump() if body.signature else None,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/visits/{id}/abort",
    body=schemas.Abort,
    answer=schemas.Visit,
    raises=(IllegalTransition,),
)
async def abort(call: Call, body: schemas.Abort) -> Answer:
    return await call.act(
        run_visit.abort,
        call.id(),
        Report(at=body.at),
        body.reason,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/visits/{id}/release",
    body=schemas.Release,
    answer=schemas.Visit,
    raises=(IllegalTransition,),
)
async def release(call: Call, body: schemas.Release) -> Answer:
    return await call.act(
        run_visit.release, call.id(), body.reason, version=call.if_match, view=showing(call)
    )


@routes.post(
    "/v1/visits/{id}/records",
    body=schemas.KeepRecord,
    answer=schemas.Record,
    status=201,
    also=(200,),
    raises=(IllegalTransition, RecordLocked),
    conditional=False,
)
async def keep(call: Call, body: schemas.KeepRecord) -> Answer:
    """201, or 200 and the first one if the phone sends it again."""
    return await call.act(
        keep_record.keep_record,
        call.id(),
        Entry(
            client_id=body.client_id,
            kind=body.kind.value,
            data=dict(body.data),
            recorded_at=body.recorded_at,
        ),
        view=record_view,
        status=lambda kept: 201 if kept[1] else 200,
    )


@routes.get("/v1/visits/{id}/records", query=PageQuery, answer=Page[schemas.Record])
async def list_records(call: Call, query: PageQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    return await call.act(
        open_visits.open_records,
        call.id(),
        before=before,
        limit=query.limit + 1,
        view=lambda conn, found: records_page(conn, found, query),
    )


@routes.get("/v1/patients/{id}/records", query=PageQuery, answer=Page[schemas.Record])
async def list_records_of_patient(call: Call, query: PageQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    return await call.act(
        open_visits.open_records_of_patient,
        call.id(),
        before=before,
        limit=query.limit + 1,
        view=lambda conn, found: records_page(conn, found, query),
    )


@routes.post(
    "/v1/nurse/positions",
    body=schemas.ReportPositions,
    answer=schemas.PositionsTaken,
    status=202,
)
async def report(call: Call, body: schemas.ReportPositions) -> Answer:
    return await call.act(
        report_positions.report_positions, [_point(each) for each in body.points], view=_taken
    )


def _point(given: schemas.PositionPoint) -> Point:
    lat, lng = given.location.wgs84()
    return Point(lat=lat, lng=lng, recorded_at=given.recorded_at, accuracy_m=given.accuracy_m)


async def _taken(_: Connection, taken: Taken) -> schemas.PositionsTaken:
    return schemas.PositionsTaken(accepted=taken.accepted, ignored=taken.ignored)


@routes.post("/v1/visits/{id}/sos", body=SOS, answer=Pressed, status=201)
async def press(call: Call, body: bytes) -> Answer:
    """Nothing that was sent is a reason to refuse, a retry key that was used otherwise neither."""
    payload = _payload(body)
    try:
        return await _press(call, payload)
    except (RetryKeyReused, RequestInProgress):
        return await _press(replace(call, caller=replace(call.caller, retry=None)), payload)


async def _press(call: Call, payload: dict[str, Any]) -> Answer:
    return await call.act(raise_alarm.press, call.id(), payload, view=_pressed)


def _payload(body: bytes) -> dict[str, Any]:
    """What was sent: an object as it is, anything else under a name."""
    try:
        value = reading.parse_json(body)
    except Unreadable:
        return {"unreadable": body.decode("utf-8", "replace").replace("\0", "�")}
    return value if isinstance(value, dict) else {"value": value}


async def _pressed(_: Connection, alarm: Alarm) -> Pressed:
    return Pressed(
        alarm_id=alarm.id, raised_at=alarm.raised_at, level=alarm.level, state=alarm.state
    )
