"""Each statement falls when what it says is not so: a soak that cannot fail shows nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from demo.crowd.ledger import Figures, Ledger, figures
from tests.acceptance.invariants import Finding
from tests.acceptance.supervised import POSTGRES
from tests.soak import figure, verdict
from tests.soak.course import Kill, Order, Record
from tests.soak.samples import Reading, Sample
from tests.soak.trend import Weight

ORDER = Order(minutes=10, kill_every_s=120, rate=0.4, scale=20, seed=1)
POOLS = 20 + verdict.BESIDE_POOLS
TIMES = [10.0 * number for number in range(1, 61)]
QUIET = 'The api process ended by SIGKILL; starting it again in 0 s.\n{"event": "started"}\n'


def line(**told: object) -> str:
    return json.dumps(told) + "\n"


def request(status: int) -> str:
    return line(event="request", method="POST", route="/v1/orders", status=status, level="info")


def sample(
    at_s: float, *, memory_mib: float = 90.0, streams: int = 40, tasks: int = 20, files: int = 60
) -> Sample:
    api = Reading(pid=7, memory_mib=memory_mib, files=files, tasks=tasks, streams=streams)
    return Sample(at_s=at_s, processes={"api": api}, wal_mib=64.0, placed=int(at_s))


def connected(count: int) -> Sample:
    """The server with so many sessions, which are in pools if there are no more than POOLS."""
    server = Reading(pid=8, memory_mib=90.0, files=9, connections=count)
    return Sample(at_s=10.0, processes={POSTGRES: server})


def crowd_figures(**changes: Any) -> Figures:
    return replace(figures(Ledger(), 20.0, {200: 1_000}), **changes)


def record(**changes: Any) -> Record:
    """One of which nothing bad can be said."""
    well = Record(
        order=ORDER,
        samples=[sample(at_s) for at_s in TIMES],
        kills=[Kill(target="api", at_s=120, back_s=3.5, log_from=0, log_to=len(QUIET))],
        weights=[(150.0, {"outbox": Weight(rows=1_000, size=2**22)})] * 4,
        idle=[sample(0, streams=0), sample(620, streams=0)],
        compared={
            "acknowledged": 900,
            "orders": 200,
            "lost": 0,
            "lost_by_route": {},
            "orders_gone": 0,
            "orders_told_twice": 0,
            "orders_without_a_request": 0,
        },
        audit={"ok": True, "checked": 900, "checkpoints": 1},
        figures=crowd_figures(),
        wal_max_mib=1_024.0,
        log=QUIET + request(201) * 1_000,
    )
    return replace(well, **changes)


def falls(told: Record) -> list[str]:
    return [statement.name for statement in verdict.judge(told) if not statement.holds]


def test_a_good_run_holds() -> None:
    assert falls(record()) == []


def _log(extra: str) -> Callable[[], dict[str, Any]]:
    return lambda: {"log": record().log + extra}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("all invariants", lambda: {"violations": [Finding(what="two winners", count=1)]}),
        ("nothing acknowledged", lambda: {"compared": {**record().compared, "lost": 1}}),
        ("nothing acknowledged", lambda: {"compared": {}}),
        ("audit chain", lambda: {"audit": {"ok": False}}),
        ("nobody was refused", lambda: {"figures": crowd_figures(faults={"POST /v1/x: 409": 2})}),
        ("nobody was refused", lambda: {"figures": None}),
        ("nobody died", _log("PostgreSQL ended with code 1; starting it again.\n")),
        ("ready again", lambda: {"kills": [replace(record().kills[0], back_s=60.0)]}),
        ("no 5xx but 503", _log(request(500))),
        ("no 5xx but 503", lambda: {"log": QUIET.replace("\n", "\n" + request(500), 1)}),
        ("are sent away", _log(request(503) * 20)),
        ("no error is logged", _log(line(event="sweep failed", level="error", logger="x"))),
        ("memory_mib", lambda: {"samples": [sample(s, memory_mib=90 + s / 40) for s in TIMES]}),
        ("tasks", lambda: {"samples": [sample(s, tasks=20 + int(s / 10)) for s in TIMES]}),
        ("files", lambda: {"samples": [sample(s, files=60 + int(s / 20)) for s in TIMES]}),
        ("within the pools", lambda: {"samples": [connected(POOLS + 1)]}),
        ("at rest", lambda: {"idle": [sample(0, streams=0), sample(620, streams=3)]}),
        ("write-ahead log", lambda: {"wal_max_mib": 16.0}),
        (
            "no table swells",
            lambda: {
                "weights": [
                    *record().weights[:3],
                    (600.0, {"outbox": Weight(rows=1_000, size=2**24)}),
                ]
            },
        ),
    ],
)
def test_each_statement_falls(name: str, changes: Callable[[], dict[str, Any]]) -> None:
    told = falls(record(**changes()))
    assert len(told) == 1
    assert name in told[0]


def test_what_is_sent_away_around_a_kill_is_by_design() -> None:
    around = request(503) * 50
    told = record(log=QUIET + around + request(201) * 1_000)
    kill = replace(told.kills[0], log_to=len(QUIET + around))
    assert falls(replace(told, kills=[kill])) == []


def test_times_on_a_busy_machine_are_told_but_not_judged() -> None:
    slow = record(kills=[replace(record().kills[0], back_s=60.0)], load_before=7.0)
    assert falls(slow) == []


def test_what_grows_with_the_load_is_no_leak() -> None:
    """Each new listener costs something; growth is judged when there come no more."""
    rising = [
        sample(at_s, streams=int(min(at_s, 300)), memory_mib=80 + min(at_s, 300) / 10)
        for at_s in TIMES
    ]
    told = record(samples=rising)
    assert verdict.steady_s(told) == 290
    assert falls(told) == []


def test_what_a_stream_holds_is_no_leak() -> None:
    """Slowly more may listen to the very end; only what they do not account for is growth."""
    streams = {at_s: 400 + int(at_s / 15) for at_s in TIMES}
    rising = [
        sample(at_s, streams=held, tasks=20 + 2 * held, files=60 + held)
        for at_s, held in streams.items()
    ]
    assert falls(record(samples=rising)) == []


def test_a_file_and_a_picture_can_be_made() -> None:
    told = record()
    whole = json.loads(verdict.as_json(told, verdict.judge(told), {"commit": "x"}))
    assert whole["commit"] == "x"
    assert len(whole["samples"]) == 60
    drawn = figure.svg(told, "Soak", "ten minutes")
    assert drawn.startswith("<svg")
    assert drawn.count("<polyline") >= 3
