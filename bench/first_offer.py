"""How long an approved order waits for its first offer, at several sizes of the region.

A real clock process on a real, durable PostgreSQL. Orders are placed beforehand and approved at a
steady rate; the time is that between the approval's line of history and the first offer's.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import Any, Final

import asyncpg
import psutil

from bench import ground, results
from bench.ground import Demand

NAME: Final = "first_offer"
PATIENTS: Final = 2_000
SETTLE_S: Final = 120
# Five seconds of work: connections are opened and statements planned for the first time.
WARM: Final = 100

WAITED: Final = """
    SELECT extract(epoch FROM min(f.recorded_at) - min(a.recorded_at))::float8 AS waited_s
      FROM history a JOIN history f ON f.order_id = a.order_id
     WHERE a.subject = 'order' AND a.move = 'approve' AND f.subject = 'offer' AND f.move = 'send'
       AND a.recorded_at >= $1
     GROUP BY a.order_id
"""
LOOKED: Final = "SELECT count(DISTINCT order_id) FROM decisions WHERE order_id = ANY($1)"


async def measure(nurses: int, orders: int, rate: float) -> dict[str, Any]:
    """Load a region of this size, run the clock, approve orders, read the history."""
    results.say(f"{nurses} nurses: loading")
    async with (
        ground.deployment(ground.people(nurses, PATIENTS)) as deployment,
        ground.pool(deployment.dsn, deployment.state_dir) as pool,
    ):
        owner = await asyncpg.connect(deployment.dsn)
        try:
            demand = await Demand.arise(pool, owner)
            placed = [await demand.place() for _ in range(orders + WARM)]
            await owner.execute("ANALYZE")
            deployment.launch("clock")
            # The process starts, and its first wave reads how rare each competence is.
            await _approve(demand, placed[:WARM], rate)
            await _until_looked(owner, placed[:WARM])
            results.say(f"{nurses} nurses: {orders} orders at {rate:g} a second")
            since = await owner.fetchval("SELECT clock_timestamp()")
            clock = psutil.Process(deployment.running["clock"].pid)
            used_s, began_s = _used_s(clock), _now_s()
            await _approve(demand, placed[WARM:], rate)
            took_s, used_s = _now_s() - began_s, _used_s(clock) - used_s
            await _until_looked(owner, placed[WARM:])
            waited = sorted(row["waited_s"] for row in await owner.fetch(WAITED, since))
        finally:
            await owner.close()
    return {
        "nurses": nurses,
        "orders": orders,
        "a_second": round(orders / took_s, 1),
        "offered_percent": round(100 * len(waited) / orders, 1),
        "median_s": round(statistics.median(waited), 3),
        "p99_s": round(results.quantile(waited, 0.99), 3),
        "max_s": round(waited[-1], 3),
        "clock_cpu_percent": round(100 * used_s / took_s, 1),
    }


async def _approve(demand: Demand, placed: list[Any], rate: float) -> None:
    began_s = _now_s()
    async with asyncio.TaskGroup() as approvals:
        for number, order_id in enumerate(placed):
            await asyncio.sleep(max(0, began_s + number / rate - _now_s()))
            approvals.create_task(demand.approve(order_id))


async def _until_looked(owner: asyncpg.Connection, placed: list[Any]) -> None:
    """Wait until every order has been looked at; some may honestly have nobody to be offered to."""
    looked = 0
    for _ in range(SETTLE_S * 10):
        looked = await owner.fetchval(LOOKED, placed)
        if looked >= len(placed):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{looked} of {len(placed)} orders were looked at in {SETTLE_S} s")


def _used_s(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def main() -> None:
    """Measure each size."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--nurses", type=int, nargs="+", default=None)
    parser.add_argument("--orders", type=int, default=None)
    parser.add_argument("--rate", type=float, default=20, help="orders approved a second")
    given = parser.parse_args()
    sizes = given.nurses or ([1_000] if given.quick else [4_117, 50_000])
    orders = given.orders or (60 if given.quick else 700)
    found = [asyncio.run(measure(nurses, orders, given.rate)) for nurses in sizes]
    results.finish(NAME, {"sizes": found}, quick=given.quick)


if __name__ == "__main__":
    main()
