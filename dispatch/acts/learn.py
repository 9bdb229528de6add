"""What finished work teaches, learned anew once a day and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from dispatch import database, learned, ways
from dispatch.database import Caller, Connection, Pool
from dispatch.records import learned_models
from dispatch.records.learned_models import LearnedModel
from matching import pace
from matching.acceptance import Answer

if TYPE_CHECKING:
    from matching.learning import Learned

SWEEP: Final = Caller.clock("learn")
EVERY: Final = timedelta(days=1)
KEEP: Final = timedelta(days=400)
WAYS_MAX: Final = 20_000
ANSWERS_MAX: Final = 20_000


async def learn(pool: Pool, limit: int = 2) -> int:
    """Learn again what is a day old; returns how much was learned."""
    return await learn_pace(pool, SWEEP) + await learn_acceptance(pool)


@database.act
async def learn_pace(conn: Connection) -> int:
    """How long ways take, from those of the last weeks. What was set is where it begins."""
    settings, now = conn.settings, await database.now(conn)
    if not settings.travel_learn_days or not await _is_due(conn, learned.PACE, now):
        return 0
    since = now - timedelta(days=settings.travel_learn_days)
    found = await learned_models.list_ways(conn, since, WAYS_MAX)
    made = pace.learn(found, ways.set_pace(settings))
    if not made.ways:
        return 0
    model = LearnedModel(kind=learned.PACE, learned_at=now, sample=made.ways, model=asdict(made))
    await learned_models.insert(conn, model)
    await learned_models.prune(conn, now - KEEP)
    return 1


async def learn_acceptance(pool: Pool) -> int:
    """Who says yes to what, from the answers of the last months, once there are enough.

    Between reading and keeping no transaction is open: it takes seconds.
    """
    if not pool.settings.fill_target_percent:
        return 0
    async with pool.read(SWEEP) as conn:
        now = await database.now(conn)
        if not await _is_due(conn, learned.ACCEPTANCE, now):
            return 0
        since = now - timedelta(days=pool.settings.answers_learn_days)
        answers = await learned_models.list_answers(conn, since, ANSWERS_MAX)
    made = await asyncio.to_thread(_learn_from, answers)
    return 0 if made is None else await _keep(pool, SWEEP, made)


def _learn_from(answers: Sequence[Answer]) -> Learned | None:
    # NumPy is for this alone.
    from matching import learning

    return learning.learn(answers)


@database.act
async def _keep(conn: Connection, made: Learned) -> int:
    now = await database.now(conn)
    if not await _is_due(conn, learned.ACCEPTANCE, now):
        return 0
    await learned_models.insert(
        conn,
        LearnedModel(
            kind=learned.ACCEPTANCE,
            learned_at=now,
            sample=made.model.offers,
            model=asdict(made.model),
        ),
    )
    await learned_models.put_leanings(conn, made.leanings)
    return 1


async def _is_due(conn: Connection, kind: str, now: datetime) -> bool:
    """Whether it was last learned a day ago, and nobody else is learning at this moment."""
    if not await learned_models.try_lock(conn):
        return False
    latest = await learned_models.find_latest(conn, kind)
    return latest is None or now - latest.learned_at >= EVERY
