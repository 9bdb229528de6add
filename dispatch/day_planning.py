"""What a day of booked visits could gain if some were exchanged: read, planned, and nothing moved.

Only visits that nobody has set out for or soon will are looked at, and only their own nurses. What
comes of it is for an operator to do, by the steps that there are.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np

from dispatch import database, sourcing, ways
from dispatch.database import Connection
from dispatch.records import day_bookings
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching import day, eligibility
from matching.day import Prices, Round, Seat, Stay
from matching.inputs import Candidate, Frame, Need, local_midnight
from matching.routing.machine import Reals
from matching.spans import Span
from matching.travel import Place, TravelTimes

VISITS_MAX: Final = 200
SEARCH_S: Final = 2.0
# Whoever sets out so soon has been told, and keeps what she was told.
FROZEN: Final = timedelta(hours=2)
# A plan's travel is that of one hour, in the middle of the morning.
HOUR: Final = timedelta(hours=10)
# She may leave home before her shift and be back after it, as in the timetable.
REACH: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySurvey:
    """A day as read from the rows; `measured` tells by what ways were."""

    stays: Sequence[Stay]
    rounds: Sequence[Round]
    visits: Mapping[UUID, Visit]
    travel: TravelTimes
    at: datetime
    measured: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would change, by the start that was told; travel of the day as it is, and as it would
    be. `left_alone`: visits whose nurse's day is no plain round."""

    changes: Sequence[tuple[Visit, Seat]]
    visits: int
    left_alone: int
    travel_before_s: float
    travel_after_s: float
    measured: Mapping[str, Any]


async def survey(conn: Connection, on: date, county: str) -> DaySurvey:
    """Read the first VISITS_MAX visits of a day in a county, as far as the caller sees them."""
    since = local_midnight(on)
    visits = await day_bookings.list_visits(
        conn, county, since, since + timedelta(days=1), VISITS_MAX
    )
    async with conn.as_clock():
        now = await database.now(conn)
        orders = await day_bookings.list_orders(conn, visits)
        needs = _needs(orders, visits, await sourcing.needs_of(conn, orders))
        nurses = {visit.nurse_id for visit in visits}
        found = await sourcing.candidates_for(
            conn, list(needs.values()), now, nearest=0, also=dict.fromkeys(needs, nurses)
        )
        candidates = {one.nurse_id: one for each in found.values() for one in each}
        places = {one.place for one in candidates.values()} | {n.place for n in needs.values()}
        measured = await ways.measure(conn, ((a, b) for a in places for b in places), now)
        frame = sourcing.frame_of(conn, now, measured.travel)
    by_order = {
        order_id: [one.nurse_id for one in found[order_id] if _may(need, one, nurses, frame)]
        for order_id, need in needs.items()
    }
    rounds = [
        made
        for nurse_id in sorted(nurses & candidates.keys())
        if (made := _round(candidates[nurse_id], [v for v in visits if v.nurse_id == nurse_id]))
    ]
    return DaySurvey(
        stays=[
            _stay(visit, needs[visit.order_id], by_order[visit.order_id], visits, now)
            for visit in visits
            if visit.order_id in needs
        ],
        rounds=rounds,
        visits={visit.id: visit for visit in visits},
        travel=measured.travel,
        at=since + HOUR,
        measured=measured.told,
    )


def propose(found: DaySurvey, prices: Prices) -> Proposal:
    """Plan the day anew, for two seconds: not for the event loop."""
    legs = _legs(found.travel, found.at)
    rounds = [one for one in found.rounds if day.holds(found.stays, one, legs)]
    hers = {one.nurse_id for one in rounds}
    near = [one for one in found.stays if one.told is not None and one.told.nurse_id in hers]
    inside = {one.id for one in near}
    stays = [day.held(one, inside) for one in near]
    made = day.plan(stays, rounds, legs, _for_seconds(SEARCH_S), prices=prices)
    told = {one.id: one.told for one in stays if one.told is not None}
    changes = [
        (found.visits[one], seat)
        for one, seat in made.seats.items()
        if day.is_moved(told[one], seat)
    ]
    return Proposal(
        changes=sorted(changes, key=lambda change: (change[0].planned_start, change[0].id)),
        visits=len(found.stays),
        left_alone=len(found.stays) - len(stays),
        travel_before_s=sum(day.travel_of(stays, one, legs) for one in rounds),
        travel_after_s=made.travel_s,
        measured=found.measured,
    )


def _for_seconds(seconds: float) -> day.Spent:
    """From the first step on: what is compiled before does not count."""
    began_s: float | None = None

    def spent(_: int) -> float:
        nonlocal began_s
        if began_s is None:
            began_s = time.monotonic()
        return (time.monotonic() - began_s) / seconds

    return spent


def _needs(
    orders: Sequence[Order], visits: Sequence[Visit], known: Mapping[UUID, Need]
) -> dict[UUID, Need]:
    """What each order needs of whoever would come instead: nobody is on it yet."""
    start = {visit.order_id: visit.planned_start for visit in visits}
    return {
        order.id: replace(
            known[order.id],
            seats=tuple(range(1, order.seats + 1)),
            nurse_ids_on_order=frozenset(),
            fixed_start_at=start[order.id],
        )
        for order in orders
        if order.id in known
    }


def _may(need: Need, candidate: Candidate, nurses: set[UUID], frame: Frame) -> bool:
    return candidate.nurse_id in nurses and eligibility.qualifies(need, candidate, frame)


def _round(candidate: Candidate, visits: Sequence[Visit]) -> Round | None:
    """Her day, if one stretch of free hours holds all that she has; else she is left alone."""
    first = min(visit.planned_start for visit in visits)
    last = max(visit.planned_end for visit in visits)
    for free in candidate.free_hours:
        if free.starts_at <= first and last <= free.ends_at:
            hours = Span(free.starts_at - REACH, free.ends_at + REACH)
            return Round(nurse_id=candidate.nurse_id, place=candidate.place, hours=hours)
    return None


def _stay(
    visit: Visit, need: Need, able: Sequence[UUID], visits: Sequence[Visit], now: datetime
) -> Stay:
    mate = next((v.id for v in visits if v.order_id == visit.order_id and v.id != visit.id), None)
    leaves_at = visit.planned_start - timedelta(seconds=visit.travel_s)
    return Stay(
        id=visit.id,
        place=need.place,
        lasts_s=need.duration_s,
        earliest=min(need.earliest, visit.planned_start),
        latest=max(need.latest, visit.planned_start),
        able={*able, visit.nurse_id},
        told=Seat(nurse_id=visit.nurse_id, start_at=visit.planned_start),
        fixed=leaves_at <= now + FROZEN,
        mate=mate,
    )


def _legs(travel: TravelTimes, at: datetime) -> day.Legs:
    def legs(places: Sequence[Place]) -> Reals:
        return np.array(
            [[float(travel.seconds_from(a, b, at)) for b in places] for a in places]
        ).reshape(len(places), len(places))

    return legs
