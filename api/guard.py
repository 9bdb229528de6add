"""Connections that do not get on with it are closed: a header deadline that aiohttp does not have.

It reaches into private names of aiohttp 3.14 (`_messages`, `_current_request`); its test holds it
to what it promises, so that an update which breaks it is noticed.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson
import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from api import metrics, problems

log = structlog.get_logger()

LINGERING_S: Final = 2.0
MALFORMED: Final = {
    "type": f"/problems/{problems.MalformedRequest.slug}",
    "title": "Malformed request / 请求无法解析",
    "status": problems.MalformedRequest.status,
    "detail": "This is not HTTP/1.1 that can be read. / 无法按 HTTP/1.1 解析。",
    "instance": "/",
}


class Guard(RequestHandler):
    """One connection: a request's head must be whole `header_timeout_s` after its first byte."""

    __slots__ = ("_deadline", "_header_timeout_s")

    def __init__(self, *args: Any, header_timeout_s: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._header_timeout_s = header_timeout_s
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._messages or self._current_request is not None:
            self._disarm()
        elif self._waiter is not None and not self._waiter.done():
            self._arm()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self._loop.call_later(self._header_timeout_s, self._kill)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _kill(self) -> None:
        self._deadline = None
        if self.transport is not None:
            metrics.SLOW_HEADERS.inc()
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What the parser refused, as a problem; the bytes are neither logged nor sent back."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        log.info("request unreadable", status=status)
        answer = web.Response(
            status=problems.MalformedRequest.status,
            body=orjson.dumps(MALFORMED),
            content_type=problems.CONTENT_TYPE,
        )
        answer.force_close()
        return answer


class GuardedServer(web.Server):
    """Makes each connection a guarded one."""

    def __init__(self, *args: Any, header_timeout_s: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._header_timeout_s = header_timeout_s

    def __call__(self) -> RequestHandler:
        return Guard(self, loop=self._loop, header_timeout_s=self._header_timeout_s, **self._kwargs)


class Runner(web.AppRunner):
    """aiohttp's runner with guarded connections, without its access log (see `edge.observe`)."""

    __slots__ = ("_header_timeout_s",)

    def __init__(
        self,
        app: web.Application,
        *,
        header_timeout_s: float,
        keepalive_s: float,
        drain_s: float,
        handle_signals: bool = False,
    ) -> None:
        super().__init__(
            app,
            handle_signals=handle_signals,
            access_log=None,
            keepalive_timeout=keepalive_s,
            shutdown_timeout=drain_s,
            lingering_time=LINGERING_S,
            # A compressed body is refused (415); unpacking it first could only go wrong.
            auto_decompress=False,
        )
        self._header_timeout_s = header_timeout_s

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return GuardedServer(
            made.request_handler,
            request_factory=made.request_factory,
            loop=asyncio.get_running_loop(),
            header_timeout_s=self._header_timeout_s,
            **made._kwargs,
        )
