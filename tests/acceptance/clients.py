"""Clients as other people write them: they know the public contract and nothing of the inside."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from uuid import uuid4

import aiohttp
import orjson

from demo import record_sheet
from demo.crowd.client import encoded

Json = dict[str, Any]

REQUEST_S: Final = 30
TRIES: Final = 40
RETRY_AFTER_MAX_S: Final = 1.0
BUSY: Final = (429, 503)
DEMO_CODE: Final = "000000"
OPERATOR: Final = "+8613800000001"
ADMIN: Final = "+8613800000002"
AUDITOR: Final = "+8613800000003"
REVIEWER: Final = "+8613800000004"


class Refused(Exception):
    """A problem document, by the last part of its type."""

    def __init__(self, call: str, status: int, problem: Json) -> None:
        self.status = status
        self.problem = problem
        self.slug = str(problem.get("type", "")).removeprefix("/problems/")
        super().__init__(f"{call}: {status} {self.slug}: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, to the byte."""

    status: int
    body: bytes
    etag: str | None

    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else None


@dataclass(slots=True, kw_only=True)
class Wire:
    """One connection pool to one deployment; counts what is answered.

    A phone that hears 429 or 503, or whose connection breaks, tries again with the same key.
    """

    url: str
    session: aiohttp.ClientSession = field(repr=False)
    slots: asyncio.Semaphore
    tries: int = TRIES
    statuses: Counter[int] = field(default_factory=Counter)
    tried_again: int = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, url: str, *, at_once: int, tries: int = TRIES) -> AsyncIterator[Self]:
        """`at_once` bounds the requests under way; streams come on top."""
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=REQUEST_S),
        )
        async with session:
            yield cls(url=url, session=session, slots=asyncio.Semaphore(at_once), tries=tries)

    async def send(
        self, method: str, path: str, *, body: Any = None, headers: dict[str, str]
    ) -> Answer:
        """One request to its answer; whatever is not a final answer is tried again."""
        url = path if path.startswith("http") else self.url + path
        media_type, data = encoded(body)
        if data is not None:
            headers = {**headers, "Content-Type": media_type}
        for attempt in range(self.tries):
            self.tried_again += attempt > 0
            wait_s = RETRY_AFTER_MAX_S
            try:
                async with (
                    self.slots,
                    self.session.request(method, url, data=data, headers=headers) as answer,
                ):
                    got = Answer(
                        status=answer.status,
                        body=await answer.read(),
                        etag=answer.headers.get("ETag"),
                    )
                    wait_s = min(float(answer.headers.get("Retry-After", "0")), wait_s)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                if method != "GET" and "Idempotency-Key" not in headers:
                    raise
            else:
                self.statuses[got.status] += 1
                in_progress = got.status == 409 and b"/request-in-progress" in got.body
                if got.status not in BUSY and not in_progress:
                    return got
            await asyncio.sleep(wait_s)
        raise AssertionError(f"{method} {path} was put off {self.tries} times")


