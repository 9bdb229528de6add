"""Where a nurse is while she is out on a visit; what lies outside of one is not kept.

Points come in batches and in any order; they are ordered by the phone's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch import database, ways, welfare
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.evidence import AHEAD_MAX, Report
from dispatch.lifecycles import VisitState
from dispatch.records import arrival_watches, events, nurses, positions, visits
from dispatch.records.positions import Position
from dispatch.records.visits import Visit

# The patient's map is told once in each stretch of this length, however often the phone speaks.
TOLD_EVERY_S: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where (WGS-84) and when by the phone."""

    lat: float
    lng: float
    recorded_at: datetime
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How many points lay within a visit of hers, and how many did not."""

    accepted: int
    ignored: int


@database.act
async def report_positions(conn: Connection, given: Sequence[Point]) -> Taken:
    """Keep the points that were recorded between the departure and now on a visit that goes on.

    The newest one moves her dispatch point and the time at which the patient may expect her.
    """
    if conn.caller.nurse_id is None:
        raise NotFound
    now = await database.now(conn)
    # Held, so that no point is kept after the end of its visit has erased the others.
    out = await visits.lock_out_of_nurse(conn, conn.caller.nurse_id)
    by_visit: dict[UUID, list[Point]] = {}
    for point in given:
        visit = _visit_at(out, point.recorded_at)
        if visit is not None and point.recorded_at <= now + AHEAD_MAX:
            by_visit.setdefault(visit.id, []).append(point)
    for visit in out:
        if points := by_visit.get(visit.id):
            await _follow(conn, visit, points, now)
            await welfare.hear(conn, visit, now, tells=True)
    accepted = sum(map(len, by_visit.values()))
    return Taken(accepted=accepted, ignored=len(given) - accepted)


def _visit_at(out: Sequence[Visit], at: datetime) -> Visit | None:
    """The visit that she was on then: the last one that she had set out for."""
    begun = [(since, visit) for visit in out if (since := _since(visit)) and since <= at]
    return max(begun, key=lambda pair: (pair[0], pair[1].id))[1] if begun else None


def _since(visit: Visit) -> datetime | None:
    return visit.departed_at or visit.arrived_at


async def _follow(conn: Connection, visit: Visit, points: Sequence[Point], now: datetime) -> None:
    before = await positions.find_last_at(conn, visit.id)
    await positions.insert_many(
        conn,
        visit.patient_id,
        [
            Position(
                visit_id=visit.id,
                nurse_id=visit.nurse_id,
                recorded_at=point.recorded_at,
                lat=point.lat,
                lng=point.lng,
                accuracy_m=point.accuracy_m,
            )
            for point in points
        ],
    )
    newest = max(points, key=lambda point: point.recorded_at)
    if before is not None and newest.recorded_at <= before:
        return
    await nurses.set_point(conn, visit.nurse_id, newest.lat, newest.lng)
    if visit.state is not VisitState.EN_ROUTE:
        return
    here = Report(at=newest.recorded_at, lat=newest.lat, lng=newest.lng)
    ahead = await ways.ahead(conn, visit, here, newest.recorded_at)
    expected = max(now, ahead.eta)
    settings = conn.settings
    await arrival_watches.hear(
        conn,
        visit.id,
        eta=expected,
        left_m=ahead.straight_m or 0.0,
        at=newest.recorded_at,
        away_m=settings.retreating_m,
        look_after=timedelta(minutes=settings.retreating_min),
    )
    slip = visit.planned_start + timedelta(minutes=conn.settings.eta_slip_min)
    slipped = expected > slip and (visit.eta is None or visit.eta <= slip)
    if slipped or _stretch(newest.recorded_at) != _stretch(before):
        await _tell(conn, visit, expected, wake="eta_changed" if slipped else None)


def _stretch(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp()) // TOLD_EVERY_S


async def _tell(conn: Connection, visit: Visit, expected: datetime, *, wake: str | None) -> None:
    """Where she is stands in the tracking of the order, not in the event."""
    await events.insert(
        conn,
        "position.updated",
        {
            "visit_id": str(visit.id),
            "order_id": str(visit.order_id),
            "eta": expected.isoformat(),
        },
        order_id=visit.order_id,
        account_ids=[visit.account_id],
        institution_id=visit.institution_id,
        wake=wake,
    )
