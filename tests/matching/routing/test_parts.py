"""A part of a large day is a problem of its own, and a better part makes the whole better."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import inf

import numpy as np
import pytest

from matching.routing import parts as parting
from matching.routing import search as searching
from matching.routing.machine import dice
from matching.routing.parts import Parts, number
from matching.routing.problem import NOBODY, Problem, part_of
from matching.routing.search import Search
from matching.routing.state import days_of, total
from tests.matching.routing.days import KINDS, cost, draw

pytestmark = pytest.mark.timeout(600)

LARGE: Problem = KINDS["large and hard"]
CROWDED: Problem = draw(12, visits=320, nurses=12, hard=True, skip_cost=200.0)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "VISITS", 60)


def planned(p: Problem, steps: int, seed: int = 1) -> Search:
    search = Search(p, seed=seed)
    search.run(lambda done: done / steps)
    return search


def test_a_part_is_the_whole_with_everybody_in_it() -> None:
    p = draw(3, visits=30, nurses=4, hard=True)
    same = part_of(p, np.arange(p.visits), np.arange(p.nurses))
    assert planned(same, 500).plan() == planned(p, 500).plan()


def test_in_a_part_everyone_keeps_what_is_hers() -> None:
    visits, nurses = np.array([40, 3, 17, 100]), np.array([7, 0, 29])
    part = part_of(LARGE, visits, nurses)
    for x, of in enumerate(visits):
        who = part.able[x, : part.able_count[x]]
        assert [r in who for r in range(3)] == [LARGE.choice_cost[of, r] < inf for r in nurses]
        assert part.opens[x] == LARGE.opens[of]
        assert part.closes[x] == LARGE.closes[of]
        assert part.lasts[x] == LARGE.lasts[of]
        assert sorted(part.near[x]) == [0, 1, 2, 3]
    for r, of in enumerate(nurses):
        assert part.place[4 + r] == LARGE.place[LARGE.visits + of]
        assert part.closes[7 + r] == LARGE.closes[LARGE.visits + LARGE.nurses + of]


@pytest.mark.parametrize("p", [LARGE, CROWDED], ids=["ample", "crowded"])
def test_every_visit_has_its_turn(p: Problem) -> None:
    search = planned(p, 10)
    days, rolled = days_of(p, search._best), dice(4)
    parts, turns = Parts(p, rolled), Counter[int]()
    for _ in range(200):
        part = parts.next(days)
        turns.update(part.visits.tolist())
        held = [days[r] for r in part.nurses]
        assert [[part.visits[x] for x in day] for day in part.days] == [list(day) for day in held]
        out = set(part.visits.tolist()) - {x for day in held for x in day}
        assert all(search._best.nurse[x] == NOBODY for x in out)
        if min(turns[x] for x in range(p.visits)) == 2:
            break
    assert min(turns[x] for x in range(p.visits)) == 2


def test_there_are_as_many_parts_as_give_each_visit_its_turns() -> None:
    assert number(LARGE, 5) == 27
    assert number(LARGE, 1) == 6


@pytest.mark.parametrize("p", [LARGE, CROWDED], ids=["ample", "crowded"])
def test_parts_make_the_whole_better_and_keep_every_rule(
    p: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[float] = []
    laid = searching._laid

    def seen(*of: object) -> object:
        state = laid(*of)  # type: ignore[arg-type]
        costs.append(total(p, state))
        return state

    monkeypatch.setattr(searching, "_laid", lambda q, *of: (seen if q is p else laid)(q, *of))
    search = planned(p, 200 * p.visits)
    assert len(costs) > 20
    assert all(after <= before + 1e-6 for before, after in pairwise(costs[1:]))
    assert costs[-1] < costs[1]
    assert cost(p, search.plan()) == pytest.approx(search.cost)


def test_a_search_in_parts_repeats() -> None:
    first, again = (planned(CROWDED, 120 * CROWDED.visits, seed=3) for _ in range(2))
    assert first.plan() == again.plan()
    assert first.steps == again.steps
