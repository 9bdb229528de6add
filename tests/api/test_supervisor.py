from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from dispatch import cluster, processes

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60

# A child that writes down its process id, looks at the database and answers when it is ready.
CHILD = """
import http.server, os, pathlib, sys
name, port, notes = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
assert os.environ["DATABASE_URL"].startswith("postgresql://"), "no database"
(notes / f"{name}.pid").write_text(str(os.getpid()))
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()
"""

SUPERVISOR = """
import asyncpg, json, pathlib, sys
from api import supervisor
given = json.loads(sys.argv[1])
async def prepare(dsn):
    conn = await asyncpg.connect(dsn)
    await conn.execute("CREATE TABLE IF NOT EXISTS runs (number int); INSERT INTO runs VALUES (1)")
    await conn.close()
addresses = [
    supervisor.Address(host="127.0.0.1", port=port, setting=f"APP_{name.upper()}_PORT")
    for name, port in given["ports"].items()
]
sys.exit(supervisor.run(supervisor.Plan(
    state_dir=pathlib.Path(given["state"]),
    database_url=given["database_url"],
    addresses=addresses,
    children=[
        supervisor.Child(
            name=name,
            argv=[sys.executable, "-c", given["child"], name, str(port), given["state"]],
            ready_url=f"http://127.0.0.1:{port}/readyz",
        )
        for name, port in given["ports"].items()
    ],
    prepare=prepare,
    welcome="all is ready",
)))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert isinstance(port, int)
        return port


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One `shangmen run` with two children, in a folder of its own."""

    state: Path
    ports: dict[str, int]
    log: Path

    async def begin(
        self, *, child: str = CHILD, database_url: str | None = None
    ) -> subprocess.Popen[bytes]:
        given = {
            "state": str(self.state),
            "ports": self.ports,
            "child": child,
            "database_url": database_url,
        }
        with self.log.open("ab") as log:
            return processes.spawn(
                [sys.executable, "-c", SUPERVISOR, json.dumps(given)],
                folder=ROOT,
                output=log,
                end_with_us=signal.SIGTERM,
            )

    async def until(self, holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(LIMIT_S):
                await processes.until(holds)
        except TimeoutError:
            pytest.fail(f"It did not come to it; the log:\n{self.log.read_text()}")

    async def until_said(self, text: str, times: int = 1) -> None:
        await self.until(lambda: self.log.read_text().count(text) >= times)

    def pid(self, name: str) -> int:
        return int((self.state / f"{name}.pid").read_text())

    def postmaster(self) -> int | None:
        return cluster.find_postmaster(cluster.locate(self.state))

    async def count_runs(self) -> int:
        conn = await asyncpg.connect(cluster.locate(self.state).dsn("shangmen"))
        try:
            count = await conn.fetchval("SELECT count(*) FROM runs")
        finally:
            await conn.close()
        assert isinstance(count, int)
        return count


@pytest.fixture
async def made() -> AsyncIterator[Run]:
    state = Path(tempfile.mkdtemp(prefix="shangmen-"))
    state.chmod(cluster.passable())
    run = Run(
        state=state, ports={"api": free_port(), "alarm": free_port()}, log=state / "console.log"
    )
    run.log.touch()
    yield run
    assert run.postmaster() is None
    shutil.rmtree(state)


async def end(run: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM) -> int:
    if run.poll() is None:
        run.send_signal(sign)
    async with asyncio.timeout(LIMIT_S):
        return await processes.wait(run)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_starts_all_stops_all_and_goes_on(made: Run, sign: signal.Signals) -> None:
    for number in (1, 2):
        run = await made.begin()
        try:
            await made.until_said("all is ready", times=number)
            assert await made.count_runs() == number
            children = [made.pid("api"), made.pid("alarm")]
        finally:
            code = await end(run, sign)
        assert code == 0
        assert not any(processes.is_alive(pid) for pid in children)
        assert made.postmaster() is None
    assert "Traceback" not in made.log.read_text()


async def test_what_dies_is_started_again(made: Run) -> None:
    run = await made.begin()
    try:
        await made.until_said("all is ready")
        killed = made.pid("api")
        os.kill(killed, signal.SIGKILL)
        await made.until(lambda: made.pid("api") != killed)
        assert "The api process ended by SIGKILL" in made.log.read_text()

        other, server = made.pid("alarm"), made.postmaster()
        assert server is not None
        os.kill(server, signal.SIGKILL)
        await made.until(lambda: made.postmaster() not in {None, server})
        assert processes.is_alive(other)  # the database's death is not a child's
    finally:
        assert await end(run) == 0


async def test_a_killed_supervisor_leaves_nothing_in_the_way(made: Run) -> None:
    run = await made.begin()
    await made.until_said("all is ready")
    server, children = made.postmaster(), [made.pid("api"), made.pid("alarm")]
    await end(run, signal.SIGKILL)
    await made.until(lambda: not any(processes.is_alive(pid) for pid in children))
    assert made.postmaster() == server

    run = await made.begin()
    try:
        await made.until_said("all is ready", times=2)
        assert "taking it over" in made.log.read_text()
        assert made.postmaster() == server
        assert await made.count_runs() == 2
    finally:
        assert await end(run) == 0


async def test_a_taken_port_is_one_sentence(made: Run) -> None:
    with socket.create_server(("127.0.0.1", made.ports["alarm"])):
        run = await made.begin()
        async with asyncio.timeout(LIMIT_S):
            assert await processes.wait(run) == 1
    assert made.log.read_text() == (
        f"Port {made.ports['alarm']} of 127.0.0.1 is taken: stop what uses it,"
        " or set APP_ALARM_PORT to another one.\n"
    )


async def test_a_second_run_on_the_same_folder_is_refused(made: Run) -> None:
    run = await made.begin()
    try:
        await made.until_said("all is ready")
        other = Run(state=made.state, ports={"api": free_port()}, log=made.state / "other.log")
        second = await other.begin()
        async with asyncio.timeout(LIMIT_S):
            assert await processes.wait(second) == 1
        assert f"Another run (process {run.pid}) already uses" in other.log.read_text()
        assert "Traceback" not in other.log.read_text()
    finally:
        assert await end(run) == 0


async def test_children_that_never_stay_up_end_the_start(made: Run) -> None:
    run = await made.begin(child="raise SystemExit(3)")
    async with asyncio.timeout(LIMIT_S):
        assert await processes.wait(run) == 1
    said = made.log.read_text()
    assert "The api process ended with exit code 3" in said
    assert "does not stay up" in said
    assert "Traceback" not in said


async def test_a_named_server_is_used_and_left_alone(made: Run, empty_dsn: str) -> None:
    run = await made.begin(database_url=empty_dsn)
    try:
        await made.until_said("all is ready")
        assert made.postmaster() is None
    finally:
        assert await end(run) == 0
    conn = await asyncpg.connect(empty_dsn)
    try:
        assert await conn.fetchval("SELECT count(*) FROM runs") == 1
    finally:
        await conn.close()
