"""One file and its fields out of a multipart body, in bounded pieces; the file's name is ignored.

What comes in lies sealed on the disk until the route has done with it, and then nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from api import reading
from api.metrics import SHED
from api.problems import BodyTooLarge, RequestTimedOut, UnsupportedMediaType
from config.settings import Settings
from dispatch import storage
from dispatch.errors import InvalidFields, Overloaded
from dispatch.storage import Incoming

MULTIPART: Final = "multipart/form-data"
FILE: Final = "file"
PIECE_BYTES: Final = 64 * 1024
FIELD_MAX_BYTES: Final = 1024
PARTS_MAX: Final = 16
# What boundaries, heads and fields may take beside the file.
FRAME_MAX_BYTES: Final = 64 * 1024
MEBI: Final = 1024 * 1024
RETRY_AFTER_S: Final = 1


class Gate:
    """How many uploads this process takes in at once; further ones are sent away (503)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside = 0

    @contextlib.contextmanager
    def seat(self) -> Iterator[None]:
        """Raises `Overloaded` when all seats are taken."""
        if self._inside >= self._most:
            SHED.labels(load="upload", reason="load").inc()
            raise Overloaded(retry_after_s=RETRY_AFTER_S)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


@contextlib.asynccontextmanager
async def receive(
    request: web.Request, gate: Gate, settings: Settings
) -> AsyncIterator[tuple[dict[str, str], Incoming]]:
    """The fields as they were sent, and the file, for as long as the block lasts.

    Raises the refusals of 413, 415, 408 and 422 (no multipart, a part twice, no file), 503.
    """
    if (request.content_length or 0) > settings.upload_max_mb * MEBI + FRAME_MAX_BYTES:
        raise BodyTooLarge(limit_bytes=settings.upload_max_mb * MEBI)
    identity = request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower()
    if request.content_type != MULTIPART or identity != "identity":
        raise UnsupportedMediaType(media_types=[MULTIPART])
    with gate.seat():
        async with storage.configured(settings).incoming() as incoming:
            try:
                async with asyncio.timeout(settings.upload_timeout_s):
                    fields = await _read(request, incoming, settings.upload_max_mb * MEBI)
            except TimeoutError:
                raise RequestTimedOut from None
            yield fields, incoming


async def _read(request: web.Request, incoming: Incoming, limit_bytes: int) -> dict[str, str]:
    fields: dict[str, str] = {}
    seen: set[str] = set()
    try:
        reader = MultipartReader(request.headers, request.content)
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise InvalidFields((("body",), "multipart"))
            if not reading.is_text(part.name):
                raise InvalidFields((("body", "?"), "text"))
            if part.name in seen or len(seen) >= PARTS_MAX:
                raise InvalidFields((("body", part.name[:64]), "given_twice"))
            seen.add(part.name)
            if part.name == FILE:
                await _take_file(part, incoming, limit_bytes)
            else:
                fields[part.name] = await _text(part)
            if request.content.total_bytes > limit_bytes + FRAME_MAX_BYTES:
                raise BodyTooLarge(limit_bytes=limit_bytes)
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError, web.HTTPException):
        raise InvalidFields((("body",), "multipart")) from None
    if not incoming.size_bytes:
        raise InvalidFields((("body", FILE), "missing"))
    return fields


async def _take_file(part: BodyPartReader, incoming: Incoming, limit_bytes: int) -> None:
    if part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "binary").lower() not in (
        "binary",
        "8bit",
        "7bit",
    ):
        raise InvalidFields((("body", FILE), "multipart"))
    while piece := await part.read_chunk(PIECE_BYTES):
        if incoming.size_bytes + len(piece) > limit_bytes:
            raise BodyTooLarge(limit_bytes=limit_bytes)
        await incoming.append(piece)


async def _text(part: BodyPartReader) -> str:
    """A short field. Longer ones and what is no text are refused as such."""
    name = part.name or ""
    received = b""
    while piece := await part.read_chunk(FIELD_MAX_BYTES + 1):
        received += piece
        if len(received) > FIELD_MAX_BYTES:
            raise InvalidFields((("body", name[:64]), "field_too_long"))
    try:
        text = received.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not reading.is_text(text):
        raise InvalidFields((("body", name[:64]), "text"))
    return text


def schema(fields: dict[str, Any], media_types: tuple[str, ...]) -> dict[str, Any]:
    """The body as the OpenAPI document tells it: the model's fields, and the file."""
    named = {**fields.get("properties", {}), FILE: {"type": "string", "format": "binary"}}
    told = {
        "type": "object",
        "additionalProperties": False,
        "properties": named,
        "required": [*fields.get("required", []), FILE],
    }
    if text := fields.get("description"):
        told["description"] = f"{text} `file`: {', '.join(media_types)}, told by its content."
    return told
