"""Plans of published days of home care that are better than the best known, kept as files.

`python -m bench.best FOLDER` searches the instances of `hhcrsp` in the folder (with `data/` and
`best_known.json`) and keeps each plan that is below the best known, and below the one kept before,
in `bench/results/best`, as `shangmen solve hhcrsp` would write it. Seconds are of the processor.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from bench import results, routes, table
from bench.families import home_care, text_of
from bench.families.home_care import Instance
from matching.routing import plan as plans
from matching.routing.plan import Plan, Stop
from matching.routing.search import warm_up

NAME: Final = "best"
FAMILY: Final = "hhcrsp"
KEPT: Final = table.FOLDER / "best"
SECONDS: Final = 60.0
# The published values are rounded to a thousandth.
BETTER: Final = 1e-3


class Known(NamedTuple):
    name: str
    instance: Instance
    best: float


def objective(plan: Plan) -> float:
    """(travel + lateness + the greatest lateness) / 3, as the instances' authors have it."""
    return (plan.travel + plan.lateness + plan.worst_lateness) / 3


def read(instance: Instance, path: Path) -> Plan:
    """A kept plan, every rule asked again. Raises Broken."""
    told = orjson.loads(gzip.decompress(path.read_bytes()))
    visits = {service: x for x, service in enumerate(instance.services)}
    days: list[list[Stop]] = [[] for _ in instance.caregivers]
    for route in told["routes"]:
        days[instance.caregivers.index(route["caregiver_id"])] = [
            Stop(visit=visits[it["patient_id"], it["service_id"]], start=it["arrival_time"])
            for it in route["locations"]
        ]
    return plans.proven(instance.problem, days)


def known(folder: Path, only: str = "") -> Iterator[Known]:
    costs = routes.best_known(folder)
    for one in routes.sources(folder, FAMILY, only):
        if (best := routes.best_of(one, costs)) is not None:
            instance = home_care.read(text_of(one.path), family=FAMILY)
            yield Known(one.name, instance, best)


def file_of(one: Known, kept: Path) -> Path:
    return kept / f"{one.name}.json.gz"


def search(one: Known, seconds: float, seed: int, kept: Path) -> None:
    """Keep the plan found if it is better than any before."""
    found = routes.engine(one.instance.problem, seconds, seed)
    path = file_of(one, kept)
    before = objective(read(one.instance, path)) if path.exists() else one.best
    value = objective(found)
    results.say(f"{one.name}: {value:.3f}, best known {one.best:.3f}, before {before:.3f}")
    if not found.left_out and value < before - BETTER:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = orjson.dumps(home_care.answer(one.instance, found))
        path.write_bytes(gzip.compress(text, mtime=0))


def compared(one: Known, kept: Path) -> Mapping[str, Any] | None:
    """A row for the plan that is kept, if one is."""
    path = file_of(one, kept)
    if not path.exists():
        return None
    value = objective(read(one.instance, path))
    percent = round(100 * (value / one.best - 1), 2)
    return {
        "file": one.name,
        "best_known": round(one.best, 2),
        "kept": round(value, 2),
        "percent": percent,
    }


def main() -> None:
    parser = routes.parser(NAME, __doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    warm_up()
    for one in [*known(given.folder, given.only)][:: given.every]:
        search(one, 1.0 if given.quick else given.seconds, given.seed, KEPT)
    rows = [row for one in known(given.folder) if (row := compared(one, KEPT))]
    results.finish(NAME, {"plans": rows}, quick=given.quick)


if __name__ == "__main__":
    main()
