"""Small days to plan, drawn by seed, and the best plan of a tiny one by trying everything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise, permutations, product
from math import inf

import numpy as np

from matching.routing.nearness import LARGE
from matching.routing.plan import Plan
from matching.routing.problem import Nurse, Pair, Problem, Visit, build


def draw(
    seed: int,
    *,
    visits: int,
    nurses: int,
    pairs: int = 0,
    hard: bool = False,
    skip_cost: float = 10_000.0,
    rests: bool = False,
    may_drive: bool = False,
) -> Problem:
    """Windows over a day of 600 minutes, decimal ways, every nurse for three visits in four."""
    chance = random.Random(seed)  # noqa: S311 - a made-up day
    spots = [(chance.uniform(0, 40), chance.uniform(0, 40)) for _ in range(visits + 1)]
    travel = np.array([[np.hypot(a - c, b - d) for c, d in spots] for a, b in spots])
    asked = []
    for x in range(visits):
        opens, width = chance.uniform(0, 300), chance.uniform(20, 120)
        able = [r for r in range(nurses) if chance.random() < 0.75 or r == x % nurses]
        if x < 2 * pairs:
            able = list(range(nurses))
        asked.append(
            Visit(
                place=x + 1,
                opens=opens,
                lasts=chance.uniform(5, 40),
                able=able,
                due=inf if hard else opens + width,
                closes=opens + width if hard else inf,
                late_cost=0.0 if hard else 1.0,
                skip_cost=skip_cost,
            )
        )
    linked = []
    for k in range(pairs):
        least = chance.choice([0.0, 10.0])
        linked.append(Pair(first=2 * k, second=2 * k + 1, least=least, most=least * 3))
    crew = [
        Nurse(
            place=0,
            ends=600.0 if hard else inf,
            rests=(200.0, 230.0) if rests else None,
            may_drive=may_drive,
        )
        for _ in range(nurses)
    ]
    return build(
        visits=asked, nurses=crew, travel=travel, pairs=linked, worst_cost=0.0 if hard else 1.0
    )


KINDS = {
    "pairs": draw(1, visits=60, nurses=9, pairs=12),
    "pairs and rests": draw(2, visits=60, nurses=9, pairs=12, rests=True),
    "hard": draw(3, visits=60, nurses=6, hard=True),
    "hard and rests": draw(4, visits=60, nurses=9, hard=True, rests=True, skip_cost=200.0),
    "driving in rests": draw(5, visits=60, nurses=9, pairs=12, rests=True, may_drive=True),
    "large": draw(9, visits=LARGE + 20, nurses=40, pairs=30),
    "large and hard": draw(10, visits=LARGE + 20, nurses=30, hard=True),
}


def cost(p: Problem, plan: Plan) -> float:
    """By the plan's own figures, where each unit of lateness costs 1."""
    chosen = sum(
        float(p.choice_cost[stop.visit, r]) for r, day in enumerate(plan.days) for stop in day
    )
    skipped = sum(float(p.skip_cost[x]) for x in plan.left_out)
    worst = p.worst_cost * plan.worst_lateness
    return plan.travel + plan.lateness + plan.overtime + worst + chosen + skipped


def least(p: Problem) -> float:
    """The cost of the best plan, by trying every choice, order and omission."""
    return min(_priced(p, days) for days in _every(p))


def _every(p: Problem) -> Iterator[list[tuple[int, ...]]]:
    choices = [[*map(int, p.able[x, : p.able_count[x]]), -1] for x in range(p.visits)]
    for chosen in product(*choices):
        mine = [[x for x in range(p.visits) if chosen[x] == r] for r in range(p.nurses)]
        if any(int(p.mate[x]) in day for day in mine for x in day):
            continue
        for days in product(*(permutations(day) for day in mine)):
            yield list(days)


def _priced(p: Problem, days: list[tuple[int, ...]]) -> float:
    """Earliest starts by raising whatever is too early until nothing is; inf if that never ends."""
    start = {x: float(p.opens[x]) for day in days for x in day}
    for _ in range(4 * p.visits + 4):
        raised = False
        for r, day in enumerate(days):
            at, ready = int(p.place[p.visits + r]), 0.0
            for x in day:
                there = max(start[x], ready + float(p.leg[at, p.place[x]]))
                mate = int(p.mate[x])
                if mate in start:
                    there = max(there, start[mate] + float(p.gap[mate]))
                if there > start[x] + 1e-9:
                    start[x], raised = there, True
                at, ready = int(p.place[x]), start[x] + float(p.lasts[x])
        if not raised:
            break
    else:
        return inf
    late = [max(0.0, at - float(p.due[x])) for x, at in start.items()]
    if any(at > p.closes[x] + 1e-9 for x, at in start.items()):
        return inf
    travel = 0.0
    for r, day in enumerate(days):
        stops = [p.visits + r, *day, p.visits + p.nurses + r]
        places = [int(p.place[x]) for x in stops]
        travel += sum(float(p.leg[a, b]) for a, b in pairwise(places))
        if day and start[day[-1]] + p.lasts[day[-1]] + p.leg[places[-2], 0] > p.closes[stops[-1]]:
            return inf
    skipped = sum(float(p.skip_cost[x]) for x in range(p.visits) if x not in start)
    return travel + sum(late) + p.worst_cost * max(late, default=0.0) + skipped
