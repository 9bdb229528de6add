"""What finished work teaches, learned anew once a day and kept; nothing of it is about anybody."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Final

from dispatch import database, ways
from dispatch.database import Caller, Connection, Pool
from dispatch.records import learned_models
from dispatch.records.learned_models import LearnedModel
from matching import pace

SWEEP: Final = Caller.clock("learn")
EVERY: Final = timedelta(days=1)
KEEP: Final = timedelta(days=400)
WAYS_MAX: Final = 20_000


async def learn(pool: Pool, limit: int = 1) -> int:
    """Learn what is a day old again; returns how much was learned."""
    return await learn_pace(pool, SWEEP)


@database.act
async def learn_pace(conn: Connection) -> int:
    """How long ways take, from those of the last weeks. What was set is where it begins."""
    settings, now = conn.settings, await database.now(conn)
    if not settings.travel_learn_days or not await _is_due(conn, ways.PACE):
        return 0
    since = now - timedelta(days=settings.travel_learn_days)
    found = await learned_models.list_ways(conn, since, WAYS_MAX)
    learned = pace.learn(found, ways.set_pace(settings))
    if not learned.ways:
        return 0
    await learned_models.insert(
        conn,
        LearnedModel(kind=ways.PACE, learned_at=now, sample=learned.ways, model=asdict(learned)),
    )
    await learned_models.prune(conn, now - KEEP)
    return 1


async def _is_due(conn: Connection, kind: str) -> bool:
    """Whether it was last learned a day ago, and nobody else is learning now."""
    if not await learned_models.try_lock(conn):
        return False
    latest = await learned_models.find_latest(conn, kind)
    return latest is None or await database.now(conn) - latest.learned_at >= EVERY
