"""What the checker refuses is counted, and fails the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import orjson
import pytest

from bench import checked
from tests.bench.test_day_families import CARE

pytestmark = pytest.mark.timeout(600)

# Judges by the number of visits alone, which is not ours to know.
CHECKER = """
import json, sys
routes = json.load(open(sys.argv[3]))["routes"]
given = sum(len(route["locations"]) for route in routes)
wanted = sum(len(it["required_caregivers"]) for it in json.load(open(sys.argv[2]))["patients"])
gap = 1.5 if "--best" in sys.argv else 0.5
print(json.dumps({"feasible": given == wanted, "gap_percent": gap}))
"""
REFUSING = """print('{"feasible": false, "error": "nobody comes"}')"""
BROKEN = "raise SystemExit('broken')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    days = tmp_path / "data" / "hhcrsp" / "tiny"
    days.mkdir(parents=True)
    for name in ("one", "two"):
        (days / f"{name}.json").write_bytes(orjson.dumps(CARE))
    best = {"hhcrsp": {"tiny/one": {"objective": 10.0}}}
    (tmp_path / "best_known.json").write_text(json.dumps(best))
    (tmp_path / "checker").mkdir()
    (tmp_path / "checker" / "check.py").write_text(CHECKER)
    return tmp_path


def test_every_answer_is_shown_to_the_checker(folder: Path) -> None:
    first, second = checked.asked(folder, "hhcrsp", 1)
    said = [
        checked.judged(folder / "checker" / "check.py", one, 0.05, 1) for one in (first, second)
    ]
    assert said == [
        {"feasible": True, "gap_percent": 1.5},
        {"feasible": True, "gap_percent": 0.5},
    ]


@pytest.mark.parametrize(("checker", "code"), [(CHECKER, 0), (REFUSING, 1), (BROKEN, 1)])
def test_a_refusal_fails_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, checker: str, code: int
) -> None:
    (folder / "checker" / "check.py").write_text(checker)
    monkeypatch.setattr(checked, "SPECS", {})
    monkeypatch.setattr(sys, "argv", ["checked", str(folder), "--quick"])
    assert checked.main() == code
