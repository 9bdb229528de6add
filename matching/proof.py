"""Owns the check of what the solver says it has proven, and shares nothing with it but the words.

An assignment, by linear-programming duality (weak, so that any prices do): with every nurse at her
price, a seat pays at least the cheapest of its nurses, price included, or the penalty of staying
empty. The sum over the seats, less the prices, is below the penalty of every assignment.
A shortage, by counting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from matching.batch import SCALE, Assignment, Beside, Demand, Leaf, whole
from matching.shortage import Shortage, Wanted
from matching.spans import Span


class Refuted(Exception):
    """The proof does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What has been found to be true of an assignment; `gap` is how far it can be from the best,
    in thousandths of a cost, of which an order of weight 1 that is left out counts `unit`."""

    orders_served: int
    penalty: int
    bound: int
    unit: int

    @property
    def gap(self) -> int:
        return self.penalty - self.bound


def check(batch: Sequence[Demand], assignment: Assignment) -> Checked:
    """The assignment is allowed, and nothing is below its bound. Raises Refuted."""
    demands = {demand.order_id: demand for demand in batch}
    if set(assignment.nurses) != set(demands):
        raise Refuted("an order is missing, or one too many")
    unit, least, most = _unit(batch)
    penalty = sum(
        _paid(demand, assignment.nurses[order_id], unit) for order_id, demand in demands.items()
    )
    taken = [nurse for named in assignment.nurses.values() for nurse in named]
    if len(set(taken)) < len(taken):
        raise Refuted("a nurse is named twice")
    if penalty != assignment.penalty:
        raise Refuted("the penalty is another")
    if assignment.total_cost != _cost(demands, assignment) / SCALE:
        raise Refuted("the cost is another")
    if not _is_complete(assignment.leaves, frozenset(), frozenset()):
        raise Refuted("a case is missing")
    if len(assignment.leaves) == 1 and _worth(assignment) != _worth(assignment.leaves[0]):
        raise Refuted("the prices are not those of the only case")
    bound = penalty
    for leaf in assignment.leaves:
        proven = _bound(demands, leaf, unit, most - least)
        # Orders are served whole: the penalty is some number of units, and a cost in the spread.
        units = -((most - proven) // unit)
        bound = min(bound, max(proven, units * unit + least))
    if assignment.bound != bound:
        raise Refuted("the bound is not what is proven")
    served = sum(1 for named in assignment.nurses.values() if named)
    named_right = sum(len(named) for named in assignment.nurses.values())
    if (served, named_right) != (assignment.orders_served, assignment.seats_filled):
        raise Refuted("what is served is another number")
    return Checked(orders_served=served, penalty=penalty, bound=assignment.bound, unit=unit)


def check_beside(batch: Sequence[Demand], assignment: Assignment, beside: Beside) -> None:
    """The nearest taken order by order come to what is said, and a competence is worth what the
    cheapest who has it is. Raises Refuted."""
    free = {nurse for demand in batch for nurse in demand.costs}
    served = cost = 0
    for demand in batch:
        left = sorted((whole(demand.costs[nurse]), nurse) for nurse in free & demand.costs.keys())
        if 0 < demand.seats <= len(left):
            served += 1
            cost += sum(paid for paid, _ in left[: demand.seats])
            free -= {nurse for _, nurse in left[: demand.seats]}
    if (served, cost) != (beside.greedy_served, beside.greedy_cost):
        raise Refuted("taking the nearest comes to something else")
    worth = dict[str, int | None]()
    for slug in {slug for demand in batch for slug in demand.needs}:
        who = {nurse for demand in batch if slug in demand.needs for nurse in demand.costs}
        price = min((assignment.prices.get(nurse, 0) for nurse in who), default=None)
        if price != 0:
            worth[slug] = price
    if worth != beside.competences:
        raise Refuted("a competence has another price")


def _unit(batch: Sequence[Demand]) -> tuple[int, int, int]:
    """(what an order left out costs, the least and the most that all seats can cost)."""
    least = most = 0
    seats = {max(1, demand.seats) for demand in batch}
    for demand in batch:
        costs = [whole(cost) for cost in demand.costs.values()]
        least += demand.seats * min([0, *costs])
        most += demand.seats * max([0, *costs])
    # The least whole number above the spread that every number of seats divides.
    step = max(seats, default=1)
    while any(step % count for count in seats):
        step += max(seats)
    return ((most - least) // step + 1) * step, least, most


def _cost(demands: Mapping[UUID, Demand], assignment: Assignment) -> int:
    return sum(
        whole(demands[order_id].costs[nurse])
        for order_id, named in assignment.nurses.items()
        for nurse in named
    )


def _worth(priced: Assignment | Leaf) -> dict[UUID, int]:
    return {nurse: price for nurse, price in priced.prices.items() if price}


def _paid(demand: Demand, named: Sequence[UUID], unit: int) -> int:
    if not named and demand.seats:
        return demand.weight * unit
    if len(named) != demand.seats:
        raise Refuted("an order is served in part")
    if any(nurse not in demand.costs for nurse in named):
        raise Refuted("a nurse is named who may not go")
    return sum(whole(demand.costs[nurse]) for nurse in named)


def _bound(demands: Mapping[UUID, Demand], leaf: Leaf, unit: int, spread: int) -> int:
    if leaf.forced & leaf.dropped or any(price < 0 for price in leaf.prices.values()):
        raise Refuted("a case contradicts itself, or has a price below nought")
    never = 1 + unit * sum(demand.weight for demand in demands.values()) + spread
    bound = -sum(leaf.prices.values())
    for order_id, demand in demands.items():
        if order_id in leaf.dropped:
            bound += demand.weight * unit
            continue
        if not demand.seats:
            continue
        empty = never if order_id in leaf.forced else demand.weight * unit // demand.seats
        full = [whole(cost) + leaf.prices.get(nurse, 0) for nurse, cost in demand.costs.items()]
        bound += demand.seats * min([empty, *full])
    return bound


def _is_complete(
    leaves: Collection[Leaf], forced: frozenset[UUID], dropped: frozenset[UUID]
) -> bool:
    """Whether every assignment with these orders forced and dropped falls under some leaf."""
    if any(leaf.forced <= forced and leaf.dropped <= dropped for leaf in leaves):
        return True
    # Only orders on which all cases that are left take sides can tell them apart.
    common = None
    for leaf in leaves:
        if leaf.forced & dropped or leaf.dropped & forced:
            continue
        sides = (leaf.forced | leaf.dropped) - forced - dropped
        common = sides if common is None else common & sides
    if not common:
        return False
    order = min(common)
    return _is_complete(leaves, forced | {order}, dropped) and _is_complete(
        leaves, forced, dropped | {order}
    )


def check_shortage(
    shortage: Shortage, wanted: Sequence[Wanted], free_hours: Mapping[UUID, Sequence[Span]]
) -> None:
    """The orders are as they stand, nobody who qualifies is left out, none can make more visits
    than is said, and all together too few. Raises Refuted."""
    orders = {one.order_id: one for one in wanted}
    named = {one.order_id for one in shortage.orders}
    if len(named) < len(shortage.orders):
        raise Refuted("an order stands there twice")
    if any(orders.get(one.order_id) != one for one in shortage.orders):
        raise Refuted("an order is another")
    qualified = frozenset[UUID]().union(*(one.nurse_ids for one in shortage.orders))
    if sorted(qualified) != sorted(nurse.nurse_id for nurse in shortage.nurses):
        raise Refuted("those who qualify are others")
    for nurse in shortage.nurses:
        hers = [one for one in shortage.orders if nurse.nurse_id in one.nurse_ids]
        begins_at = min(one.opens_at for one in hers)
        ends_at = max(one.closes_at + timedelta(seconds=one.lasts_s) for one in hers)
        shortest_s = min(one.lasts_s for one in hers)
        visits = 0
        for span in free_hours.get(nurse.nurse_id, ()):
            hours = min(span.ends_at, ends_at) - max(span.starts_at, begins_at)
            visits += max(0, int(hours.total_seconds() // shortest_s))
        if nurse.visits_max != min(len(hers), visits):
            raise Refuted("a nurse can make another number of visits")
    if shortage.seats != sum(one.seats for one in shortage.orders):
        raise Refuted("the seats are another number")
    if shortage.visits_max != sum(nurse.visits_max for nurse in shortage.nurses):
        raise Refuted("the visits are another number")
    if shortage.seats <= shortage.visits_max:
        raise Refuted("there are nurses enough")
