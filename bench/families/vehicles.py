"""Vehicles with time windows and capacity, Solomon's text format: the shortest way in all.

Distances and times are cut to tenths, the convention of the 12th DIMACS challenge.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bench.families import Answer, Refused, Task, routing, text_of
from matching.routing import problem as problems
from matching.routing.problem import Nurse, Problem, Visit

TENTHS: Final = 10
COLUMNS: Final = 7


def read(text: str) -> Problem:
    """Customers are visits in the order of their numbers, from 1. Raises Refused."""
    lines = [line.split() for line in text.splitlines()]
    fleet = [line for line in lines if len(line) == 2 and all(word.isdigit() for word in line)]
    rows = [line for line in lines if len(line) == COLUMNS and line[0].isdigit()]
    try:
        nodes = np.array(rows, np.float64)
        (vehicles, room), depot = map(int, fleet[0]), nodes[0]
    except (ValueError, IndexError) as broken:
        raise Refused("This is no instance in Solomon's format.") from broken
    spots = nodes[:, 1:3]
    away = np.hypot(*(spots[:, None, :] - spots[None, :, :]).transpose(2, 0, 1))
    visits = [
        Visit(
            place=i,
            load=nodes[i, 3],
            opens=TENTHS * nodes[i, 4],
            closes=TENTHS * nodes[i, 5],
            lasts=TENTHS * nodes[i, 6],
            able=range(vehicles),
        )
        for i in range(1, len(nodes))
    ]
    vehicle = Nurse(place=0, starts=TENTHS * depot[4], ends=TENTHS * depot[5], room=room, kind=0)
    travel = np.floor(TENTHS * away + 1e-9)
    return problems.build(visits=visits, nurses=[vehicle] * vehicles, travel=travel)


def solve(task: Task) -> Answer:
    """Raises Refused."""
    plan = routing.plan(read(text_of(task.instance)), task)
    return {"routes": [[stop.visit + 1 for stop in day] for day in plan.days if day]}
