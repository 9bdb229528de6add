"""Owns what finished ways teach: how long a straight line really takes, on the whole and by hour.

Medians, drawn towards what was set until there is enough to go by, and bounded whatever comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log
from statistics import median
from typing import Final

from matching.travel import LOCAL_ZONE

# Ways that say something: not round the corner, and not by a phone that told of them too late.
LEAST_M: Final = 500.0
SLOWEST_KMH: Final = 2.0
FASTEST_KMH: Final = 80.0

# So many ways weigh as much as what was set; of an hour, as much as the whole day.
TRUST_ALL: Final = 50
TRUST_HOUR: Final = 30

DETOURS: Final = (1.0, 3.0)
SPEEDS_KMH: Final = (5.0, 80.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One finished way: the straight line from where she set out to the door, and what it took."""

    straight_m: float
    left_at: datetime
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How people travel here. Doors and times only tell detour over speed; by convention what holds
    all day is the detour, and what differs by hour is the speed."""

    detour: float
    speeds_kmh: tuple[float, ...]
    ways: int = 0

    @property
    def flows(self) -> tuple[float, ...]:
        """Each hour's speed as a share of the fastest: what is left of an empty road."""
        fastest = max(self.speeds_kmh)
        return tuple(speed / fastest for speed in self.speeds_kmh)


def learn(found: Sequence[Way], prior: Pace) -> Pace:
    """What was set, as finished ways correct it."""
    slower: list[float] = []
    by_hour: dict[int, list[float]] = defaultdict(list)
    for way in found:
        if not _tells(way):
            continue
        half_way = way.left_at + timedelta(seconds=way.took_s / 2)
        hour = half_way.astimezone(LOCAL_ZONE).hour
        metres_s = prior.speeds_kmh[hour] / 3.6
        ratio = log(way.took_s * metres_s / (way.straight_m * prior.detour))
        slower.append(ratio)
        by_hour[hour].append(ratio)
    if not slower:
        return prior
    level = _drawn(slower, 0.0, TRUST_ALL)
    return Pace(
        detour=_bounded(prior.detour * exp(level), DETOURS),
        speeds_kmh=tuple(
            _bounded(speed / exp(_drawn(by_hour[hour], level, TRUST_HOUR) - level), SPEEDS_KMH)
            for hour, speed in enumerate(prior.speeds_kmh)
        ),
        ways=len(slower),
    )


def _tells(way: Way) -> bool:
    if way.straight_m < LEAST_M or way.took_s <= 0:
        return False
    return SLOWEST_KMH <= way.straight_m / way.took_s * 3.6 <= FASTEST_KMH


def _drawn(ratios: Sequence[float], towards: float, trust: int) -> float:
    """Their median, drawn towards a number that weighs as much as `trust` of them."""
    if not ratios:
        return towards
    count = len(ratios)
    return (count * median(ratios) + trust * towards) / (count + trust)


def _bounded(value: float, bounds: tuple[float, float]) -> float:
    least, most = bounds
    return round(min(most, max(least, value)), 4)
