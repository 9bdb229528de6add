"""What all processes but PostgreSQL hold in memory under `shangmen run`, at the region's full size.

The nurses are loaded and the orders placed beforehand. Then `run` starts on that database, the
orders are approved one after the other, so that the clock sends thousands of offers, and operators
read over HTTP meanwhile. PSS shares pages that several processes have; RSS counts them each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import aiohttp
import asyncpg
import psutil

from bench import ground, results
from bench.ground import Demand
from dispatch import processes
from tests.acceptance.processes import Deployment

NAME: Final = "memory"
PATIENTS: Final = 2_000
OPERATOR: Final = "+8613800000001"
DEMO_CODE: Final = "000000"
READY_S: Final = 120
READ_EVERY_S: Final = 0.2
READ: Final = (
    "/v1/ops/board",
    "/v1/ops/orders",
    "/v1/ops/nurses",
    "/v1/services",
    "/v1/service-areas",
)
KIB: Final = 1024
MIB: Final = 1024 * 1024
OPEN: Final = "SELECT count(*) FROM orders WHERE state = 'open'"


async def measure(nurses: int, orders: int, work_s: float) -> dict[str, Any]:
    """Run everything on a prepared database, work for so long, and add up."""
    results.say(f"{nurses} nurses, {orders} orders: loading")
    async with (
        ground.deployment(ground.people(nurses, PATIENTS)) as deployment,
        ground.pool(deployment.dsn, deployment.state_dir) as pool,
    ):
        owner = await asyncpg.connect(deployment.dsn)
        try:
            demand = await Demand.arise(pool, owner)
            placed = [await demand.place() for _ in range(orders)]
            await owner.execute("VACUUM ANALYZE")
            async with _running(deployment) as run:
                at_start = _processes(run)
                results.say(f"working for {work_s:g} s")
                await _work(deployment, demand, placed, work_s)
                worked = _processes(run)
                open_orders = await owner.fetchval(OPEN)
        finally:
            await owner.close()
    rows: list[dict[str, Any]] = [
        {"process": name, "pss_at_start_mb": at_start[name][0], "pss_mb": pss, "rss_mb": rss}
        for name, (pss, rss) in worked.items()
    ]
    sizes = ("pss_at_start_mb", "pss_mb", "rss_mb")
    rows.append({"process": "all"} | {size: sum(row[size] for row in rows) for size in sizes})
    for row in rows:
        row.update({size: round(row[size], 1) for size in sizes})
    return {"processes": rows, "nurses": nurses, "open_orders": open_orders, "worked_s": work_s}


@contextlib.asynccontextmanager
async def _running(deployment: Deployment) -> AsyncIterator[psutil.Process]:
    with (deployment.folder / "run.log").open("wb") as log:
        run = processes.spawn(
            (sys.executable, "-m", "api", "run"),
            environment=deployment.environment,
            output=log,
            end_with_us=signal.SIGTERM,
        )
    try:
        await _until_ready(deployment)
        yield psutil.Process(run.pid)
    finally:
        await processes.stop(run, within_s=30)


async def _until_ready(deployment: Deployment) -> None:
    async with asyncio.timeout(READY_S), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{deployment.url}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.2)


async def _work(
    deployment: Deployment, demand: Demand, placed: Sequence[UUID], work_s: float
) -> None:
    """Approve the orders evenly over the time, and read as operators do."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    reading = asyncio.create_task(_read(deployment))
    async with asyncio.TaskGroup() as approvals:
        for number, order_id in enumerate(placed):
            await asyncio.sleep(max(0, began_s + work_s * number / len(placed) - loop.time()))
            approvals.create_task(demand.approve(order_id))
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading


async def _read(deployment: Deployment) -> None:
    async with aiohttp.ClientSession(deployment.url) as session:
        async with session.post("/v1/auth/otp", json={"phone": OPERATOR}) as answer:
            answer.raise_for_status()
        given = {"phone": OPERATOR, "code": DEMO_CODE}
        async with session.post("/v1/auth/token", json=given) as answer:
            answer.raise_for_status()
            token = (await answer.json())["access_token"]
        while True:
            for path in READ:
                headers = {"Authorization": f"Bearer {token}"}
                async with session.get(path, headers=headers) as answer:
                    await answer.read()
                    answer.raise_for_status()
                await asyncio.sleep(READ_EVERY_S)


def _processes(run: psutil.Process) -> dict[str, tuple[float, float]]:
    """PSS and RSS in MB by what each process does; PostgreSQL is not among them."""
    return {_name(each): _memory(each.pid) for each in (run, *run.children(recursive=True))}


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    return words[words.index("--role") + 1] if "--role" in words else "run"


def _memory(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    return int(sizes["Pss"]) * KIB / MIB, int(sizes["Rss"]) * KIB / MIB


def main() -> None:
    """Measure once."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--nurses", type=int, default=None)
    parser.add_argument("--orders", type=int, default=None)
    parser.add_argument("--work-s", type=float, default=None)
    given = parser.parse_args()
    nurses = given.nurses or (2_000 if given.quick else 50_000)
    orders = given.orders or (100 if given.quick else 5_000)
    work_s = given.work_s or (10.0 if given.quick else 180.0)
    results.finish(NAME, asyncio.run(measure(nurses, orders, work_s)), quick=given.quick)


if __name__ == "__main__":
    main()
