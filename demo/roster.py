"""When a demo nurse is open for home visits and when her hospital has her: by number and day.

Pure arithmetic without randomness or state, so that any day can be topped up at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")

SHIFT_FROM_H: Final = 6
SHIFT_TO_H: Final = 22


class Duty(StrEnum):
    FLEXIBLE = "flexible"  # no fixed duty: home-nursing teams, part-time and retired nurses
    CLINIC = "clinic"  # office hours on weekdays
    WARD = "ward"  # the wards' rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Half open, in UTC. `kind` is shift, clinic, day, evening, night or rest (after a night)."""

    starts_at: datetime
    ends_at: datetime
    kind: str


PATTERN: Final = (Duty.FLEXIBLE, Duty.CLINIC, Duty.FLEXIBLE, Duty.WARD, Duty.WARD)

CLINIC_H: Final = ((8.0, 12.0), (13.5, 17.0))

# Day, day, evening; a day off before the night, which begins at midnight; and a day off.
ROTATION: Final[tuple[tuple[tuple[str, float, float], ...], ...]] = (
    (("day", 8.0, 16.0),),
    (("day", 8.0, 16.0),),
    (("evening", 16.0, 24.0),),
    (),
    (("night", 0.0, 8.0), ("rest", 8.0, 14.0)),
    (),
)


def duty_of(staff_no: int) -> Duty:
    return PATTERN[staff_no % len(PATTERN)]


def shifts_for(staff_no: int, day: date) -> tuple[Span, ...]:
    """The times that this nurse is open for home visits: every demo nurse from 06:00 to 22:00.

    Ward duty is not cut out of it; who matches takes both into account.
    """
    del staff_no  # the demo opens the same hours for everybody
    return (_span(day, "shift", SHIFT_FROM_H, SHIFT_TO_H),)


def ward_duties_for(staff_no: int, day: date) -> tuple[Span, ...]:
    """The hospital duties of this nurse that begin on `day`, in order; none reaches past it."""
    match duty_of(staff_no):
        case Duty.FLEXIBLE:
            return ()
        case Duty.CLINIC:
            if day.isoweekday() > 5:
                return ()
            return tuple(_span(day, "clinic", from_h, to_h) for from_h, to_h in CLINIC_H)
        case Duty.WARD:
            step = (staff_no // len(PATTERN) + day.toordinal()) % len(ROTATION)
            return tuple(_span(day, kind, from_h, to_h) for kind, from_h, to_h in ROTATION[step])


def _span(day: date, kind: str, from_h: float, to_h: float) -> Span:
    midnight = datetime.combine(day, time(), tzinfo=ZONE).astimezone(UTC)
    return Span(
        starts_at=midnight + timedelta(hours=from_h),
        ends_at=midnight + timedelta(hours=to_h),
        kind=kind,
    )
