"""Owns which part of a large problem is searched on its own: days beside each other, and some
nurses who have none. It searches nothing.

Where days stand alone, a better part makes the whole better by as much, and a small problem is
searched faster and more thoroughly (Taillard and Voß, "POPMUSIC", 2002).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.routing.combine import Day
from matching.routing.machine import Dice, below
from matching.routing.problem import NOBODY, Problem, part_of

VISITS: Final = 250  # in a part, or some more: it ends with a whole day
IDLE: Final = 2  # nurses of each kind without a visit


class Part(NamedTuple):
    """`days` are the visits of each of the nurses, by their numbers in the part's problem."""

    problem: Problem
    visits: NDArray[np.intp]  # by their numbers in the whole problem
    nurses: NDArray[np.intp]
    days: Sequence[Sequence[int]]
    seed: int

    def lay(self, found: Sequence[Day], days: list[Day]) -> None:
        """Put the days found for the part among those of the whole."""
        for r, day in zip(self.nurses, found, strict=True):
            days[r] = tuple(self.visits[list(day)].tolist())


def number(p: Problem, turns: int) -> int:
    """How many parts give each visit so many turns, in the mean."""
    return -(-turns * p.visits // VISITS)


class Parts:
    """One part after the other. Each is around a visit that was in fewer than most."""

    def __init__(self, p: Problem, rolled: Dice) -> None:
        self._p, self._dice = p, rolled
        self._turns = np.zeros(p.visits, np.int64)

    def next(self, days: Sequence[Day]) -> Part:
        """The days near one visit, with what is left out near it."""
        p, by = self._p, np.full(self._p.visits, NOBODY)
        for r, day in enumerate(days):
            by[list(day)] = r
        fewest = np.flatnonzero(self._turns == self._turns.min())
        visits: list[int] = []
        nurses: list[int] = []
        for x in p.near[fewest[below(self._dice, fewest.size)]].tolist():
            r = int(by[x])
            if r == NOBODY:
                visits.append(x)
            elif r not in nurses:
                nurses.append(r)
                visits.extend(days[r])
            if len(visits) >= VISITS:
                break
        idle: Counter[int] = Counter()
        for r in range(p.nurses):
            kind = int(p.kind[r])
            if not days[r] and idle[kind] < IDLE:
                idle[kind] += 1
                nurses.append(r)
        self._turns[visits] += 1
        place = {x: i for i, x in enumerate(visits)}
        return Part(
            problem=part_of(p, np.array(visits), np.array(nurses)),
            visits=np.array(visits),
            nurses=np.array(nurses),
            days=[[place[x] for x in days[r]] for r in nurses],
            seed=below(self._dice, 1 << 31),
        )
