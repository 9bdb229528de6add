from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.bench.test_day_families import CARE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One day of two patients, once with its best cost known."""
    days = tmp_path / "data" / "hhcrsp" / "tiny"
    days.mkdir(parents=True)
    for name in ("one", "two"):
        (days / f"{name}.json").write_bytes(orjson.dumps(CARE))
    best = {"hhcrsp": {"tiny/one": {"objective": 10.0}}, "strsp": {}, "vrptw": {}}
    (tmp_path / "best_known.json").write_bytes(orjson.dumps(best))
    return tmp_path
