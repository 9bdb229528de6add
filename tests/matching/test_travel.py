"""Places, distances, and legs that never let a later start overtake an earlier one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.travel import DetourTravel, Place, RoadTravel
from tests.matching.build import NOW, place

EVEN = DetourTravel(detour=1.0, speeds_kmh=(36.0,) * 24, doorstep_s=0)
ROAD = DetourTravel()


def test_a_distance_on_the_plane_is_close_to_the_geodesic() -> None:
    one, other = Place.at(29.08, 119.65), Place.at(29.31, 120.07)

    exact = geodesic((one.lat, one.lng), (other.lat, other.lng)).meters
    assert one.distance_m(other) == pytest.approx(exact, rel=0.007)


def test_a_place_comes_back_from_the_plane() -> None:
    there = Place.at(29.08, 119.65)
    back = Place.on_plane(there.x_m, there.y_m)

    assert (back.lat, back.lng) == pytest.approx((29.08, 119.65))


def test_ten_metres_a_second_for_two_kilometres() -> None:
    assert EVEN.seconds_from(place(), place(east_m=2000), NOW) == 200
    assert EVEN.seconds_until(place(), place(east_m=2000), NOW) == 200


def test_nobody_travels_to_where_she_is() -> None:
    assert ROAD.seconds_from(place(), place(), NOW) == 0


def test_detour_and_doorstep_lengthen_a_leg() -> None:
    slow = DetourTravel(detour=1.35, speeds_kmh=(36.0,) * 24, doorstep_s=120)

    assert slow.seconds_from(place(), place(east_m=2000), NOW) == 270 + 120


def test_a_leg_is_driven_through_every_hour_that_it_touches() -> None:
    speeds = (*(36.0,) * 9, *(18.0,) * 15)
    travel = DetourTravel(detour=1.0, speeds_kmh=speeds, doorstep_s=0)
    ten_to_nine = datetime(2026, 3, 10, 0, 50, tzinfo=UTC)

    # Six kilometres by nine o'clock, the other two at half the speed.
    assert travel.seconds_from(place(), place(east_m=8000), ten_to_nine) == 600 + 400
    arrival = ten_to_nine + timedelta(seconds=1000)
    assert travel.seconds_until(place(), place(east_m=8000), arrival) == 1000


@settings(max_examples=300, deadline=None)
@given(east_m=st.floats(1, 60_000), minute=st.integers(0, 2880), later_s=st.integers(0, 7200))
def test_who_leaves_later_never_arrives_earlier(east_m: float, minute: int, later_s: int) -> None:
    first = NOW + timedelta(minutes=minute)
    second = first + timedelta(seconds=later_s)
    goal = place(east_m=east_m)

    arrivals = [
        at + timedelta(seconds=ROAD.seconds_from(place(), goal, at)) for at in (first, second)
    ]
    assert arrivals[0] <= arrivals[1]
    # And who must be there when she arrives need not have left before.
    assert arrivals[0] - timedelta(seconds=ROAD.seconds_until(place(), goal, arrivals[0])) >= first


@pytest.mark.parametrize(
    "broken", [{"detour": 0.9}, {"speeds_kmh": (30.0,)}, {"speeds_kmh": (0.0,) * 24}]
)
def test_impossible_speeds_are_refused(broken: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"detour|speed"):
        DetourTravel(**broken)  # type: ignore[arg-type]


def by_road(seconds: float, flows: tuple[float, ...] = (1.0,) * 24) -> RoadTravel:
    """One way between two places, as long as an engine told."""
    here, there = place(), place(east_m=2000)
    legs = {(here, there): seconds, (there, here): 2 * seconds}
    return RoadTravel(legs=legs, flows=flows, doorstep_s=60)


def test_a_way_by_road_takes_what_the_engine_told() -> None:
    here, there = place(), place(east_m=2000)
    roads = by_road(600)

    assert roads.seconds_from(here, there, NOW) == 660
    assert roads.seconds_until(there, here, NOW) == 1260
    assert roads.seconds_from(here, here, NOW) == 0


def test_in_a_slow_hour_the_road_takes_longer() -> None:
    here, there = place(), place(east_m=2000)
    half = by_road(600, flows=(0.5,) * 24)

    assert half.seconds_from(here, there, NOW) == 1260
    assert half.seconds_until(here, there, NOW) == 1260


def test_a_way_that_no_engine_told_is_not_guessed() -> None:
    with pytest.raises(LookupError):
        by_road(600).seconds_from(place(), place(north_m=1), NOW)
