"""`shangmen run`: the database, the processes on it, and what becomes of them when one dies.

Serves no request itself and knows nothing of nursing; what it starts is handed to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg

from dispatch import migrate, postgres, processes
from dispatch.cluster import PostgresError

STOP_S: Final = 10
READY_S: Final = 120
ASK_EVERY_S: Final = 0.1
ASK_S: Final = 2
BACKOFF_S: Final = 0.5
BACKOFF_MAX_S: Final = 5.0
STEADY_S: Final = 5.0
EARLY_DEATHS: Final = 4


class StartRefused(Exception):
    """Why nothing can be started, in one sentence for the person who runs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a child will listen, and the setting that chooses it."""

    host: str
    port: int
    setting: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process that must be running. It is ready once `ready_url`, if it has one, answers 200."""

    name: str
    argv: Sequence[str]
    ready_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a run consists of.

    Without a `database_url` the embedded server is run in `state_dir`; the children find the
    address of either in DATABASE_URL. `prepare` gets it first: it migrates and loads.
    """

    state_dir: Path
    database_url: str | None
    addresses: Sequence[Address]
    children: Sequence[Child]
    prepare: Callable[[str], Awaitable[None]]
    welcome: str
    environment: Mapping[str, str] = field(default_factory=dict)


def run(plan: Plan) -> int:
    """Run until SIGINT or SIGTERM, which is success (0); 1 after one sentence if it cannot."""
    try:
        asyncio.run(_until_told(plan))
    except (PostgresError, StartRefused) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


async def _until_told(plan: Plan) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if sign is signal.SIGHUP and signal.getsignal(sign) is signal.SIG_IGN:
            continue  # under nohup the end of the terminal is not the end of the run
        loop.add_signal_handler(sign, told.set)
    work = asyncio.create_task(_supervise(plan))
    telling = asyncio.create_task(told.wait())
    await asyncio.wait({work, telling}, return_when=asyncio.FIRST_COMPLETED)
    telling.cancel()
    if not work.done():
        _say("Stopping …")
        work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work
    _say("Stopped.")


async def _supervise(plan: Plan) -> None:
    _check_free(plan.addresses)
    async with _database(plan) as database:
        await _prepare(plan, database.dsn)
        environment = {**os.environ, **plan.environment, "DATABASE_URL": database.dsn}
        with _first_of_group():
            async with asyncio.TaskGroup() as group:
                group.create_task(database.keep())
                watches = [_Watch(child, environment) for child in plan.children]
                for watch in watches:
                    group.create_task(watch.keep())
                await _all_ready(watches)
                _say(plan.welcome)


async def _prepare(plan: Plan, dsn: str) -> None:
    try:
        await plan.prepare(dsn)
    except migrate.MigrationError as error:
        raise StartRefused(str(error)) from error
    except (ConnectionError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise StartRefused(f"The database went away while it was prepared: {error}.") from error


@contextlib.contextmanager
def _first_of_group() -> Iterator[None]:
    """A sentence for a person comes out of a task group as itself, not as one of a group."""
    try:
        yield
    except BaseExceptionGroup as group:
        refusals, faults = group.split((PostgresError, StartRefused))
        if refusals is None or faults is not None:
            raise
        raise refusals.exceptions[0] from None


class _Backoff:
    """How long to wait before the next start: not at all after a steady life, else ever longer."""

    def __init__(self) -> None:
        self._delay_s = BACKOFF_S

    def after(self, lived_s: float) -> float:
        if lived_s >= STEADY_S:
            self._delay_s = BACKOFF_S
            return 0
        delay_s = self._delay_s
        self._delay_s = min(2 * delay_s, BACKOFF_MAX_S)
        return delay_s


class _Named:
    """A server of somebody else, named by DATABASE_URL: used, not looked after."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    async def keep(self) -> None:
        return


