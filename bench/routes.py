"""Day plans of published instances: the engine beside PyVRP and VROOM, and the best known.

`python -m bench.routes FOLDER FAMILY`: the folder has `data/` with the instances and
`best_known.json`. Seconds are of the processor, so other work on the machine slows everybody alike;
VROOM ends by itself. Peers run where they can express the problem: hard windows, no pairs. Medians
over seeds; each family has a table of its own.
"""

from __future__ import annotations

import json
import statistics
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any, Final, NamedTuple, TypeAlias

from bench import results, route_peers
from bench.families import home_care, technicians, text_of, vehicles
from matching.routing.plan import Plan
from matching.routing.problem import MUST, Problem
from matching.routing.search import Search, warm_up

NAME: Final = "routes"
SECONDS: Final = (1.0, 10.0, 60.0)
SEEDS: Final = 3
# Of each family: what format it has, and where its instances lie.
FAMILIES: Final[Mapping[str, tuple[str, str]]] = {
    "hhcrsp": ("hhcrsp", "hhcrsp/*/*"),
    "hhcrsp-hard": ("hhcrsp-hard", "hhcrsp/*/*"),
    "ext-hard": ("ext-hard", "hhcrsp_ext/*/*"),
    "strsp": ("strsp", "strsp/technicians_noTeam/*"),
    "strsp-reduced": ("strsp", "strsp/techniciansReduced_noTeam/*"),
    "vrptw-solomon": ("vrptw", "vrptw/solomon_100/*"),
    "vrptw-homberger": ("vrptw", "vrptw/homberger_1000/*"),
}
# What `best_known.json` calls the cost, by format.
COSTS: Final[Mapping[str, str]] = {"hhcrsp": "objective", "strsp": "reference", "vrptw": "travel"}

# (visits left out, cost), compared from the left; where leaving out has a price it is in the cost.
Value: TypeAlias = tuple[int, float]
Known: TypeAlias = Mapping[str, Mapping[str, Any]]  # by format and name
Solver: TypeAlias = Callable[[Problem, float, int], Plan | None]


class Instance(NamedTuple):
    name: str
    problem: Problem
    best: float | None


def engine(p: Problem, seconds: float, seed: int) -> Plan:
    began_s = process_time()
    search = Search(p, seed=seed)
    search.run(lambda _: (process_time() - began_s) / seconds)
    return search.plan()


SOLVERS: Final[Mapping[str, Solver]] = {
    "engine": engine,
    "pyvrp": lambda p, seconds, seed: route_peers.pyvrp(p, seconds=seconds, seed=seed),
    "vroom": lambda p, seconds, seed: route_peers.vroom(p, seconds=seconds, seed=seed),
}


def name_of(path: Path) -> str:
    """As `best_known.json` calls an instance."""
    return "/".join(path.parts[-2:]).split(".json")[0].split(".txt")[0]


class Source(NamedTuple):
    """What `shangmen solve` is given of an instance."""

    name: str
    format: str
    path: Path
    technicians: Path | None = None


def sources(folder: Path, family: str, only: str = "") -> Iterator[Source]:
    """The files of a family with `only` in their name."""
    format_, pattern = FAMILIES[family]
    for path in sorted((folder / "data").glob(pattern)):
        if only not in path.name:
            continue
        if format_ == "strsp":
            tasks = path.parent.parent / "tasks" / path.name.removeprefix("technicians_")
            name = f"{tasks.name.split('.txt')[0]}|{path.parent.name}"
            yield Source(name, format_, tasks, technicians=path)
        else:
            yield Source(name_of(path), format_, path)


def best_known(folder: Path) -> Known:
    known: Known = json.loads((folder / "best_known.json").read_text(encoding="utf-8"))
    return known


def best_of(source: Source, known: Known) -> float | None:
    """The cost of the best that is known, in the unit of its authors; None where none can be
    compared."""
    if source.format not in COSTS:
        return None
    told = known.get(source.format, {}).get(source.name, {})
    cost: float | None = told.get(COSTS[source.format])
    return cost


def instance(source: Source, known: Known) -> Instance:
    """The problem, with the best that is known of it."""
    text, best = text_of(source.path), best_of(source, known)
    match source.format:
        case "strsp":
            assert source.technicians is not None  # noqa: S101 - so are the sources of this format
            problem, _, _ = technicians.read(text, text_of(source.technicians))
            return Instance(source.name, problem, best)
        case "vrptw":
            return Instance(source.name, vehicles.read(text), 10 * best if best else None)
        case _:
            problem = home_care.read(text, family=source.format).problem
            return Instance(source.name, problem, 3 * best if best else None)


