"""Days that change hands: every rule is kept, the cost stays true, and nobody gets what she may not
give."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from matching.routing import plan as plans
from matching.routing.machine import dice
from matching.routing.problem import Nurse, Problem, Told, Visit, build
from matching.routing.search import Search
from matching.routing.state import State, total
from matching.routing.swap import swap_ends
from tests.matching.routing.days import KINDS, cost

pytestmark = pytest.mark.timeout(600)

WAYS = np.array([[0.0, 10.0, 20.0], [10.0, 0.0, 10.0], [20.0, 10.0, 0.0]])


def swapped(
    search: Search, times: int, *, dearer: float = inf, seed: int = 1
) -> tuple[State, set[tuple[int, ...]]]:
    """The state after so many swaps more, and every choice of nurses that was seen."""
    p, state, rolled = search.problem, search._best, dice(seed)
    seen = set()
    for _ in range(times):
        swap_ends(p, state, search._scratch, rolled, dearer)
        seen.add(tuple(int(r) for r in state.nurse[: p.visits]))
    return state, seen


@pytest.mark.parametrize("p", KINDS.values(), ids=KINDS)
def test_a_plan_whose_days_change_hands_keeps_every_rule(p: Problem) -> None:
    search, seen = Search(p, seed=2), set()
    for seed in range(60):
        state, choices = swapped(search, 5, seed=seed)
        seen |= choices
        assert cost(p, plans.of(p, state)) == pytest.approx(total(p, state))
    assert len(seen) > 1


def two(able: list[list[int]], told: tuple[Told, ...] = (), room: float = 9.0) -> Search:
    """Two visits, one after the other in one day of two nurses who start together."""
    visits = [
        Visit(place=k + 1, opens=100.0 * k, closes=100.0 * k + 50, lasts=5.0, able=may, load=1.0)
        for k, may in enumerate(able)
    ]
    crew = [Nurse(place=0, ends=600.0), Nurse(place=0, ends=600.0, room=room)]
    p = build(visits=visits, nurses=crew, travel=WAYS, told=told)
    return Search(p, days=[[0, 1], []])


def test_a_whole_day_goes_to_another_nurse_who_may_give_all_of_it() -> None:
    _, seen = swapped(two([[0, 1], [0, 1]]), 40)
    assert {(0, 0), (1, 1)} <= seen


def test_no_swap_costs_more_than_it_may() -> None:
    told = tuple(Told(visit=x, nurse=0, start=100.0 * x, change_cost=30.0) for x in range(2))
    search = two([[0, 1], [0, 1]], told)
    assert swapped(search, 40, dearer=60.0)[1] == {(0, 0)}
    assert (1, 1) in swapped(search, 40, dearer=61.0)[1]


@pytest.mark.parametrize(
    ("able", "told", "room"),
    [
        ([[0, 1], [0]], (), 9.0),
        ([[0, 1], [0, 1]], (Told(visit=1, nurse=0, start=100.0, frozen=True),), 9.0),
        ([[0, 1], [0, 1]], (), 0.5),
    ],
    ids=["she may not give it", "it is frozen", "her bag is full"],
)
def test_it_stays_where_it_cannot_go(
    able: list[list[int]], told: tuple[Told, ...], room: float
) -> None:
    search = two(able, told, room)
    state, _ = swapped(search, 40)
    assert int(state.nurse[1]) == 0
    plans.of(search.problem, state)
