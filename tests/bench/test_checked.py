"""What the checker refuses is counted, and fails the command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import checked, routes

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
def checker(folder: Path) -> Path:
    (folder / "checker").mkdir()
    path = folder / "checker" / "check.py"
    path.write_text(CHECKER)
    return path


def test_every_answer_is_shown_to_the_checker(folder: Path, checker: Path) -> None:
    first, second = checked.asked(folder, "hhcrsp", "", 1)
    known = routes.best_known(folder)
    said = [
        checked.judged(checker, one, routes.best_of(one, known), 0.05, 1) for one in (first, second)
    ]
    assert said == [
        {"feasible": True, "gap_percent": 1.5},
        {"feasible": True, "gap_percent": 0.5},
    ]


@pytest.mark.parametrize(("judging", "code"), [(CHECKER, 0), (REFUSING, 1), (BROKEN, 1)])
def test_a_refusal_fails_the_command(
    folder: Path, checker: Path, monkeypatch: pytest.MonkeyPatch, judging: str, code: int
) -> None:
    checker.write_text(judging)
    monkeypatch.setattr(checked, "SPECS", {})
    monkeypatch.setattr(sys, "argv", ["checked", str(folder), "--quick"])
    assert checked.main() == code
