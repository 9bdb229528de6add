"""The route solvers of others, on problems they can express: hard windows, skills, no pairs.

They count in whole numbers, so times and travel are given to them in thousandths, legs rounded up:
what they answer is then worked out again exactly.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from math import isinf
from time import process_time
from typing import Any, Final

import numpy as np

from matching.routing.plan import Plan, Stop, proven
from matching.routing.problem import MUST, Problem

SCALE: Final = 1000
FAR: Final = 10**9
UNBOUNDED_S: Final = 10**9


def pyvrp(p: Problem, *, seconds: float, seed: int) -> Plan | None:
    """PyVRP (Wouda, Lan and Kool, 2024): hybrid genetic search. None if it finds nothing."""
    import pyvrp as solver

    n, types = p.visits, _types(p)
    depots = sorted({int(p.place[n + r]) for r in range(p.nurses)})
    places = [int(p.place[x]) for x in range(n)]
    index = np.array(depots + places)
    leg = _thousandths(p.leg[np.ix_(index, index)])
    np.fill_diagonal(leg, 0)
    matrices = []
    for able, _ in types:
        barred = np.flatnonzero(~able) + len(depots)
        matrix = leg.copy()
        matrix[:, barred] = matrix[barred, :] = FAR
        matrix[barred, barred] = 0
        matrices.append(matrix)
    unbounded = np.iinfo(np.int64).max
    must = [bool(p.skip_cost[x] >= MUST) for x in range(n)]
    data = solver.ProblemData(
        locations=[solver.Location(0, 0) for _ in index],
        clients=[
            solver.Client(
                len(depots) + x,
                delivery=[round(p.load[x])],
                service_duration=_thousandth(p.lasts[x]),
                tw_early=_thousandth(p.opens[x]),
                tw_late=_thousandth(p.closes[x], unbounded),
                prize=0 if must[x] else _thousandth(p.skip_cost[x]),
                required=must[x],
            )
            for x in range(n)
        ],
        depots=[solver.Depot(k) for k, _ in enumerate(depots)],
        vehicle_types=[
            solver.VehicleType(
                num_available=len(members),
                capacity=[_room(p, members[0])],
                start_depot=depots.index(int(p.place[n + members[0]])),
                end_depot=depots.index(int(p.place[n + members[0]])),
                tw_early=_thousandth(p.opens[n + members[0]]),
                tw_late=_thousandth(p.closes[n + p.nurses + members[0]], unbounded),
                profile=k,
            )
            for k, (_, members) in enumerate(types)
        ],
        distance_matrices=matrices,
        duration_matrices=matrices,
    )  # fmt: skip
    began_s = process_time()
    result = solver.solve(
        data, stop=lambda _: process_time() - began_s >= seconds, seed=seed, display=False
    )
    if not result.best.is_feasible():
        return None
    free = {k: list(members) for k, (_, members) in enumerate(types)}
    days: list[list[int]] = [[] for _ in range(p.nurses)]
    for route in result.best.routes():
        visits = [activity.idx for activity in route if activity.is_client()]
        days[free[route.vehicle_type()].pop()] = visits
    return timed(p, days)


def vroom(p: Problem, *, seconds: float, seed: int) -> Plan | None:
    """VROOM (Coupey et al.): many heuristics, then local search. It has no seed, and ends early
    when it knows no more."""
    import vroom as solver
    from vroom import _vroom as inner

    del seed
    index = p.place[: p.visits + p.nurses]
    problem = solver.Input()
    legs = _thousandths(p.leg[np.ix_(index, index)]).astype(np.uint32)
    problem.set_durations_matrix(profile="car", matrix_input=legs)
    skills: dict[bytes, int] = {}
    held = defaultdict(set)
    for x in range(p.visits):
        able = p.able[x, : p.able_count[x]]
        skill = skills.setdefault(able.tobytes(), len(skills) + 1)
        for r in able:
            held[int(r)].add(skill)
        problem.add_job(
            solver.Job(
                id=x,
                location=x,
                default_service=_thousandth(p.lasts[x]),
                delivery=solver.Amount([round(p.load[x])]),
                skills={skill},
                time_windows=[_span(solver, p.opens[x], p.closes[x])],
            )
        )
    for r in range(p.nurses):
        begins, ends = p.opens[p.visits + r], p.closes[p.visits + p.nurses + r]
        problem.add_vehicle(
            solver.Vehicle(
                id=r,
                start=p.visits + r,
                end=p.visits + r,
                capacity=[_room(p, r)],
                skills=held[r],
                time_window=_span(solver, begins, ends),
            )
        )
    try:
        found = problem.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    except inner.VroomInputException:
        return None  # it counts no further than 32 bits, and a thousand stops may cost more
    days: list[list[int]] = [[] for _ in range(p.nurses)]
    for vehicle, kind, visit in found.routes[["vehicle_id", "type", "id"]].itertuples(index=False):
        if kind == "job":
            days[vehicle].append(int(visit))
    return timed(p, days)


def _span(solver: Any, begins: float, ends: float) -> Any:
    return solver.TimeWindow(_thousandth(begins), _thousandth(ends, UNBOUNDED_S))


def timed(p: Problem, days: list[list[int]]) -> Plan:
    """The plan of these days, each visit as early as it can."""
    plan: list[list[Stop]] = []
    for r, day in enumerate(days):
        at, ready, stops = p.place[p.visits + r], float(p.opens[p.visits + r]), []
        for x in day:
            start = max(ready + float(p.leg[at, p.place[x]]), float(p.opens[x]))
            stops.append(Stop(visit=x, start=start))
            at, ready = p.place[x], start + float(p.lasts[x])
        plan.append(stops)
    return proven(p, plan)


def _types(p: Problem) -> list[tuple[Any, list[int]]]:
    """Nurses who are alike, as (which visits they may give, who they are)."""
    able = np.zeros((p.nurses, p.visits), bool)
    for x in range(p.visits):
        able[p.able[x, : p.able_count[x]], x] = True
    alike: dict[int, list[int]] = {}
    for r in range(p.nurses):
        alike.setdefault(int(p.kind[r]), []).append(r)
    return [(able[members[0]], members) for members in alike.values()]


def _thousandths(leg: Any) -> Any:
    return np.ceil(leg * SCALE - 1e-6).astype(np.int64)


def _thousandth(value: float, unbounded: int = 0) -> int:
    return unbounded if isinf(value) else round(float(value) * SCALE)


def _room(p: Problem, r: int) -> int:
    return 10**9 if isinf(p.room[r]) else round(p.room[r])
