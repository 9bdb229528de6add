"""Owns the best assignment of a batch: most served first, least total cost second.

It comes with a proof that `matching/proof.py` checks without this. Two-seat orders are served by
both nurses or not at all, which is what makes it more than an assignment of seats.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Final
from uuid import UUID

from matching import optimum
from matching.batch import SCALE, Assignment, Demand, Leaf, whole

# Cases that are distinguished before the search is cut short. Half-filled orders are rare: nearly
# every batch needs one.
CASES_MAX: Final = 200


def assign(batch: Sequence[Demand], *, cases_max: int = CASES_MAX) -> Assignment:
    """The best for the batch as a whole; the order of demands and nurses does not matter.

    Seats are first assigned as if they were orders of their own. Where that leaves an order half
    filled, two cases are distinguished: it is served, or it is not (branch and bound). After
    `cases_max` cases the best so far is taken, and `bound` says how far from the best it can be.
    Raises ValueError when an order stands in the batch twice.
    """
    problem = _Problem.of(batch)
    best: _Case | None = None
    leaves: list[_Case] = []
    number, waiting = 0, [(0, 0, problem.solve(frozenset(), frozenset()))]
    root = waiting[0][2]
    best = _repaired(problem, root)
    while waiting:
        _, _, case = heapq.heappop(waiting)
        if problem.at_least(case.penalty) >= best.penalty:
            leaves.append(case)
            continue
        if not case.halves:
            best = case
            leaves.append(case)
            continue
        if number >= cases_max:
            leaves.append(case)
            continue
        order = min(case.halves, key=lambda it: (-problem.demands[it].weight, it))
        for forced, dropped in (((order,), ()), ((), (order,))):
            number += 1
            child = problem.solve(case.forced.union(forced), case.dropped.union(dropped))
            heapq.heappush(waiting, (child.penalty, number, child))
    bound = min([best.penalty, *(problem.at_least(leaf.penalty) for leaf in leaves)])
    return problem.answer(best, root, leaves, bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """The best assignment of seats with some orders forced and some dropped; `halves` are orders
    that it fills in part. `penalty` is a lower bound for the case, and its worth if it has none."""

    forced: frozenset[UUID]
    dropped: frozenset[UUID]
    nurses: Mapping[UUID, tuple[UUID, ...]]
    halves: tuple[UUID, ...]
    penalty: int
    prices: Mapping[UUID, int]


def _repaired(problem: _Problem, case: _Case) -> _Case:
    """Something to begin with: the half-filled are dropped until there are none."""
    while case.halves:
        case = problem.solve(case.forced, case.dropped.union(case.halves))
    return case


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """Costs are shifted by `lowest`, since the arithmetic takes none below nought; each row is
    either filled or empty, so the shift changes nothing but the sum, by a constant."""

    demands: Mapping[UUID, Demand]
    options: Mapping[UUID, Sequence[tuple[int, int]]]
    nurses: Sequence[UUID]
    unit: int
    spread: tuple[int, int]
    lowest: int

    @classmethod
    def of(cls, batch: Sequence[Demand]) -> _Problem:
        demands = {demand.order_id: demand for demand in sorted(batch, key=lambda it: it.order_id)}
        if len(demands) < len(batch):
            raise ValueError("an order stands in the batch twice")
        nurses = sorted({nurse for demand in batch for nurse in demand.costs})
        place = {nurse: number for number, nurse in enumerate(nurses)}
        rows = sum(demand.seats for demand in batch)
        options: dict[UUID, list[tuple[int, int]]] = {}
        least, most, lowest, seats = 0, 0, 0, 1
        for order_id, demand in demands.items():
            ranked = sorted((whole(cost), place[nurse]) for nurse, cost in demand.costs.items())
            # Of one more than there are seats in the batch, somebody is always left: those who
            # come after them are never needed.
            options[order_id] = [(at, cost) for cost, at in ranked[: rows + 1]]
            if ranked:
                least += demand.seats * min(0, ranked[0][0])
                most += demand.seats * max(0, ranked[-1][0])
                lowest = min(lowest, ranked[0][0])
            seats = lcm(seats, max(1, demand.seats))
        unit = (most - least) // seats * seats + seats
        return cls(
            demands=demands,
            options=options,
            nurses=nurses,
            unit=unit,
            spread=(least, most),
            lowest=lowest,
        )

    def solve(self, forced: frozenset[UUID], dropped: frozenset[UUID]) -> _Case:
        never = 1 + sum(demand.weight for demand in self.demands.values()) * self.unit
        never += self.spread[1] - self.spread[0]
        edges: list[Sequence[tuple[int, int]]] = []
        empty: list[int] = []
        owners: list[UUID] = []
        for order_id, demand in self.demands.items():
            if order_id in dropped:
                continue
            for _ in range(demand.seats):
                edges.append([(at, cost - self.lowest) for at, cost in self.options[order_id]])
                share = demand.weight * self.unit // demand.seats
                empty.append((never if order_id in forced else share) - self.lowest)
                owners.append(order_id)
        found = optimum.solve(optimum.graph(edges, empty, len(self.nurses)))
        named: dict[UUID, list[tuple[int, UUID]]] = {order_id: [] for order_id in self.demands}
        penalty = sum(self.demands[order_id].weight for order_id in dropped) * self.unit
        for row, column in enumerate(map(int, found.mate)):
            if column == optimum.NONE:
                penalty += empty[row] + self.lowest
                continue
            cost = dict(self.options[owners[row]])[column]
            penalty += cost
            named[owners[row]].append((cost, self.nurses[column]))
        return _Case(
            forced=forced,
            dropped=dropped,
            nurses={it: tuple(nurse for _, nurse in sorted(who)) for it, who in named.items()},
            halves=tuple(it for it, who in named.items() if 0 < len(who) < self.demands[it].seats),
            penalty=penalty,
            prices={
                nurse: int(price)
                for nurse, price in zip(self.nurses, found.price, strict=True)
                if price
            },
        )

    def at_least(self, penalty: int) -> int:
        """The least that is not below `penalty` and that an assignment can have: its orders are
        served whole, so that the penalty is a number of units, and costs within the spread."""
        least, most = self.spread
        units = -((most - penalty) // self.unit)
        return max(penalty, units * self.unit + least)

    def answer(self, best: _Case, root: _Case, leaves: Sequence[_Case], bound: int) -> Assignment:
        picked = [
            whole(self.demands[order_id].costs[nurse])
            for order_id, named in best.nurses.items()
            for nurse in named
        ]
        return Assignment(
            nurses=best.nurses,
            orders_served=sum(1 for named in best.nurses.values() if named),
            seats_filled=len(picked),
            total_cost=sum(picked) / SCALE,
            prices={nurse: root.prices.get(nurse, 0) for nurse in self.nurses},
            penalty=best.penalty,
            bound=bound,
            leaves=tuple(
                Leaf(forced=leaf.forced, dropped=leaf.dropped, prices=leaf.prices)
                for leaf in leaves
            ),
        )