class ServerClock:
    """The server's time, as `GET /v1/time` tells it; it may run much faster than ours."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._at_s = 0.0
        self._now = datetime.min.replace(tzinfo=UTC)
        self.scale = 1.0

    async def read(self) -> None:
        """Ask anew; half of the way there and back counts as gone."""
        loop = asyncio.get_running_loop()
        asked_s = loop.time()
        told = (await self._wire.send("GET", "/v1/time", headers={})).json()
        self._at_s = (asked_s + loop.time()) / 2
        self._now = datetime.fromisoformat(told["now"])
        self.scale = told["scale"]

    @property
    def now(self) -> datetime:
        gone_s = asyncio.get_running_loop().time() - self._at_s
        return self._now + timedelta(seconds=gone_s * self.scale)

    def after(self, **ahead: float) -> datetime:
        return self.now + timedelta(**ahead)

    async def until(self, at: datetime) -> None:
        """Wait for a moment of the server's time."""
        while (left := (at - self.now).total_seconds()) > 0:  # noqa: ASYNC110 - a clock, no event
            await asyncio.sleep(left / self.scale)


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody signed in. Every POST carries a key, so that it may be sent again."""

    wire: Wire
    account_id: str
    token: str = field(repr=False)

    @classmethod
    async def sign_in(cls, wire: Wire, phone: str, **more: Any) -> Self:
        """By the code of the demo; a new number becomes a patient."""
        answer = await wire.send(
            "POST", "/v1/auth/token", body={"phone": phone, "code": DEMO_CODE}, headers={}
        )
        told = answer.json()
        if answer.status != 200:
            raise Refused("POST /v1/auth/token", answer.status, told)
        return cls(wire=wire, account_id=told["account_id"], token=told["access_token"], **more)

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
    ) -> Answer:
        """The bare answer, whatever it says. No key is made up here."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if if_match is not None:
            headers["If-Match"] = if_match
        return await self.wire.send(method, path, body=body, headers=headers)

    async def get(self, path: str) -> Any:
        return _content(f"GET {path}", await self.send("GET", path))

    async def post(self, path: str, body: Any = None, *, if_match: str | None = None) -> Any:
        """What was answered. Raises `Refused`."""
        answer = await self.send("POST", path, body or {}, key=str(uuid4()), if_match=if_match)
        return _content(f"POST {path}", answer)

    async def patch(self, path: str, body: Any) -> Any:
        return _content(f"PATCH {path}", await self.send("PATCH", path, body))

    async def refused(
        self, method: str, path: str, body: Any = None, *, if_match: str | None = None
    ) -> Refused:
        """The problem that this must be answered with; an answer that says yes is a failure."""
        key = str(uuid4()) if method == "POST" else None
        try:
            told = _content(
                f"{method} {path}",
                await self.send(method, path, body, key=key, if_match=if_match),
            )
        except Refused as refusal:
            return refusal
        raise AssertionError(f"{method} {path} was not refused: {told}")

    async def items(self, path: str) -> list[Json]:
        """All of a list, page by page."""
        found: list[Json] = []
        cursor = ""
        while True:
            mark = "&" if "?" in path else "?"
            page = await self.get(f"{path}{mark}limit=200{cursor}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


async def fill_record(nurse: Person, path: str, at: datetime) -> list[str]:
    """Enter all that this visit asks for; returns the phone's ids of the entries."""
    fields = (await nurse.get(path))["record_fields"]
    photo = str(uuid4())
    if record_sheet.wants_photo(fields):
        await nurse.post(f"{path}/attachments", record_sheet.photo_form(photo, time_text(at)))
    client_ids = []
    for _, kind, data in record_sheet.filled(fields, today=at.date(), photo=photo):
        client_ids.append(str(uuid4()))
        body = {"kind": kind, "data": data, "recorded_at": time_text(at)}
        await nurse.post(f"{path}/records", {**body, "client_id": client_ids[-1]})
    return client_ids


def _content(call: str, answer: Answer) -> Any:
    told = answer.json()
    if answer.status >= 400:
        raise Refused(call, answer.status, told)
    return told


def time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a stream."""

    id: int
    name: str
    data: Json


@dataclass(slots=True, kw_only=True)
class Stream:
    """A stream that is followed for good: when it ends it is taken up where it was left."""

    person: Person
    path: str = "/v1/stream"
    last_id: int | None = None
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    ended: int = 0
    response: aiohttp.ClientResponse | None = field(default=None, repr=False)

    async def follow(self, tell: Callable[[Event], Awaitable[None] | None]) -> None:
        """Pass on each event until cancelled. Raises `AssertionError` if one comes out of order."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async for event in self.read():
                    said = tell(event)
                    if said is not None:
                        await said
            self.ended += 1
            await asyncio.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - so that not all come at once

    async def read(self) -> AsyncIterator[Event]:
        """The events of one connection, from `last_id` on, or from now."""
        headers = {"Authorization": f"Bearer {self.person.token}"}
        if self.last_id is not None:
            headers["Last-Event-ID"] = str(self.last_id)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=REQUEST_S, sock_read=60)
        wire = self.person.wire
        async with wire.session.get(
            wire.url + self.path, headers=headers, timeout=timeout
        ) as response:
            if response.status != 200:
                return
            self.response = response
            lines: list[str] = []
            async for raw in response.content:
                line = raw.decode().rstrip("\n")
                if line:
                    lines.append(line)
                    continue
                self.connected.set()
                event = _event(lines)
                lines = []
                if event is not None:
                    if self.last_id is not None and event.id <= self.last_id:
                        raise AssertionError(f"event {event.id} came after {self.last_id}")
                    self.last_id = event.id
                    yield event

    def cut(self) -> None:
        """Break the connection, as a tunnel does."""
        if self.response is not None:
            self.response.close()


def _event(lines: Iterable[str]) -> Event | None:
    fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
    if "data" not in fields:
        return None
    return Event(id=int(fields["id"]), name=fields["event"], data=orjson.loads(fields["data"]))
