"""Owns when each visit of a plan starts, and what a visit put in somewhere would delay.

Starts are the least solution of start[y] ≥ start[x] + weight over days and pairs, so lateness is
the least that the order of visits allows.
"""

from __future__ import annotations

from math import inf
from typing import Final

from matching.routing.machine import compiled, inlined
from matching.routing.problem import Problem
from matching.routing.state import LATE, WORST, Scratch, State, join

# Arithmetic on decimal travel times leaves dust; what is later by less is not later.
DUST: Final = 1e-9


@inlined
def clear(p: Problem, r: int, at: float, x: int) -> float:
    """The first start at x from `at` on that does not run into the rest of nurse r."""
    if at < p.rest_to[r] - DUST and at + p.lasts[x] > p.rest_from[r] + DUST:
        return float(p.rest_to[r])
    return float(at)


@inlined
def reach(p: Problem, r: int, ready: float, hop: float, x: int) -> float:
    """When nurse r, ready to leave at `ready`, starts at x. Her rest stops nursing, and driving
    unless she may."""
    at = max(ready + hop, p.opens[x])
    if at + p.lasts[x] <= p.rest_from[r] + DUST or ready >= p.rest_to[r] - DUST:
        return float(at)
    if p.may_drive[r]:
        return float(at) if x >= p.visits else clear(p, r, at, x)
    if ready + hop <= p.rest_from[r]:
        return float(max(p.rest_to[r], p.opens[x]))
    rested = ready + hop + p.rest_to[r] - max(p.rest_from[r], ready)
    return float(max(rested, p.opens[x]))


@inlined
def waiting(p: Problem, s: State, at: float, x: int) -> float:
    """When the partner of x may start, if x starts at `at`; -inf if x has none in the plan."""
    mate = p.mate[x]
    if mate < 0 or s.nurse[mate] < 0:
        return -inf
    return clear(p, s.nurse[mate], at + p.gap[x], mate)


@compiled
def settle(p: Problem, s: State, w: Scratch) -> bool:
    """Start everything as early as it can, and price the lateness. False if pairs wait for each
    other in a circle, or something starts after it closes."""
    n, m = p.visits, p.nurses
    for x in range(n):
        s.start[x] = p.opens[x]
    filled = 0
    for r in range(m):
        x = n + r
        while s.after[x] >= 0:
            y = s.after[x]
            at = reach(p, r, s.start[x] + p.lasts[x], s.hop[y], y)
            if y >= n or at > s.start[y]:
                s.start[y] = at
            x = y
            mate, at = p.mate[x], waiting(p, s, s.start[x], x)
            if at > s.start[mate] + DUST:
                s.start[mate] = at
                if s.nurse[mate] <= r:
                    w.queue[filled] = mate
                    filled += 1
    if filled and not _carry(p, s, w, filled):
        return False
    if not _price(p, s):
        return False
    for r in range(m):
        look_back(p, s, r)
    return True


@compiled
def _carry(p: Problem, s: State, w: Scratch, filled: int) -> bool:
    """Carry raised starts on to all who wait for them, first raised first."""
    done, limit = 0, w.queue.size // 2 - 2
    while done < filled:
        x = w.queue[done]
        done += 1
        if done > limit:
            return False
        mate, at = p.mate[x], waiting(p, s, s.start[x], x)
        if at > s.start[mate] + DUST:
            s.start[mate] = at
            w.queue[filled] = mate
            filled += 1
        y = s.after[x]
        if y >= 0:
            at = reach(p, s.nurse[x], s.start[x] + p.lasts[x], s.hop[y], y)
            if at > s.start[y] + DUST:
                s.start[y] = at
                w.queue[filled] = y
                filled += 1
    return True


@compiled
def _price(p: Problem, s: State) -> bool:
    late, worst = 0.0, 0.0
    for x in range(p.visits + 2 * p.nurses):
        if s.nurse[x] < 0 or p.visits <= x < p.visits + p.nurses:
            continue
        over = s.start[x] - p.due[x]
        if over > 0:
            late += p.late_cost[x] * over
            if x < p.visits:
                worst = max(worst, over)
        if s.start[x] > p.closes[x] + DUST:
            return False
    s.cost[LATE], s.cost[WORST] = late, worst
    return True


@inlined
def _latest(p: Problem, s: State, x: int, y: int) -> float:
    """The latest start of x that costs nothing more in its own day, where y follows."""
    latest = s.latest[y] - s.hop[y] - p.lasts[x]
    return float(min(latest, p.closes[x], max(p.due[x], s.start[x])))


@compiled
def look_back(p: Problem, s: State, r: int) -> None:
    """The latest start of each stop of a day that costs nothing more. Before a rest, and before
    a visit whose partner waits, that is counted as the start itself, which is safe."""
    y = p.visits + p.nurses + r
    s.latest[y] = p.closes[y]
    while s.before[y] >= 0:
        x = s.before[y]
        latest = _latest(p, s, x, y)
        mate = p.mate[x]
        if mate >= 0 and s.nurse[mate] >= 0:
            latest = min(latest, s.start[mate] - p.gap[x])
        if s.start[x] <= p.rest_to[r] and p.rest_from[r] < inf:
            latest = min(latest, s.start[x])
        s.latest[x] = latest
        y = x


