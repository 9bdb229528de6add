"""Builds a need and a candidate that fit each other; a test changes only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from config import catalogue
from config.vocabulary import Title
from matching.inputs import Booked, Candidate, Frame, Gender, Need
from matching.policy import Policy
from matching.spans import Span
from matching.travel import Place

CATALOGUE: Final = catalogue.load()

# A Tuesday, 08:00 in Jinhua.
NOW: Final = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
TOWN: Final = Place.at(29.1, 119.65)


def ident(number: int) -> UUID:
    return UUID(int=number)


def hours(count: float) -> datetime:
    """That many hours from NOW."""
    return NOW + timedelta(hours=count)


def span(first: float, last: float) -> Span:
    return Span(starts_at=hours(first), ends_at=hours(last))


def place(east_m: float = 0, north_m: float = 0) -> Place:
    return Place.on_plane(TOWN.x_m + east_m, TOWN.y_m + north_m)


def booked(first: float, last: float, at: Place | None = None, travel_in_s: int = 0) -> Booked:
    return Booked(
        visit_id=ident(900),
        starts_at=hours(first),
        ends_at=hours(last),
        place=at or place(),
        travel_in_s=travel_in_s,
    )


def need(**changes: Any) -> Need:
    """One seat, pressure-injury dressing, in town, to start between 10:00 and 12:00 local."""
    plain = Need(
        order_id=ident(1),
        service_codes=("LT09",),
        service_numbers=(CATALOGUE.get("LT09").number,),
        specialties=frozenset({"wound_care"}),
        min_tier=2,
        min_title=Title.HUSHI_SHI,
        seats=(1,),
        place=place(),
        county="330702",
        earliest=hours(2),
        latest=hours(4),
        duration_s=45 * 60,
    )
    return replace(plain, **changes)


def candidate(**changes: Any) -> Candidate:
    """Two kilometres away, on a shift from 07:00 to 19:00 local, with nothing against her."""
    plain = Candidate(
        nurse_id=ident(101),
        staff_no=101,
        gender=Gender.FEMALE,
        title=Title.ZHUGUAN,
        tier=2,
        specialties=frozenset({"wound_care"}),
        languages=frozenset({"zh", "wuu-jinhua"}),
        first_practised_on=date(2012, 7, 1),
        certificate_valid_until=date(2028, 1, 1),
        insurance_valid_until=date(2027, 1, 1),
        admitted=True,
        suspended=False,
        available=True,
        institution_id=ident(501),
        institution_approved=True,
        institution_services=frozenset(CATALOGUE.services),
        institution_counties=frozenset({"330702", "330703"}),
        place=place(east_m=2000),
        shifts=(span(-1, 11),),
        radius_m=10_000,
    )
    return replace(plain, **changes)


def frame(now: datetime = NOW, **policy: Any) -> Frame:
    return Frame(now=now, catalogue=CATALOGUE, policy=Policy(**policy))
