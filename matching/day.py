"""Owns the plan of a day that people were told of: visits as routes, and what a change moves.

It turns places, windows and shifts into a problem of `routing` and a plan back into who comes when.
It books nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

import numpy as np

from matching.exchange import Seat
from matching.routing import problem as problems
from matching.routing.machine import Reals
from matching.routing.plan import Rest, arrival
from matching.routing.problem import NOBODY, Nurse, Pair, Told, Visit
from matching.routing.search import Search
from matching.spans import Span
from matching.travel import HOUR_S, Place

# Nurses among whom a change is planned anew: those nearest to it, with all that they have.
CIRCLE: Final = 40
# A start that differs by less was not moved.
SAME_S: Final = 60.0
# Who comes later by less is in time.
DUST_S: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One visit of the day; it starts in [earliest, latest]. `told`: who was promised, and when.

    `fixed`: nothing of that may change any more, since she has set out or soon will. `mate`: the
    visit of the second nurse, who comes at the same time. `preferred`: whom the patient asked for.
    """

    id: UUID
    place: Place
    lasts_s: float
    earliest: datetime
    latest: datetime
    able: Collection[UUID]
    told: Seat | None = None
    fixed: bool = False
    mate: UUID | None = None
    preferred: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A nurse's day: from a place and back, there or to `back`, between two times, with at most one
    rest, in which she does not drive unless she `may_drive`."""

    nurse_id: UUID
    place: Place
    hours: Span
    back: Place | None = None
    rest: Span | None = None
    may_drive: bool = False

    @property
    def home(self) -> Place:
        return self.back or self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a change is worth, in seconds of travel: sending another nurse than was told, each
    second that she comes later than was told, leaving a visit to nobody, and sending anybody but
    the nurse whom the patient asked for (the default of `preferred` in `ranking.py`)."""

    other_nurse_s: float = 3_600.0
    later_s: float = 4.0
    left_out_s: float = 40_000.0
    not_preferred_s: float = 1_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """Who comes when; a visit that is not in `seats` has nobody. `travel_s` is of all together."""

    seats: Mapping[UUID, Seat]
    travel_s: float


Legs = Callable[[Sequence[Place]], Reals]
"""Seconds between all of some places."""

Spent = Callable[[int], float]
"""The share of the effort that is spent after so many steps; see `Search.run`."""


def straight_legs(detour: float, speed_kmh: float, doorstep_s: float) -> Legs:
    """Straight lines at one speed all day: a plan's travel does not depend on the hour."""

    def legs(places: Sequence[Place]) -> Reals:
        x_m, y_m = np.array([p.x_m for p in places]), np.array([p.y_m for p in places])
        away_m = np.hypot(x_m[:, None] - x_m, y_m[:, None] - y_m)
        seconds: Reals = np.ceil(away_m * detour * HOUR_S / (1000 * speed_kmh))
        return np.where(away_m > 0, seconds + doorstep_s, 0.0)

    return legs


