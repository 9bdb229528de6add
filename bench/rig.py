"""What the HTTP benchmarks run against: a durable PostgreSQL, real API processes, people signed in.

The processes are started as an operator would start them, with the settings of the demo: no rate
limit binds loopback. The clock runs until the API is ready and is then stopped.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import psutil

from api import serve
from api.auth import Tokens
from bench import results
from config import catalogue
from config.settings import Settings
from demo.region import Region
from dispatch import cluster, database, migrate, postgres
from dispatch.database import Pool
from dispatch.ids import new_id
from tests.acceptance.processes import Deployment, free_ports

SET_TIME: Final = """
    UPDATE app_clock SET origin_app = $1, origin_real = clock_timestamp(), scale = 1
"""
SIGN_IN: Final = "INSERT INTO sessions (id, account_id) VALUES ($1, $2)"
NOW: Final = "SELECT clock_timestamp()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Processor time by who spent it, in seconds."""

    api_s: float
    postgres_s: float
    load_s: float

    def since(self, before: Spent) -> Spent:
        return Spent(
            api_s=self.api_s - before.api_s,
            postgres_s=self.postgres_s - before.postgres_s,
            load_s=self.load_s - before.load_s,
        )

    def per_request_us(self, requests: int) -> dict[str, int]:
        """How many microseconds of each went into one request."""
        return {
            "api": round(1e6 * self.api_s / requests),
            "postgres": round(1e6 * self.postgres_s / requests),
            "load": round(1e6 * self.load_s / requests),
        }


@dataclass(slots=True, kw_only=True)
class Rig:
    """A running system; `pool` and `owner` are for arranging and looking, not for measuring."""

    folder: Path
    dsn: str = field(repr=False)
    apis: list[Deployment]
    server_pid: int
    pool: Pool = field(repr=False)
    owner: asyncpg.Connection = field(repr=False)
    tokens: Tokens = field(repr=False)

    @property
    def ports(self) -> list[int]:
        return [each.port for each in self.apis]

    async def sign_in(self, account_ids: Iterable[UUID]) -> dict[UUID, str]:
        """A session and its access token for each account."""
        now = await self.owner.fetchval(NOW)
        opened = [(new_id(), account_id) for account_id in account_ids]
        await self.owner.executemany(SIGN_IN, opened)
        return {
            account_id: self.tokens.issue(account_id=account_id, session_id=session_id, now=now)
            for session_id, account_id in opened
        }

    def spent(self, *pids: int) -> Spent:
        """What was used so far by the API (or these processes), PostgreSQL and ourselves."""
        asked = pids or [each.running["api"].pid for each in self.apis]
        server = psutil.Process(self.server_pid)
        return Spent(
            api_s=sum(_used_s(psutil.Process(pid)) for pid in asked),
            postgres_s=_used_s(server) + sum(map(_used_s, server.children())),
            load_s=_used_s(psutil.Process()),
        )


def _used_s(process: psutil.Process) -> float:
    """A backend that has ended counts no more: arrange nothing while you measure."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return float(sum(process.cpu_times()[:2]))
    return 0.0


@contextlib.asynccontextmanager
async def standing(
    region: Region,
    *,
    apis: int = 1,
    at: datetime | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Rig]:
    """A system with these people in it for as long as the block lasts; it may begin `at` a time."""
    folder = Path(tempfile.mkdtemp(prefix="shangmen-bench-"))
    os.chmod(folder, cluster.passable())
    server = await postgres.start(folder / "server")
    try:
        dsn = server.dsn()
        await migrate.migrate(dsn)
        if at is not None:
            await _set_time(dsn, at)
        ports = free_ports(apis + 1)
        deployments = [
            Deployment(
                dsn=dsn,
                folder=folder if number == 0 else _beside(folder, number),
                port=port,
                alarm_port=ports[-1],
                settings={"APP_STATE_DIR": str(folder / "state"), **(settings or {})},
            )
            for number, port in enumerate(ports[:-1])
        ]
        results.say("loading people")
        await deployments[0].fill(region)
        try:
            await deployments[0].start("clock", "api")
            for other in deployments[1:]:
                await other.start("api")
            await deployments[0].stop("clock")
            async with _arranging(deployments[0], dsn) as (pool, owner):
                yield Rig(
                    folder=folder,
                    dsn=dsn,
                    apis=deployments,
                    server_pid=server.pid,
                    pool=pool,
                    owner=owner,
                    tokens=Tokens(pool.keyring.provider.token_signing_key, ttl_s=3600),
                )
        finally:
            for deployment in deployments:
                await deployment.stop()
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _set_time(dsn: str, at: datetime) -> None:
    owner = await asyncpg.connect(dsn)
    try:
        await owner.execute(SET_TIME, at)
    finally:
        await owner.close()


def _beside(folder: Path, number: int) -> Path:
    made = folder / f"api-{number}"
    made.mkdir()
    return made


@contextlib.asynccontextmanager
async def _arranging(
    deployment: Deployment, dsn: str
) -> AsyncIterator[tuple[Pool, asyncpg.Connection]]:
    settings = Settings(demo=True, database_url=dsn, state_dir=deployment.state_dir)
    pool = await database.connect(
        dsn,
        keyring=serve.open_keyring(settings),
        settings=settings,
        catalogue=catalogue.load(),
        size=4,
        name="bench",
    )
    owner = await asyncpg.connect(dsn)
    try:
        yield pool, owner
    finally:
        await owner.close()
        await pool.close()
