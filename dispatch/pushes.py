"""Web Push: wakes a browser through its push service (RFC 8030), encrypted for it alone (RFC 8291).

It writes to no address that the settings do not name: what a browser gives is anybody's word.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, b64urlencode
from pywebpush import WebPusher, WebPushException

from config.settings import Settings
from dispatch.channels import ANSWER_BYTES_MAX, CONNECTIONS_MAX, PASSING, NotDelivered
from dispatch.records.push_subscriptions import Browser

# How long a push service may go by one signature; RFC 8292 allows a day.
SIGNED_FOR: Final = timedelta(hours=12)
GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What a browser shows; a later one with the same `tag` takes its place. `ttl_s`: its worth."""

    title: str
    body: str
    url: str
    tag: str
    ttl_s: int

    def encode(self) -> bytes:
        told = {"title": self.title, "body": self.body, "url": self.url, "tag": self.tag}
        return orjson.dumps(told)


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """What a browser subscribes with: it takes pushes from the owner of this key only."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return str(b64urlencode(point))


def is_known(endpoint: str, settings: Settings) -> bool:
    """Whether the address is that of a push service which the settings name.

    `https://*.example.org` names every host under example.org.
    """
    try:
        given = urlsplit(endpoint)
        origin = f"{given.scheme}://{given.netloc}"
    except ValueError:
        return False
    for known in settings.push_origins:
        scheme, _, host = known.partition("://")
        if host.startswith("*."):
            under = given.scheme == scheme and given.netloc.endswith(host[1:])
            if under and "@" not in given.netloc:
                return True
        elif origin == known:
            return True
    return False


class Sender(Protocol):
    """A way to browsers."""

    async def send(self, browser: Browser, push: Push, now: datetime) -> None:
        """Return once the push service has it; `now` is the real time. Raises `NotDelivered`."""
        ...


class PushSender:
    """Signs and encrypts pushes and hands them to the browsers' push services."""

    def __init__(
        self, session: aiohttp.ClientSession, key: ec.EllipticCurvePrivateKey, settings: Settings
    ) -> None:
        self._session = session
        self._vapid = Vapid02(key)
        self._settings = settings

    async def send(self, browser: Browser, push: Push, now: datetime) -> None:
        if not is_known(browser.endpoint, self._settings):
            raise NotDelivered("unknown push service", for_good=True)
        try:
            body, headers = await asyncio.to_thread(self._packed, browser, push, now)
        except (WebPushException, ValueError):
            raise NotDelivered("unusable keys", for_good=True) from None
        try:
            async with self._session.post(
                browser.endpoint, data=body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.content.read(ANSWER_BYTES_MAX)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotDelivered(type(error).__name__) from None
        if answer.status in GONE:
            raise NotDelivered("gone", for_good=True)
        if not 200 <= answer.status < 300:
            for_good = 400 <= answer.status < 500 and answer.status not in PASSING
            raise NotDelivered(f"status {answer.status}", for_good=for_good)

    def _packed(self, browser: Browser, push: Push, now: datetime) -> tuple[bytes, dict[str, str]]:
        client = {
            "endpoint": browser.endpoint,
            "keys": {"p256dh": browser.p256dh, "auth": browser.auth},
        }
        body: bytes = WebPusher(client).encode(push.encode())["body"]
        given = urlsplit(browser.endpoint)
        claims = {
            "aud": f"{given.scheme}://{given.netloc}",
            "sub": self._settings.push_contact,
            "exp": int((now + SIGNED_FOR).timestamp()),
        }
        return body, {
            **self._vapid.sign(claims),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(push.ttl_s),
            "Urgency": "high",
        }


@contextlib.asynccontextmanager
async def connect(settings: Settings, key: ec.EllipticCurvePrivateKey) -> AsyncIterator[PushSender]:
    """The way to the push services, for as long as the block lasts."""
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.push_timeout_s),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield PushSender(session, key, settings)
