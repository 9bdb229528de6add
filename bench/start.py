"""How long `shangmen run` takes until the API is ready, from nothing and with yesterday's data.

Each start is told apart by what it prints and by what answers: PostgreSQL, schema, people, then the
processes. Compiled modules are in place, as an installation has them: one start goes before.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import aiohttp
import psutil

from bench import results
from dispatch import cluster, processes
from tests.acceptance.processes import ROOT, free_ports

NAME: Final = "start"
READY_S: Final = 180
ASK_EVERY_S: Final = 0.02


async def measure(runs: int) -> dict[str, Any]:
    """Start without and with the demo's people, each from nothing and again."""
    folder = Path(tempfile.mkdtemp(prefix="shangmen-bench-"))
    os.chmod(folder, cluster.passable())
    try:
        results.say("a start before, to compile")
        await _start(folder / "compile", folder, demo=False)
        rows = []
        for demo in (False, True):
            cold, warm = [], []
            for run in range(runs):
                results.say(f"start {run + 1} of {runs}, {'with' if demo else 'without'} people")
                state_dir = folder / f"state-{demo}-{run}"
                cold.append(await _start(state_dir, folder, demo=demo))
                warm.append(await _start(state_dir, folder, demo=demo))
                shutil.rmtree(state_dir, ignore_errors=True)
            what = "4,117 nurses, 2,000 patients" if demo else "empty"
            rows += [_row(f"cold, {what}", cold), _row(f"warm, {what}", warm)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"starts": rows, "runs": runs}


async def _start(state_dir: Path, folder: Path, *, demo: bool) -> dict[str, float]:
    """Start everything and stop it again. Returns when, in seconds, each phase was over."""
    port, alarm_port = free_ports(2)
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("APP_") and name not in {"DATABASE_URL", "PYTHONDONTWRITEBYTECODE"}
    }
    environment = {
        **own,
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "PYTHONUNBUFFERED": "1",
        "APP_DEMO": "1" if demo else "0",
        "APP_CROWD": "0",
        "APP_PORT": str(port),
        "APP_ALARM_PORT": str(alarm_port),
        "APP_STATE_DIR": str(state_dir),
    }
    said = folder / "said.log"
    loop = asyncio.get_running_loop()
    with said.open("wb") as log:
        began_s = loop.time()
        process = processes.spawn(
            (sys.executable, "-m", "api", "run"),
            environment=environment,
            folder=ROOT,
            output=log,
            end_with_us=signal.SIGTERM,
        )
    seen: dict[str, float] = {}
    try:
        async with asyncio.timeout(READY_S), aiohttp.ClientSession() as session:
            while "ready_s" not in seen:
                _note(seen, said.read_bytes(), loop.time() - began_s)
                if await _answers(session, f"http://127.0.0.1:{alarm_port}/readyz"):
                    seen.setdefault("alarm_s", loop.time() - began_s)
                if await _answers(session, f"http://127.0.0.1:{port}/readyz"):
                    seen["ready_s"] = loop.time() - began_s
                await asyncio.sleep(ASK_EVERY_S)
        run = psutil.Process(process.pid)
        ours = [run, *(each for each in run.children(recursive=True) if each.name() != "postgres")]
        seen["cpu_s"] = sum(sum(each.cpu_times()[:2]) for each in ours)
    finally:
        await processes.stop(process, within_s=30)
    return seen


def _note(seen: dict[str, float], said: bytes, now_s: float) -> None:
    if b"Bringing the schema" in said:
        seen.setdefault("postgresql_s", now_s)
    if b"institutions:" in said or b"shifts:" in said:
        seen.setdefault("schema_s", now_s)
    if b"shifts:" in said:
        seen.setdefault("people_s", now_s)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=1)) as answer:
            return answer.status == 200
    return False


def _row(what: str, starts: list[dict[str, float]]) -> dict[str, Any]:
    """The median of each; a phase that there was none of is left out."""

    def median(name: str) -> float | None:
        found = [start[name] for start in starts if name in start]
        return round(statistics.median(found), 2) if found else None

    return {
        "start": what,
        "postgresql_at_s": median("postgresql_s"),
        "schema_at_s": median("schema_s"),
        "people_at_s": median("people_s"),
        "alarms_ready_at_s": median("alarm_s"),
        "api_ready_at_s": median("ready_s"),
        "cpu_s": median("cpu_s"),
    }


def main() -> None:
    """Measure some starts."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--runs", type=int, default=None)
    given = parser.parse_args()
    runs = given.runs or (1 if given.quick else 3)
    results.finish(NAME, asyncio.run(measure(runs)), quick=given.quick)


if __name__ == "__main__":
    main()
