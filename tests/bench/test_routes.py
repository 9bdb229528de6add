"""The engine is measured beside the peers; what is not found or left out counts as it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import routes

pytestmark = pytest.mark.timeout(600)


def test_soft_days_are_held_against_the_best_known(folder: Path) -> None:
    (row,) = routes.measure(folder, "hhcrsp", [0.02], [1])["times"]
    # 9 + 5 + 7 the way of the first caregiver, 7 + 7 that of the second, over three.
    assert row["to_best_known_percent"] == pytest.approx(
        100 * ((9 + 5 + 7 + 7 + 7) / 30 - 1), abs=0.01
    )
    assert (row["files"], row["none_found"], row["peers_none_found"]) == (2, 0, None)


def test_hard_days_are_held_against_the_better_peer(folder: Path) -> None:
    pytest.importorskip("pyvrp")
    pytest.importorskip("vroom")
    (row,) = routes.measure(folder, "hhcrsp-hard", [0.05], [1, 2, 3], only="two")["times"]
    assert (row["files"], row["none_found"], row["peers_none_found"]) == (1, 0, 0)
    assert (row["to_better_peer_percent"], row["left_out_fewer"], row["left_out_more"]) == (0, 0, 0)
    assert row["to_best_known_percent"] is None


def test_one_of_so_many_files_is_taken(folder: Path) -> None:
    (row,) = routes.measure(folder, "hhcrsp", [0.02], [1], every=2)["times"]
    assert row["files"] == 1


def test_a_missing_answer_counts_as_the_worst() -> None:
    assert routes.middle([None, (0, 5.0), (1, 2.0)]) == (1, 2.0)
    assert routes.middle([None, None, (0, 5.0)]) is None
