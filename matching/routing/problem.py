"""Owns what a day plan must keep: visits, nurses and pairs, and the same as flat arrays.

Units are the caller's own, one for time and travel alike. It searches nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.routing import nearness
from matching.routing.machine import Flags, Reals, Whole

# Leaving out a visit that must be given costs more than any plan.
MUST: Final = 1e7

NOBODY: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One service at one place. It starts in [opens, closes]; after `due` it is late and each unit
    of lateness costs `late_cost`. Left out it costs `skip_cost`. By anybody but `prefers` it costs
    `prefer_cost` more."""

    place: int
    opens: float
    lasts: float
    able: Sequence[int]
    due: float = inf
    closes: float = inf
    late_cost: float = 0.0
    skip_cost: float = MUST
    load: float = 0.0
    prefers: int | None = None
    prefer_cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nurse:
    """One nurse's day: she leaves `place` at `starts` or later and is back, there or at `back`, by
    `ends`, or each unit after it costs `overtime_cost`. While she rests she does not nurse, nor
    drive unless she `may_drive`; her rest begins at a fixed time. Nurses of one `kind` are alike in
    everything."""

    place: int
    back: int | None = None
    starts: float = 0.0
    ends: float = inf
    overtime_cost: float | None = None
    rests: tuple[float, float] | None = None
    may_drive: bool = False
    room: float = inf
    kind: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two visits by two nurses; the second starts `least` to `most` after the first."""

    first: int
    second: int
    least: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What people were told: who comes, and when. Sending another nurse costs `change_cost`, if she
    could come at all: else `nurse` is NOBODY. The visit starts no more than `within` earlier, and
    each unit more than `within` later costs `delay_cost`. A frozen visit keeps nurse and start."""

    visit: int
    nurse: int
    start: float
    within: float = 0.0
    change_cost: float = 0.0
    delay_cost: float = 0.0
    frozen: bool = False


class Problem(NamedTuple):
    """The arrays. Stops are numbered: visits 0…n-1, then each nurse's start, then each nurse's
    return. `gap[x]` is how long before `mate[x]` may start after x at the least."""

    visits: int
    nurses: int
    plain: bool  # nothing soft, nothing paired, nobody rests: a place is judged at one look
    rested: bool  # somebody rests
    place: Whole
    leg: Reals  # [from, to]
    leg_back: Reals  # [to, from]
    opens: Reals
    due: Reals
    closes: Reals
    lasts: Reals
    late_cost: Reals
    worst_cost: float  # of the day's greatest lateness, once
    skip_cost: Reals
    load: Reals
    room: Reals
    mate: Whole
    gap: Reals
    able: Whole  # [visit, k]: the k-th nurse who may
    able_count: Whole
    choice_cost: Reals  # [visit, nurse]: of sending her rather than another; inf if she may not
    kind: Whole
    rest_from: Reals
    rest_to: Reals
    may_drive: Flags  # while she rests
    near: Whole  # [visit, k]: the k-th nearest visit
    beside: Whole  # [visit, k]: who suits it best as a neighbour; none where all are looked at
    frozen: Flags


