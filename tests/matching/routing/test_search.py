"""The search finds the best plans of tiny days, keeps every rule of larger ones, and repeats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.routing import search as searching
from matching.routing.plan import Broken, Plan, Stop, proven
from matching.routing.problem import NOBODY, Nurse, Pair, Problem, Told, Visit, build
from matching.routing.search import Search
from tests.matching.routing.days import KINDS, cost, draw, least

pytestmark = pytest.mark.timeout(600)

# Two visits at the two ends of a road, one nurse living at either end.
ENDS = np.array([[0.0, 30.0], [30.0, 0.0]])


def searched(p: Problem, steps: int, seed: int = 1, **options: object) -> Search:
    search = Search(p, seed=seed, **options)  # type: ignore[arg-type]
    search.run(lambda done: done / steps)
    return search


def order(plan: Plan) -> list[list[int]]:
    return [[stop.visit for stop in day] for day in plan.days]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("pairs", [0, 1, 2])
def test_tiny_days_are_planned_as_well_as_can_be(seed: int, pairs: int) -> None:
    p = draw(seed, visits=4, nurses=2, pairs=pairs)
    assert searched(p, 3_000).cost == pytest.approx(least(p))


@pytest.mark.parametrize("seed", range(12))
def test_so_are_tiny_days_of_which_a_part_is_best_left_out(seed: int) -> None:
    p = draw(seed, visits=5, nurses=2, hard=True, skip_cost=45.0)
    assert searched(p, 3_000).cost == pytest.approx(least(p))


@pytest.mark.parametrize("p", KINDS.values(), ids=KINDS)
def test_a_plan_keeps_every_rule_and_costs_what_the_search_says(p: Problem) -> None:
    for steps in (1, 100, 2_000):
        search = searched(p, steps)
        assert cost(p, search.plan()) == pytest.approx(search.cost)


def test_more_steps_give_a_better_plan() -> None:
    p = draw(5, visits=80, nurses=10, pairs=15)
    assert searched(p, 20_000).cost < 0.9 * searched(p, 1).cost


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    p = draw(6, visits=50, nurses=8, pairs=8)
    first, again = (searched(p, 2_000, seed=3).plan() for _ in range(2))
    assert first == again
    assert searched(p, 2_000, seed=4).plan() != first


@pytest.mark.parametrize("skip_cost", [200.0, 10_000.0])
def test_what_is_remembered_of_places_changes_no_plan(
    monkeypatch: pytest.MonkeyPatch, skip_cost: float
) -> None:
    monkeypatch.setattr(searching, "FEWEST_STEPS", 1)
    monkeypatch.setattr(searching, "MOST_STEPS", 1)
    p = draw(11, visits=40, nurses=6, hard=True, skip_cost=skip_cost)
    remembers, forgets = Search(p, seed=5), Search(p, seed=5)

    def forget(done: int) -> float:
        forgets._scratch.known_form.fill(NOBODY)
        return done / 2_000

    remembers.run(lambda done: done / 2_000)
    forgets.run(forget)
    assert p.plain
    assert remembers.plan() == forgets.plan()


def test_a_day_without_visits_is_a_plan() -> None:
    p = build(visits=[], nurses=[Nurse(place=0)], travel=np.zeros((1, 1)))
    assert searched(p, 10).plan().days == ((),)


def test_a_visit_that_nobody_may_give_is_left_out() -> None:
    p = build(
        visits=[Visit(place=0, opens=0.0, lasts=1.0, able=[])],
        nurses=[Nurse(place=0)],
        travel=np.zeros((1, 1)),
    )
    assert searched(p, 10).plan().left_out == (0,)


def test_with_no_nurse_everything_is_left_out() -> None:
    visits = [Visit(place=0, opens=0.0, lasts=1.0, able=[])] * 2
    p = build(visits=visits, nurses=[], travel=np.zeros((1, 1)))
    assert searched(p, 100).plan().left_out == (0, 1)


def test_a_full_bag_takes_no_more() -> None:
    asked = [Visit(place=0, opens=0.0, lasts=1.0, able=[0, 1], load=2.0) for _ in range(2)]
    crew = [Nurse(place=0, room=3.0), Nurse(place=1, room=3.0)]
    assert [
        len(day) for day in searched(build(visits=asked, nurses=crew, travel=ENDS), 50).plan().days
    ] == [1, 1]


def test_who_ends_elsewhere_need_not_come_home() -> None:
    asked = [Visit(place=1, opens=0.0, lasts=5.0, able=[0])]
    home = Nurse(place=0, ends=50.0)
    assert searched(build(visits=asked, nurses=[home], travel=ENDS), 10).plan().left_out == (0,)
    there = replace(home, back=1)
    plan = searched(build(visits=asked, nurses=[there], travel=ENDS), 10).plan()
    assert (order(plan), plan.travel) == ([[0]], 30.0)


def test_overtime_is_paid_when_it_may_be() -> None:
    asked = [Visit(place=0, opens=0.0, lasts=50.0, able=[0])]
    free = Nurse(place=0, ends=40.0, overtime_cost=2.0)
    p = build(visits=asked, nurses=[free], travel=ENDS)
    search = searched(p, 10)
    assert (search.plan().overtime, search.cost) == (10.0, 20.0)
    bound = replace(free, overtime_cost=None)
    assert searched(build(visits=asked, nurses=[bound], travel=ENDS), 10).plan().left_out == (0,)


def test_no_visit_runs_into_a_rest() -> None:
    asked = [Visit(place=0, opens=50.0, lasts=20.0, able=[0])]
    p = build(visits=asked, nurses=[Nurse(place=0, rests=(60.0, 90.0))], travel=ENDS)
    assert searched(p, 10).plan().days == ((Stop(visit=0, start=90.0),),)


def test_a_way_is_broken_off_for_a_rest() -> None:
    asked = [Visit(place=1, opens=0.0, lasts=20.0, able=[0])]
    p = build(visits=asked, nurses=[Nurse(place=0, rests=(10.0, 25.0))], travel=ENDS)
    assert searched(p, 10).plan().days == ((Stop(visit=0, start=45.0),),)


@pytest.mark.parametrize(("rests", "start"), [((10.0, 25.0), 30.0), ((40.0, 60.0), 60.0)])
def test_in_some_rests_one_may_drive(rests: tuple[float, float], start: float) -> None:
    """She is there after thirty, and cannot begin what she could not end before the rest."""
    asked = [Visit(place=1, opens=0.0, lasts=20.0, able=[0])]
    driver = Nurse(place=0, rests=rests, may_drive=True)
    p = build(visits=asked, nurses=[driver], travel=ENDS)
    assert searched(p, 10).plan().days == ((Stop(visit=0, start=start),),)


def test_home_is_reached_in_a_rest_by_who_may_drive() -> None:
    asked = [Visit(place=1, opens=0.0, lasts=20.0, able=[0])]
    driver = Nurse(place=0, ends=85.0, rests=(55.0, 100.0), may_drive=True)
    assert searched(build(visits=asked, nurses=[driver], travel=ENDS), 10).plan().left_out == ()
    strict = replace(driver, may_drive=False)
    p = build(visits=asked, nurses=[strict], travel=ENDS)
    assert searched(p, 10).plan().left_out == (0,)


def told_day(change_cost: float) -> Search:
    """The visit is at home to nurse 0, and nurse 1 was announced."""
    asked = [Visit(place=0, opens=0.0, lasts=10.0, able=[0, 1])]
    word = Told(visit=0, nurse=1, start=30.0, change_cost=change_cost)
    crew = [Nurse(place=0), Nurse(place=1)]
    return searched(build(visits=asked, nurses=crew, travel=ENDS, told=[word]), 100)


def test_who_was_told_comes_unless_that_is_dearer_than_a_change() -> None:
    assert order(told_day(change_cost=61.0).plan()) == [[], [0]]
    assert order(told_day(change_cost=59.0).plan()) == [[0], []]


def test_nobody_comes_earlier_than_was_told() -> None:
    assert told_day(change_cost=61.0).plan().days[1][0].start == 30.0


def test_what_is_frozen_stays() -> None:
    p = draw(7, visits=30, nurses=5)
    before = searched(p, 2_000).plan()
    held = before.days[0][:2]
    asked = [
        Visit(
            place=int(p.place[x]), opens=float(p.opens[x]), due=float(p.due[x]), late_cost=1.0,
            lasts=float(p.lasts[x]), able=p.able[x, : p.able_count[x]].tolist(),
        )
        for x in range(p.visits)
    ]  # fmt: skip
    words = [Told(visit=stop.visit, nurse=0, start=stop.start, frozen=True) for stop in held]
    again = build(visits=asked, nurses=[Nurse(place=0)] * 5, travel=p.leg * 1.0, told=words)
    after = searched(again, 2_000, seed=9, days=order(before)).plan()
    assert len(held) == 2
    assert after.days[0][:2] == held


def test_a_plan_to_begin_with_is_never_made_worse() -> None:
    p = draw(8, visits=40, nurses=6, pairs=6)
    good = searched(p, 5_000)
    assert searched(p, 1, days=order(good.plan())).cost <= good.cost + 1e-6


def test_a_broken_plan_to_begin_with_is_refused() -> None:
    asked = [Visit(place=1, opens=0.0, closes=10.0, lasts=1.0, able=[0])]
    p = build(visits=asked, nurses=[Nurse(place=0)], travel=ENDS)
    with pytest.raises(Broken, match="starts after it may"):
        Search(p, days=[[0]])


@pytest.mark.parametrize(
    ("days", "broken"),
    [
        ([[Stop(visit=0, start=0.0)], [Stop(visit=0, start=30.0)]], "given twice"),
        ([[], [Stop(visit=0, start=29.0)]], "before nurse 1 is there"),
        ([[Stop(visit=0, start=-1.0)], []], "before"),
        ([[Stop(visit=0, start=70.0)], []], "after it may"),
        ([[Stop(visit=1, start=0.0)], []], "may not give"),
        ([[Stop(visit=0, start=0.0)], [Stop(visit=1, start=1.0)]], "out of step"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_found_out(days: list[list[Stop]], broken: str) -> None:
    p = build(
        visits=[
            Visit(place=0, opens=0.0, lasts=5.0, able=[0, 1], closes=60.0),
            Visit(place=1, opens=0.0, lasts=5.0, able=[1], closes=60.0),
        ],
        nurses=[Nurse(place=0), Nurse(place=1)],
        travel=ENDS,
        pairs=[Pair(first=0, second=1)],
    )
    with pytest.raises(Broken, match=broken):
        proven(p, days)
