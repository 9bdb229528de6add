"""Where things are on the ground: datums, the local plane, and how coarsely a place is told.

Pure arithmetic on numbers; it knows no county and stores nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, pi, radians, sin, sqrt
from typing import Final

DISPATCH_POINT_M: Final = 100
"""Grid of the points that nurses are dispatched from; these stay in clear."""

AREA_CELL_M: Final = 500
"""Grid of the area that a nurse sees in an offer, before she accepts."""

M_PER_DEGREE_LAT: Final = 110_574.0
M_PER_DEGREE_LNG_AT_EQUATOR: Final = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Metres east and north of an origin, for searching and for bulk arithmetic.

    Within the region a distance differs from the geodesic by under 0.7 %; a figure that decides
    something alone (the geofence) is computed on the ellipsoid instead.
    """

    origin_lat: float
    origin_lng: float
    m_per_degree_lng: float = field(init=False)

    def __post_init__(self) -> None:
        scale = M_PER_DEGREE_LNG_AT_EQUATOR * cos(radians(self.origin_lat))
        object.__setattr__(self, "m_per_degree_lng", scale)

    def project(self, lat: float, lng: float) -> tuple[float, float]:
        """(x_m, y_m) of a WGS-84 place."""
        return (
            (lng - self.origin_lng) * self.m_per_degree_lng,
            (lat - self.origin_lat) * M_PER_DEGREE_LAT,
        )

    def locate(self, x_m: float, y_m: float) -> tuple[float, float]:
        """(lat, lng) of a point of the plane: the inverse of `project`, never off the globe."""
        lat = self.origin_lat + y_m / M_PER_DEGREE_LAT
        lng = self.origin_lng + x_m / self.m_per_degree_lng
        return max(-90.0, min(90.0, lat)), max(-180.0, min(180.0, lng))

    def snap(self, lat: float, lng: float, step_m: int) -> tuple[float, float]:
        """The centre of the square cell of side `step_m` that holds the place.

        Two places in a cell cannot be told apart by the answer, and snapping again changes nothing.
        """
        x_m, y_m = self.project(lat, lng)
        return self.locate(round(x_m / step_m) * step_m, round(y_m / step_m) * step_m)


JINHUA: Final = Plane(origin_lat=29.1, origin_lng=119.8)
"""The plane of the served region; another city needs its own origin."""


# GCJ-02 is unpublished: these are the series that everybody reconstructed, in metres on the
# Krasovsky 1940 ellipsoid.
_A: Final = 6_378_245.0
_E2: Final = 0.00669342162296594323


def wgs84_to_gcj02(lat: float, lng: float) -> tuple[float, float]:
    """What a Chinese phone or map shows for a WGS-84 place. Outside China nothing is shifted."""
    if not _inside_china(lat, lng):
        return lat, lng
    d_lat, d_lng = _gcj02_shift(lat, lng)
    return lat + d_lat, lng + d_lng


def gcj02_to_wgs84(lat: float, lng: float) -> tuple[float, float]:
    """The place that `wgs84_to_gcj02` maps here, to well under a millimetre.

    The shift changes by less than 1 in 100 over its own length, so each fixed-point step gains two
    digits and five of them reach the precision of a float.
    """
    if not _inside_china(lat, lng):
        return lat, lng
    wgs_lat, wgs_lng = lat, lng
    for _ in range(5):
        d_lat, d_lng = _gcj02_shift(wgs_lat, wgs_lng)
        wgs_lat, wgs_lng = lat - d_lat, lng - d_lng
    return wgs_lat, wgs_lng


def _inside_china(lat: float, lng: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347


def _gcj02_shift(lat: float, lng: float) -> tuple[float, float]:
    x, y = lng - 105.0, lat - 35.0
    ripple = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north_m = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
        + (ripple + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
        + (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y / 30.0 * pi)) * 2.0 / 3.0
    )  # fmt: skip
    east_m = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
        + (ripple + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
        + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    )  # fmt: skip
    w2 = 1.0 - _E2 * sin(radians(lat)) ** 2
    meridian_m = _A * (1.0 - _E2) / (w2 * sqrt(w2))
    parallel_m = _A / sqrt(w2) * cos(radians(lat))
    return north_m / meridian_m * 180.0 / pi, east_m / parallel_m * 180.0 / pi
