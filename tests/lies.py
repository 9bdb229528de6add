"""Whatever is kept with one number of it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

Kept = TypeVar("Kept")


def of(kept: Kept, *, but: frozenset[str]) -> Iterator[tuple[str, Kept]]:
    """Each number and time of a kept dataclass, wherever it stands, once a little more and once
    a little less, with its path; fields named in `but` are left out."""
    for one in fields(kept):  # type: ignore[arg-type]
        if one.name in but:
            continue
        for path, lie in _changed(getattr(kept, one.name)):
            yield f"{one.name}{path}", replace(kept, **{one.name: lie})  # type: ignore[type-var]


def _changed(value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case bool() | None | str():
            return
        case int() | float():
            yield " + 1", value + 1
            yield " - 1", value - 1
        case datetime():
            yield " + 1 s", value + timedelta(seconds=1)
            yield " - 1 s", value - timedelta(seconds=1)
        case dict():
            for key, inner in value.items():
                for path, lie in _changed(inner):
                    yield f".{key}{path}", {**value, key: lie}
        case list() | tuple():
            for place, inner in enumerate(value):
                for path, lie in _changed(inner):
                    yield (
                        f"[{place}]{path}",
                        type(value)([*value[:place], lie, *value[place + 1 :]]),
                    )
