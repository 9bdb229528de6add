"""A day of orders that come in one by one: it plays the day, and tells the plan only what is known.

The answer is the log of visits; `latency_ms` says how long the decisions took.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from bench.families import Answer, Refused, Task, text_of
from matching.rolling import NEVER, Departure, Nurse, Order, Rolling
from matching.routing import search

# Steps of the search when an order has come in, and when nothing has happened for a while.
STEPS: Final = 400
STEPS_AT_REST: Final = 100
# So many even if the time is over: a plan that is never searched loses many more orders.
STEPS_ANYWAY: Final = 48
REST_S: Final = 60.0
# The given seconds are spread over the day; a search has what was not spent till then, and this.
AHEAD_S: Final = 1.0


class Day(NamedTuple):
    """`orders` by release; `leg` is the travel between places."""

    orders: list[dict[str, Any]]
    nurses: list[dict[str, Any]]
    leg: Any

    @property
    def begins_at(self) -> float:
        return float(self.orders[0]["release"])


def read(path: str) -> Day:
    """Raises Refused for what is no such file."""
    try:
        told = json.loads(text_of(path))
        orders = sorted(told["orders"], key=lambda order: (order["release"], order["id"]))
        if not orders or not told["nurses"]:
            raise Refused(f"{path} has no orders, or no nurses.")
        return Day(orders, told["nurses"], _legs(told["travel"]))
    except (KeyError, TypeError, ValueError) as refusal:
        raise Refused(f"{path} is no day of orders: {refusal!r}.") from refusal


def _legs(travel: Mapping[str, Any]) -> Any:
    if travel["type"] == "matrix":
        return np.array(travel["seconds"], np.float64)
    places = np.array(travel["xy_m"], np.float64)
    east_m, north_m = (places[:, axis, None] - places[None, :, axis] for axis in (0, 1))
    return np.hypot(east_m, north_m) / travel["metres_per_second"]


class Play:
    """The day as it goes: what has been told, who has set out, how long each decision took."""

    def __init__(self, day: Day, task: Task, ahead_s: float = AHEAD_S) -> None:
        self.day = day
        self.task = task
        self.ahead_s = ahead_s
        nurses = [
            Nurse(place=it["start"], from_at=it["shift"][0], until_at=it["shift"][1])
            for it in day.nurses
        ]
        self.plan = Rolling(day.leg, nurses, seed=task.seed)
        self.able: dict[str, list[int]] = {}
        for number, nurse in enumerate(day.nurses):
            for skill in nurse["skills"]:
                self.able.setdefault(skill, []).append(number)
        self.told = 0
        self.visits: list[dict[str, Any]] = []
        self.ends_at = max(nurse.until_at for nurse in nurses)
        # How long each planning took, and all of them.
        self.taken_s: list[float] = []
        self.spent_s = 0.0

    def run(self, steps: int = STEPS, steps_at_rest: int = STEPS_AT_REST) -> None:
        """To the end of the day, with so many steps of search whenever an order comes in, and when
        none has come for a while, unless that is 0."""
        now = rested_at = self.day.begins_at
        rest_s = REST_S if steps_at_rest else NEVER
        while (then := self._next_at(rested_at + rest_s)) < NEVER:
            now = max(now, then)
            if self._tell(now):
                self._improve(now, steps)
                rested_at = now
            elif now >= rested_at + rest_s:
                self._improve(now, steps_at_rest)
                rested_at = now
            self.visits += [self._visit(gone, now) for gone in self.plan.depart(now)]
            self.task.progress.tell(
                f"{self.told} of {len(self.day.orders)} orders told, {len(self.visits)} visits"
            )

    def _next_at(self, rests_at: float) -> float:
        coming = rests_at if self.plan.has_open else NEVER
        if self.told < len(self.day.orders):
            coming = min(coming, float(self.day.orders[self.told]["release"]))
        return min(coming, self.plan.next_departure_at())

    def _tell(self, now: float) -> bool:
        before = self.told
        while self.told < len(self.day.orders) and self.day.orders[self.told]["release"] <= now:
            it = self.day.orders[self.told]
            self.plan.tell(
                Order(
                    place=it["loc"],
                    nurses=self.able.get(it["skill"], ()),
                    opens_at=it["window"][0],
                    closes_at=it["window"][1],
                    cancels_at=it["cancel_at"],
                    lasts_s=it["duration"],
                ),
                now,
            )
            self.told += 1
        return self.told > before

    def _improve(self, now: float, steps: int) -> None:
        """So many steps, or as many as there is time for."""
        gone = (now - self.day.begins_at) / max(1.0, self.ends_at - self.day.begins_at)
        left_s = self.ahead_s + gone * self.task.seconds - self.spent_s
        began_s = time.perf_counter()

        def spent(done: int) -> float:
            over = done >= STEPS_ANYWAY and time.perf_counter() - began_s >= left_s
            return 1.0 if over else done / steps

        self.plan.improve(now, spent)
        self.taken_s.append(time.perf_counter() - began_s)
        self.spent_s += self.taken_s[-1]

    def _visit(self, departure: Departure, now: float) -> dict[str, Any]:
        return {
            "order": self.day.orders[departure.order]["id"],
            "nurse": self.day.nurses[departure.nurse]["id"],
            "decided": now,
            "depart": departure.departs_at,
            "start": departure.begins_at,
        }


def solve(task: Task) -> Answer:
    """The log of visits, decided as the day went."""
    day = read(task.instance)
    task.progress.tell("compiling")
    search.warm_up()
    play = Play(day, task)
    play.run()
    taken_ms = 1000 * np.array(play.taken_s)
    latency = {f"p{share}": round(float(np.percentile(taken_ms, share)), 2) for share in (50, 99)}
    latency["max"] = round(float(taken_ms.max()), 2)
    lost = len(day.orders) - len(play.visits)
    task.progress.tell(
        f"{lost} of {len(day.orders)} orders lost, decisions {latency} ms", last=True
    )
    return {"visits": play.visits, "latency_ms": latency, "decisions": len(play.taken_s)}
