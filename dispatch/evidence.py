"""What a phone reports with a step, and what speaks against it: its time, its place, its way.

Runs inside the act that takes the step. But for a time in the future it refuses nothing: the
operator sees the flags.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from dispatch import database
from dispatch.database import Connection
from dispatch.errors import InvalidFields
from dispatch.records import addresses, visit_facts
from dispatch.records.orders import Order
from dispatch.records.visit_facts import Place
from dispatch.records.visits import Visit

# How far a phone's clock may run ahead of ours.
AHEAD_MAX: Final = timedelta(minutes=2)
# A step that comes later than this is taken, but no longer by the usual lateness of a dead zone.
STALE_AFTER: Final = timedelta(hours=48)
# Two reports of one moment are no journey; clocks of phones are not better than this.
LEAST_TIME: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the phone says with a step: its own time, where it is (WGS-84), how sure it is."""

    at: datetime
    lat: float | None = None
    lng: float | None = None
    accuracy_m: float | None = None
    is_mocked: bool = False
    device_id: str | None = None

    @property
    def place(self) -> Place | None:
        if self.lat is None or self.lng is None:
            return None
        return Place(
            at=self.at,
            lat=self.lat,
            lng=self.lng,
            accuracy_m=self.accuracy_m,
            is_mocked=self.is_mocked,
        )

    def as_fact(self, **words: Any) -> dict[str, Any]:
        said = {
            "lat": self.lat,
            "lng": self.lng,
            "accuracy_m": self.accuracy_m,
            "mock_location": self.is_mocked or None,
            "device_id": self.device_id,
        }
        return {k: v for k, v in {**said, **words}.items() if v is not None}


async def check_time(conn: Connection, report: Report) -> datetime:
    """The time now; raises `InvalidFields` for a step that is yet to be taken."""
    now = await database.now(conn)
    if report.at > now + AHEAD_MAX:
        raise InvalidFields((("body", "at"), "in_future"))
    return now


def of_time(conn: Connection, now: datetime, visit: Visit, report: Report) -> list[str]:
    """What is odd about the time of a step, for the operator to see; it refuses nothing."""
    flags = []
    if now - report.at > timedelta(minutes=conn.settings.late_sync_min):
        flags.append("late_sync")
    if now - report.at > STALE_AFTER:
        flags.append("stale_sync")
    before = [visit.departed_at, visit.arrived_at, visit.started_at]
    if any(at is not None and report.at < at for at in before):
        flags.append("out_of_order")
    return flags


async def distance_to_door(conn: Connection, order: Order, report: Report) -> float:
    """How far from the patient's door she says to be, in metres."""
    address = await addresses.get(conn, order.address_id)
    door = await addresses.open_address(conn, address)
    return _metres((report.lat, report.lng), (door.lat, door.lng))


async def of_place(conn: Connection, visit: Visit, place: Place) -> list[str]:
    """What is odd about where she says to be, compared with where she said so last."""
    flags = ["mock_location"] if place.is_mocked else []
    before = await visit_facts.find_last_place(conn, visit.nurse_id, place.at)
    if before is not None and is_too_fast(before, place, conn.settings.travel_max_kmh):
        flags.append("impossible_travel")
    return flags


def is_too_fast(before: Place, after: Place, max_kmh: float) -> bool:
    """Whether the way between two places, less what both are unsure of, took too little time."""
    distance_m = _metres((before.lat, before.lng), (after.lat, after.lng))
    distance_m -= (before.accuracy_m or 0) + (after.accuracy_m or 0)
    took = max(after.at - before.at, LEAST_TIME)
    return distance_m / 1000 > max_kmh * (took / timedelta(hours=1))


def _metres(one: tuple[float | None, float | None], other: tuple[float, float]) -> float:
    # Imported here: it brings every geocoder with it, and only the API measures a distance.
    from geopy.distance import geodesic

    return float(geodesic(one, other).meters)
