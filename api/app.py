"""The composition root: an API application from an open pool, with everything that its routes need.

It opens no database and no port: `api/serve.py` does, for each role, and closes them again.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any

import structlog
from aiohttp import web

from api import clients, codes, edge, gauges, logs, readiness, relations, routes
from api.auth import Tokens
from api.language import Texts
from api.limits import Limits
from api.policy import POLICIES
from api.readiness import Beat
from api.sessions import SessionFinder
from api.stopping import Stopping
from api.stream import HUB, Hub
from api.wire import EDGE, Check, Edge, Relation, Routes
from dispatch.channels import Channel
from dispatch.database import Pool

log = structlog.get_logger()


def make_app(
    pool: Pool, *, beat: Beat, channel: Channel, stopping: Stopping | None = None
) -> web.Application:
    """An application with the routes of every module in `api/routes`.

    The pool stays the caller's. Raises `MissingPolicy` for a route without its row of policy.
    """
    stopping = stopping or Stopping()
    app = edge.application(
        make_edge(
            pool,
            name="api",
            checks=readiness.of_api(pool, stopping, beat),
            relations_=relations.RELATIONS,
        ),
        modules(),
    )
    app[HUB] = Hub(pool, pool.settings)
    codes.install(app, channel, pool.settings)
    clients.install(app, pool.settings, app[EDGE].texts)
    app.cleanup_ctx.extend([_streams, _heartbeat(beat, pool.settings.heartbeat_s)])
    app.on_shutdown.append(_end_streams)
    return app


def make_edge(
    pool: Pool, *, name: str, checks: Mapping[str, Check], relations_: Mapping[str, Relation]
) -> Edge:
    """What answering needs, the same for the API and for the alarm process."""
    settings = pool.settings
    return Edge(
        pool=pool,
        settings=settings,
        texts=Texts.load(),
        tokens=Tokens(
            pool.keyring.provider.token_signing_key,
            ttl_s=settings.access_token_ttl_s,
            leeway_s=settings.token_leeway_s,
        ),
        find_session=SessionFinder(pool),
        relations=relations_,
        policies=POLICIES,
        limits=Limits.of(settings),
        readiness=checks,
        gauges=(gauges.refresher(pool, name),),
    )


def modules() -> list[Routes]:
    """The routes of every module in `api/routes`, by the module's name."""
    names = sorted(module.name for module in pkgutil.iter_modules(routes.__path__))
    found: list[Routes] = [
        importlib.import_module(f"{routes.__name__}.{name}").routes for name in names
    ]
    return found


async def _streams(app: web.Application) -> AsyncIterator[None]:
    hub = app[HUB]
    await hub.start()
    async with _running(hub.read(), hub.check_sessions()):
        yield


async def _end_streams(app: web.Application) -> None:
    app[HUB].end_all()


def _heartbeat(beat: Beat, every_s: float) -> Callable[[web.Application], AsyncIterator[None]]:
    async def go_on() -> None:
        while True:
            try:
                await beat()
            except Exception as error:
                log.warning("heartbeat not written", **logs.fault(error))
            await asyncio.sleep(every_s)

    async def keep(_: web.Application) -> AsyncIterator[None]:
        async with _running(go_on()):
            yield

    return keep


@contextlib.asynccontextmanager
async def _running(*endless: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these beside the block, and end them with it."""
    tasks = [asyncio.create_task(each) for each in endless]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
