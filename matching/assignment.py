"""Owns the best assignment of a batch: most seats first, least total cost second, exactly.

Each nurse is named for one seat at most. The result carries a proof that anybody can check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

# Costs are compared as whole thousandths: sums of integers have no rounding to break ties by.
SCALE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One order: its empty seats, and what each nurse who could fill one would cost."""

    order_id: UUID
    seats: int
    costs: Mapping[UUID, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`nurses` names for each order those chosen, cheapest first; an order may have none.

    `prices` is the proof: what each nurse's time is worth to the batch, in thousandths of a cost.
    """

    nurses: Mapping[UUID, tuple[UUID, ...]]
    seats_filled: int
    total_cost: float
    prices: Mapping[UUID, int]


def assign(batch: Sequence[Demand]) -> Assignment:
    """The best for the batch as a whole; the order of demands and nurses does not matter.

    Raises ValueError when an order stands in the batch twice.
    """
    demands = sorted(batch, key=lambda demand: demand.order_id)
    if len({demand.order_id for demand in demands}) < len(demands):
        raise ValueError("an order stands in the batch twice")
    nurses = sorted({nurse for demand in demands for nurse in demand.costs})
    problem = _Problem.of(demands, nurses)
    chosen = problem.solve()
    named: dict[UUID, list[UUID]] = {demand.order_id: [] for demand in demands}
    costs = {demand.order_id: demand.costs for demand in demands}
    for row, column in enumerate(chosen):
        if column < len(nurses):
            named[demands[problem.owners[row]].order_id].append(nurses[column])
    for order_id, names in named.items():
        names.sort(key=lambda nurse: (_whole(costs[order_id][nurse]), nurse))
    picked = [costs[order_id][nurse] for order_id, names in named.items() for nurse in names]
    return Assignment(
        nurses={order_id: tuple(names) for order_id, names in named.items()},
        seats_filled=len(picked),
        total_cost=sum(map(_whole, picked)) / SCALE,
        prices=dict(zip(nurses, problem.prices(chosen), strict=True)),
    )


def proves(batch: Sequence[Demand], assignment: Assignment) -> bool:
    """Whether the prices show that no other assignment is better, without solving again.

    Linear-programming duality: with every nurse at her price (nobody's negative, nought for one
    who is not chosen), each seat has what is cheapest for it, an empty seat counted at the cost
    `_empty` of going without. Then nobody can improve the sum by swapping.
    """
    empty = _empty(batch)
    prices = assignment.prices
    taken = [nurse for names in assignment.nurses.values() for nurse in names]
    if len(set(taken)) < len(taken) or any(price < 0 for price in prices.values()):
        return False
    if any(price > 0 for nurse, price in prices.items() if nurse not in set(taken)):
        return False
    for demand in batch:
        names = assignment.nurses[demand.order_id]
        if len(names) > demand.seats:
            return False
        full = {nurse: _whole(cost) + prices[nurse] for nurse, cost in demand.costs.items()}
        best_other = min([empty, *(full[nurse] for nurse in full if nurse not in names)])
        if len(names) < demand.seats and best_other < empty:
            return False
        if any(full[nurse] > best_other for nurse in names):
            return False
    return True


def nearest_first(batch: Sequence[Demand]) -> dict[UUID, tuple[UUID, ...]]:
    """Each order in turn takes the cheapest nurses left: what `assign` is measured against."""
    taken: set[UUID] = set()
    named: dict[UUID, tuple[UUID, ...]] = {}
    for demand in batch:
        free = sorted((cost, nurse) for nurse, cost in demand.costs.items() if nurse not in taken)
        named[demand.order_id] = tuple(nurse for _, nurse in free[: demand.seats])
        taken.update(named[demand.order_id])
    return named


def _whole(cost: float) -> int:
    return round(cost * SCALE)


def _empty(batch: Sequence[Demand]) -> int:
    """What an empty seat costs: more than any rearrangement of the others could save."""
    wholes = [_whole(cost) for demand in batch for cost in demand.costs.values()]
    if not wholes:
        return 1
    rows = sum(demand.seats for demand in batch)
    return max(wholes) + rows * (max(wholes) - min(wholes)) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """Rows are seats, columns nurses and then one stand-in for each row: its seat stays empty."""

    owners: list[int]
    columns: int
    rows: list[int]
    targets: list[int]
    weights: list[int]
    empty: int

    @classmethod
    def of(cls, demands: Sequence[Demand], nurses: Sequence[UUID]) -> _Problem:
        place = {nurse: column for column, nurse in enumerate(nurses)}
        owners = [index for index, demand in enumerate(demands) for _ in range(demand.seats)]
        rows: list[int] = []
        targets: list[int] = []
        weights: list[int] = []
        for row, owner in enumerate(owners):
            edges = sorted(
                (place[nurse], _whole(cost)) for nurse, cost in demands[owner].costs.items()
            )
            rows.extend([row] * len(edges))
            targets.extend(column for column, _ in edges)
            weights.extend(weight for _, weight in edges)
        return cls(
            owners=owners,
            columns=len(nurses),
            rows=rows,
            targets=targets,
            weights=weights,
            empty=_empty(demands),
        )

    def solve(self) -> list[int]:
        """The column of each row; a column beyond the nurses means that the seat stays empty."""
        count = len(self.owners)
        if count == 0:
            return []
        # Imported here: they are a third of a process's start, and only who assigns needs them.
        import numpy as np
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import min_weight_full_bipartite_matching

        # The solver reads nought as "no edge", so all weights are moved above it.
        lift = 1 - min([*self.weights, self.empty])
        rows = np.array([*self.rows, *range(count)])
        targets = np.array([*self.targets, *range(self.columns, self.columns + count)])
        weights = np.array([*self.weights, *[self.empty] * count], dtype=np.float64) + lift
        graph = csr_array((weights, (rows, targets)), shape=(count, self.columns + count))
        matched_rows, matched_columns = min_weight_full_bipartite_matching(graph)
        chosen = [0] * count
        for row, column in zip(matched_rows, matched_columns, strict=True):
            chosen[int(row)] = int(column)
        return chosen

    def prices(self, chosen: Sequence[int]) -> list[int]:
        """The least prices that support `chosen`: how much a nurse is missed elsewhere.

        Raised from nought until no seat would rather have another nurse (Bellman and Ford's
        shortest paths over the exchanges); for a best assignment this ends.
        """
        if not self.weights:
            return [0] * self.columns
        import numpy as np

        prices = np.zeros(self.columns + len(self.owners), dtype=np.int64)
        rows = np.array([*self.rows, *range(len(self.owners))])
        targets = np.array([*self.targets, *range(self.columns, self.columns + len(self.owners))])
        weights = np.array([*self.weights, *[self.empty] * len(self.owners)], dtype=np.int64)
        own = np.array(chosen)
        own_weights = np.zeros(len(self.owners), dtype=np.int64)
        is_own = targets == own[rows]
        own_weights[rows[is_own]] = weights[is_own]
        for _ in range(len(self.owners) + 1):
            # A seat of row r prefers column c while weight + price there is below its own.
            pull = own_weights[rows] + prices[own[rows]] - weights
            raised = prices.copy()
            np.maximum.at(raised, targets, pull)
            if np.array_equal(raised, prices):
                return [int(price) for price in prices[: self.columns]]
            prices = raised
        raise ArithmeticError("the assignment can be improved: it is not the best")
