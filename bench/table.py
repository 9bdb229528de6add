"""Figures as tables: `python -m bench.table` writes results/*.json into docs/performance.md,
matching.md and clients.md.

The tables stand between `<!-- bench NAME -->` and `<!-- end -->`; nothing else is touched.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).with_name("results")
DOCS: Final = Path(__file__).parent.parent / "docs"
PAGES: Final = tuple(DOCS / f"{name}.md" for name in ("performance", "matching", "clients"))
PLACE: Final = re.compile(r"(<!-- bench (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Write the pages anew; say which results have no place in any."""
    kept = load()
    homeless = set(kept)
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        path.write_text(fill(page, kept), encoding="utf-8")
        homeless -= {match[2] for match in PLACE.finditer(page)}
    for name in sorted(homeless):
        print(f"no page has a place for {name}", file=sys.stderr)
    return 1 if homeless else 0


def load() -> dict[str, dict[str, Any]]:
    """What the benchmarks have kept, by name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return {one["name"]: one for one in found}


def fill(page: str, kept: Mapping[str, Mapping[str, Any]]) -> str:
    """The page with each place filled by its results; a place without results stays as it is."""

    def place(match: re.Match[str]) -> str:
        one = kept.get(match[2])
        return match[0] if one is None else f"{match[1]}{section(one)}\n{match[3]}"

    return PLACE.sub(place, page)


def section(kept: Mapping[str, Any]) -> str:
    """The tables of one benchmark, and under them how they came about."""
    machine = kept["machine"]
    load = f"; load average {kept['load_average']:g}" if "load_average" in kept else ""
    told = (
        f"`{kept['command']}`; {kept['date']}, commit {kept['commit']}; {machine['cores']} cores of"
        f" {machine['cpu']}, {machine['memory_gib']} GiB, {machine['kernel']}, Python"
        f" {machine['python']}, PostgreSQL {machine['postgresql']}{load}."
    )
    return f"{markdown(kept['figures'])}\n\n{told}"


def markdown(figures: Mapping[str, Any]) -> str:
    """A table for each list of mappings, and one for all the single figures."""
    lists = [value for value in figures.values() if _is_table(value)]
    single = [(_words(name), value) for name, value in figures.items() if not _is_table(value)]
    tables = [
        _table([_words(name) for name in rows[0]], [[*row.values()] for row in rows])
        for rows in lists
    ]
    if single:
        tables.append(_table(["figure", "value"], single))
    return "\n\n".join(tables)


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Numbers stand to the right, as their first row has them."""
    sides = ["---:" if isinstance(cell, (int, float)) else "---" for cell in rows[0]]
    lines = [heads, sides, *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".") if abs(value) < 1_000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    sys.exit(main())
