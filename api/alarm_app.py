"""The alarm process's application: the SOS route and nothing else, on a port and a pool of its own.

A flood of other requests never reaches it, and it goes on when the API does not.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api import edge, readiness, relations
from api.app import make_edge
from api.readiness import Beat, Stopping
from api.routes import system, visits
from api.wire import Routes
from dispatch.database import Pool

PATHS: Final = frozenset({"/v1/visits/{id}/sos", "/healthz", "/readyz", "/metrics"})


def make_alarm_app(pool: Pool, *, beat: Beat, stopping: Stopping | None = None) -> web.Application:
    """An application that takes alarms. The pool stays the caller's."""
    return edge.application(
        make_edge(
            pool,
            name="alarm",
            checks=readiness.of_alarms(pool, stopping or Stopping(), beat),
            relations_=relations.RELATIONS,
        ),
        [_only(PATHS, visits.routes), _only(PATHS, system.routes)],
    )


def _only(paths: frozenset[str], module: Routes) -> Routes:
    chosen = Routes()
    chosen.all = [route for route in module.all if route.path in paths]
    return chosen
