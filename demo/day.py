"""A day of the crowd's on a deployment of its own: what `make day` plays, and where it is written.

It starts what a person would start (`run`), on a database that is thrown away afterwards, on a
working day, and keeps the closing table as text, picture and JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg

from demo import roster
from demo.crowd import play, report
from demo.crowd.ledger import Figures
from demo.crowd.mix import Timing
from dispatch import cluster, migrate, postgres, processes

ROOT: Final = Path(__file__).resolve().parents[1]
FIGURES: Final = ROOT / "docs" / "figures"

BEGINS_AT: Final = time(12, 0)
# All orders are placed within so many hours; most visits are on the day after.
PLACED_WITHIN_H: Final = 7.5
OVER_WITHIN_H: Final = 32.0
# The night between, in which nobody is visited, is skipped.
EVENING, MORNING = time(22, 15), time(6, 0)
FRIDAY: Final = 5
READY_S: Final = 600.0
STOP_S: Final = 30.0
ASK_S: Final = 0.5
LOOK_S: Final = 1.0

SET_TIME: Final = "UPDATE app_clock SET origin_app = $1, origin_real = clock_timestamp()"
NOW: Final = "SELECT app_now()"
OUT: Final = """
    SELECT EXISTS (SELECT FROM visits WHERE state IN ('en_route', 'arrived', 'in_service'))
"""


async def play_day(*, orders: int, scale: float, seed: int, folder: Path) -> Figures:
    """Play it, and write `day.svg` and `day.json` into `folder`; returns the figures."""
    async with _deployment(scale) as url:
        run = play.Run(
            url=url,
            orders=orders,
            rate=orders * scale / (3600 * PLACED_WITHIN_H),
            seed=seed,
            timing=Timing.DAY,
            limit_min=60 * OVER_WITHIN_H / scale,
            json_file=folder / "day.json",
            figure_file=folder / "day.svg",
            title=f"A day of {orders:,} orders in Jinhua",
            about=about(),
        )
        return await play.play(run)


def about() -> dict[str, object]:
    """On what it was played."""
    commit = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"),  # noqa: S607 - whichever git made this clone
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory_gib),
        "python": platform.python_version(),
        "commit": commit.stdout.strip() or None,
    }


def working_day(after: date) -> date:
    """The first day after this one that is a working day and has another one after it."""
    day = after + timedelta(days=1)
    while day.isoweekday() >= FRIDAY:
        day += timedelta(days=1)
    return day


@contextlib.asynccontextmanager
async def _deployment(scale: float) -> AsyncIterator[str]:
    """The address of a server with the whole region, on a durable database of its own."""
    folder = Path(tempfile.mkdtemp(prefix="shangmen-day-"))
    os.chmod(folder, cluster.passable())
    try:
        server = await postgres.start(folder / "server")
        try:
            await migrate.migrate(server.dsn())
            async with _clock(server.dsn()) as conn:
                now: datetime = await conn.fetchval(NOW)
                day = working_day(now.astimezone(roster.ZONE).date())
                await conn.execute(SET_TIME, datetime.combine(day, BEGINS_AT, tzinfo=roster.ZONE))
                async with _run(server.dsn(), folder, scale) as url:
                    night = asyncio.create_task(_skip_night(conn, day))
                    try:
                        yield url
                    finally:
                        night.cancel()
                        await asyncio.gather(night, return_exceptions=True)
        finally:
            await server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def _clock(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dsn)
    try:
        yield conn
    finally:
        await conn.close()


async def _skip_night(conn: asyncpg.Connection, day: date) -> None:
    """In the evening, when all nurses are back, go on with the next morning."""
    evening = datetime.combine(day, EVENING, tzinfo=roster.ZONE)
    while await conn.fetchval(NOW) < evening or await conn.fetchval(OUT):  # noqa: ASYNC110 - a clock
        await asyncio.sleep(LOOK_S)
    morning = datetime.combine(day + timedelta(days=1), MORNING, tzinfo=roster.ZONE)
    await conn.execute(SET_TIME, morning)


@contextlib.asynccontextmanager
async def _run(dsn: str, folder: Path, scale: float) -> AsyncIterator[str]:
    """`run` in demo mode, once it is ready; its log is shown if it does not become so."""
    port, alarm_port = _free_ports()
    url = f"http://127.0.0.1:{port}"
    log = folder / "run.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("APP_")},
        "DATABASE_URL": dsn,
        "APP_DEMO": "1",
        "APP_CROWD": "0",
        "APP_RECORD_RULE": "refuse",
        "APP_PORT": str(port),
        "APP_ALARM_PORT": str(alarm_port),
        "APP_STATE_DIR": str(folder / "state"),
        "APP_TIME_SCALE": f"{scale:g}",
    }
    with log.open("ab") as output:
        process = processes.spawn(
            (sys.executable, "-m", "api", "run"),
            environment=environment,
            folder=ROOT,
            output=output,
            end_with_us=signal.SIGTERM,
        )
    try:
        await _until_ready(process, url, log)
        yield url
    finally:
        await processes.stop(process, within_s=STOP_S)


async def _until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + READY_S
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while process.poll() is None and asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(ASK_S)
    said = (await asyncio.to_thread(log.read_text))[-2000:]
    raise play.CannotPlay(f"The server did not become ready:\n{said}")


def _free_ports() -> tuple[int, int]:
    """Two that nobody listens on; both are held until both are found, so that they differ."""
    with contextlib.ExitStack() as held:
        one, other = (held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in "ab")
        return one.getsockname()[1], other.getsockname()[1]


def main() -> None:
    """Play it as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m demo.day", description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--scale", type=float, default=65, help="APP_TIME_SCALE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--into", type=Path, default=FIGURES, help="the folder of the figures")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    day = play_day(orders=given.orders, scale=given.scale, seed=given.seed, folder=given.into)
    try:
        found = asyncio.run(day)
    except play.CannotPlay as refusal:
        sys.exit(str(refusal))
    (given.into / "day.txt").write_text(report.text(found), encoding="utf-8")


if __name__ == "__main__":
    main()
