"""The face service: is the person before the phone the nurse? Asked through one interface.

The phone's own kit takes the picture and gives a token; no picture ever comes here. What is no
answer is never a yes.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

import aiohttp
import orjson

from config.settings import Settings

log = logging.getLogger(__name__)

ANSWER_BYTES_MAX: Final = 64 * 1024
CONNECTIONS_MAX: Final = 4


class Match(StrEnum):
    """What the service says. `UNAVAILABLE` is no answer."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    UNAVAILABLE = "unavailable"


class FaceService(Protocol):
    """What may be asked; it answers with a match and raises nothing."""

    async def compare(self, nurse_id: UUID, token: str) -> Match: ...


class HttpFaceService:
    """Posts `{"person", "token"}` and takes `{"result"}` for an answer.

    Anything but 200 with `matched` or `not_matched` is no answer.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def compare(self, nurse_id: UUID, token: str) -> Match:
        body = {"person": str(nurse_id), "token": token}
        try:
            async with self._session.post(self._url, json=body, allow_redirects=False) as answer:
                content = await answer.content.read(ANSWER_BYTES_MAX)
            result = orjson.loads(content).get("result") if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError) as error:
            log.warning("face service not reached", extra={"cause": type(error).__name__})
            return Match.UNAVAILABLE
        match result:
            case Match.MATCHED | Match.NOT_MATCHED:
                return Match(result)
            case _:
                log.warning("face service gave no answer", extra={"status": answer.status})
                return Match.UNAVAILABLE


class NoFaceService:
    """None is connected: nobody is recognised, and a supervisor has to confirm."""

    async def compare(self, nurse_id: UUID, token: str) -> Match:
        return Match.UNAVAILABLE


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[FaceService]:
    """The service that the settings name, for as long as the block lasts."""
    if settings.face_url is None:
        if settings.face_check != "off":
            log.warning("no face service is set: every nurse needs a supervisor's confirmation")
        yield NoFaceService()
        return
    token = settings.face_token
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.face_timeout_s),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
        headers={"Authorization": f"Bearer {token.get_secret_value()}"} if token else {},
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield HttpFaceService(session, settings.face_url)
