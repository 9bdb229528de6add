"""Simpler ways to play a day of orders, to measure the rolling plan against; none of them is used.

Each gets the day as `bench.families.stream` reads it, and answers with the visits and how long
each decision took. They know of an order only from its release on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from bench.families.stream import Day
from matching import optimum

BATCH_S: Final = 30.0
REPLAN_S: Final = 60.0
# Whom a batch leaves out costs more than any way in it.
UNSERVED: Final = 10_000_000


class TookTooLong(Exception):
    """The day did not come to its end in the time that was given."""


@dataclass(slots=True, kw_only=True)
class Played:
    """`free` and `at` are when and where each nurse is done with what she has set out for."""

    day: Day
    free: list[float] = field(init=False)
    at: list[int] = field(init=False)
    visits: list[dict[str, Any]] = field(default_factory=list)
    spent_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free = [float(nurse["shift"][0]) for nurse in self.day.nurses]
        self.at = [int(nurse["start"]) for nurse in self.day.nurses]

    def begins_at(self, v: int, order: Mapping[str, Any], now: float) -> float | None:
        """When the nurse could begin if she set out next for this; None if that is not allowed."""
        nurse = self.day.nurses[v]
        if order["skill"] not in nurse["skills"]:
            return None
        departs = max(self.free[v], now)
        begins = max(departs + self.way_s(v, order), float(order["window"][0]))
        done = begins + order["duration"]
        if begins > order["cancel_at"] or done > nurse["shift"][1]:
            return None
        return begins

    def way_s(self, v: int, order: Mapping[str, Any]) -> float:
        return float(self.day.leg[self.at[v], order["loc"]])

    def send(self, v: int, order: Mapping[str, Any], now: float) -> None:
        begins = self.begins_at(v, order, now)
        assert begins is not None  # noqa: S101 - asked before
        self.visits.append(
            {
                "order": order["id"],
                "nurse": self.day.nurses[v]["id"],
                "decided": now,
                "depart": max(self.free[v], now),
                "start": begins,
            }
        )
        self.free[v], self.at[v] = begins + order["duration"], order["loc"]


def nearest_first(day: Day, limit_s: float) -> Played:
    """Each order at once to the nurse who will be nearest of those who can come in time."""
    played = Played(day=day)
    for order in day.orders:
        began_s = time.perf_counter()
        now = float(order["release"])
        able = [v for v in range(len(day.nurses)) if played.begins_at(v, order, now) is not None]
        if able:
            nearest = min(able, key=lambda v: (played.way_s(v, order), v))
            played.send(nearest, order, now)
        played.spent_s.append(time.perf_counter() - began_s)
    return played


def batches(day: Day, limit_s: float) -> Played:
    """Every half minute, those who are free to those who are due, at the least travel."""
    played = Played(day=day)
    for now, waiting in _rounds(day, played, BATCH_S):
        began_s = time.perf_counter()
        free = [v for v, at in enumerate(played.free) if at <= now]
        rows: list[list[tuple[int, int]]] = []
        for order in waiting:
            row = []
            for place, v in enumerate(free):
                way_s = played.way_s(v, order)
                begins = played.begins_at(v, order, now)
                if begins is not None and now + way_s >= order["window"][0] - BATCH_S:
                    late = begins > order["window"][1]
                    row.append((place, round(way_s) + (UNSERVED // 100 if late else 0)))
            rows.append(row)
        empty = [UNSERVED] * len(rows)
        mate = optimum.solve(optimum.graph(rows, empty, len(free))).mate
        for order, place in zip(list(waiting), mate, strict=True):
            if place != optimum.NONE:
                played.send(free[int(place)], order, now)
                waiting.remove(order)
        played.spent_s.append(time.perf_counter() - began_s)
    return played


def rolling_vroom(day: Day, limit_s: float) -> Played:
    """A new plan of everything known each minute, by VROOM; who must set out before the next one
    is sent. Raises TookTooLong."""
    import vroom

    played = Played(day=day)
    began = time.monotonic()
    skills = sorted({skill for nurse in day.nurses for skill in nurse["skills"]})
    numbers = {skill: number for number, skill in enumerate(skills, start=1)}
    legs = np.ceil(day.leg).astype(np.uint32)
    for now, waiting in _rounds(day, played, REPLAN_S):
        if time.monotonic() - began > limit_s:
            raise TookTooLong
        began_s = time.perf_counter()
        routes = _vroom_routes(vroom, played, waiting, now, numbers, legs)
        for v, route in routes.items():
            for order in route:
                departs = max(played.free[v], order["window"][0] - played.way_s(v, order))
                if departs >= now + REPLAN_S or played.begins_at(v, order, now) is None:
                    break
                played.send(v, order, max(now, departs) if played.free[v] < departs else now)
                waiting.remove(order)
        played.spent_s.append(time.perf_counter() - began_s)
    return played


def _vroom_routes(
    vroom: Any,
    played: Played,
    waiting: Sequence[dict[str, Any]],
    now: float,
    numbers: Mapping[str, int],
    legs: Any,
) -> dict[int, list[dict[str, Any]]]:
    problem, vehicles, jobs = vroom.Input(), 0, 0
    problem.set_durations_matrix(profile="car", matrix_input=legs)
    for v, nurse in enumerate(played.day.nurses):
        begins = max(played.free[v], now)
        if begins < nurse["shift"][1]:
            vehicles += 1
            problem.add_vehicle(
                vroom.Vehicle(
                    id=v,
                    start=played.at[v],
                    skills={numbers[skill] for skill in nurse["skills"]},
                    time_window=vroom.TimeWindow(int(begins) + 1, int(nurse["shift"][1])),
                )
            )
    for number, order in enumerate(waiting):
        opens, closes = max(order["window"][0], now), order["window"][1]
        # Late rather than never: once the window has closed, it is held open to the very end.
        ends = order["cancel_at"] if closes <= now else closes
        if ends > opens:
            jobs += 1
            problem.add_job(
                vroom.Job(
                    id=number,
                    location=order["loc"],
                    default_service=int(order["duration"]),
                    skills={numbers[order["skill"]]} if order["skill"] in numbers else {999},
                    time_windows=[vroom.TimeWindow(int(opens), int(ends))],
                )
            )
    if not vehicles or not jobs:
        return {}  # it refuses to solve nothing
    solution = problem.solve(exploration_level=5, nb_threads=1)
    return {
        int(route["vehicle"]): [
            waiting[int(step["id"])] for step in route["steps"] if step["type"] == "job"
        ]
        for route in solution.to_dict()["routes"]
    }


def _rounds(
    day: Day, played: Played, every_s: float
) -> Iterator[tuple[float, list[dict[str, Any]]]]:
    """(now, the orders that wait) at each full step of the day; those lost are left out."""
    waiting: list[dict[str, Any]] = []
    now, told = day.begins_at, 0
    while told < len(day.orders) or waiting:
        while told < len(day.orders) and day.orders[told]["release"] <= now:
            waiting.append(day.orders[told])
            told += 1
        waiting[:] = [order for order in waiting if order["cancel_at"] >= now]
        if waiting:
            yield now, waiting
        now += every_s


POLICIES: Final[Mapping[str, Callable[[Day, float], Played]]] = {
    "nearest first": nearest_first,
    "batches of 30 s": batches,
    "rolling VROOM": rolling_vroom,
}
