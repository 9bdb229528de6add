"""Does it grow? Pure: figures of the lives of processes in, findings out.

A life is one process between its start and its death. Its first minutes are left out, for caches
fill, and so is all before the load itself has stopped to grow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final

# Each of a pool's connections prepares its statements as it comes to be used.
WARM_S: Final = 240.0
# A slope over less says more about noise than about growth.
SPAN_S: Final = 300.0
POINTS: Final = 12
PER_S: Final = 600.0
# What one open stream holds and gives back when it ends: its own is no growth. Two tasks (the
# connection's and the handler's), one socket; the memory as `bench.streams` measures it.
OF_A_STREAM: Final[Mapping[str, float]] = {"tasks": 2.0, "files": 1.0, "memory_mib": 0.021}
# What a statement holds that a connection has prepared: the mean of all there are in
# `dispatch/records`. Each of a pool's connections prepares each of them once it needs it.
OF_A_STATEMENT: Final[Mapping[str, float]] = {"memory_mib": 0.0039}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much a figure may rise in ten minutes, in its own unit, and why so much."""

    per_10_min: float
    why: str


LIMITS: Final[Mapping[str, Limit]] = {
    "memory_mib": Limit(
        per_10_min=10.0,
        why="the allocators' high-water mark climbs for some minutes more; a kilobyte lost by each"
        " of twenty requests a second would be 12 MiB",
    ),
    "files": Limit(
        per_10_min=15.0,
        why="a pool opens its connections as it needs them, twelve at most; a file lost by one"
        " request in a hundred would be 120",
    ),
    "tasks": Limit(
        per_10_min=30.0,
        why="requests under way are tasks, more of them on a busy machine; a task lost by one"
        " request in a hundred would be 120",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How one figure of one life went. `per_10_min` is none where the life was too short."""

    target: str
    pid: int
    figure: str
    first: float
    last: float
    highest: float
    span_s: float
    per_10_min: float | None

    @property
    def grows(self) -> bool:
        return self.per_10_min is not None and self.per_10_min > LIMITS[self.figure].per_10_min


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Per second, after Theil and Sen: the median of the slopes of all pairs, so that one burst
    or one pause does not tilt it."""
    rises = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x2 > x1]
    return median(rises) if rises else 0.0


def of_life(
    target: str, pid: int, figure: str, points: Sequence[tuple[float, float]], from_s: float
) -> Trend | None:
    """The trend of a figure over what came after `from_s`; none if nothing did."""
    warm = [(at_s, value) for at_s, value in points if at_s >= from_s]
    if not warm:
        return None
    span_s = warm[-1][0] - warm[0][0]
    is_long = len(warm) >= POINTS and span_s >= SPAN_S
    values = [value for _, value in warm]
    return Trend(
        target=target,
        pid=pid,
        figure=figure,
        first=values[0],
        last=values[-1],
        highest=max(values),
        span_s=round(span_s, 1),
        per_10_min=round(slope(warm) * PER_S, 2) if is_long else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A table at one moment: its rows, and its bytes with indexes."""

    rows: int
    size: int


# Smaller ones are a few pages of slack.
HEAVY: Final = 2 * 2**20
SWOLLEN: Final = 1.5


def bloat(before: Mapping[str, Weight], after: Mapping[str, Weight]) -> dict[str, float]:
    """Tables whose bytes a row have risen by half or more, and by how much.

    A table that grows with its rows is not bloated; one whose dead rows are not reused is.
    """
    found = {}
    for name, now in after.items():
        then = before.get(name)
        if then is None or now.size < HEAVY or not then.rows or not then.size:
            continue
        times = (now.size / max(1, now.rows)) / (then.size / then.rows)
        if times >= SWOLLEN:
            found[name] = round(times, 2)
    return found
