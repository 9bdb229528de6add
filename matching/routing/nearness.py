"""Owns which visits are near each other: to be taken out together, or to follow one another."""

from __future__ import annotations

from typing import Final

import numpy as np

from matching.routing.machine import Reals, Whole

# How many neighbours a visit remembers: from these a string of visits is torn out together.
NEAR: Final = 256
# So many visits are looked at in one go, which bounds the memory.
ROWS: Final = 256

# In problems with more visits a place is sought beside so many others only.
LARGE: Final = 300
BESIDE: Final = 50

# What waiting weighs beside travel and lateness, where visits follow one another.
WAIT_WEIGHT: Final = 0.2


def near(leg: Reals, place: Whole) -> Whole:
    """The visits near each visit by travel there and back, itself first; ties by number."""
    n = len(place)
    around = np.empty((n, min(n, NEAR)), np.int32)
    for first in range(0, n, ROWS):
        rows = np.arange(first, min(n, first + ROWS))
        there = leg[place[rows]][:, place] + leg[place][:, place[rows]].T
        there[rows - first, rows] = -1.0
        around[rows] = np.argsort(there, axis=1, kind="stable")[:, : around.shape[1]]
    return around


def beside(
    leg: Reals, place: Whole, opens: Reals, due: Reals, lasts: Reals, choice_cost: Reals
) -> Whole:
    """The visits that suit each visit best before or after it, in a large problem; else none.

    One that follows costs the travel, a part of the wait and all the lateness that is certain
    (Vidal, Crainic, Gendreau and Prins, 2013). Some nurse must be able to give both.
    """
    n = len(place)
    if n <= LARGE:
        return np.empty((n, 0), np.int32)
    may = np.isfinite(choice_cost).astype(np.float32)
    suits = np.empty((n, BESIDE), np.int32)
    for x in range(n):
        to, fro = leg[place[x], place], leg[place, place[x]]
        after = to + _amiss(opens - (due[x] + lasts[x] + to), opens[x] + lasts[x] + to - due)
        before = fro + _amiss(opens[x] - (due + lasts + fro), opens + lasts + fro - due[x])
        cost = np.minimum(after, before)
        cost[may @ may[x] == 0] = np.inf
        cost[x] = np.inf
        suits[x] = np.argsort(cost, kind="stable")[:BESIDE]
    return suits


def _amiss(wait: Reals, late: Reals) -> Reals:
    return WAIT_WEIGHT * np.maximum(wait, 0.0) + np.maximum(late, 0.0)
