"""`python -m tests.soak`: run it, tell how it goes, close with a verdict and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Final

from demo import day
from tests.acceptance.processes import ROOT
from tests.soak import course, figure, verdict
from tests.soak.course import Order, Record

FIGURES: Final = ROOT / "docs" / "figures"
LINE_EVERY: Final = 6


def main() -> int:
    """0 if every statement holds."""
    given = _parser().parse_args()
    order = Order(
        minutes=given.minutes,
        kill_every_s=given.kill_every_s,
        rate=given.rate,
        scale=given.scale,
        seed=given.seed,
    )
    record = asyncio.run(course.run(order, _tell, log_file=given.log))
    statements = verdict.judge(record)
    lines = [
        f"{'ok  ' if statement.holds else 'FAIL'}  {statement.name}: {statement.said}"
        for statement in statements
    ]
    holds = all(statement.holds for statement in statements)
    closing = "The soak held." if holds else "The soak FAILED."
    sys.stdout.write("\n".join(["", *lines, "", closing, ""]))
    _write(given.into, record, statements)
    return 0 if holds else 1


def _write(into: Path, record: Record, statements: list[verdict.Statement]) -> None:
    into.mkdir(parents=True, exist_ok=True)
    order = record.order
    subtitle = (
        f"{order.minutes:g} minutes, {order.rate:g} orders a second, the server's clock at"
        f" {order.scale:g} times ours, a SIGKILL every {order.kill_every_s:g} s"
    )
    (into / "soak.json").write_bytes(verdict.as_json(record, statements, day.about()) + b"\n")
    (into / "soak.svg").write_text(figure.svg(record, "Soak", subtitle), encoding="utf-8")
    sys.stdout.write(f"Written to {into}.\n")


def _tell(record: Record, what: str) -> None:
    """One line over itself where a person is looking, else one a minute."""
    is_watched = sys.stderr.isatty()
    if not what and not is_watched and len(record.samples) % LINE_EVERY:
        return
    line = what or _now(record)
    sys.stderr.write(f"\r{line:<110}" if is_watched else f"{line}\n")
    sys.stderr.flush()


def _now(record: Record) -> str:
    sample = record.samples[-1]
    memory = ", ".join(f"{name} {one.memory_mib:.0f}" for name, one in sample.processes.items())
    return (
        f"{sample.at_s / 60:4.1f} of {record.order.minutes:g} min · {sample.placed} orders,"
        f" {sample.under_way} under way · MiB: {memory} · {len(record.kills)} killed"
    )


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    made.add_argument("--minutes", type=float, default=20)
    made.add_argument("--kill-every-s", type=float, default=120)
    made.add_argument("--rate", type=float, default=0.4, help="orders a second")
    made.add_argument("--scale", type=float, default=20, help="APP_TIME_SCALE")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--log", type=Path, help="keep what the processes said")
    made.add_argument("--into", type=Path, default=FIGURES, help="the folder of the results")
    return made


if __name__ == "__main__":
    sys.exit(main())
