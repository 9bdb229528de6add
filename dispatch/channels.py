"""Ways to a phone: an HTTP gateway for text messages, or the log, which never sees the words."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

import aiohttp

from config import messages
from config.settings import Settings
from dispatch.ids import new_id

log = logging.getLogger(__name__)

CONNECTIONS_MAX: Final = 20
ANSWER_BYTES_MAX: Final = 64 * 1024
# Refusals that will pass; any other 4xx means that this message is never taken.
PASSING: Final = frozenset({401, 403, 408, 409, 423, 425, 429})


class NotDelivered(Exception):
    """A channel did not take a message; `for_good` if it never will. Holds no number, no words."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes to one phone. Sent again it has the same `id`, so that the receiver drops it."""

    id: UUID
    template: str
    phone: str = field(repr=False)
    text: str = field(repr=False)


class Channel(Protocol):
    """A way to a phone."""

    async def send(self, message: Message) -> None:
        """Return once the other side has taken it, at least once. Raises `NotDelivered`."""
        ...


class SmsGateway:
    """Posts each message as JSON to a gateway; any 2xx means taken.

    `{"id", "to", "text"}`, with the id as `Idempotency-Key`, too.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def send(self, message: Message) -> None:
        body = {"id": str(message.id), "to": message.phone, "text": message.text}
        try:
            async with self._session.post(
                self._url,
                json=body,
                headers={"Idempotency-Key": str(message.id)},
                allow_redirects=False,
            ) as answer:
                await answer.content.read(ANSWER_BYTES_MAX)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotDelivered(type(error).__name__) from None
        if not 200 <= answer.status < 300:
            for_good = 400 <= answer.status < 500 and answer.status not in PASSING
            raise NotDelivered(f"status {answer.status}", for_good=for_good)


class LogChannel:
    """Stands in for a gateway: the log tells that something would be sent, not what or to whom."""

    async def send(self, message: Message) -> None:
        told = {"template": message.template, "notice_id": str(message.id)}
        log.info("notice not sent: no gateway is set", extra=told)


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Channel]:
    """The channel that the settings name, for as long as the block lasts."""
    if settings.sms_gateway_url is None:
        yield LogChannel()
        return
    token = settings.sms_gateway_token
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.sms_timeout_s),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
        headers={"Authorization": f"Bearer {token.get_secret_value()}"} if token else {},
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield SmsGateway(session, settings.sms_gateway_url)


def one_time_code(*, phone: str, code: str, language: str, ttl_s: int) -> Message:
    """The message that carries a sign-in code."""
    template = messages.find("one_time_code")
    text = template.text(language, code=code, minutes=max(1, ttl_s // 60))
    return Message(id=new_id(), template=template.name, phone=phone, text=text)
