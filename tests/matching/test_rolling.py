"""The plan of a day that becomes known bit by bit: what is done stays, what is learnt counts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matching.rolling import NEVER, Departure, Nurse, Order, Rolling

HOUR = 3_600.0


def street(*metres: float) -> Any:
    """Places along one road, a metre a second."""
    at = np.array(metres)
    return np.abs(at[:, None] - at[None, :])


def nurse(place: int, from_at: float = 0, until_at: float = 10 * HOUR) -> Nurse:
    return Nurse(place=place, from_at=from_at, until_at=until_at)


def order(place: int, opens_at: float, closes_at: float, *, nurses: tuple[int, ...]) -> Order:
    return Order(
        place=place,
        nurses=nurses,
        opens_at=opens_at,
        closes_at=closes_at,
        cancels_at=closes_at + 600,
        lasts_s=600,
    )


def steps(most: int) -> Callable[[int], float]:
    return lambda done: done / most


def play(plan: Rolling, until: float = NEVER) -> list[Departure]:
    gone: list[Departure] = []
    while (at := plan.next_departure_at()) <= until and at < NEVER:
        gone += plan.depart(at)
    return gone


def test_the_nearer_nurse_goes_and_not_before_she_must() -> None:
    plan = Rolling(street(0, 1_000, 1_200), [nurse(0), nurse(1)])
    plan.tell(order(2, HOUR, 2 * HOUR, nurses=(0, 1)), 0)
    plan.improve(0, steps(20))
    assert play(plan) == [Departure(order=0, nurse=1, departs_at=HOUR - 200, begins_at=HOUR)]


def test_only_those_who_may_go_are_sent() -> None:
    plan = Rolling(street(0, 1_000, 1_200), [nurse(0), nurse(1)])
    plan.tell(order(2, HOUR, 2 * HOUR, nurses=(0,)), 0)
    plan.tell(order(2, HOUR, 2 * HOUR, nurses=()), 0)
    plan.improve(0, steps(20))
    assert [(gone.order, gone.nurse) for gone in play(plan)] == [(0, 0)]


def test_orders_that_lie_together_go_to_one_nurse() -> None:
    plan = Rolling(street(0, 0, 5_000, 5_100, 5_200), [nurse(0), nurse(1)])
    for place in (2, 3, 4):
        plan.tell(order(place, HOUR, 4 * HOUR, nurses=(0, 1)), 0)
    plan.improve(0, steps(100))
    assert len({gone.nurse for gone in play(plan)}) == 1


def test_what_has_not_begun_is_planned_anew_for_what_comes_later() -> None:
    plan = Rolling(street(0, 3_000, 4_000), [nurse(0)])
    late = plan.tell(order(1, 2 * HOUR, 3 * HOUR, nurses=(0,)), 0)
    plan.improve(0, steps(20))
    urgent = plan.tell(order(2, HOUR, HOUR + 600, nurses=(0,)), 60)
    plan.improve(60, steps(20))
    assert [(gone.order, gone.departs_at) for gone in play(plan)] == [(urgent, 60), (late, 6_200)]


def test_nobody_is_called_back_once_she_has_set_out() -> None:
    plan = Rolling(street(0, 5_000, 100), [nurse(0)])
    plan.tell(order(1, 0, 2 * HOUR, nurses=(0,)), 0)
    plan.improve(0, steps(20))
    (first,) = plan.depart(0)
    plan.tell(order(2, 0, 60, nurses=(0,)), 1)
    plan.improve(1, steps(20))
    assert (first.departs_at, first.begins_at) == (0, 5_000)
    assert play(plan) == []


def test_an_order_is_on_time_before_travel_is_saved() -> None:
    plan = Rolling(street(900, 1_300, 1_000, 1_100), [nurse(0), nurse(1)])
    plan.tell(order(2, 0, 100, nurses=(0, 1)), 0)
    plan.tell(order(3, 0, 250, nurses=(0, 1)), 0)
    plan.improve(0, steps(50))
    # One nurse would drive 200 m for both, and come late to the second.
    assert sorted((gone.order, gone.nurse, gone.begins_at) for gone in play(plan)) == [
        (0, 0, 100),
        (1, 1, 200),
    ]


def test_who_comes_late_makes_nobody_else_late() -> None:
    plan = Rolling(street(0, 300, 100), [nurse(0)])
    plan.tell(order(1, 0, 0, nurses=(0,)), 0)
    plan.tell(order(2, 0, 100, nurses=(0,)), 0)
    plan.improve(0, steps(50))
    # She is late at the first in any case, and has no time for both.
    assert [(gone.order, gone.begins_at) for gone in play(plan)] == [(1, 100)]
    plan = Rolling(street(0, 300, 100), [nurse(0)])
    plan.tell(order(1, 0, 0, nurses=(0,)), 0)
    plan.tell(order(2, 0, 1_200, nurses=(0,)), 0)
    plan.improve(0, steps(50))
    assert [(gone.order, gone.begins_at) for gone in play(plan)] == [(0, 300), (1, 1_100)]


def test_who_can_only_come_late_comes_however_short_the_window_was() -> None:
    plan = Rolling(street(0, 100), [nurse(0, from_at=8 * HOUR, until_at=10 * HOUR)])
    plan.tell(replace(order(1, 0, 0, nurses=(0,)), cancels_at=9 * HOUR), 0)
    plan.improve(0, steps(50))
    assert [gone.begins_at for gone in play(plan)] == [8 * HOUR + 100]


def test_of_two_who_cannot_both_be_served_the_shorter_is() -> None:
    plan = Rolling(street(0, 100, 100), [nurse(0, until_at=HOUR)])
    plan.tell(replace(order(1, 0, 100, nurses=(0,)), lasts_s=3_000), 0)
    plan.tell(order(2, 0, 100, nurses=(0,)), 0)
    plan.improve(0, steps(50))
    assert [gone.order for gone in play(plan)] == [1]


def test_of_more_nurses_than_are_looked_at_the_nearest_goes() -> None:
    away = [float(abs(v - 150) + 10) for v in range(200)]
    plan = Rolling(street(0, *away), [nurse(1 + v) for v in range(200)])
    plan.tell(order(0, HOUR, 2 * HOUR, nurses=tuple(range(200))), 0)
    plan.improve(0, steps(20))
    assert [gone.nurse for gone in play(plan)] == [150]


@pytest.mark.parametrize(("told_at", "nurses"), [(-HOUR, 1), (0, 2)])
def test_time_is_dearer_where_orders_come_without_notice(told_at: float, nurses: int) -> None:
    plan = Rolling(street(0, 160, 80, 80), [nurse(0), nurse(1)])
    for place in (2, 3):
        plan.tell(order(place, 0, HOUR, nurses=(0, 1)), told_at)
    plan.improve(0, steps(50))
    # One nurse is 80 m less; the second of them would wait some ten minutes.
    assert len({gone.nurse for gone in play(plan)}) == nurses


@pytest.mark.parametrize("seed", range(3))
def test_a_random_day_breaks_no_rule_and_repeats_itself(seed: int) -> None:
    def day() -> list[tuple[int, Departure]]:
        chance = random.Random(seed)  # noqa: S311 - a made-up day
        at = np.array([[chance.uniform(0, 8_000), chance.uniform(0, 8_000)] for _ in range(130)])
        leg = np.hypot(*(at[:, None, axis] - at[None, :, axis] for axis in (0, 1))) / 6
        plan = Rolling(leg, [nurse(v, until_at=8 * HOUR) for v in range(6)], seed=seed)
        told: list[Order] = []
        gone: list[tuple[int, Departure]] = []
        for number in range(120):
            now = number * 200.0
            while (at_s := plan.next_departure_at()) <= now:
                gone += [(len(told), one) for one in plan.depart(at_s)]
            opens = now + chance.choice([0, 1_800, 7_200])
            able = tuple(v for v in range(6) if chance.random() < 0.6)
            told.append(order(6 + number, opens, opens + 2_700, nurses=able))
            plan.tell(told[-1], now)
            plan.improve(now, steps(30))
        gone += [(len(told), one) for one in play(plan)]
        free, place = [0.0] * 6, list(range(6))
        for known, one in gone:
            it = told[one.order]
            assert one.order < known
            assert one.departs_at >= one.order * 200
            assert one.nurse in it.nurses
            assert one.departs_at >= free[one.nurse]
            assert one.begins_at >= one.departs_at + leg[place[one.nurse], it.place]
            assert it.opens_at <= one.begins_at <= it.cancels_at
            free[one.nurse], place[one.nurse] = one.begins_at + it.lasts_s, it.place
            assert free[one.nurse] <= 8 * HOUR
        assert len({one.order for _, one in gone}) == len(gone) > 60
        return gone

    assert day() == day()
