"""Owns the best assignment of a batch: most seats first, least total cost second, exactly.

Each nurse is named for one seat at most. The result carries a proof that anybody can check.
"""

from __future__ import annotations

import heapq
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
    place = {nurse: number for number, nurse in enumerate(nurses)}
    empty = _empty(demands)
    owners: list[UUID] = []
    matching = _Matching()
    for demand in demands:
        edges = sorted((place[nurse], _whole(cost)) for nurse, cost in demand.costs.items())
        for _ in range(demand.seats):
            # The last is nobody, a different one for each seat: it stays empty.
            matching.add([*edges, (len(nurses) + len(owners), empty)])
            owners.append(demand.order_id)
    costs = {demand.order_id: demand.costs for demand in demands}
    named: dict[UUID, list[UUID]] = {demand.order_id: [] for demand in demands}
    for number, seat in matching.holder.items():
        if number < len(nurses):
            named[owners[seat]].append(nurses[number])
    for order_id, names in named.items():
        names.sort(key=lambda nurse: (_whole(costs[order_id][nurse]), nurse))
    picked = [costs[order_id][nurse] for order_id, names in named.items() for nurse in names]
    return Assignment(
        nurses={order_id: tuple(names) for order_id, names in named.items()},
        seats_filled=len(picked),
        total_cost=sum(map(_whole, picked)) / SCALE,
        prices={nurse: matching.prices.get(place[nurse], 0) for nurse in nurses},
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


class _Matching:
    """Seats matched to nurses by shortest augmenting paths (Edmonds and Karp, Tomizawa).

    Each seat in turn takes the nurse who is cheapest for the batch, others moving on to their next
    best where that costs less. `prices` rise as nurses are missed elsewhere; with them no seat
    would rather have another nurse, which is what makes the end the best there is.
    """

    def __init__(self) -> None:
        self.holder: dict[int, int] = {}  # seat by nurse
        self.prices: dict[int, int] = {}  # by nurse; nought for those not named
        self._edges: list[list[tuple[int, int]]] = []  # (nurse, cost) by seat
        self._budgets: list[int] = []  # by seat: what its nurse costs it, price included

    def add(self, edges: list[tuple[int, int]]) -> None:
        """One more seat, and everybody who could fill it; one of them must be its alone."""
        seat = len(self._edges)
        self._edges.append(edges)
        self._budgets.append(min(cost + self.prices.get(nurse, 0) for nurse, cost in edges))
        lengths: dict[int, int] = {}
        came_from: dict[int, int] = {}
        settled: dict[int, int] = {}
        heap: list[tuple[int, int]] = []
        at, so_far = seat, 0
        while True:
            base = so_far - self._budgets[at]
            for nurse, cost in self._edges[at]:
                length = base + cost + self.prices.get(nurse, 0)
                if nurse not in settled and length < lengths.get(nurse, length + 1):
                    lengths[nurse] = length
                    came_from[nurse] = at
                    heapq.heappush(heap, (length, nurse))
            so_far, nurse = heapq.heappop(heap)
            while nurse in settled:
                so_far, nurse = heapq.heappop(heap)
            if nurse not in self.holder:
                break
            settled[nurse] = so_far
            at = self.holder[nurse]
        self._raise_prices(seat, settled, so_far)
        self._move_on(seat, nurse, came_from)

    def _raise_prices(self, seat: int, settled: dict[int, int], end: int) -> None:
        self._budgets[seat] += end
        for nurse, length in settled.items():
            self.prices[nurse] = self.prices.get(nurse, 0) + end - length
            self._budgets[self.holder[nurse]] += end - length

    def _move_on(self, seat: int, nurse: int, came_from: dict[int, int]) -> None:
        """Give a free nurse to the seat that found her, hers to the one before, and so on."""
        left = {at: held for held, at in self.holder.items()}
        while True:
            at = came_from[nurse]
            self.holder[nurse] = at
            if at == seat:
                return
            nurse = left[at]
