"""What is ordered, by whom and for when: the mix that rules of the trade suggest. Pure and seeded.

Long-term care comes first, then mothers with newborns; most visits are wished for in the morning
or the early evening, and few on the same day.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from demo import draws, roster
from demo.patients import Patient

CATEGORY_SHARES: Final = {
    "long_term_care": 0.35,
    "maternal_infant": 0.25,
    "rehabilitation": 0.18,
    "chronic_disease": 0.14,
    "elderly_care": 0.08,
}
# What general hospitals with a maternity ward and those for the old are asked for most; else 1.
DEMAND: Final = {
    "LT09": 5, "LT02": 3, "LT06": 3, "LT01": 2, "LT08": 2, "LT12": 0.5, "LT10": 0.5,
    "MI02": 5, "MI01": 4, "MI03": 3, "MI08": 2, "MI07": 2,
    "RH01": 4, "RH02": 2, "RH04": 2, "CD05": 4, "CD01": 2, "CD11": 2, "EC01": 2, "EC03": 2,
}  # fmt: skip
SAME_DAY: Final = 0.15
PEAK: Final = 0.70
PEAK_HOURS: Final = (8, 9, 10, 17, 18, 19)
OTHER_HOURS: Final = (7, 11, 12, 13, 14, 15, 16, 20)
SAME_DAY_LEAD: Final = timedelta(minutes=45)
# A window that opens later leaves no time before the nurses' day ends.
LAST_OPENING_H: Final = roster.SHIFT_TO_H - 1.75
BUNDLE: Final = 0.08
REPEAT: Final = 0.45

NEWBORN_CODES: Final = frozenset({"MI01", "MI02", "MI03", "MI04", "MI05", "MI06", "MI13"})


class Timing(StrEnum):
    """For when the crowd orders."""

    DAY = "day"  # by the mix: most for tomorrow, some for today
    SOON = "soon"  # within the hour, as far as nurses are open now


class Kind(StrEnum):
    """Who a service is for."""

    NEWBORN = "newborn"
    MOTHER = "mother"
    ADULT = "adult"
    ELDER = "elder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """As the catalogue tells it."""

    code: str
    category: str
    specialties: frozenset[str]
    requires_prescription: bool
    nurses_required: int
    duration_min: int
    preconditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One order before it is placed. `patient_no` counts the crowd's people from 1."""

    number: int
    category: str
    service_codes: tuple[str, ...]
    needs_prescription: bool
    patient_no: int
    urgency: str
    earliest: datetime
    latest: datetime
    preconditions: tuple[str, ...] = ()


def kind_of(patient: Patient, today: datetime) -> Kind:
    age_d = (today.astimezone(roster.ZONE).date() - patient.birth_date).days
    if age_d < 366:
        return Kind.NEWBORN
    if "产后" in patient.conditions:
        return Kind.MOTHER
    return Kind.ELDER if age_d >= 60 * 365 else Kind.ADULT


def kinds_for(service: Service) -> frozenset[Kind]:
    match service.category:
        case "maternal_infant":
            return frozenset({Kind.NEWBORN if service.code in NEWBORN_CODES else Kind.MOTHER})
        case "rehabilitation" | "chronic_disease":
            return frozenset({Kind.ADULT, Kind.ELDER})
        case _:
            return frozenset({Kind.ELDER})


class Mix:
    """Draws one wish after the other. The same seed, people and times give the same wishes."""

    def __init__(
        self, seed: int, services: Sequence[Service], people: Mapping[int, Kind], timing: Timing
    ) -> None:
        self._seed = seed
        self._by_category = {
            category: {
                one: DEMAND.get(one.code, 1.0) for one in services if one.category == category
            }
            for category in CATEGORY_SHARES
        }
        self._people = people
        self._timing = timing
        self._served: dict[frozenset[Kind], list[int]] = {}

    def draw(self, number: int, now: datetime) -> Wish:
        """The order of that number, as wished for at `now`."""
        rng = draws.stream(self._seed, "wish", number)
        categories = {
            category: share
            for category, share in CATEGORY_SHARES.items()
            if self._by_category[category]
        }
        category = draws.pick(rng, categories)
        service = draws.pick(rng, self._by_category[category])
        services = [service]
        if rng.random() < BUNDLE and (second := self._second(rng, service)):
            services.append(second)
        urgency, earliest, latest = self._window(rng, now)
        return Wish(
            number=number,
            category=category,
            service_codes=tuple(one.code for one in services),
            needs_prescription=any(one.requires_prescription for one in services),
            patient_no=self._patient(rng, kinds_for(service)),
            urgency=urgency,
            earliest=earliest,
            latest=latest,
            preconditions=tuple(
                dict.fromkeys(slug for one in services for slug in one.preconditions)
            ),
        )

    def _second(self, rng: random.Random, first: Service) -> Service | None:
        """Another service that goes well with the first in one visit: one nurse can do both."""
        fitting = [
            one
            for one in self._by_category[first.category]
            if one.code != first.code
            and one.nurses_required == first.nurses_required == 1
            and one.specialties == first.specialties
            and kinds_for(one) == kinds_for(first)
        ]
        return rng.choice(fitting) if fitting else None

    def _patient(self, rng: random.Random, kinds: frozenset[Kind]) -> int:
        """Somebody of that kind; often one who has ordered before, as care at home goes on."""
        served = self._served.setdefault(kinds, [])
        if served and rng.random() < REPEAT:
            return rng.choice(served)
        fitting = [no for no, kind in self._people.items() if kind in kinds] or list(self._people)
        chosen = rng.choice(fitting)
        if chosen not in served:
            served.append(chosen)
        return chosen

    def _window(self, rng: random.Random, now: datetime) -> tuple[str, datetime, datetime]:
        """Urgency, and the first and last moment at which the visit may start."""
        local = now.astimezone(roster.ZONE)
        if self._timing is Timing.SOON and roster.SHIFT_FROM_H <= _hour(local) < LAST_OPENING_H:
            urgency = "urgent" if rng.random() < 0.3 else "soon"
            earliest = now + timedelta(minutes=rng.uniform(3, 15))
            return urgency, earliest, earliest + timedelta(minutes=rng.choice((60, 90, 120)))
        if rng.random() < SAME_DAY:
            first = max(_hour(local + SAME_DAY_LEAD), float(roster.SHIFT_FROM_H))
            hours = [hour for hour in (*PEAK_HOURS, *OTHER_HOURS) if hour >= first]
            if hours and (local + SAME_DAY_LEAD).date() == local.date():
                earliest = _at(local, 0, self._hour_among(rng, hours), rng)
                urgency = "urgent" if rng.random() < 0.3 else "soon"
                return urgency, earliest, earliest + timedelta(minutes=rng.choice((60, 90)))
        hour = self._hour_among(rng, [*PEAK_HOURS, *OTHER_HOURS])
        earliest = _at(local, 1, hour, rng)
        return "routine", earliest, earliest + timedelta(minutes=rng.choice((60, 90, 120)))

    @staticmethod
    def _hour_among(rng: random.Random, hours: Sequence[int]) -> int:
        peak = [hour for hour in hours if hour in PEAK_HOURS]
        other = [hour for hour in hours if hour not in PEAK_HOURS]
        return rng.choice(peak if peak and (not other or rng.random() < PEAK) else other)


def _hour(local: datetime) -> float:
    return local.hour + local.minute / 60


def _at(local: datetime, days_ahead: int, hour: int, rng: random.Random) -> datetime:
    """On the quarter of that hour, where people wish for things."""
    day = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days_ahead)
    return day + timedelta(hours=hour, minutes=15 * rng.randrange(4))
