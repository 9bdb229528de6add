"""Owns whether a visit fits between what a nurse has already, when it would start, and the travel.

It moves nothing that is booked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import permutations
from math import ceil
from typing import Final, NamedTuple

from config.vocabulary import Condition
from matching import spans
from matching.inputs import Candidate, Frame, Need, daylight, local_date, local_midnight
from matching.spans import Span
from matching.travel import Place

MINUTE_S: Final = 60

# No leg of a home visit takes half a day: what is further off cannot stand in the way.
FAR: Final = timedelta(hours=12)


class Obstacle(StrEnum):
    """What stands in the way of every possible start."""

    VALIDITY = "validity"
    SHIFT = "shift"
    WARD_DUTY = "ward_duty"
    VISIT = "visit"
    NOTICE = "notice"
    DAYTIME = "daytime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A start that works. `added_travel_s` is what the visit adds to the day's travel: both legs,
    less the leg they replace."""

    start_at: datetime
    end_at: datetime
    travel_in_s: int
    travel_out_s: int
    added_travel_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """The obstacle that comes nearest to being none; `short_s` is what is missing at least.

    Of an engagement `place` is where it is, and the visit would have to begin by `begins_by_at`
    after it, or end at `ends_at` before it.
    """

    obstacle: Obstacle
    at: datetime
    short_s: int
    place: Place | None = None
    begins_by_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop:
    """Something that has its time and place already; `kept_from` is when its slot begins."""

    obstacle: Obstacle
    kept_from: datetime
    starts_at: datetime
    ends_at: datetime
    place: Place


