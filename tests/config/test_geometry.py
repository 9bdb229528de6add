from __future__ import annotations

import math
import random

import pytest
from geopy.distance import geodesic

from config import geometry
from config.geometry import JINHUA

# (WGS-84, GCJ-02), made once with prcoords 1.0.2; eviltransform 0.1.1 agrees to 1.2e-7 degrees.
REFERENCE = [
    ((29.0789, 119.6474), (29.075923667, 119.652104918)),
    ((29.3063, 120.0751), (29.303811869, 120.079836369)),
    ((28.5165, 119.6000), (28.513097554, 119.604635453)),
    ((29.0543, 120.4500), (29.051587522, 120.454410263)),
    ((39.9042, 116.4074), (39.905603343, 116.413642254)),
    ((22.5431, 114.0579), (22.540382814, 114.063013999)),
    ((43.8256, 87.6168), (43.826805393, 87.619649949)),
    ((31.2304, 121.4737), (31.228457738, 121.478223059)),
    ((45.7500, 126.6500), (45.751965555, 126.655987590)),
]

OUTSIDE_CHINA = [(48.8566, 2.3522), (-33.8688, 151.2093), (0.0, 0.0), (35.6762, 139.6503)]


def places(count: int, seed: int = 7) -> list[tuple[float, float]]:
    rng = random.Random(seed)  # noqa: S311 - a seeded sample
    return [(rng.uniform(28.5, 29.7), rng.uniform(119.2, 120.8)) for _ in range(count)]


@pytest.mark.parametrize(("wgs84", "gcj02"), REFERENCE)
def test_shift_agrees_with_an_independent_library(
    wgs84: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    assert geometry.wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=2e-9)
    assert geometry.gcj02_to_wgs84(*gcj02) == pytest.approx(wgs84, abs=2e-9)


def test_there_and_back_is_within_a_millimetre() -> None:
    for place in places(2_000):
        there_and_back = geometry.gcj02_to_wgs84(*geometry.wgs84_to_gcj02(*place))
        assert there_and_back == pytest.approx(place, abs=1e-9)


def test_the_shift_at_jinhua_is_the_known_half_kilometre() -> None:
    place = (29.0789, 119.6474)
    assert geodesic(place, geometry.wgs84_to_gcj02(*place)).m == pytest.approx(565, abs=5)


@pytest.mark.parametrize("place", OUTSIDE_CHINA)
def test_nothing_is_shifted_outside_china(place: tuple[float, float]) -> None:
    assert geometry.wgs84_to_gcj02(*place) == place
    assert geometry.gcj02_to_wgs84(*place) == place


def test_the_plane_is_the_one_that_the_index_is_built_on() -> None:
    x_m, y_m = JINHUA.project(29.2, 120.0)
    assert x_m == pytest.approx(0.2 * 111_320 * math.cos(math.radians(29.1)))
    assert y_m == pytest.approx(0.1 * 110_574)
    assert JINHUA.project(29.1, 119.8) == (0.0, 0.0)


def test_locate_is_the_inverse_of_project() -> None:
    for place in places(500):
        assert JINHUA.locate(*JINHUA.project(*place)) == pytest.approx(place, abs=1e-12)


def test_plane_distances_stay_within_seven_in_a_thousand_of_the_geodesic() -> None:
    ends = places(1_000)
    for one, other in zip(ends[::2], ends[1::2], strict=True):
        plane_m = math.dist(JINHUA.project(*one), JINHUA.project(*other))
        assert plane_m == pytest.approx(geodesic(one, other).m, rel=0.007)


@pytest.mark.parametrize("step_m", [geometry.DISPATCH_POINT_M, geometry.AREA_CELL_M])
def test_snapping_hides_where_in_the_cell_and_moves_by_no_more_than_half_of_it(step_m: int) -> None:
    for place in places(500):
        snapped = JINHUA.snap(*place, step_m)
        x_m, y_m = JINHUA.project(*snapped)
        assert x_m % step_m == pytest.approx(0, abs=1e-5) or x_m % step_m == pytest.approx(step_m)
        assert y_m % step_m == pytest.approx(0, abs=1e-5) or y_m % step_m == pytest.approx(step_m)
        for moved, kept in zip((x_m, y_m), JINHUA.project(*place), strict=True):
            assert abs(moved - kept) <= step_m / 2 + 1e-6
        assert JINHUA.snap(*snapped, step_m) == pytest.approx(snapped, abs=1e-12)


def test_places_of_one_cell_give_the_same_answer() -> None:
    x_m, y_m = 12_500.0, -7_000.0
    corners = [(x_m + dx_m, y_m + dy_m) for dx_m in (-240, 240) for dy_m in (-240, 240)]
    cells = {JINHUA.snap(*JINHUA.locate(*corner), geometry.AREA_CELL_M) for corner in corners}
    assert len(cells) == 1


@pytest.mark.parametrize(("lat", "lng"), [(90.0, 180.0), (-90.0, -180.0), (89.9999, -179.9999)])
def test_snapping_at_the_edge_of_the_globe_does_not_fall_off(lat: float, lng: float) -> None:
    """A nurse at 90° north used to be told 90.0004, which no place may be."""
    snapped = geometry.JINHUA.snap(lat, lng, geometry.DISPATCH_POINT_M)
    assert abs(snapped[0]) <= 90
    assert abs(snapped[1]) <= 180
    assert geometry.JINHUA.snap(*snapped, geometry.DISPATCH_POINT_M) == pytest.approx(snapped)
