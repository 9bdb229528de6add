"""What it costs to look at all open orders, from few nurses and orders to many.

The sweep that sends waves runs in this process on a real, durable PostgreSQL. Orders become due in
portions while those before stay open, so each row is the sum of the portions up to it. `decide` is
the pure part of `matching/`; the rest is PostgreSQL and what reads and writes it. `idle` is a tick
with nothing due.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import asyncpg

from bench import ground, results
from dispatch import migrate
from dispatch.acts import fill_order
from dispatch.database import Pool
from matching import decide

NAME: Final = "tick"
PATIENTS: Final = 2_000
SIZES: Final = (1_000, 7_000, 50_000)
ORDERS: Final = (100, 700, 5_000)
IDLE_RUNS: Final = 50

OFFERED: Final = "SELECT count(DISTINCT order_id) FROM offers"


async def measure(sizes: Sequence[int], counts: Sequence[int]) -> dict[str, Any]:
    """The same orders before regions of different size, each a copy of one database."""
    async with ground.server() as (folder, running):
        state_dir = folder / "state"
        await migrate.migrate(running.dsn())
        placed = await ground.place_waiting(running, state_dir, PATIENTS, counts[-1])
        rows: list[dict[str, Any]] = []
        for nurses in sizes:
            results.say(f"{nurses} nurses: loading")
            # Smaller regions tell how it grows without the largest number of orders.
            asked = counts if nurses == sizes[-1] else counts[:-1]
            async with ground.copied(running, f"tick_{nurses}", state_dir, nurses, PATIENTS) as (
                pool,
                owner,
            ):
                rows += await _portions(pool, owner, nurses, placed, asked)
    return {"ticks": rows, **_growth(rows, sizes, counts)}


async def _portions(
    pool: Pool,
    owner: asyncpg.Connection,
    nurses: int,
    placed: Sequence[UUID],
    counts: Sequence[int],
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    total_s = pure_s = 0.0
    for before, count in itertools.pairwise((0, *counts)):
        results.say(f"{nurses} nurses: {count} orders")
        await owner.execute(ground.DUE, list(placed[before:count]))
        with _timed_decisions() as pure:
            began_s = time.perf_counter()
            # Once each: who finds nobody awake and free is due again within the minute.
            await fill_order.send_waves(pool, count - before)
            total_s += time.perf_counter() - began_s
        pure_s += sum(pure)
        rows.append(
            {
                "nurses": nurses,
                "orders": count,
                "all_s": round(total_s, 2),
                "decide_s": round(pure_s, 2),
                "ms_an_order": round(1000 * total_s / count, 2),
                "decide_ms_an_order": round(1000 * pure_s / count, 2),
                "idle_ms": round(1000 * await _idle_s(pool), 2),
                "offered_percent": round(100 * await owner.fetchval(OFFERED) / count, 1),
            }
        )
    return rows


@contextmanager
def _timed_decisions() -> Iterator[list[float]]:
    """How long the two halves of a decision take meanwhile, call by call."""
    taken: list[float] = []

    def timed(half: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            began_s = time.perf_counter()
            try:
                return half(*args)
            finally:
                taken.append(time.perf_counter() - began_s)

        return run

    halves: dict[str, Callable[..., Any]] = {"judge": decide.judge, "settle": decide.settle}
    for name, half in halves.items():
        setattr(decide, name, timed(half))
    try:
        yield taken
    finally:
        for name, half in halves.items():
            setattr(decide, name, half)


async def _idle_s(pool: Pool) -> float:
    """The median of a tick that finds nothing due."""
    taken = []
    for _ in range(IDLE_RUNS):
        began_s = time.perf_counter()
        await fill_order.send_waves(pool)
        taken.append(time.perf_counter() - began_s)
    return statistics.median(taken)


def _growth(
    rows: Sequence[dict[str, Any]], sizes: Sequence[int], counts: Sequence[int]
) -> dict[str, float]:
    """Exponents of cost ~ size^e, by least squares on logarithms: 1 is linear, 0 is flat."""

    def with_orders(column: str) -> float:
        of_most = [row for row in rows if row["nurses"] == sizes[-1]]
        return _exponent([(row["orders"], row[column]) for row in of_most])

    def with_nurses(column: str, orders: int) -> float:
        alike = [row for row in rows if row["orders"] == orders]
        return _exponent([(row["nurses"], row[column]) for row in alike])

    mean = counts[-2]
    return {
        f"exponent_with_orders_at_{sizes[-1]}_nurses": with_orders("all_s"),
        f"exponent_with_orders_at_{sizes[-1]}_nurses_of_decide": with_orders("decide_s"),
        f"exponent_with_nurses_at_{mean}_orders": with_nurses("all_s", mean),
        f"exponent_with_nurses_at_{mean}_orders_of_decide": with_nurses("decide_s", mean),
    }


def _exponent(points: Sequence[tuple[float, float]]) -> float:
    logs = [(math.log(x), math.log(y)) for x, y in points]
    if len(logs) < 2:
        return math.nan
    return round(statistics.linear_regression(*zip(*logs, strict=True)).slope, 2)


def main() -> None:
    """Measure the grid."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--nurses", type=int, nargs="+", default=None)
    parser.add_argument("--orders", type=int, nargs="+", default=None)
    given = parser.parse_args()
    sizes = given.nurses or ([1_000, 2_000] if given.quick else SIZES)
    counts = given.orders or ([20, 100] if given.quick else ORDERS)
    results.finish(NAME, asyncio.run(measure(sorted(sizes), sorted(counts))), quick=given.quick)


if __name__ == "__main__":
    main()
