"""The national register of nurses: who is registered there, asked through one interface.

A gateway over HTTP, or a local file. Neither ever turns a missing answer into a yes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp
import orjson

from config.settings import Settings

log = logging.getLogger(__name__)

ANSWER_BYTES_MAX: Final = 64 * 1024
FILE_BYTES_MAX: Final = 64 * 1024 * 1024
CONNECTIONS_MAX: Final = 4
# After so many failures in a row nothing is asked for a while.
FAILURES_MAX: Final = 5
PAUSE_S: Final = 60.0


class Finding(StrEnum):
    """What the register says of a nurse. `UNAVAILABLE` is no answer, and never a yes."""

    VERIFIED = "verified"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Is this nurse registered under this number, at this institution?"""

    registration_no: str
    name: str = field(repr=False)
    institution_code: str


class NurseRegister(Protocol):
    """What may be asked; it answers with a finding and raises nothing."""

    async def find(self, question: Question) -> Finding: ...


class FileRegister:
    """A list on the disk, read anew at each question.

    `{"nurses": {number: {"name", "institution"}}}`, the institution by its code.
    A file that is missing, broken or too large is a register that does not answer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def find(self, question: Question) -> Finding:
        try:
            listed = await asyncio.to_thread(self._read)
        except (OSError, ValueError):
            log.warning("register file cannot be read")
            return Finding.UNAVAILABLE
        found = listed.get(question.registration_no)
        if not isinstance(found, dict):
            return Finding.NOT_FOUND
        same = (
            found.get("name") == question.name
            and found.get("institution") == question.institution_code
        )
        return Finding.VERIFIED if same else Finding.NOT_FOUND

    def _read(self) -> dict[str, Any]:
        if self._path.stat().st_size > FILE_BYTES_MAX:
            raise ValueError("too large")
        listed = orjson.loads(self._path.read_bytes())
        nurses = listed.get("nurses") if isinstance(listed, dict) else None
        if not isinstance(nurses, dict):
            raise ValueError("no list of nurses")
        return nurses


class HttpRegister:
    """Posts `{"registration_no", "name", "institution_code"}` and takes `{"result"}` for an answer.

    Anything but 200 with `verified` or `not_found` is no answer. After FAILURES_MAX of those in a
    row it asks nothing for PAUSE_S, then one question decides.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._failures = 0
        self._closed_until_s = 0.0

    async def find(self, question: Question) -> Finding:
        now_s = asyncio.get_running_loop().time()
        if now_s < self._closed_until_s:
            return Finding.UNAVAILABLE
        found = await self._ask(question)
        if found is not Finding.UNAVAILABLE:
            self._failures = 0
            return found
        self._failures += 1
        if self._failures >= FAILURES_MAX:
            self._closed_until_s = asyncio.get_running_loop().time() + PAUSE_S
        return found

    async def _ask(self, question: Question) -> Finding:
        body = {
            "registration_no": question.registration_no,
            "name": question.name,
            "institution_code": question.institution_code,
        }
        try:
            async with self._session.post(self._url, json=body, allow_redirects=False) as answer:
                content = await answer.content.read(ANSWER_BYTES_MAX)
            result = orjson.loads(content).get("result") if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError) as error:
            log.warning("register not reached", extra={"cause": type(error).__name__})
            return Finding.UNAVAILABLE
        match result:
            case Finding.VERIFIED | Finding.NOT_FOUND:
                return Finding(result)
            case _:
                log.warning("register gave no answer", extra={"status": answer.status})
                return Finding.UNAVAILABLE


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[NurseRegister | None]:
    """The register that the settings name, for as long as the block lasts, or None."""
    if settings.register_file is not None:
        yield FileRegister(settings.register_file)
        return
    if settings.register_url is None:
        if not settings.demo:
            log.warning("no national register is set: nobody is asked whether nurses are in it")
        yield None
        return
    token = settings.register_token
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.register_timeout_s),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
        headers={"Authorization": f"Bearer {token.get_secret_value()}"} if token else {},
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield HttpRegister(session, settings.register_url)
