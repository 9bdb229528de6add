"""Alarms as operators see them. Where somebody pressed is opened only where that is recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from pydantic import ValidationError

from api import moves
from api.schemas import visits as schemas
from api.schemas.conventions import Page, PageQuery, Place, cursor
from api.wire import Call
from dispatch.acts import raise_alarm
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records.alarms import Alarm


def showing(call: Call) -> Callable[[Connection, Alarm], Awaitable[schemas.Alarm]]:
    """The `view` of an act whose result is an alarm."""

    async def view(conn: Connection, alarm: Alarm) -> schemas.Alarm:
        return alarm_view(alarm, call, await raise_alarm.open_payload(conn, alarm))

    return view


async def alarms_page(
    conn: Connection, found: Sequence[Alarm], query: PageQuery, call: Call
) -> Page[schemas.Alarm]:
    """A page of alarms, newest first. An auditor is told nothing of what was sent with them."""
    told = found[: query.limit]
    shown = call.caller.role is not Role.AUDITOR
    return Page(
        items=[
            alarm_view(alarm, call, await raise_alarm.open_payload(conn, alarm) if shown else ())
            for alarm in told
        ],
        next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
    )


def alarm_view(
    alarm: Alarm, call: Call, presses: Sequence[Mapping[str, Any]] = ()
) -> schemas.Alarm:
    """One alarm; its location is the last one that a press told."""
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
        location=call.place(*places[-1].wgs84()) if places else None,
        presses=[dict(press) for press in presses],
        raised_at=alarm.raised_at,
        acknowledged_at=alarm.acknowledged_at,
        resolved_at=alarm.resolved_at,
    )


def _place(body: object) -> Place | None:
    """Where the phone says that it is, if that can be read at all: nothing was refused."""
    if not isinstance(body, dict):
        return None
    try:
        return Place.model_validate_json(orjson.dumps(body.get("location")))
    except ValidationError:
        return None
