"""Whether a caller has seen a row as it is now. What is changed must be held meanwhile."""

from __future__ import annotations

from dispatch.errors import StaleVersion


def check(present: int, seen: int | None) -> None:
    """Raises `StaleVersion` if the caller has seen another one; None means that any will do."""
    if seen is not None and seen != present:
        raise StaleVersion(version=present)
