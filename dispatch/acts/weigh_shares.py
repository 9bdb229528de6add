"""Keeping the ledger by which work goes round: once an hour, for all nurses at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from dispatch import database
from dispatch.database import Caller, Connection, Pool
from dispatch.records import nurse_shares
from dispatch.records.nurse_shares import NurseShare
from matching import fairness
from matching.fairness import Share

KEEPER: Final = Caller.clock("shares")
EVERY: Final = timedelta(hours=1)
# The first time it looks back so far; what is older counts for little.
SINCE: Final = timedelta(days=28)
NOTHING: Final = Share()
# Lines that are written by one statement.
AT_ONCE: Final = 2_000


async def weigh_shares(pool: Pool, limit: int = 1) -> int:
    """Add what the last hour brought, and say who is ahead; 0, since there is never more to do."""
    await _weigh(pool, KEEPER)
    return 0


@database.act
async def _weigh(conn: Connection) -> None:
    if not await nurse_shares.try_lock_keeper(conn):
        return
    now = await database.now(conn)
    since = await nurse_shares.find_latest(conn)
    if since is not None and now - since < EVERY:
        return
    since = since or now - SINCE
    before = await nurse_shares.list_all(conn)
    given = await nurse_shares.list_given(conn, since, now)
    # Of a province it takes a second, in which other sweeps are due.
    shares, ahead = await asyncio.to_thread(_reckon, before, given, now - since)
    ids = list(shares)
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        await nurse_shares.put(conn, {nurse: shares[nurse] for nurse in some}, ahead, now)


def _reckon(
    before: Mapping[UUID, NurseShare], given: Mapping[UUID, Share], passed: timedelta
) -> tuple[dict[UUID, Share], dict[UUID, float]]:
    """Everybody's share by now, and how far each is ahead."""
    shares = {nurse: line.share.faded(passed) for nurse, line in before.items()}
    for nurse, new in given.items():
        shares[nurse] = shares.get(nurse, NOTHING).plus(new)
    everybody = fairness.total(shares.values())
    return shares, {nurse: fairness.ahead(share, everybody) for nurse, share in shares.items()}
