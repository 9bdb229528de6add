"""One batch of a whole city, made from `orders:nurses:candidates:seed`: who goes where.

The makers of the instances fixed how: positions around centres, skills, the nearest who qualify.
"""

from __future__ import annotations

import time
from typing import Any, Final, NamedTuple

import numpy as np

from bench.families import Answer, Refused, Task
from matching import optimum

SIDE_M: Final = 30_000
CENTRES: Final = 12
SPREAD_M: Final = 2_200
SPEED_M_PER_S: Final = 6.0
SKILLS: Final = (0.30, 0.22, 0.15, 0.12, 0.08, 0.06, 0.04, 0.03)
DELAY_MAX_S: Final = 900
PORTION: Final = 256
PARTS: Final = 4


class Batch(NamedTuple):
    """The allowed pairs in parallel arrays, sorted by order, then nurse."""

    orders: int
    nurses: int
    order: Any
    nurse: Any
    cost: Any


def parse(instance: str) -> tuple[int, int, int, int]:
    """(orders, nurses, candidates, seed). Raises Refused."""
    parts = instance.split(":")
    if len(parts) != PARTS or not all(part.isdecimal() for part in parts):
        raise Refused(f"An instance is orders:nurses:candidates:seed, not {instance}.")
    orders, nurses, candidates, seed = map(int, parts)
    if min(orders, nurses, candidates) < 1:
        raise Refused("There must be an order, a nurse and a candidate at least.")
    return orders, nurses, candidates, seed


def generate(orders: int, nurses: int, candidates: int, seed: int) -> Batch:
    """The batch of these numbers: the same draws, in the same order, as its makers'."""
    random = np.random.Generator(np.random.PCG64(seed))
    centres = random.uniform(3_000, 27_000, (CENTRES, 2))
    weight = random.dirichlet(np.ones(CENTRES) * 1.5)

    def scatter(count: int) -> Any:
        near = random.random(count) < 0.7
        places = random.uniform(0, SIDE_M, (count, 2))
        around = random.choice(CENTRES, count, p=weight)
        close = centres[around] + random.normal(0, SPREAD_M, (count, 2))
        places[near] = close[near]
        return np.clip(places, 0, SIDE_M)

    asked_at, homes = scatter(orders), scatter(nurses)
    skills = len(SKILLS)
    asked = random.choice(skills, orders, p=SKILLS)
    held = np.zeros((nurses, skills), bool)
    for number, count in enumerate(random.integers(1, 6, nurses)):
        held[number, random.choice(skills, count, replace=False, p=SKILLS)] = True
    delay = random.integers(0, DELAY_MAX_S + 1, nurses)
    found: list[tuple[Any, Any, Any]] = []
    for skill in range(skills):
        able, asking = np.flatnonzero(held[:, skill]), np.flatnonzero(asked == skill)
        if len(able) and len(asking):
            found += _nearest(asked_at, homes, asking, able, min(candidates, len(able)))
    if not found:
        raise Refused("No nurse holds what any order asks for: there is nothing to assign.")
    order, nurse, way_s = (np.concatenate(parts) for parts in zip(*found, strict=True))
    cost = np.maximum(1, np.floor(way_s).astype(np.int64) + delay[nurse])
    by_pair = np.lexsort((nurse, order))
    return Batch(orders, nurses, order[by_pair], nurse[by_pair], cost[by_pair])


def _nearest(
    asked_at: Any, homes: Any, asking: Any, able: Any, count: int
) -> list[tuple[Any, Any, Any]]:
    found = []
    for low in range(0, len(asking), PORTION):
        rows = asking[low : low + PORTION]
        away_m = np.hypot(
            asked_at[rows, 0][:, None] - homes[able, 0][None, :],
            asked_at[rows, 1][:, None] - homes[able, 1][None, :],
        )
        if count < len(able):
            near = np.argpartition(away_m, count - 1, axis=1)[:, :count]
        else:
            near = np.tile(np.arange(len(able)), (len(rows), 1))
        way_s = np.take_along_axis(away_m, near, 1) / SPEED_M_PER_S
        found.append((np.repeat(rows, count), able[near].ravel(), way_s.ravel()))
    return found


def graph(batch: Batch) -> optimum.Graph:
    """An empty order costs more than any rearrangement of the others could save."""
    highest, lowest = int(batch.cost.max()), int(batch.cost.min())
    empty = np.full(batch.orders, highest + batch.orders * (highest - lowest) + 1)
    return optimum.graph_of_arrays(batch.order, batch.nurse, batch.cost, empty, batch.nurses)


def warm_up() -> None:
    """Compile, or load what was compiled, before the time counts."""
    one = np.ones(1, np.int64)
    optimum.solve(optimum.graph_of_arrays(one - 1, one - 1, one, one, 1))


def solve(task: Task) -> Answer:
    """The pairs, most orders first, least cost second; and the nurses' prices, which prove it."""
    batch = generate(*parse(task.instance))
    pairs = len(batch.cost)
    task.progress.tell(f"{pairs} pairs", last=True)
    warm_up()
    began_s = time.perf_counter()
    found = optimum.solve(graph(batch))
    taken_s = time.perf_counter() - began_s
    mate, price = np.asarray(found.mate), np.asarray(found.price)
    taken = batch.nurse == mate[batch.order]
    cost = int(batch.cost[taken].sum())
    served = int(taken.sum())
    task.progress.tell(
        f"{served} of {batch.orders} orders, cost {cost}, optimal in {taken_s:.2f} s", last=True
    )
    return {
        "pairs": np.stack([batch.order[taken], batch.nurse[taken]], axis=1).tolist(),
        "unmatched": batch.orders - served,
        "cost": cost,
        "seconds": round(taken_s, 3),
        "prices": {str(nurse): int(price[nurse]) for nurse in np.flatnonzero(price)},
    }