class _Embedded:
    """Our own server, started again whenever it ends. Its address stays the same."""

    def __init__(self, state_dir: Path, server: postgres.Server) -> None:
        self._state_dir = state_dir
        self._server = server
        self.dsn = server.dsn()

    async def keep(self) -> None:
        backoff = _Backoff()
        while True:
            begun = _now()
            ending = await self._server.wait()
            _say(f"PostgreSQL ended {ending}; starting it again.")
            await asyncio.sleep(backoff.after(_now() - begun))
            self._server = await self._start(backoff)

    async def _start(self, backoff: _Backoff) -> postgres.Server:
        while True:
            try:
                return await postgres.start(self._state_dir, say=_say)
            except PostgresError as error:
                _say(str(error))
                await asyncio.sleep(backoff.after(0))

    async def stop(self) -> None:
        await self._server.stop()


@contextlib.asynccontextmanager
async def _database(plan: Plan) -> AsyncIterator[_Named | _Embedded]:
    if plan.database_url:
        await postgres.require(plan.database_url)
        yield _Named(plan.database_url)
        return
    server = await postgres.start(plan.state_dir, say=_say)
    embedded = _Embedded(plan.state_dir, server)
    try:
        yield embedded
    finally:
        await embedded.stop()


class _Watch:
    """One child, started again whenever it ends, and stopped when we are cancelled."""

    def __init__(self, child: Child, environment: Mapping[str, str]) -> None:
        self.child = child
        self.deaths = 0
        self._environment = environment

    async def keep(self) -> None:
        backoff = _Backoff()
        while True:
            begun = _now()
            process = processes.spawn(
                self.child.argv, environment=self._environment, end_with_us=signal.SIGKILL
            )
            try:
                code = await processes.wait(process)
            finally:
                await processes.stop(process, within_s=STOP_S)
            self.deaths += 1
            delay_s = backoff.after(_now() - begun)
            _say(
                f"The {self.child.name} process ended {processes.describe(code)};"
                f" starting it again in {delay_s:g} s."
            )
            await asyncio.sleep(delay_s)


async def _all_ready(watches: Sequence[_Watch]) -> None:
    deadline = _now() + READY_S
    waiting = list(watches)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S)) as session:
        while waiting := [watch for watch in waiting if not await _is_ready(watch, session)]:
            names = ", ".join(watch.child.name for watch in waiting)
            if any(watch.deaths >= EARLY_DEATHS for watch in waiting):
                raise StartRefused(f"It does not stay up ({names}): its own lines above say why.")
            if _now() > deadline:
                raise StartRefused(f"It is not ready after {READY_S} s ({names}).")
            await asyncio.sleep(ASK_EVERY_S)


async def _is_ready(watch: _Watch, session: aiohttp.ClientSession) -> bool:
    if watch.child.ready_url is None:
        return True
    try:
        async with session.get(watch.child.ready_url) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _check_free(addresses: Sequence[Address]) -> None:
    for address in addresses:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        try:
            socket.create_server((address.host, address.port), family=family).close()
        except OSError as error:
            where = f"Port {address.port} of {address.host}"
            if error.errno == errno.EADDRINUSE:
                reason = f"{where} is taken: stop what uses it"
            else:
                reason = f"{where} cannot be used ({error.strerror or error})"
            raise StartRefused(f"{reason}, or set {address.setting} to another one.") from None


def welcome(*, api: Address, alarm: Address, state_dir: Path, demo: bool) -> str:
    """What a person who has just started everything wants to know."""
    lines = ["", "上门 Shangmen is running."]
    if demo:
        lines += ["This is a DEMO with synthetic data; the code of every sign-in is 000000."]
    lines += [
        "",
        f"  API        {api.url}   (every route: {api.url}/docs)",
        f"  alarms     {alarm.url}",
        f"  state      {state_dir}",
    ]
    if demo:
        lines += [
            "",
            "  operator   +8613800000001",
            "  admin      +8613800000002",
            "  auditor    +8613800000003",
            "  reviewer   +8613800000004",
            "  nurses     +86139 and the staff number in eight digits: +8613900000001 …",
            "  patients   +86137 and eight digits; any other number becomes a new patient",
        ]
    return "\n".join(
        [*lines, "", "Ctrl-C stops all of it; the next run goes on with the same data."]
    )


def _now() -> float:
    return asyncio.get_running_loop().time()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
