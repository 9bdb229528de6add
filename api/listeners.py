"""Who listens to this process's streams, found by account: an event asks only those it may concern.

A listener holds what waits for it; the queue is bounded, and who does not keep up is cut off.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from api import metrics
from api.audience import Audience
from api.auth import Session
from dispatch.records.events import Event


@dataclass(slots=True, kw_only=True, eq=False)
class Listener:
    """One open stream: what waits for it, and why it is to end. It has seen all up to `seq`."""

    audience: Audience
    session: Session
    cut: Callable[[], None]
    queue_max: int
    seq: int
    waiting: deque[bytes] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ending: str | None = None

    def push(self, seq: int, lines: bytes) -> None:
        """Queue an event, or end the stream if its reader is too slow."""
        if self.ending is not None or seq <= self.seq:
            return
        if len(self.waiting) >= self.queue_max:
            self.end("slow")
            self.cut()  # a clean end would wait behind what nobody takes
            return
        self.waiting.append(lines)
        self.changed.set()

    def end(self, reason: str) -> None:
        """Let the stream end after what it is writing now."""
        if self.ending is None:
            self.ending = reason
            self.waiting.clear()
            metrics.STREAMS_ENDED.labels(reason).inc()
        self.changed.set()

    def take(self) -> bytes:
        """All that waits, at once."""
        lines = b"".join(self.waiting)
        self.waiting.clear()
        self.changed.clear()
        return lines


class Listeners:
    """All open streams."""

    def __init__(self) -> None:
        # Dictionaries, for their order: the oldest stream comes first.
        self._all: dict[Listener, None] = {}
        self._staff: dict[Listener, None] = {}
        self._by_account: defaultdict[UUID, dict[Listener, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Listener]:
        return iter(list(self._all))

    def add(self, listener: Listener) -> None:
        self._all[listener] = None
        self._by_account[listener.audience.account_id][listener] = None
        if listener.audience.is_staff:
            self._staff[listener] = None
        metrics.STREAMS.set(len(self._all))

    def discard(self, listener: Listener) -> None:
        account_id = listener.audience.account_id
        self._all.pop(listener, None)
        self._staff.pop(listener, None)
        self._by_account[account_id].pop(listener, None)
        if not self._by_account[account_id]:
            del self._by_account[account_id]
        metrics.STREAMS.set(len(self._all))

    def of_account(self, account_id: UUID) -> list[Listener]:
        """Its streams, the oldest first."""
        return list(self._by_account.get(account_id, ()))

    def seers(self, event: Event) -> list[Listener]:
        """Those who may see an event, each once."""
        own = {
            listener: None
            for account_id in event.account_ids
            for listener in self._by_account.get(account_id, ())
        }
        found = [each for each in own if each.audience.sees_own(event)]
        if event.staff:
            others = (each for each in self._staff if each not in own)
            found += [each for each in others if each.audience.sees_as_staff(event)]
        return found
