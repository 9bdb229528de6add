"""A plan is kept if it is better than the best known, and is asked for every rule when read."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest

from bench import best
from bench.best import Known
from bench.families import home_care
from matching.routing.plan import Broken
from tests.bench.test_day_families import CARE

pytestmark = pytest.mark.timeout(600)

# 9 + 5 + 7 the way of the first caregiver, 7 + 7 that of the second, over three.
LEAST = 35 / 3


def one(known: float) -> Known:
    instance = home_care.read(orjson.dumps(CARE).decode(), family="hhcrsp")
    return Known("tiny/one", instance, known)


def test_what_is_better_than_the_best_known_is_kept(tmp_path: Path) -> None:
    best.search(one(known=12.0), 0.02, 1, tmp_path)
    row = best.compared(one(known=12.0), tmp_path)
    assert row == {"file": "tiny/one", "best_known": 12.0, "kept": 11.67, "percent": -2.78}


@pytest.mark.parametrize("known", [10.0, LEAST])
def test_what_is_not_is_not(tmp_path: Path, known: float) -> None:
    best.search(one(known), 0.02, 1, tmp_path)
    assert best.compared(one(known), tmp_path) is None


def test_a_kept_plan_that_breaks_a_rule_is_refused(tmp_path: Path) -> None:
    best.search(one(known=12.0), 0.02, 1, tmp_path)
    path = tmp_path / "tiny" / "one.json.gz"
    told = orjson.loads(gzip.decompress(path.read_bytes()))
    for route in told["routes"]:
        for stop in route["locations"]:
            stop["arrival_time"] = 0.0
    path.write_bytes(gzip.compress(orjson.dumps(told)))
    with pytest.raises(Broken):
        best.compared(one(known=12.0), tmp_path)
