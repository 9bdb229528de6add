"""Orders placed durably over HTTP by one API process, beside a bare insert of the same rows.

Three ways take turns on one PostgreSQL: the API with all that it does; `bench.bare`, aiohttp and
asyncpg with the rows of an order in one statement and nothing else; pgbench with that statement.
In between `GET /healthz`, which asks nothing of the API but its way of a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import signal
import statistics
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from bench import bare, closed_loop, results, rig
from bench.rig import Rig
from demo import region
from dispatch import binaries, processes
from tests.acceptance.processes import ROOT, free_ports

SEED: Final = 330700
PATIENTS: Final = 1_000
NURSES: Final = 60
CONNECTIONS: Final = 32
POOL_SIZE: Final = 12
PGBENCH_PEOPLE: Final = 64
UP_S: Final = 20
HEALTH: Final = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"
TPS: Final = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
PEOPLE: Final = """
    SELECT DISTINCT ON (p.account_id) p.account_id, p.id AS patient_id, a.id AS address_id
      FROM patients p JOIN addresses a ON a.patient_id = p.id
     WHERE a.county IS NOT NULL ORDER BY p.account_id, p.id, a.id
"""
LAST: Final = "SELECT id FROM orders ORDER BY id DESC LIMIT 1"
COUNT: Final = "SELECT count(*) FROM orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Medians over the rounds; `*_us` are microseconds of processor time for one order."""

    connections: int
    rounds: int
    seconds_a_round: float
    orders: int
    api_per_s: int
    bare_per_s: int
    pgbench_per_s: int
    of_bare: float
    of_pgbench: float
    p50_ms: float
    p99_ms: float
    api_us: int
    postgres_us: int
    load_us: int
    bare_us: int
    bare_postgres_us: int
    empty_per_s: int
    empty_us: int


