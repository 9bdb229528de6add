"""The closing table as a picture: plain SVG, drawn from the same figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from demo.crowd import report
from demo.crowd.ledger import Figures

WIDTH: Final = 880
MARGIN: Final = 32
LINE: Final = 22
BAR: Final = 26
GAP: Final = 18
INK, SOFT, PAPER, RULE = "#1f2933", "#616e7c", "#ffffff", "#d5dbe1"
COLOURS: Final = {
    "fulfilled": "#2f855a",
    "failed": "#c05621",
    "lapsed": "#b83280",
    "cancelled": "#718096",
    "rejected": "#a0aec0",
    "under way": "#3182ce",
}
DECLINE: Final = "#5a67d8"
FONT: Final = "font-family=\"system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif\""


def svg(of: Figures, title: str, subtitle: str) -> str:
    """One page: how the orders ended, the figures in two columns, why offers were declined."""
    page = _Page()
    page.text(MARGIN, title, size=20, weight=600)
    page.down(LINE)
    page.text(MARGIN, subtitle, size=13, fill=SOFT)
    page.down(LINE + GAP)
    ends = {state: of.ends.get(state, 0) for state in COLOURS if state != "under way"}
    page.stack({**ends, "under way": of.under_way})
    sections = {name: rows for name, rows in report.rows(of) if name != "Requests"}
    declines = [row for row in sections["Offers"] if not row[0].startswith("declined")]
    left = [(name, sections.pop(name)) for name in ("Orders", "Otherwise than by the book")]
    del sections["Offers"]
    page.columns(left, [*sections.items(), ("Offers", declines)])
    page.bars("Declined, by reason", of.declines)
    return page.close(f"{title}. {subtitle}")


class _Page:
    """Draws from top to bottom."""

    def __init__(self) -> None:
        self._y = MARGIN + 14
        self._parts: list[str] = []

    def down(self, by: int) -> None:
        self._y += by

    def text(
        self,
        x: float,
        words: str,
        *,
        size: int = 14,
        weight: int = 400,
        fill: str = INK,
        anchor: str = "start",
    ) -> None:
        self._parts.append(
            f'<text x="{x:.1f}" y="{self._y}" font-size="{size}" font-weight="{weight}" '
            f'fill="{fill}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def stack(self, counts: Mapping[str, int]) -> None:
        """One bar of all, a part for each, and what the colours mean."""
        whole = sum(counts.values()) or 1
        x = float(MARGIN)
        for name, count in counts.items():
            width = (WIDTH - 2 * MARGIN) * count / whole
            self._rect(x, width, COLOURS[name])
            x += width
        self.down(BAR + LINE)
        x = float(MARGIN)
        for name, count in counts.items():
            self._parts.append(
                f'<rect x="{x:.1f}" y="{self._y - 11}" width="12" height="12" rx="2" '
                f'fill="{COLOURS[name]}"/>'
            )
            label = f"{name} {count}"
            self.text(x + 18, label, size=13, fill=SOFT)
            x += 44 + 7.4 * len(label)
        self.down(LINE + GAP)

    def columns(
        self,
        left: Sequence[tuple[str, Sequence[report.Row]]],
        right: Sequence[tuple[str, Sequence[report.Row]]],
    ) -> None:
        middle = MARGIN + 0.34 * (WIDTH - 2 * MARGIN)
        top = self._y
        self._sections(left, MARGIN, middle - GAP)
        below = self._y
        self._y = top
        self._sections(right, middle + GAP, WIDTH - MARGIN)
        self._y = max(below, self._y)

    def bars(self, heading: str, counts: Mapping[str, int]) -> None:
        if not counts:
            return
        self._heading(heading, MARGIN, WIDTH - MARGIN)
        most = max(counts.values())
        for name, count in counts.items():
            self.text(MARGIN, name)
            width = (WIDTH - 2 * MARGIN - 180) * count / most
            self._parts.append(
                f'<rect x="{MARGIN + 110}" y="{self._y - 13}" width="{max(1.0, width):.1f}" '
                f'height="16" rx="2" fill="{DECLINE}"/>'
            )
            self.text(MARGIN + 118 + width, str(count), size=13, fill=SOFT)
            self.down(LINE)

    def close(self, described: str) -> str:
        height = self._y + MARGIN - 8
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
                f'width="{WIDTH}" height="{height}" role="img" {FONT}>',
                f"<title>{escape(described)}</title>",
                f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
                *self._parts,
                "</svg>\n",
            ]
        )

    def _sections(
        self, sections: Sequence[tuple[str, Sequence[report.Row]]], x: float, until: float
    ) -> None:
        for name, rows in sections:
            self._heading(name, x, until)
            for label, value in rows:
                self.text(x, label)
                self.text(until, value, weight=600, anchor="end")
                self.down(LINE)
            self.down(GAP)

    def _heading(self, words: str, x: float, until: float) -> None:
        self.text(x, words, size=13, weight=600, fill=SOFT)
        self._parts.append(
            f'<line x1="{x:.1f}" x2="{until:.1f}" y1="{self._y + 7}" y2="{self._y + 7}" '
            f'stroke="{RULE}"/>'
        )
        self.down(LINE + 6)

    def _rect(self, x: float, width: float, fill: str) -> None:
        if width > 0:
            self._parts.append(
                f'<rect x="{x:.1f}" y="{self._y - 14}" width="{width:.1f}" height="{BAR}" '
                f'fill="{fill}"/>'
            )
