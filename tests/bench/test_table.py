"""The tables of the docs are those of the kept results, and of nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import results, table

KEPT: dict[str, Any] = {
    "name": "one",
    "command": "python -m bench.one",
    "date": "2040-01-02",
    "commit": "abc1234",
    "machine": {
        "cores": 2,
        "cpu": "A",
        "memory_gib": 8.0,
        "kernel": "Linux 6",
        "python": "3.11",
        "postgresql": "18",
    },
    "load_average": 2.5,
    "figures": {
        "sizes": [{"nurses": 50000, "p99_s": 0.25}, {"nurses": 1, "p99_s": None}],
        "rate": 1234.5,
    },
}


@pytest.mark.parametrize("path", table.PAGES, ids=lambda path: path.name)
def test_a_page_holds_what_the_benchmarks_kept(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert table.fill(page, table.load()) == page, "stale: python -m bench.table"


def test_a_list_becomes_a_table_and_single_figures_another() -> None:
    lines = table.section(KEPT).splitlines()
    assert lines[:4] == [
        "| nurses | p99 s |",
        "| ---: | ---: |",
        "| 50,000 | 0.25 |",
        "| 1 | – |",
    ]
    assert "| rate | 1,234 |" in lines
    assert lines[-1].startswith("`python -m bench.one`; 2040-01-02, commit abc1234; 2 cores")


def test_only_the_place_between_the_marks_changes() -> None:
    page = "before\n<!-- bench one -->\nold\n<!-- end -->\nafter <!-- bench two -->\n<!-- end -->\n"
    filled = table.fill(page, {"one": KEPT})
    assert filled.startswith("before\n<!-- bench one -->\n| nurses")
    assert filled.endswith("\n<!-- end -->\nafter <!-- bench two -->\n<!-- end -->\n")
    assert "old" not in filled
    assert table.fill(filled, {"one": KEPT}) == filled


def test_the_command_that_is_kept_tells_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / name for name in ("a", "b")]
    for path in files:
        path.touch()
    monkeypatch.setattr(table, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["it", *map(str, files), "--seeds", "3"])
    results.finish("days", {"days": []}, quick=False)
    kept = json.loads((tmp_path / "days.json").read_text(encoding="utf-8"))
    assert kept["command"] == "python -m bench.days … --seeds 3"
