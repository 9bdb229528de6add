"""Owns what a batch is, what an assignment of it is and what is said to prove it; finds nothing.

The objective: serve the most, an order by its `weight`; among those the least sum of costs. An
order is served when all its seats are filled, each by another nurse; half an order is none.
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
    """One order: its empty seats, what each nurse who could fill one would cost, and its weight.

    `needs` names the competences that all of them have.
    """

    order_id: UUID
    seats: int
    costs: Mapping[UUID, float]
    weight: int = 1
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One case of a complete distinction: `forced` orders are served, `dropped` ones are not.

    `prices` is what each nurse's time is worth to the batch in that case, in thousandths of a cost;
    who is not named is worth nothing. By them nothing in this case is better than what was found.
    """

    forced: frozenset[UUID]
    dropped: frozenset[UUID]
    prices: Mapping[UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`nurses` names for each order those chosen, the cheapest first: all its seats' or nobody.

    `leaves` prove `bound`: no assignment has less `penalty`, the cost with what is not served
    counted far above any cost. Where the two are equal nothing is better; else the search was cut
    short. `prices` are those of the batch as a whole.
    """

    nurses: Mapping[UUID, tuple[UUID, ...]]
    orders_served: int
    seats_filled: int
    total_cost: float
    prices: Mapping[UUID, int]
    penalty: int
    bound: int
    leaves: tuple[Leaf, ...]

    @property
    def is_optimal(self) -> bool:
        return self.penalty == self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is told beside an assignment. `greedy_served` and `greedy_cost` (in thousandths) are
    what taking the nearest, order by order, would have come to. `competences`: what an hour of the
    cheapest nurse who has it would be worth to the batch, in thousandths of a cost, where that is
    not nothing; None where nobody has it."""

    greedy_served: int
    greedy_cost: int
    competences: Mapping[str, int | None]


def whole(cost: float) -> int:
    return round(cost * SCALE)


def nearest_first(batch: Sequence[Demand]) -> dict[UUID, tuple[UUID, ...]]:
    """Each order in turn takes the cheapest nurses left, if there are enough: what the best
    assignment is measured against."""
    taken: set[UUID] = set()
    named: dict[UUID, tuple[UUID, ...]] = {}
    for demand in batch:
        free = sorted(
            (whole(cost), nurse) for nurse, cost in demand.costs.items() if nurse not in taken
        )
        enough = len(free) >= demand.seats
        named[demand.order_id] = tuple(nurse for _, nurse in free[: demand.seats if enough else 0])
        taken.update(named[demand.order_id])
    return named
