"""A day of home care: patients with windows, caregivers with services, and visits in pairs.

`hhcrsp` has soft window ends and pairs; `ext` shifts and several start points besides. In their
`-hard` forms windows and shifts bind, pairs are single visits, and visits may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final

import numpy as np
import orjson

from bench.families import Answer, Refused, Task, routing, text_of
from matching.routing import problem as problems
from matching.routing.plan import Plan
from matching.routing.problem import MUST, Nurse, Pair, Problem, Visit

# What a visit left out costs in the hard forms: more than any travel that it saves.
LEFT_OUT: Final = 20_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    problem: Problem
    services: tuple[tuple[str, str], ...]  # of each visit: patient, service
    caregivers: tuple[str, ...]


def read(text: str, *, family: str) -> Instance:
    """Raises Refused when it is no instance of this family."""
    try:
        return _read(orjson.loads(text), ext=family.startswith("ext"), hard=family.endswith("hard"))
    except (ValueError, KeyError, IndexError, TypeError) as broken:
        raise Refused(f"This is no instance of {family}: {broken!r}.") from broken


def _read(data: Mapping[str, Any], *, ext: bool, hard: bool) -> Instance:
    caregivers = data["caregivers"]
    usual = {service["id"]: service.get("default_duration") for service in data["services"]}
    visits: list[Visit] = []
    pairs: list[Pair] = []
    services: list[tuple[str, str]] = []
    for number, patient in enumerate(data["patients"], start=1):
        opens, due = patient["time_window"]
        barred = set(patient.get("incompatible_caregivers") or ())
        for asked in patient["required_caregivers"]:
            service, lasts = asked["service"], asked.get("duration")
            able = [
                k
                for k, caregiver in enumerate(caregivers)
                if service in caregiver["abilities"] and caregiver["id"] not in barred
            ]
            visits.append(
                Visit(
                    place=patient["distance_matrix_index"] if ext else number,
                    opens=opens,
                    due=inf if hard else due,
                    closes=due if hard else inf,
                    lasts=usual[service] if lasts is None else lasts,
                    able=able,
                    late_cost=0.0 if hard else 1.0,
                    skip_cost=LEFT_OUT if hard else MUST,
                )
            )
            services.append((patient["id"], service))
        if not hard and len(patient["required_caregivers"]) == 2:
            pairs.append(_pair(patient["synchronization"], len(visits)))
    return Instance(
        problem=problems.build(
            visits=visits,
            nurses=_nurses(caregivers, ext=ext, hard=hard),
            travel=np.array(data["distances"], np.float64),
            pairs=pairs,
            worst_cost=0.0 if hard else 1.0,
        ),
        services=tuple(services),
        caregivers=tuple(caregiver["id"] for caregiver in caregivers),
    )


def _pair(rule: Mapping[str, Any], visits: int) -> Pair:
    least, most = (0, 0) if rule["type"] == "simultaneous" else rule["distance"]
    return Pair(first=visits - 2, second=visits - 1, least=least, most=most)


def _nurses(caregivers: Sequence[Mapping[str, Any]], *, ext: bool, hard: bool) -> list[Nurse]:
    """Caregivers of the plain form are alike if they can the same; with bars nobody is."""
    if ext:
        return [
            Nurse(
                place=caregiver["distance_matrix_index"],
                starts=caregiver["working_shift"][0],
                ends=caregiver["working_shift"][1],
                overtime_cost=None if hard else 1.0,
            )
            for caregiver in caregivers
        ]
    kinds: dict[frozenset[str], int] = {}
    return [
        Nurse(place=0, kind=kinds.setdefault(frozenset(caregiver["abilities"]), len(kinds)))
        for caregiver in caregivers
    ]


def answer(instance: Instance, plan: Plan) -> Answer:
    lasts = instance.problem.lasts
    return {
        "routes": [
            {
                "caregiver_id": caregiver,
                "locations": [
                    {
                        "patient_id": instance.services[stop.visit][0],
                        "service_id": instance.services[stop.visit][1],
                        "arrival_time": stop.start,
                        "departure_time": stop.start + float(lasts[stop.visit]),
                    }
                    for stop in day
                ],
            }
            for caregiver, day in zip(instance.caregivers, plan.days, strict=True)
        ]
    }


def solve(task: Task) -> Answer:
    """Raises Refused."""
    instance = read(text_of(task.instance), family=task.family)
    return answer(instance, routing.plan(instance.problem, task))
