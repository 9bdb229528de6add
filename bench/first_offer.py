"""How long an approved order waits for its first offer, at several sizes of the region.

A real clock process on a real, durable PostgreSQL; orders are placed and approved at a steady rate
through the same acts as over HTTP. `python -m bench.first_offer --help` tells the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg
import psutil

from api import serve
from api.policy import OPERATOR_PERMISSIONS
from config import catalogue, consents
from config.settings import Settings
from demo import region
from dispatch import cluster, database, migrate, postgres
from dispatch.acts import assess_order, place_order
from dispatch.acts.assess_order import Decision
from dispatch.acts.place_order import Wish
from dispatch.database import Caller, Pool
from dispatch.lifecycles import Role
from dispatch.records.orders import Words
from matching.policy import Urgency
from tests.acceptance.processes import Deployment, free_ports

RESULTS: Final = Path(__file__).with_name("results")
ZONE: Final = ZoneInfo("Asia/Shanghai")
SEED: Final = 330700
PATIENTS: Final = 500
SETTLE_S: Final = 60
# rules.md 2.4: most of the demand lies in the morning and the early evening.
HOURS: Final = (8, 9, 10, 17, 18, 19)

WAITED: Final = """
    SELECT extract(epoch FROM min(f.recorded_at) - min(a.recorded_at))::float8 AS waited_s
      FROM history a JOIN history f ON f.order_id = a.order_id
     WHERE a.subject = 'order' AND a.move = 'approve' AND f.subject = 'offer' AND f.move = 'send'
       AND a.recorded_at >= $1
     GROUP BY a.order_id
"""
PEOPLE: Final = """
    SELECT p.account_id, p.id AS patient_id, a.id AS address_id
      FROM patients p JOIN addresses a ON a.patient_id = p.id
     WHERE a.county IS NOT NULL ORDER BY p.id, a.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one size: seconds from approval to the first offer, and the clock's processor time."""

    nurses: int
    orders: int
    answered: int
    median_s: float
    p99_s: float
    max_s: float
    clock_cpu_percent: float


async def measure(nurses: int, orders: int, rate: float) -> Figures:
    """Load a region of this size, run the clock, place and approve orders, read the history."""
    folder = Path(tempfile.mkdtemp(prefix="shangmen-bench-"))
    os.chmod(folder, cluster.passable())
    server = await postgres.start(folder / "server")
    try:
        dsn = server.dsn()
        await migrate.migrate(dsn)
        port, alarm_port = free_ports(2)
        deployment = Deployment(dsn=dsn, folder=folder, port=port, alarm_port=alarm_port)
        _say(f"{nurses} nurses: loading")
        built = region.build(
            today=date(2026, 11, 22), seed=SEED, nurse_count=nurses, patient_count=PATIENTS
        )
        await deployment.fill(built)
        deployment.launch("clock")
        try:
            return await _drive(deployment, nurses, orders, rate)
        finally:
            await deployment.stop()
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _drive(deployment: Deployment, nurses: int, orders: int, rate: float) -> Figures:
    settings = Settings(
        demo=True, database_url=deployment.dsn, state_dir=deployment.state_dir, request_timeout_s=30
    )
    pool = await database.connect(
        deployment.dsn,
        keyring=serve.open_keyring(settings),
        settings=settings,
        catalogue=catalogue.load(),
        size=8,
        name="bench",
    )
    owner = await asyncpg.connect(deployment.dsn)
    try:
        people = [dict(row) for row in await owner.fetch(PEOPLE)]
        rng = random.Random(SEED)
        # The process starts, and its first wave reads how rare each competence is: not waiting.
        await asyncio.gather(*(_order(pool, rng, people) for _ in range(3)))
        await _until(owner, 3)
        since = await owner.fetchval("SELECT clock_timestamp()")
        clock = psutil.Process(deployment.running["clock"].pid)
        used_s, began = sum(clock.cpu_times()[:2]), asyncio.get_running_loop().time()
        _say(f"{nurses} nurses: {orders} orders at {rate:g} a second")
        tasks = []
        for number in range(orders):
            due = began + number / rate
            await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
            tasks.append(asyncio.create_task(_order(pool, rng, people)))
        await asyncio.gather(*tasks)
        took_s = asyncio.get_running_loop().time() - began
        used_s = sum(clock.cpu_times()[:2]) - used_s
        await _until(owner, orders + 3)
        waited = sorted(row["waited_s"] for row in await owner.fetch(WAITED, since))
    finally:
        await owner.close()
        await pool.close()
    return Figures(
        nurses=nurses,
        orders=orders,
        answered=len(waited),
        median_s=round(statistics.median(waited), 3),
        p99_s=round(waited[min(len(waited) - 1, int(len(waited) * 0.99))], 3),
        max_s=round(waited[-1], 3),
        clock_cpu_percent=round(100 * used_s / took_s, 1),
    )


async def _order(pool: Pool, rng: random.Random, people: list[dict[str, Any]]) -> None:
    known = pool.catalogue
    codes = [s.code for s in known.services.values() if not s.requires_prescription]
    one = rng.choice(people)
    day = await _tomorrow(pool)
    earliest = day + timedelta(hours=rng.choice(HOURS))
    patient = Caller(role=Role.PATIENT, account_id=one["account_id"], request_id="bench")
    order = await place_order.place_order(
        pool,
        patient,
        consents.load(known),
        Wish(
            patient_id=one["patient_id"],
            address_id=one["address_id"],
            service_codes=(rng.choice(codes),),
            earliest=earliest,
            latest=earliest + timedelta(hours=2),
            urgency=Urgency.ROUTINE,
            words=Words(),
            prescription_id=None,
            preferences={},
            preconditions=(),
            consent_version="1",
            consent_at=day - timedelta(days=2),
            consent_language="zh-CN",
        ),
    )
    operator = Caller(role=Role.OPERATOR, permissions=OPERATOR_PERMISSIONS, request_id="bench")
    await assess_order.assess_order(pool, operator, order.id, Decision.APPROVE, "bench")


async def _tomorrow(pool: Pool) -> datetime:
    async with pool.read(Caller.clock()) as conn:
        now = await database.now(conn)
    local = now.astimezone(ZONE) + timedelta(days=1)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


async def _until(owner: asyncpg.Connection, orders: int) -> None:
    """Wait until every order has been looked at; some may honestly have nobody to be offered to."""
    looked = 0
    for _ in range(SETTLE_S * 10):
        looked = await owner.fetchval("SELECT count(DISTINCT order_id) FROM decisions")
        if looked >= orders:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{looked} of {orders} orders were looked at in {SETTLE_S} s")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure each size, print a table in Markdown, write results/first_offer.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.first_offer", description=__doc__)
    parser.add_argument("--nurses", type=int, nargs="+", default=[4117, 50000])
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--rate", type=float, default=5, help="orders approved a second")
    given = parser.parse_args()
    found = [asyncio.run(measure(n, given.orders, given.rate)) for n in given.nurses]
    RESULTS.mkdir(exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "rate": given.rate}
    text = json.dumps(
        {"machine": machine, "figures": [{n: getattr(f, n) for n in f.__slots__} for f in found]},
        indent=2,
    )
    (RESULTS / "first_offer.json").write_text(text + "\n", encoding="utf-8")
    print("| nurses | orders | median s | p99 s | max s | clock CPU % |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for f in found:
        row = (f.nurses, f.answered, f.median_s, f.p99_s, f.max_s, f.clock_cpu_percent)
        print("| " + " | ".join(str(cell) for cell in row) + " |")


if __name__ == "__main__":
    main()
