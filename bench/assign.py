"""One batch of a whole city: the exact assignment beside the fastest exact solvers there are.

Each solver has a process of its own and the same arrays, and answers a small batch first, so that
what it loads and compiles is not counted. `memory_mb` is what solving added to the process. Ours
hands in prices, which are checked here by themselves: `gap` is nought where they prove the optimum.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench import results
from bench.families import assign
from bench.families.assign import Batch
from matching import optimum

NAME: Final = "assign"
SHAPES: Final = {"ample": "10000:100000:50", "scarce": "10000:10000:20"}
QUICK: Final = {"ample": "500:5000:20", "scarce": "500:500:10"}
SMALL: Final = "50:200:10:1"
SEEDS: Final = (1, 2, 3)
KIB_PER_MB: Final = 1_024
# lapmod takes no larger cost; far above any that is not for an order left out.
LAPMOD_MAX: Final = 900_000
LIMIT_S: Final = 600


def ours(batch: Batch) -> tuple[Any, Any]:
    """(nurse of each order or -1, price of each nurse)."""
    found = optimum.solve(assign.graph(batch))
    return np.asarray(found.mate), np.asarray(found.price)


def ortools(batch: Batch) -> tuple[Any, None]:
    """Minimum-cost flow: a unit from each order, by a nurse or past them all."""
    from ortools.graph.python import min_cost_flow

    orders, nurses, empty = batch.orders, batch.nurses, _empty(batch)
    sink = orders + nurses
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([batch.order, orders + np.arange(nurses), np.arange(orders)]),
        np.concatenate([orders + batch.nurse, np.full(nurses + orders, sink)]),
        np.ones(len(batch.cost) + nurses + orders, np.int64),
        np.concatenate([batch.cost, np.zeros(nurses, np.int64), np.full(orders, empty)]),
    )
    flow.set_nodes_supplies(
        np.arange(sink + 1), np.concatenate([np.ones(orders), np.zeros(nurses), [-orders]])
    )
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("no optimum")
    used = flow.flows(arcs[: len(batch.cost)]).astype(bool)
    return _mates(batch, batch.order[used], batch.nurse[used]), None


def scipy(batch: Batch) -> tuple[Any, None]:
    """Full bipartite matching of the orders, each with a column of its own for nobody."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows = np.concatenate([batch.order, np.arange(batch.orders)])
    columns = np.concatenate([batch.nurse, batch.nurses + np.arange(batch.orders)])
    costs = np.concatenate([batch.cost, np.full(batch.orders, _empty(batch))]).astype(float)
    matrix = csr_matrix((costs, (rows, columns)), shape=(batch.orders, batch.orders + batch.nurses))
    row, column = min_weight_full_bipartite_matching(matrix)
    taken = column < batch.nurses
    return _mates(batch, row[taken], column[taken]), None


def lapx(batch: Batch) -> tuple[Any, None]:
    """Sparse Jonker-Volgenant, which wants a square: the batch and its mirror image beside it."""
    import lap
    from scipy.sparse import csr_matrix

    orders, nurses = batch.orders, batch.nurses
    own, off = np.arange(orders), np.arange(nurses)
    rows = np.concatenate([batch.order, own, orders + off, orders + batch.nurse])
    columns = np.concatenate([batch.nurse, nurses + own, off, nurses + batch.order])
    # Shifted by one, since a sparse matrix keeps no noughts.
    empty = min(_empty(batch), LAPMOD_MAX)
    costs = np.concatenate(
        [batch.cost, np.full(orders, empty), np.zeros(nurses), np.zeros(len(batch.cost))]
    )
    size = orders + nurses
    matrix = csr_matrix((costs + 1.0, (rows, columns)), shape=(size, size))
    matrix.sort_indices()
    mate, _ = lap.lapmod(size, matrix.data, matrix.indptr, matrix.indices, return_cost=False)
    chosen = np.asarray(mate[:orders])
    return np.where(chosen < nurses, chosen, -1), None


def greedy(batch: Batch) -> tuple[Any, None]:
    """Each order in turn takes the cheapest nurse left."""
    taken: set[int] = set()
    mate = np.full(batch.orders, -1)
    bounds = np.searchsorted(batch.order, np.arange(batch.orders + 1))
    for order in range(batch.orders):
        low, high = bounds[order], bounds[order + 1]
        for edge in low + np.argsort(batch.cost[low:high], kind="stable"):
            nurse = int(batch.nurse[edge])
            if nurse not in taken:
                taken.add(nurse)
                mate[order] = nurse
                break
    return mate, None


SOLVERS: Final[Mapping[str, Callable[[Batch], tuple[Any, Any]]]] = {
    "shangmen": ours,
    "lapx lapmod": lapx,
    "OR-Tools min-cost flow": ortools,
    "SciPy sparse": scipy,
    "greedy": greedy,
}


