"""What is answered about models: what finished work has taught, and how true it is."""

from __future__ import annotations

from api.schemas.conventions import Instant, View


class TermView(View):
    """A term of the log-odds: what it measures, and what one of that counts."""

    term: str
    measure: str
    coefficient: float


class ServiceLeaning(View):
    """How much more readily than others a service is accepted, in log-odds."""

    service_code: str
    leaning: float


class ReliabilityBar(View):
    """Of so many offers that it was not learned from: what chance was said, and what share came
    true."""

    offers: int
    said: float
    found: float


class AcceptanceModel(View):
    """ln(p / (1 - p)) = `a` + `b` (terms + the service's leaning + the nurse's own).

    Learned from `offers` answers at `learned_at`; `age_days` is full days since. `used` is false
    where waves keep the size that is set. `reliability` has tenths of the offers, the least likely
    first.
    """

    learned_at: Instant
    age_days: int
    offers: int
    used: bool
    target_percent: int
    a: float
    b: float
    terms: list[TermView]
    services: list[ServiceLeaning]
    reliability: list[ReliabilityBar]


class PaceModel(View):
    """How people travel: a way is the straight line times `detour`, at the speed of its hour
    (24 of them, local time, km/h)."""

    learned_at: Instant
    age_days: int
    ways: int
    detour: float
    speeds_kmh: list[float]


class Models(View):
    """Null is what was not learned yet: too little to learn from, or switched off."""

    acceptance: AcceptanceModel | None = None
    pace: PaceModel | None = None
