"""Owns a plan while it is searched: linked days, starts and what they cost. It decides nothing."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from matching.routing.machine import Flags, Forms, Reals, Whole, compiled, inlined
from matching.routing.problem import NOBODY, Problem

# The parts of a plan's cost, by their place in `State.cost`.
TRAVEL: Final = 0  # travel, and what the choice of nurses costs
LATE: Final = 1  # lateness at its price
WORST: Final = 2  # the greatest lateness, in time
SKIPPED: Final = 3  # visits left out at their price
PARTS: Final = 4

# A delay that is carried on for so many stops per stop runs in a circle.
PATIENCE: Final = 4


class State(NamedTuple):
    """Each day is a chain start → visits → return. `nurse` of a visit left out is NOBODY."""

    after: Whole
    before: Whole
    nurse: Whole
    start: Reals  # the earliest start that everything before allows
    latest: Reals  # the latest that costs nothing more, here or after
    hop: Reals  # travel from the stop before
    held: Whole  # how many visits each nurse has
    load: Reals  # of each nurse
    form: Forms  # the number of each day's present form; no other form of any day has it
    cost: Reals


class Scratch(NamedTuple):
    """Room to work in; nothing in it outlives a call, but the round numbers that mark it."""

    at: Reals  # starts on trial
    seen: Whole  # the round in which `at` was set
    queue: Whole
    round: Whole
    out: Whole  # visits taken out or left out, to be placed
    key: Reals  # by which they are ordered
    bound: Reals  # of places still to be judged
    spot: Whole  # the stops they are after
    torn: Flags  # nurses whose day was torn in this round
    kind: Whole  # the round in which an empty day of this kind was seen
    forms: Forms  # the last number given to a form
    known_form: Forms  # [visit, k]: the form of the k-th nurse's day that the next two are of
    known_cost: Reals  # what the visit costs there at the least
    known_spot: Whole  # the stop it is after; NOBODY where it goes nowhere


def empty(p: Problem) -> State:
    """Nobody goes anywhere."""
    n, m = p.visits, p.nurses
    stops = n + 2 * m
    state = State(
        after=np.full(stops, NOBODY, np.int32),
        before=np.full(stops, NOBODY, np.int32),
        nurse=np.full(stops, NOBODY, np.int32),
        start=p.opens.copy(),
        latest=p.closes.copy(),
        hop=np.zeros(stops),
        held=np.zeros(m, np.int32),
        load=np.zeros(m),
        form=np.zeros(m, np.int64),
        cost=np.zeros(PARTS),
    )
    starts, returns = np.arange(n, n + m), np.arange(n + m, stops)
    state.after[starts], state.before[returns] = returns, starts
    state.nurse[starts] = state.nurse[returns] = np.arange(m)
    state.hop[returns] = p.leg[p.place[starts], p.place[returns]]
    state.cost[SKIPPED] = p.skip_cost.sum()
    return state


def scratch(p: Problem) -> Scratch:
    stops = p.visits + 2 * p.nurses
    places = stops + 2 * p.beside.shape[1]  # those beside two visits are looked at twice
    known = p.able.shape if remembers(p) else (1, 1)
    return Scratch(
        at=np.zeros(stops),
        seen=np.zeros(stops, np.int32),
        queue=np.zeros(2 * PATIENCE * stops + 8, np.int32),
        round=np.zeros(2, np.int32),
        out=np.zeros(max(1, p.visits), np.int32),
        key=np.zeros(max(1, p.visits)),
        bound=np.zeros(places),
        spot=np.zeros(places, np.int32),
        torn=np.zeros(p.nurses, np.bool_),
        kind=np.zeros(2 * p.nurses + 1, np.int32),
        forms=np.zeros(1, np.int64),
        known_form=np.full(known, NOBODY, np.int64),
        known_cost=np.zeros(known),
        known_spot=np.zeros(known, np.int32),
    )


@inlined
def remembers(p: Problem) -> bool:
    """Whether visits remember the cheapest place of each day: if it depends on that day alone, and
    places are looked at day by day."""
    return p.plain and p.beside.shape[1] == 0


def days_of(p: Problem, s: State) -> list[tuple[int, ...]]:
    """The visits of each nurse in their order."""
    after, days = s.after.tolist(), []
    for r in range(p.nurses):
        day, x = [], after[p.visits + r]
        while x < p.visits:
            day.append(x)
            x = after[x]
        days.append(tuple(day))
    return days


@inlined
def _copy_stop(source: State, target: State, x: int) -> None:
    target.after[x] = source.after[x]
    target.before[x] = source.before[x]
    target.nurse[x] = source.nurse[x]
    target.start[x] = source.start[x]
    target.latest[x] = source.latest[x]
    target.hop[x] = source.hop[x]


@inlined
def _copy_nurse(source: State, target: State, r: int) -> None:
    target.held[r], target.load[r] = source.held[r], source.load[r]
    target.form[r] = source.form[r]


@inlined
def _copy_cost(source: State, target: State) -> None:
    for k in range(PARTS):
        target.cost[k] = source.cost[k]


@compiled
def copy(source: State, target: State) -> None:
    for x in range(source.after.size):
        _copy_stop(source, target, x)
    for r in range(source.held.size):
        _copy_nurse(source, target, r)
    _copy_cost(source, target)


@compiled
def copy_changed(p: Problem, source: State, target: State) -> None:
    """`copy` of a plan that differs by few days: where days stand alone, only those of another
    form."""
    if not p.plain:
        copy(source, target)
        return
    n = p.visits
    for r in range(p.nurses):
        if source.form[r] != target.form[r]:
            x = target.after[n + r]
            while x < n:
                target.nurse[x] = NOBODY
                x = target.after[x]
    for r in range(p.nurses):
        if source.form[r] != target.form[r]:
            x = n + r
            while x >= 0:
                _copy_stop(source, target, x)
                x = source.after[x]
            _copy_nurse(source, target, r)
    _copy_cost(source, target)


@inlined
def total(p: Problem, s: State) -> float:
    """What the plan costs in all."""
    return float(s.cost[TRAVEL] + s.cost[LATE] + p.worst_cost * s.cost[WORST] + s.cost[SKIPPED])


@inlined
def join(p: Problem, s: State, x: int, u: int) -> None:
    """Put visit x after stop u. Starts are left to the timing."""
    w, r = s.after[u], s.nurse[u]
    s.after[u], s.before[x], s.after[x], s.before[w] = x, u, w, x
    s.nurse[x] = r
    old = s.hop[w]
    s.hop[x] = p.leg[p.place[u], p.place[x]]
    s.hop[w] = p.leg[p.place[x], p.place[w]]
    s.cost[TRAVEL] += s.hop[x] + s.hop[w] - old + p.choice_cost[x, r]
    s.cost[SKIPPED] -= p.skip_cost[x]
    s.held[r] += 1
    s.load[r] += p.load[x]


@inlined
def part(p: Problem, s: State, x: int) -> None:
    """Take visit x out of its day. Starts are left to the timing."""
    u, w, r = s.before[x], s.after[x], s.nurse[x]
    s.after[u], s.before[w] = w, u
    hop = p.leg[p.place[u], p.place[w]]
    s.cost[TRAVEL] += hop - s.hop[x] - s.hop[w] - p.choice_cost[x, r]
    s.cost[SKIPPED] += p.skip_cost[x]
    s.hop[w] = hop
    s.nurse[x] = NOBODY
    s.held[r] -= 1
    s.load[r] -= p.load[x]
