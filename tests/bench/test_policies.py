"""A day is played by the rolling plan and by simpler ways, and none of them breaks its rules."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench import policies, stream
from bench.families import stream as family
from bench.families.stream import Day

SEED = 5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Forty orders for five nurses in four hours, half of them known long before."""
    draw = random.Random(SEED)  # noqa: S311 - a made-up day
    orders = []
    for number in range(40):
        opens = draw.randrange(0, 14_400)
        orders.append(
            {
                "id": f"o{number}",
                "release": max(0, opens - draw.choice([0, 7_200])),
                "skill": draw.choice("ab"),
                "window": [opens, opens + 2_700],
                "cancel_at": opens + 4_500,
                "duration": draw.choice([900, 1_800]),
                "loc": 5 + number,
            }
        )
    places = [[draw.uniform(0, 6_000), draw.uniform(0, 6_000)] for _ in range(45)]
    told = {
        "travel": {"type": "euclid", "xy_m": places, "metres_per_second": 6},
        "nurses": [
            {"id": f"n{v}", "skills": ["a", "b"][: 1 + v % 2], "shift": [0, 21_600], "start": v}
            for v in range(5)
        ],
        "orders": orders,
    }
    file = tmp_path / "day.json"
    file.write_bytes(orjson.dumps(told))
    return file


@pytest.fixture
def day(path: Path) -> Day:
    return family.read(str(path))


@pytest.mark.parametrize("policy", policies.POLICIES)
def test_every_policy_keeps_the_rules(day: Day, policy: str) -> None:
    if "VROOM" in policy:
        pytest.importorskip("vroom")
    played = policies.POLICIES[policy](day, 60)
    lost, late, travel_s = stream.score(day, played.visits)
    assert lost == len(day.orders) - len(played.visits) < len(day.orders)
    assert 0 <= late <= len(played.visits)
    assert travel_s > 0


def test_the_rolling_plan_loses_no_more_than_the_simpler_ways(day: Day, path: Path) -> None:
    visits, latency = stream.played(path, SEED)
    lost = stream.score(day, visits)[0]
    for policy in ("nearest first", "batches of 30 s"):
        assert lost <= stream.score(day, policies.POLICIES[policy](day, 60).visits)[0]
    assert stream.with_full_knowledge(day)[0] <= lost
    assert latency["p50"] <= latency["p99"] <= latency["max"]


def lies(visit: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {**visit, "decided": visit["decided"] - 20_000},
        {**visit, "depart": visit["decided"] - 1},
        {**visit, "start": visit["depart"] - 1},
        {**visit, "start": visit["start"] + 50_000},
    ]


def test_a_log_that_breaks_a_rule_has_no_score(day: Day) -> None:
    first, *others = policies.nearest_first(day, 60).visits
    with pytest.raises(stream.Broken):
        stream.score(day, [first, first, *others])
    for lie in lies(first):
        with pytest.raises(stream.Broken):
            stream.score(day, [lie, *others])
