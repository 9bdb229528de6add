"""Raw connections: slow ones are closed, broken ones get a problem, and no byte is logged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from time import monotonic

import pytest
from aiohttp import web

from api import guard, logs
from api.guard import Runner

HEADER_S = 0.3
IDLE_S = 0.6


async def answer(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/", answer)
    runner = Runner(app, header_timeout_s=HEADER_S, keepalive_s=IDLE_S, drain_s=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Pair]]


@pytest.fixture
async def connect(port: int) -> AsyncIterator[Connect]:
    opened: list[asyncio.StreamWriter] = []

    async def open_one() -> Pair:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        return reader, writer

    yield open_one
    for writer in opened:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def closed_after(reader: asyncio.StreamReader) -> tuple[bytes, float]:
    """What came until the server closed, and how long that took."""
    started = monotonic()
    try:
        async with asyncio.timeout(5):
            told = await reader.read()
    except ConnectionResetError:
        told = b""
    return told, monotonic() - started


async def test_a_connection_that_says_nothing_is_closed(connect: Connect) -> None:
    reader, _ = await connect()
    told, took_s = await closed_after(reader)
    assert (told, took_s < HEADER_S + 0.5) == (b"", True)


async def test_a_head_that_drips_is_closed_though_bytes_keep_coming(connect: Connect) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
        for number in range(100):
            await asyncio.sleep(0.05)
            writer.write(b"X-%d: 1\r\n" % number)

    connections = [await connect() for _ in range(20)]
    dripping = [asyncio.create_task(drip(writer)) for _, writer in connections]
    found = await asyncio.gather(*(closed_after(reader) for reader, _ in connections))
    assert all(told == b"" and took_s < HEADER_S + 1 for told, took_s in found)
    for task in dripping:
        task.cancel()
    await asyncio.gather(*dripping, return_exceptions=True)


async def test_a_second_request_that_drips_is_closed_too(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n0")
    writer.write(b"GET / HTTP/1.1\r\n")
    told, took_s = await closed_after(reader)
    assert (told, took_s < IDLE_S) == (b"", True)


async def test_an_honest_slow_client_is_served(connect: Connect) -> None:
    reader, writer = await connect()
    for _ in range(2):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
        await asyncio.sleep(HEADER_S + 0.1)
        writer.write(b"ab")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n2")
        await asyncio.sleep(IDLE_S - 0.4)
    told, took_s = await closed_after(reader)
    assert (told, took_s < IDLE_S + 0.5) == (b"", True)


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage 13812345678\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b 13812345678\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_a_problem(
    connect: Connect, raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    reader, writer = await connect()
    writer.write(raw)
    told, took_s = await closed_after(reader)
    head, _, body = told.partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert b"application/problem+json" in head
    assert json.loads(body) == guard.MALFORMED
    assert took_s < 2
    assert "13812345678" not in capsys.readouterr().out
