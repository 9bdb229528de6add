"""Owns the ledger by which work goes round: what a nurse was given for each hour that she opened.

Amortised: what is four weeks ago counts a quarter. Who works much has much, and is not ahead of
anybody for it; she is ahead whose hour was given more than others'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

HALF_LIFE: Final = timedelta(days=14)
# Below so many hours a single offer would say too much.
HOURS_MIN: Final = 4.0
AHEAD_MAX: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Hours of shifts that are over, offers and paid minutes in them."""

    hours: float = 0.0
    offers: float = 0.0
    paid_min: float = 0.0

    def faded(self, passed: timedelta) -> Share:
        left = 0.5 ** (passed / HALF_LIFE)
        return Share(
            hours=self.hours * left, offers=self.offers * left, paid_min=self.paid_min * left
        )

    def plus(self, other: Share) -> Share:
        return Share(
            hours=self.hours + other.hours,
            offers=self.offers + other.offers,
            paid_min=self.paid_min + other.paid_min,
        )


def total(shares: Iterable[Share]) -> Share:
    """Everybody's together."""
    summed = Share()
    for share in shares:
        summed = summed.plus(share)
    return summed


def ahead(hers: Share, everybody: Share) -> float:
    """How far an hour of hers was given more than the mean hour: half by offers, half by minutes.

    -1 is nothing at all, 0 the mean, 1 twice as much; no more than AHEAD_MAX is said, and nothing
    of who has opened few hours.
    """
    if hers.hours < HOURS_MIN or everybody.hours <= 0:
        return 0.0
    ratios = [
        (given / hers.hours) / (of_all / everybody.hours)
        for given, of_all in (
            (hers.offers, everybody.offers),
            (hers.paid_min, everybody.paid_min),
        )
        if of_all > 0
    ]
    if not ratios:
        return 0.0
    return min(AHEAD_MAX, sum(ratios) / len(ratios) - 1)
