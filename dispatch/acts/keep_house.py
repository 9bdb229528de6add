"""Throwing away what has served its time, in bounded pieces. Evidence is never touched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from dispatch import database
from dispatch.database import Caller, Connection, Pool
from dispatch.records import (
    batches,
    day_proposals,
    events,
    heartbeats,
    notices,
    otp,
    positions,
    retry_keys,
    sessions,
    shortages,
)

KEEPER: Final = Caller.clock("keep-house")
NOTICE_KEEP_DAYS: Final = 30
HEARTBEAT_KEEP_S: Final = 3_600.0
# Proofs of what was decided and of what could not be: long enough to look into a complaint.
PROOF_KEEP_DAYS: Final = 30

Pruning = Callable[[Connection, int], Awaitable[str]]


async def keep_house(pool: Pool, limit: int = 1_000) -> int:
    """Prune each table by up to `limit` rows, a transaction each; returns the most that one gave.

    A full batch therefore means that there is more to do.
    """
    return max([await _prune(pool, KEEPER, pruning, limit) for pruning in PRUNINGS])


@database.act
async def _prune(conn: Connection, pruning: Pruning, limit: int) -> int:
    return int((await pruning(conn, limit)).split()[-1])


async def _retry_keys(conn: Connection, limit: int) -> str:
    return await retry_keys.prune(conn, conn.settings.retry_key_keep_days, limit)


async def _events(conn: Connection, limit: int) -> str:
    # An hour more than is promised: a reader may be in the middle of what is oldest.
    return await events.prune(conn, conn.settings.sse_resume_h + 1, limit)


async def _notices(conn: Connection, limit: int) -> str:
    return await notices.prune(conn, NOTICE_KEEP_DAYS, limit)


async def _positions(conn: Connection, limit: int) -> str:
    return await positions.prune(conn, conn.settings.position_keep_days, limit)


async def _batches(conn: Connection, limit: int) -> str:
    return await batches.prune(conn, PROOF_KEEP_DAYS, limit)


async def _shortages(conn: Connection, limit: int) -> str:
    return await shortages.prune(conn, PROOF_KEEP_DAYS, limit)


async def _heartbeats(conn: Connection, limit: int) -> str:
    return await heartbeats.prune(conn, HEARTBEAT_KEEP_S)


PRUNINGS: Final[tuple[Pruning, ...]] = (
    _retry_keys,
    _events,
    _notices,
    _positions,
    _heartbeats,
    _batches,
    _shortages,
    day_proposals.prune,
    otp.prune,
    sessions.prune_tokens,
)
