"""Work goes round: by the hours that nurses open, within a bound, over weeks."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pytest

from matching import fairness
from matching.fairness import Share
from matching.ranking import TERMS_BY_NAME

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
    """Twelve nurses who open from 6 to 40 hours a week around one town, and orders by the day."""

    weight: float
    draw: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311
    worst: float = 0.0
    """By how much anybody was ahead of another who could have gone, less what her way saved."""

    def live(self, weeks: int) -> tuple[list[float], float]:
        """How far each is ahead in the end, and the longest way that was saved, in minutes."""
        nurses = range(12)
        days = {it: 1 + it % 5 for it in nurses}
        homes = {it: (self.draw.uniform(0, 12), self.draw.uniform(0, 12)) for it in nurses}
        # Two live where most orders are.
        homes[0] = homes[5] = (6.0, 6.0)
        shares = {it: Share() for it in nurses}
        longest = 0.0
        for day in range(7 * weeks):
            on = [it for it in nurses if (day + it) % 7 < days[it]]
            for it in on:
                shares[it] = shares[it].plus(Share(hours=8))
            for _ in range(len(on)):
                where = (self.draw.gauss(6, 2), self.draw.gauss(6, 2))
                everybody = fairness.total(shares.values())
                ahead = {it: fairness.ahead(shares[it], everybody) for it in on}
                way = {it: abs(homes[it][0] - where[0]) + abs(homes[it][1] - where[1]) for it in on}
                best = min(on, key=lambda it: (way[it] + self.weight * ahead[it], it))
                saved = max(way.values()) - way[best]
                longest = max(longest, saved)
                behind = min(on, key=lambda it: ahead[it])
                self.worst = max(
                    self.worst,
                    ahead[best]
                    - ahead[behind]
                    - (way[behind] - way[best]) / max(self.weight, 1e-9),
                )
                shares[best] = shares[best].plus(Share(offers=1, paid_min=60))
            shares = {it: share.faded(24 * HOUR) for it, share in shares.items()}
        everybody = fairness.total(shares.values())
        return [fairness.ahead(share, everybody) for share in shares.values()], longest


def test_over_weeks_nobody_is_further_ahead_than_the_way_that_it_saves() -> None:
    """The bound of docs/matching.md: T / weight, and what one visit adds to a line."""
    weeks = Weeks(WEIGHT)
    ends, longest = weeks.live(10)
    one_visit = 0.1
    assert weeks.worst <= 1e-6
    assert max(ends) - min(ends) <= longest / WEIGHT + one_visit
    nearest, _ = Weeks(0.0).live(10)
    assert max(ends) - min(ends) < (max(nearest) - min(nearest)) / 3