def _empty(batch: Batch) -> int:
    """What an order left out costs: more than any rearrangement of the others could save."""
    spread = int(batch.cost.max() - batch.cost.min())
    return int(batch.cost.max()) + batch.orders * spread + 1


def _mates(batch: Batch, order: Any, nurse: Any) -> Any:
    mate = np.full(batch.orders, -1)
    mate[order] = nurse
    return mate


def check(batch: Batch, mate: Any, price: Any) -> dict[str, Any]:
    """What an answer is worth, from the pairs alone; with prices also how far from the best it can
    be, by weak duality. Raises ValueError for an answer that is not allowed."""
    taken = batch.nurse == mate[batch.order]
    served = int(taken.sum())
    named = mate[mate >= 0]
    if served != len(named) or len(np.unique(named)) != served:
        raise ValueError("a pair that is not allowed, or a nurse twice")
    cost = int(batch.cost[taken].sum())
    told: dict[str, Any] = {"unserved": batch.orders - served, "cost": cost}
    if price is not None:
        if price.min() < 0:
            raise ValueError("a price below nought")
        empty = _empty(batch)
        pays = np.full(batch.orders, empty)
        np.minimum.at(pays, batch.order, batch.cost + price[batch.nurse])
        told["gap"] = told["unserved"] * empty + cost - int(pays.sum() - price.sum())
    return told


def run_one(solver: str, path: Path) -> None:
    """In a process of its own: solve what the file holds, and print what came of it."""
    with np.load(path) as kept:
        batch = Batch(*(kept[name] for name in Batch._fields))
    batch = batch._replace(orders=int(batch.orders), nurses=int(batch.nurses))
    work = SOLVERS[solver]
    work(assign.generate(*assign.parse(SMALL)))
    if solver == "shangmen":
        assign.warm_up()
    # `getrusage` would tell the most of the process that started this one, too.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before_kib = _kib("VmRSS")
    began_s = time.perf_counter()
    mate, price = work(batch)
    taken_s = time.perf_counter() - began_s
    added_kib = _kib("VmHWM") - before_kib
    told = check(batch, mate, price)
    print(json.dumps({"s": taken_s, "memory_mb": added_kib / KIB_PER_MB, **told}))


def _kib(figure: str) -> int:
    """A figure of this process's memory, as the kernel names it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(rf"^{figure}:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the kernel does not tell {figure}")
    return int(found[1])


def measure(shapes: Mapping[str, str], seeds: Sequence[int]) -> dict[str, Any]:
    """Every solver on every shape, the median over the seeds."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in shapes.items():
            paths = []
            for seed in seeds:
                results.say(f"{name}: {shape}:{seed}")
                batch = assign.generate(*assign.parse(f"{shape}:{seed}"))
                paths.append(Path(folder) / f"{name}_{seed}.npz")
                np.savez(paths[-1], **batch._asdict())
            for solver in SOLVERS:
                results.say(f"{name}: {solver}")
                rows.append(_row(name, shape, solver, [_spawned(solver, it) for it in paths]))
    return {"solvers": rows}


def _spawned(solver: str, path: Path) -> dict[str, Any] | None:
    """None where the solver is not installed, or takes too long."""
    argv = [sys.executable, "-m", f"bench.{NAME}", "--one", solver, "--path", str(path)]
    try:
        ran = subprocess.run(  # noqa: S603
            argv, capture_output=True, text=True, check=True, timeout=LIMIT_S
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        results.say(f"{solver}: {failure}")
        return None
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def _row(
    name: str, shape: str, solver: str, told: Sequence[dict[str, Any] | None]
) -> dict[str, Any]:
    done = [one for one in told if one is not None]
    row: dict[str, Any] = {"batch": name, "orders:nurses:candidates": shape, "solver": solver}
    if len(done) < len(told):
        return {**row, **dict.fromkeys(("median_s", "memory_mb", "unserved", "cost", "gap"))}
    return {
        **row,
        "median_s": round(statistics.median(one["s"] for one in done), 3),
        "memory_mb": round(statistics.median(one["memory_mb"] for one in done)),
        "unserved": " ".join(str(one["unserved"]) for one in done),
        "cost": " ".join(str(one["cost"]) for one in done),
        "gap": " ".join(str(one["gap"]) for one in done) if "gap" in done[0] else "-",
    }


def main() -> None:
    """Measure both shapes with three seeds."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--one", choices=list(SOLVERS), default=None, help="used by itself")
    parser.add_argument("--path", type=Path, default=None, help="used by itself")
    given = parser.parse_args()
    if given.one is not None:
        run_one(given.one, given.path)
        return
    figures = measure(QUICK if given.quick else SHAPES, SEEDS[:1] if given.quick else SEEDS)
    results.finish(NAME, figures, quick=given.quick)


if __name__ == "__main__":
    main()
