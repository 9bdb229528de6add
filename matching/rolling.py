"""Owns the plan of a day whose orders come in one by one: who visits whom, in which order, when.

Most orders on time first, then most that come late, then least travel. It never calls back a nurse
who has set out, and knows of an order only what it was told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final

import numpy as np

from matching.routing import problem as problems
from matching.routing.machine import Reals
from matching.routing.problem import MUST, Problem, Visit
from matching.routing.search import Effort, Search

NEVER: Final = inf

# What a window's whole length of waiting is worth, in seconds of travel, on a day whose orders are
# all known before their windows open, and more on one whose orders all come later: the time of an
# idle nurse is gone when nobody uses it, and a plan that is early has room for those who come yet.
DELAY_S: Final = 100.0
SUDDEN_DELAY_S: Final = 1_100.0
# A shorter window counts as this long, or an hour late would cost more than an order left out.
SHORTEST_S: Final = 60.0

# It goes on from a plan that is good already, and has little time.
EFFORT: Final = Effort(hot=0.6, cold=0.005, mean_out=8.0)
# An order is offered to so many nurses, those who could go there most cheaply from where they are
# next free: with hundreds of them a decision stays short.
LOOKED_AT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`nurses` are the numbers of those who may go. Begins from `opens_at` on, is late after
    `closes_at` and lost after `cancels_at`; times are seconds, places rows of the travel table."""

    place: int
    nurses: Collection[int]
    opens_at: float
    closes_at: float
    cancels_at: float
    lasts_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nurse:
    """She sets out from `place`, not before `from_at`, and is done by `until_at`."""

    place: int
    from_at: float
    until_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Numbers of order and nurse, when she sets out, and when the visit begins."""

    order: int
    nurse: int
    departs_at: float
    begins_at: float


class Rolling:
    """The plan as it stands. An order's number says as how many-th it was told, from 0.

    The same calls with the same seed give the same plan. Times only go on: nobody sets out before
    the last moment it was told of.
    """

    def __init__(self, leg: Reals, nurses: Sequence[Nurse], *, seed: int = 1) -> None:
        # A place more, next to every other: nobody has to go home.
        self._leg = np.pad(np.asarray(leg, np.float64), (0, 1))
        self._seed = seed << 32  # and how many-th search it is
        self._orders: list[Order] = []
        self._may: list[Any] = []
        self._open: list[int] = []
        self._sudden = 0
        self._now = -inf
        # When and where each nurse is free of what cannot be changed any more, and what follows.
        self._free = [nurse.from_at for nurse in nurses]
        self._at = [nurse.place for nurse in nurses]
        self._ends = [nurse.until_at for nurse in nurses]
        self._routes: list[list[int]] = [[] for _ in nurses]

    @property
    def has_open(self) -> bool:
        """Whether anything may still be planned otherwise."""
        return bool(self._open)

    def tell(self, order: Order, now: float) -> int:
        """Learn of an order; it gets its place when the plan is improved."""
        self._now = max(self._now, now)
        may = np.zeros(len(self._at), np.bool_)
        may[list(order.nurses)] = True
        self._orders.append(order)
        self._may.append(may)
        self._open.append(len(self._orders) - 1)
        self._sudden += order.opens_at <= now
        return self._open[-1]

    def improve(self, now: float, spent: Callable[[int], float]) -> None:
        """A place for everything that can still have one, by a search until `spent(steps)` reaches
        1: first for what can be on time, then, where room is left, for what comes late."""
        routes = [self._on_time(v, now) for v in range(len(self._at))]
        placed = {x for route in self._routes for x in route}
        self._open = [x for x in self._open if x in placed or self._orders[x].cancels_at >= now]
        if not self._open:
            return
        number = {x: i for i, x in enumerate(self._open)}
        days = [[number[x] for x in route] for route in routes]
        problem, nurses = self._problem(days, now)
        days = [days[v] for v in nurses]
        self._seed += 1
        search = Search(problem, seed=self._seed, days=days, effort=EFFORT)
        search.run(spent)
        found = search.plan()
        if found.left_out:
            closes = problem.closes.copy()
            for i in found.left_out:
                closes[i] = self._orders[self._open[i]].cancels_at
            days = [[stop.visit for stop in day] for day in found.days]
            found = Search(problem._replace(closes=closes), days=days).plan()
        self._routes = [[] for _ in self._at]
        for v, day in zip(nurses, found.days, strict=True):
            self._routes[v] = [self._open[stop.visit] for stop in day]

    def next_departure_at(self) -> float:
        """When the next nurse must set out by the plan as it stands; NEVER if nobody must."""
        return min((self._departs_at(v) for v in self._going()), default=NEVER)

    def depart(self, now: float) -> list[Departure]:
        """Those who set out now; from here on that is not changed any more. To be called no later
        than at `next_departure_at`: who sets out late may come too late."""
        self._now = max(self._now, now)
        gone = []
        for v in self._going():
            departs_at = self._departs_at(v)
            if departs_at > now:
                continue
            x = self._routes[v].pop(0)
            order = self._orders[x]
            begins_at = max(departs_at + self._way_s(v, order), order.opens_at)
            self._free[v], self._at[v] = begins_at + order.lasts_s, order.place
            self._open.remove(x)
            gone.append(Departure(order=x, nurse=v, departs_at=departs_at, begins_at=begins_at))
        return gone

    def _going(self) -> list[int]:
        return [v for v, route in enumerate(self._routes) if route]

    def _way_s(self, v: int, order: Order) -> float:
        return float(self._leg[self._at[v], order.place])

    def _departs_at(self, v: int) -> float:
        """In time for when her first visit may begin: till then she can still be sent elsewhere."""
        first = self._orders[self._routes[v][0]]
        return max(self._free[v], self._now, first.opens_at - self._way_s(v, first))

    def _on_time(self, v: int, now: float) -> list[int]:
        """What is left of her route without what can no more be reached on time."""
        at, free_at, kept = self._at[v], max(self._free[v], now), []
        for x in self._routes[v]:
            order = self._orders[x]
            begins = max(free_at + float(self._leg[at, order.place]), order.opens_at)
            if begins <= order.closes_at and begins + order.lasts_s <= self._ends[v]:
                kept.append(x)
                at, free_at = order.place, begins + order.lasts_s
        return kept

    def _problem(self, days: Sequence[Sequence[int]], now: float) -> tuple[Problem, list[int]]:
        """What is open, each to be begun on time, among those who are free for any of it; and who
        these are."""
        orders = [self._orders[x] for x in self._open]
        free, ends = np.minimum(np.maximum(self._free, now), self._ends), np.array(self._ends)
        opens = np.array([[order.opens_at] for order in orders])
        closes = np.array([[order.closes_at] for order in orders])
        cancels = np.array([[order.cancels_at] for order in orders])
        lasts = np.array([[order.lasts_s] for order in orders])
        delay_s = DELAY_S + SUDDEN_DELAY_S * self._sudden / len(self._orders)
        delay_cost = delay_s / np.maximum(closes - opens, SHORTEST_S)
        places = np.array([order.place for order in orders])
        way = self._leg[self._at][:, places].T
        begins = np.maximum(free + way, opens)
        cost = way + delay_cost * (begins - opens)
        may = np.array([self._may[x] for x in self._open])
        cost[~may | (begins > cancels) | (begins + lasts > ends)] = inf
        for v, day in enumerate(days):
            cost[day, v] = -1.0
        nurses = np.flatnonzero(np.isfinite(cost).any(axis=0))
        cost = cost[:, nurses]
        if len(nurses) > LOOKED_AT:
            dearest = np.argpartition(cost, LOOKED_AT, axis=1)[:, LOOKED_AT:]
            np.put_along_axis(cost, dearest, inf, axis=1)
        able = [np.flatnonzero(row).tolist() for row in np.isfinite(cost)]
        n, m = len(orders), len(nurses)
        doors = np.array(self._at)[nurses]
        places = np.concatenate([places, doors, [len(self._leg) - 1]])
        problem = problems.build(
            visits=[
                Visit(
                    place=i,
                    opens=order.opens_at,
                    due=order.opens_at,
                    closes=order.closes_at,
                    lasts=order.lasts_s,
                    able=able[i],
                    late_cost=float(delay_cost[i, 0]),
                    # Of orders that cannot all be served, the longest is left out.
                    skip_cost=MUST - order.lasts_s,
                )
                for i, order in enumerate(orders)
            ],
            nurses=[
                problems.Nurse(place=n + r, back=n + m, starts=free[v], ends=ends[v])
                for r, v in enumerate(nurses)
            ],
            travel=self._leg[places][:, places],
        )
        return problem, nurses.tolist()
