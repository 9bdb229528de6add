"""The closing table: for people in a terminal, and as JSON for whatever reads on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson
from rich.console import Console
from rich.table import Table

from demo.crowd import temper
from demo.crowd.ledger import Figures, Spread

Row = tuple[str, str]

# What people did otherwise than by the book, as it is told, and what is counted in each line.
OTHERWISE: Final[Mapping[str, tuple[str, ...]]] = {
    "offers ignored": ("offers ignored",),
    "nurses left late": ("left late",),
    "steps sent later, offline": ("steps sent late",),
    "arrived off the door": ("arrived outside the geofence",),
    "visits given back": ("released by the nurse",),
    "did not come": ("did not come",),
    "broken off": tuple(f"aborted: {reason}" for reason in temper.ABORT_REASONS),
    "cancelled by patients": ("cancelled by the patient",),
    "rescheduled by patients": ("rescheduled by the patient",),
    "sent by telephone": ("assigned by the operator",),
    "SOS": ("SOS by the nurse", "SOS by the patient"),
}


def rows(of: Figures) -> list[tuple[str, list[Row]]]:
    """The lines of the table in its sections, each a label and a value."""
    return [
        ("Orders", _orders(of)),
        ("Waiting from approval to, median · p95", _waiting(of)),
        ("Visits", _visits(of)),
        ("Reviews and bills", _reviews_and_bills(of)),
        ("Offers", _offers(of)),
        ("Otherwise than by the book", _otherwise(of)),
        ("Requests", _requests(of)),
    ]


def table(of: Figures) -> Table:
    """The same for a terminal."""
    drawn = Table(show_header=False, min_width=60)
    drawn.add_column()
    drawn.add_column(justify="right")
    for name, lines in rows(of):
        drawn.add_section()
        drawn.add_row(f"[bold]{name}[/bold]", "")
        for label, value in lines:
            drawn.add_row(f"  {label}", value)
    return drawn


def text(of: Figures) -> str:
    """The same for a file."""
    drawn = io.StringIO()
    Console(file=drawn, width=80).print(table(of))
    return drawn.getvalue()


def as_json(of: Figures, **about: Any) -> bytes:
    """All figures, and what else is told about the run, indented and with an end of line."""
    return orjson.dumps({**about, **asdict(of)}, option=orjson.OPT_INDENT_2) + b"\n"


def duration(seconds: float) -> str:
    """As people say it: 3.2 s, 12.0 min, 2.5 h."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def _orders(of: Figures) -> list[Row]:
    lines = [("placed", str(of.placed)), ("assigned at least once", _share(of.assigned, of.placed))]
    lines += [(state, _share(count, of.placed)) for state, count in of.ends.items()]
    return [*lines, ("still under way", str(of.under_way))]


def _waiting(of: Figures) -> list[Row]:
    waits = [("first offer", of.first_offer), ("assignment", of.assignment)]
    lines = [(name, _spread(spread, 1)) for name, spread in waits]
    if of.scale != 1:  # a fast clock makes the server look slow: its real time stands beside
        lines += [(f"{name}, in real time", _spread(spread, of.scale)) for name, spread in waits]
    return lines


def _visits(of: Figures) -> list[Row]:
    travel = "–"
    if of.travel_min is not None and of.travel_km is not None:
        travel = f"{of.travel_min:.0f} min, {of.travel_km:.1f} km"
    again = "–"
    if of.same_nurse_share is not None:
        again = f"{of.same_nurse_share:.0%} of {of.repeats}"
    each = "–"
    if of.nurses_active:
        each = f"{of.visits / of.nurses_active:.1f}, {of.visits_most}"
    return [
        ("completed", str(of.visits)),
        ("travel per visit", travel),
        ("same nurse again, of repeats", again),
        ("nurses who went, of asked", f"{of.nurses_active} of {of.nurses_asked}"),
        ("visits of each who went, of the busiest", each),
        ("Gini of visits over asked nurses", "–" if of.gini is None else f"{of.gini:.2f}"),
    ]


def _reviews_and_bills(of: Figures) -> list[Row]:
    """How much of it took a person: assessing, and billing."""
    per_visit = "–" if of.reviews_per_visit is None else f"{of.reviews_per_visit:.2f}"
    alone = "–" if of.billed_alone_share is None else f"{of.billed_alone_share:.0%}"
    lines = [
        ("reviews by a person", str(of.reviews)),
        ("reviews per completed visit", per_visit),
        ("visits billed", str(of.billed)),
        ("billed without a person", alone),
    ]
    beside = ("waste received", "well after the visit", "told of alarm signs", "complained")
    return lines + [(what, str(of.happened.get(what, 0))) for what in beside]


def _offers(of: Figures) -> list[Row]:
    per_filled = "–" if of.offers_per_filled is None else f"{of.offers_per_filled:.1f}"
    lines = [("rung", str(of.offers)), ("rung per filled order", per_filled)]
    return lines + [(f"declined: {reason}", str(n)) for reason, n in of.declines.items()]


def _otherwise(of: Figures) -> list[Row]:
    counted = {
        what: sum(of.happened.get(name, 0) for name in names) for what, names in OTHERWISE.items()
    }
    return [(what, str(count)) for what, count in counted.items()]


def _requests(of: Figures) -> list[Row]:
    lines = [
        ("answered", str(of.requests)),
        ("tried again", str(of.tried_again)),
        ("server errors", str(of.server_errors)),
    ]
    return lines + [(f"fault: {what}", str(count)) for what, count in of.faults.items()]


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else str(part)


def _spread(spread: Spread, scale: float) -> str:
    if spread.median_s is None or spread.p95_s is None:
        return "–"
    return f"{duration(spread.median_s / scale)} · {duration(spread.p95_s / scale)}"
