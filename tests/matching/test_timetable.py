"""Where a visit fits between what a nurse has already, and what stands in its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import timetable
from matching.inputs import Candidate, Frame, Need
from matching.policy import Policy
from matching.timetable import Clash, Fit, Obstacle
from matching.travel import DetourTravel, RoadTravel
from tests.matching.build import (
    CATALOGUE,
    NOW,
    booked,
    candidate,
    hours,
    ident,
    need,
    place,
    span,
)

# Ten metres a second on straight lines: the arithmetic can be done in the head.
EVEN = DetourTravel(detour=1.0, speeds_kmh=(36.0,) * 24, doorstep_s=0)
HOME = place(east_m=6000)


def frame(now: datetime = NOW, **policy: Any) -> Frame:
    return Frame(now=now, catalogue=CATALOGUE, policy=Policy(**policy), travel=EVEN)


def nurse(**changes: Any) -> Candidate:
    return candidate(**{"place": HOME, **changes})


def fits(asked: Need, given: Candidate, within: Frame | None = None) -> Fit:
    found = timetable.fit(asked, given, within or frame())
    assert isinstance(found, Fit), found
    return found


def clashes(asked: Need, given: Candidate, within: Frame | None = None) -> Clash:
    found = timetable.fit(asked, given, within or frame())
    assert isinstance(found, Clash), found
    return found


def test_an_empty_day_starts_when_the_window_opens() -> None:
    found = fits(need(), nurse())

    assert found.start_at == hours(2)
    assert found.end_at == hours(2.75)
    assert (found.travel_in_s, found.travel_out_s, found.added_travel_s) == (600, 600, 1200)


def test_it_starts_with_the_shift_if_that_is_later() -> None:
    assert fits(need(), nurse(shifts=(span(3, 9),))).start_at == hours(3)


def test_shifts_that_touch_are_one() -> None:
    joined = nurse(shifts=(span(3.5, 4), span(4, 9)))

    assert fits(need(), joined).start_at == hours(3.5)


def test_the_way_from_the_visit_before_comes_first() -> None:
    found = fits(need(), nurse(visits=(booked(1, 2.5, place(north_m=9000)),)))

    assert found.start_at == hours(2.75)
    assert found.travel_in_s == 900


def test_who_is_held_up_comes_late_to_what_follows_and_is_free_later() -> None:
    """At the first visit 40 minutes longer, she begins the second, ten minutes away, 40 minutes
    late, and is free for a third when that ends; what comes after a long gap is not moved."""
    way_s = 600
    late = booked(0, 1 + 40 / 60, place(), travel_in_s=way_s)
    follows = replace(booked(1 + 10 / 60, 2, place(east_m=6000), way_s), visit_id=ident(901))
    tomorrow = replace(booked(6, 7, place(east_m=6000), way_s), visit_id=ident(902))
    asked = need(place=place(east_m=6000), earliest=hours(2), latest=hours(5), duration_s=1800)
    for first, start in ((booked(0, 1, place(), way_s), 2), (late, 2 + 40 / 60)):
        found = timetable.fit(asked, nurse(visits=(first, follows, tomorrow)), frame(hours(0.5)))
        assert isinstance(found, Fit)
        assert found.start_at == hours(start)
    asked = need(place=place(east_m=6000), earliest=hours(7), latest=hours(7), duration_s=1800)
    found = timetable.fit(asked, nurse(visits=(late, follows, tomorrow)), frame(hours(0.5)))
    assert isinstance(found, Fit)


def test_it_is_done_in_time_for_the_visit_after() -> None:
    after = booked(3, 4, place(north_m=9000))

    assert fits(need(latest=hours(2)), nurse(visits=(after,))).travel_out_s == 900
    late = clashes(need(duration_s=46 * 60, latest=hours(2)), nurse(visits=(after,)))
    assert (late.obstacle, late.at, late.short_s) == (Obstacle.VISIT, hours(3), 60)


def test_a_start_is_a_full_minute_unless_that_is_too_late() -> None:
    before = booked(1, 2.5, place(north_m=9010))

    found = fits(need(), nurse(visits=(before,)))
    assert found.start_at == hours(2.75) + timedelta(minutes=1)
    exact = hours(2.75) + timedelta(seconds=1)
    assert fits(need(latest=exact), nurse(visits=(before,))).start_at == exact


def test_the_slot_that_is_stored_for_a_visit_is_left_alone() -> None:
    """Its travel was counted from elsewhere; the database would refuse what reaches into it."""
    after = booked(3, 4, place(), travel_in_s=1200)

    assert isinstance(timetable.fit(need(latest=hours(2)), nurse(visits=(after,)), frame()), Clash)
    shorter = need(latest=hours(2), duration_s=40 * 60)
    assert fits(shorter, nurse(visits=(after,))).end_at == hours(2) + timedelta(minutes=40)


def test_a_gap_on_the_way_is_better_than_an_early_start_far_from_it() -> None:
    """Two visits next door at noon: the third goes beside them, not first thing in the morning."""
    given = nurse(visits=(booked(5, 6, place(100)), booked(7.5, 8.5, place(100))))

    found = fits(need(latest=hours(9)), given)
    assert found.start_at == hours(6) + timedelta(minutes=1)
    assert found.added_travel_s == 20


def test_waiting_counts_against_a_cheaper_but_late_start() -> None:
    given = nurse(visits=(booked(5, 6, place(100)), booked(7.5, 8.5, place(100))))

    found = fits(need(latest=hours(9)), given, frame(wait_share=1.0))
    assert found.start_at == hours(2)


def test_between_far_apart_visits_she_goes_home() -> None:
    given = nurse(
        visits=(booked(-0.5, 0.5, place(north_m=9000)), booked(9, 10, place(north_m=9000)))
    )

    found = fits(need(earliest=hours(4), latest=hours(4)), given)
    assert (found.travel_in_s, found.travel_out_s) == (600, 600)


def test_ward_duty_is_kept_with_the_way_to_the_hospital() -> None:
    hospital = place(north_m=-6000)
    given = nurse(institution_place=hospital, ward_duties=(span(0, 2), span(3, 6)))

    assert fits(need(duration_s=40 * 60), given).start_at == hours(2) + timedelta(minutes=10)
    found = clashes(need(), given)
    assert found.obstacle is Obstacle.WARD_DUTY
    assert found.short_s == 5 * 60


def test_nobody_is_asked_to_be_there_before_she_can() -> None:
    asked = need(earliest=hours(0.1), latest=hours(0.2))

    found = clashes(asked, nurse(), frame(ready_s=300))
    assert found.obstacle is Obstacle.NOTICE
    assert found.short_s == 300 + 600 - 720
    assert fits(need(earliest=hours(0.1), latest=hours(0.3)), nurse()).start_at == hours(0.25)


def test_the_second_seat_starts_with_the_first() -> None:
    asked = need(fixed_start_at=hours(3))

    assert fits(asked, nurse()).start_at == hours(3)
    busy = nurse(visits=(booked(2.5, 3.2),))
    assert isinstance(timetable.fit(asked, busy, frame()), Clash)


def test_a_short_visit_inside_a_long_duty_does_not_open_a_gap() -> None:
    given = nurse(ward_duties=(span(1, 6),), visits=(booked(2, 2.2),))

    assert isinstance(timetable.fit(need(), given, frame()), Clash)


def test_no_shift_at_all() -> None:
    assert clashes(need(), nurse(shifts=())).obstacle is Obstacle.SHIFT


@st.composite
def days(draw: st.DrawFn) -> tuple[Need, Candidate]:
    visits = tuple(
        booked(at, at + draw(st.floats(0.3, 1.5)), place(draw(st.floats(-9000, 9000))))
        for at in draw(st.lists(st.floats(-2, 10), max_size=5))
    )
    duties = tuple(span(at, at + 2) for at in draw(st.lists(st.floats(-3, 9), max_size=2)))
    asked = need(
        earliest=hours(draw(st.floats(0, 4))),
        latest=hours(draw(st.floats(4, 10))),
        place=place(draw(st.floats(-9000, 9000)), draw(st.floats(-9000, 9000))),
    )
    return asked, nurse(visits=visits, ward_duties=duties)


@settings(max_examples=400, deadline=None)
@given(day=days())
def test_a_fit_is_where_it_says_it_is(day: tuple[Need, Candidate]) -> None:
    """Checked from outside, minute by minute of what she has: she can get there and away."""
    asked, given = day
    found = timetable.fit(asked, given, frame())
    if isinstance(found, Clash):
        return
    assert asked.earliest <= found.start_at <= asked.latest
    assert found.end_at == found.start_at + asked.duration
    assert any(s.starts_at <= found.start_at and found.end_at <= s.ends_at for s in given.shifts)
    engagements = [(v.starts_at, v.ends_at, v.place) for v in given.visits]
    engagements += [(d.starts_at, d.ends_at, HOME) for d in given.ward_duties]
    for starts_at, ends_at, where in engagements:
        way = timedelta(seconds=where.distance_m(asked.place) / 10)
        before = ends_at + way <= found.start_at
        after = found.end_at + way <= starts_at
        assert before or after
        assert ends_at <= found.start_at - timedelta(seconds=found.travel_in_s) or after


@settings(max_examples=300, deadline=None)
@given(day=days())
def test_a_clash_means_that_no_minute_of_the_window_works(day: tuple[Need, Candidate]) -> None:
    asked, given = day
    if isinstance(timetable.fit(asked, given, frame()), Fit):
        return
    minutes = int((asked.latest - asked.earliest).total_seconds() // 60)
    for minute in range(0, minutes, 7):
        at = asked.earliest + timedelta(minutes=minute)
        assert isinstance(timetable.fit(need_at(asked, at), given, frame()), Clash)


def need_at(asked: Need, at: datetime) -> Need:
    return need(place=asked.place, earliest=at, latest=at)


@pytest.mark.parametrize(
    ("first", "years", "expected"),
    [
        ("2019-06-01", 5, "2024-06-01"),
        ("2020-02-29", 5, "2025-02-28"),
        ("2020-02-29", 4, "2024-02-29"),
    ],
)
def test_years_are_counted_by_the_calendar(first: str, years: int, expected: str) -> None:
    day = datetime.fromisoformat(first).date()
    assert timetable.years_after(day, years).isoformat() == expected


@settings(max_examples=200, deadline=None)
@given(day=days())
def test_the_ways_that_are_named_are_all_that_is_asked_for(day: tuple[Need, Candidate]) -> None:
    """By road the answer is the same, if every road is as long as the straight line."""
    asked, given = day
    named = {
        (a, b): EVEN.seconds_from(a, b, NOW) for a, b in timetable.legs(asked, given) if a != b
    }
    roads = RoadTravel(legs=named, doorstep_s=0)
    by_road = Frame(now=NOW, catalogue=CATALOGUE, policy=Policy(), travel=roads)

    assert timetable.fit(asked, given, by_road) == timetable.fit(asked, given, frame())
