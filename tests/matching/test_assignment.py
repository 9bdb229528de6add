"""The best assignment of a batch, against every assignment there is, and its proof against lies."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from uuid import UUID

import pytest

from matching import assignment, batch, proof
from matching.batch import Assignment, Demand, Leaf
from matching.proof import Refuted
from tests.matching.build import ident

PORTIONS = 10
BATCHES = 1_000  # in each


def demand(order: int, costs: dict[int, float], seats: int = 1, weight: int = 1) -> Demand:
    return Demand(
        order_id=ident(order),
        seats=seats,
        costs={ident(nurse): cost for nurse, cost in costs.items()},
        weight=weight,
    )


def best_by_trying_all(demands: Sequence[Demand]) -> tuple[int, int]:
    """(weight left out, cost in thousandths) of the best there is."""

    @cache
    def best(index: int, taken: frozenset[UUID]) -> tuple[int, int]:
        if index == len(demands):
            return (0, 0)
        here = demands[index]
        without = best(index + 1, taken)
        tried = [(without[0] + here.weight, without[1])] if here.seats else []
        free = sorted(nurse for nurse in here.costs if nurse not in taken)
        for chosen in combinations(free, here.seats):
            left, cost = best(index + 1, taken | frozenset(chosen))
            tried.append((left, cost + sum(round(here.costs[nurse] * 1000) for nurse in chosen)))
        return min(tried)

    return best(0, frozenset())


def random_batch(seed: int) -> list[Demand]:
    draw = random.Random(seed)  # noqa: S311
    nurses = range(100, 100 + draw.randint(0, 6))
    weights = draw.choice([[1], [1], [1, 3, 9]])
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
            weight=draw.choice(weights),
        )
        for order in range(1, draw.randint(1, 5) + 1)
    ]


def worth(demands: Sequence[Demand], nurses: dict[UUID, tuple[UUID, ...]]) -> tuple[int, int]:
    """(weight left out, cost in thousandths)."""
    by_id = {one.order_id: one for one in demands}
    named = [(order, nurse) for order, chosen in nurses.items() for nurse in chosen]
    assert len({nurse for _, nurse in named}) == len(named)
    assert all(len(nurses[it]) in {0, one.seats} for it, one in by_id.items())
    left = sum(one.weight for it, one in by_id.items() if one.seats and not nurses[it])
    return left, sum(round(by_id[order].costs[nurse] * 1000) for order, nurse in named)


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_it_agrees_with_trying_all(portion: int) -> None:
    better_than_greedy = distinguished = 0
    for seed in range(portion * BATCHES, (portion + 1) * BATCHES):
        demands = random_batch(seed)
        found = assignment.assign(demands)

        assert worth(demands, dict(found.nurses)) == best_by_trying_all(demands), seed
        assert found.is_optimal, seed
        assert proof.check(demands, found).gap == 0, seed
        greedy = batch.nearest_first(demands)
        better_than_greedy += worth(demands, greedy) != worth(demands, dict(found.nurses))
        distinguished += len(found.leaves) > 1
    assert better_than_greedy > BATCHES / 10
    assert distinguished > BATCHES / 50


def test_nearest_first_strands_the_order_that_has_only_one_nurse() -> None:
    demands = [demand(1, {101: 1.0, 102: 2.0}), demand(2, {101: 5.0})]

    assert batch.nearest_first(demands) == {ident(1): (ident(101),), ident(2): ()}
    found = assignment.assign(demands)
    assert found.nurses == {ident(1): (ident(102),), ident(2): (ident(101),)}
    assert (found.orders_served, found.seats_filled, found.total_cost) == (2, 2, 7.0)


def test_two_seats_are_two_nurses_or_none() -> None:
    assert assignment.assign([demand(1, {101: 2.0, 102: 1.0}, seats=2)]).nurses == {
        ident(1): (ident(102), ident(101))
    }
    assert assignment.assign([demand(1, {101: 2.0}, seats=2)]).nurses == {ident(1): ()}


def test_nobody_is_tied_up_by_half_an_order() -> None:
    """Three orders for two want the same three nurses, and so does one for a single nurse."""
    three = {101: 1.0, 102: 1.0, 103: 1.0}
    pairs = [demand(order, three, seats=2) for order in (1, 2, 3)]
    found = assignment.assign([*pairs, demand(4, {103: 9.0})])

    assert found.orders_served == 2
    assert found.nurses[ident(4)] == (ident(103),)
    assert len(found.leaves) > 1
    assert proof.check([*pairs, demand(4, {103: 9.0})], found).gap == 0


def test_an_order_more_is_worth_any_cost() -> None:
    demands = [demand(1, {101: 0.0, 102: 90_000.0}), demand(2, {101: 0.0})]

    assert assignment.assign(demands).orders_served == 2


def test_the_weightier_goes_first_and_costs_nobody_a_place_for_nothing() -> None:
    two = [demand(1, {101: 0.0}), demand(2, {101: 50.0}, weight=9)]
    assert assignment.assign(two).nurses == {ident(1): (), ident(2): (ident(101),)}

    other_way = [demand(1, {101: 0.0}), demand(2, {101: 0.0, 102: 50.0}, weight=9)]
    assert assignment.assign(other_way).orders_served == 2


def test_nobody_for_anybody() -> None:
    assert assignment.assign([]).nurses == {}
    assert assignment.assign([demand(1, {})]).nurses == {ident(1): ()}
    assert assignment.assign([demand(1, {101: 1.0}, seats=0)]).nurses == {ident(1): ()}


def test_neither_order_of_the_batch_nor_of_the_nurses_matters() -> None:
    draw = random.Random(7)  # noqa: S311
    for seed in range(200):
        demands = random_batch(seed)
        mixed = [
            replace(one, costs=dict(draw.sample(list(one.costs.items()), len(one.costs))))
            for one in draw.sample(demands, len(demands))
        ]
        assert assignment.assign(mixed) == assignment.assign(demands)


def test_a_nurse_more_never_makes_it_worse() -> None:
    draw = random.Random(8)  # noqa: S311
    for seed in range(500):
        demands = random_batch(seed)
        more = [
            replace(one, costs={**one.costs, ident(999): draw.choice([-1.0, 2.0, 8.0])})
            if draw.random() < 0.5
            else one
            for one in demands
        ]
        before, after = assignment.assign(demands), assignment.assign(more)
        assert worth(more, dict(after.nurses)) <= worth(demands, dict(before.nurses))


def large(seed: int) -> list[Demand]:
    """Orders of which half are for two, and too few nurses who may go to each."""
    draw = random.Random(seed)  # noqa: S311
    return [
        demand(
            order,
            {nurse: draw.uniform(0, 90) for nurse in draw.sample(range(100, 126), 4)},
            seats=1 + order % 2,
        )
        for order in range(1, 21)
    ]


def test_a_search_that_is_cut_short_says_how_far_it_may_be_off() -> None:
    for seed in range(5):
        demands = large(seed)
        short, full = (assignment.assign(demands, cases_max=cases) for cases in (2, 100))

        assert proof.check(demands, full).gap == full.penalty - full.bound
        assert proof.check(demands, short).gap == short.penalty - short.bound
        assert short.bound <= full.bound <= full.penalty <= short.penalty


def test_a_worse_assignment_has_no_proof() -> None:
    demands = [demand(1, {101: 1.0, 102: 2.0}), demand(2, {101: 5.0, 102: 9.0})]
    best = assignment.assign(demands)
    swapped = {ident(1): (ident(101),), ident(2): (ident(102),)}

    assert best.nurses == {ident(1): (ident(102),), ident(2): (ident(101),)}
    for nurses in (swapped, {ident(1): (), ident(2): ()}, {ident(1): ()}):
        with pytest.raises(Refuted):
            proof.check(demands, replace(best, nurses=nurses))


def lies(found: Assignment) -> list[Assignment]:
    """The same with one number of it changed."""
    (nurse, price), *_ = [*found.leaves[0].prices.items(), (ident(101), 0)]
    dearer = replace(found.leaves[0], prices={**found.leaves[0].prices, nurse: price + 1_000_000})
    return [
        replace(found, bound=found.bound + 1),
        replace(found, penalty=found.penalty - 1),
        replace(found, orders_served=found.orders_served + 1),
        replace(found, seats_filled=found.seats_filled + 1),
        replace(found, total_cost=found.total_cost + 0.001),
        replace(found, leaves=found.leaves[1:]),
        replace(found, leaves=(dearer, *found.leaves[1:])),
    ]


@pytest.mark.parametrize("seed", range(40))
def test_no_number_of_a_proof_can_be_changed(seed: int) -> None:
    demands = random_batch(seed)
    found = assignment.assign(demands)
    for lie in lies(found):
        with pytest.raises(Refuted):
            proof.check(demands, lie)


def test_a_price_that_is_shown_is_one_that_was_proven() -> None:
    demands = [demand(1, {101: 1.0, 102: 2.0}), demand(2, {101: 5.0, 102: 9.0})]
    found = assignment.assign(demands)
    assert len(found.leaves) == 1
    for nurse in found.prices:
        dearer = {**found.prices, nurse: found.prices[nurse] + 1}
        with pytest.raises(Refuted, match="prices"):
            proof.check(demands, replace(found, prices=dearer))


def test_a_case_that_nobody_looked_at_is_missed() -> None:
    nothing = frozenset[UUID]()
    found = assignment.assign([demand(1, {101: 1.0})])
    half = Leaf(forced=frozenset({ident(1)}), dropped=nothing, prices={})
    with pytest.raises(Refuted, match="missing"):
        proof.check([demand(1, {101: 1.0})], replace(found, leaves=(half,)))


def test_an_order_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        assignment.assign([demand(1, {}), demand(1, {})])
