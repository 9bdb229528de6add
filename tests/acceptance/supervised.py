"""A supervisor with its children and a PostgreSQL of its own, of which each may be killed.

Only what it started itself is ever killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import psutil

from dispatch import cluster, processes
from tests.acceptance.processes import ROOT, Deployment, free_ports

T = TypeVar("T")

POSTGRES: Final = "postgres"
UP_S: Final = 60
START_S: Final = 150
STOP_S: Final = 30
WELCOME: Final = b"Shangmen is running"


@dataclass(slots=True, kw_only=True)
class Supervised:
    """A target is the role of a child ("api", "clock", "alarm"), or "postgres"."""

    deployment: Deployment
    process: subprocess.Popen[bytes]
    deaths: Counter[str] = field(default_factory=Counter)

    def pid_of(self, target: str) -> int | None:
        if target == POSTGRES:
            return cluster.find_postmaster(cluster.locate(self.deployment.state_dir))
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if child.cmdline()[-2:] == ["--role", target]:
                    return child.pid
        return None

    async def kill(self, target: str) -> None:
        """SIGKILL it, and wait until there is another one."""
        pid = await until(lambda: self.pid_of(target))
        os.kill(pid, signal.SIGKILL)
        self.deaths[target] += 1

        def another() -> int | None:
            now = self.pid_of(target)
            return None if now == pid else now

        await until(another)

    async def ready(self) -> None:
        for name in ("alarm", "api"):
            await self.deployment.until_ready(name)


async def until(met: Callable[[], T | None], within_s: float = UP_S) -> T:
    """What `met` gives as soon as it gives anything."""
    async with asyncio.timeout(within_s):
        while True:
            found = met()
            if found is not None:
                return found
            await asyncio.sleep(0.05)


@contextlib.contextmanager
def state_folder() -> Iterator[Path]:
    """For a database that is durable, as in production; gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="shangmen-kill-"))
    state.chmod(cluster.passable())
    try:
        yield state
    finally:
        shutil.rmtree(state, ignore_errors=True)


@contextlib.asynccontextmanager
async def supervising(
    argv: Sequence[str],
    *,
    folder: Path,
    state: Path,
    settings: Mapping[str, str],
    start_s: float = START_S,
) -> AsyncIterator[Supervised]:
    """This supervisor, once it says that all is running; it logs to `run.log` in `folder`."""
    port, alarm_port = free_ports(2)
    deployment = Deployment(
        dsn="",
        folder=folder,
        port=port,
        alarm_port=alarm_port,
        settings={**settings, "APP_STATE_DIR": str(state)},
    )
    (folder / "state").symlink_to(state)
    environment = deployment.environment
    del environment["DATABASE_URL"]
    with deployment.log_of("run").open("wb") as log:
        process = processes.spawn(
            argv,
            environment=environment,
            folder=ROOT,
            output=log,
            end_with_us=signal.SIGTERM,
        )
    deployment.dsn = cluster.locate(state).dsn("shangmen")
    # Whether a process lives is the supervisor's to know: ours is the supervisor.
    deployment.running = dict.fromkeys(("api", "alarm"), process)

    def welcomed() -> bool | None:
        assert process.poll() is None, deployment.tail("run")
        return WELCOME in deployment.log_of("run").read_bytes() or None

    try:
        await until(welcomed, start_s)
        yield Supervised(deployment=deployment, process=process)
    finally:
        await processes.stop(process, within_s=STOP_S)
