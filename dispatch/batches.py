"""How a sweep goes through what it found, one act each: a row that fails holds up no other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def one_by_one(found: Iterable[T], deed: Callable[[T], Awaitable[int]]) -> int:
    """Do each and return the sum of what they return.

    What a deed raises is raised at the end, as one `ExceptionGroup`, after all had their turn.
    """
    done = 0
    failures: list[Exception] = []
    for item in found:
        try:
            done += await deed(item)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("a sweep failed on some of its rows", failures)
    return done
