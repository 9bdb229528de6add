"""The best assignment on bare numbers, against every other assignment there is."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest

from matching import optimum
from matching.optimum import NONE, Graph, Optimum

Edges = list[list[tuple[int, int]]]


def draw(seed: int, rows: int, columns: int, density: float, highest: int) -> Edges:
    chance = random.Random(seed)  # noqa: S311 - a made-up problem
    return [
        [(c, chance.randrange(highest + 1)) for c in range(columns) if chance.random() < density]
        for _ in range(rows)
    ]


def total(edges: Edges, empty: list[int], mate: list[int]) -> int:
    return sum(
        empty[row] if column == NONE else dict(edges[row])[column]
        for row, column in enumerate(mate)
    )


def least(edges: Edges, empty: list[int]) -> int:
    """By trying everything."""
    found = sum(empty)
    for mate in product(*([NONE, *(column for column, _ in pairs)] for pairs in edges)):
        taken = [column for column in mate if column != NONE]
        if len(set(taken)) == len(taken):
            found = min(found, total(edges, empty, list(mate)))
    return found


def assert_proven(edges: Edges, empty: list[int], found: Optimum) -> None:
    """The conditions from which linear programming concludes that there is nothing better."""
    mate, price = list(map(int, found.mate)), list(map(int, found.price))
    taken = [column for column in mate if column != NONE]
    assert len(set(taken)) == len(taken)
    assert all(at >= 0 for at in price)
    assert all(at == 0 for column, at in enumerate(price) if column not in taken)
    for row, pairs in enumerate(edges):
        full = {column: cost + price[column] for column, cost in pairs}
        paid = empty[row] if mate[row] == NONE else full[mate[row]]
        assert paid == min([empty[row], *full.values()])


@pytest.mark.parametrize("seed", range(300))
def test_nothing_is_better_than_the_optimum(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a made-up problem
    rows, columns = chance.randrange(1, 6), chance.randrange(1, 6)
    edges = draw(seed, rows, columns, chance.random(), chance.choice([0, 3, 100]))
    empty = [chance.choice([0, 50, 1_000]) for _ in range(rows)]
    found = optimum.solve(optimum.graph(edges, empty, columns))
    assert total(edges, empty, list(found.mate)) == least(edges, empty)
    assert_proven(edges, empty, found)


@pytest.mark.parametrize(("rows", "columns"), [(60, 200), (80, 80), (120, 70)])
def test_larger_problems_come_with_their_proof(rows: int, columns: int) -> None:
    for seed in range(5):
        edges, empty = draw(seed, rows, columns, 0.1, 2_000), [1_000_000] * rows
        found = optimum.solve(optimum.graph(edges, empty, columns))
        assert_proven(edges, empty, found)


def test_machine_code_finds_what_the_interpreter_finds() -> None:
    edges, empty = draw(7, 150, 150, 0.08, 5_000), [10_000_000] * 150
    plain = optimum.graph(edges, empty, 150)
    first, column, cost, none = (np.array(part) for part in plain[:4])
    arrays = Graph(first, column, cost, none, plain.columns)
    interpreted, compiled = optimum.solve(plain), optimum.solve(arrays)
    assert list(map(int, compiled.mate)) == list(interpreted.mate)
    assert list(map(int, compiled.price)) == list(interpreted.price)


def test_edges_in_any_order_make_the_same_graph() -> None:
    edges = draw(3, 40, 40, 0.3, 50)
    triples = [(row, column, cost) for row, pairs in enumerate(edges) for column, cost in pairs]
    random.Random(1).shuffle(triples)  # noqa: S311 - any order
    row, column, cost = (np.array(part) for part in zip(*triples, strict=True))
    made = optimum.graph_of_arrays(row, column, cost, np.full(40, 99), 40)
    plain = optimum.graph(edges, [99] * 40, 40)
    assert [list(part) for part in made[:4]] == [list(part) for part in plain[:4]]
