"""Whether this process was told to stop; every role has one, and none needs more for it."""

from __future__ import annotations


class Stopping:
    """Becomes true when the process was told to stop: no more requests, please."""

    def __init__(self) -> None:
        self.told = False

    async def check(self) -> str | None:
        return "the process is stopping" if self.told else None
