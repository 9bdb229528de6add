"""`shangmen serve`: one process in one role, or in all. Opens what a role needs, and closes it.

A role is a pool, its heartbeat, and either an HTTP application or a clock, or both. What only one
role needs is imported by that role: half of a process's memory and start is what it imports.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from api import reference
from api.stopping import Stopping
from config.settings import Settings
from dispatch import database, postgres, processes
from dispatch.cluster import PostgresError
from dispatch.database import Pool
from dispatch.key_folder import LocalKeyProvider
from dispatch.sealing import Keyring

if TYPE_CHECKING:
    from aiohttp import web

    from api.readiness import Beat
    from dispatch.sweeps import TopUp
    from dispatch.watches import Figures

log = structlog.get_logger()

# How long `/readyz` refuses before the port closes, so that a balancer looks away first.
LOOK_AWAY_S: Final = 1.0
BACKLOG: Final = 1_024
FILES: Final = 65_536
# Of <malloc.h>. Buffers from that size on are mapped apart; few threads work at once.
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
MAPPED_FROM_BYTES: Final = 65_536
ARENAS: Final = 2
# Planning a few days takes seconds, and compiling the engine beforehand a minute.
PLANNING_MAX_S: Final = 300.0
# The sweeps of the alarm process: they must never wait for, or hold up, an alarm.
WATCH_POOL_SIZE: Final = 2


class ServeRole(StrEnum):
    """What a process does."""

    API = "api"
    CLOCK = "clock"
    ALARM = "alarm"
    ALL = "all"

    @property
    def parts(self) -> tuple[ServeRole, ...]:
        if self is ServeRole.ALL:
            return (ServeRole.CLOCK, ServeRole.ALARM, ServeRole.API)
        return (self,)


def state_dir(settings: Settings) -> Path:
    """Where keys, checkpoints and the embedded database lie."""
    return settings.state_dir or postgres.state_dir()


def open_keyring(settings: Settings) -> Keyring:
    """The keys of this machine, made on the first start. Raises `SealingError`."""
    return Keyring(
        LocalKeyProvider(settings.keys_dir or state_dir(settings) / "keys"),
        remember_s=settings.data_key_cache_s,
        remember_max=settings.data_key_cache_max,
    )


async def find_dsn(settings: Settings) -> str:
    """The address of the database: DATABASE_URL, or the embedded server if it runs.

    Raises `PostgresError`.
    """
    if settings.database_url is not None:
        return settings.database_url
    dsn = await postgres.find_dsn(state_dir(settings))
    if dsn is None:
        raise PostgresError(
            "No database: set DATABASE_URL, or let `shangmen run` start the embedded one."
        )
    return dsn


@contextlib.asynccontextmanager
async def open_pool(
    settings: Settings, dsn: str, keyring: Keyring, *, name: str, size: int
) -> AsyncIterator[Pool]:
    """A pool for as long as the block lasts. Raises `PrivilegeError`."""
    pool = await database.connect(
        dsn,
        keyring=keyring,
        settings=settings,
        catalogue=reference.services(),
        size=size,
        name=f"shangmen-{name}",
    )
    try:
        yield pool
    finally:
        await pool.close()


async def serve(settings: Settings, role: ServeRole, *, top_up: TopUp | None = None) -> None:
    """Work in this role until SIGTERM or SIGINT, then leave in order. Raises `PostgresError`."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    if settings.demo:
        log.warning("THIS IS A DEMO: all people are made up, and every sign-in code is 000000")
    stopping = Stopping()
    process = _Process(settings, await find_dsn(settings), open_keyring(settings), stopping)
    async with contextlib.AsyncExitStack() as stack:
        for part in role.parts:
            match part:
                case ServeRole.API:
                    await stack.enter_async_context(process.api())
                case ServeRole.ALARM:
                    await stack.enter_async_context(process.alarm())
                case _:
                    await stack.enter_async_context(process.clock(top_up))
        _settle_memory()
        log.info("started", role=role.value, pid=os.getpid())
        await told.wait()
        log.info("stopping", role=role.value)
        stopping.told = True
        if not settings.demo and role is not ServeRole.CLOCK:
            await asyncio.sleep(LOOK_AWAY_S)
    log.info("stopped", role=role.value)


