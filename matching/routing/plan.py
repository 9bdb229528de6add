"""Owns a finished day plan as people read it, and the proof that it keeps the rules.

The proof shares nothing with the search: it works every time and cost out again, visit by visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

from matching.routing.problem import NOBODY, Problem
from matching.routing.state import State, days_of

EXACT: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    visit: int
    start: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`days[r]` are the stops of nurse r in their order. `lateness` is summed over visits, in
    time; `overtime` over nurses."""

    days: tuple[tuple[Stop, ...], ...]
    left_out: tuple[int, ...]
    travel: float
    lateness: float
    worst_lateness: float
    overtime: float


class Rest(NamedTuple):
    """Between two times; at inf if there is none."""

    begins: float = inf
    ends: float = inf
    may_drive: bool = False


class Broken(Exception):
    """A plan breaks a rule; the message says which and where."""


def of(p: Problem, s: State) -> Plan:
    """The plan that a state holds, proven."""
    start = s.start.tolist()
    return proven(p, [[Stop(visit=x, start=start[x]) for x in day] for day in days_of(p, s)])


def proven(p: Problem, days: Sequence[Sequence[Stop]]) -> Plan:
    """The days as a plan, with what they cost. Raises Broken."""
    # Numbers of an array cost several times those of a list, one by one.
    place, lasts, load = p.place.tolist(), p.lasts.tolist(), p.load.tolist()
    opens, due, closes = p.opens.tolist(), p.due.tolist(), p.closes.tolist()
    rests = [
        Rest(*each)
        for each in zip(p.rest_from.tolist(), p.rest_to.tolist(), p.may_drive.tolist(), strict=True)
    ]
    by: dict[int, tuple[int, float]] = {}
    travel = lateness = worst = overtime = 0.0
    for r, (stops, rest) in enumerate(zip(days, rests, strict=True)):
        door, home = p.visits + r, p.visits + p.nurses + r
        at, ready, carried = place[door], opens[door], 0.0
        for stop in stops:
            x = stop.visit
            hop = float(p.leg[at, place[x]])
            ends = stop.start + lasts[x]
            if x in by:
                raise Broken(f"visit {x} is given twice")
            if not p.choice_cost[x, r] < inf:
                raise Broken(f"nurse {r} may not give visit {x}")
            if not stop.start >= arrival(rest, ready, hop, lasts[x]) - EXACT:
                raise Broken(f"visit {x} starts before nurse {r} is there")
            if not stop.start >= opens[x] - EXACT:
                raise Broken(f"visit {x} starts before it may")
            if not stop.start <= closes[x] + EXACT:
                raise Broken(f"visit {x} starts after it may")
            if stop.start < rest.ends and ends > rest.begins:
                raise Broken(f"nurse {r} gives visit {x} while she rests")
            by[x] = r, stop.start
            late = max(0.0, stop.start - due[x])
            travel, lateness, worst = travel + hop, lateness + late, max(worst, late)
            at, ready, carried = place[x], ends, carried + load[x]
        if not carried <= p.room[r] + EXACT:
            raise Broken(f"nurse {r} carries too much")
        hop = float(p.leg[at, place[home]])
        back = arrival(rest, ready, hop, 0.0)
        if not back <= closes[home] + EXACT:
            raise Broken(f"nurse {r} is back too late")
        travel += hop
        overtime += max(0.0, back - due[home])
    for x, (r, start) in by.items():
        mate = int(p.mate[x])
        if mate != NOBODY and mate in by:
            if by[mate][0] == r:
                raise Broken(f"nurse {r} gives both {x} and {mate}")
            if not by[mate][1] >= start + p.gap[x] - EXACT:
                raise Broken(f"visits {x} and {mate} are out of step")
    return Plan(
        days=tuple(map(tuple, days)),
        left_out=tuple(x for x in range(p.visits) if x not in by),
        travel=travel,
        lateness=lateness,
        worst_lateness=worst,
        overtime=overtime,
    )


def arrival(rest: Rest, ready: float, hop: float, lasts: float) -> float:
    """When a nurse who is ready to go may start what lasts so long, or is home if it lasts no time:
    her rest is kept free of nursing, and of driving unless she may."""
    if not rest.may_drive and rest.begins <= ready < rest.ends:
        ready = rest.ends
    there = ready + hop
    if not rest.may_drive and ready < rest.begins < there:
        there += rest.ends - rest.begins
    elif there < rest.ends - EXACT and there + lasts > rest.begins + EXACT and lasts > 0:
        there = rest.ends
    return there
