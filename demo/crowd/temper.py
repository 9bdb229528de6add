"""How people behave: what each may do differently from the book, and how likely. Pure and seeded.

The odds are guesses, kept so that everything happens now and then and most visits go well.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from demo import draws

# Patients and the operator.
CANCELS: Final = 0.04
RESCHEDULES: Final = 0.02
PREFERS_KNOWN_NURSE: Final = 0.5
SIGNS: Final = 0.9
RATES: Final = 0.7
STARS: Final = {5: 78.0, 4: 16.0, 3: 4.0, 2: 1.0, 1: 1.0}
LOOKS_AT_MAP: Final = 0.4
PATIENT_SOS: Final = 0.002
ANSWERS: Final = 0.85
HAS_SIGNS: Final = 0.04
SIGNS_AFTER: Final = {"pain": 40.0, "dressing": 30.0, "redness": 20.0, "tube": 10.0}
REJECTED: Final = 0.02
NEEDS_INFO: Final = 0.03

# Nurses: of offers that suit her, and of visits that are hers.
RELEASES: Final = 0.03
NO_SHOW: Final = 0.008
LATE: Final = 0.10
LATE_MIN: Final = (10.0, 35.0)
OFFLINE: Final = 0.07
OUTSIDE: Final = 0.02
ABORTS: Final = 0.015
ABORT_REASONS: Final = {
    "nobody_home": 45.0, "refused": 20.0, "clinical": 25.0, "unsafe": 5.0, "other": 5.0,
}  # fmt: skip
OTHER_OBJECTIONS: Final = {
    "busy": 45.0,
    "other": 25.0,
    "too_far": 15.0,
    "skill": 12.0,
    "safety": 3.0,
}
NURSE_SOS: Final = 0.006
SENDS_TWICE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the patient and the operator do with one order. Times in minutes of the server's."""

    assess_after_min: float
    is_rejected: bool
    needs_info: bool
    cancels_after: float | None  # as a part of the time until the window opens
    reschedules_after: float | None
    prefers_known: bool
    signs: bool
    stars: int | None
    looks_at_map: bool
    sos: bool
    signs_after: tuple[str, ...] | None  # of how she is afterwards; None: she does not say

    @classmethod
    def draw(cls, seed: int, number: int, *, is_urgent: bool) -> Course:
        rng = draws.stream(seed, "course", number)
        return cls(
            assess_after_min=rng.lognormvariate(0.0 if is_urgent else 1.2, 0.6),
            is_rejected=rng.random() < REJECTED,
            needs_info=rng.random() < NEEDS_INFO,
            cancels_after=_maybe(rng, CANCELS, 0.1, 1.2),
            reschedules_after=_maybe(rng, RESCHEDULES, 0.1, 0.8),
            prefers_known=rng.random() < PREFERS_KNOWN_NURSE,
            signs=rng.random() < SIGNS,
            stars=draws.pick(rng, STARS) if rng.random() < RATES else None,
            looks_at_map=rng.random() < LOOKS_AT_MAP,
            sos=rng.random() < PATIENT_SOS,
            signs_after=_signs_after(rng),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How one nurse goes about one visit."""

    releases_after: float | None  # as a part of the time until she has to leave
    is_no_show: bool
    early_min: float  # how long before she has to she leaves; negative when she runs late
    pace: float  # of the travel time that was planned
    is_offline: bool
    offline_after_min: float  # how long after the visit the network is back
    is_outside: bool
    abort_reason: str | None
    stay: float  # of the time that the services take
    sos: bool
    sends_twice: bool

    @classmethod
    def draw(cls, seed: int, staff_no: int, visit_no: int) -> Conduct:
        rng = draws.stream(seed, "conduct", staff_no, visit_no)
        late = rng.random() < LATE
        return cls(
            releases_after=_maybe(rng, RELEASES, 0.1, 0.9),
            is_no_show=rng.random() < NO_SHOW,
            early_min=-rng.uniform(*LATE_MIN) if late else rng.uniform(1, 9),
            pace=rng.uniform(0.8, 1.15),
            is_offline=rng.random() < OFFLINE,
            offline_after_min=rng.uniform(1, 8),
            is_outside=rng.random() < OUTSIDE,
            abort_reason=draws.pick(rng, ABORT_REASONS) if rng.random() < ABORTS else None,
            stay=rng.uniform(0.75, 1.2),
            sos=rng.random() < NURSE_SOS,
            sends_twice=rng.random() < SENDS_TWICE,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """How a nurse takes offers in general: some are keen, many hardly look at their phones."""

    keenness: float
    attention: float
    reaction_s: float
    far_m: int

    @classmethod
    def draw(cls, seed: int, staff_no: int) -> Nature:
        rng = draws.stream(seed, "nature", staff_no)
        return cls(
            keenness=rng.betavariate(3, 2),
            attention=rng.betavariate(5, 2),
            reaction_s=rng.lognormvariate(4.1, 0.6),
            far_m=int(rng.triangular(4_000, 20_000, 10_000)),
        )

    def looks(self, rng: random.Random) -> bool:
        """Whether she looks at her phone at all while the offer stands."""
        return rng.random() < self.attention

    def objects(self, rng: random.Random, *, distance_m: int, has_visit_near: bool) -> str | None:
        """Why she declines an offer; none when she takes it."""
        if has_visit_near and rng.random() < 0.5:
            return "busy"
        if distance_m > self.far_m and rng.random() < 0.6:
            return "too_far"
        if rng.random() < self.keenness:
            return None
        return draws.pick(rng, OTHER_OBJECTIONS)

    def reacts_after_s(self, rng: random.Random, left_s: float) -> float:
        """How long until she looks at an offer that stands for another `left_s`: in time, if she
        looks at all."""
        return max(0.0, min(self.reaction_s * rng.uniform(0.5, 2.0), 0.8 * left_s))


def _signs_after(rng: random.Random) -> tuple[str, ...] | None:
    answers, has_signs, sign = rng.random() < ANSWERS, rng.random(), draws.pick(rng, SIGNS_AFTER)
    if not answers:
        return None
    return (sign,) if has_signs < HAS_SIGNS else ()


def _maybe(rng: random.Random, odds: float, least: float, most: float) -> float | None:
    """A number in between if it happens at all. Draws as often either way."""
    happens, when = rng.random() < odds, rng.uniform(least, most)
    return when if happens else None
