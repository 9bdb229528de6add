"""A list of stories: each an order from its placing to its end, with how often it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.acceptance.day import Story

Tell = Callable[[Story], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`long_min`: roughly how much of the server's time it needs; the longest begin first."""

    name: str
    tell: Tell
    times: int
    long_min: float


class Book:
    """The stories of one module, entered beside the functions that tell them."""

    def __init__(self) -> None:
        self.all: list[Entry] = []

    def story(self, *, times: int, long_min: float = 60) -> Callable[[Tell], Tell]:
        """Enter a story under its function's name."""

        def enter(tell: Tell) -> Tell:
            self.all.append(Entry(name=tell.__name__, tell=tell, times=times, long_min=long_min))
            return tell

        return enter
