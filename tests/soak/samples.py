"""Looking at a running deployment every few seconds, from outside: nothing is asked to measure."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import asyncpg
import psutil

from demo.crowd.crowd import Crowd
from tests.acceptance.supervised import POSTGRES, Supervised
from tests.soak.trend import Weight

TARGETS: Final = ("api", "clock", "alarm", POSTGRES)
ASK_S: Final = 5.0
MIB: Final = 2**20
TOLD: Final = re.compile(
    r"^shangmen_(tasks|streams|prepared_statements)(?:\{[^}]*\})? (\S+)$", re.MULTILINE
)
NAME: Final = "soak"

LOOK: Final = """
    SELECT (SELECT sum(size)::bigint FROM pg_ls_waldir()) AS wal,
           pg_database_size(current_database()) AS size,
           (SELECT count(*) FROM outbox WHERE seq IS NULL) AS unnumbered,
           (SELECT count(*) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND application_name <> $1) AS clients
"""
WAL_MAX: Final = """
    SELECT setting::float8 FROM pg_settings WHERE name = 'max_wal_size' AND unit = 'MB'
"""
TABLES: Final = """
    SELECT c.oid::regclass::text AS name, pg_total_relation_size(c.oid) AS size
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One process. `tasks`, `streams` and `prepared` statements only of those that tell them over
    HTTP, `connections` of the server: a session bears the name of the request that it serves, not
    of its process."""

    pid: int
    memory_mib: float
    files: int
    connections: int | None = None
    tasks: int | None = None
    streams: int | None = None
    prepared: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look. What was away at this moment is missing."""

    at_s: float
    processes: Mapping[str, Reading]
    wal_mib: float | None = None
    database_mib: float | None = None
    unnumbered: int | None = None
    statuses: Mapping[int, int] = field(default_factory=dict)
    placed: int = 0
    under_way: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Database:
    wal_mib: float
    size_mib: float
    unnumbered: int
    clients: int


async def connect(dsn: str) -> asyncpg.Connection:
    """As the owner, under a name that is not counted."""
    return await asyncpg.connect(dsn, timeout=ASK_S, server_settings={"application_name": NAME})


async def look(
    supervised: Supervised, crowd: Crowd | None, session: aiohttp.ClientSession
) -> Sample:
    """All that can be seen at this moment; a process that is just being restarted is left out."""
    deployment = supervised.deployment
    database, api, alarm = await asyncio.gather(
        _database(deployment.dsn),
        _told(session, deployment.url),
        _told(session, deployment.alarm_url),
    )
    readings = {}
    for target in TARGETS:
        with contextlib.suppress(psutil.Error):
            if (pid := supervised.pid_of(target)) is not None:
                told = {"api": api, "alarm": alarm}.get(target, {})
                readings[target] = _reading(target, pid, told, database)
    return Sample(
        at_s=0.0,
        processes=readings,
        wal_mib=database.wal_mib if database else None,
        database_mib=database.size_mib if database else None,
        unnumbered=database.unnumbered if database else None,
        statuses=dict(crowd.scene.wire.statuses) if crowd else {},
        placed=crowd.placed if crowd else 0,
        under_way=crowd.placed - crowd.ended if crowd else 0,
    )


async def weigh(dsn: str) -> dict[str, Weight]:
    """Every table of ours: exact counts, since a crash makes the server forget its own."""
    conn = await connect(dsn)
    try:
        return {
            row["name"]: Weight(
                rows=await conn.fetchval(f"SELECT count(*) FROM {row['name']}"),  # noqa: S608
                size=row["size"],
            )
            for row in await conn.fetch(TABLES)
        }
    finally:
        await conn.close()


def _reading(target: str, pid: int, told: Mapping[str, int], database: _Database | None) -> Reading:
    process = psutil.Process(pid)
    if target == POSTGRES:
        # What the sessions have for themselves: pages that all share are the server's cache.
        family = [process, *process.children()]
        return Reading(
            pid=pid,
            memory_mib=_own_mib(*family),
            files=process.num_fds(),
            connections=database.clients if database is not None else None,
        )
    return Reading(
        pid=pid,
        memory_mib=_own_mib(process),
        files=process.num_fds(),
        tasks=told.get("tasks"),
        streams=told.get("streams"),
        prepared=told.get("prepared_statements"),
    )


def _own_mib(*family: psutil.Process) -> float:
    return round(sum(one.memory_full_info().uss for one in family) / MIB, 2)


async def _database(dsn: str) -> _Database | None:
    try:
        conn = await connect(dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    try:
        row = await conn.fetchrow(LOOK, NAME)
        assert row is not None
        return _Database(
            wal_mib=round(row["wal"] / MIB, 1),
            size_mib=round(row["size"] / MIB, 1),
            unnumbered=row["unnumbered"],
            clients=row["clients"],
        )
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    finally:
        with contextlib.suppress(Exception):
            await conn.close(timeout=ASK_S)


async def _told(session: aiohttp.ClientSession, url: str) -> dict[str, int]:
    try:
        async with session.get(f"{url}/metrics") as answer:
            text = await answer.text()
    except (aiohttp.ClientError, TimeoutError):
        return {}
    return {name: int(float(value)) for name, value in TOLD.findall(text)}


def as_json(sample: Sample) -> dict[str, Any]:
    """A sample in few words: figures that are missing are left out."""
    return {
        "at_s": sample.at_s,
        "placed": sample.placed,
        "under_way": sample.under_way,
        "wal_mib": sample.wal_mib,
        "database_mib": sample.database_mib,
        "unnumbered": sample.unnumbered,
        **{
            target: {
                name: value
                for name in Reading.__slots__
                if (value := getattr(reading, name)) is not None
            }
            for target, reading in sample.processes.items()
        },
    }
