"""What it costs that due orders are decided by sixteen, and not all together.

The same orders, all due at once, before the same nurses, each time in a copy of one database: by
turns, in batches of several sizes, and all in one. A cost is what the nurse who is named for a seat
costs, in minutes of travel; an order waits from the beginning until its offers are written.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg

from bench import ground, results
from dispatch import migrate
from dispatch.acts import fill_order
from dispatch.database import Pool

NAME: Final = "batches"
PATIENTS: Final = 2_000
NURSES: Final = 4_117
ORDERS: Final = 256
SIZES: Final = (1, 16, 64, 256)

NAMED: Final = """
    SELECT count(*) AS batches, sum(orders_served)::int AS orders_named,
           sum(seats_filled)::int AS seats, sum(cost) / 1000.0 AS cost,
           (SELECT count(DISTINCT b.problem -> 'nurses' ->> place::int)
              FROM batches b, jsonb_array_elements(b.problem -> 'orders') AS one,
                   jsonb_array_elements_text(one -> 'named') AS place)::int AS nurses
      FROM batches
"""
WAITED: Final = """
    SELECT avg(waited_s)::float8 AS mean_s, max(waited_s)::float8 AS max_s
      FROM (SELECT extract(epoch FROM min(recorded_at) - $1) AS waited_s
              FROM history WHERE subject = 'offer' AND move = 'send' GROUP BY order_id) AS each
"""


async def measure(nurses: int, orders: int, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each size of a batch."""
    async with ground.server() as (folder, running):
        state_dir = folder / "state"
        await migrate.migrate(running.dsn())
        placed = await ground.place_waiting(running, state_dir, PATIENTS, orders)
        rows = []
        for size in sizes:
            results.say(f"batches of {size}")
            async with ground.copied(running, f"batches_{size}", state_dir, nurses, PATIENTS) as (
                pool,
                owner,
            ):
                rows.append(await _measure(pool, owner, placed, size))
        return rows


async def _measure(
    pool: Pool, owner: asyncpg.Connection, placed: Sequence[UUID], size: int
) -> dict[str, Any]:
    usual = fill_order.BATCH
    await owner.execute(ground.DUE, list(placed))
    setattr(fill_order, "BATCH", size)  # noqa: B010 - it is final everywhere else
    try:
        since, began_s = await owner.fetchval("SELECT clock_timestamp()"), time.perf_counter()
        await fill_order.send_waves(pool, len(placed))
        took_s = time.perf_counter() - began_s
    finally:
        setattr(fill_order, "BATCH", usual)  # noqa: B010
    (named,), (waited,) = await owner.fetch(NAMED), await owner.fetch(WAITED, since)
    return {
        "orders_a_batch": size,
        "orders": len(placed),
        "orders_named": named["orders_named"],
        "nurses_named": named["nurses"],
        "min_a_seat": round(float(named["cost"]) / named["seats"], 2),
        "all_s": round(took_s, 1),
        "mean_wait_s": round(waited["mean_s"], 2),
        "max_wait_s": round(waited["max_s"], 2),
    }


def main() -> None:
    """Measure each size."""
    given = results.parser(NAME, __doc__).parse_args()
    nurses, orders, sizes = (500, 24, (1, 16)) if given.quick else (NURSES, ORDERS, SIZES)
    rows = asyncio.run(measure(nurses, orders, sizes))
    results.finish(NAME, {"batches": rows}, quick=given.quick)


if __name__ == "__main__":
    main()
