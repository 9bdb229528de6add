"""Owns the days that a search has seen, and the best combination of them. It makes no new day.

A search that tears and places again holds one plan at a time; of two plans that are good at
different ends of a town it cannot take the better half of each. Which days of all that were seen go
together best is a set partition (Foster and Ryan, 1976; Rochat and Taillard, 1995), solved by HiGHS
over the days that are cheapest by the prices of its relaxation, more of them as long as it may.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias, cast

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.routing.machine import Flags, Reals
from matching.routing.problem import MUST, NOBODY, Problem
from matching.routing.state import TRAVEL, State, days_of

Day: TypeAlias = tuple[int, ...]  # visits in their order
_Key: TypeAlias = tuple[int, frozenset[int]]  # of which kind the nurse is, and whom she visits

FIRST: Final = 1000  # so many days are combined at first, then twice as many each time
LONGER: Final = 16.0  # how much longer twice as many take, by experience
MOST: Final = 40_000  # so many days are remembered from one combination to the next

# What HiGHS does between two looks at the time, in steps of the search that take as long.
PIVOT: Final = 10
BOUND: Final = 2000

# Choices whose costs differ by less are as good.
SAME: Final = 1e-6


def stand_alone(p: Problem) -> bool:
    """Whether there are days, and each costs and allows the same whatever the others are."""
    return p.plain and p.visits > 0 and p.nurses > 0


class Days:
    """Every day seen of each kind of nurse; of those with the same visits the cheapest order."""

    def __init__(self, p: Problem) -> None:
        self._p = p
        self._seen: set[tuple[int, Day]] = set()
        self._best: dict[_Key, tuple[float, Day]] = {}

    def add(self, s: State) -> None:
        """Remember the days of a plan."""
        for r, day in enumerate(days_of(self._p, s)):
            kind = int(self._p.kind[r])
            if not day or (kind, day) in self._seen:
                continue
            self._seen.add((kind, day))
            key, cost = (kind, frozenset(day)), self._cost(r, day)
            if key not in self._best or cost < self._best[key][0]:
                self._best[key] = cost, day

    def combine(self, s: State, spent: Callable[[int], float]) -> list[Day]:
        """The cheapest days that were found to go together, one for each nurse; s, whose days were
        added, is where it begins. It ends when `spent(steps)` reaches 1."""
        p, keys = self._p, list(self._best)
        kinds, nurses = np.unique(p.kind, return_counts=True)
        row = {int(kind): p.visits + i for i, kind in enumerate(kinds)}
        mine = {(int(p.kind[r]), frozenset(day)) for r, day in enumerate(days_of(p, s))}
        is_out, must = s.nurse[: p.visits] == NOBODY, p.skip_cost >= MUST
        # To leave out who must be visited costs more than the plan, but not so much more that
        # digits are lost.
        dearest = s.cost[TRAVEL] + p.skip_cost[is_out & ~must].sum() + 1.0
        held, dearer = _choose(
            Columns(
                rows=[[*visits, row[kind]] for kind, visits in keys]
                + [[x] for x in range(p.visits)],
                cost=np.array(
                    [*(self._best[key][0] for key in keys), *np.where(must, dearest, p.skip_cost)]
                ),
                limits=np.array([*np.ones(p.visits), *nurses]),
                visits=p.visits,
            ),
            np.array([*(key in mine for key in keys), *is_out]),
            spent,
        )
        free = {int(kind): np.flatnonzero(p.kind == kind).tolist() for kind in kinds}
        days: list[Day] = [()] * p.nurses
        for j in np.flatnonzero(held[: len(keys)]):
            days[free[keys[j][0]].pop()] = self._best[keys[j]][1]
        if len(keys) > MOST:
            for j in np.argsort(dearer[: len(keys)], kind="stable")[MOST:]:
                del self._best[keys[j]]
            self._seen = {(kind, day) for (kind, _), (_, day) in self._best.items()}
        return days

    def _cost(self, r: int, day: Day) -> float:
        """What the day costs nurse r more than none."""
        p, stops = self._p, [self._p.visits + r, *day, self._p.visits + self._p.nurses + r]
        at = p.place[stops]
        hops = p.leg[at[:-1], at[1:]].sum() - p.leg[at[0], at[-1]]
        return float(hops + p.choice_cost[list(day), r].sum())


class Columns(NamedTuple):
    """What can be chosen: days, and visits left out. A column has a 1 in each of its rows, visits
    and kinds of nurses; no row has more than its limit, and every visit is there."""

    rows: Sequence[Sequence[int]]
    cost: Reals
    limits: Reals
    visits: int

    def only(self, which: NDArray[np.intp]) -> Columns:
        return self._replace(rows=[self.rows[j] for j in which], cost=self.cost[which])


def _choose(columns: Columns, held: Flags, spent: Callable[[int], float]) -> tuple[Flags, Reals]:
    """The best choice found, which is held or cheaper, and how much dearer than by the prices of
    the relaxation each column is; of any it is 0 if there was no time for prices."""
    steps, cost = 0, columns.cost

    def after(more: int) -> Callable[[Any], None]:
        def look(event: Any) -> None:
            nonlocal steps
            steps += more
            if spent(steps) >= 1.0:
                event.data_in.user_interrupt = True

        return look

    relaxed = _relaxed(columns)
    relaxed.cbSimplexInterrupt.subscribe(after(PIVOT))
    relaxed.run()
    if relaxed.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return held, np.zeros(cost.size)
    bound, dearer = relaxed.getObjectiveValue(), np.array(relaxed.getSolution().col_dual)
    by_price, width = np.sort(dearer), FIRST
    before = now = spent(steps)
    while now + LONGER * (now - before) < 1.0:
        # What is dearer by the whole gap is in no better plan.
        gap = float(cost[held].sum()) - bound
        limit = min(gap - SAME, by_price[min(width, by_price.size) - 1])
        which = np.flatnonzero((dearer <= limit) | held)
        whole = _whole(columns.only(which), held[which])
        whole.cbMipInterrupt.subscribe(after(BOUND))
        whole.run()
        taken = np.array(whole.getSolution().col_value) > 0.5
        if taken.size == which.size and cost[which[taken]].sum() < cost[held].sum() - SAME:
            held = np.zeros_like(held)
            held[which[taken]] = True
        if width >= by_price.size or by_price[width] >= gap:
            break
        width, before, now = 2 * width, now, spent(steps)
    return held, dearer


def _relaxed(columns: Columns) -> Any:
    """The choice of parts of columns. (HiGHS is not typed all through.)"""
    model: Any = cast(Any, highspy.Highs)()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_rel_gap", 0.0)
    lp, many = highspy.HighsLp(), columns.cost.size
    index = np.fromiter(chain.from_iterable(columns.rows), np.int32)
    lp.num_col_, lp.num_row_ = many, columns.limits.size
    lp.col_cost_, lp.col_lower_ = columns.cost, np.zeros(many)
    lp.col_upper_ = np.full(many, highspy.kHighsInf)
    lp.row_lower_ = np.where(np.arange(columns.limits.size) < columns.visits, 1.0, 0.0)
    lp.row_upper_ = columns.limits
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.cumsum([0, *map(len, columns.rows)])
    lp.a_matrix_.index_, lp.a_matrix_.value_ = index, np.ones(index.size)
    model.passModel(lp)
    return model


def _whole(columns: Columns, held: Flags) -> Any:
    """The choice of whole columns, from those held on."""
    model, many = _relaxed(columns), columns.cost.size
    every = np.arange(many, dtype=np.int32)
    model.changeColsIntegrality(many, every, np.full(many, highspy.HighsVarType.kInteger))
    model.changeColsBounds(many, every, np.zeros(many), np.ones(many))
    start = highspy.HighsSolution()
    start.col_value = held.astype(np.float64).tolist()
    model.setSolution(start)
    return model
