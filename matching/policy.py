"""Owns the numbers that a hospital or a city may set; every default is a setting, never a law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from config.vocabulary import MIN_TITLE, Title

MIN_YEARS_FLOOR: Final = 5


class Urgency(StrEnum):
    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`weights` overrides the default weight of a named soft term (ranking.TERMS). A way spreads by
    the share `travel_spread` of its time, the end of a visit by `overrun_s` (standard deviations).

    An institution may ask for more years than the nation does, never for fewer. `papers_numbered`
    refuses a licence or an insurance without a number, `register_asked` a nurse for whom the
    national register has not vouched, `face_asked` one who sets out and was not recognised. The
    hours of day are those of the region.
    """

    min_years: int = MIN_YEARS_FLOOR
    min_title: Title = MIN_TITLE
    papers_numbered: bool = False
    register_asked: bool = False
    face_asked: bool = False
    default_radius_m: int = 10_000
    daytime_from_h: int = 8
    daytime_until_h: int = 18

    # The timetable.
    ready_s: int = 300
    linger_s: int = 7200
    wait_share: float = 0.05

    # Ranking.
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    trust_half_life_days: int = 90
    travel_spread: float = 0.25
    overrun_s: int = 600
    pay_per_visit_fen: int = 15_000

    # Offers and waves.
    offer_ttl_s: int = 300
    offer_ttl_soon_s: int = 180
    offer_ttl_urgent_s: int = 120
    preferred_ttl_s: int = 120
    preferred_ttl_urgent_s: int = 60
    min_offer_ttl_s: int = 30
    wave_gap_s: int = 180
    wave_gap_soon_s: int = 120
    wave_gap_urgent_s: int = 60
    wave_sizes: tuple[int, ...] = (3, 6, 10)
    fill_target: float = 0.95
    fill_waves: int = 4
    wave_size_max: int = 12
    max_open_offers: int = 3
    hold_before_promise_s: int | None = None
    hold_gain_min: float = 10.0
    recheck_s: int = 10
    idle_recheck_s: int = 120

    def __post_init__(self) -> None:
        if self.min_years < MIN_YEARS_FLOOR:
            raise ValueError(f"min_years is at least {MIN_YEARS_FLOOR}")
        if self.min_title.rank < MIN_TITLE.rank:
            raise ValueError(f"min_title is at least {MIN_TITLE}")
        if not 0 < self.fill_target < 1 or self.fill_waves < 1 or self.wave_size_max < 1:
            raise ValueError("fill_target lies between 0 and 1, fill_waves and wave_size_max above")
        if not self.wave_sizes or min(self.wave_sizes) < 1:
            raise ValueError("wave_sizes needs at least one positive size")
        if self.min_offer_ttl_s < 1 or self.recheck_s < 1:
            raise ValueError("an offer and a second look need time")

    def held_until(self, urgency: Urgency, promise_at: datetime | None) -> datetime | None:
        """Until when an order may wait for a better batch: as long as all its waves still go out
        before the promise. None where nothing waits, or nothing was promised."""
        if self.hold_before_promise_s is None or urgency is not Urgency.ROUTINE:
            return None
        if promise_at is None:
            return None
        waves_s = self.fill_waves * self.wave_gap_of(urgency)
        return promise_at - timedelta(seconds=max(self.hold_before_promise_s, waves_s))

    def offer_ttl_of(self, urgency: Urgency) -> int:
        """Seconds that an offer of a ranked wave runs."""
        return {
            Urgency.ROUTINE: self.offer_ttl_s,
            Urgency.SOON: self.offer_ttl_soon_s,
            Urgency.URGENT: self.offer_ttl_urgent_s,
        }[urgency]

    def preferred_ttl_of(self, urgency: Urgency) -> int:
        """Seconds that the preferred nurse has to herself."""
        urgent = urgency is Urgency.URGENT
        return self.preferred_ttl_urgent_s if urgent else self.preferred_ttl_s

    def wave_gap_of(self, urgency: Urgency) -> int:
        """Seconds until the next wave goes out beside the offers that still run."""
        return {
            Urgency.ROUTINE: self.wave_gap_s,
            Urgency.SOON: self.wave_gap_soon_s,
            Urgency.URGENT: self.wave_gap_urgent_s,
        }[urgency]
