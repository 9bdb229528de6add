"""A nurse's safety over HTTP: she checks in, her phone tells that it is there, her codes."""

from __future__ import annotations

from datetime import datetime

from api.schemas import safety as schemas
from api.schemas import visits as visit_schemas
from api.schemas.conventions import Empty
from api.views.visits import showing
from api.wire import Answer, Call, Routes
from dispatch.acts import check_in as acts
from dispatch.database import Connection
from dispatch.evidence import Report
from dispatch.records.safety_codes import Codes

routes = Routes()


@routes.post("/v1/visits/{id}/check-in", body=schemas.CheckIn, answer=visit_schemas.Visit)
async def check_in(call: Call, body: schemas.CheckIn) -> Answer:
    lat, lng = body.location.wgs84() if body.location else (None, None)
    report = Report(
        at=body.at,
        lat=lat,
        lng=lng,
        accuracy_m=body.accuracy_m,
        is_mocked=body.mock_location,
        device_id=body.device_id,
    )
    return await call.act(acts.check_in, call.id(), report, body.code, view=showing(call))


@routes.post("/v1/nurse/heartbeat", body=Empty, answer=schemas.Heard)
async def tell_alive(call: Call, body: Empty) -> Answer:
    return await call.act(acts.tell_alive, view=_heard)


@routes.put("/v1/nurse/safety-codes", body=schemas.SetCodes, answer=schemas.CodesSet)
async def set_codes(call: Call, body: schemas.SetCodes) -> Answer:
    codes = Codes(code=body.code, duress_code=body.duress_code)
    return await call.act(acts.set_codes, codes, body.current_code, view=_set)


async def _heard(_: Connection, visits: int) -> schemas.Heard:
    return schemas.Heard(visits=visits)


async def _set(_: Connection, at: datetime) -> schemas.CodesSet:
    return schemas.CodesSet(set_at=at)
