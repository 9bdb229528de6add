"""What the crowd has seen, and the figures that come out of it. Pure: it asks nobody.

Times are the server's, as the timeline of an order tells them to its patient.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

REVIEWS: Final = frozenset({"approve", "reject", "need_info"})
ENDS: Final = ("fulfilled", "failed", "rejected", "cancelled", "lapsed")
LINES_MAX: Final = 20_000


@dataclass(slots=True, kw_only=True, eq=False)
class Line:
    """One order as those who took part in it saw it."""

    number: int
    category: str
    patient_no: int
    order_id: str = ""
    state: str = "submitted"
    approved_at: datetime | None = None
    offered_at: datetime | None = None
    assigned_at: datetime | None = None
    offers: int = 0
    came: tuple[str, ...] = ()  # the nurses whose visits were completed
    reviews: int = 0  # how often a person assessed it
    billed: bool = False
    billed_by_person: bool = False
    ended_at: datetime | None = None

    def read(self, timeline: Iterable[Mapping[str, Any]]) -> None:
        """Take over what the order's timeline says so far; reading it again changes nothing."""
        self.offers = self.reviews = 0
        came: list[str] = []
        for event in timeline:
            at = datetime.fromisoformat(event["at"])
            match event["subject"], event["move"]:
                case "order", move:
                    self.state = event["state"]
                    if move in REVIEWS and event["by"] != "clock":
                        self.reviews += 1
                    if move == "approve":
                        self.approved_at = self.approved_at or at
                    if move == "assign":
                        self.assigned_at = self.assigned_at or at
                    if self.state in ENDS:
                        self.ended_at = at
                case "offer", "send":
                    self.offers += 1
                    self.offered_at = self.offered_at or at
                case "visit", "complete" if event["nurse_id"]:
                    came.append(event["nurse_id"])
        self.came = tuple(came)

    def look_at_bill(self, bill: Mapping[str, Any]) -> None:
        """Whether the bill of a visit is fixed, and whether somebody of the staff had a hand in."""
        self.billed = bill["cause"] == "visit"
        decided = any(one["reference"] or one["reason"] for one in bill["payers"])
        self.billed_by_person = bool(bill["credit_fen"]) or decided


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The lines of all orders, and what happened beside."""

    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=LINES_MAX))
    travels: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=LINES_MAX))
    """Seconds and metres of each way that was gone."""
    declines: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    happened: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    """What was refused although it should not have been, by call and problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Median and 95th percentile in seconds; none of nothing."""

    count: int
    median_s: float | None
    p95_s: float | None

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        if not ordered:
            return cls(count=0, median_s=None, p95_s=None)
        return cls(
            count=len(ordered),
            median_s=round(percentile(ordered, 0.5), 3),
            p95_s=round(percentile(ordered, 0.95), 3),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The closing table. Times in seconds of the server's clock, which ran `scale` times ours."""

    scale: float
    placed: int
    assigned: int
    ends: dict[str, int]
    under_way: int
    first_offer: Spread
    assignment: Spread
    visits: int
    reviews: int
    reviews_per_visit: float | None
    billed: int
    billed_alone_share: float | None
    travel_min: float | None
    travel_km: float | None
    offers: int
    offers_per_filled: float | None
    declines: dict[str, int]
    repeats: int
    same_nurse_share: float | None
    nurses_asked: int
    nurses_active: int
    visits_most: int  # of one nurse
    gini: float | None
    requests: int
    tried_again: int
    server_errors: int  # answers of 5xx but "come back" (503)
    happened: dict[str, int]
    faults: dict[str, int]


def figures(
    ledger: Ledger, scale: float, statuses: Mapping[int, int], tried_again: int = 0
) -> Figures:
    """All figures of what is in the ledger so far. `statuses`: how often each was answered."""
    lines = list(ledger.lines)
    states = Counter(line.state for line in lines)
    filled = [line for line in lines if line.assigned_at is not None]
    offers = sum(line.offers for line in lines)
    repeats, same = _continuity(lines)
    visits = Counter(nurse for line in lines for nurse in line.came)
    everybody = ledger.asked | set(visits)
    reviews, completed = sum(line.reviews for line in lines), sum(visits.values())
    billed = [line for line in lines if line.billed]
    alone = sum(not line.billed_by_person for line in billed)
    return Figures(
        scale=scale,
        placed=len(lines),
        assigned=len(filled),
        ends={state: states[state] for state in ENDS},
        under_way=sum(count for state, count in states.items() if state not in ENDS),
        first_offer=Spread.of(_waits((line.approved_at, line.offered_at) for line in lines)),
        assignment=Spread.of(_waits((line.approved_at, line.assigned_at) for line in lines)),
        visits=completed,
        reviews=reviews,
        reviews_per_visit=round(reviews / completed, 2) if completed else None,
        billed=len(billed),
        billed_alone_share=round(alone / len(billed), 3) if billed else None,
        travel_min=_mean([travel_s / 60 for travel_s, _ in ledger.travels]),
        travel_km=_mean([distance_m / 1000 for _, distance_m in ledger.travels]),
        offers=offers,
        offers_per_filled=round(offers / len(filled), 2) if filled else None,
        declines=dict(ledger.declines.most_common()),
        repeats=repeats,
        same_nurse_share=round(same / repeats, 3) if repeats else None,
        nurses_asked=len(everybody),
        nurses_active=len(visits),
        visits_most=max(visits.values(), default=0),
        gini=gini([visits[nurse] for nurse in everybody]),
        requests=sum(statuses.values()),
        tried_again=tried_again,
        server_errors=sum(n for status, n in statuses.items() if status >= 500 and status != 503),
        happened=dict(sorted(ledger.happened.items())),
        faults=dict(ledger.faults.most_common()),
    )


def percentile(ordered: Sequence[float], part: float) -> float:
    """By linear interpolation between the two nearest of the values, which are in order."""
    place = part * (len(ordered) - 1)
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def gini(counts: Collection[int]) -> float | None:
    """0: all have the same; towards 1: one has all. None where nobody has anything."""
    total, n = sum(counts), len(counts)
    if not total:
        return None
    weighted = sum(place * count for place, count in enumerate(sorted(counts), start=1))
    return round((2 * weighted - (n + 1) * total) / (n * total), 3)


def _waits(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> list[float]:
    return [(until - since).total_seconds() for since, until in pairs if since and until]


def _continuity(lines: Sequence[Line]) -> tuple[int, int]:
    """Of the fulfilled orders of patients who had had a nurse: how many, and to how many of them
    one came who had been there before."""
    known: dict[int, set[str]] = {}
    repeats = same = 0
    done = [(line.ended_at, line) for line in lines if line.state == "fulfilled" and line.ended_at]
    for _, line in sorted(done, key=lambda pair: pair[0]):
        before = known.setdefault(line.patient_no, set())
        if before:
            repeats += 1
            same += not before.isdisjoint(line.came)
        before.update(line.came)
    return repeats, same


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None
