"""A phone on the public contract: requests that outlive a restart, sessions, the server's clock.

It knows the contract and nothing of the inside, and decides nothing of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from uuid import uuid4

import aiohttp
import orjson

from demo.record_sheet import Form

Json = dict[str, Any]

REQUEST_S: Final = 30.0
CONNECT_S: Final = 5.0
# How long a request is tried again while the server is away; a restart takes some seconds.
PATIENCE_S: Final = 180.0
RETRY_FIRST_S: Final = 0.2
RETRY_MAX_S: Final = 5.0
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
COME_BACK: Final = frozenset({429, 502, 503, 504})
# A demo's clock may be moved forward: whoever waits for a time hears of it within so long.
LEAP_S: Final = 5.0
DEMO_CODE: Final = "000000"


class Refused(Exception):
    """A problem document; `slug` is the last part of its type."""

    def __init__(self, call: str, status: int, problem: Json) -> None:
        self.status = status
        self.problem = problem
        self.slug = str(problem.get("type", "")).removeprefix("/problems/")
        super().__init__(f"{call}: {status} {self.slug}")


class Unreachable(Exception):
    """The server has not answered for `PATIENCE_S`, or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The content; none for an empty body or one that is not JSON, as a proxy's page."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


@dataclass(slots=True, kw_only=True)
class Wire:
    """The way to one deployment. Counts what is answered, by status."""

    url: str
    session: aiohttp.ClientSession = field(repr=False)
    slots: asyncio.Semaphore = field(repr=False)
    statuses: Counter[int] = field(default_factory=Counter)
    tried_again: int = 0
    hear: Callable[[str, str, Mapping[str, str], Answer], None] | None = None
    """Told of every final answer: method, path or URL, headers of the request, answer."""

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, url: str, *, at_once: int) -> AsyncIterator[Self]:
        """`at_once` bounds the requests under way; streams come on top."""
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=REQUEST_S, sock_connect=CONNECT_S),
        )
        async with session:
            yield cls(url=url.rstrip("/"), session=session, slots=asyncio.Semaphore(at_once))

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: dict[str, str] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Answer:
        """One request to its final answer; "come back later" and broken connections are tried anew.

        Every POST must carry its `Idempotency-Key`, or be one that may be sent twice. Raises
        `Unreachable`.
        """
        url = path if path.startswith("http") else self.url + path
        media_type, data = encoded(body)
        headers = {**(headers or {}), **({"Content-Type": media_type} if data else {})}
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + patience_s
        wait_s = RETRY_FIRST_S
        while True:
            try:
                async with (
                    self.slots,
                    self.session.request(method, url, data=data, headers=headers) as reply,
                ):
                    answer = Answer(status=reply.status, body=await reply.read())
                    asked_s = float(reply.headers.get("Retry-After", "0"))
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                asked_s = 0.0
            else:
                self.statuses[answer.status] += 1
                under_way = answer.status == 409 and b"/request-in-progress" in answer.body
                if answer.status not in COME_BACK and not under_way:
                    if self.hear is not None:
                        self.hear(method, path, headers, answer)
                    return answer
            if loop.time() >= give_up_s:
                raise Unreachable(f"{self.url} has not answered for {patience_s:g} s.")
            self.tried_again += 1
            await asyncio.sleep(min(RETRY_MAX_S, max(asked_s, wait_s)) * random.uniform(0.8, 1.2))
            wait_s = min(RETRY_MAX_S, 2 * wait_s)


def encoded(body: Any) -> tuple[str, bytes | None]:
    """Type and bytes of a body: a form as it is, anything else as JSON."""
    if isinstance(body, Form):
        return body.media_type, body.encode()
    return "application/json", None if body is None else orjson.dumps(body)


class ServerClock:
    """The server's time as `GET /v1/time` tells it; it may run much faster than ours.

    It is never ahead of the server: no step is reported from the future, however slow an answer.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._at_s = 0.0
        self._now = EPOCH
        self.scale = 1.0

    async def read(self, *, patience_s: float = PATIENCE_S) -> None:
        """Ask anew. Every answer is a lower bound, for it was true before it came: the highest
        counts."""
        answer = await self._wire.send("GET", "/v1/time", patience_s=patience_s)
        told = answer.json()
        if answer.status != 200 or not isinstance(told, dict) or "scale" not in told:
            raise Unreachable(f"What answers at {self._wire.url} is not this service.")
        scale, now = float(told["scale"]), datetime.fromisoformat(told["now"])
        self._now = max(self.now, now) if scale == self.scale else now
        self._at_s = asyncio.get_running_loop().time()
        self.scale = scale

    @property
    def now(self) -> datetime:
        gone_s = asyncio.get_running_loop().time() - self._at_s
        return self._now + timedelta(seconds=gone_s * self.scale)

    async def until(self, at: datetime) -> None:
        """Wait for a moment of the server's time."""
        while (left_s := (at - self.now).total_seconds()) > 0:  # noqa: ASYNC110 - no event, a clock
            await asyncio.sleep(min(LEAP_S, left_s / self.scale))

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of the server's time."""
        await self.until(self.now + timedelta(seconds=seconds))


@dataclass(slots=True, kw_only=True, eq=False)
class Person:
    """Somebody signed in. Every POST carries a key, so that it may be sent again."""

    wire: Wire
    phone: str = field(repr=False)
    token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    account_id: str = ""
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def sign_in(self) -> None:
        """By the demo's code. Raises `Refused` where there is no demo."""
        body = {"phone": self.phone, "code": DEMO_CODE}
        self._keep(await self._trade("/v1/auth/token", body))

    async def get(self, path: str) -> Any:
        return await self._call("GET", path)

    async def post(
        self,
        path: str,
        body: Json | Form | None = None,
        *,
        key: str | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Any:
        """What was answered; with the same `key` the same again. Raises `Refused`."""
        key = key or str(uuid4())
        return await self._call("POST", path, body or {}, key=key, patience_s=patience_s)

    async def put(self, path: str, body: Json) -> Any:
        return await self._call("PUT", path, body)

    async def items(self, path: str) -> list[Json]:
        """All of a list, page by page."""
        found: list[Json] = []
        mark = "&" if "?" in path else "?"
        cursor = ""
        while True:
            page = await self.get(f"{path}{mark}limit=200{cursor}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    async def renew(self, stale: str) -> None:
        """A new access token in the place of `stale`, once for all who found it stale."""
        async with self._renewing:
            if self.token != stale:
                return
            try:
                self._keep(
                    await self._trade("/v1/auth/refresh", {"refresh_token": self.refresh_token})
                )
            except Refused:
                await self.sign_in()

    async def _call(
        self,
        method: str,
        path: str,
        body: Json | Form | None = None,
        *,
        key: str | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Any:
        renewed = False
        while True:
            token = self.token
            headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
            if key is not None:
                headers["Idempotency-Key"] = key
            answer = await self.wire.send(
                method, path, body=body, headers=headers, patience_s=patience_s
            )
            if answer.status != 401 or renewed:
                return _content(f"{method} {path}", answer)
            await self.renew(token)
            renewed = True

    async def _trade(self, path: str, body: Json) -> Json:
        told: Json = _content(f"POST {path}", await self.wire.send("POST", path, body=body))
        return told

    def _keep(self, told: Json) -> None:
        self.token, self.refresh_token = told["access_token"], told["refresh_token"]
        self.account_id = told["account_id"]


def _content(call: str, answer: Answer) -> Any:
    told = answer.json()
    if answer.status >= 400:
        raise Refused(call, answer.status, told if isinstance(told, dict) else {})
    return told


def time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
