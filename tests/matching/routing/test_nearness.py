"""Who is near whom: by travel alone where visits are torn out, with the times where they follow."""

from __future__ import annotations

import numpy as np
import pytest

from matching.routing import nearness
from matching.routing.machine import Reals, Whole

N = nearness.LARGE + 1
LASTS = np.ones(N)
ANYBODY = np.zeros((N, 2))


@pytest.fixture
def road() -> tuple[Reals, Whole]:
    """Visits a unit apart on one road."""
    spots = np.arange(N)
    return np.abs(spots[:, None] - spots[None, :]).astype(np.float64), spots.astype(np.int32)


def beside(road: tuple[Reals, Whole], opens: Reals, due: Reals, choice: Reals) -> Whole:
    return nearness.beside(*road, opens, due, LASTS, choice)


def test_near_are_those_with_the_shortest_way_there_and_back(road: tuple[Reals, Whole]) -> None:
    assert nearness.near(*road)[100, :5].tolist() == [100, 99, 101, 98, 102]


def test_a_small_problem_looks_everywhere() -> None:
    few = np.zeros(nearness.LARGE)
    none = nearness.beside(
        np.zeros((1, 1)), few.astype(np.int32), few, few, few, np.zeros((nearness.LARGE, 1))
    )
    assert none.shape == (nearness.LARGE, 0)


def test_without_windows_the_nearest_suit_best(road: tuple[Reals, Whole]) -> None:
    found = beside(road, np.zeros(N), np.full(N, np.inf), ANYBODY)
    assert found.shape == (N, nearness.BESIDE)
    assert found[100, :4].tolist() == [99, 101, 98, 102]


def test_a_neighbour_whose_window_is_at_the_same_time_suits_less(road: tuple[Reals, Whole]) -> None:
    opens = np.where(np.arange(N) % 2 == 0, 0.0, 10.0)
    found = beside(road, opens, opens, ANYBODY)
    assert found[100, :4].tolist() == [99, 101, 97, 103]


def test_whoever_shares_no_nurse_suits_last(road: tuple[Reals, Whole]) -> None:
    choice = np.full((N, 2), np.inf)
    choice[::2, 0] = choice[1::2, 1] = 0.0
    found = beside(road, np.zeros(N), np.full(N, np.inf), choice)
    assert found[100, :4].tolist() == [98, 102, 96, 104]


def test_a_visit_is_not_beside_itself(road: tuple[Reals, Whole]) -> None:
    found = beside(road, np.zeros(N), np.full(N, np.inf), ANYBODY)
    assert not (found == np.arange(N)[:, None]).any()
