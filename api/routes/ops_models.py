"""Models over HTTP: what finished work has taught, to be looked at."""

from __future__ import annotations

from api.schemas import models as schemas
from api.views.models import acceptance_view, pace_view
from api.wire import Call, Routes
from dispatch import database, learned
from dispatch.records import learned_models

routes = Routes()


@routes.get("/v1/ops/models", answer=schemas.Models)
async def show_models(call: Call) -> schemas.Models:
    """Who accepts what, and how long ways take: as it was learned last, with its age."""
    async with call.read() as conn:
        now = await database.now(conn)
        acceptance = await learned_models.find_latest(conn, learned.ACCEPTANCE)
        pace = await learned_models.find_latest(conn, learned.PACE)
        target = conn.settings.fill_target_percent
    return schemas.Models(
        acceptance=None if acceptance is None else acceptance_view(acceptance, target, now),
        pace=None if pace is None else pace_view(pace, now),
    )
