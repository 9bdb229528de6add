"""Owns how likely a nurse says yes to an offer, by a model that can be read, and how many to ask.

Learned elsewhere (`learning.py`): here are the model's terms and what follows from a chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp, log, log1p
from typing import Any, Final, Self
from uuid import UUID

from matching.travel import LOCAL_ZONE

# No certainty in either direction: a wave of one would follow from it, or of everybody.
CHANCES: Final = (0.02, 0.95)
YUAN_FEN: Final = 100

MEASURES: Final[Mapping[str, str]] = {
    "base": "1",
    "distance": "ln(1 + km)",
    "pay": "ln(1 + yuan)",
    "load": "visits of 30 days / 10",
    "early": "6 <= hour < 9",
    "evening": "17 <= hour < 22",
    "night": "hour >= 22 or hour < 6",
}
"""What each term measures; each has its own coefficient, in log-odds. The hour is the local one in
which she is asked, and a condition counts 1 where it holds."""

TERMS: Final = tuple(MEASURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is known of an offer when it is sent."""

    service: str
    distance_m: float
    pay_fen: int
    load: int
    asked_at: datetime

    def measures(self) -> tuple[float, ...]:
        """One for each of TERMS."""
        hour = self.asked_at.astimezone(LOCAL_ZONE).hour
        return (
            1.0,
            log1p(self.distance_m / 1000),
            log1p(self.pay_fen / YUAN_FEN),
            self.load / 10,
            float(6 <= hour < 9),
            float(17 <= hour < 22),
            float(hour >= 22 or hour < 6),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An offer that ran its course: accepted, or declined or left to run out."""

    ask: Ask
    nurse_id: UUID
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Of the offers that were given such a chance, how many were accepted."""

    offers: int
    said: float
    found: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """ln(p / (1 - p)) = a + b (terms · coefficients + the service's + her own leaning).

    `a` and `b` are what made it true on offers that it was not learned from; `reliability` tells
    how true it was on others again.
    """

    coefficients: tuple[float, ...]
    services: Mapping[str, float] = field(default_factory=dict)
    a: float = 0.0
    b: float = 1.0
    offers: int = 0
    reliability: tuple[Bar, ...] = ()

    def chance(self, ask: Ask, leaning: float = 0.0) -> float:
        """The probability that she accepts if she is left the time."""
        terms = zip(self.coefficients, ask.measures(), strict=True)
        z = sum(weight * measure for weight, measure in terms)
        z = self.a + self.b * (z + self.services.get(ask.service, 0.0) + leaning)
        least, most = CHANCES
        return min(most, max(least, 1 / (1 + exp(-max(-30.0, min(30.0, z))))))

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """A model as it was kept."""
        return cls(
            **{
                **kept,
                "coefficients": tuple(kept["coefficients"]),
                "reliability": tuple(Bar(**bar) for bar in kept["reliability"]),
            }
        )


def waves_in_all(
    now: datetime, promise_at: datetime | None, gap_s: int, done: int, most: int
) -> int:
    """In how many waves an order is to be filled: those `done` and those that still go out before
    the promised time, `most` at most, since who has hours would rather know soon. 1: now or never.
    """
    if promise_at is None:
        return most
    ahead_s = (promise_at - now).total_seconds()
    return 1 if ahead_s <= 0 else min(most, done + 1 + int(ahead_s // gap_s))


def wave_size(chances: Sequence[float], seats: int, target: float, waves: int, most: int) -> int:
    """How many to ask for each seat now, best first, so that after so many waves each seat is
    filled with the probability `target`; never more than `most`.

    Each wave bears an equal share of what may fail: the fewest n with
    (1 - p1) … (1 - pn) <= (1 - target)^(1 / waves). Seats take the nurses in turn.
    """
    may_fail = log(1 - target) / waves
    needed = 1
    for seat in range(seats):
        fails, count = 0.0, 0
        for chance in chances[seat::seats]:
            if fails <= may_fail or count == most:
                break
            fails, count = fails + log(1 - chance), count + 1
        # Who is not enough is asked all the same, and so would be those who come free meanwhile.
        needed = max(needed, count if fails <= may_fail else most)
    return needed
