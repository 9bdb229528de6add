"""What the families of day plans share: the engine is warmed up, then searches for the seconds."""

from __future__ import annotations

import time

from bench.families import Task
from matching.routing.plan import Plan
from matching.routing.problem import Problem
from matching.routing.search import Search, warm_up


def plan(problem: Problem, task: Task) -> Plan:
    """The best plan found in the task's seconds; reading and compiling are not counted."""
    task.progress.tell(f"{problem.visits} visits, {problem.nurses} nurses", last=True)
    warm_up()
    began_s = time.monotonic()
    search = Search(problem, seed=task.seed)

    def spent(steps: int) -> float:
        task.progress.tell(f"{steps} steps, cost {search.cost:.1f}")
        return (time.monotonic() - began_s) / task.seconds

    search.run(spent)
    found = search.plan()
    task.progress.tell(
        f"{search.steps} steps, cost {search.cost:.1f}: travel {found.travel:.1f},"
        f" late {found.lateness:.1f}, {len(found.left_out)} left out",
        last=True,
    )
    return found
