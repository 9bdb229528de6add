"""A soak as a picture: memory, connections and requests over time, and who was killed when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from tests.soak import samples
from tests.soak.course import Record
from tests.soak.samples import Sample

WIDTH: Final = 880
LEFT: Final = 64
RIGHT: Final = 24
PANEL: Final = 150
GAP: Final = 56
TOP: Final = 92
HEADROOM: Final = 1.15  # for the names of those who were killed
INK, SOFT, PAPER, RULE = "#1f2933", "#616e7c", "#ffffff", "#d5dbe1"
COLOURS: Final = {
    "api": "#3182ce",
    "clock": "#2f855a",
    "alarm": "#c05621",
    "postgres": "#5a67d8",
    "answers": "#3182ce",
    "streams": "#c05621",
    "tasks": "#2f855a",
    "orders under way": "#718096",
}
KILL: Final = "#b83280"
FONT: Final = "font-family=\"system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif\""

Points = list[tuple[float, float]]


def svg(record: Record, title: str, subtitle: str) -> str:
    """Three panels under each other, on one axis of time."""
    parts = [
        _text(LEFT, 34, title, size=20, weight=600),
        _text(LEFT, 56, subtitle, size=13, fill=SOFT),
    ]
    until_s = 60 * record.order.minutes
    panels: list[tuple[str, dict[str, Points]]] = [
        (
            "Memory of its own, MiB",
            {target: _memory(record, target) for target in samples.TARGETS},
        ),
        (
            "Of the api: event streams, tasks; and orders under way",
            {
                "streams": _line(record, lambda one: _of_api(one, "streams")),
                "tasks": _line(record, lambda one: _of_api(one, "tasks")),
                "orders under way": _line(record, lambda one: one.under_way),
            },
        ),
        ("Answers a second that the crowd was given", {"answers": _rate(record.samples)}),
    ]
    y = TOP
    for name, lines in panels:
        parts += _panel(name, lines, y, until_s, record)
        y += PANEL + GAP
    height = y - GAP + 44
    parts += [
        _text(_x(60 * minute, until_s), height - 20, f"{minute} min", size=12, anchor="middle")
        for minute in range(0, int(record.order.minutes) + 1, max(1, int(record.order.minutes / 5)))
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" {FONT}>',
            f"<title>{escape(title)}. {escape(subtitle)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _panel(
    name: str, lines: dict[str, Points], y: float, until_s: float, record: Record
) -> list[str]:
    most = max((value for points in lines.values() for _, value in points), default=1.0) or 1.0
    most *= HEADROOM
    bottom = y + PANEL
    parts = [
        _text(LEFT, y - 10, name, size=13, weight=600, fill=SOFT),
        _text(LEFT - 8, y + 5, f"{most:.0f}", size=12, fill=SOFT, anchor="end"),
        _text(LEFT - 8, bottom + 4, "0", size=12, fill=SOFT, anchor="end"),
        f'<path d="M{LEFT} {y}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="{RULE}"/>',
    ]
    for kill in record.kills:
        x = _x(kill.at_s, until_s)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{bottom}" stroke="{KILL}" '
            'stroke-dasharray="3 3" opacity="0.7"/>'
        )
        if y == TOP:
            parts.append(_text(x + 3, y + 10, kill.target, size=11, fill=KILL))
    x = float(WIDTH - RIGHT)
    for label, points in reversed(lines.items()):
        if len(lines) > 1:
            parts.append(_text(x, y - 10, label, size=12, fill=COLOURS[label], anchor="end"))
            x -= 7.2 * len(label) + 16
        for piece in _pieces(points):
            path = " ".join(
                f"{_x(at_s, until_s):.1f},{bottom - PANEL * value / most:.1f}"
                for at_s, value in piece
            )
            parts.append(
                f'<polyline points="{path}" fill="none" stroke="{COLOURS[label]}" '
                'stroke-width="1.6"/>'
            )
    return parts


def _pieces(points: Points) -> list[Points]:
    """A line is broken where nothing was seen for a while."""
    pieces: list[Points] = []
    for point in points:
        if pieces and point[0] - pieces[-1][-1][0] < 25:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    return pieces


def _line(record: Record, of: Callable[[Sample], float | None]) -> Points:
    return [(one.at_s, value) for one in record.samples if (value := of(one)) is not None]


def _memory(record: Record, target: str) -> Points:
    return [
        (one.at_s, one.processes[target].memory_mib)
        for one in record.samples
        if target in one.processes
    ]


def _of_api(sample: Sample, figure: str) -> float | None:
    reading = sample.processes.get("api")
    value: int | None = getattr(reading, figure) if reading else None
    return value


def _rate(found: Sequence[Sample]) -> Points:
    points = []
    for before, after in pairwise(found):
        answers = sum(after.statuses.values()) - sum(before.statuses.values())
        points.append((after.at_s, answers / max(0.1, after.at_s - before.at_s)))
    return points


def _x(at_s: float, until_s: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at_s / until_s


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    weight: int = 400,
    fill: str = INK,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}" text-anchor="{anchor}">{escape(words)}</text>'
    )
