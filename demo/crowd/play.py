"""The crowd as a program: from the command line, or beside a demo for as long as that runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from config.settings import Crowd as Liveliness
from demo import roster
from demo.crowd import figure, report
from demo.crowd.client import Refused, Unreachable
from demo.crowd.crowd import Crowd, Plan
from demo.crowd.ledger import Figures
from demo.crowd.mix import Timing

ANSWERS_WITHIN_S: Final = 15.0
# A demo that has just been started may take some minutes to load its region.
STARTS_WITHIN_S: Final = 600.0
COMES_BACK_AFTER_S: Final = 10.0
REFRESH_S: Final = 0.5

# Orders a second, at most under way, people.
LIVELY: Final = {Liveliness.GENTLE: (1 / 60, 40, 80), Liveliness.BUSY: (1 / 6, 300, 400)}
LIVELY_LANE: Final = 0
LIVELY_SEED: Final = 330_700


class CannotPlay(Exception):
    """Why there can be no crowd, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the command line asks for."""

    url: str
    orders: int
    rate: float
    seed: int
    timing: Timing | None
    limit_min: float | None
    json_file: Path | None
    figure_file: Path | None
    title: str = "A crowd in Jinhua"
    about: Mapping[str, object] = field(default_factory=dict)
    """What else the JSON is to tell."""

    @property
    def plan(self) -> Plan:
        return Plan(
            orders=self.orders,
            rate=self.rate,
            seed=self.seed,
            lane=1 + self.seed % 99,
            timing=self.timing,
            limit_s=None if self.limit_min is None else 60 * self.limit_min,
        )


async def play(run: Run) -> Figures:
    """Play it to its end, or to Ctrl-C; shows how it goes and the closing table, writes the files.

    Raises `CannotPlay`.
    """
    console = Console()
    await asyncio.to_thread(_check_files, run)
    try:
        async with Crowd.joined(run.url, run.plan, patience_s=ANSWERS_WITHIN_S) as crowd:
            with _stopped_by_signals() as stop:
                await _with_progress(crowd, console, stop)
                await crowd.look_round()
                found = crowd.figures()
                await crowd.call_off()
    except aiohttp.InvalidURL as refusal:
        raise CannotPlay(f"{run.url} is not an address such as http://127.0.0.1:8080.") from refusal
    except Unreachable as refusal:
        raise CannotPlay(f"{refusal} Start it with `make run`, or name it with --url.") from refusal
    except Refused as refusal:
        raise CannotPlay(_why(run.url, refusal)) from refusal
    _show(run, found, console)
    return found


async def keep_lively(url: str, how: Liveliness) -> None:
    """Order and visit gently until SIGTERM, whatever becomes of the server meanwhile."""
    rate, under_way, people = LIVELY[how]
    plan = Plan(
        orders=None,
        rate=rate,
        seed=LIVELY_SEED,
        lane=LIVELY_LANE,
        under_way_max=under_way,
        people=people,
    )
    with _stopped_by_signals() as stop:
        going = asyncio.create_task(_again_and_again(url, plan, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({going, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (going, stopping):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await going


async def _again_and_again(url: str, plan: Plan, stop: asyncio.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(Refused, Unreachable):
            async with Crowd.joined(url, plan, patience_s=STARTS_WITHIN_S) as crowd:
                await crowd.play(stop)
        await asyncio.sleep(COMES_BACK_AFTER_S)


async def _with_progress(crowd: Crowd, console: Console, stop: asyncio.Event) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=crowd.plan.orders)
        playing = asyncio.create_task(crowd.play(stop))
        while not playing.done():
            progress.update(bar, completed=crowd.ended, description=_now(crowd))
            await asyncio.wait({playing}, timeout=REFRESH_S)
        await playing


def _now(crowd: Crowd) -> str:
    found = crowd.figures()
    at = crowd.scene.clock.now.astimezone(roster.ZONE)
    return (
        f"{at:%a %H:%M} · placed {found.placed} · assigned {found.assigned}"
        f" · fulfilled {found.ends['fulfilled']} · under way {found.under_way}"
    )


def _show(run: Run, found: Figures, console: Console) -> None:
    subtitle = (
        f"{found.placed} orders at {run.rate:.3g} a second, seed {run.seed},"
        f" the server's clock at {found.scale:g} times ours"
    )
    console.print(f"{run.title}: {subtitle}")
    console.print(report.table(found))
    if run.json_file is not None:
        about = {"orders": run.orders, "rate": run.rate, "seed": run.seed, **run.about}
        run.json_file.write_bytes(report.as_json(found, **about))
        console.print(f"Figures written to {run.json_file}.")
    if run.figure_file is not None:
        run.figure_file.write_text(figure.svg(found, run.title, subtitle), encoding="utf-8")
        console.print(f"Picture written to {run.figure_file}.")


def _check_files(run: Run) -> None:
    """A day must not be played for nothing: what is to be written at its end can be written."""
    for file in (run.json_file, run.figure_file):
        if file is not None and (file.is_dir() or not os.access(file.parent, os.W_OK)):
            raise CannotPlay(f"{file} cannot be written; is its folder there?")


def _why(url: str, refusal: Refused) -> str:
    if refusal.status in (401, 403):
        return f"{url} is not in demo mode: the crowd plays with made-up people only."
    return f"{url} refuses: {refusal}."


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set instead of ending the program, while inside."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for sign in signals:
        loop.add_signal_handler(sign, stop.set)
    try:
        yield stop
    finally:
        for sign in signals:
            loop.remove_signal_handler(sign)
