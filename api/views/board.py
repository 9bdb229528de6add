"""The operators' board: how things stand, small enough to be asked for every few seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from api import moves, packing
from api.schemas import visits as schemas
from api.schemas.conventions import Crs, WindowView
from api.views.alarms import alarm_view
from api.views.shortages import shortage_view
from api.wire import Answer, Call
from config import geometry
from dispatch import database, day_proposals
from dispatch.database import Connection
from dispatch.day_proposals import Standing
from dispatch.records import alarms, board, orders, shortages, visits
from dispatch.records.alarms import Alarm, Scene
from dispatch.records.board import Pin
from dispatch.records.orders import Order
from dispatch.records.shortages import Shortage
from dispatch.records.visits import Visit
from matching.policy import Urgency

ALARMS_MAX: Final = 200
AT_RISK_MAX: Final = 100
SHORTAGES_MAX: Final = 20
PLANS_MAX: Final = 20
NURSES_MAX: Final = 5_000
# Points are kept to 100 m; four places of a degree are 11 m.
PLACES: Final = 4
MINUTE_S: Final = 60
TIMES: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS

Presses = Mapping[UUID, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How things stand at one moment, as records."""

    now: datetime
    orders: Mapping[str, int]
    visits: Mapping[str, int]
    alarms: Sequence[Alarm]
    scenes: Mapping[UUID, Scene]
    at_risk: Sequence[Order]
    of_round: Mapping[UUID, Sequence[Visit]]
    short: Sequence[Shortage]
    planned: Sequence[Standing]
    pins: Sequence[Pin]


async def read(conn: Connection) -> Stand:
    """Everything in one transaction, as the caller sees it; nothing sealed is opened."""
    at_risk = await orders.list_at_risk(conn, AT_RISK_MAX)
    ringing = await alarms.list_open(conn, ALARMS_MAX)
    return Stand(
        now=await database.now(conn),
        orders=await orders.count_by_state(conn),
        visits=await visits.count_by_state(conn),
        alarms=ringing,
        scenes=await alarms.list_scenes(conn, ringing),
        at_risk=at_risk,
        of_round=await visits.list_current(conn, [order.id for order in at_risk]),
        short=await shortages.list_open(conn, SHORTAGES_MAX),
        planned=await day_proposals.list_standing(conn, PLANS_MAX),
        pins=await board.list_pins(conn, conn.caller.institution_id, NURSES_MAX),
    )


async def answer(call: Call, stand: Stand, presses: Presses) -> Answer:
    """`schemas.Board`, put together without its models: thousands of nurses are in it.

    `presses` is what was sent with those alarms that were opened for this caller.
    """
    rest = orjson.dumps(
        {
            "orders": stand.orders,
            "visits": stand.visits,
            "alarms": [
                alarm_view(each, stand.scenes, call, presses.get(each.id, ())).model_dump(
                    mode="json"
                )
                for each in stand.alarms
            ],
            "at_risk": [
                _at_risk(order, stand.of_round.get(order.id, ()), call).model_dump(mode="json")
                for order in stand.at_risk
            ],
            "shortages": [
                shortage_view(short, call).model_dump(mode="json") for short in stand.short
            ],
            "plans": [_planned(one).model_dump(mode="json") for one in stand.planned],
            "nurses": [_nurse(pin, call.crs) for pin in stand.pins],
        },
        option=TIMES,
    )
    now = orjson.dumps(stand.now, option=TIMES)
    return await packing.packed(call.request, b'{"now":' + now + b"," + rest[1:], same_if=rest)


def _at_risk(order: Order, of_round: Sequence[Visit], call: Call) -> schemas.AtRisk:
    return schemas.AtRisk(
        id=order.id,
        state=order.state,
        version=order.version,
        moves=moves.of_order(order, of_round, call.caller),
        county=order.county,
        service_codes=order.service_codes,
        window=WindowView(earliest=order.earliest, latest=order.latest),
        urgency=Urgency(order.urgency),
        seats=order.seats,
        round=order.round,
        wave=order.wave,
        promise_at=order.promise_at,
        at_risk=order.at_risk,
        flags=sorted({flag for visit in of_round for flag in visit.flags}),
        created_at=order.created_at,
    )


def _planned(one: Standing) -> schemas.PlannedDay:
    return schemas.PlannedDay(
        date=one.day,
        county=one.county,
        planned_at=one.planned_at,
        pressing=bool(one.late),
        late=len(one.late),
        changes=len(one.moves),
        nobody=len(one.nobody),
        saved_min=round(sum(one.saved_s.values()) / MINUTE_S),
    )


def _nurse(pin: Pin, crs: Crs) -> dict[str, Any]:
    lat, lng = pin.lat, pin.lng
    if crs is Crs.GCJ02:
        lat, lng = geometry.wgs84_to_gcj02(lat, lng)
    return {
        "id": str(pin.id),
        "state": pin.state,
        "visit_id": pin.visit_id and str(pin.visit_id),
        "location": {"lat": round(lat, PLACES), "lng": round(lng, PLACES), "crs": crs},
        "recorded_at": pin.recorded_at,
    }
