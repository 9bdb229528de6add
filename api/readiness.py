"""The questions of `/readyz`: can this process do its work, and does anybody do the work behind it?

Each answers with None or with the reason why not, in a few words without values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from api.stopping import Stopping
from api.wire import Check
from dispatch import migrate
from dispatch.database import Caller, Pool
from dispatch.records import events, gauges, heartbeats

READER: Final = Caller.clock("readiness")
CLOCK_SILENT_S: Final = 10.0
EVENT_WAITS_S: Final = 30.0

Beat = Callable[[], Awaitable[None]]
"""Writes this process's heartbeat."""


def of_api(pool: Pool, stopping: Stopping, beat: Beat) -> Mapping[str, Check]:
    """What the API needs: the database, its schema, and a clock that dispatches."""
    return {**of_alarms(pool, stopping, beat), "dispatcher": _dispatcher(pool)}


def of_alarms(pool: Pool, stopping: Stopping, beat: Beat) -> Mapping[str, Check]:
    """What an alarm needs: a database that takes it."""
    return {"process": stopping.check, "database": _database(beat), "schema": _schema(pool)}


def _database(beat: Beat) -> Check:
    async def check() -> str | None:
        # It writes: after a failover a demoted server goes on answering reads.
        await beat()
        return None

    return check


def _schema(pool: Pool) -> Check:
    wanted = [migration.name for migration in migrate.list_migrations()]

    async def check() -> str | None:
        async with pool.read(READER) as conn:
            applied = await gauges.list_migrations(conn)
        if missing := sorted(set(wanted) - set(applied)):
            return f"migration {missing[0]} is missing"
        if unknown := sorted(set(applied) - set(wanted)):
            return f"the database is newer: it has {unknown[0]}"
        return None

    return check


def _dispatcher(pool: Pool) -> Check:
    async def check() -> str | None:
        async with pool.read(READER) as conn:
            silent_s = await heartbeats.find_silence_s(conn, "clock")
            waits_s = await events.oldest_unnumbered_s(conn) / pool.settings.time_scale
        if silent_s is None:
            return "no clock has run yet"
        if silent_s > CLOCK_SILENT_S:
            return f"no clock for {silent_s:.0f} s"
        if waits_s > EVENT_WAITS_S:
            return f"an event has waited for {waits_s:.0f} s"
        return None

    return check
