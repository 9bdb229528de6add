"""The load of the HTTP benchmarks: so many connections, each sends its next request on an answer.

It writes requests that were made before and reads of the answers what is counted: it must cost
little, since it shares the machine with what it measures.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast
from uuid import uuid4

import orjson

from bench import results

HEAD_END: Final = b"\r\n\r\n"
LENGTH: Final = b"Content-Length: "
PROBLEM: Final = b'"/problems/'
SILENT_S: Final = 30


def post(path: str, body: object, *, token: str, **headers: str) -> bytes:
    """A whole request, with a fresh `Idempotency-Key`."""
    content = orjson.dumps(body)
    head = {
        "Host": "bench",
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        **headers,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was answered, as "201" or "409 offer-taken", and after how many seconds each."""

    answers: Counter[str] = field(default_factory=Counter)
    waited_s: list[float] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def per_s(self) -> float:
        return len(self.waited_s) / self.took_s

    def percentile_ms(self, share: float) -> float:
        """The wait that so large a share of the requests did not exceed."""
        return round(1000 * results.quantile(sorted(self.waited_s), share), 1)

    def expect(self, *allowed: str) -> None:
        """Refuse to measure anything but these answers."""
        if strange := {said: n for said, n in self.answers.items() if said not in allowed}:
            raise AssertionError(f"unexpected answers: {strange}")


async def fire(
    ports: Sequence[int], requests: Iterator[bytes], *, connections: int, for_s: float | None = None
) -> Tally:
    """Send `requests` over so many connections, until they or `for_s` seconds are over.

    Raises `ConnectionError` when the server hangs up, `TimeoutError` when it says nothing.
    """
    loop = asyncio.get_running_loop()
    tally = Tally()
    ends_at = None if for_s is None else loop.time() + for_s
    clients = [_Client(requests, tally, ends_at) for _ in range(connections)]
    for number, client in enumerate(clients):
        await loop.create_connection(lambda c=client: c, "127.0.0.1", ports[number % len(ports)])  # type: ignore[misc]
    began = loop.time()
    for client in clients:
        client.send()
    seen = -1
    while waiting := {client.done for client in clients if not client.done.done()}:
        if seen == len(tally.waited_s):
            raise TimeoutError(f"no answer for {SILENT_S} s")
        seen = len(tally.waited_s)
        done, _ = await asyncio.wait(waiting, timeout=SILENT_S)
        if len(done) == len(waiting):
            break
    tally.took_s = loop.time() - began
    for client in clients:
        client.done.result()
    return tally


class _Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, ends_at: float | None) -> None:
        self._requests = requests
        self._tally = tally
        self._ends_at = ends_at
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def send(self) -> None:
        self._sent_at = self._loop.time()
        request = None
        if self._ends_at is None or self._sent_at < self._ends_at:
            request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(HEAD_END)
        if head_end < 0:
            return
        at = self._received.index(LENGTH) + len(LENGTH)
        length = int(self._received[at : self._received.index(b"\r\n", at)])
        if len(self._received) < head_end + len(HEAD_END) + length:
            return
        said = self._received[9:12].decode()
        if said[0] != "2":
            at = self._received.index(PROBLEM) + len(PROBLEM)
            said += " " + self._received[at : self._received.index(b'"', at)].decode()
        self._tally.answers[said] += 1
        self._tally.waited_s.append(self._loop.time() - self._sent_at)
        self._received = b""
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))
