"""Server-sent events: one reader of the outbox per process, fanned out to whoever listens.

It never decides what happened, only who may see it. What a slow or broken connection misses it
reads again from the table, by `Last-Event-ID`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

import orjson
import structlog
from aiohttp import web

from api import logs
from api.audience import Audience, audience_of
from api.auth import Session
from api.listeners import Listener, Listeners
from api.wire import EVENT_STREAM
from config.settings import Settings
from dispatch.database import Caller, Pool
from dispatch.errors import Overloaded
from dispatch.lifecycles import Role
from dispatch.records import events, sessions
from dispatch.records.events import Event
from dispatch.records.sessions import Identity

log = structlog.get_logger()

READER: Final = Caller.clock("stream")
PAGE: Final = 500
POLL_S: Final = 0.2
# After a failure of the database the next look waits longer, up to this.
POLL_MAX_S: Final = 2.0
CHECK_SESSIONS_S: Final = 2.0
# So many of them at once: the others' events do not wait for thousands.
SESSIONS_AT_ONCE: Final = 500
LISTENERS_MAX: Final = 5_000
# A connection that takes nothing for so long is cut off.
WRITE_S: Final = 10.0
RECONNECT_MS: Final = 2_000


def encode(event: Event) -> bytes:
    """An event as lines of the stream; its data never holds a line break."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        event.seq,
        event.event.encode(),
        orjson.dumps(event.data, default=str),
    )


def reset(seq: int, reason: str) -> bytes:
    """A client cannot be led on from where it was: it is to read its resources anew, then go on
    from `seq`."""
    return b'id: %d\nevent: stream.reset\ndata: {"reason":"%s"}\n\n' % (seq, reason.encode())


