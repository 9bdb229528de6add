"""What finished ways teach: a known pace is found again, few teach little, nonsense nothing."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from matching import pace
from matching.pace import Pace, Way
from matching.travel import DetourTravel, speeds_of_day
from tests.matching.build import NOW, place

SET = Pace(detour=1.35, speeds_kmh=speeds_of_day(28.0, 20.0))


def ways(true: Pace, count: int, seed: int = 1) -> list[Way]:
    """Ways as somebody drives them who is a little luckier or unluckier each time."""
    rolled = random.Random(seed)  # noqa: S311
    driven = DetourTravel(detour=true.detour, speeds_kmh=true.speeds_kmh, doorstep_s=0)
    found = []
    for _ in range(count):
        straight_m = rolled.uniform(800, 2_000)
        left_at = NOW + timedelta(minutes=rolled.uniform(0, 24 * 60))
        seconds = driven.seconds_from(place(), place(east_m=straight_m), left_at)
        took_s = seconds * rolled.lognormvariate(0, 0.25)
        found.append(Way(straight_m=straight_m, left_at=left_at, took_s=took_s))
    return found


def test_a_pace_that_differs_by_hour_is_found_again() -> None:
    """Slower on the whole, and at nine in the morning half as fast again."""
    slow_at_nine = tuple(8.0 if hour == 9 else 16.0 for hour in range(24))
    true = Pace(detour=1.35, speeds_kmh=slow_at_nine)

    learned = pace.learn(ways(true, 20_000), SET)

    assert learned.ways == 20_000
    for hour in range(24):
        kmh = learned.speeds_kmh[hour] / learned.detour
        assert kmh == pytest.approx(true.speeds_kmh[hour] / true.detour, rel=0.12), hour


def test_few_ways_change_little() -> None:
    twice_as_slow = Pace(detour=2.7, speeds_kmh=SET.speeds_kmh)
    few, many = pace.learn(ways(twice_as_slow, 5), SET), pace.learn(ways(twice_as_slow, 5_000), SET)

    assert 1.35 < few.detour < 1.6
    assert many.detour == pytest.approx(2.7, rel=0.05)


def test_what_cannot_be_is_passed_over() -> None:
    """She pressed "on my way" at the door, or the evening before."""
    at_the_door = Way(straight_m=5_000, left_at=NOW, took_s=5)
    the_evening_before = Way(straight_m=5_000, left_at=NOW, took_s=14 * 3600)
    round_the_corner = Way(straight_m=100, left_at=NOW, took_s=600)

    assert pace.learn([at_the_door, the_evening_before, round_the_corner] * 100, SET) is SET


def test_a_bad_week_has_bounds() -> None:
    crawling = [Way(straight_m=5_000, left_at=NOW, took_s=8_900)] * 10_000

    learned = pace.learn(crawling, SET)

    assert learned.detour == pace.DETOURS[1]
    assert all(pace.SPEEDS_KMH[0] <= speed <= pace.SPEEDS_KMH[1] for speed in learned.speeds_kmh)


def test_the_order_of_ways_does_not_matter() -> None:
    found = ways(SET, 300)

    assert pace.learn(found[::-1], SET) == pace.learn(found, SET)


def test_an_hour_flows_as_fast_as_the_fastest_or_slower() -> None:
    assert max(SET.flows) == 1.0
    assert min(SET.flows) == pytest.approx(20 / 28)
