"""Owns the search for a day plan: tear, place again, keep or go back, ever more coolly.

It knows no clock: whoever asks says what share of the effort is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from typing import Final, NamedTuple

import numpy as np

from matching.routing import plan as plans
from matching.routing.combine import Days, stand_alone
from matching.routing.machine import Dice, chance, compiled, dice
from matching.routing.parts import Part, Parts, number
from matching.routing.plan import Plan
from matching.routing.problem import NOBODY, Nurse, Pair, Problem, Visit, build
from matching.routing.recreate import order, place_all
from matching.routing.ruin import left_out, tear
from matching.routing.state import (
    Scratch,
    State,
    copy,
    copy_changed,
    days_of,
    empty,
    join,
    scratch,
    total,
)
from matching.routing.swap import swap_ends
from matching.routing.timing import settle, settle_day


class Effort(NamedTuple):
    """How boldly to search. Temperatures are in mean legs of the first plan: a plan that is dearer
    by the temperature is kept once in e times."""

    hot: float
    cold: float
    mean_out: float  # visits taken out at a time, in the mean


USUAL: Final = Effort(hot=2.0, cold=0.1, mean_out=12.0)
# Where a step takes long, shorter ones lead further in the same time.
LARGE: Final = Effort(hot=2.0, cold=0.1, mean_out=6.0)
# Where leaving a visit out costs but some legs, the question is which to leave out: exchanging one
# for another goes through plans that are dearer by such a price.
PRICED: Final = Effort(hot=8.0, cold=0.1, mean_out=15.0)
PRICED_BELOW_LEGS: Final = 100.0

# How often a step begins with two nurses who exchange days, and what that may cost beforehand, in
# temperatures: the rest of the step seldom makes up for more.
SWAP_SHARE: Final = 0.3
SWAP_DEARER: Final = 4.0

# A new plan is better than the best by more than rounding.
BETTER: Final = 1e-7

FEWEST_STEPS: Final = 16
MOST_STEPS: Final = 1 << 16

# A large problem in which days stand alone is searched as a whole at first, then part by part, from
# a plan that is good already, if a visit gets so many steps. Long days take more heat to change.
PART_OUT: Final = 10.0  # visits at a time
PART_HEAT: Final = (0.5, 2.0)  # at first: a leg for so many visits a day, within these
A_LEG: Final = 20.0
PART_COLD: Final = 0.1  # at last: of the heat at first, or of a leg where that is less
AS_A_WHOLE: Final = 0.15  # of the effort
TURNS: Final = 5  # of each visit, in the mean
FEWEST_FOR_PARTS: Final = 100.0

# Where days stand alone and a visit gets so many steps, several plans are searched, each from the
# first one; what all of them saw is combined, and searched on from there. Shares are of the effort.
ENOUGH: Final = 800.0
GLANCE: Final = 0.02  # by which the steps there are time for are guessed
A_START: Final = 1000.0  # steps a visit of each of these plans, at the least
STARTS: Final = 6  # at the most
APART: Final = 0.5  # spent on them all
COMBINED: Final = 3  # times
COMBINING: Final = 0.1  # spent on each combination, at the most
AGAIN: Final = 0.125  # how hot the search goes on, of how hot it began
COLDER: Final = 0.5  # how much cooler all of these end: their last plans need not change any more
# Steps from one look at the days to the next: as many a nurse, since each step changes few days.
A_LOOK_A_NURSE: Final = 5
A_LOOK_STEPS: Final = (1 << 6, 1 << 10)


class Search:
    """One search from one seed, from nothing or from the days of a plan, as boldly as suits the
    problem or as told. What is left out finds its place at once where it can; after `run`, `plan()`
    is the best. Raises Broken if the days given break a rule."""

    def __init__(
        self,
        problem: Problem,
        *,
        seed: int = 0,
        days: Sequence[Sequence[int]] = (),
        effort: Effort | None = None,
    ) -> None:
        self.problem = problem
        self.steps = 0
        self._scratch, self._dice = scratch(problem), dice(seed)
        self._best = _laid(problem, days, self._scratch)
        self._kept, self._trial = empty(problem), empty(problem)
        self._is_given = any(days)
        if days:
            plans.of(problem, self._best)
        place_left_out(problem, self._best, self._scratch, self._dice)
        self._go_on_from(self._best)
        legs = problem.visits + int((self._best.held > 0).sum())
        mean_leg = float(self._best.hop.sum()) / max(1, legs) or 1.0
        effort = effort or _effort(problem, mean_leg)
        self._hot, self._cold = effort.hot * mean_leg, effort.cold * mean_leg
        self._mean_out = effort.mean_out

    @property
    def cost(self) -> float:
        return total(self.problem, self._best)

    def plan(self) -> Plan:
        return plans.of(self.problem, self._best)

    def run(self, spent: Callable[[int], float]) -> None:
        """Search until `spent(steps)`, the share of the effort that is spent, reaches 1. For a
        share that depends on the steps alone, the same seed gives the same plan."""
        if not stand_alone(self.problem):
            self._cool(spent)
            return
        first = empty(self.problem)
        copy(self._kept, first)
        self._cool(spent, until=GLANCE, cold=self._hot)
        room = self.steps / spent(self.steps) / self.problem.visits
        if self.problem.beside.shape[1] > 0 and room >= FEWEST_FOR_PARTS:
            self._cool(spent, until=AS_A_WHOLE)
            self._part_by_part(spent)
            return
        if room < ENOUGH:
            self._cool(spent)
            return
        days = Days(self.problem)
        starts = 1 if self._is_given else min(STARTS, max(1, int(room / A_START)))
        for k in range(1, starts + 1):
            self._go_on_from(first)
            self._cool(spent, until=APART * k / starts, cold=COLDER * self._cold, days=days)
        for k in range(1, COMBINED + 1):
            self._combine(days, spent)
            self._cool(
                spent,
                until=APART + (1.0 - APART) * k / COMBINED,
                hot=AGAIN * self._hot,
                cold=COLDER * self._cold,
                days=days,
            )

    def _cool(
        self,
        spent: Callable[[int], float],
        *,
        until: float = 1.0,
        hot: float | None = None,
        cold: float | None = None,
        days: Days | None = None,
    ) -> None:
        """Anneal from what is kept until that share of the effort is spent; the days held on the
        way are remembered."""
        hot = self._hot if hot is None else hot
        cold = self._cold if cold is None else cold
        size, share = FEWEST_STEPS, spent(self.steps)
        since, most = share, MOST_STEPS if days is None else self._a_look()
        while share < until:
            heat = hot * (cold / hot) ** ((share - since) / (until - since))
            anneal(
                self.problem, self._kept, self._trial, self._best,
                self._scratch, self._dice, size, heat, self._mean_out,
            )  # fmt: skip
            self.steps += size
            if days is not None:
                days.add(self._kept)
            before, share = share, spent(self.steps)
            if share - before < 0.002:
                size = min(2 * size, most)
            elif share - before > 0.005:
                size = max(size // 2, FEWEST_STEPS)

    def _part_by_part(self, spent: Callable[[int], float]) -> None:
        """Search one part of the best plan after the other, and lay what is found into it."""
        p, since = self.problem, spent(self.steps)
        parts, days, many = Parts(p, self._dice), days_of(p, self._best), number(p, TURNS)
        for k in range(1, many + 1):
            until = since + (1.0 - since) * k / many
            if spent(self.steps) >= until:
                continue
            part = parts.next(days)
            search = Search(part.problem, seed=part.seed, days=part.days, effort=_in_part(part))
            search._cool(self._from_here(spent, until))
            part.lay(days_of(part.problem, search._best), days)
            self._best = _laid(p, days, self._scratch)

    def _from_here(self, spent: Callable[[int], float], until: float) -> Callable[[int], float]:
        """What share of the effort from here on until then so many more steps are."""
        begun, since = self.steps, spent(self.steps)

        def share(steps: int) -> float:
            self.steps = begun + steps
            return (spent(self.steps) - since) / (until - since)

        return share

    def _a_look(self) -> int:
        fewest, most = A_LOOK_STEPS
        return min(max(fewest, A_LOOK_A_NURSE * self.problem.nurses), most)

    def _combine(self, days: Days, spent: Callable[[int], float]) -> None:
        """Go on from the best combination of the days seen, if it is better than the best."""
        p, combining = self.problem, self._from_here(spent, spent(self.steps) + COMBINING)
        days.add(self._best)
        found = _laid(p, days.combine(self._best, combining), self._scratch)
        if total(p, found) < total(p, self._best) - BETTER:
            copy(found, self._best)
        self._go_on_from(self._best)

    def _go_on_from(self, state: State) -> None:
        copy(state, self._kept)
        copy(state, self._trial)


def _laid(p: Problem, days: Sequence[Sequence[int]], w: Scratch) -> State:
    """The plan with these days, timed."""
    s = empty(p)
    for r, visits in enumerate(days):
        u = p.visits + r
        for x in visits:
            join(p, s, x, u)
            u = x
    time_all(p, s, w)
    return s


def _effort(p: Problem, mean_leg: float) -> Effort:
    """What suits the problem."""
    if (p.skip_cost < PRICED_BELOW_LEGS * mean_leg).any():
        return PRICED
    return LARGE if p.beside.shape[1] > 0 else USUAL


def _in_part(part: Part) -> Effort:
    """What suits a part of a good plan."""
    least, most = PART_HEAT
    hot = min(max(part.visits.size / max(1, sum(map(bool, part.days))) / A_LEG, least), most)
    return Effort(hot=hot, cold=PART_COLD * min(hot, 1.0), mean_out=PART_OUT)


def warm_up() -> None:
    """Compile, or load, everything that a search runs."""
    visits = [Visit(place=1, opens=0.0, lasts=1.0, able=[0, 1]) for _ in range(2)]
    problem = build(
        visits=visits,
        nurses=[Nurse(place=0), Nurse(place=0)],
        travel=np.ones((2, 2)),
        pairs=[Pair(first=0, second=1)],
    )
    Search(problem, days=[[0], []]).run(lambda steps: float(steps))


@compiled
def time_all(p: Problem, s: State, w: Scratch) -> None:
    """Start what is in the plan."""
    if p.plain:
        for r in range(p.nurses):
            settle_day(p, s, w, r)
    else:
        settle(p, s, w)


@compiled
def place_left_out(p: Problem, s: State, w: Scratch, rolled: Dice) -> None:
    """Place what is not in the plan, as well as it goes at once."""
    if p.nurses == 0:
        return
    out = left_out(p, s, w)
    order(p, w, rolled, out)
    place_all(p, s, w, rolled, out)


@compiled
def anneal(
    p: Problem,
    kept: State,
    trial: State,
    best: State,
    w: Scratch,
    rolled: Dice,
    steps: int,
    heat: float,
    mean_out: float,
) -> None:
    """So many steps at one temperature. `trial` equals `kept` before and after each."""
    if p.nurses == 0:
        return
    for _ in range(steps):
        if chance(rolled) < SWAP_SHARE:
            swap_ends(p, trial, w, rolled, SWAP_DEARER * heat)
        out = tear(p, trial, w, rolled, mean_out)
        if p.plain:
            for r in range(p.nurses):
                if w.torn[r]:
                    settle_day(p, trial, w, r)
        else:
            settle(p, trial, w)
        order(p, w, rolled, out)
        placed = place_all(p, trial, w, rolled, out) != NOBODY
        allowed = total(p, kept) - heat * log(1.0 - chance(rolled))
        if placed and total(p, trial) < allowed:
            copy_changed(p, trial, kept)
            if total(p, kept) < total(p, best) - BETTER:
                copy_changed(p, kept, best)
        else:
            copy_changed(p, kept, trial)
