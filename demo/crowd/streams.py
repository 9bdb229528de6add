"""Server-sent events as a client reads them: taken up again where they broke off, for good."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import orjson

from demo.crowd.client import CONNECT_S, Json, Person, Refused, Unreachable

# The server comments every quarter of a minute; a connection that is silent for longer is dead.
SILENCE_S: Final = 60.0
AGAIN_S: Final = (0.2, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a stream."""

    id: int
    name: str
    data: Json


@dataclass(slots=True, kw_only=True, eq=False)
class Stream:
    """One reader's place in a stream."""

    person: Person
    path: str = "/v1/stream"
    last_id: int | None = None
    taken_up: int = 0
    connected: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, tell: Callable[[Event], None]) -> None:
        """Pass on each event, in order and once, until cancelled."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, Refused, Unreachable):
                async for event in self._read():
                    tell(event)
            self.taken_up += 1
            await asyncio.sleep(random.uniform(*AGAIN_S))  # so that not all come at once

    async def _read(self) -> AsyncIterator[Event]:
        token = self.person.token
        headers = {"Authorization": f"Bearer {token}"}
        if self.last_id is not None:
            headers["Last-Event-ID"] = str(self.last_id)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S)
        wire = self.person.wire
        url = wire.url + self.path
        async with wire.session.get(url, headers=headers, timeout=timeout) as response:
            if response.status == 401:
                await self.person.renew(token)
            if response.status != 200:
                return
            lines: list[str] = []
            async for raw in response.content:
                if line := raw.decode().rstrip("\n"):
                    lines.append(line)
                    continue
                self.connected.set()
                event, lines = _event(lines), []
                if event is not None and (self.last_id is None or event.id > self.last_id):
                    self.last_id = event.id
                    yield event


def _event(lines: Iterable[str]) -> Event | None:
    fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
    if "data" not in fields:
        return None
    return Event(id=int(fields["id"]), name=fields["event"], data=orjson.loads(fields["data"]))
