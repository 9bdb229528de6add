"""What is worked out of a changed day alone is what the whole gives anew."""

from __future__ import annotations

import random

import numpy as np
import pytest

from matching.routing import search as searching
from matching.routing.problem import Problem
from matching.routing.search import Search
from matching.routing.state import State, copy, copy_changed, days_of, empty, part
from matching.routing.timing import put, settle_day
from tests.matching.routing.days import KINDS, draw

PLAIN = {
    "hard": KINDS["hard"],
    "large and hard": KINDS["large and hard"],
    "with visits left out": draw(12, visits=80, nurses=4, hard=True, skip_cost=200.0),
}


def alike(p: Problem, one: State, other: State) -> None:
    days = days_of(p, one)
    assert days == days_of(p, other)
    assert (one.nurse == other.nurse).all()
    planned = np.flatnonzero(one.nurse >= 0)
    for name in ("before", "start", "latest", "hop"):
        assert getattr(one, name)[planned] == pytest.approx(getattr(other, name)[planned])
    assert one.cost == pytest.approx(other.cost)
    assert (one.held == other.held).all()


@pytest.mark.parametrize("p", PLAIN.values(), ids=PLAIN)
def test_a_day_into_which_one_visit_was_put_is_as_if_timed_anew(p: Problem) -> None:
    search, chance = Search(p, seed=2), random.Random(7)  # noqa: S311 - a made-up walk
    search.run(lambda done: done / 500)
    s, w = search._best, search._scratch
    for _ in range(300):
        x = chance.choice(np.flatnonzero(s.nurse[: p.visits] >= 0).tolist())
        u, r = int(s.before[x]), int(s.nurse[x])
        part(p, s, x)
        settle_day(p, s, w, r)
        after = [u, *(y for y in days_of(p, s)[r] if chance.random() < 0.2)]
        # Also where it comes too late, or makes others late: times are times.
        put(p, s, w, x, chance.choice(after))
        alike(p, s, searching._laid(p, days_of(p, s), w))


@pytest.mark.parametrize("p", PLAIN.values(), ids=PLAIN)
def test_a_plan_that_differs_by_some_days_is_copied_by_these(p: Problem) -> None:
    search = Search(p, seed=3)
    plans: list[State] = []

    def spent(done: int) -> float:
        plans.append(_copied(p, search._kept))
        return done / 400

    search._cool(spent)
    target = _copied(p, plans[0])
    for source in [*plans, *reversed(plans)]:
        copy_changed(p, source, target)
        alike(p, source, target)


def _copied(p: Problem, s: State) -> State:
    made = empty(p)
    copy(s, made)
    return made
