"""The real processes of one deployment: started, asked whether they are ready, killed, stopped.

Each is `python -m api serve` as an operator would start it, with a log file of its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from api import serve
from config import catalogue
from config.settings import Settings
from demo import load
from demo.region import Region
from dispatch import database, processes

ROOT: Final = Path(__file__).resolve().parents[2]
READY_S: Final = 60
STOP_S: Final = 20
ASK_EVERY_S: Final = 0.1
ASK_S: Final = 5


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; all are held until the last is found, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


@dataclass(slots=True, kw_only=True)
class Deployment:
    """An API, a clock and an alarm process on one database, in demo mode, with their state.

    A name is a role ("api", "clock", "alarm"), or a role and a number for a further one of it that
    listens nowhere ("clock-2").
    """

    dsn: str = field(repr=False)
    folder: Path
    port: int
    alarm_port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alarm_url(self) -> str:
        return f"http://127.0.0.1:{self.alarm_port}"

    @property
    def state_dir(self) -> Path:
        return self.folder / "state"

    @property
    def environment(self) -> dict[str, str]:
        """What the processes are told; the settings of whoever runs the tests do not reach them."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("APP_")}
        return {
            **own,
            "DATABASE_URL": self.dsn,
            "APP_DEMO": "1",
            "APP_CROWD": "0",
            "APP_RECORD_RULE": "refuse",
            "APP_PORT": str(self.port),
            "APP_ALARM_PORT": str(self.alarm_port),
            "APP_STATE_DIR": str(self.state_dir),
            **self.settings,
        }

    async def fill(self, region: Region) -> None:
        """Load these people and open their shifts, sealed with the keys of this deployment."""
        settings = Settings(demo=True, database_url=self.dsn, state_dir=self.state_dir)
        pool = await database.connect(
            self.dsn,
            keyring=serve.open_keyring(settings),
            settings=load.unhurried(settings),
            catalogue=catalogue.load(),
            size=2,
            name="acceptance",
        )
        try:
            await load.load_region(pool, region)
            await load.top_up_shifts(pool)
        finally:
            await pool.close()

    def launch(self, name: str) -> None:
        """Start a process; it need not be ready yet."""
        role = name.partition("-")[0]
        with self.log_of(name).open("ab") as log:
            self.running[name] = processes.spawn(
                (sys.executable, "-m", "api", "serve", "--role", role),
                environment=self.environment,
                folder=ROOT,
                output=log,
                end_with_us=signal.SIGKILL,
            )

    async def start(self, *names: str) -> None:
        """Start these, and wait until those that listen answer `/readyz` with 200."""
        for name in names:
            self.launch(name)
        for name in names:
            await self.until_ready(name)

    async def until_ready(self, name: str) -> None:
        """Raises `AssertionError` with the end of its log if the process dies or stays unready."""
        url = {"api": self.url, "alarm": self.alarm_url}.get(name)
        said = "it has not answered"
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        deadline = asyncio.get_running_loop().time() + READY_S
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while url is not None:
                code = self.running[name].poll()
                if code is not None or asyncio.get_running_loop().time() > deadline:
                    ending = said if code is None else f"ended {processes.describe(code)}"
                    raise AssertionError(f"{name} is not ready: {ending}\n{self.tail(name)}")
                try:
                    async with session.get(f"{url}/readyz") as answer:
                        if answer.status == 200:
                            return
                        said = await answer.text()
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(ASK_EVERY_S)

    async def stop(self, *names: str) -> dict[str, int]:
        """Ask these (by default all) to leave, as a supervisor would. Returns their exit codes."""
        leaving = {name: self.running.pop(name) for name in names or tuple(self.running)}
        codes = await asyncio.gather(
            *(processes.stop(process, within_s=STOP_S) for process in leaving.values())
        )
        return dict(zip(leaving, codes, strict=True))

    async def kill(self, name: str) -> None:
        """SIGKILL: no goodbye."""
        process = self.running.pop(name)
        process.kill()
        await processes.wait(process)

    def log_of(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def logs(self) -> dict[str, list[str]]:
        """What each process has said so far, line by line."""
        return {
            path.stem: path.read_text(errors="replace").splitlines()
            for path in sorted(self.folder.glob("*.log"))
        }

    def tail(self, *names: str, lines: int = 40) -> str:
        """The end of the logs (by default of all): requests that went well are left out."""
        shown = []
        logs = self.logs()
        # Under a supervisor all speak in its log.
        wanted = set(names) & set(logs) or set(logs)
        for name, said in logs.items():
            if name in wanted:
                telling = [line for line in said if '"status":2' not in line]
                shown += [f"--- {name}.log", *telling[-lines:]]
        return "\n".join(shown)