@compiled
def settle_day(p: Problem, s: State, w: Scratch, r: int) -> None:
    """Starts and latest starts of one day of a plain problem, which thereby has a new form."""
    w.forms[0] += 1
    s.form[r] = w.forms[0]
    x = p.visits + r
    while s.after[x] >= 0:
        y = s.after[x]
        s.start[y] = max(s.start[x] + p.lasts[x] + s.hop[y], p.opens[y])
        x = y
    look_back(p, s, r)


@compiled
def settle_around(p: Problem, s: State, w: Scratch, x: int) -> None:
    """`settle_day` of a settled day into which x alone was put: starts after it and latest starts
    before it, until one is as it was."""
    w.forms[0] += 1
    s.form[s.nurse[x]] = w.forms[0]
    y = x
    while True:
        u = s.before[y]
        start = max(s.start[u] + p.lasts[u] + s.hop[y], p.opens[y])
        if y != x and start == s.start[y]:
            break
        s.start[y] = start
        if s.after[y] < 0:
            break
        y = s.after[y]
    is_before = False
    while s.before[y] >= 0:
        u = s.before[y]
        latest = _latest(p, s, u, y)
        if is_before and latest == s.latest[u]:
            break
        s.latest[u] = latest
        is_before = is_before or u == x
        y = u


@compiled
def delay(p: Problem, s: State, w: Scratch, v: int, u: int, bound: float) -> float:
    """What it costs in lateness to put visit v after stop u, over all whom it delays; inf if that
    is impossible or not below `bound`. The new starts are in `w.at`, of the `w.round[1]` stops
    of `w.queue`."""
    w.round[0] += 1
    now, r, after_u = w.round[0], s.nurse[u], s.after[u]
    cost, top = 0.0, s.cost[WORST]
    worst = top
    start = reach(p, r, s.start[u] + p.lasts[u], p.leg_back[p.place[v], p.place[u]], v)
    mate = p.mate[v]
    if mate >= 0 and s.nurse[mate] >= 0:
        start = clear(p, r, max(start, s.start[mate] + p.gap[mate]), v)
    w.at[v], w.seen[v], w.queue[0] = start, now, v
    over = start - p.due[v]
    if over > 0:
        cost += p.late_cost[v] * over
        top = max(top, over)
    if start > p.closes[v] + DUST or cost + p.worst_cost * (top - worst) >= bound:
        return inf
    done, filled, limit = 0, 1, w.queue.size // 2 - 2
    while done < filled:
        x = w.queue[done]
        done += 1
        if done > limit:
            return inf
        for way in range(2):
            if way == 0:  # who waits for x in another nurse's day
                y = p.mate[x]
                if y < 0 or (s.nurse[y] < 0 and y != v):
                    continue
                on = r if y == v else s.nurse[y]
                reached = clear(p, on, w.at[x] + p.gap[x], y)
            else:  # the next stop of the same day
                y = v if x == u else (after_u if x == v else s.after[x])
                if y < 0:
                    continue
                hop = p.leg[p.place[x], p.place[y]] if y == v or x == v else s.hop[y]
                on = r if x == v else s.nurse[x]
                reached = reach(p, on, w.at[x] + p.lasts[x], hop, y)
            was = w.at[y] if w.seen[y] == now else s.start[y]
            if reached <= was + DUST:
                continue
            if (y == v and not p.rested) or reached > p.closes[y] + DUST:
                return inf  # v would wait for itself, or somebody for too long
            over = reached - p.due[y]
            if over > 0:
                cost += p.late_cost[y] * (over - max(0.0, was - p.due[y]))
                if y < p.visits:
                    top = max(top, over)
                if cost + p.worst_cost * (top - worst) >= bound:
                    return inf
            w.at[y], w.seen[y] = reached, now
            w.queue[filled] = y
            filled += 1
    w.round[1] = filled
    return float(cost + p.worst_cost * (top - worst))


@compiled
def put(p: Problem, s: State, w: Scratch, v: int, u: int) -> bool:
    """Put visit v after stop u and carry on what it delays. False if that is impossible."""
    if p.plain:
        join(p, s, v, u)
        settle_around(p, s, w, v)
        return True
    if delay(p, s, w, v, u, inf) == inf:
        return False
    join(p, s, v, u)
    s.start[v] = w.at[v]
    _late(p, s, 0.0, max(0.0, s.start[v] - p.due[v]), v)
    for i in range(1, w.round[1]):
        y = w.queue[i]
        _late(p, s, max(0.0, s.start[y] - p.due[y]), max(0.0, w.at[y] - p.due[y]), y)
        s.start[y] = w.at[y]
    for i in range(w.round[1]):
        y = w.queue[i]
        if i == 0 or s.nurse[y] != s.nurse[w.queue[i - 1]]:
            look_back(p, s, s.nurse[y])
    mate = p.mate[v]
    if mate >= 0 and s.nurse[mate] >= 0:
        look_back(p, s, s.nurse[mate])
    return True


@inlined
def _late(p: Problem, s: State, was: float, over: float, x: int) -> None:
    s.cost[LATE] += p.late_cost[x] * (over - was)
    if x < p.visits:
        s.cost[WORST] = max(s.cost[WORST], over)
