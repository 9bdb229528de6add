"""Seeded randomness for the demo region: independent streams, weighted picks, quotas, homes.

Each thing draws from a stream of its own, so that adding one never changes another.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Final, TypeVar

from config import geometry
from config.areas import Areas
from demo.towns import County, Town

T = TypeVar("T")

FURTHEST_SIGMA: Final = 2.5
ATTEMPTS: Final = 20


def stream(seed: int, *parts: str | int) -> random.Random:
    """The same numbers for the same seed and parts, on every machine and in every process."""
    return random.Random("/".join(map(str, (seed, *parts))))


def pick(rng: random.Random, weighted: Mapping[T, float]) -> T:
    return rng.choices(list(weighted), weights=list(weighted.values()))[0]


def pick_each(rng: random.Random, odds: Mapping[T, float]) -> list[T]:
    """The keys that come up, each by odds of its own, in the mapping's order."""
    return [key for key, probability in odds.items() if rng.random() < probability]


def apportion(total: int, weights: Mapping[str, float], *, least: int = 0) -> dict[str, int]:
    """Split `total` by weight with largest remainders, every key getting at least `least`."""
    spare = total - least * len(weights)
    if spare < 0:
        raise ValueError(f"{total} cannot give {len(weights)} keys {least} each")
    whole = sum(weights.values())
    exact = {key: spare * weight / whole for key, weight in weights.items()}
    quotas = {key: math.floor(value) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (quotas[key] - exact[key], key))
    for key in by_remainder[: spare - sum(quotas.values())]:
        quotas[key] += 1
    return {key: quota + least for key, quota in quotas.items()}


def town_of(rng: random.Random, county: County) -> Town:
    return rng.choices(county.towns, weights=[town.weight for town in county.towns])[0]


def place_near(
    rng: random.Random, town: Town, county: County, areas: Areas, *, snap_m: int
) -> tuple[float, float]:
    """A (lat, lng) on the `snap_m` grid around the town, always inside the county."""
    plane = geometry.JINHUA
    x_m, y_m = plane.project(town.lat, town.lng)
    furthest_m = FURTHEST_SIGMA * town.spread_m
    for _ in range(ATTEMPTS):
        dx_m, dy_m = rng.gauss(0, town.spread_m), rng.gauss(0, town.spread_m)
        if math.hypot(dx_m, dy_m) > furthest_m:
            continue
        place = plane.snap(*plane.locate(x_m + dx_m, y_m + dy_m), snap_m)
        if areas.county_at(*place) == county.code:
            return place
    return plane.snap(town.lat, town.lng, snap_m)
