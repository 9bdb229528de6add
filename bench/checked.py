"""What `shangmen solve` answers, checked by a program that is not ours.

`python -m bench.checked FOLDER` solves instances of every family of the folder, which has `data/`,
`best_known.json` and `checker/check.py`, and lets that checker judge each answer from the instance
alone. A row for each family; what it refuses is told, and the command fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from bench import families, results, routes
from bench.families import Progress, Task
from bench.routes import Source

NAME: Final = "checked"
SECONDS: Final = 2.0
# Those that are no routes: where their instances lie, or what they are made from.
DAYS: Final = {"ext": "hhcrsp_ext/*/*", "stream": "stream/*"}
SPECS: Final = {"assign": ("500:2000:20:1", "2000:2000:20:1")}


def asked(folder: Path, family: str, only: str, every: int) -> list[Source]:
    return [one for one in _all(folder, family) if only in one.name][::every]


def _all(folder: Path, family: str) -> Iterator[Source]:
    if family in SPECS:
        return (Source(spec, family, Path(spec)) for spec in SPECS[family])
    if family in DAYS:
        paths = sorted((folder / "data").glob(DAYS[family]))
        return (Source(path.name, family, path) for path in paths)
    return routes.sources(folder, family)


def judged(
    checker: Path, one: Source, best: float | None, seconds: float, seed: int
) -> dict[str, Any]:
    """What the checker says of the answer: `feasible`, and then `gap_percent` or `error`."""
    task = Task(
        family=one.format,
        instance=str(one.path),
        seconds=seconds,
        seed=seed,
        progress=Progress(title=one.name),
        technicians=one.technicians,
    )
    with tempfile.NamedTemporaryFile(suffix=".json") as solution:
        solution.write(orjson.dumps(families.solve(task)))
        solution.flush()
        argv = [sys.executable, str(checker), one.format, str(one.path), solution.name]
        if one.technicians is not None:
            argv += ["--technicians", str(one.technicians)]
        if best is not None:
            argv += ["--best", str(best)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = {"feasible": False, "error": done.stderr.strip().splitlines()[-1:]}
    return said


def measure(folder: Path, only: str, every: int, seconds: float, seed: int) -> dict[str, Any]:
    """A row for each family."""
    rows, known = [], routes.best_known(folder)
    for family in (*routes.FAMILIES, *DAYS, *SPECS):
        said = []
        for one in asked(folder, family, only, every):
            best = routes.best_of(one, known)
            said.append(judged(folder / "checker" / "check.py", one, best, seconds, seed))
            results.say(f"{family} {one.name}: {said[-1]}")
        if said:
            rows.append({"family": family, **_summed(said)})
    return {"families": rows}


def _summed(said: Sequence[dict[str, Any]]) -> dict[str, Any]:
    gaps = [one["gap_percent"] for one in said if "gap_percent" in one]
    return {
        "files": len(said),
        "feasible": sum(one["feasible"] for one in said),
        "to_best_known_percent": routes.mean(gaps),
        "worst": round(max(gaps), 2) if gaps else None,
    }


def main() -> int:
    """Solve, have it checked; 1 if an answer is refused."""
    parser = routes.parser(NAME, __doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    seconds = 0.5 if given.quick else given.seconds
    figures = measure(given.folder, given.only, given.every, seconds, given.seed)
    results.finish(NAME, figures, quick=given.quick)
    return int(any(row["feasible"] < row["files"] for row in figures["families"]))


if __name__ == "__main__":
    sys.exit(main())
