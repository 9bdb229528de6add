"""A leak is seen, and what only looks like one is not."""

from __future__ import annotations

import random

import pytest

from tests.soak import trend
from tests.soak.trend import LIMITS, WARM_S, Trend, Weight

MIB = 2**20


def life(per_s: float, *, until_s: float = 600, noise: float = 0.0) -> list[tuple[float, float]]:
    """A look each ten seconds at something that rises; quickly at first, as caches fill."""
    rng = random.Random(1)  # noqa: S311 - the same noise again
    return [
        (
            100.0 + at_s,
            90.0 + min(at_s, 60) / 6 + per_s * at_s + rng.uniform(-noise, noise),
        )
        for at_s in range(0, int(until_s) + 1, 10)
    ]


def judged(points: list[tuple[float, float]]) -> Trend:
    found = trend.of_life("api", 1, "memory_mib", points, 100.0 + WARM_S)
    assert found is not None
    return found


@pytest.mark.parametrize(("per_10_min", "grows"), [(0.0, False), (7.0, False), (14.0, True)])
def test_growth_is_told_from_noise(per_10_min: float, grows: bool) -> None:
    found = judged(life(per_10_min / 600, noise=1.0))
    assert found.per_10_min == pytest.approx(per_10_min, abs=2.5)
    assert found.grows is grows


def test_the_first_minutes_do_not_count() -> None:
    """Ten MiB are taken in the first minute of every life, and none afterwards."""
    assert judged(life(0.0)).per_10_min == 0.0


def test_one_burst_does_not_tilt_the_slope() -> None:
    points = life(0.0)
    points[-2:] = [(at_s, value + 80) for at_s, value in points[-2:]]
    found = judged(points)
    assert not found.grows
    assert found.highest == pytest.approx(180)


def test_a_short_life_is_shown_but_not_judged() -> None:
    found = judged(life(1.0, until_s=300))
    assert found.per_10_min is None
    assert not found.grows
    assert trend.of_life("api", 1, "memory_mib", life(1.0, until_s=60), 100.0 + WARM_S) is None


def test_every_limit_has_its_reason() -> None:
    assert all(limit.why for limit in LIMITS.values())


def test_a_table_that_grows_with_its_rows_is_not_bloated() -> None:
    before = {"outbox": Weight(rows=1_000, size=MIB), "heartbeats": Weight(rows=3, size=8_192)}
    grown = {"outbox": Weight(rows=9_000, size=9 * MIB), "heartbeats": Weight(rows=3, size=90_000)}
    assert trend.bloat(before, grown) == {}
    # Dead rows whose place is not taken again.
    assert trend.bloat(before, {"outbox": Weight(rows=1_000, size=3 * MIB)}) == {"outbox": 3.0}
