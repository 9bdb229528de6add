"""Owns what the matcher is told: what an order needs, what a nurse can give, and the rules' frame.

Plain numbers and names that dispatch reads from its rows; all times are aware.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from config.catalogue import Catalogue
from config.vocabulary import Condition, Title
from matching import spans
from matching.acceptance import Acceptance
from matching.policy import Policy, Urgency
from matching.spans import Span
from matching.travel import LOCAL_ZONE, DetourTravel, Place, TravelTimes

# How a frozen thing is given what follows from its fields, while it is made.
_set: Final = object.__setattr__

NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A visit that the nurse has already.

    `travel_in_s` is the travel kept free before its start: the slot that is stored for it runs
    from `starts_at - travel_in_s` to `ends_at`, and nothing else may reach into it. Once she has
    set out for it she is `going`, and it ends when it is expected to, not before it was to.
    """

    visit_id: UUID
    starts_at: datetime
    ends_at: datetime
    place: Place
    travel_in_s: int = 0
    going: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCare:
    """How often a nurse has visited this patient, and when last."""

    visits: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What an order asks for. `earliest` and `latest` bound the start of the visit.

    `seats` are the numbers of the seats that are still empty, `nurse_ids_on_order` who fill the
    others. `fixed_start_at` is set once a seat is filled: two nurses come at the same time.
    `conditions` bind whoever goes; `escorted`: a person has arranged for somebody to go with her;
    `departs`: she sets out now, and is looked in the face.
    The last four follow from the others, since hundreds of nurses are judged by them.
    """

    order_id: UUID
    service_codes: tuple[str, ...]
    service_numbers: tuple[int, ...]
    specialties: frozenset[str]
    min_tier: int
    min_title: Title
    seats: tuple[int, ...]
    place: Place
    county: str
    earliest: datetime
    latest: datetime
    duration_s: int
    urgency: Urgency = Urgency.ROUTINE
    round: int = 1
    promise_at: datetime | None = None
    fixed_start_at: datetime | None = None
    nurse_gender: Gender | None = None
    language: str | None = None
    preferred_nurse_id: UUID | None = None
    excluded_nurse_ids: frozenset[UUID] = frozenset()
    nurse_ids_on_order: frozenset[UUID] = frozenset()
    conditions: frozenset[Condition] = frozenset()
    patient_gender: Gender | None = None
    escorted: bool = False
    departs: bool = False
    history: Mapping[UUID, PastCare] = field(default_factory=lambda: MappingProxyType({}))
    pay_fen: int = 0
    duration: timedelta = field(init=False, repr=False, compare=False)
    first_start_at: datetime = field(init=False, repr=False, compare=False)
    last_start_at: datetime = field(init=False, repr=False, compare=False)
    last_end_at: datetime = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        duration, fixed_at = timedelta(seconds=self.duration_s), self.fixed_start_at
        first_at = self.earliest if fixed_at is None else max(self.earliest, fixed_at)
        last_at = self.latest if fixed_at is None else min(self.latest, fixed_at)
        _set(self, "duration", duration)
        _set(self, "first_start_at", first_at)
        _set(self, "last_start_at", last_at)
        _set(self, "last_end_at", last_at + duration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a nurse can give, as seen from one order.

    `specialties` are those she holds; what they imply is worked out here. `place` is her dispatch
    point. `radius_m` None means the policy's. Quiet hours are local and may span midnight.
    `leaning` is how much more readily than others she says yes, in log-odds; `ahead` how much more
    than others' her hours were given (matching/fairness.py).
    `blocked` and `declined_this_order` speak of this order's patient and of any of its rounds;
    `taken_back`: an operator took the visit back from her to find another nurse.
    `held_services`: for which she is not to be sent until an adverse event is reviewed.
    `insurances` hold the end of each that was told by itself; `registered` means at her
    institution, and `registered_until` is how long the national register's word holds, and
    `known_until` how long it is known that it is she who holds the phone. The
    `institution_min_…` are what her institution asks above the national floor, tiers by category.
    `open_hours` are her shifts, joined, and `free_hours` what her ward duties leave of them.
    """

    nurse_id: UUID
    staff_no: int
    gender: Gender
    title: Title
    tier: int
    specialties: frozenset[str]
    languages: frozenset[str]
    first_practised_on: date
    certificate_valid_until: date
    insurance_valid_until: date
    admitted: bool
    suspended: bool
    available: bool
    institution_id: UUID
    institution_approved: bool
    institution_services: frozenset[str]
    institution_counties: frozenset[str]
    place: Place
    shifts: tuple[Span, ...]
    radius_m: int | None = None
    institution_place: Place | None = None
    ward_duties: tuple[Span, ...] = ()
    visits: tuple[Booked, ...] = ()
    quiet_from: time | None = None
    quiet_until: time | None = None
    open_offers: int = 0
    recent_visits_30d: int = 0
    recent_income_30d_fen: int = 0
    leaning: float = 0.0
    ahead: float = 0.0
    blocked: bool = False
    declined_this_order: bool = False
    taken_back: bool = False
    insurances: Mapping[str, date] = field(default_factory=lambda: NONE)
    policies_numbered: bool = True
    held_services: frozenset[str] = frozenset()
    registered: bool = True
    registered_until: datetime | None = None
    known_until: datetime | None = None
    institution_licensed: bool = True
    institution_licence_until: date | None = None
    institution_min_years: int = 0
    institution_min_title: Title | None = None
    institution_min_tiers: Mapping[str, int] = field(default_factory=lambda: NONE)
    open_hours: tuple[Span, ...] = field(init=False, repr=False, compare=False)
    free_hours: tuple[Span, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        open_hours = tuple(spans.merged(self.shifts))
        taken = self.ward_duties
        _set(self, "open_hours", open_hours)
        _set(self, "free_hours", tuple(spans.without(open_hours, taken)) if taken else open_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every decision of a batch shares. `now` is read once, from the database.

    `scarcity` says for a specialty how rare it is among the nurses, 0 (everybody) to 1 (nobody);
    one that is not named counts as 0. By `acceptance`, if there is enough to learn it from, waves
    are as large as they must be.
    """

    now: datetime
    catalogue: Catalogue
    policy: Policy = field(default_factory=Policy)
    travel: TravelTimes = field(default_factory=DetourTravel)
    scarcity: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    acceptance: Acceptance | None = None


@lru_cache(maxsize=4096)
def local_date(at: datetime) -> date:
    """The calendar day on which people in the region would say that it happens."""
    return at.astimezone(LOCAL_ZONE).date()


@lru_cache(maxsize=1024)
def daylight(earliest: datetime, last_end: datetime, from_h: int, until_h: int) -> tuple[Span, ...]:
    """The hours of day between two times, by the region's clock: one span for each date."""
    first, last = local_date(earliest), local_date(last_end)
    begun = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(
        Span(
            local_midnight(day) + timedelta(hours=from_h),
            local_midnight(day) + timedelta(hours=until_h),
        )
        for day in begun
    )


@lru_cache(maxsize=4096)
def local_midnight(day: date) -> datetime:
    """The instant at which that day begins in the region."""
    return datetime.combine(day, time.min, tzinfo=LOCAL_ZONE)
