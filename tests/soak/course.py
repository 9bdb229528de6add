"""The course of a soak: a crowd on what `shangmen run` starts, a SIGKILL now and then, and looks.

It only gathers; what it means is said in `verdict`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from itertools import chain, cycle
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg

from demo import roster
from demo.crowd.client import Person, Wire
from demo.crowd.crowd import Crowd, Plan
from demo.crowd.ledger import Figures
from demo.crowd.mix import Timing
from demo.day import SET_TIME, working_day
from dispatch import migrate, postgres
from tests.acceptance import invariants
from tests.acceptance.clients import AUDITOR
from tests.acceptance.supervised import POSTGRES, Supervised, state_folder, supervising
from tests.soak import samples
from tests.soak.receipts import Receipts
from tests.soak.samples import Sample
from tests.soak.trend import Weight

BEGINS_AT: Final = time(7, 0)
SAMPLE_S: Final = 10.0
START_S: Final = 300.0
PATIENCE_S: Final = 30.0
# Requests that were cut off are asked again, and streams taken up, in this time.
GRACE_S: Final = 5.0
QUIET_S: Final = 30.0
LANE: Final = 7
PEOPLE: Final = 600
# Reached within minutes, so that the lives of most processes are judged under a steady load.
STREAMS: Final = 100
WEIGHED_AT: Final = (0.25, 0.5, 0.75)

# Each dies early on, and then those whose growth is judged live long.
FIRST: Final = ("api", "clock", POSTGRES, "api", "clock")
THEN: Final = ("alarm", POSTGRES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. At `scale` 20 twenty minutes are nearly seven hours of the server's."""

    minutes: float
    kill_every_s: float
    rate: float
    scale: float
    seed: int

    @property
    def kills(self) -> Iterator[tuple[float, str]]:
        """When who dies: never in the last stretch, so that all can be seen to go on."""
        at_s = self.kill_every_s
        for target in chain(FIRST, cycle(THEN)):
            if at_s > 60 * self.minutes - self.kill_every_s / 2:
                return
            yield at_s, target
            at_s += self.kill_every_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One death. Between these two places of the log an answer of 503 is by design."""

    target: str
    at_s: float
    back_s: float
    log_from: int
    log_to: int


@dataclass(slots=True, kw_only=True)
class Record:
    """All that was gathered."""

    order: Order
    samples: list[Sample] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    weights: list[tuple[float, dict[str, Weight]]] = field(default_factory=list)
    idle: list[Sample] = field(default_factory=list)
    """Before the crowd came, and after it had gone."""
    receipts: Receipts = field(default_factory=Receipts)
    compared: dict[str, Any] = field(default_factory=dict)
    violations: list[invariants.Finding] = field(default_factory=list)
    audit: dict[str, Any] = field(default_factory=dict)
    figures: Figures | None = None
    wal_max_mib: float = 0.0
    load_before: float = 0.0
    log: str = ""


Tell = Callable[[Record, str], None]
Look = Callable[[], Awaitable[Sample]]


async def run(order: Order, tell: Tell, *, log_file: Path | None = None) -> Record:
    """Take it from an empty folder to its end; `tell` hears how it goes. What the processes say is
    kept in `log_file` even if it breaks off."""
    record = Record(order=order, load_before=round(os.getloadavg()[0], 1))
    with tempfile.TemporaryDirectory(prefix="shangmen-soak-") as folder, state_folder() as state:
        tell(record, "loading people")
        await _begin_in_the_morning(state)
        argv = (sys.executable, "-m", "api", "run")
        settings = {"APP_TIME_SCALE": f"{order.scale:g}"}
        async with supervising(
            argv, folder=Path(folder), state=state, settings=settings, start_s=START_S
        ) as supervised:
            try:
                await _Course(record, supervised, tell).run()
            finally:
                log = supervised.deployment.log_of("run")
                record.log = await asyncio.to_thread(log.read_text, errors="replace")
                if log_file is not None:
                    await asyncio.to_thread(log_file.write_text, record.log)
    return record


async def _begin_in_the_morning(state: Path) -> None:
    server = await postgres.start(state)
    try:
        await migrate.migrate(server.dsn())
        conn = await asyncpg.connect(server.dsn())
        now: datetime = await conn.fetchval("SELECT app_now()")
        day = working_day(now.astimezone(roster.ZONE).date())
        morning = datetime.combine(day, BEGINS_AT, tzinfo=roster.ZONE)
        await conn.execute(SET_TIME, morning.astimezone(UTC))
        await conn.close()
    finally:
        await server.stop()


class _Course:
    def __init__(self, record: Record, supervised: Supervised, tell: Tell) -> None:
        self._record = record
        self._supervised = supervised
        self._tell = tell
        self._began_s = _now_s()
        self._crowd: Crowd | None = None

    async def run(self) -> None:
        order, record = self._record.order, self._record
        url = self._supervised.deployment.url
        plan = Plan(
            orders=None,
            rate=order.rate,
            seed=order.seed,
            lane=LANE,
            timing=Timing.SOON,
            people=PEOPLE,
            streams_max=STREAMS,
        )
        async with self._looking() as look:
            record.idle.append(await look())
            async with Crowd.joined(url, plan, patience_s=PATIENCE_S) as crowd:
                crowd.scene.wire.hear = record.receipts.hear
                self._crowd = crowd
                self._began_s = _now_s()
                await self._play(crowd, look)
                self._tell(record, "the crowd goes home")
                await crowd.look_round()
                record.figures = crowd.figures()
                await crowd.call_off()
            self._tell(record, "looking whether all is well")
            record.idle.append(await self._until_idle(look))
        await self._check()

    async def _play(self, crowd: Crowd, look: Look) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(crowd.play(stop))
            sampling = group.create_task(self._sample(look))
            weighing = group.create_task(self._weigh())
            await self._kill()
            await self._until(60 * self._record.order.minutes)
            for task in (sampling, weighing):
                task.cancel()
            stop.set()

    async def _kill(self) -> None:
        supervised, record = self._supervised, self._record
        log = supervised.deployment.log_of("run")
        for at_s, target in record.order.kills:
            await self._until(at_s)
            begun_s, log_from = _now_s(), log.stat().st_size
            self._tell(record, f"SIGKILL to {target}")
            await supervised.kill(target)
            await supervised.ready()
            back_s = _now_s() - begun_s
            await asyncio.sleep(GRACE_S)
            record.kills.append(
                Kill(
                    target=target,
                    at_s=round(begun_s - self._began_s, 1),
                    back_s=round(back_s, 2),
                    log_from=log_from,
                    log_to=log.stat().st_size,
                )
            )

    async def _sample(self, look: Look) -> None:
        number = 0
        while True:
            number += 1
            await self._until(number * SAMPLE_S)
            self._record.samples.append(await look())
            self._tell(self._record, "")

    async def _weigh(self) -> None:
        for share in WEIGHED_AT:
            await self._until(60 * self._record.order.minutes * share)
            await self._weigh_once()

    async def _weigh_once(self) -> None:
        # A database that is just away is not weighed.
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError):
            weight = await samples.weigh(self._supervised.deployment.dsn)
            self._record.weights.append((round(_now_s() - self._began_s, 1), weight))

    @contextlib.asynccontextmanager
    async def _looking(self) -> AsyncIterator[Look]:
        timeout = aiohttp.ClientTimeout(total=samples.ASK_S)
        # One connection for each question: a lasting one would be a file of the server's.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:

            async def look() -> Sample:
                found = await samples.look(self._supervised, self._crowd, session)
                return replace(found, at_s=round(_now_s() - self._began_s, 1))

            yield look

    async def _until_idle(self, look: Look) -> Sample:
        """Connections that the crowd has closed are noticed in a moment."""
        deadline = _now_s() + QUIET_S
        while True:
            sample = await look()
            api = sample.processes.get("api")
            if (api is not None and api.streams == 0) or _now_s() > deadline:
                return sample
            await asyncio.sleep(1)

    async def _check(self) -> None:
        record, deployment = self._record, self._supervised.deployment
        owner = await samples.connect(deployment.dsn)
        try:
            record.violations = await invariants.settled(owner)
            record.compared = await record.receipts.compare(owner)
            record.wal_max_mib = await owner.fetchval(samples.WAL_MAX)
        finally:
            await owner.close()
        async with Wire.to(deployment.url, at_once=1) as wire:
            auditor = Person(wire=wire, phone=AUDITOR)
            await auditor.sign_in()
            record.audit = await auditor.get("/v1/audit/verify")
        await self._weigh_once()

    async def _until(self, at_s: float) -> None:
        await asyncio.sleep(max(0.0, self._began_s + at_s - _now_s()))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