def plan(
    stays: Sequence[Stay],
    rounds: Sequence[Round],
    legs: Legs,
    spent: Spent,
    *,
    seed: int = 0,
    prices: Prices = Prices(),
    anew: Collection[UUID] = (),
) -> DayPlan:
    """The best plan found: the least travel with what changes at its price. From the plan that was
    told, without the visits `anew`; from nothing where nobody was told anything."""
    if not rounds:
        return DayPlan(seats={}, travel_s=0.0)
    # A full second, so that hours and windows at full seconds are whole numbers.
    begin = min(each.hours.starts_at for each in rounds).replace(microsecond=0)
    at = {stay.id: number for number, stay in enumerate(stays)}
    of_nurse = {each.nurse_id: number for number, each in enumerate(rounds)}
    back_elsewhere = [each for each in rounds if each.back is not None]

    def seconds(moment: datetime) -> float:
        return (moment - begin).total_seconds()

    given = problems.build(
        visits=[
            Visit(
                place=number,
                opens=seconds(stay.earliest),
                closes=seconds(stay.latest),
                lasts=stay.lasts_s,
                able=[of_nurse[nurse] for nurse in stay.able if nurse in of_nurse],
                skip_cost=prices.left_out_s,
                prefers=_wished(stay, of_nurse),
                prefer_cost=prices.not_preferred_s,
            )
            for number, stay in enumerate(stays)
        ],
        nurses=[
            Nurse(
                place=len(stays) + number,
                back=(
                    None
                    if each.back is None
                    else len(stays) + len(rounds) + back_elsewhere.index(each)
                ),
                starts=seconds(each.hours.starts_at),
                ends=seconds(each.hours.ends_at),
                rests=rest and (seconds(rest.starts_at), seconds(rest.ends_at)),
                may_drive=each.may_drive,
            )
            for number, each in enumerate(rounds)
            for rest in (_rest(each, stays),)
        ],
        travel=legs(
            [
                *(stay.place for stay in stays),
                *(each.place for each in rounds),
                *(each.home for each in back_elsewhere),
            ]
        ),
        pairs=[
            Pair(first=at[stay.id], second=at[stay.mate])
            for stay in stays
            if stay.mate in at and at[stay.id] < at[stay.mate]
        ],
        told=[
            Told(
                visit=at[stay.id],
                nurse=of_nurse.get(stay.told.nurse_id, NOBODY),
                start=seconds(stay.told.start_at),
                change_cost=prices.other_nurse_s,
                delay_cost=prices.later_s,
                frozen=stay.fixed and stay.told.nurse_id in of_nurse,
            )
            for stay in stays
            if stay.told is not None
        ],
    )
    days: list[list[int]] = [[] for _ in rounds]
    for stay in sorted((s for s in stays if s.told and s.id not in anew), key=_told_at):
        if stay.told is not None and stay.told.nurse_id in of_nurse:
            days[of_nurse[stay.told.nurse_id]].append(at[stay.id])
    search = Search(given, seed=seed, days=days if any(days) else ())
    search.run(spent)
    found = search.plan()
    return DayPlan(
        seats={
            stays[stop.visit].id: Seat(
                nurse_id=rounds[number].nurse_id, start_at=begin + timedelta(seconds=stop.start)
            )
            for number, day in enumerate(found.days)
            for stop in day
        },
        travel_s=found.travel,
    )


def replan(
    stays: Sequence[Stay],
    rounds: Sequence[Round],
    legs: Legs,
    spent: Spent,
    *,
    anew: Collection[UUID],
    seed: int = 0,
    prices: Prices = Prices(),
) -> dict[UUID, Seat]:
    """The seats of the visits `anew`, which came up, lost a nurse or grew longer, and those of
    others that are to change.

    Only the nurses nearest to them are looked at, however large the day is; all others keep what
    they were told. A visit of `anew` that is not in the answer has nobody.
    """
    circle = _circle(stays, rounds, set(anew))
    near = [
        stay
        for stay in stays
        if stay.id in anew or (stay.told is not None and stay.told.nurse_id in circle)
    ]
    inside = {stay.id for stay in near}
    found = plan(
        [held(stay, inside) for stay in near],
        [each for each in rounds if each.nurse_id in circle],
        legs,
        spent,
        seed=seed,
        prices=prices,
        anew=anew,
    )
    told = {stay.id: stay.told for stay in near}
    return {
        one: seat for one, seat in found.seats.items() if one in anew or is_moved(told[one], seat)
    }


def _wished(stay: Stay, of_nurse: Mapping[UUID, int]) -> int | None:
    """The nurse whom the patient asked for, if she could come."""
    if stay.preferred is None or stay.preferred not in stay.able:
        return None
    return of_nurse.get(stay.preferred)


def is_moved(told: Seat | None, seat: Seat) -> bool:
    """Whether somebody has to be told something new."""
    if told is None or told.nurse_id != seat.nurse_id:
        return True
    return abs((seat.start_at - told.start_at).total_seconds()) > SAME_S


