"""Keeping the ledger by which work goes round: once an hour, for all nurses at once."""

from __future__ import annotations

from datetime import datetime, timedelta
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


async def weigh_shares(pool: Pool, limit: int = 1) -> int:
    """Add what the last hour brought, and say who is ahead; 0, since there is never more to do."""
    await _weigh(pool, KEEPER)
    return 0


@database.act
async def _weigh(conn: Connection) -> None:
    if not await nurse_shares.try_lock_keeper(conn):
        return
    now = await database.now(conn)
    before = await nurse_shares.list_all(conn)
    since = max((line.until for line in before.values()), default=now - SINCE)
    if before and now - since < EVERY:
        return
    shares = await _grown(conn, before, since, now)
    everybody = fairness.total(shares.values())
    ahead = {nurse: fairness.ahead(share, everybody) for nurse, share in shares.items()}
    await nurse_shares.put(conn, shares, ahead, now)


async def _grown(
    conn: Connection, before: dict[UUID, NurseShare], since: datetime, now: datetime
) -> dict[UUID, Share]:
    given = await nurse_shares.list_given(conn, since, now)
    passed = now - since
    shares = {nurse: line.share.faded(passed) for nurse, line in before.items()}
    for nurse, new in given.items():
        shares[nurse] = shares.get(nurse, NOTHING).plus(new)
    return shares
