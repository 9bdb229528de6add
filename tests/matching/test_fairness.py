"""Work goes round: by the hours that nurses open, within a bound, over weeks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from matching import decide, fairness
from matching.decide import Case, Decision
from matching.fairness import Share
from matching.inputs import Booked, Candidate, Need
from matching.ranking import TERMS_BY_NAME
from matching.spans import Span
from matching.waves import Progress
from tests.matching.build import NOW, candidate, frame, ident, need, place

WEIGHT: Final = TERMS_BY_NAME["fairness"].weight
HOUR: Final = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hers", "expected"),
    [
        (Share(hours=10, offers=10, paid_min=600), 0.0),
        (Share(hours=20, offers=20, paid_min=1_200), 0.0),
        (Share(hours=10, offers=20, paid_min=1_200), 1.0),
        (Share(hours=10, offers=20, paid_min=600), 0.5),
        (Share(hours=10), -1.0),
        (Share(hours=1, offers=20), 0.0),
        (Share(hours=10, offers=900), 2.0),
    ],
)
def test_who_is_ahead(hers: Share, expected: float) -> None:
    mean = Share(hours=1_000, offers=1_000, paid_min=60_000)
    assert fairness.ahead(hers, mean) == pytest.approx(expected)


def test_nothing_given_to_anybody_is_fair() -> None:
    assert fairness.ahead(Share(hours=10), Share(hours=100)) == 0.0
    assert fairness.ahead(Share(), Share()) == 0.0


def test_two_weeks_halve_it() -> None:
    faded = Share(hours=8, offers=4, paid_min=100).faded(fairness.HALF_LIFE)
    assert faded == Share(hours=4, offers=2, paid_min=50)


@dataclass(slots=True)
class Weeks:
    """Twelve nurses who open from one to five days a week around one town, and orders by the day.

    Orders are decided as they would be, so many together, with what is booked and the ledger as it
    stands. Each goes to her who is asked first, or, where they have a mind of their own, to the
    first who says yes.
    """

    weight: float
    together: int = 1
    says_yes: float = 1.0
    draw: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311
    worst: float = 0.0
    """By how much anybody was ahead of another who could have gone and was not sent elsewhere, less
    what she cost otherwise less."""
    longest: float = 0.0
    """The most that somebody asked cost less, but for fairness, in minutes."""

    def live(self, weeks: int) -> list[float]:
        """How far each is ahead in the end."""
        nurses = [ident(100 + number) for number in range(12)]
        homes = [place(*(self.draw.uniform(-6_000, 6_000) for _ in "xy")) for _ in nurses]
        # Two live where most orders are.
        homes[0] = homes[5] = place()
        shares = dict.fromkeys(nurses, Share())
        for day in range(7 * weeks):
            at = NOW + timedelta(days=day)
            on = {
                nurse: candidate(
                    nurse_id=nurse,
                    place=homes[number],
                    shifts=(Span(at - HOUR, at + 11 * HOUR),),
                    radius_m=50_000,
                )
                for number, nurse in enumerate(nurses)
                if (day + number) % 7 < 1 + number % 5
            }
            for nurse in on:
                shares[nurse] = shares[nurse].plus(Share(hours=8))
            for first in range(0, len(on), self.together):
                everybody = fairness.total(shares.values())
                for nurse, hers in on.items():
                    on[nurse] = replace(hers, ahead=fairness.ahead(shares[nurse], everybody))
                asked = [
                    need(
                        order_id=ident(1_000 * day + number),
                        place=place(*(self.draw.gauss(0, 1_500) for _ in "xy")),
                        earliest=at + 2 * HOUR,
                        latest=at + 9 * HOUR,
                    )
                    for number in range(first, min(len(on), first + self.together))
                ]
                for one, wave, best in self.decided(asked, at, on):
                    visit = Booked(
                        visit_id=one.order_id,
                        starts_at=best.fit.start_at,
                        ends_at=best.fit.start_at + one.duration,
                        place=one.place,
                        travel_in_s=best.fit.travel_in_s,
                    )
                    hers = on[best.nurse_id]
                    on[best.nurse_id] = replace(hers, visits=(*hers.visits, visit))
                    for nurse in wave:
                        shares[nurse] = shares[nurse].plus(Share(offers=1))
                    paid = Share(paid_min=one.duration_s / 60)
                    shares[best.nurse_id] = shares[best.nurse_id].plus(paid)
            shares = {nurse: share.faded(24 * HOUR) for nurse, share in shares.items()}
        everybody = fairness.total(shares.values())
        return [fairness.ahead(share, everybody) for share in shares.values()]

    def decided(
        self, asked: Sequence[Need], at: datetime, on: Mapping[UUID, Candidate]
    ) -> Iterator[tuple[Need, list[UUID], Any]]:
        """Who is asked for each order and who goes, held against all who could have gone."""
        cases = [Case(need=one, candidates=[*on.values()], progress=Progress()) for one in asked]
        weights = {"fairness": self.weight}
        decisions = decide.decide(cases, frame(now=at, weights=weights))
        by_order = {one.order_id: one for one in asked}
        first = {one.order_id: self._first(one) for one in decisions}
        busy: set[UUID] = set()
        for decision in decisions:
            wave = [ask.nurse_id for ask in decision.plan.asks]
            self._hold_against_the_others(decision, first, on)
            free = [one for one in decision.considered if one.nurse_id in {*wave} - busy]
            willing = (one for one in free if self.draw.random() < self.says_yes)
            best = next(willing, next(iter(free), None))
            if best is not None:
                busy.add(best.nurse_id)
                yield by_order[decision.order_id], wave, best

    @staticmethod
    def _first(decision: Decision) -> UUID:
        """Who is asked first."""
        asked = {ask.nurse_id for ask in decision.plan.asks}
        return next(one.nurse_id for one in decision.considered if one.nurse_id in asked)

    def _hold_against_the_others(
        self, decision: Decision, first: Mapping[UUID, UUID], on: Mapping[UUID, Candidate]
    ) -> None:
        but = {
            one.nurse_id: one.cost.total - one.cost.parts["fairness"]
            for one in decision.considered
            if one.cost is not None
        }
        best = first[decision.order_id]
        for other, cost in but.items():
            if other in first.values():
                continue
            self.longest = max(self.longest, cost - but[best])
            if self.weight:
                ahead = on[best].ahead - on[other].ahead
                self.worst = max(self.worst, ahead - (cost - but[best]) / self.weight)


@pytest.mark.parametrize(
    ("together", "says_yes", "least", "most"),
    [(1, 1.0, -0.5, 1.0), (4, 1.0, -0.4, 0.8), (4, 0.6, -0.4, 1.0)],
    ids=["one by one", "four in a batch", "whole waves, who say yes or no"],
)
def test_over_weeks_nobody_is_further_ahead_than_what_else_it_saves(
    together: int, says_yes: float, least: float, most: float
) -> None:
    """The bound of docs/matching.md: T / weight beside whoever is not sent elsewhere, and T at most
    an hour here; and how far the lines are apart after ten weeks."""
    weeks = Weeks(WEIGHT, together, says_yes)
    ends = weeks.live(10)
    nearest = Weeks(0.0, together, says_yes).live(10)
    assert weeks.worst <= 1e-3
    assert weeks.longest <= 60
    assert least <= min(ends) < 0 < max(ends) <= most
    assert max(ends) - min(ends) < 0.8 * (max(nearest) - min(nearest))