def _circle(stays: Sequence[Stay], rounds: Sequence[Round], anew: set[UUID]) -> set[UUID]:
    """Who could help: for each visit those who may give it and have a place nearest to it; and who
    was told of it, or of its mate, or was asked for."""
    places = {each.nurse_id: [each.place, each.home] for each in rounds}
    holder: dict[UUID, UUID] = {}
    for stay in stays:
        if stay.told is not None and stay.told.nurse_id in places:
            places[stay.told.nurse_id].append(stay.place)
            holder[stay.id] = stay.told.nurse_id
    circle: set[UUID] = set()
    wanted = [stay for stay in stays if stay.id in anew]
    for stay in wanted:

        def away_m(nurse: UUID, place: Place = stay.place) -> float:
            return min(place.distance_m(other) for other in places[nurse])

        able = sorted((n for n in stay.able if n in places), key=lambda n: (away_m(n), n))
        circle.update(able[: max(2, CIRCLE // len(wanted))])
        circle.update(holder[one] for one in (stay.id, stay.mate) if one in holder)
        circle.update(nurse for nurse in able if nurse == stay.preferred)
    return circle


def _rest(each: Round, stays: Sequence[Stay]) -> Span | None:
    """Her rest, unless a visit that cannot be moved runs into it: then she sees herself when."""
    if each.rest is None:
        return None
    for stay in stays:
        if stay.fixed and stay.told is not None and stay.told.nurse_id == each.nurse_id:
            ends_at = stay.told.start_at + timedelta(seconds=stay.lasts_s)
            if stay.told.start_at < each.rest.ends_at and ends_at > each.rest.starts_at:
                return None
    return each.rest


def held(stay: Stay, inside: Collection[UUID]) -> Stay:
    """A visit whose mate's nurse is not looked at keeps its time and nurse."""
    if stay.mate is None or stay.mate in inside:
        return stay
    if stay.told is None:
        return replace(stay, mate=None)
    at = stay.told.start_at
    return replace(stay, mate=None, earliest=at, latest=at, fixed=True)


def route_of(stays: Sequence[Stay], each: Round) -> list[Stay]:
    """The visits that one nurse was told of, in their order."""
    hers = [one for one in stays if one.told is not None and one.told.nurse_id == each.nurse_id]
    return sorted(hers, key=_told_at)


def late_s(stays: Sequence[Stay], each: Round, legs: Legs) -> dict[UUID | None, float]:
    """How late she comes to each of her visits, and home (None), by what she was told."""
    route, begin = route_of(stays, each), each.hours.starts_at

    def seconds(moment: datetime) -> float:
        return (moment - begin).total_seconds()

    rest = Rest(may_drive=each.may_drive)
    if (kept := _rest(each, stays)) is not None:
        rest = rest._replace(begins=seconds(kept.starts_at), ends=seconds(kept.ends_at))
    hops = _hops(route, each, legs)
    ready, late = 0.0, dict[UUID | None, float]()
    for stay, hop in zip(route, hops, strict=False):
        told = seconds(_told_at(stay))
        start = max(told, arrival(rest, ready, hop, stay.lasts_s))
        late[stay.id] = _beyond_dust(start - told)
        ready = start + stay.lasts_s
    late[None] = _beyond_dust(arrival(rest, ready, hops[-1], 0.0) - seconds(each.hours.ends_at))
    return late


def _beyond_dust(late_s: float) -> float:
    return late_s if late_s >= DUST_S else 0.0


def travel_of(stays: Sequence[Stay], each: Round, legs: Legs) -> float:
    """Seconds that she travels by what she was told, all the way home."""
    return sum(_hops(route_of(stays, each), each, legs))


def _hops(route: Sequence[Stay], each: Round, legs: Legs) -> list[float]:
    """Seconds to each of these visits from what is before it, and home from the last."""
    away_s = legs([each.place, *(stay.place for stay in route), each.home])
    return [float(away_s[a, b]) for a, b in pairwise(range(len(away_s)))]


def _told_at(stay: Stay) -> datetime:
    if stay.told is None:
        raise ValueError("nobody was told of this visit")
    return stay.told.start_at