def build(
    *,
    visits: Sequence[Visit],
    nurses: Sequence[Nurse],
    travel: Reals,
    pairs: Sequence[Pair] = (),
    told: Sequence[Told] = (),
    worst_cost: float = 0.0,
) -> Problem:
    """The arrays of a problem. `travel[a, b]` leads from place a to place b."""
    n, m = len(visits), len(nurses)
    leg = np.ascontiguousarray(travel, dtype=np.float64)
    doors = [nurse.place for nurse in nurses]
    backs = [nurse.place if nurse.back is None else nurse.back for nurse in nurses]
    place = np.array([visit.place for visit in visits] + doors + backs, np.int32)
    begins, free = [nurse.starts for nurse in nurses], [inf] * m
    hard_ends = [inf if nurse.overtime_cost is not None else nurse.ends for nurse in nurses]
    soft_ends = [inf if nurse.overtime_cost is None else nurse.ends for nurse in nurses]
    opens = np.array([visit.opens for visit in visits] + begins + begins, np.float64)
    due = np.array([visit.due for visit in visits] + free + soft_ends, np.float64)
    closes = np.array([visit.closes for visit in visits] + free + hard_ends, np.float64)
    overtime = [0.0] * m + [nurse.overtime_cost or 0.0 for nurse in nurses]
    late_cost = np.array([visit.late_cost for visit in visits] + overtime, np.float64)
    lasts = np.array([visit.lasts for visit in visits] + [0.0] * 2 * m, np.float64)
    able_count = np.array([len(visit.able) for visit in visits], np.int32)
    able = np.zeros((n, max(1, int(able_count.max(initial=0)))), np.int32)
    choice_cost = np.full((n, m), inf)
    for x, visit in enumerate(visits):
        able[x, : len(visit.able)] = visit.able
        choice_cost[x, visit.able] = 0.0
        if visit.prefers is not None:
            choice_cost[x] += visit.prefer_cost
            choice_cost[x, visit.prefers] -= visit.prefer_cost
    frozen = np.zeros(n + 2 * m, np.bool_)
    for word in told:
        x = word.visit
        if word.nurse != NOBODY:
            choice_cost[x] += word.change_cost
            choice_cost[x, word.nurse] -= word.change_cost
        if word.frozen:
            frozen[x] = True
            opens[x] = closes[x] = word.start
        else:
            opens[x] = max(opens[x], word.start - word.within)
            if word.delay_cost > 0:
                due[x] = min(due[x], word.start + word.within)
                late_cost[x] = max(late_cost[x], word.delay_cost)
    mate, gap = np.full(n + 2 * m, NOBODY, np.int32), np.zeros(n + 2 * m)
    for pair in pairs:
        mate[pair.first], mate[pair.second] = pair.second, pair.first
        gap[pair.first], gap[pair.second] = pair.least, -pair.most
    kinds = [m + r if nurse.kind is None else nurse.kind for r, nurse in enumerate(nurses)]
    rests = [nurse.rests or (inf, inf) for nurse in nurses]
    rested = any(nurse.rests for nurse in nurses)
    return Problem(
        visits=n,
        nurses=m,
        plain=not pairs and not late_cost.any() and not rested,
        rested=rested,
        place=place,
        leg=leg,
        leg_back=np.ascontiguousarray(leg.T),
        opens=opens,
        due=due,
        closes=closes,
        lasts=lasts,
        late_cost=late_cost,
        worst_cost=worst_cost,
        skip_cost=np.array([visit.skip_cost for visit in visits], np.float64),
        load=np.array([visit.load for visit in visits], np.float64),
        room=np.array([nurse.room for nurse in nurses], np.float64),
        mate=mate,
        gap=gap,
        able=able,
        able_count=able_count,
        choice_cost=choice_cost,
        kind=np.array(kinds, np.int32),
        rest_from=np.array([begin for begin, _ in rests], np.float64),
        rest_to=np.array([end for _, end in rests], np.float64),
        may_drive=np.array([nurse.may_drive for nurse in nurses], np.bool_),
        near=nearness.near(leg, place[:n]),
        beside=nearness.beside(
            leg, place[:n], opens[:n], np.minimum(due, closes)[:n], lasts[:n], choice_cost
        ),
        frozen=frozen,
    )


def part_of(p: Problem, visits: NDArray[np.intp], nurses: NDArray[np.intp]) -> Problem:
    """The problem of some of the visits and nurses, numbered as they are given. Pairs are no part
    of it."""
    n, m = len(visits), len(nurses)
    stops = np.concatenate([visits, p.visits + nurses, p.visits + p.nurses + nurses])
    place, opens, closes, lasts = p.place[stops], p.opens[stops], p.closes[stops], p.lasts[stops]
    due, choice_cost = p.due[stops], p.choice_cost[np.ix_(visits, nurses)]
    may = np.isfinite(choice_cost)
    able_count = may.sum(axis=1, dtype=np.int32)
    able = np.zeros((n, max(1, int(able_count.max(initial=0)))), np.int32)
    for x in range(n):
        able[x, : able_count[x]] = np.flatnonzero(may[x])
    return p._replace(
        visits=n,
        nurses=m,
        place=place,
        opens=opens,
        due=due,
        closes=closes,
        lasts=lasts,
        late_cost=p.late_cost[stops],
        skip_cost=p.skip_cost[visits],
        load=p.load[visits],
        room=p.room[nurses],
        mate=np.full(n + 2 * m, NOBODY, np.int32),
        gap=np.zeros(n + 2 * m),
        able=able,
        able_count=able_count,
        choice_cost=choice_cost,
        # Kinds number what is no larger than twice the nurses.
        kind=np.unique(p.kind[nurses], return_inverse=True)[1].astype(np.int32),
        rest_from=p.rest_from[nurses],
        rest_to=p.rest_to[nurses],
        may_drive=p.may_drive[nurses],
        near=nearness.near(p.leg, place[:n]),
        beside=nearness.beside(
            p.leg, place[:n], opens[:n], np.minimum(due, closes)[:n], lasts[:n], choice_cost
        ),
        frozen=p.frozen[stops],
    )
