"""Owns where visits taken out are put again: each at its cheapest place, in a random order.

Now and then a place is overlooked ("blinks"), which keeps the search from going in circles
(Christiaens and Vanden Berghe, 2020, section 5.2).
"""

from __future__ import annotations

from math import inf, log
from typing import Final

from matching.routing.machine import Dice, below, chance, compiled, inlined
from matching.routing.problem import NOBODY, Problem
from matching.routing.state import WORST, Scratch, State, remembers
from matching.routing.timing import DUST, clear, delay, put, reach

BLINK: Final = 0.01


@compiled
def order(p: Problem, w: Scratch, rolled: Dice, out: int) -> None:
    """Order the visits to be placed: at random, scarce first, far first, near first, narrow first,
    early first or late first."""
    way = below(rolled, 16)
    for i in range(out):
        x = w.out[i]
        if way < 5:
            key = chance(rolled)
        elif way < 8:
            key = p.able_count[x] + chance(rolled)
        elif way < 10:
            key = -p.leg[p.place[p.visits], p.place[x]]
        elif way < 11:
            key = p.leg[p.place[p.visits], p.place[x]]
        elif way < 13:
            key = min(p.due[x], p.closes[x]) - p.opens[x]
        elif way < 14:
            key = p.opens[x]
        else:
            key = -min(p.due[x], p.closes[x])
        j = i
        while j > 0 and w.key[j - 1] > key:
            w.key[j], w.out[j] = w.key[j - 1], w.out[j - 1]
            j -= 1
        w.key[j], w.out[j] = key, x


@compiled
def place_all(p: Problem, s: State, w: Scratch, rolled: Dice, out: int) -> int:
    """Place the first `out` visits of `w.out`, each where it costs least, if that is less than
    leaving it out. Those left out are kept in `w.out`; their number is returned."""
    left = 0
    for i in range(out):
        x = w.out[i]
        u = _cheapest_known(p, s, w, rolled, x) if remembers(p) else _cheapest(p, s, w, rolled, x)
        if u == NOBODY:
            w.out[left] = x
            left += 1
            continue
        if not put(p, s, w, x, u):
            return NOBODY
    return left


@compiled
def _cheapest_known(p: Problem, s: State, w: Scratch, rolled: Dice, x: int) -> int:
    """`_cheapest` where a place costs the same as long as its day keeps its form, so that each
    visit remembers the cheapest place of every day."""
    best, best_u = p.skip_cost[x], NOBODY
    blink = _until_blink(rolled)
    w.round[0] += 1
    for k in range(p.able_count[x]):
        r = p.able[x, k]
        if s.load[r] + p.load[x] > p.room[r]:
            continue
        if s.held[r] == 0:
            seen, w.kind[p.kind[r]] = w.kind[p.kind[r]], w.round[0]
            if seen == w.round[0]:
                continue
        if w.known_form[x, k] != s.form[r]:
            w.known_form[x, k] = s.form[r]
            w.known_cost[x, k], w.known_spot[x, k] = _cheapest_of_day(p, s, x, r, NOBODY)
        cost, u = w.known_cost[x, k], w.known_spot[x, k]
        if cost < best:
            blink -= 1
            if blink <= 0:
                blink = _until_blink(rolled)
                cost, u = _cheapest_of_day(p, s, x, r, u)
            if cost < best:
                best, best_u = cost, u
    return best_u


@compiled
def _cheapest_of_day(p: Problem, s: State, x: int, r: int, but: int) -> tuple[float, int]:
    """What visit x costs at the least with nurse r in a plain problem, and after which stop, that
    after `but` overlooked; (inf, NOBODY) if it goes nowhere."""
    best, best_u = inf, NOBODY
    come, go = p.leg_back[p.place[x]], p.leg[p.place[x]]
    last_start = p.closes[x] + DUST
    u = p.visits + r
    while s.after[u] >= 0:
        ready = s.start[u] + p.lasts[u]
        if ready > last_start:
            break
        v = s.after[u]
        to, on = come[p.place[u]], go[p.place[v]]
        start = max(ready + to, p.opens[x])
        if (
            to + on - s.hop[v] < best
            and start <= last_start
            and start + p.lasts[x] + on <= s.latest[v] + DUST
            and u != but
        ):
            best, best_u = to + on - s.hop[v], u
        u = v
    return best + p.choice_cost[x, r], best_u


@compiled
def _cheapest(p: Problem, s: State, w: Scratch, rolled: Dice, x: int) -> int:
    """The stop after which visit x costs least, or NOBODY if leaving it out costs no more. In a
    large problem it is sought beside the visits that suit x, and only without one everywhere."""
    beside = p.beside.shape[1]
    u = NOBODY
    if beside and p.plain:
        u = _cheapest_beside(p, s, w, rolled, x)
    elif beside:
        u = _cheapest_of(p, s, w, rolled, x, beside)
    return u if u != NOBODY else _cheapest_of(p, s, w, rolled, x, 0)


