"""Owns distance and time between places, and the interface that a road engine may fill instead."""

from __future__ import annotations

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
    relies on both.
    """

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
        if len(self.speeds_kmh) != 24 or min(self.speeds_kmh) <= 0:
            raise ValueError("speeds_kmh needs a positive speed for each of the 24 hours")
        if self.detour < 1:
            raise ValueError("a detour is at least 1")

    def seconds_from(self, origin: Place, destination: Place, leave_at: datetime) -> int:
        ahead_m = origin.distance_m(destination) * self.detour
        if ahead_m == 0:
            return 0
        clock_s, driven_s = _second_of_day(leave_at, self.zone), 0.0
        while True:
            speed = self._speed_m_s(int(clock_s // HOUR_S))
            left_s = HOUR_S - clock_s % HOUR_S
            if ahead_m <= speed * left_s:
                return ceil(driven_s + ahead_m / speed) + self.doorstep_s
            ahead_m -= speed * left_s
            driven_s += left_s
            clock_s = (clock_s + left_s) % DAY_S

    def seconds_until(self, origin: Place, destination: Place, arrive_at: datetime) -> int:
        behind_m = origin.distance_m(destination) * self.detour
        if behind_m == 0:
            return 0
        clock_s = (_second_of_day(arrive_at, self.zone) - self.doorstep_s) % DAY_S
        driven_s = 0.0
        while True:
            # At a full hour the leg was driven in the hour before it.
            into_s = clock_s % HOUR_S or HOUR_S
            speed = self._speed_m_s(int((clock_s - into_s) // HOUR_S))
            if behind_m <= speed * into_s:
                return ceil(driven_s + behind_m / speed) + self.doorstep_s
            behind_m -= speed * into_s
            driven_s += into_s
            clock_s = (clock_s - into_s) % DAY_S

    def _speed_m_s(self, hour: int) -> float:
        return self.speeds_kmh[hour % 24] / 3.6


@lru_cache(maxsize=16_384)
def _second_of_day(at: datetime, zone: tzinfo) -> float:
    local = at.astimezone(zone)
    return local.hour * HOUR_S + local.minute * 60 + local.second + local.microsecond / 1e6
