"""Safety over HTTP: check-ins and codes of a nurse, her phone's heartbeat, emergencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from api.schemas import orders as order_schemas
from api.schemas import safety as schemas
from api.schemas import visits as visit_schemas
from api.schemas.conventions import Empty, Page
from api.views.orders import showing as showing_order
from api.views.safety import emergencies_page, showing_emergency
from api.views.visits import showing
from api.wire import Answer, Call, Routes
from dispatch.acts import check_in as acts
from dispatch.acts import declare_emergency, wait_at_door
from dispatch.acts.declare_emergency import Measures
from dispatch.database import Connection
from dispatch.errors import IllegalTransition, NotWaiting, VisitUnderWay
from dispatch.evidence import Report
from dispatch.records.safety_codes import Codes

routes = Routes()


@routes.post(
    "/v1/visits/{id}/check-in", body=schemas.CheckIn, answer=visit_schemas.Visit, conditional=False
)
async def check_in(call: Call, body: schemas.CheckIn) -> Answer:
    report = replace(_report(body), is_mocked=body.mock_location, device_id=body.device_id)
    return await call.act(acts.check_in, call.id(), report, body.code, view=showing(call))


@routes.post(
    "/v1/visits/{id}/door-attempts",
    body=schemas.TryDoor,
    answer=visit_schemas.Visit,
    raises=(IllegalTransition,),
    conditional=False,
)
async def try_door(call: Call, body: schemas.TryDoor) -> Answer:
    return await call.act(
        wait_at_door.try_door,
        call.id(),
        _report(body),
        body.kind,
        body.photo,
        view=showing(call),
    )


@routes.post("/v1/orders/{id}/resume", answer=order_schemas.Order, raises=(NotWaiting,))
async def resume(call: Call, body: Empty) -> Answer:
    """The patient was not at home when the nurse came, and is now."""
    return await call.act(
        wait_at_door.resume_search, call.id(), version=call.if_match, view=showing_order(call)
    )


@routes.post("/v1/nurse/heartbeat", body=Empty, answer=schemas.Heard)
async def tell_alive(call: Call, body: Empty) -> Answer:
    return await call.act(acts.tell_alive, view=_heard)


@routes.put("/v1/nurse/safety-codes", body=schemas.SetCodes, answer=schemas.CodesSet)
async def set_codes(call: Call, body: schemas.SetCodes) -> Answer:
    codes = Codes(code=body.code, duress_code=body.duress_code)
    return await call.act(acts.set_codes, codes, body.current_code, view=_set)


@routes.post(
    "/v1/visits/{id}/emergency",
    body=schemas.DeclareEmergency,
    answer=schemas.EmergencyReport,
    status=201,
    conditional=False,
)
async def declare(call: Call, body: schemas.DeclareEmergency) -> Answer:
    return await _declare(call, body)


@routes.post(
    "/v1/ops/visits/{id}/emergency",
    body=schemas.DeclareEmergency,
    answer=schemas.EmergencyReport,
    status=201,
    conditional=False,
)
async def declare_for_her(call: Call, body: schemas.DeclareEmergency) -> Answer:
    return await _declare(call, body)


@routes.post(
    "/v1/ops/visits/{id}/emergency/release",
    body=schemas.ReleaseRecord,
    answer=schemas.EmergencyReport,
    raises=(VisitUnderWay,),
)
async def release(call: Call, body: schemas.ReleaseRecord) -> Answer:
    return await call.act(
        declare_emergency.release_record,
        call.id(),
        body.reason,
        version=call.if_match,
        view=showing_emergency(call),
    )


@routes.get(
    "/v1/ops/emergencies",
    query=schemas.EmergencyQuery,
    answer=Page[schemas.EmergencyReport],
)
async def list_emergencies(call: Call, query: schemas.EmergencyQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)
    return await call.act(
        declare_emergency.open_emergencies,
        released=query.released,
        before=before,
        limit=query.limit + 1,
        view=lambda conn, found: emergencies_page(conn, found, query, call),
    )


async def _declare(call: Call, body: schemas.DeclareEmergency) -> Answer:
    measures = Measures(
        first_aid=body.first_aid,
        ambulance_called=body.ambulance_called,
        doctor_informed=body.doctor_informed,
        words=body.words,
    )
    return await call.act(
        declare_emergency.declare_emergency,
        call.id(),
        _report(body),
        measures,
        view=showing_emergency(call),
    )


def _report(body: schemas.CheckIn | schemas.DeclareEmergency | schemas.TryDoor) -> Report:
    lat, lng = body.location.wgs84() if body.location else (None, None)
    return Report(at=body.at, lat=lat, lng=lng, accuracy_m=body.accuracy_m)


async def _heard(_: Connection, visits: int) -> schemas.Heard:
    return schemas.Heard(visits=visits)


async def _set(_: Connection, at: datetime) -> schemas.CodesSet:
    return schemas.CodesSet(set_at=at)
