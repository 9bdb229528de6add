"""How soon an event reaches those who listen, with thousands of streams open at one API process.

The listeners are nurses signed in, each with a connection of its own; a real clock numbers the
events. First events for all of them at once, then many that concern one listener each. The time is
that from the commit of the event to its arrival; the listeners run in this process on the same
machine. A clock looks for new events every 250 ms, an API process every 200 ms.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import psutil

from bench import ground, results, rig
from bench.rig import Rig

NAME: Final = "streams"
SEED: Final = 330_700
AT_ONCE: Final = 16
# A busy process asks a client to come again.
TRIES: Final = 10
AGAIN_S: Final = 1.0
SETTLE_S: Final = 60.0
SPARE_FILES: Final = 1_000
KIB: Final = 1024

# Some nurses of the region are suspended: they may not listen.
SPARE_NURSES: Final = 1.2
ACCOUNTS: Final = """
    SELECT a.id FROM accounts a JOIN nurses n ON n.id = a.nurse_id
     WHERE n.suspended_at IS NULL ORDER BY a.id LIMIT $1
"""
TELL: Final = """
    INSERT INTO outbox (event, account_ids, staff, data)
    VALUES ('offer.created', $1, false, jsonb_build_object('mark', $2::text))
"""


class Ear(asyncio.Protocol):
    """One listener: notes when which mark arrived."""

    def __init__(self, port: int, token: str) -> None:
        head = (
            "GET /v1/stream HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Authorization: Bearer {token}",
        )
        self._head = "\r\n".join([*head, "", ""]).encode()
        self._loop = asyncio.get_running_loop()
        self._wanted: dict[bytes, asyncio.Future[float]] = {}
        self.listening: asyncio.Future[None] = self._loop.create_future()
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        lost = ConnectionError("a stream was closed")
        if not self.listening.done():
            self.listening.set_exception(lost)
        for future in self._wanted.values():
            if not future.done():
                future.set_exception(lost)

    def data_received(self, data: bytes) -> None:
        if not self.listening.done():
            if b": connected" in data:
                self.listening.set_result(None)
            elif not data.startswith(b"HTTP/1.1 200"):
                self.listening.set_exception(ConnectionError(data[:200].decode(errors="replace")))
        for mark in [mark for mark in self._wanted if mark in data]:
            self._wanted.pop(mark).set_result(self._loop.time())

    def hear(self, mark: str) -> asyncio.Future[float]:
        """When this mark arrives."""
        return self._wanted.setdefault(mark.encode(), self._loop.create_future())


async def measure(listeners: int, broadcasts: int, singles: int, rate: float) -> dict[str, Any]:
    """Open the streams, tell of events, and see when they arrive."""
    _allow_files(listeners)
    results.say(f"{listeners} listeners: loading")
    async with rig.standing(ground.people(int(listeners * SPARE_NURSES), 1)) as standing:
        account_ids = [row["id"] for row in await standing.owner.fetch(ACCOUNTS, listeners)]
        tokens = await standing.sign_in(account_ids)
        await standing.apis[0].start("clock")
        api = psutil.Process(standing.apis[0].running["api"].pid)
        before_kib = _pss_kib(api.pid)
        results.say("connecting")
        ears = await _connect(standing.ports[0], tokens)
        opened_kib = _pss_kib(api.pid)
        idle_percent = await _cpu_percent(api, asyncio.sleep(10))
        results.say("one event for all")
        last, all_ = await _broadcast(standing, ears, broadcasts)
        results.say("an event for each")
        single: list[float] = []
        busy_percent = await _cpu_percent(api, _single_out(standing, ears, singles, rate, single))
        after_kib = _pss_kib(api.pid)
        for ear in ears.values():
            if ear.transport is not None:
                ear.transport.close()
    return {
        "fan_out": [
            _row("one event for all: each listener", all_),
            _row("one event for all: the last listener", last),
            _row(f"{rate:g} events a second for one each", single),
        ],
        "listeners": len(ears),
        "memory_kib_a_listener": round((opened_kib - before_kib) / len(ears), 1),
        "api_pss_mb_at_the_end": round(after_kib / KIB, 1),
        "api_cpu_percent_idle": round(idle_percent, 1),
        f"api_cpu_percent_at_{rate:g}_events_a_second": round(busy_percent, 1),
    }


async def _connect(port: int, tokens: dict[UUID, str]) -> dict[UUID, Ear]:
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(AT_ONCE)

    async def connect(token: str) -> Ear:
        async with gate:
            refused = ConnectionError("not tried")
            for _ in range(TRIES):
                _, ear = await loop.create_connection(lambda: Ear(port, token), "127.0.0.1", port)
                try:
                    await asyncio.wait_for(ear.listening, SETTLE_S)
                except ConnectionError as error:
                    refused = error
                    await asyncio.sleep(AGAIN_S)
                else:
                    return ear
            raise refused

    ears = await asyncio.gather(*(connect(token) for token in tokens.values()))
    return dict(zip(tokens, ears, strict=True))


async def _broadcast(
    standing: Rig, ears: dict[UUID, Ear], count: int
) -> tuple[list[float], list[float]]:
    """Seconds to the last listener of each event, and to every listener of all of them."""
    loop = asyncio.get_running_loop()
    last: list[float] = []
    all_: list[float] = []
    for _ in range(count):
        mark = uuid4().hex
        heard = [ear.hear(mark) for ear in ears.values()]
        await standing.owner.execute(TELL, list(ears), mark)
        told_s = loop.time()
        waited = [at_s - told_s for at_s in await asyncio.wait_for(_gather(heard), SETTLE_S)]
        last.append(max(waited))
        all_ += waited
    return last, all_


async def _single_out(
    standing: Rig, ears: dict[UUID, Ear], count: int, rate: float, waited: list[float]
) -> None:
    loop = asyncio.get_running_loop()
    rng = random.Random(SEED)
    began_s = loop.time()
    told: list[tuple[float, asyncio.Future[float]]] = []
    for number, account_id in enumerate(rng.choices(list(ears), k=count)):
        await asyncio.sleep(max(0, began_s + number / rate - loop.time()))
        mark = uuid4().hex
        heard = ears[account_id].hear(mark)
        await standing.owner.execute(TELL, [account_id], mark)
        told.append((loop.time(), heard))
    arrived = await asyncio.wait_for(_gather([heard for _, heard in told]), SETTLE_S)
    waited += [at_s - told_s for at_s, (told_s, _) in zip(arrived, told, strict=True)]


async def _gather(heard: Sequence[asyncio.Future[float]]) -> list[float]:
    return list(await asyncio.gather(*heard))


async def _cpu_percent(process: psutil.Process, work: Any) -> float:
    loop = asyncio.get_running_loop()
    began_s, used_s = loop.time(), sum(process.cpu_times()[:2])
    await work
    return 100 * (sum(process.cpu_times()[:2]) - used_s) / (loop.time() - began_s)


def _row(what: str, waited: list[float]) -> dict[str, Any]:
    waited.sort()
    return {
        "what": what,
        "measured": len(waited),
        "median_s": round(statistics.median(waited), 3),
        "p99_s": round(results.quantile(waited, 0.99), 3),
        "max_s": round(waited[-1], 3),
    }


def _pss_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise LookupError("no Pss")


def _allow_files(listeners: int) -> None:
    """Ours; the API process raises its own limit by itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = listeners + SPARE_FILES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def main() -> None:
    """Measure once."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--listeners", type=int, default=None)
    given = parser.parse_args()
    listeners = given.listeners or (200 if given.quick else 5_000)
    counts = (3, 100, 50.0) if given.quick else (20, 4_000, 100.0)
    results.finish(NAME, asyncio.run(measure(listeners, *counts)), quick=given.quick)


if __name__ == "__main__":
    main()
