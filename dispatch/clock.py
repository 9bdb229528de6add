"""The engine of the sweeps: APScheduler wakes them, and none of their state lives here.

Any number of processes may run it. A deadline is a column of its row; a sweep claims what is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from dispatch.database import Pool

log = logging.getLogger(__name__)

# While a sweep goes on failing it is logged this often, not at each of its ticks.
REPEAT_S: Final = 30.0
CAUSE_S: Final = 1.0
GUARD_EVERY_S: Final = 1.0
LATE_S: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Something to do whenever it is due: `run(pool, limit)` returns how many rows it took.

    A full batch is followed by the next at once; each must be safe with any number of clocks. One
    with `begin_s` does nothing until so long after the start.
    """

    name: str
    run: Callable[[Pool, int], Awaitable[int]]
    every_s: float
    limit: int = 50
    begin_s: float = 0.0


@dataclass(slots=True)
class Tally:
    """What a sweep has done since the process started."""

    runs: int = 0
    rows: int = 0
    errors: int = 0
    busy_s: float = 0.0
    begun_at_s: float = 0.0
    succeeded_at_s: float | None = None
    told_at_s: float | None = None


class Clock:
    """Runs sweeps until it is stopped; what a sweep raises is logged and does not stop it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sweeps: dict[str, Sweep] = {}
        self._tallies: dict[str, Tally] = {}
        self._causes_told_at_s: dict[type[Exception], float] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._started_at_s = 0.0
        self._stopping = False
        self._guard: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )

    def start(self, sweeps: Iterable[Sweep]) -> None:
        """Begin to tick, on the running event loop."""
        # It warns at every tick that finds its sweep still busy, which is how it ought to be.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for sweep in sweeps:
            self._sweeps[sweep.name] = sweep
            self._tallies[sweep.name] = Tally()
            self._scheduler.add_job(self._run, _every(sweep), args=[sweep], id=sweep.name)
        self._started_at_s = _now_s()
        for tally in self._tallies.values():
            tally.begun_at_s = self._started_at_s
        self._scheduler.start()
        self._guard = asyncio.create_task(self._watch_ticks(), name="clock-guard")

    async def stop(self, within_s: float) -> None:
        """Take up nothing new, let what runs come to its end, and cancel it after `within_s`."""
        self._stopping = True
        if self._guard is not None:
            self._guard.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._guard
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(set(self._running.values()), timeout=within_s)
        # With wait=True it would cancel what still runs at once; after the wait above only what has
        # used up its time is left to cancel.
        left = set(self._running.values())
        self._scheduler.shutdown(wait=False)
        if left:
            log.warning("sweeps cut short at the end")
            await asyncio.wait(left, timeout=1)
        await asyncio.sleep(0)  # its own shutdown is a callback of the loop

    def figures(self) -> dict[str, dict[str, float]]:
        """What each sweep has done, in numbers; `quiet_s` is how long ago it last succeeded, and
        `every_s` how often it runs."""
        now_s = _now_s()
        return {
            name: {
                "runs": tally.runs,
                "rows": tally.rows,
                "errors": tally.errors,
                "busy_s": round(tally.busy_s, 3),
                "every_s": self._sweeps[name].every_s,
                **(
                    {"quiet_s": round(now_s - tally.succeeded_at_s, 3)}
                    if tally.succeeded_at_s is not None
                    else {}
                ),
            }
            for name, tally in self._tallies.items()
        }

    async def _run(self, sweep: Sweep) -> None:
        task = asyncio.current_task()
        tally = self._tallies[sweep.name]
        tally.begun_at_s = begun_s = _now_s()
        if task is None or self._stopping or begun_s < self._started_at_s + sweep.begin_s:
            return
        self._running[sweep.name] = task
        try:
            rows = await self._drain(sweep)
        except Exception as error:
            tally.errors += 1
            self._tell(sweep, tally, error)
        else:
            tally.rows += rows
            tally.succeeded_at_s, tally.told_at_s = _now_s(), None
        finally:
            tally.runs += 1
            tally.busy_s += _now_s() - begun_s
            del self._running[sweep.name]

    async def _drain(self, sweep: Sweep) -> int:
        taken = 0
        while not self._stopping:
            rows = await sweep.run(self._pool, sweep.limit)
            taken += rows
            if rows < sweep.limit:
                break
        return taken

    def _tell(self, sweep: Sweep, tally: Tally, error: Exception) -> None:
        """Log a failure by its sweep's name: once in a while, and one cause once a second.

        When the database is away every sweep fails of the same, several times a second.
        """
        now_s, cause = _now_s(), type(error)
        if tally.told_at_s is not None and now_s - tally.told_at_s < REPEAT_S:
            return
        if now_s - self._causes_told_at_s.get(cause, float("-inf")) < CAUSE_S:
            return
        tally.told_at_s = self._causes_told_at_s[cause] = now_s
        log.getChild(sweep.name).error("sweep failed", exc_info=error)

    async def _watch_ticks(self) -> None:
        """Wake a sweep that the scheduler has forgotten.

        APScheduler goes by the wall clock of this host: set back by an hour, it would tick again in
        an hour. The loop's own clock never steps.
        """
        while True:
            await asyncio.sleep(GUARD_EVERY_S)
            for name, sweep in self._sweeps.items():
                late_s = _now_s() - self._tallies[name].begun_at_s - sweep.every_s
                if name not in self._running and late_s > LATE_S:
                    log.getChild(name).warning("sweep was not woken in time")
                    self._tallies[name].begun_at_s = _now_s()
                    self._scheduler.reschedule_job(name, trigger=_every(sweep))


def _every(sweep: Sweep) -> IntervalTrigger:
    return IntervalTrigger(seconds=sweep.every_s, timezone=UTC)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
