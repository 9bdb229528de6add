"""`shangmen solve` answers with what a checker reads, and refuses in words."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from api import __main__ as command_line
from bench import families
from bench.families import Refused, Task, assign

# Optima that two exact solvers of other makes agree on.
OPTIMA = {"100:500:20:1": (0, 41_586), "100:500:20:2": (0, 39_358), "300:1500:20:1": (0, 88_009)}


def task(family: str, instance: str) -> Task:
    progress = families.Progress(title="test")
    return Task(family=family, instance=instance, seconds=1, seed=1, progress=progress)


@pytest.mark.parametrize("instance", OPTIMA)
def test_a_batch_is_solved_to_its_optimum(instance: str) -> None:
    answer = families.solve(task("assign", instance))
    batch = assign.generate(*assign.parse(instance))
    costs = {
        (order, nurse): cost
        for order, nurse, cost in zip(
            batch.order.tolist(), batch.nurse.tolist(), batch.cost.tolist(), strict=True
        )
    }
    pairs = [tuple(pair) for pair in answer["pairs"]]
    assert len({order for order, _ in pairs}) == len({nurse for _, nurse in pairs}) == len(pairs)
    assert (batch.orders - len(pairs), sum(costs[pair] for pair in pairs)) == OPTIMA[instance]


def test_a_day_is_played_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    later = {"release": 60, "skill": "a", "window": [60, 900], "cancel_at": 1_800, "duration": 300}
    path.write_bytes(
        orjson.dumps(
            {
                "travel": {"type": "matrix", "seconds": [[0, 90], [90, 0]]},
                "nurses": [{"id": "n1", "skills": ["a"], "shift": [0, 7_200], "start": 0}],
                "orders": [
                    {"id": "o1", **later, "loc": 1},
                    {"id": "o2", **later, "loc": 0},
                    {"id": "o3", **later, "skill": "b", "loc": 0},
                ],
            }
        )
    )
    answer = families.solve(task("stream", str(path)))
    visits = {visit["order"]: visit for visit in answer["visits"]}
    assert sorted(visits) == ["o1", "o2"]
    assert visits["o2"] == {"order": "o2", "nurse": "n1", "decided": 60, "depart": 60, "start": 60}
    assert visits["o1"]["start"] == 60 + 300 + 90


@pytest.mark.parametrize("content", ["", "{}", '{"orders": [], "nurses": [], "travel": {}}'])
def test_what_is_no_day_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "day.json"
    path.write_text(content)
    with pytest.raises(Refused):
        families.solve(task("stream", str(path)))


def test_a_family_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="no family vrp"):
        families.solve(task("vrp", "x"))


@pytest.mark.parametrize("instance", ["", "1:2:3", "a:b:c:d", "0:5:5:1", "-1:5:5:1"])
def test_what_is_no_batch_is_refused(instance: str) -> None:
    with pytest.raises(Refused):
        families.solve(task("assign", instance))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        families.text_of(tmp_path / "nothing.json.gz")


def test_the_command_writes_the_answer(tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    ran = CliRunner().invoke(
        command_line.app, ["solve", "assign", "50:200:10:1", "--seconds", "1", "--out", str(out)]
    )
    assert ran.exit_code == 0, ran.output
    assert len(orjson.loads(out.read_bytes())["pairs"]) == 50


def test_the_command_refuses_in_one_sentence() -> None:
    ran = CliRunner().invoke(command_line.app, ["solve", "assing", "x"])
    assert ran.exit_code == 1
    assert ran.stderr.strip() == (
        "There is no family assing: choose "
        "assign, ext, ext-hard, hhcrsp, hhcrsp-hard, stream, strsp, vrptw."
    )
