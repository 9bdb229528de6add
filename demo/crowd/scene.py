"""What everybody in the crowd shares: the way to the server, its clock, the ledger, the news.

Whatever is not in `orders` was made by somebody else, and the crowd leaves it alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from demo.crowd.client import Refused, ServerClock, Unreachable, Wire
from demo.crowd.ledger import Ledger
from demo.crowd.streams import Event

STREAMS_MAX: Final = 300
RETIRED_MAX: Final = 2_000
VISIT_ENDS: Final = frozenset({"completed", "aborted", "missed", "cancelled", "released"})


class Bell:
    """Rings for one waiter; what rang before he came is not lost."""

    __slots__ = ("_rung",)

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def heard(self, within_s: float) -> bool:
        """Wait until it has rung since the last time, but so long at most; whether it has."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._rung.wait()
        has_rung = self._rung.is_set()
        self._rung.clear()
        return has_rung


@dataclass(slots=True, kw_only=True, eq=False)
class News:
    """What is heard of one order of the crowd's."""

    number: int
    bell: Bell = field(default_factory=Bell)
    state: str = "submitted"
    """The last state heard of the order, and of each visit."""
    visits: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True, eq=False)
class Scene:
    """One run of the crowd."""

    wire: Wire
    clock: ServerClock
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    orders: dict[str, News] = field(default_factory=dict)
    ended: dict[str, asyncio.Event] = field(default_factory=dict)
    """Set when a visit that a nurse has set her mind on ends, however it ends."""
    streams: int = 0
    streams_max: int = STREAMS_MAX
    _retired: deque[str] = field(default_factory=deque)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let it go on beside. What it raises is noted as a fault and ends only this."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._note)
        return task

    async def clear(self) -> None:
        """Stop everything that was spawned, and wait until it has stopped."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tasks.difference_update(tasks)

    def retire(self, order_id: str) -> None:
        """An order has ended. It stays ours for a while: an alarm may still come."""
        self._retired.append(order_id)
        while len(self._retired) > RETIRED_MAX:
            self.orders.pop(self._retired.popleft(), None)

    def happens(self, what: str) -> None:
        self.ledger.happened[what] += 1

    @contextlib.contextmanager
    def expecting(self, *slugs: str) -> Iterator[None]:
        """Bear a refusal that may rightly come, since others act at the same time."""
        try:
            yield
        except Refused as refusal:
            if refusal.slug not in slugs:
                raise
            self.happens(f"refused: {refusal.slug}")

    def hear(self, event: Event) -> None:
        """From any stream, and perhaps from several: only what is new rings a bell."""
        news = self.orders.get(str(event.data.get("order_id")))
        if news is None:
            return
        subject = event.name.partition(".")[0]
        if subject == "visit" and "state" in event.data:  # a reminder has none
            self._hear_visit(news, event.data["visit_id"], event.data["state"])
        elif subject == "order" and event.data["state"] != news.state:
            news.state = event.data["state"]
            news.bell.ring()

    def end_of(self, visit_id: str) -> asyncio.Event:
        return self.ended.setdefault(visit_id, asyncio.Event())

    def _hear_visit(self, news: News, visit_id: str, state: str) -> None:
        if news.visits.get(visit_id) == state:
            return
        news.visits[visit_id] = state
        news.bell.ring()
        if state in VISIT_ENDS and (ended := self.ended.get(visit_id)) is not None:
            ended.set()

    def _note(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        match error:
            case Refused():
                self.ledger.faults[f"{_shape(str(error))}"] += 1
            case Unreachable():
                self.ledger.faults["the server did not answer in time"] += 1
            case _:
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a fault of the crowd's own", "exception": error, "task": task}
                )
                self.ledger.faults[type(error).__name__] += 1


def _shape(call: str) -> str:
    """The call without the ids in its path, so that the same faults are counted together."""
    return "/".join("{id}" if part.count("-") == 4 else part for part in call.split("/"))
