"""Owns which visits are taken out of a plan together: strings of neighbouring days.

After Christiaens and Vanden Berghe, "Slack induction by string removals for vehicle routing
problems", Transportation Science 54 (2020), section 5.1.
"""

from __future__ import annotations

from typing import Final

from matching.routing.machine import Dice, below, chance, compiled
from matching.routing.problem import Problem
from matching.routing.state import Scratch, State, part

SPLIT_SHARE: Final = 0.5  # how often a string keeps some visits in its middle
SPLIT_GROWS: Final = 0.01  # how often the kept part grows by one no more
ANYWAY_SHARE: Final = 0.1  # how often a visit left out is tried although nobody's day was torn


@compiled
def tear(p: Problem, s: State, w: Scratch, rolled: Dice, mean_out: float) -> int:
    """Take out strings of visits around a random one, `mean_out` visits in the mean. They stand in
    `w.out`, with those left out before that may find a place now; their number is returned."""
    for r in range(p.nurses):
        w.torn[r] = False
    seed = below(rolled, p.visits)
    planned, days = 0, 0
    for r in range(p.nurses):
        if s.held[r]:
            planned, days = planned + s.held[r], days + 1
    left = left_out(p, s, w) if planned < p.visits else 0
    if days == 0:
        return left
    longest = min(mean_out, planned / days)
    days_out = int(chance(rolled) * (4.0 * mean_out / (1.0 + longest) - 1.0) + 1.0)
    out = left
    for k in range(p.near.shape[1]):
        x = p.near[seed, k]
        if s.nurse[x] < 0 or w.torn[s.nurse[x]]:
            continue
        w.torn[s.nurse[x]] = True
        most = min(float(s.held[s.nurse[x]]), longest)
        length = int(chance(rolled) * most + 1.0)
        out = _string(p, s, w, rolled, out, x, length)
        days_out -= 1
        if days_out <= 0:
            break
    out, tried = _mates(p, s, w, rolled, out), 0
    for i in range(out):
        if i >= left or _may_fit(p, w, rolled, w.out[i]):
            w.out[tried] = w.out[i]
            tried += 1
    return tried


@compiled
def left_out(p: Problem, s: State, w: Scratch) -> int:
    """Note in `w.out` which visits are not in the plan; their number is returned."""
    out = 0
    for x in range(p.visits):
        if s.nurse[x] < 0:
            w.out[out] = x
            out += 1
    return out


@compiled
def _may_fit(p: Problem, w: Scratch, rolled: Dice, x: int) -> bool:
    """Whether a visit left out before is worth a try: somebody who may has room in her day now."""
    for k in range(p.able_count[x]):
        if w.torn[p.able[x, k]]:
            return True
    return chance(rolled) < ANYWAY_SHARE


@compiled
def _string(p: Problem, s: State, w: Scratch, rolled: Dice, out: int, x: int, length: int) -> int:
    """Take out `length` visits of one day, x among them; in some, a part between them stays."""
    kept, size = 0, s.held[s.nurse[x]]
    if length > 1 and length < size and chance(rolled) < SPLIT_SHARE:
        kept = 1
        while length + kept < size and chance(rolled) > SPLIT_GROWS:
            kept += 1
    place, y = 0, s.before[x]
    while y < p.visits:
        place, y = place + 1, s.before[y]
    first = max(0, place - (length + kept) + 1)
    last = min(place, size - (length + kept))
    begin = first + below(rolled, last - first + 1)
    for _ in range(place - begin):
        x = s.before[x]
    stay_from = 1 + below(rolled, length - 1) if kept else length
    for i in range(length + kept):
        y = s.after[x]
        if (i < stay_from or i >= stay_from + kept) and not p.frozen[x]:
            part(p, s, x)
            w.out[out] = x
            out += 1
        x = y
    return out


@compiled
def _mates(p: Problem, s: State, w: Scratch, rolled: Dice, out: int) -> int:
    """Half of the paired visits taken out take their partner with them."""
    for i in range(out):
        mate = p.mate[w.out[i]]
        if mate >= 0 and s.nurse[mate] >= 0 and not p.frozen[mate] and chance(rolled) < 0.5:
            w.torn[s.nurse[mate]] = True
            part(p, s, mate)
            w.out[out] = mate
            out += 1
    return out
