"""The interface to whoever moves the money, what it signs, and where a payment stands.

A provider is told what to do any number of times under one id and does it once; what it did it
tells by signed callbacks, any number of times and in any order.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
import orjson

from config.settings import Settings
from dispatch.errors import SignatureRefused
from dispatch.records.payments import Command, Event, Payment

ANSWER_BYTES_MAX: Final = 4 * 1024 * 1024
CONNECTIONS_MAX: Final = 10
# Refusals that will pass; any other 4xx means that this command is never carried out.
PASSING: Final = frozenset({401, 403, 408, 409, 423, 425, 429})
EVENT_KINDS: Final = frozenset({"authorised", "captured", "released", "failed", "refunded"})
EVENT_BYTES_MAX: Final = 16 * 1024


class NotCarriedOut(Exception):
    """A provider did not take a command or answer a question; `for_good` if it never will."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


class Provider(Protocol):
    """Whoever moves the money."""

    @property
    def name(self) -> str:
        """As it stands in our rows."""
        ...

    def checkout_url(self, payment: Payment) -> str:
        """Where the patient pays: it needs no call to the provider, and can be made again."""
        ...

    async def carry_out(self, command: Command) -> None:
        """Return once the provider has taken it, at least once. Raises `NotCarriedOut`."""
        ...

    async def list_day(self, day: date) -> list[Event]:
        """All that the provider says has happened on a day. Raises `NotCarriedOut`."""
        ...


# Where a payment stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What all that was told of a payment comes to."""

    state: str
    captured_fen: int
    refunded_fen: int


def standing(events: Iterable[Event]) -> Standing:
    """Where a payment stands by the set of its events: in which order they came does not matter.

    Money that was taken counts before all else; a release before the reservation that it ends, a
    reservation before an attempt that failed. No more is given back than was taken: a refund that
    is told before its capture counts once the capture is told.
    """
    told: dict[str, int] = {}
    for event in events:
        told[event.kind] = told.get(event.kind, 0) + event.amount_fen
    captured_fen = told.get("captured", 0)
    order = (
        ("captured", "captured"),
        ("released", "released"),
        ("authorised", "held"),
        ("failed", "failed"),
    )
    return Standing(
        state=next((state for kind, state in order if kind in told), "started"),
        captured_fen=captured_fen,
        refunded_fen=min(told.get("refunded", 0), captured_fen),
    )


# What is signed


def sign(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """The signature of the Standard Webhooks convention."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def verify(
    secret: bytes, headers: Mapping[str, str], body: bytes, *, now: datetime, tolerance_s: int
) -> str:
    """The id of a message that the provider signed not long ago.

    Raises `SignatureRefused`, without saying what was wrong. `now` is the time of the real world.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not message_id or len(message_id) > 100 or not timestamp.isdecimal() or len(timestamp) > 12:
        raise SignatureRefused
    expected = sign(secret, message_id, timestamp, body)
    given = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in given[:10]):
        raise SignatureRefused
    if abs(now.timestamp() - int(timestamp)) > tolerance_s:
        raise SignatureRefused
    return message_id


def read_event(provider: str, told: Any, *, event_id: str, heard: str = "callback") -> Event:
    """What a provider's JSON says. Raises ValueError for anything else."""
    if not isinstance(told, dict) or told.get("kind") not in EVENT_KINDS:
        raise ValueError("no event")
    amount_fen, at = told.get("amount_fen"), datetime.fromisoformat(str(told.get("at")))
    if type(amount_fen) is not int or not 0 <= amount_fen < 2**31 or at.tzinfo is None:
        raise ValueError("no event")
    command_id = told.get("command_id")
    return Event(
        provider=provider,
        event_id=event_id,
        payment_id=UUID(str(told.get("payment_id"))),
        command_id=UUID(str(command_id)) if command_id is not None else None,
        kind=told["kind"],
        amount_fen=amount_fen,
        provider_at=at.astimezone(UTC),
        heard=heard,
    )


# The one that is spoken to over HTTP


@dataclass(slots=True, kw_only=True)
class HttpProvider:
    """A provider behind three addresses: `/checkout`, `/commands`, `/statement`.

    Commands and questions carry our signature, callbacks carry theirs, by one shared secret.
    """

    url: str
    secret: bytes = field(repr=False)
    name: str = "http"
    session: aiohttp.ClientSession | None = field(default=None, repr=False)

    def checkout_url(self, payment: Payment) -> str:
        given = {
            "payment": str(payment.id),
            "kind": payment.kind,
            "amount_fen": str(payment.amount_fen),
        }
        body = urlencode(given).encode()
        signature = sign(self.secret, given["payment"], "0", body)
        return f"{self.url}/checkout?{urlencode({**given, 'signature': signature})}"

    async def carry_out(self, command: Command) -> None:
        body = orjson.dumps(
            {
                "id": str(command.id),
                "payment_id": str(command.payment_id),
                "kind": command.kind,
                "amount_fen": command.amount_fen,
            }
        )
        await self._ask("POST", "/commands", str(command.id), body)

    async def list_day(self, day: date) -> list[Event]:
        answer = await self._ask("GET", f"/statement?day={day.isoformat()}", f"day-{day}", b"")
        try:
            lines = orjson.loads(answer)["events"]
            return [
                read_event(self.name, line, event_id=str(line["id"]), heard="statement")
                for line in lines
            ]
        except (ValueError, KeyError, TypeError):
            raise NotCarriedOut("unreadable statement") from None

    async def _ask(self, method: str, path: str, message_id: str, body: bytes) -> bytes:
        if self.session is None:
            raise NotCarriedOut("not connected")
        # The command's id is what makes it safe to repeat; its own time need not be fresh.
        signature = sign(self.secret, message_id, "0", body)
        try:
            async with self.session.request(
                method,
                self.url + path,
                data=body or None,
                headers={
                    "Content-Type": "application/json",
                    "webhook-id": message_id,
                    "webhook-timestamp": "0",
                    "webhook-signature": signature,
                },
                allow_redirects=False,
            ) as answer:
                content = await _read(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotCarriedOut(type(error).__name__) from None
        if not 200 <= answer.status < 300:
            for_good = 400 <= answer.status < 500 and answer.status not in PASSING
            raise NotCarriedOut(f"status {answer.status}", for_good=for_good)
        return content


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > ANSWER_BYTES_MAX:
            raise NotCarriedOut("answer too long")
    return bytes(content)


def of(settings: Settings) -> HttpProvider | None:
    """The provider that the settings name, not connected: good for addresses and signatures."""
    if settings.payment_url is None or settings.payment_secret is None:
        return None
    return HttpProvider(
        url=settings.payment_url.rstrip("/"),
        secret=settings.payment_secret.get_secret_value().encode(),
        name=settings.payment_provider,
    )


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Provider | None]:
    """The provider that the settings name, for as long as the block lasts; None without one."""
    provider = of(settings)
    if provider is None:
        yield None
        return
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.payment_timeout_s),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        provider.session = session
        yield provider
