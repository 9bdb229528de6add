"""Of the days that were seen the cheapest go together, and a search that combines them keeps
every rule and repeats."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from matching.routing import combine
from matching.routing import search as searching
from matching.routing.combine import Day, Days, stand_alone
from matching.routing.machine import Flags
from matching.routing.problem import Nurse, Problem, Visit, build
from matching.routing.search import Search
from matching.routing.state import days_of, total
from tests.matching.routing.days import KINDS, cost, draw

pytestmark = pytest.mark.timeout(600)


def planned(p: Problem, seed: int, steps: int = 50) -> Search:
    search = Search(p, seed=seed)
    search._cool(lambda done: done / steps)
    return search


def laid(search: Search, days: list[Day]) -> float:
    """What these days cost as a plan, every rule asked."""
    search._best = searching._laid(search.problem, days, search._scratch)
    assert cost(search.problem, search.plan()) == pytest.approx(search.cost)
    return search.cost


def best_of(p: Problem, seen: list[list[Day]]) -> float:
    """The cheapest choice of a day for each nurse among those seen of her, by trying each."""
    choices = [{(), *(days[r] for days in seen)} for r in range(p.nurses)]
    least, probe = np.inf, Search(p)
    for days in product(*choices):
        visits = [x for day in days for x in day]
        if len(visits) == len(set(visits)):
            least = min(least, total(p, searching._laid(p, days, probe._scratch)))
    return float(least)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("skip_cost", [45.0, 1e7])
def test_the_cheapest_choice_of_days_is_found(seed: int, skip_cost: float) -> None:
    p = draw(seed, visits=14, nurses=4, hard=True, skip_cost=skip_cost)
    days, plans = Days(p), [planned(p, k, steps=5) for k in range(5)]
    for each in plans:
        days.add(each._best)
    seen = [days_of(p, each._best) for each in plans]
    least = best_of(p, seen)
    begin = min(plans, key=lambda each: each.cost)
    assert laid(begin, days.combine(begin._best, lambda _: 0.0)) == pytest.approx(least)


def test_some_choices_are_better_than_every_plan_they_are_from() -> None:
    better = 0
    for seed in range(8):
        p = draw(seed, visits=40, nurses=6, hard=True, skip_cost=200.0)
        days, plans = Days(p), [planned(p, k) for k in range(6)]
        for each in plans:
            days.add(each._best)
        begin = min(plans, key=lambda each: each.cost)
        before = begin.cost
        after = laid(begin, days.combine(begin._best, lambda _: 0.0))
        assert after <= before + 1e-6
        better += after < before - 1e-6
    assert better >= 2


@pytest.mark.parametrize("steps", [0, 10, 500])
def test_who_stops_early_keeps_what_she_has(steps: int) -> None:
    p = KINDS["hard"]
    days, begin = Days(p), planned(p, 1, steps=300)
    for k in range(9):
        days.add(planned(p, k)._best)
    days.add(begin._best)
    before = begin.cost
    found = days.combine(begin._best, lambda done: float(done >= steps))
    assert laid(begin, found) <= before + 1e-6


def test_days_that_are_forgotten_are_the_dear_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combine, "MOST", 30)
    p = KINDS["hard"]
    days, begin = Days(p), planned(p, 1, steps=500)
    for k in range(9):
        days.add(planned(p, k)._best)
    days.add(begin._best)
    first = laid(begin, days.combine(begin._best, lambda _: 0.0))
    assert len(days._best) == 30 == len(days._seen)
    days.add(begin._best)
    assert laid(begin, days.combine(begin._best, lambda _: 0.0)) == pytest.approx(first)


def test_nurses_of_one_kind_take_each_others_days() -> None:
    p = draw(3, visits=12, nurses=2, hard=True)
    p = p._replace(kind=np.zeros_like(p.kind), choice_cost=np.zeros_like(p.choice_cost))
    search = Search(p)
    one, two = days_of(p, search._best)
    other = searching._laid(p, [two, one], search._scratch)
    days = Days(p)
    days.add(search._best)
    known = dict(days._best)
    days.add(other)
    assert days._best == known


@pytest.mark.parametrize("p", KINDS.values(), ids=KINDS)
def test_a_long_search_keeps_every_rule(p: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "ENOUGH", 0.0)
    monkeypatch.setattr(searching, "A_START", 5.0)
    asked, choose = [], combine._choose

    def seen(columns: combine.Columns, held: Flags, spent: Callable[[int], float]) -> object:
        asked.append(columns.cost.size)
        return choose(columns, held, spent)

    monkeypatch.setattr(combine, "_choose", seen)
    search = Search(p, seed=2)
    search.run(lambda done: done / 30_000)
    assert cost(p, search.plan()) == pytest.approx(search.cost)
    assert len(asked) == (searching.COMBINED if stand_alone(p) else 0)


def test_a_long_search_repeats() -> None:
    p = draw(6, visits=20, nurses=4, hard=True, skip_cost=200.0)
    steps = 4 * int(searching.ENOUGH) * p.visits
    first, again = Search(p, seed=3), Search(p, seed=3)
    first.run(lambda done: done / steps)
    again.run(lambda done: done / steps)
    assert first.plan() == again.plan()
    assert first.steps == again.steps


def test_a_long_search_from_a_plan_that_people_know_does_not_begin_anew() -> None:
    p = draw(6, visits=20, nurses=4, hard=True, skip_cost=200.0)
    good = planned(p, 1, steps=2_000)
    search = Search(p, seed=5, days=days_of(p, good._best))
    search.run(lambda done: done / (4 * searching.ENOUGH * p.visits))
    assert search.cost <= good.cost + 1e-6


@pytest.mark.parametrize(("visits", "nurses"), [(0, 2), (3, 0), (0, 0)])
def test_a_long_search_for_nobody_ends(visits: int, nurses: int) -> None:
    asked = [Visit(place=1, opens=0.0, lasts=1.0, able=[]) for _ in range(visits)]
    p = build(visits=asked, nurses=[Nurse(place=0)] * nurses, travel=np.ones((2, 2)))
    search = Search(p)
    search.run(lambda done: done / 100_000)
    assert search.plan().left_out == tuple(range(visits))
