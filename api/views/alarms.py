"""Alarms as operators see them. Where somebody pressed is opened only where that is recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from api import moves
from api.schemas import alarms as schemas
from api.schemas.conventions import Page, PageQuery, Place, cursor
from api.wire import Call
from dispatch.acts import raise_alarm
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records import alarms
from dispatch.records.alarms import Alarm, Scene


def showing(call: Call) -> Callable[[Connection, Alarm], Awaitable[schemas.Alarm]]:
    """The `view` of an act whose result is an alarm."""

    async def view(conn: Connection, alarm: Alarm) -> schemas.Alarm:
        scenes = await alarms.list_scenes(conn, [alarm])
        return alarm_view(alarm, scenes, call, await raise_alarm.open_payload(conn, alarm))

    return view


async def alarms_page(
    conn: Connection, found: Sequence[Alarm], query: PageQuery, call: Call
) -> Page[schemas.Alarm]:
    """A page of alarms, newest first. An auditor is told nothing of what was sent with them."""
    told = found[: query.limit]
    shown = call.caller.role is not Role.AUDITOR
    scenes = await alarms.list_scenes(conn, told)
    return Page(
        items=[
            alarm_view(
                alarm, scenes, call, await raise_alarm.open_payload(conn, alarm) if shown else ()
            )
            for alarm in told
        ],
        next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
    )


def alarm_view(
    alarm: Alarm,
    scenes: Mapping[UUID, Scene],
    call: Call,
    presses: Sequence[Mapping[str, Any]] = (),
) -> schemas.Alarm:
    """One alarm; its location is the last one that a press told."""
    scene = None if alarm.visit_id is None else scenes.get(alarm.visit_id)
    places = [place for press in presses if (place := _place(press.get("body")))]
    return schemas.Alarm(
        id=alarm.id,
        kind=alarm.kind,
        text=call.text(f"alarms.{alarm.kind}"),
        level=alarm.level,
        state=alarm.state,
        version=alarm.version,
        moves=moves.of_alarm(alarm, call.caller),
        step=alarm.step,
        visit_id=alarm.visit_id,
        order_id=alarm.order_id,
        nurse=_nurse(scene) if scene else None,
        service_codes=scene.service_codes if scene else [],
        county=scene.county if scene else None,
        location=call.place(*places[-1].wgs84()) if places else None,
        presses=[dict(press) for press in presses],
        raised_at=alarm.raised_at,
        acknowledged_at=alarm.acknowledged_at,
        resolved_at=alarm.resolved_at,
    )


def _nurse(scene: Scene) -> schemas.AlarmNurse:
    return schemas.AlarmNurse(id=scene.nurse_id, staff_no=scene.staff_no, name=scene.name)


def _place(body: object) -> Place | None:
    """Where the phone says that it is, if that can be read at all: nothing was refused."""
    if not isinstance(body, dict):
        return None
    try:
        return Place.model_validate_json(orjson.dumps(body.get("location")))
    except ValidationError:
        return None
