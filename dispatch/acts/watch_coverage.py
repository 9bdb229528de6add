"""Hours ahead: which of the open orders cannot all be served, whatever is planned.

It looks and tells the operator; it moves nothing. How few they are is `matching/shortage.py`'s to
find, and `matching/proof.py`'s to check before anything is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from dispatch import database, keeping, sourcing, ways
from dispatch.database import Caller, Connection, Pool
from dispatch.keeping import Hours
from dispatch.records import candidates, coming, shortages
from matching import eligibility, proof, shortage, spans
from matching.inputs import Candidate, Frame, Need
from matching.proof import Refuted
from matching.shortage import Wanted
from matching.spans import Span

log: Final = logging.getLogger(__name__)

WATCHER: Final = Caller.clock("coverage")
ORDERS_MAX: Final = 150
# At night nobody has a shift, and every nurse around is looked at to see it: no statement is long.
AT_ONCE: Final = 10
# An order to which so many could go is short of nobody, and reading them all would take long.
ENOUGH: Final = 60
SHORTAGES_MAX: Final = 20


async def watch_coverage(pool: Pool, limit: int = ORDERS_MAX) -> int:
    """Look at up to `limit` open orders, the earliest first; returns how many shortages hold.

    What held before and holds no longer ends.
    """
    async with pool.read(WATCHER) as conn:
        now = await database.now(conn)
        needs, able = await _read(conn, now, min(limit, ORDERS_MAX))
        measured = await ways.straight(conn, now)
        frame = sourcing.frame_of(conn, now, measured.travel)
    found = await asyncio.to_thread(_find, needs, able, frame)
    return await _keep(pool, WATCHER, found, now)


@database.act
async def _keep(conn: Connection, found: Sequence[shortages.Shortage], now: datetime) -> int:
    if not await shortages.try_lock_watcher(conn):
        return 0
    await shortages.keep(conn, found)
    return len(found)


async def _read(
    conn: Connection, now: datetime, limit: int
) -> tuple[list[Need], dict[UUID, list[Candidate]]]:
    """The needs to which few could go, and those few."""
    until = now + timedelta(hours=conn.settings.coverage_horizon_h)
    ahead = await coming.list_open(conn, until, limit)
    needs = [need for need in (await sourcing.needs_of(conn, ahead)).values() if need.seats]
    able: list[list[UUID]] = []
    for first in range(0, len(needs), AT_ONCE):
        some = needs[first : first + AT_ONCE]
        able += await coming.list_able(
            conn,
            [sourcing.sought(need) for need in some],
            [asyncpg.Range(max(now, need.first_start_at), need.last_end_at) for need in some],
            conn.settings.default_radius_m,
            ENOUGH,
        )
    scarce = {
        need.order_id: nurse_ids
        for need, nurse_ids in zip(needs, able, strict=True)
        if len(nurse_ids) < ENOUGH
    }
    needs = [need for need in needs if need.order_id in scarce]
    if not needs:
        return [], {}
    blocked = await candidates.blocked(conn, list(scarce))
    return needs, await sourcing.candidates_of(conn, needs, scarce, blocked, now)


def _find(
    needs: Sequence[Need], able: Mapping[UUID, Sequence[Candidate]], frame: Frame
) -> list[shortages.Shortage]:
    wanted = [_wanted(need, able[need.order_id], frame) for need in needs]
    free_hours: Hours = {
        candidate.nurse_id: spans.without(
            candidate.free_hours, [Span(one.starts_at, one.ends_at) for one in candidate.visits]
        )
        for those in able.values()
        for candidate in those
    }
    found = []
    for short in shortage.find_all(wanted, free_hours, SHORTAGES_MAX):
        try:
            proof.check_shortage(short, wanted, free_hours)
        except Refuted as refusal:
            log.error("shortage refuted", extra={"why": str(refusal)})
        else:
            found.append(keeping.shortage_of(short, free_hours, frame.now))
    return found


def _wanted(need: Need, those: Sequence[Candidate], frame: Frame) -> Wanted:
    opens_at = max(need.first_start_at, frame.now)
    return Wanted(
        order_id=need.order_id,
        seats=len(need.seats),
        county=need.county,
        opens_at=opens_at,
        closes_at=max(opens_at, need.last_start_at),
        lasts_s=need.duration_s,
        needs=need.specialties,
        nurse_ids=frozenset(
            one.nurse_id for one in those if eligibility.qualifies(need, one, frame)
        ),
    )
