"""The alarm process's application: the SOS route and nothing else, on a port and a pool of its own.

A flood of other requests never reaches it, and it goes on when the API does not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from api import edge, readiness, relations
from api.app import make_edge
from api.readiness import Beat
from api.routes import system, visits
from api.stopping import Stopping
from api.wire import Routes
from dispatch.database import Pool

PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key, accept-language",
    "Access-Control-Max-Age": "86400",
}
PATHS: Final = frozenset({"/v1/visits/{id}/sos", "/healthz", "/readyz", "/metrics"})


def make_alarm_app(pool: Pool, *, beat: Beat, stopping: Stopping | None = None) -> web.Application:
    """An application that takes alarms. The pool stays the caller's."""
    app = edge.application(
        make_edge(
            pool,
            name="alarm",
            checks=readiness.of_alarms(pool, stopping or Stopping(), beat),
            relations_=relations.RELATIONS,
        ),
        [_only(PATHS, visits.routes), _only(PATHS, system.routes)],
    )
    app.middlewares.insert(0, _answer_preflight)
    app.on_response_prepare.append(_let_browsers_in)
    return app


@web.middleware
async def _answer_preflight(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A browser asks before it posts to another port; an alarm must not fail of that."""
    if request.method == "OPTIONS":
        return web.Response(status=204, headers=PREFLIGHT)
    return await handler(request)


async def _let_browsers_in(_: web.Request, response: web.StreamResponse) -> None:
    """Any page may call: what counts is the bearer token, which no browser sends by itself."""
    response.headers["Access-Control-Allow-Origin"] = "*"


def _only(paths: frozenset[str], module: Routes) -> Routes:
    chosen = Routes()
    chosen.all = [route for route in module.all if route.path in paths]
    return chosen
