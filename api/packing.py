"""Large answers made small: compressed for those who take it, not sent again while unchanged."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from typing import Final

from aiohttp import hdrs, web

from api.wire import Answer

WORTH_BYTES: Final = 4 * 1024
FASTEST: Final = 1


async def packed(request: web.Request, body: bytes, *, same_if: bytes) -> Answer:
    """`body` as this client takes it; 304 without it while `same_if` is what the client has seen.

    Its ETag is a weak one: two bodies with the same `same_if` may differ in what does not matter.
    """
    tag = f'W/"{hashlib.blake2b(same_if, digest_size=12).hexdigest()}"'
    headers: dict[str, str] = {
        hdrs.ETAG: tag,
        hdrs.CACHE_CONTROL: "private, no-cache",
        hdrs.VARY: "Authorization, Accept-Encoding, Accept-Language, Accept-CRS",
    }
    if tag.removeprefix("W/") in _seen(request):
        return Answer(status=304, headers=headers)
    if len(body) >= WORTH_BYTES and _takes_gzip(request):
        body = await asyncio.to_thread(gzip.compress, body, FASTEST, mtime=0)
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    return Answer(body=body, headers=headers)


def _seen(request: web.Request) -> set[str]:
    """The tags of `If-None-Match`; for what may only save work, weak ones count (RFC 9110)."""
    given = request.headers.get(hdrs.IF_NONE_MATCH, "")[:512].split(",")
    return {tag.strip().removeprefix("W/") for tag in given}


def _takes_gzip(request: web.Request) -> bool:
    for part in request.headers.get(hdrs.ACCEPT_ENCODING, "")[:512].lower().split(","):
        coding, _, parameter = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return parameter.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
