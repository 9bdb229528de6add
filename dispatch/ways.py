"""By what ways are measured in one decision: the road engine if there is one, else straight lines.

Never by two at once: they differ by a fifth. Which it was, and how old, goes with the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config.settings import Settings
from dispatch import learned
from dispatch.database import Connection
from dispatch.evidence import Report
from dispatch.records import addresses, orders
from dispatch.records.visits import Visit
from dispatch.roads import NoRoads
from matching import timetable
from matching.inputs import Candidate, Need
from matching.pace import Pace
from matching.travel import DetourTravel, Place, RoadTravel, TravelTimes, speeds_of_day

MINUTE_S: Final = 60

Judged = Sequence[tuple[Need, Sequence[Candidate]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How long ways take in one decision, and what is told of how that was found."""

    travel: TravelTimes
    told: Mapping[str, Any]

    @property
    def by_road(self) -> bool:
        return isinstance(self.travel, RoadTravel)


def set_pace(settings: Settings) -> Pace:
    """The pace that is set, before anything is learned."""
    speeds = speeds_of_day(settings.travel_speed_kmh, settings.travel_peak_speed_kmh)
    return Pace(detour=settings.travel_detour, speeds_kmh=speeds)


async def straight(conn: Connection, now: datetime, **told: Any) -> Ways:
    """By the straight line, at the pace that finished ways taught."""
    pace, learned_at = await _pace(conn, now)
    return Ways(
        travel=_lines(pace, conn.settings.travel_buffer_min * MINUTE_S),
        told={
            "engine": "straight",
            "learned_at": None if learned_at is None else learned_at.isoformat(),
            "learned_from": pace.ways,
            **told,
        },
    )


async def for_judging(conn: Connection, judged: Judged, now: datetime) -> Ways:
    """What judging these candidates by these needs will ask for, all by one engine."""
    if conn.roads is None:
        return await straight(conn, now)
    legs = {
        leg
        for need, candidates in judged
        for candidate in candidates
        for leg in timetable.legs(need, candidate)
    }
    return await measure(conn, legs, now)


async def measure(conn: Connection, legs: Iterable[tuple[Place, Place]], now: datetime) -> Ways:
    """These ways, all by one engine. Where the engine fails it is said so."""
    if conn.roads is None:
        return await straight(conn, now)
    try:
        found = await conn.roads.find(legs)
    except NoRoads as failed:
        return await straight(conn, now, instead_of="osrm", why=failed.why)
    pace, _ = await _pace(conn, now)
    return Ways(
        travel=RoadTravel(
            legs=found.seconds,
            flows=pace.flows,
            doorstep_s=conn.settings.travel_buffer_min * MINUTE_S,
        ),
        told={"engine": "osrm", "data": found.data, "oldest_s": round(found.oldest_s)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WayAhead:
    """How far the door is by the straight line, where it is known whence, and when she is there."""

    straight_m: float | None
    eta: datetime


async def ahead(conn: Connection, visit: Visit, report: Report, now: datetime) -> WayAhead:
    """What is left of her way from where she is, or from where she was expected to be.

    Always by the straight line, since it is asked every few seconds, with nothing for the doorstep.
    """
    if report.lat is None or report.lng is None:
        return WayAhead(straight_m=None, eta=now + timedelta(seconds=visit.travel_s))
    order = await orders.get(conn, visit.order_id)
    address = await addresses.get(conn, order.address_id)
    door = await addresses.open_address(conn, address)
    here = Place.at(report.lat, report.lng)
    there = Place.at(door.lat, door.lng)
    pace, _ = await _pace(conn, now)
    left_s = _lines(pace, 0).seconds_from(here, there, now)
    return WayAhead(straight_m=here.distance_m(there), eta=now + timedelta(seconds=left_s))


def _lines(pace: Pace, doorstep_s: int) -> DetourTravel:
    return DetourTravel(detour=pace.detour, speeds_kmh=pace.speeds_kmh, doorstep_s=doorstep_s)


async def _pace(conn: Connection, now: datetime) -> tuple[Pace, datetime | None]:
    """What was learned last, and when; until then what is set."""
    found = await learned.latest(conn, learned.PACE, now)
    if found is None:
        return set_pace(conn.settings), None
    return pace_of(found.model), found.learned_at


def pace_of(model: Mapping[str, Any]) -> Pace:
    """A pace as it was kept."""
    return Pace(detour=model["detour"], speeds_kmh=tuple(model["speeds_kmh"]), ways=model["ways"])
