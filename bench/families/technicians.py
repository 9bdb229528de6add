"""Service technicians with graded skills: a task may be given to a third party at its price."""

from __future__ import annotations

from typing import Final

import numpy as np

from bench.families import Answer, Refused, Task, routing, text_of
from matching.routing import problem as problems
from matching.routing.problem import Nurse, Problem, Visit

# The columns of a task before its skills: number, x, y, demand, ready, due, service time, cost.
FIXED: Final = 8
DEPOT: Final = 0


def read(tasks_text: str, crew_text: str) -> tuple[Problem, tuple[int, ...], tuple[int, ...]]:
    """The problem, the numbers of its tasks and those of its technicians. Raises Refused."""
    try:
        return _read(tasks_text, crew_text)
    except (ValueError, IndexError, StopIteration) as broken:
        raise Refused(f"These are no tasks and technicians: {broken!r}.") from broken


def _read(tasks_text: str, crew_text: str) -> tuple[Problem, tuple[int, ...], tuple[int, ...]]:
    lines = [line for line in tasks_text.splitlines() if line.strip()]
    head = next(i for i, line in enumerate(lines) if line.upper().startswith("CUST NO"))
    # Headings are d<domain><level>; a published file has one with a digit before the d.
    columns = lines[head].split("cost")[-1].split()
    domains = len({name[name.index("d") + 1] for name in columns})
    tasks = [[float(word) for word in line.split()] for line in lines[head + 1 :]]
    crew = [
        [int(word) for word in line.split()]
        for line in crew_text.splitlines()
        if len(line.split()) == 1 + domains and line.split()[0].isdigit()
    ]
    if not crew or not tasks:
        raise ValueError("one of the two is empty")
    asked = np.array([task[FIXED:] for task in tasks]).reshape(len(tasks), domains, -1)
    grades = np.arange(1, asked.shape[2] + 1)
    needed = (asked * grades).max(axis=2)
    held = np.array([member[1:] for member in crew])
    spots = np.array([task[1:3] for task in tasks])
    travel = np.hypot(*(spots[:, None, :] - spots[None, :, :]).transpose(2, 0, 1))
    kinds: dict[tuple[int, ...], int] = {}
    visits = [
        Visit(
            place=i,
            opens=tasks[i][4],
            closes=tasks[i][5],
            lasts=tasks[i][6],
            able=np.flatnonzero((held >= needed[i]).all(axis=1)).tolist(),
            skip_cost=200 + float(asked[i].sum()) ** 1.5,
        )
        for i in range(1, len(tasks))
    ]
    nurses = [
        Nurse(
            place=DEPOT,
            starts=tasks[DEPOT][4],
            ends=tasks[DEPOT][5],
            kind=kinds.setdefault(tuple(member[1:]), len(kinds)),
        )
        for member in crew
    ]
    return (
        problems.build(visits=visits, nurses=nurses, travel=travel),
        tuple(int(task[0]) for task in tasks[1:]),
        tuple(member[0] for member in crew),
    )


def solve(task: Task) -> Answer:
    """Raises Refused."""
    if task.technicians is None:
        raise Refused("This family needs --technicians FILE.")
    problem, tasks, crew = read(text_of(task.instance), text_of(task.technicians))
    plan = routing.plan(problem, task)
    return {
        "routes": {
            str(member): [tasks[stop.visit] for stop in day]
            for member, day in zip(crew, plan.days, strict=True)
        }
    }
