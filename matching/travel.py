"""Owns distance and time between places, by the straight line or by roads that an engine told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from math import ceil, hypot
from typing import Final, Protocol, Self
from zoneinfo import ZoneInfo

from config.geometry import JINHUA, Plane

LOCAL_ZONE: Final = ZoneInfo("Asia/Shanghai")

HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S

PEAK_HOURS: Final = frozenset({7, 8, 17, 18})


def speeds_of_day(speed_kmh: float, peak_speed_kmh: float) -> tuple[float, ...]:
    """A speed for each hour: slower while people drive to work and home."""
    return tuple(peak_speed_kmh if hour in PEAK_HOURS else speed_kmh for hour in range(24))


# An e-scooter or a small car in a county town.
SPEEDS_KMH: Final = speeds_of_day(28.0, 20.0)
EVEN: Final = (1.0,) * 24
# An engine tells whole seconds; hours and back again leave dust.
DUST_S: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point: degrees (WGS-84) for people, metres on the region's plane for arithmetic."""

    lat: float
    lng: float
    x_m: float
    y_m: float

    @classmethod
    def at(cls, lat: float, lng: float, plane: Plane = JINHUA) -> Self:
        x_m, y_m = plane.project(lat, lng)
        return cls(lat=lat, lng=lng, x_m=x_m, y_m=y_m)

    @classmethod
    def on_plane(cls, x_m: float, y_m: float, plane: Plane = JINHUA) -> Self:
        lat, lng = plane.locate(x_m, y_m)
        return cls(lat=lat, lng=lng, x_m=x_m, y_m=y_m)

    def distance_m(self, other: Place) -> float:
        """As the crow flies, on the plane."""
        return hypot(self.x_m - other.x_m, self.y_m - other.y_m)


class TravelTimes(Protocol):
    """Whole seconds from door to door, rounded up.

    Who leaves later never arrives earlier, and the two directions agree: leaving
    `seconds_until(a, b, t)` before `t` arrives by `t`, and no later start does. The timetable
    relies on both. `doorstep_s` of each way between two places is no driving.
    """

    @property
    def doorstep_s(self) -> int: ...

    def seconds_from(self, origin: Place, destination: Place, leave_at: datetime) -> int: ...

    def seconds_until(self, origin: Place, destination: Place, arrive_at: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DetourTravel:
    """Straight lines made longer by a detour factor, driven at the speed of each hour of the day.

    A leg is driven through every hour that it touches, not at the speed of its start: a step in
    speed must not let a later start overtake an earlier one. `doorstep_s` (parking, gate, stairs)
    is added to every leg between two different places.
    """

    detour: float = 1.35
    speeds_kmh: tuple[float, ...] = SPEEDS_KMH
    doorstep_s: int = 120
    zone: tzinfo = LOCAL_ZONE

    def __post_init__(self) -> None:
        _check_hours(self.speeds_kmh)
        if self.detour < 1:
            raise ValueError("a detour is at least 1")

    def seconds_from(self, origin: Place, destination: Place, leave_at: datetime) -> int:
        ahead_km = origin.distance_m(destination) * self.detour / 1000
        if ahead_km == 0:
            return 0
        begin_s = _second_of_day(leave_at, self.zone)
        return ceil(_driven_from(ahead_km, self.speeds_kmh, begin_s)) + self.doorstep_s

    def seconds_until(self, origin: Place, destination: Place, arrive_at: datetime) -> int:
        behind_km = origin.distance_m(destination) * self.detour / 1000
        if behind_km == 0:
            return 0
        end_s = _second_of_day(arrive_at, self.zone) - self.doorstep_s
        return ceil(_driven_until(behind_km, self.speeds_kmh, end_s)) + self.doorstep_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadTravel:
    """Ways by road, each as long as an engine told: seconds on roads as it knows them.

    `legs` holds every way that will be asked for, else LookupError: what it does not hold is never
    guessed by another measure. `flows` is how much of that speed is left in each hour of the day.
    """

    legs: Mapping[tuple[Place, Place], float]
    flows: tuple[float, ...] = EVEN
    doorstep_s: int = 120
    zone: tzinfo = LOCAL_ZONE

    def __post_init__(self) -> None:
        _check_hours(self.flows)

    def seconds_from(self, origin: Place, destination: Place, leave_at: datetime) -> int:
        if origin == destination:
            return 0
        ahead_h = self.legs[origin, destination] / HOUR_S
        begin_s = _second_of_day(leave_at, self.zone)
        return ceil(_driven_from(ahead_h, self.flows, begin_s) - DUST_S) + self.doorstep_s

    def seconds_until(self, origin: Place, destination: Place, arrive_at: datetime) -> int:
        if origin == destination:
            return 0
        behind_h = self.legs[origin, destination] / HOUR_S
        end_s = _second_of_day(arrive_at, self.zone) - self.doorstep_s
        return ceil(_driven_until(behind_h, self.flows, end_s) - DUST_S) + self.doorstep_s


def _driven_from(ahead: float, an_hour: Sequence[float], clock_s: float) -> float:
    """Seconds for what is ahead, done at so much of it in each hour of the day."""
    driven_s = 0.0
    while True:
        rate = an_hour[int(clock_s // HOUR_S) % 24] / HOUR_S
        left_s = HOUR_S - clock_s % HOUR_S
        if ahead <= rate * left_s:
            return driven_s + ahead / rate
        ahead -= rate * left_s
        driven_s += left_s
        clock_s = (clock_s + left_s) % DAY_S


def _driven_until(behind: float, an_hour: Sequence[float], clock_s: float) -> float:
    """The same, backwards from its end."""
    clock_s, driven_s = clock_s % DAY_S, 0.0
    while True:
        # At a full hour the leg was driven in the hour before it.
        into_s = clock_s % HOUR_S or HOUR_S
        rate = an_hour[int((clock_s - into_s) // HOUR_S) % 24] / HOUR_S
        if behind <= rate * into_s:
            return driven_s + behind / rate
        behind -= rate * into_s
        driven_s += into_s
        clock_s = (clock_s - into_s) % DAY_S


def _check_hours(an_hour: Sequence[float]) -> None:
    if len(an_hour) != 24 or min(an_hour) <= 0:
        raise ValueError("each of the 24 hours needs a positive speed")


@lru_cache(maxsize=16_384)
def _second_of_day(at: datetime, zone: tzinfo) -> float:
    local = at.astimezone(zone)
    return local.hour * HOUR_S + local.minute * 60 + local.second + local.microsecond / 1e6
