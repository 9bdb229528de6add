"""Sends sign-in codes behind the answer's back, so that no answer tells by its time what was sent.

A code that cannot be sent is lost: its owner asks for another. Nothing is queued on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import structlog
from aiohttp import web

from config.settings import Settings
from dispatch import channels
from dispatch.acts.sign_in import OneTimeCode
from dispatch.channels import Channel, Message, NotDelivered

log = structlog.get_logger()

UNDER_WAY_MAX: Final = 100
RETRY_AFTER_S: Final = (1.0, 3.0)
CLOSE_S: Final = 5.0


class CodeSender:
    """Hands codes to a channel, a bounded number at a time."""

    def __init__(self, channel: Channel, settings: Settings) -> None:
        self._channel = channel
        self._ttl_s = settings.otp_ttl_s
        self._under_way: set[asyncio.Task[None]] = set()

    def send_soon(self, code: OneTimeCode, language: str) -> None:
        """Return at once; the message goes out as soon as the channel takes it."""
        if len(self._under_way) >= UNDER_WAY_MAX:
            log.warning("sign-in code dropped", reason="too many under way")
            return
        message = channels.one_time_code(
            phone=code.phone, code=code.code, language=language, ttl_s=self._ttl_s
        )
        task = asyncio.create_task(self._send(message))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Wait a while for what is under way, then let it go."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=CLOSE_S)
            for task in late:
                task.cancel()

    async def _send(self, message: Message) -> None:
        for wait_s in (*RETRY_AFTER_S, None):
            try:
                return await self._channel.send(message)
            except NotDelivered as refusal:
                log.warning("sign-in code not taken", reason=str(refusal), again=wait_s is not None)
                if wait_s is None or refusal.for_good:
                    return None
                await asyncio.sleep(wait_s)
        return None


CODES: Final = web.AppKey("codes", CodeSender)


def install(app: web.Application, channel: Channel, settings: Settings) -> None:
    """Give an application its sender of codes, for as long as it runs."""
    sender = CodeSender(channel, settings)
    app[CODES] = sender

    async def closing(_: web.Application) -> AsyncIterator[None]:
        yield
        await sender.close()

    app.cleanup_ctx.append(closing)
