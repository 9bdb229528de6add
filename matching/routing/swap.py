"""Owns the exchange of the ends of two days, or of whole days, between two nurses.

Where nurses differ in what they may give, a day that lies right but is held by the wrong nurse
stays shut to visits that only another could give; taking days apart visit by visit seldom mends
that.
"""

from __future__ import annotations

from math import inf
from typing import Final

from matching.routing.machine import Dice, below, chance, compiled, inlined
from matching.routing.problem import NOBODY, Problem
from matching.routing.state import TRAVEL, Scratch, State
from matching.routing.timing import DUST, settle, settle_day

WHOLE_SHARE: Final = 0.75  # how often whole days are exchanged, and not what follows a visit
LOOKED_AT: Final = 100  # how many nurses at most: a step stays short in a province, too


@compiled
def swap_ends(p: Problem, s: State, w: Scratch, rolled: Dice, dearer: float) -> None:
    """Exchange what follows a stop drawn by lot with what follows the stop of another nurse for
    which that is shortest, if both may give it and come in time, and travel and choice of nurses
    do not cost more by `dearer`."""
    if p.nurses < 2:
        return
    r = below(rolled, p.nurses)
    u = p.visits + r
    if chance(rolled) >= WHOLE_SHARE:
        for _ in range(below(rolled, s.held[r] + 1)):
            u = s.after[u]
    v = _shortest(p, s, u, below(rolled, p.nurses))
    if v == NOBODY:
        return
    q, before = s.nurse[v], s.cost[TRAVEL]
    _exchange(p, s, u, v)
    if s.cost[TRAVEL] - before >= dearer:
        _exchange(p, s, u, v)
    elif not _settled(p, s, w, r, q):
        _exchange(p, s, u, v)
        _settled(p, s, w, r, q)


@compiled
def _shortest(p: Problem, s: State, u: int, first: int) -> int:
    """The stop of another day after which the exchange is shortest; of those that are as short the
    first, from nurse `first` on; NOBODY if there is none."""
    n, r, x = p.visits, s.nurse[u], s.after[u]
    home, load = n + p.nurses + r, _load(p, s, x)
    best, best_v = inf, NOBODY
    for k in range(min(p.nurses, LOOKED_AT)):
        q = (first + k) % p.nurses
        if q == r or s.held[q] + s.held[r] == 0 or (u >= n and p.kind[q] == p.kind[r]):
            continue
        other, v = n + p.nurses + q, n + q
        asked = False
        while s.after[v] >= 0:
            y = s.after[v]
            to_y, to_x = y if y < n else home, x if x < n else other
            hop_y, hop_x = p.leg[p.place[u], p.place[to_y]], p.leg[p.place[v], p.place[to_x]]
            longer = hop_y + hop_x - s.hop[x] - s.hop[y]
            if (
                longer < best
                and (x < n or y < n)
                and s.start[u] + p.lasts[u] + hop_y <= s.latest[to_y] + DUST
                and s.start[v] + p.lasts[v] + hop_x <= s.latest[to_x] + DUST
            ):
                if not asked and not _may_take(p, s, q, x):
                    break
                asked = True
                more = load - _load(p, s, y)
                if (
                    s.load[q] + more <= p.room[q]
                    and s.load[r] - more <= p.room[r]
                    and _may_take(p, s, r, y)
                ):
                    best, best_v = longer, v
            v = y
    return best_v


@compiled
def _may_take(p: Problem, s: State, r: int, x: int) -> bool:
    """Whether nurse r may give x and all that follows it."""
    while x < p.visits:
        if p.choice_cost[x, r] == inf or p.frozen[x]:
            return False
        x = s.after[x]
    return True


@inlined
def _load(p: Problem, s: State, x: int) -> float:
    """What x and all that follows it load."""
    load = 0.0
    while x < p.visits:
        load += p.load[x]
        x = s.after[x]
    return load


@compiled
def _exchange(p: Problem, s: State, u: int, v: int) -> None:
    """Exchange what follows u and what follows v. Starts are left to the timing."""
    n, m, r, q = p.visits, p.nurses, s.nurse[u], s.nurse[v]
    x, y = s.after[u], s.after[v]
    last_x, last_y = s.before[n + m + r], s.before[n + m + q]
    _follow(p, s, u, y, last_y, r, q)
    _follow(p, s, v, x, last_x, q, r)


@inlined
def _follow(p: Problem, s: State, u: int, first: int, last: int, new: int, old: int) -> None:
    """The visits from `first` to `last`, which nurse `old` had, follow u in the day of `new`."""
    n, home = p.visits, p.visits + p.nurses + new
    if first >= n:
        first, last = home, u
    s.after[u], s.before[first] = first, u
    s.after[last], s.before[home] = home, last
    x = first
    while x < n:
        s.nurse[x] = new
        s.cost[TRAVEL] += p.choice_cost[x, new] - p.choice_cost[x, old]
        s.held[new], s.held[old] = s.held[new] + 1, s.held[old] - 1
        s.load[new], s.load[old] = s.load[new] + p.load[x], s.load[old] - p.load[x]
        x = s.after[x]
    _measure(p, s, first)
    if first != home:
        _measure(p, s, home)


@inlined
def _measure(p: Problem, s: State, x: int) -> None:
    """Travel to x from the stop that is before it now."""
    hop = p.leg[p.place[s.before[x]], p.place[x]]
    s.cost[TRAVEL] += hop - s.hop[x]
    s.hop[x] = hop


@compiled
def _settled(p: Problem, s: State, w: Scratch, r: int, q: int) -> bool:
    """Start both days anew. False if that breaks a rule."""
    if p.plain:
        settle_day(p, s, w, r)
        settle_day(p, s, w, q)
    return _is_kept(p, s, r) and _is_kept(p, s, q) and (p.plain or settle(p, s, w))


@compiled
def _is_kept(p: Problem, s: State, r: int) -> bool:
    """Whether nobody has both visits of a pair and, in a plain problem, all begin in time."""
    x = s.after[p.visits + r]
    while x >= 0:
        mate = p.mate[x]
        if mate >= 0 and s.nurse[mate] == r:
            return False
        if p.plain and s.start[x] > p.closes[x] + DUST:
            return False
        x = s.after[x]
    return True
