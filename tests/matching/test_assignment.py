"""The best assignment of a batch, against every assignment there is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from uuid import UUID

import pytest

from matching import assignment
from matching.assignment import Demand
from tests.matching.build import ident

BATCHES = 3000


def demand(order: int, costs: dict[int, float], seats: int = 1) -> Demand:
    return Demand(
        order_id=ident(order),
        seats=seats,
        costs={ident(nurse): cost for nurse, cost in costs.items()},
    )


def best_by_trying_all(batch: Sequence[Demand]) -> tuple[int, int]:
    """(seats left empty, cost in thousandths) of the best there is."""

    @cache
    def best(index: int, taken: frozenset[UUID]) -> tuple[int, int]:
        if index == len(batch):
            return (0, 0)
        here = batch[index]
        free = sorted(nurse for nurse in here.costs if nurse not in taken)
        tried = []
        for count in range(min(here.seats, len(free)) + 1):
            for chosen in combinations(free, count):
                empty, cost = best(index + 1, taken | frozenset(chosen))
                own = sum(round(here.costs[nurse] * 1000) for nurse in chosen)
                tried.append((empty + here.seats - count, cost + own))
        return min(tried)

    return best(0, frozenset())


def random_batch(seed: int) -> list[Demand]:
    draw = random.Random(seed)  # noqa: S311
    nurses = range(100, 100 + draw.randint(0, 6))
    return [
        demand(
            order,
            {
                # Few different costs, so that ties are common, and some below nought.
                nurse: draw.choice([-3.5, 0.0, 1.0, 1.0, 2.25, 7.125])
                for nurse in nurses
                if draw.random() < 0.6
            },
            seats=draw.choice([1, 1, 2]),
        )
        for order in range(1, draw.randint(1, 5) + 1)
    ]


def seats_and_cost(batch: Sequence[Demand], found: assignment.Assignment) -> tuple[int, int]:
    costs = {one.order_id: one.costs for one in batch}
    named = [(order, nurse) for order, nurses in found.nurses.items() for nurse in nurses]
    assert len({nurse for _, nurse in named}) == len(named)
    empty = sum(one.seats for one in batch) - len(named)
    return empty, sum(round(costs[order][nurse] * 1000) for order, nurse in named)


def test_it_agrees_with_trying_all() -> None:
    better_than_greedy = 0
    for seed in range(BATCHES):
        batch = random_batch(seed)
        found = assignment.assign(batch)

        assert seats_and_cost(batch, found) == best_by_trying_all(batch), seed
        assert assignment.proves(batch, found), seed
        greedy = replace(found, nurses=assignment.nearest_first(batch))
        better_than_greedy += seats_and_cost(batch, greedy) != seats_and_cost(batch, found)
    assert better_than_greedy > BATCHES / 10


def test_nearest_first_strands_the_order_that_has_only_one_nurse() -> None:
    batch = [demand(1, {101: 1.0, 102: 2.0}), demand(2, {101: 5.0})]

    assert assignment.nearest_first(batch) == {ident(1): (ident(101),), ident(2): ()}
    found = assignment.assign(batch)
    assert found.nurses == {ident(1): (ident(102),), ident(2): (ident(101),)}
    assert found.seats_filled == 2
    assert found.total_cost == 7.0


def test_two_seats_are_two_nurses_and_one_is_better_than_none() -> None:
    assert assignment.assign([demand(1, {101: 2.0, 102: 1.0}, seats=2)]).nurses == {
        ident(1): (ident(102), ident(101))
    }
    assert assignment.assign([demand(1, {101: 2.0}, seats=2)]).nurses == {ident(1): (ident(101),)}


def test_a_seat_more_is_worth_any_cost() -> None:
    batch = [demand(1, {101: 0.0, 102: 90_000.0}), demand(2, {101: 0.0})]

    assert assignment.assign(batch).seats_filled == 2


def test_nobody_for_anybody() -> None:
    assert assignment.assign([]).nurses == {}
    assert assignment.assign([demand(1, {})]).nurses == {ident(1): ()}
    assert assignment.assign([demand(1, {101: 1.0}, seats=0)]).nurses == {ident(1): ()}


def test_neither_order_of_the_batch_nor_of_the_nurses_matters() -> None:
    draw = random.Random(7)  # noqa: S311
    for seed in range(200):
        batch = random_batch(seed)
        mixed = [
            replace(one, costs=dict(draw.sample(list(one.costs.items()), len(one.costs))))
            for one in draw.sample(batch, len(batch))
        ]
        assert assignment.assign(mixed).nurses == assignment.assign(batch).nurses


def test_a_worse_assignment_has_no_proof() -> None:
    batch = [demand(1, {101: 1.0, 102: 2.0}), demand(2, {101: 5.0, 102: 9.0})]
    best = assignment.assign(batch)
    swapped = {ident(1): (ident(101),), ident(2): (ident(102),)}

    assert best.nurses == {ident(1): (ident(102),), ident(2): (ident(101),)}
    assert not assignment.proves(batch, replace(best, nurses=swapped))
    assert not assignment.proves(batch, replace(best, nurses={ident(1): (), ident(2): ()}))


def test_an_order_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        assignment.assign([demand(1, {}), demand(1, {})])
