"""What a day of booked visits could gain if some changed nurse or time: planned, and nothing moved.

What it proposes keeps every rule, each part of it by itself, so that an operator may commit it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from dispatch import exchanging
from dispatch.day_proposals import Move, Proposal
from dispatch.day_survey import DaySurvey
from dispatch.exchanging import LATE
from dispatch.records.visits import Visit
from matching import day, exchange
from matching.day import Prices, Round, Stay
from matching.exchange import Seat
from matching.routing.machine import Reals
from matching.travel import Place, TravelTimes

# How long is searched: at first, and again without what the rules would not let through.
SEARCHES_S: Final = (2.0, 0.5, 0.5)
# How often starts are put later by what ways really take at that hour.
PUSHES: Final = 5
# What saves less is not worth telling anybody.
LEAST_S: Final = 60.0
SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)


def propose(found: DaySurvey, prices: Prices) -> Proposal:
    """Plan the day anew, for about two seconds: not for the event loop. If somebody is absent or
    held up, what she cannot be at goes to others or begins later, and what changes besides is as
    little as that takes."""
    legs = _legs(found.frame.travel, found.at)
    late = _late(found, legs)
    stranded = {*late, *(v.id for v in found.visits.values() if v.nurse_id == found.absent)}
    # Whoever comes with her may come later as well, but stays.
    mates = {one.mate for one in found.stays if one.id in late and one.mate} - stranded
    anew = {one for one in stranded | mates if not _waits(found, one)}
    kept = [one for one in found.stays if one.id not in stranded | mates]
    rounds = [
        one
        for one in found.rounds
        if one.nurse_id != found.absent and not any(day.late_s(kept, one, legs).values())
    ]
    hers = {one.nurse_id for one in rounds}
    near = [
        _kept_with(one, found, anew, mates)
        for one in found.stays
        if one.id in anew
        or (one.id not in stranded and one.told is not None and one.told.nurse_id in hers)
    ]
    inside = {one.id for one in near}
    stays = [day.held(one, inside) for one in near]
    seats, refused, stay_put = _search(found, stays, rounds, legs, prices, anew)
    before, then = _travel(found, stays, legs), _travel(found, _as_planned(stays, seats), legs)
    saved = {nurse_id: before[nurse_id] - then[nurse_id] for nurse_id in before}
    parts = _parts(found, seats, refused, saved, anew, prices)
    moves = [
        Move(
            visit=found.visits[one],
            seat=seats[one],
            part=number,
            is_wish=_is_wish(found, one, seats[one]),
        )
        for number, (members, _) in enumerate(parts, 1)
        for one in members
    ]
    moved = {move.visit.id: move.seat for move in moves}
    after = _travel(found, _as_planned(stays, moved), legs)
    concerned = {one.told.nurse_id for one in stays if one.told} | {
        seat.nurse_id for seat in moved.values()
    }
    return Proposal(
        moves=moves,
        saved_s={number: saved_s for number, (_, saved_s) in enumerate(parts, 1)},
        late=late,
        nobody=[
            visit
            for visit in found.visits.values()
            if visit.id in stranded - moved.keys() - stay_put
        ],
        orders=found.orders,
        visits=len(found.visits) + found.beyond,
        left_alone=len(found.visits.keys() - inside) + found.beyond,
        travel_before_s=sum(before[one] for one in before.keys() & concerned),
        travel_after_s=sum(after[one] for one in after.keys() & concerned),
        measured=found.measured,
    )


def _late(found: DaySurvey, legs: day.Legs) -> dict[UUID, datetime]:
    """When nurses who are held up would be at visits, if that is so late that it must not stay."""
    late: dict[UUID, datetime] = {}
    for each in (*found.rounds, *found.stuck):
        if each.nurse_id not in found.held_up or each.nurse_id == found.absent:
            continue
        for one, late_s in day.late_s(found.stays, each, legs).items():
            if one is not None and one in found.visits and late_s > LATE.total_seconds():
                late[one] = found.visits[one].planned_start + timedelta(seconds=late_s)
    return late


def _waits(found: DaySurvey, visit_id: UUID) -> bool:
    """Whether its patient is to be assessed again before anybody may go."""
    visit = found.visits.get(visit_id)
    return visit is not None and found.orders[visit.order_id].reassess_since is not None


def _kept_with(
    stay: Stay, found: DaySurvey, anew: Collection[UUID], mates: Collection[UUID]
) -> Stay:
    """Who cannot be at it is free of it; else the nurse whom the patient asked for keeps it."""
    if stay.id in mates and stay.told is not None:
        return replace(stay, fixed=False, able=[stay.told.nurse_id])
    if stay.id in anew:
        return replace(stay, fixed=False)
    visit = found.visits.get(stay.id)
    if visit is None or not found.is_preferred(visit.id, visit.nurse_id):
        return stay
    return replace(stay, able=[visit.nurse_id])


def _as_planned(stays: Sequence[Stay], seats: Mapping[UUID, Seat]) -> list[Stay]:
    return [replace(one, told=seats.get(one.id, one.told)) for one in stays]


def _travel(found: DaySurvey, stays: Sequence[Stay], legs: day.Legs) -> dict[UUID, float]:
    """Seconds that each nurse travels for these visits."""
    return {one.nurse_id: day.travel_of(stays, one, legs) for one in found.rounds}


def _search(
    found: DaySurvey,
    stays: Sequence[Stay],
    rounds: Sequence[Round],
    legs: day.Legs,
    prices: Prices,
    anew: Collection[UUID],
) -> tuple[dict[UUID, Seat], set[UUID], set[UUID]]:
    """The changes of the best plan found; which of them the rules refuse at last; and what of
    `anew` is in time as it was told."""
    free = list(stays)
    seats: dict[UUID, Seat] = {}
    refused: set[UUID] = set()
    planned: dict[UUID, Seat] = {}
    for search_s in SEARCHES_S:
        spent = _for_seconds(search_s)
        if anew:
            planned = day.replan(free, rounds, legs, spent, anew=anew, prices=prices)
        else:
            planned = dict(day.plan(free, rounds, legs, spent, prices=prices).seats)
        seats, refused = _settled(found, planned, anew)
        if not refused:
            break
        free = [
            _without(one, seats, is_anew=one.id in anew)
            if one.id in refused or (one.mate in refused and one.id not in anew)
            else one
            for one in free
        ]
    # Her next visit is in time if the one before it is somebody else's: if that may be so.
    torn = {found.visits[one].nurse_id for one in refused}
    stay_put = {
        one
        for one, seat in planned.items()
        if one in anew and one not in seats and seat.nurse_id not in torn
    }
    return seats, refused, stay_put


def _without(stay: Stay, seats: Mapping[UUID, Seat], *, is_anew: bool) -> Stay:
    """What was refused is not tried again: it stays as it is, or goes to somebody else."""
    if not is_anew:
        return replace(stay, fixed=True)
    seat = seats.get(stay.id)
    return stay if seat is None else replace(stay, able=set(stay.able) - {seat.nurse_id})


def _settled(
    found: DaySurvey, planned: Mapping[UUID, Seat], anew: Collection[UUID]
) -> tuple[dict[UUID, Seat], set[UUID]]:
    """The changes of a plan at full minutes, put later where ways take longer than in the plan's
    hour; and which of them the rules refuse nevertheless."""
    seats = {
        one: _tidy(seat, found.visits[one])
        for one, seat in planned.items()
        if one in found.visits and day.is_moved(exchanging.seat_of(found.visits[one]), seat)
    }
    refused: set[UUID] = set()
    for _ in range(PUSHES):
        changes = exchanging.changes_of(
            seats, found.visits.values(), found.needs, found.standing, anew
        )
        verdicts = exchange.judge(changes, found.frame)
        refused = {one for one, verdict in verdicts.items() if verdict.fit is None}
        late = {
            one: timedelta(seconds=clash.short_s)
            for one in refused
            if (clash := verdicts[one].clash) is not None and clash.begins_by_at is not None
        }
        if len(late) < len(refused) or not refused:
            break
        seats = _later(found, seats, late)
    return seats, refused


def _tidy(seat: Seat, visit: Visit) -> Seat:
    """At a full minute, or as it was where that is about the same."""
    if not day.is_moved(Seat(nurse_id=seat.nurse_id, start_at=visit.planned_start), seat):
        return replace(seat, start_at=visit.planned_start)
    return replace(seat, start_at=_full_minute(seat.start_at))


def _later(
    found: DaySurvey, seats: Mapping[UUID, Seat], late: Mapping[UUID, timedelta]
) -> dict[UUID, Seat]:
    """Later by what is missing, and two nurses of one order together."""
    by_order: dict[UUID, datetime] = {}
    for one, seat in seats.items():
        order_id, start_at = found.visits[one].order_id, seat.start_at
        if one in late:
            start_at = _full_minute(start_at + late[one] + SECOND)
        by_order[order_id] = max(start_at, by_order.get(order_id, start_at))
    return {
        one: replace(seat, start_at=by_order[found.visits[one].order_id])
        for one, seat in seats.items()
    }


def _parts(
    found: DaySurvey,
    seats: Mapping[UUID, Seat],
    refused: set[UUID],
    saved: Mapping[UUID, float],
    anew: Collection[UUID],
    prices: Prices,
) -> list[tuple[list[UUID], float]]:
    """What stands or falls together and is worth it, by its first start, with what it saves: it is
    what its own nurses save, since no other part touches them. A nurse whom the patient asked for
    is worth her price."""
    visits = found.visits
    moved = sorted(seats, key=lambda one: (visits[one].planned_start, one))
    nurses = {one: {visits[one].nurse_id, seats[one].nurse_id} for one in moved}
    # Whoever is absent ties nothing together: her visits go one by one.
    links = [(nurses[one] - {found.absent}) | {visits[one].order_id} for one in moved]
    members: dict[int, list[UUID]] = defaultdict(list)
    for one, number in zip(moved, exchange.parts(links), strict=True):
        members[number].append(one)
    found_parts = []
    for each in members.values():
        concerned = set().union(*(nurses[one] for one in each)) - {found.absent}
        saved_s = sum(saved.get(nurse, 0.0) for nurse in concerned)
        helps = any(one in anew for one in each)
        wishes = sum(_is_wish(found, one, seats[one]) for one in each)
        worth_s = saved_s + wishes * prices.not_preferred_s
        if refused.isdisjoint(each) and (helps or worth_s >= LEAST_S):
            found_parts.append((each, saved_s))
    return found_parts


def _is_wish(found: DaySurvey, visit_id: UUID, seat: Seat) -> bool:
    """Whether another nurse comes because the patient asked for her."""
    told = found.visits[visit_id].nurse_id
    return seat.nurse_id != told and found.is_preferred(visit_id, seat.nurse_id)


def _full_minute(at: datetime) -> datetime:
    return at + (MINUTE - timedelta(seconds=at.second, microseconds=at.microsecond)) % MINUTE


def _for_seconds(seconds: float) -> day.Spent:
    """From the first step on: what is compiled before does not count."""
    began_s: float | None = None

    def spent(_: int) -> float:
        nonlocal began_s
        if began_s is None:
            began_s = time.monotonic()
        return (time.monotonic() - began_s) / seconds

    return spent


def _legs(travel: TravelTimes, at: datetime) -> day.Legs:
    def legs(places: Sequence[Place]) -> Reals:
        return np.array(
            [[float(travel.seconds_from(a, b, at)) for b in places] for a in places]
        ).reshape(len(places), len(places))

    return legs