class Hub:
    """Reads the outbox once for this process and hands each event to those who may see it."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings
        self._listeners = Listeners()
        # A burst must fit into the queue of a reader who is not slow: it drains between pages.
        self._page = max(1, min(PAGE, settings.sse_queue_max // 2))
        self._stopping = False
        self._seq = 0

    async def start(self) -> None:
        """Find out where the stream stands: who connects without a place begins there."""
        async with self._pool.read(READER) as conn:
            self._seq = await events.last_seq(conn)

    async def read(self) -> None:
        """Fan out what happens, for ever; the database may come and go meanwhile."""
        pause_s = POLL_S
        while True:
            try:
                full = await self._read_page()
                pause_s = 0 if full else POLL_S
            except Exception as error:
                if pause_s <= POLL_S:
                    log.warning("stream cannot read", **logs.fault(error))
                pause_s = min(max(pause_s, POLL_S) * 2, POLL_MAX_S)
            await asyncio.sleep(pause_s)

    async def _read_page(self) -> bool:
        async with self._pool.read(READER) as conn:
            page = await events.list_after(conn, self._seq, self._page)
        for event in page:
            if seers := self._listeners.seers(event):
                lines = encode(event)
                for listener in seers:
                    listener.push(event.seq, lines)
            self._seq = event.seq
        return len(page) == self._page

    async def check_sessions(self) -> None:
        """End the streams of those who signed out, were suspended or got other rights."""
        while True:
            await asyncio.sleep(CHECK_SESSIONS_S)
            try:
                await self._check_sessions()
            except Exception as error:
                log.warning("stream cannot check sessions", **logs.fault(error))

    async def _check_sessions(self) -> None:
        everybody = list(self._listeners)
        for start in range(0, len(everybody), SESSIONS_AT_ONCE):
            asked = everybody[start : start + SESSIONS_AT_ONCE]
            async with self._pool.read(READER) as conn:
                found = await sessions.list_identities(conn, {each.session.id for each in asked})
            rights = {each.session_id: _rights(each) for each in found if each.live}
            for listener in asked:
                if rights.get(listener.session.id) != _rights(listener.session):
                    listener.end("session")

    def end_all(self) -> None:
        """Let every stream end now, and every new one at once: the process is about to stop."""
        self._stopping = True
        for listener in self._listeners:
            listener.end("shutdown")

    async def answer(
        self, request: web.Request, caller: Caller, session: Session
    ) -> web.StreamResponse:
        """Serve one stream until either side ends it. Raises `Overloaded`."""
        listener = self._add(audience_of(caller), session, cut=partial(_cut, request))
        try:
            response = web.StreamResponse(
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            )
            response.content_type = EVENT_STREAM
            response.charset = "utf-8"
            await response.prepare(request)
            try:
                await _write(response, b"retry: %d\n: connected\n\n" % RECONNECT_MS)
                given = request.headers.get("Last-Event-ID", "").strip()
                if given:
                    await self._catch_up(response, listener, place_of(given))
                await self._follow(response, listener)
            except (ConnectionError, TimeoutError):
                listener.end("gone")
                listener.cut()
            except Exception as error:
                # The answer has begun, so there is no other way to tell: the client comes again.
                log.warning("stream broken off", **logs.fault(error))
                listener.end("broken")
            return response
        finally:
            self._listeners.discard(listener)

    def _add(self, audience: Audience, session: Session, cut: Callable[[], None]) -> Listener:
        """Begin to queue events for a new stream; an account's oldest ends if it has too many."""
        if len(self._listeners) >= LISTENERS_MAX:
            raise Overloaded(retry_after_s=RECONNECT_MS // 1000)
        own = self._listeners.of_account(audience.account_id)
        if len(own) >= self._settings.sse_per_account_max:
            min(own, key=lambda each: each.session.now).end("too many")
        listener = Listener(
            audience=audience,
            session=session,
            cut=cut,
            queue_max=self._settings.sse_queue_max,
            seq=self._seq,
        )
        self._listeners.add(listener)
        if self._stopping:
            listener.end("shutdown")
        return listener

    async def _catch_up(
        self, response: web.StreamResponse, listener: Listener, after: int | None
    ) -> None:
        """Send what was missed, straight from the table; what happens meanwhile is queued."""
        if after == listener.seq:
            return
        async with self._pool.read(READER) as conn:
            first, last = await events.find_first_seq(conn), await events.last_seq(conn)
        if after is None or after > last:
            # No place, or none that this database has given out: it was restored, perhaps.
            await _write(response, reset(listener.seq, "unknown"))
            return
        if after > listener.seq:
            listener.seq = after  # another replica was further than we are
            return
        if first is not None and after + 1 < first:
            await _write(response, reset(first - 1, "too_old"))
        audience = listener.audience
        while listener.ending is None:
            async with self._pool.read(READER) as conn:
                missed = await events.list_visible(
                    conn,
                    after=after,
                    until=listener.seq,
                    account_id=audience.account_id,
                    staff=audience.is_staff,
                    institution_id=audience.institution_id,
                    limit=PAGE,
                )
            await _write(response, b"".join(encode(e) for e in missed if audience.sees(e)))
            if len(missed) < PAGE:
                return
            after = missed[-1].seq

    async def _follow(self, response: web.StreamResponse, listener: Listener) -> None:
        """Pass on what is queued, and a comment each time its interval is over."""
        loop = asyncio.get_running_loop()
        comment_at_s = loop.time() + self._settings.sse_comment_s
        while listener.ending is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(comment_at_s):
                    await listener.changed.wait()
            lines = listener.take()
            if loop.time() >= comment_at_s:
                comment_at_s += self._settings.sse_comment_s
                lines += b": still here\n\n"
            await _write(response, lines)


HUB: Final = web.AppKey("hub", Hub)


def place_of(given: str) -> int | None:
    """The place that a client says it has reached; None for what is no place."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else None


def _rights(holder: Session | Identity) -> tuple[Role, UUID | None, frozenset[str]]:
    return holder.role, holder.institution_id, holder.permissions


async def _write(response: web.StreamResponse, lines: bytes) -> None:
    """Raises TimeoutError or ConnectionError if the other side takes nothing any more."""
    if lines:
        async with asyncio.timeout(WRITE_S):
            await response.write(lines)


def _cut(request: web.Request) -> None:
    """Drop the connection with whatever it still holds."""
    if request.transport is not None:
        request.transport.abort()