def value(p: Problem, plan: Plan | None) -> Value | None:
    if plan is None:
        return None
    priced = bool((p.skip_cost < home_care.LEFT_OUT).any())
    paid = sum(float(p.skip_cost[x]) for x in plan.left_out) if priced else 0.0
    cost = plan.travel + plan.lateness + p.worst_cost * plan.worst_lateness + paid
    if not priced and any(p.skip_cost[x] >= MUST for x in plan.left_out):
        return None
    return (0 if priced else len(plan.left_out)), cost


def middle(found: Sequence[Value | None]) -> Value | None:
    """The median; a missing answer counts as the worst."""
    return sorted(found, key=lambda one: (one is None, one or (0, 0.0)))[len(found) // 2]


def measure(
    folder: Path,
    family: str,
    seconds: Sequence[float],
    seeds: Sequence[int],
    *,
    only: str = "",
    every: int = 1,
) -> dict[str, Any]:
    """A row for each time; the figures of each file are told as they come."""
    warm_up()
    known = best_known(folder)
    chosen = [instance(one, known) for one in [*sources(folder, family, only)][::every]]
    rows = []
    for limit_s in seconds if chosen else ():
        told = []
        for one in chosen:
            told.append(_compare(one, family, limit_s, seeds))
            results.say(f"{family} {limit_s:g} s {told[-1]}")
        rows.append({"seconds": limit_s, **_sum_up(told)})
    return {"times": rows}


def _compare(one: Instance, family: str, limit_s: float, seeds: Sequence[int]) -> dict[str, Any]:
    solvers = SOLVERS if family != "hhcrsp" else {"engine": engine}
    found = {
        name: middle([value(one.problem, solve(one.problem, limit_s, seed)) for seed in seeds])
        for name, solve in solvers.items()
    }
    return {"file": one.name, "best": (0, one.best) if one.best else None, **found}


def _sum_up(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ours = [one["engine"] for one in told]
    peers = [min(filter(None, (one.get("pyvrp"), one.get("vroom"))), default=None) for one in told]
    more = [a[0] - b[0] for a, b in zip(ours, peers, strict=True) if a and b]
    known = [one["best"] for one in told]
    to_peer, to_best = _behind(ours, peers), _behind(ours, known)
    return {
        "files": len(told),
        "none_found": ours.count(None),
        "peers_none_found": peers.count(None) if any(peers) else None,
        "left_out_fewer": -sum(k for k in more if k < 0),
        "left_out_more": sum(k for k in more if k > 0),
        "to_better_peer_percent": mean(to_peer),
        "worst": max(to_peer, default=None),
        "to_best_known_percent": mean(to_best),
        "worst_to_best": max(to_best, default=None),
        "pyvrp_to_best_percent": mean(_behind([one.get("pyvrp") for one in told], known)),
    }


def _behind(ours: Sequence[Value | None], theirs: Sequence[Value | None]) -> list[float]:
    """How much dearer, in percent, where as many visits were left out."""
    return [
        round(100 * (a[1] / b[1] - 1), 2)
        for a, b in zip(ours, theirs, strict=True)
        if a and b and a[0] == b[0]
    ]


def mean(percents: Sequence[float]) -> float | None:
    return round(statistics.fmean(percents), 2) if percents else None


def parser(name: str, about: str | None) -> ArgumentParser:
    """For a program that goes through the instances of a folder."""
    made = results.parser(name, about)
    made.add_argument("folder", type=Path, help="with data/ and best_known.json")
    made.add_argument("--only", default="", help="files with this in their name")
    made.add_argument("--every", type=int, default=1, help="the first of so many files")
    return made


def main() -> None:
    asking = parser(NAME, __doc__)
    asking.add_argument("family", choices=list(FAMILIES))
    asking.add_argument("--seconds", action="append", type=float)
    asking.add_argument("--seeds", type=int, default=SEEDS, help="how many")
    given = asking.parse_args()
    figures = measure(
        given.folder,
        given.family,
        given.seconds or ([1.0] if given.quick else SECONDS),
        range(1, given.seeds + 1),
        only=given.only,
        every=given.every,
    )
    name = f"{NAME}_{given.family.replace('-', '_')}"
    results.finish(NAME, figures, quick=given.quick, kept_as=name)


if __name__ == "__main__":
    main()
