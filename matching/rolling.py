"""Owns the plan of a day whose orders come in one by one: who visits whom, in which order, when.

Most orders first, on time second, least travel third. It never calls back a nurse who has set out,
and knows of an order only what it was told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from matching import ruin
from matching.ruin import NEVER, NONE, ROUTE_MAX, Numbers

# What a window's whole length of waiting is worth, in seconds of travel, on a day whose orders are
# all known before their windows open, and more on one whose orders all come later: the time of an
# idle nurse is gone when nobody uses it, and a plan that is early has room for those who come yet.
DELAY_S: Final = 100.0
SUDDEN_DELAY_S: Final = 1_100.0
ROOM_AT_FIRST: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`nurses` are the numbers of those who may go. Begins from `opens_at` on, is late after
    `closes_at` and lost after `cancels_at`; times are seconds, places rows of the travel table."""

    place: int
    nurses: Collection[int]
    opens_at: float
    closes_at: float
    cancels_at: float
    lasts_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nurse:
    """She sets out from `place`, not before `from_at`, and is done by `until_at`."""

    place: int
    from_at: float
    until_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Numbers of order and nurse, when she sets out, and when the visit begins."""

    order: int
    nurse: int
    departs_at: float
    begins_at: float


class Rolling:
    """The plan as it stands. An order's number says as how many-th it was told, from 0.

    The same calls with the same seed give the same plan.
    """

    def __init__(self, leg: Numbers, nurses: Sequence[Nurse], *, seed: int = 1) -> None:
        count = len(nurses)
        self._open: list[int] = []
        self._told = self._sudden = 0
        self._plan = ruin.Plan(
            free=np.array([nurse.from_at for nurse in nurses], np.float64),
            at=np.array([nurse.place for nurse in nurses], np.int64),
            route=np.zeros((count, ROUTE_MAX), np.int64),
            size=np.zeros(count, np.int64),
            begins=np.zeros((count, ROUTE_MAX)),
            done=np.zeros((count, ROUTE_MAX)),
            nurse=np.full(ROOM_AT_FIRST, NONE),
        )
        self._day = ruin.Day(
            leg=np.ascontiguousarray(leg, np.float64),
            place=np.zeros(ROOM_AT_FIRST, np.int64),
            opens=np.zeros(ROOM_AT_FIRST),
            closes=np.zeros(ROOM_AT_FIRST),
            cancels=np.zeros(ROOM_AT_FIRST),
            lasts=np.zeros(ROOM_AT_FIRST),
            able=np.zeros((count, ROOM_AT_FIRST), np.bool_),
            ends=np.array([nurse.until_at for nurse in nurses], np.float64),
            delay_s=DELAY_S,
        )
        self._room = ruin.Room(
            random=np.array([(seed << 16) + 0x330E]),
            count=np.zeros(2, np.int64),
            kept=np.zeros(count, np.int64),
            is_kept=np.zeros(count, np.bool_),
            kept_route=np.zeros((count, ROUTE_MAX), np.int64),
            kept_size=np.zeros(count, np.int64),
            kept_cost=np.zeros(count),
            out=np.zeros(ROOM_AT_FIRST, np.int64),
            rank=np.zeros(ROOM_AT_FIRST),
            best_route=np.zeros((count, ROUTE_MAX), np.int64),
            best_size=np.zeros(count, np.int64),
        )

    @property
    def has_open(self) -> bool:
        """Whether anything may still be planned otherwise."""
        return bool(self._open)

    def tell(self, order: Order, now: float) -> int:
        """Learn of an order; it gets its place when the plan is improved."""
        number = self._told
        if number == len(self._day.place):
            self._grow()
        day = self._day
        day.place[number], day.lasts[number] = order.place, order.lasts_s
        day.opens[number], day.closes[number] = order.opens_at, order.closes_at
        day.cancels[number] = order.cancels_at
        day.able[list(order.nurses), number] = True
        self._open.append(number)
        self._told += 1
        self._sudden += order.opens_at <= now
        return number

    def improve(self, now: float, steps: int) -> None:
        """A place for everything that can still have one, then a search of so many steps."""
        plan, cancels = self._plan, self._day.cancels
        self._open = [x for x in self._open if plan.nurse[x] != NONE or cancels[x] >= now]
        if not self._open:
            return
        known = np.array(self._open)
        # As if one more had come without notice: of a day that has just begun one knows little.
        sudden = (self._sudden + 1) / (self._told + 1)
        self._day = self._day._replace(delay_s=DELAY_S + SUDDEN_DELAY_S * sudden)
        ruin.settle.compiled(self._day, plan, self._room, known, float(now))
        if steps > 0:
            ruin.improve.compiled(self._day, plan, self._room, known, float(now), steps)

    def next_departure_at(self) -> float:
        """When the next nurse must set out by the plan as it stands; NEVER if nobody must."""
        return min((self._departs_at(v) for v in self._going()), default=NEVER)

    def depart(self, now: float) -> list[Departure]:
        """Those who set out now; from here on that is not changed any more."""
        plan, day = self._plan, self._day
        gone = []
        for v in self._going():
            departs_at = max(self._departs_at(v), now)
            if departs_at > now:
                continue
            x = int(plan.route[v, 0])
            begins_at = max(departs_at + self._way_s(v), float(day.opens[x]))
            plan.size[v] -= 1
            plan.route[v, : plan.size[v]] = plan.route[v, 1 : plan.size[v] + 1].copy()
            plan.free[v], plan.at[v] = begins_at + day.lasts[x], day.place[x]
            self._open.remove(x)
            gone.append(Departure(order=x, nurse=v, departs_at=departs_at, begins_at=begins_at))
        return gone

    def _going(self) -> list[int]:
        return [int(v) for v in np.flatnonzero(self._plan.size)]

    def _way_s(self, v: int) -> float:
        return float(self._day.leg[self._plan.at[v], self._day.place[self._plan.route[v, 0]]])

    def _departs_at(self, v: int) -> float:
        """As late as her first visit allows: who has not set out can still be sent elsewhere."""
        opens = float(self._day.opens[self._plan.route[v, 0]])
        return max(float(self._plan.free[v]), opens - self._way_s(v))

    def _grow(self) -> None:
        def doubled(before: Any) -> Any:
            return np.concatenate([before, np.zeros_like(before)], axis=-1)

        day, room = self._day, self._room
        self._day = day._replace(
            place=doubled(day.place),
            opens=doubled(day.opens),
            closes=doubled(day.closes),
            cancels=doubled(day.cancels),
            lasts=doubled(day.lasts),
            able=doubled(day.able),
        )
        nurse = np.concatenate([self._plan.nurse, np.full_like(self._plan.nurse, NONE)])
        self._plan = self._plan._replace(nurse=nurse)
        self._room = room._replace(out=doubled(room.out), rank=doubled(room.rank))