@compiled
def _cheapest_beside(p: Problem, s: State, w: Scratch, rolled: Dice, x: int) -> int:
    """`_cheapest_of` in a plain problem."""
    best, best_u = p.skip_cost[x], NOBODY
    lasts, opens, load = p.lasts[x], p.opens[x], p.load[x]
    come, go = p.leg_back[p.place[x]], p.leg[p.place[x]]
    last_start = p.closes[x] + DUST
    blink = _until_blink(rolled)
    for k in range(p.beside.shape[1]):
        y = p.beside[x, k]
        r = s.nurse[y]
        if r < 0:
            continue
        choice = p.choice_cost[x, r]
        if choice == inf or s.load[r] + load > p.room[r]:
            continue
        u, v = s.before[y], y
        for _ in range(2):
            ready = s.start[u] + p.lasts[u]
            if ready > last_start:
                break
            to, on = come[p.place[u]], go[p.place[v]]
            cost = to + on - s.hop[v] + choice
            if cost < best:
                start = max(ready + to, opens)
                if start <= last_start:
                    blink -= 1
                    if blink <= 0:
                        blink = _until_blink(rolled)
                    elif start + lasts + on <= s.latest[v] + DUST:
                        best, best_u = cost, u
            u, v = y, s.after[y]
    w.round[0] += 1
    for k in range(p.able_count[x]):
        r = p.able[x, k]
        if s.held[r] > 0:
            continue
        seen, w.kind[p.kind[r]] = w.kind[p.kind[r]], w.round[0]
        if seen == w.round[0] or load > p.room[r]:
            continue
        cost, u = _cheapest_of_day(p, s, x, r, NOBODY)
        if cost < best:
            blink -= 1
            if blink <= 0:
                blink = _until_blink(rolled)
            else:
                best, best_u = cost, u
    return best_u


@compiled
def _cheapest_of(p: Problem, s: State, w: Scratch, rolled: Dice, x: int, beside: int) -> int:
    """Places where x delays nobody at a cost are judged at once. The others are kept with a lower
    bound, and judged in its order while one may still be cheapest."""
    best, best_u, doubtful = p.skip_cost[x], NOBODY, 0
    lasts, due, late_cost = p.lasts[x], p.due[x], p.late_cost[x]
    come, go = p.leg_back[p.place[x]], p.leg[p.place[x]]
    last_start = p.closes[x] + DUST
    mate = p.mate[x]
    mate_by = s.nurse[mate] if mate >= 0 else NOBODY
    not_before = s.start[mate] + p.gap[mate] if mate_by != NOBODY else p.opens[x]
    blink = _until_blink(rolled)
    w.round[0] += 1
    for k in range(beside + p.able_count[x]):
        u, places = _stretch(p, s, w, x, k, beside)
        if places == 0:
            continue
        r = s.nurse[u]
        choice = p.choice_cost[x, r]
        if r == mate_by or choice == inf or s.load[r] + p.load[x] > p.room[r]:
            continue
        while places and s.after[u] >= 0:
            v = s.after[u]
            ready = s.start[u] + p.lasts[u]
            if ready > last_start or late_cost * (ready - due) >= best:
                break
            places -= 1
            to, on = come[p.place[u]], go[p.place[v]]
            cost = to + on - s.hop[v] + choice
            if cost < best:
                start = clear(p, r, max(reach(p, r, ready, to, x), not_before), x)
                over = max(0.0, start - due)
                cost += late_cost * over + p.worst_cost * max(0.0, over - s.cost[WORST])
                if start <= last_start and cost < best:
                    blink -= 1
                    if blink <= 0:
                        blink = _until_blink(rolled)
                        u = v
                        continue
                    then = reach(p, r, start + lasts, on, v)
                    if then <= s.latest[v] + DUST and (
                        mate_by == NOBODY or start + p.gap[x] <= s.latest[mate] + DUST
                    ):
                        best, best_u = cost, u
                    elif not p.plain:
                        was = max(s.start[v], p.due[v])
                        cost += p.late_cost[v] * max(0.0, then - was)
                        if cost < best and then <= p.closes[v] + DUST:
                            w.bound[doubtful], w.spot[doubtful] = cost, u
                            doubtful += 1
            u = v
    while doubtful:
        least = 0
        for i in range(1, doubtful):
            if w.bound[i] < w.bound[least]:
                least = i
        if w.bound[least] >= best:
            break
        u = w.spot[least]
        doubtful -= 1
        w.bound[least], w.spot[least] = w.bound[doubtful], w.spot[doubtful]
        cost = come[p.place[u]] + go[p.place[s.after[u]]] - s.hop[s.after[u]]
        cost += p.choice_cost[x, s.nurse[u]]
        cost += delay(p, s, w, x, u, best - cost)
        if cost < best:
            best, best_u = cost, u
    return best_u


@inlined
def _stretch(p: Problem, s: State, w: Scratch, x: int, k: int, beside: int) -> tuple[int, int]:
    """The k-th stretch of a day to look at for x: its first stop and its number of places. First
    those beside visits that suit x, then days: all, or the empty ones if `beside` is above 0."""
    if k < beside:
        y = p.beside[x, k]
        return (s.before[y], 2) if s.nurse[y] >= 0 else (NOBODY, 0)
    r = p.able[x, k - beside]
    if s.held[r] == 0:
        # Nurses who are alike are looked at once while they have no visit.
        seen, w.kind[p.kind[r]] = w.kind[p.kind[r]], w.round[0]
        return p.visits + r, 0 if seen == w.round[0] else 1
    return p.visits + r, 0 if beside else s.held[r] + 1


@compiled
def _until_blink(rolled: Dice) -> int:
    return 1 + int(log(1.0 - chance(rolled)) / log(1.0 - BLINK))