async def measure(*, rounds: int, for_s: float, connections: int = CONNECTIONS) -> Figures:
    """Let the three take turns. Raises `AssertionError` if an answered order is not kept."""
    people = region.build(
        today=date(2026, 11, 22), seed=SEED, nurse_count=NURSES, patient_count=PATIENTS
    )
    async with rig.standing(people) as system:
        buyers = [dict(row) for row in await system.owner.fetch(PEOPLE)]
        tokens = await system.sign_in(one["account_id"] for one in buyers)
        orders = _orders(buyers, tokens, await system.owner.fetchval(rig.NOW))
        results.say("warming up")
        await closed_loop.fire(system.ports, itertools.islice(orders, 300), connections=connections)
        sample_id = await system.owner.fetchval(LAST)
        own = _Server(port=system.ports[0], pid=system.apis[0].running["api"].pid)
        async with _bare(system, sample_id) as peer:
            await closed_loop.fire([peer.port], itertools.islice(orders, 300), connections=8)
            ours, theirs, raw, empty = [], [], [], []
            for number in range(rounds):
                results.say(f"round {number + 1} of {rounds}")
                ours.append(await _round(system, own, orders, connections, for_s))
                theirs.append(await _round(system, peer, orders, connections, for_s))
                raw.append(await _pgbench(system, sample_id, buyers, for_s))
                empty.append(await _empty(system, connections, for_s / 2))
    return Figures(
        connections=connections,
        rounds=rounds,
        seconds_a_round=for_s,
        orders=sum(one.orders for one in ours),
        api_per_s=round(_median(one.per_s for one in ours)),
        bare_per_s=round(_median(one.per_s for one in theirs)),
        pgbench_per_s=round(statistics.median(raw)),
        of_bare=round(_median(one.per_s for one in ours) / _median(one.per_s for one in theirs), 2),
        of_pgbench=round(_median(one.per_s for one in ours) / statistics.median(raw), 2),
        p50_ms=_median(one.p50_ms for one in ours),
        p99_ms=_median(one.p99_ms for one in ours),
        api_us=round(_median(one.us["api"] for one in ours)),
        postgres_us=round(_median(one.us["postgres"] for one in ours)),
        load_us=round(_median(one.us["load"] for one in ours)),
        bare_us=round(_median(one.us["api"] for one in theirs)),
        bare_postgres_us=round(_median(one.us["postgres"] for one in theirs)),
        empty_per_s=round(_median(one.per_s for one in empty)),
        empty_us=round(_median(one.us["api"] for one in empty)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    port: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    orders: int
    per_s: float
    p50_ms: float
    p99_ms: float
    us: dict[str, int]


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


async def _round(
    system: Rig, server: _Server, orders: Iterator[bytes], connections: int, for_s: float
) -> _Round:
    there = await system.owner.fetchval(COUNT)
    before = system.spent(server.pid)
    tally = await closed_loop.fire([server.port], orders, connections=connections, for_s=for_s)
    spent = system.spent(server.pid).since(before)
    tally.expect("201")
    answered = len(tally.waited_s)
    kept = await system.owner.fetchval(COUNT) - there
    if kept != answered:
        raise AssertionError(f"{answered} orders were answered, {kept} are kept")
    return _Round(
        orders=answered,
        per_s=tally.per_s,
        p50_ms=tally.percentile_ms(0.5),
        p99_ms=tally.percentile_ms(0.99),
        us=spent.per_request_us(answered),
    )


async def _empty(system: Rig, connections: int, for_s: float) -> _Round:
    """The API's way of a request that asks nothing of it: what is left for all else."""
    before = system.spent()
    tally = await closed_loop.fire(
        system.ports, itertools.repeat(HEALTH), connections=connections, for_s=for_s
    )
    spent = system.spent().since(before)
    tally.expect("200")
    return _Round(
        orders=0,
        per_s=tally.per_s,
        p50_ms=tally.percentile_ms(0.5),
        p99_ms=tally.percentile_ms(0.99),
        us=spent.per_request_us(len(tally.waited_s)),
    )


def _orders(
    buyers: list[dict[str, UUID]], tokens: dict[UUID, str], now: datetime
) -> Iterator[bytes]:
    """Wishes as a phone sends them, each with its own key, from one account after the other."""
    earliest = (now + timedelta(days=1)).replace(hour=1, minute=0, second=0, microsecond=0)
    for buyer in itertools.cycle(buyers):
        account_id = buyer["account_id"]
        body = {
            "patient_id": str(buyer["patient_id"]),
            "address_id": str(buyer["address_id"]),
            "service_codes": ["EC01"],
            "window": {
                "earliest": earliest.isoformat(),
                "latest": (earliest + timedelta(hours=2)).isoformat(),
            },
            "urgency": "routine",
            "notes": "按门铃后请稍等，老人走路慢。",
            "preferences": {"nurse_gender": "female"},
            "preconditions": ["medical_record_uploaded"],
            "consent": {"version": "1", "accepted_at": (now - timedelta(minutes=5)).isoformat()},
        }
        yield closed_loop.post(
            "/v1/orders", body, token=tokens[account_id], **{bare.ACCOUNT: str(account_id)}
        )


@contextlib.asynccontextmanager
async def _bare(system: Rig, sample_id: UUID) -> AsyncIterator[_Server]:
    (port,) = free_ports(1)
    with (system.folder / "bare.log").open("ab") as log:
        process = processes.spawn(
            (
                *(sys.executable, "-m", "bench.bare", "--dsn", system.dsn, "--port", str(port)),
                *("--order", str(sample_id), "--pool-size", str(POOL_SIZE)),
            ),
            environment=dict(os.environ),
            folder=ROOT,
            output=log,
            end_with_us=signal.SIGKILL,
        )
    try:
        async with asyncio.timeout(UP_S):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.1)
        yield _Server(port=port, pid=process.pid)
    finally:
        await processes.stop(process, within_s=5)


async def _pgbench(
    system: Rig, sample_id: UUID, buyers: list[dict[str, UUID]], for_s: float
) -> float:
    """Transactions a second of the bare statement, a script for each of some people."""
    found = binaries.find(system.folder, None)
    if found is None:
        raise FileNotFoundError("there is no pgbench")
    sample = await bare.Sample.of(system.owner, sample_id)
    scripts = []
    for number, buyer in enumerate(buyers[:PGBENCH_PEOPLE]):
        path = system.folder / f"order-{number}.sql"
        path.write_text(sample.script(buyer), encoding="utf-8")
        scripts += ["-f", str(path)]
    process = await asyncio.create_subprocess_exec(
        str(found.folder / "pgbench"),
        *("-n", "-M", "prepared", "-c", str(POOL_SIZE), "-j", "2", "-T", str(max(1, round(for_s)))),
        *scripts,
        system.dsn,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    tps = TPS.search(said.decode())
    if process.returncode or tps is None:
        raise RuntimeError(complaint.decode()[-500:])
    return float(tps[1])


def main() -> None:
    """Measure, print a table, keep results/placing.json."""
    parser = results.parser("placing", __doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="of each way in each round")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    given = parser.parse_args()
    rounds, for_s = (1, 2.0) if given.quick else (given.rounds, given.seconds)
    found = asyncio.run(measure(rounds=rounds, for_s=for_s, connections=given.connections))
    results.finish("placing", asdict(found), quick=given.quick)


if __name__ == "__main__":
    main()
