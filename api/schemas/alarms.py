"""Alarms as they are pressed, seen and taken up."""

from __future__ import annotations

from uuid import UUID

from pydantic import JsonValue

from api.schemas.conventions import Body, Instant, MoveView, PageQuery, Place, Prose, View
from dispatch.lifecycles import AlarmState


class Pressed(View):
    alarm_id: UUID
    raised_at: Instant
    level: int
    state: AlarmState


class AlarmNurse(View):
    id: UUID
    staff_no: int
    name: str


class Alarm(View):
    """`text` says what it is and what to do.

    `nurse`, `service_codes` and `county` are the visit's: who is where for what. `location` and
    `presses`, what the phone sent, are told where the alarms are listed.
    """

    id: UUID
    kind: str
    text: str
    level: int
    state: AlarmState
    version: int
    moves: list[MoveView]
    step: int
    visit_id: UUID | None
    order_id: UUID | None
    nurse: AlarmNurse | None
    service_codes: list[str]
    county: str | None
    location: Place | None
    presses: list[dict[str, JsonValue]]
    raised_at: Instant
    acknowledged_at: Instant | None
    resolved_at: Instant | None


class AlarmQuery(PageQuery):
    state: AlarmState | None = None


class ResolveAlarm(Body):
    note: Prose
