"""The clock runs what is due, survives what fails, stops in order; peers notice the silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest

from config.settings import Settings
from dispatch import clock as clocks
from dispatch.acts import watch_peers
from dispatch.clock import Clock, Sweep
from dispatch.database import Pool

FAR: datetime = datetime(2999, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def ticking(pool: Pool, *sweeps: Sweep) -> AsyncIterator[Clock]:
    clock = Clock(pool)
    clock.start(sweeps)
    try:
        yield clock
    finally:
        await clock.stop(within_s=2)


def counting(batches: list[int], calls: list[int]) -> Callable[[Pool, int], Awaitable[int]]:
    """A sweep that takes these batches in turn, then nothing; `calls` gets each limit."""

    async def run(_: Pool, limit: int) -> int:
        calls.append(limit)
        return batches.pop(0) if batches else 0

    return run


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_full_batch_is_followed_by_the_next_at_once(pool: Pool) -> None:
    calls: list[int] = []
    sweep = Sweep(name="s", run=counting([5, 5, 2], calls), every_s=0.5, limit=5)
    async with ticking(pool, sweep) as clock:
        await until(lambda: bool(calls))
        await until(lambda: clock.figures()["s"]["runs"] == 1)
        assert calls == [5, 5, 5]
        assert clock.figures()["s"]["rows"] == 12
        await until(lambda: len(calls) == 4)


async def test_a_sweep_never_runs_twice_at_once_in_one_process(pool: Pool) -> None:
    running, most, ended = 0, 0, 0

    async def slow(_: Pool, limit: int) -> int:
        nonlocal running, most, ended
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.15)
        running -= 1
        ended += 1
        return 0

    async with ticking(pool, Sweep(name="slow", run=slow, every_s=0.02)):
        await until(lambda: ended >= 3)
    assert most == 1


async def test_a_failure_is_logged_once_by_name_and_hurts_nobody_else(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []
    tries = 0

    async def broken(_: Pool, limit: int) -> int:
        nonlocal tries
        tries += 1
        raise RuntimeError("+8613712345678")

    with caplog.at_level(logging.WARNING):
        async with ticking(
            pool,
            Sweep(name="broken", run=broken, every_s=0.02),
            Sweep(name="sound", run=counting([], calls), every_s=0.02),
        ) as clock:
            await until(lambda: tries >= 5 and len(calls) >= 5)
            figures = clock.figures()
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(record.name, record.getMessage()) for record in told] == [
        ("dispatch.clock.broken", "sweep failed")
    ]
    assert figures["broken"]["errors"] >= 5
    assert "quiet_s" not in figures["broken"]
    assert figures["sound"]["errors"] == 0
    assert figures["sound"]["every_s"] == 0.02


async def test_one_cause_that_fails_every_sweep_is_told_once_a_second(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    async def away(_: Pool, limit: int) -> int:
        nonlocal tries
        tries += 1
        raise ConnectionRefusedError

    begun_s = asyncio.get_running_loop().time()
    with caplog.at_level(logging.WARNING):
        async with ticking(
            pool, *(Sweep(name=f"s{number}", run=away, every_s=0.02) for number in range(6))
        ):
            await until(lambda: tries >= 40)
    lasted_s = asyncio.get_running_loop().time() - begun_s
    told = [record for record in caplog.records if record.getMessage() == "sweep failed"]
    assert 1 <= len(told) <= 1 + lasted_s


async def test_stopping_lets_what_runs_come_to_its_end_and_takes_up_nothing_new(pool: Pool) -> None:
    begun, ended, calls = asyncio.Event(), False, 0

    async def piece(_: Pool, limit: int) -> int:
        nonlocal ended, calls
        calls += 1
        begun.set()
        await asyncio.sleep(0.2)
        ended = True
        return limit  # always more to do

    clock = Clock(pool)
    clock.start([Sweep(name="piece", run=piece, every_s=0.02)])
    await begun.wait()
    await clock.stop(within_s=2)
    assert ended
    assert calls == 1


async def test_stopping_cuts_short_what_does_not_end(pool: Pool) -> None:
    begun, cancelled = asyncio.Event(), False

    async def endless(_: Pool, limit: int) -> int:
        nonlocal cancelled
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled = True
            raise
        return 0

    clock = Clock(pool)
    clock.start([Sweep(name="endless", run=endless, every_s=0.02)])
    await begun.wait()
    await clock.stop(within_s=0.05)
    assert cancelled


async def test_a_host_clock_that_was_set_back_does_not_stop_the_sweeps(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "LATE_S", 0.1)
    monkeypatch.setattr(clocks, "GUARD_EVERY_S", 0.05)
    calls: list[int] = []
    async with ticking(pool, Sweep(name="s", run=counting([], calls), every_s=0.02)) as clock:
        await until(lambda: len(calls) >= 2)
        # What the scheduler believes once the wall clock has gone back: not before long.
        clock._scheduler.modify_job("s", next_run_time=FAR)
        seen = len(calls)
        await until(lambda: len(calls) > seen + 2)


async def test_a_sweep_waits_for_its_beginning(pool: Pool) -> None:
    early: list[int] = []
    late: list[int] = []
    async with ticking(
        pool,
        Sweep(name="early", run=counting([], early), every_s=0.02),
        Sweep(name="late", run=counting([], late), every_s=0.02, begin_s=0.3),
    ):
        await until(lambda: len(early) >= 5)
        assert late == []
        await until(lambda: len(late) >= 1)


# Peers


async def beat(pool: Pool, role: str, number: int = 1) -> None:
    await watch_peers.beat(pool, watch_peers.WATCHER, f"{role}:{number}", role, {"n": number})


async def fall_silent(owner: asyncpg.Connection, role: str, silent_s: int) -> None:
    await owner.execute(
        "UPDATE heartbeats SET at = clock_timestamp() - make_interval(secs => $2) WHERE role = $1",
        role,
        silent_s,
    )


async def open_watches(owner: asyncpg.Connection) -> int:
    found: int = await owner.fetchval(
        "SELECT count(*) FROM alarms WHERE kind = 'watch' AND state <> 'resolved'"
    )
    return found


async def test_one_alarm_is_raised_for_a_silent_role_by_whoever_still_lives(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    for role in ("clock", "alarm", "api"):
        await beat(pool, role)
    await watch_peers.watch_peers(pool, own_role="alarm")
    assert await open_watches(owner) == 0
    await fall_silent(owner, "clock", 16)
    await watch_peers.watch_peers(pool, own_role="clock")
    assert await open_watches(owner) == 0, "nobody reports himself"
    await asyncio.gather(*(watch_peers.watch_peers(pool, own_role="alarm") for _ in range(4)))
    assert await open_watches(owner) == 1
    told = await owner.fetchrow("SELECT event, staff, data FROM outbox")
    assert told is not None
    assert (told["event"], told["staff"]) == ("alarm.raised", True)
    assert '"kind": "watch"' in told["data"]


async def test_a_role_with_one_living_process_is_not_silent(
    pool: Pool, owner: asyncpg.Connection, settings: Settings
) -> None:
    await beat(pool, "clock", 1)
    await fall_silent(owner, "clock", int(settings.heartbeat_stale_s) + 60)
    await beat(pool, "clock", 2)
    await watch_peers.watch_peers(pool, own_role="alarm")
    assert await open_watches(owner) == 0