def years_after(day: date, years: int) -> date:
    """The day on which `years` full years have passed; 29 February answers to the month's last day
    (Civil Code, art. 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def min_years(candidate: Candidate, frame: Frame) -> int:
    """Full years in practice that are needed: her institution may ask for more than the rest."""
    return max(frame.policy.min_years, candidate.institution_min_years)


def start_window(need: Need, candidate: Candidate, frame: Frame) -> tuple[datetime, datetime]:
    """The starts that the order and the nurse's papers allow; empty when the first is later.

    A window may span days: on an early one she may lack a year still, on a late one her
    certificate may have run out.
    """
    earliest, latest = need.first_start_at, need.last_start_at
    first_day = years_after(candidate.first_practised_on, min_years(candidate, frame))
    last_day = min(candidate.certificate_valid_until, candidate.insurance_valid_until)
    if candidate.institution_licence_until is not None:
        last_day = min(last_day, candidate.institution_licence_until)
    if first_day > local_date(earliest):
        earliest = local_midnight(first_day)
    if last_day < local_date(latest):
        latest = local_midnight(last_day) + timedelta(days=1) - timedelta(microseconds=1)
    return earliest, latest


def hours_of_day(need: Need, frame: Frame) -> tuple[Span, ...] | None:
    """When the visit may take place at all; None where day and night are alike."""
    if Condition.DAYTIME_ONLY not in need.conditions:
        return None
    policy = frame.policy
    return daylight(
        need.first_start_at, need.last_end_at, policy.daytime_from_h, policy.daytime_until_h
    )


def fit(need: Need, candidate: Candidate, frame: Frame) -> Fit | Clash:
    """The best start: least added travel, waiting counted by the policy's share, then the earliest.

    Every gap between two of her engagements offers its first possible start. Widening the window
    or shortening the visit never turns a fit into a clash.
    """
    earliest, latest = start_window(need, candidate, frame)
    if latest < earliest:
        short_s = int((earliest - latest).total_seconds())
        return Clash(obstacle=Obstacle.VALIDITY, at=latest, short_s=short_s)
    stops = _stops(candidate, earliest - FAR, latest + need.duration + FAR)
    fits: list[Fit] = []
    clashes: list[Clash] = []
    by_day = hours_of_day(need, frame)
    hours = candidate.open_hours
    for shift in hours if by_day is None else spans.within(hours, by_day):
        low = max(earliest, shift.starts_at)
        high = min(latest, shift.ends_at - need.duration)
        if low > high:
            continue
        for before, after in _gaps(stops):
            tried = _first_in_gap(need, candidate, frame, low, high, before, after)
            if isinstance(tried, Fit):
                fits.append(tried)
            else:
                clashes.append(tried)
    if fits:
        share = frame.policy.wait_share
        return min(
            fits,
            key=lambda fit: (
                fit.added_travel_s + share * (fit.start_at - earliest).total_seconds(),
                fit.start_at,
            ),
        )
    if clashes:
        return min(clashes, key=lambda clash: (clash.short_s, clash.at))
    obstacle = Obstacle.SHIFT if by_day is None else Obstacle.DAYTIME
    return Clash(obstacle=obstacle, at=earliest, short_s=need.duration_s)


def legs(need: Need, candidate: Candidate) -> Iterator[tuple[Place, Place]]:
    """Every way that `fit` may ask for."""
    hers = {candidate.place, *(visit.place for visit in candidate.visits)}
    if candidate.ward_duties:
        hers.add(candidate.institution_place or candidate.place)
    return permutations([*hers - {need.place}, need.place], 2)


def _stops(candidate: Candidate, since: datetime, until: datetime) -> list[_Stop]:
    """Her engagements that touch the time between, in order."""
    ward = candidate.institution_place or candidate.place
    stops = [
        _Stop(
            obstacle=Obstacle.WARD_DUTY,
            kept_from=duty.starts_at,
            starts_at=duty.starts_at,
            ends_at=duty.ends_at,
            place=ward,
        )
        for duty in candidate.ward_duties
        if duty.ends_at > since and duty.starts_at < until
    ]
    stops += [
        _Stop(
            obstacle=Obstacle.VISIT,
            kept_from=visit.starts_at - timedelta(seconds=visit.travel_in_s),
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            place=visit.place,
        )
        for visit in candidate.visits
        if visit.ends_at > since and visit.starts_at < until
    ]
    stops.sort(key=lambda stop: (stop.starts_at, stop.ends_at, stop.obstacle))
    return _carried_on(stops)


def _carried_on(stops: Sequence[_Stop]) -> list[_Stop]:
    """Who is held up at a visit sets out late for the next: that ends as much later."""
    carried: list[_Stop] = []
    free_at: datetime | None = None
    for stop in stops:
        ends_at = stop.ends_at
        if stop.obstacle is Obstacle.VISIT:
            if free_at is not None and free_at > stop.kept_from:
                ends_at += free_at - stop.kept_from
            free_at = ends_at if free_at is None else max(free_at, ends_at)
        carried.append(stop if ends_at == stop.ends_at else replace(stop, ends_at=ends_at))
    return carried


def _gaps(stops: list[_Stop]) -> Iterator[tuple[list[_Stop], list[_Stop]]]:
    """(what lies before, what lies after) for every place in the order of her engagements."""
    for place in range(len(stops) + 1):
        yield stops[:place], stops[place:]


def _first_in_gap(
    need: Need,
    candidate: Candidate,
    frame: Frame,
    low: datetime,
    high: datetime,
    before: list[_Stop],
    after: list[_Stop],
) -> Fit | Clash:
    if (blocked := _full_gap(need, low, high, before, after)) is not None:
        return blocked
    start, hindrance = _soonest(need, candidate, frame, before)
    start = max(low, start)
    if start > high:
        short_s = int((start - high).total_seconds())
        return Clash(
            obstacle=hindrance.obstacle,
            at=hindrance.at,
            short_s=short_s,
            place=hindrance.place,
            begins_by_at=high,
        )
    for stop in after:
        if (short_s := _overrun_s(need, frame, start, stop)) > 0:
            return _before(stop, short_s, start + need.duration)
    tidy = _next_full_minute(start)
    if tidy <= high and all(_overrun_s(need, frame, tidy, stop) <= 0 for stop in after):
        start = tidy
    return _costed(need, candidate, frame, start, before, after)


def _full_gap(
    need: Need, low: datetime, high: datetime, before: list[_Stop], after: list[_Stop]
) -> Clash | None:
    """A gap that is too small without any travel: most are, and the travel need not be asked."""
    last = max(before, key=lambda stop: stop.ends_at, default=None)
    if last is not None and last.ends_at > high:
        short_s = ceil((last.ends_at - high).total_seconds())
        return Clash(
            obstacle=last.obstacle,
            at=last.starts_at,
            short_s=short_s,
            place=last.place,
            begins_by_at=high,
        )
    if after and (ends_at := low + need.duration) > after[0].starts_at:
        short_s = ceil((ends_at - after[0].starts_at).total_seconds())
        return _before(after[0], short_s, ends_at)
    return None


def _before(stop: _Stop, short_s: int, ends_at: datetime) -> Clash:
    """The visit and the way on from it reach into what comes after."""
    return Clash(
        obstacle=stop.obstacle,
        at=stop.starts_at,
        short_s=short_s,
        place=stop.place,
        ends_at=ends_at,
    )


class _Hindrance(NamedTuple):
    obstacle: Obstacle
    at: datetime
    place: Place | None = None


def _soonest(
    need: Need, candidate: Candidate, frame: Frame, before: list[_Stop]
) -> tuple[datetime, _Hindrance]:
    """When she can be there: from where she is, and from everything that ends before.

    All of it counts, not only the last: a duty may overlap a visit that an operator gave her.
    """
    ready_at = frame.now + timedelta(seconds=frame.policy.ready_s)
    origin = candidate.place
    last = max(before, key=lambda stop: stop.ends_at, default=None)
    if last is not None and last.ends_at > frame.now - timedelta(seconds=frame.policy.linger_s):
        origin = last.place
    way_s = frame.travel.seconds_from(origin, need.place, ready_at)
    soonest = ready_at + timedelta(seconds=way_s)
    hindrance = _Hindrance(Obstacle.NOTICE, ready_at)
    for stop in before:
        way_s = frame.travel.seconds_from(stop.place, need.place, stop.ends_at)
        there_at = stop.ends_at + timedelta(seconds=way_s)
        if there_at > soonest:
            soonest = there_at
            hindrance = _Hindrance(stop.obstacle, stop.starts_at, stop.place)
    return soonest, hindrance


def _overrun_s(need: Need, frame: Frame, start: datetime, after: _Stop) -> int:
    """By how much the visit and the way on from it would reach into what comes after."""
    end = start + need.duration
    way_s = frame.travel.seconds_from(need.place, after.place, end)
    late = end + timedelta(seconds=way_s) - after.starts_at
    return ceil(max(late, end - after.kept_from).total_seconds())


def _costed(
    need: Need,
    candidate: Candidate,
    frame: Frame,
    start: datetime,
    before: list[_Stop],
    after: list[_Stop],
) -> Fit:
    """Price a start that is known to work. Where she has time to go home between, she does."""
    home, linger = candidate.place, timedelta(seconds=frame.policy.linger_s)
    end = start + need.duration
    origin, goal = home, home
    travel_in_s = frame.travel.seconds_until(home, need.place, start)
    last = max(before, key=lambda stop: stop.ends_at, default=None)
    if last is not None:
        leave_home_at = start - timedelta(seconds=travel_in_s)
        free_at = max(last.ends_at, frame.now + timedelta(seconds=frame.policy.ready_s))
        if start - last.ends_at < linger or leave_home_at < free_at:
            origin = last.place
            travel_in_s = frame.travel.seconds_until(origin, need.place, start)
    if after and after[0].starts_at - end < linger:
        goal = after[0].place
    travel_out_s = frame.travel.seconds_from(need.place, goal, end)
    direct_s = frame.travel.seconds_from(origin, goal, end)
    return Fit(
        start_at=start,
        end_at=end,
        travel_in_s=travel_in_s,
        travel_out_s=travel_out_s,
        added_travel_s=max(0, travel_in_s + travel_out_s - direct_s),
    )


def _next_full_minute(at: datetime) -> datetime:
    over = timedelta(seconds=at.second % MINUTE_S, microseconds=at.microsecond)
    return at if not over else at + timedelta(minutes=1) - over
