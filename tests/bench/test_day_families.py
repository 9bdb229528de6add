"""The families of day plans: instances are read as they are meant, answers are in their form."""

from __future__ import annotations

import re
from math import inf
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench import families
from bench.families import Refused, Task, home_care, technicians, vehicles

pytestmark = pytest.mark.timeout(600)

CARE: dict[str, Any] = {
    "services": [{"id": "s1", "default_duration": 20}, {"id": "s2", "default_duration": 30}],
    "caregivers": [
        {"id": "c1", "abilities": ["s1", "s2"]},
        {"id": "c2", "abilities": ["s2"]},
    ],
    "patients": [
        {
            "id": "p1",
            "time_window": [100, 160],
            "required_caregivers": [{"service": "s1", "duration": 25}, {"service": "s2"}],
            "synchronization": {"type": "sequential", "distance": [10, 40]},
        },
        {"id": "p2", "time_window": [0, 60], "required_caregivers": [{"service": "s1"}]},
    ],
    "distances": [[0, 7, 9], [7, 0, 5], [9, 5, 0]],
}
SHIFTS: dict[str, Any] = {
    **CARE,
    "caregivers": [
        {**c, "distance_matrix_index": 0, "working_shift": [30, 300]} for c in CARE["caregivers"]
    ],
    "patients": [
        {**p, "distance_matrix_index": i + 1, "incompatible_caregivers": ["c1"] if i == 0 else []}
        for i, p in enumerate(CARE["patients"])
    ],
}
TASKS = """Capacity: 200

CUST NO.  XCOORD.  YCOORD.  DEMAND  READY  DUE  SERVICE  cost  d11 d12 2d21 d22
1  0 0  0   0 500  0   0  0 0  0 0
2  3 4  10 20  60  5 100  1 1  0 0
3  0 9  10  0 300  5 100  0 0  1 0
4  6 8  10  0 300  5 100  0 0  1 1
"""
CREW = """2 domains
1 2 1
2 0 1
"""
VEHICLES = """tiny

VEHICLE
NUMBER     CAPACITY
  2         15

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY  DUE  SERVICE

    0      0        0        0       0      100    0
    1      1        1        10      5       50    2
    2      2        2        10      0       50    2
"""


def task(family: str, instance: Path, **rest: Any) -> Task:
    progress = families.Progress(title="test")
    return Task(
        family=family, instance=str(instance), seconds=0.1, seed=1, progress=progress, **rest
    )


def written(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def visits(answer: dict[str, Any]) -> dict[tuple[str, str], tuple[str, float, float]]:
    return {
        (stop["patient_id"], stop["service_id"]): (
            route["caregiver_id"],
            stop["arrival_time"],
            stop["departure_time"],
        )
        for route in answer["routes"]
        for stop in route["locations"]
    }


def test_pairs_are_planned_in_step_and_nothing_is_left_out(tmp_path: Path) -> None:
    found = visits(families.solve(task("hhcrsp", written(tmp_path, "i.json", orjson.dumps(CARE)))))
    assert found["p2", "s1"][0] == found["p1", "s1"][0] == "c1"
    assert found["p1", "s2"][0] == "c2"
    assert 10 <= found["p1", "s2"][1] - found["p1", "s1"][1] <= 40
    assert found["p1", "s1"][2] - found["p1", "s1"][1] == 25
    assert found["p1", "s2"][2] - found["p1", "s2"][1] == 30


def test_a_search_tells_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps, seconds and the cost so far; the last line stays."""
    monkeypatch.setattr(families, "TELL_EVERY_S", 0.001)
    path = written(tmp_path, "tiny.txt", VEHICLES)
    progress = families.Progress(title="vrptw tiny.txt")
    families.solve(Task(family="vrptw", instance=str(path), seconds=1.0, seed=1, progress=progress))
    lines = [one for one in capsys.readouterr().err.splitlines() if one.startswith("vrptw tiny")]
    assert len(lines) > 3, lines
    assert all(re.search(r"\d\.\d s  \S", line) for line in lines), lines
    assert len(set(lines)) > 3


def test_soft_windows_may_be_missed_at_a_price_and_hard_ones_not() -> None:
    soft = home_care.read(orjson.dumps(CARE).decode(), family="hhcrsp").problem
    hard = home_care.read(orjson.dumps(CARE).decode(), family="hhcrsp-hard").problem
    assert (soft.due[0], soft.closes[0], soft.late_cost[0], soft.worst_cost) == (160, inf, 1, 1)
    assert (hard.closes[0], hard.late_cost[0], hard.worst_cost) == (160, 0, 0)
    assert (list(soft.mate[:3]), list(hard.mate[:3])) == ([1, 0, -1], [-1, -1, -1])
    assert (soft.gap[0], soft.gap[1]) == (10, -40)


def test_shifts_bind_or_cost_and_bars_are_kept() -> None:
    soft = home_care.read(orjson.dumps(SHIFTS).decode(), family="ext").problem
    hard = home_care.read(orjson.dumps(SHIFTS).decode(), family="ext-hard").problem
    first, home = soft.visits, soft.visits + soft.nurses
    assert soft.opens[first] == 30
    assert (soft.due[home], soft.closes[home], soft.late_cost[home]) == (300, inf, 1)
    assert hard.closes[home] == 300
    assert [int(count) for count in soft.able_count] == [0, 1, 1]


def test_a_task_is_done_by_who_has_every_grade_or_paid_for(tmp_path: Path) -> None:
    problem, tasks, crew = technicians.read(TASKS, CREW)
    assert (tasks, crew) == ((2, 3, 4), (1, 2))
    assert [problem.able[x, : problem.able_count[x]].tolist() for x in range(3)] == [
        [0],
        [0, 1],
        [],
    ]
    assert problem.skip_cost[0] == pytest.approx(200 + 2**1.5)
    assert problem.leg[0, 1] == 5
    answer = families.solve(
        task("strsp", written(tmp_path, "t", TASKS), technicians=written(tmp_path, "c", CREW))
    )
    assert sorted(number for day in answer["routes"].values() for number in day) == [2, 3]


def test_vehicles_drive_in_tenths_and_carry_no_more_than_they_may(tmp_path: Path) -> None:
    problem = vehicles.read(VEHICLES)
    assert (problem.leg[0, 1], problem.leg[0, 2], problem.closes[0]) == (14, 28, 500)
    answer = families.solve(task("vrptw", written(tmp_path, "v.txt", VEHICLES)))
    assert sorted(answer["routes"]) == [[1], [2]]


@pytest.mark.parametrize("family", ["hhcrsp", "ext-hard", "vrptw"])
def test_what_is_no_instance_is_refused(family: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no instance"):
        families.solve(task(family, written(tmp_path, "broken", "{}")))


def test_technicians_without_their_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--technicians"):
        families.solve(task("strsp", written(tmp_path, "t", TASKS)))
    with pytest.raises(Refused, match="no tasks and technicians"):
        technicians.read(TASKS, "nobody")