class _Process:
    """What the roles of one process share."""

    def __init__(self, settings: Settings, dsn: str, keyring: Keyring, stopping: Stopping) -> None:
        self._settings = settings
        self._dsn = dsn
        self._keyring = keyring
        self._stopping = stopping

    @contextlib.asynccontextmanager
    async def api(self) -> AsyncIterator[None]:
        # Loaded now, not while the first nurse stands at a door.
        import geopy.distance  # noqa: F401
        import shapely  # noqa: F401

        from api.app import make_app
        from dispatch import channels, roads

        reference.consent_texts()
        reference.served_areas()
        settings = self._settings
        _allow_files()
        async with (
            self._pool("api", settings.api_pool_size) as pool,
            channels.connect(settings) as channel,
            roads.connect(settings) as pool.roads,
        ):
            beat = self._beat(pool, "api", dict)
            app = make_app(pool, beat=beat, channel=channel, stopping=self._stopping)
            async with self._listening(app, settings.port, "api"):
                yield

    @contextlib.asynccontextmanager
    async def alarm(self) -> AsyncIterator[None]:
        from api.alarm_app import make_alarm_app
        from dispatch import watches
        from dispatch.clock import Clock

        settings = self._settings
        async with (
            self._pool("alarm", settings.alarm_pool_size) as pool,
            self._pool("alarm-watch", WATCH_POOL_SIZE) as watch_pool,
        ):
            clock = Clock(watch_pool)
            app = make_alarm_app(
                pool, beat=self._beat(pool, "alarm", clock.figures), stopping=self._stopping
            )
            async with self._listening(app, settings.alarm_port, "alarm"):
                clock.start(
                    watches.of_alarms(settings, process=_name("alarm"), figures=clock.figures)
                )
                try:
                    yield
                finally:
                    await clock.stop(within_s=settings.drain_s)

    @contextlib.asynccontextmanager
    async def clock(self, top_up: TopUp | None) -> AsyncIterator[None]:
        from dispatch import channels, faces, payments, pushes, register, roads, sweeps
        from dispatch.clock import Clock

        settings = self._settings
        async with (
            self._pool("clock", settings.clock_pool_size) as pool,
            channels.connect(settings) as channel,
            pushes.connect(settings, self._keyring.provider.push_signing_key) as sender,
            register.connect(settings) as asked,
            faces.connect(settings) as compared,
            payments.connect(settings) as provider,
            roads.connect(settings) as pool.roads,
        ):
            clock = Clock(pool)
            # At once, so that an API which starts together with us finds a dispatcher.
            await self._beat(pool, "clock", clock.figures)()
            clock.start(
                sweeps.of_clock(
                    settings,
                    process=_name("clock"),
                    state_dir=state_dir(settings),
                    channel=channel,
                    sender=sender,
                    figures=clock.figures,
                    provider=provider,
                    register=asked,
                    faces=compared,
                    plan_aside=partial(plan_aside, self._dsn) if settings.plan_ahead_days else None,
                    top_up=top_up,
                )
            )
            try:
                yield
            finally:
                await clock.stop(within_s=settings.drain_s)

    def _pool(self, name: str, size: int) -> contextlib.AbstractAsyncContextManager[Pool]:
        return open_pool(self._settings, self._dsn, self._keyring, name=name, size=size)

    def _beat(self, pool: Pool, role: str, figures: Figures) -> Beat:
        from dispatch.acts import watch_peers

        async def beat() -> None:
            await watch_peers.beat(pool, watch_peers.WATCHER, _name(role), role, figures())

        return beat

    @contextlib.asynccontextmanager
    async def _listening(self, app: web.Application, port: int, name: str) -> AsyncIterator[None]:
        from aiohttp import web

        from api.guard import Runner

        settings = self._settings
        runner = Runner(
            app,
            header_timeout_s=settings.header_timeout_s,
            keepalive_s=settings.keepalive_s,
            drain_s=settings.drain_s,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, port, backlog=BACKLOG).start()
            log.info("listening", application=name, host=settings.host, port=port)
            yield
        finally:
            await runner.cleanup()


async def plan_aside(dsn: str) -> None:
    """Have another process plan the days that are due: it takes seconds of a processor, and memory
    that ends with it."""
    child = processes.spawn(
        (sys.executable, "-m", "api", "plan-days", "--quiet"),
        environment={**os.environ, "DATABASE_URL": dsn},
        end_with_us=signal.SIGKILL,
    )
    try:
        async with asyncio.timeout(PLANNING_MAX_S):
            code = await processes.wait(child)
    finally:
        await processes.stop(child, within_s=0)
    if code:
        raise RuntimeError(f"planning days ended {processes.describe(code)}")


def _name(role: str) -> str:
    """This process among its peers."""
    return f"{role}:{socket.gethostname()}:{os.getpid()}"


def _allow_files() -> None:
    """Each stream is an open file, and the usual soft limit of 1,024 means nothing to us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _settle_memory() -> None:
    """Keep what is loaded out of the collector's way, and the heap free of holes.

    What comes later and grows old is walked every hundred thousand objects, in some milliseconds;
    rarer, and the cycles that are left behind would pile up. glibc takes ever larger buffers from
    the heap, up to 32 MiB, until it is told where to stop; freed, they leave holes between what
    stays. Another C library is left as it is.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 2)
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES)
        mallopt(M_ARENA_MAX, ARENAS)
