"""Owns the calendar of statutory holidays, from `holidays.toml`."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("holidays.toml")


@cache
def load(path: Path = FILE) -> tuple[frozenset[str], frozenset[date]]:
    """The days that are the same each year (as `MM-DD`), and those that are not."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    days = {
        date.fromisoformat(f"{year}-{day}")
        for year, found in table["days"].items()
        for day in found
    }
    return frozenset(table["fixed"]), frozenset(days)


def is_holiday(day: date) -> bool:
    """Whether a surcharge for holidays may be taken on this day in China."""
    fixed, moving = load()
    return f"{day:%m-%d}" in fixed or day in moving
