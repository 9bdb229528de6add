"""The two event streams. What each reader sees is decided in api/stream.py."""

from __future__ import annotations

from aiohttp import web

from api.stream import HUB
from api.wire import Call, Routes
from dispatch.errors import Unauthenticated

routes = Routes()


@routes.stream("/v1/stream")
async def follow(call: Call) -> web.StreamResponse:
    return await _answer(call)


@routes.stream("/v1/ops/stream")
async def follow_operations(call: Call) -> web.StreamResponse:
    return await _answer(call)


async def _answer(call: Call) -> web.StreamResponse:
    if call.session is None:
        raise Unauthenticated
    return await call.request.app[HUB].answer(call.request, call.caller, call.session)
