"""The `nurse_shares` table: the ledger by which work goes round, one line a nurse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from matching.fairness import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class NurseShare:
    """A nurse's line as it was at `until`; `ahead` of the mean of all, for her hours."""

    nurse_id: UUID
    share: Share
    ahead: float
    until: datetime


TRY_LOCK_KEEPER: Final = "SELECT pg_try_advisory_xact_lock(7350, 5)"


async def try_lock_keeper(conn: Connection) -> bool:
    """Be the one who keeps the ledger, to the end of the transaction; false if another one is."""
    return bool(await conn.fetchval(TRY_LOCK_KEEPER))


FIND_LATEST: Final = "SELECT max(until) FROM nurse_shares"


async def find_latest(conn: Connection) -> datetime | None:
    """Until when the ledger was kept last."""
    latest: datetime | None = await conn.fetchval(FIND_LATEST)
    return latest


LIST_ALL: Final = "SELECT nurse_id, hours, offers, paid_min, ahead, until FROM nurse_shares"


async def list_all(conn: Connection) -> dict[UUID, NurseShare]:
    """Every line there is."""
    return {
        row["nurse_id"]: NurseShare(
            nurse_id=row["nurse_id"],
            share=Share(hours=row["hours"], offers=row["offers"], paid_min=row["paid_min"]),
            ahead=row["ahead"],
            until=row["until"],
        )
        for row in await conn.fetch(LIST_ALL)
    }


LIST_GIVEN: Final = """
      WITH opened AS (
           SELECT nurse_id, sum(extract(epoch FROM least(upper(during), $2)
                                                   - greatest(lower(during), $1))) / 3600 AS hours
             FROM shifts WHERE during && tstzrange($1, $2) GROUP BY nurse_id),
           asked AS (
           SELECT nurse_id, count(*) AS offers
             FROM offers WHERE sent_at >= $1 AND sent_at < $2 GROUP BY nurse_id),
           paid AS (
           SELECT nurse_id, sum(extract(epoch FROM ended_at - started_at)) / 60 AS minutes
             FROM visits
            WHERE ended_at >= $1 AND ended_at < $2 AND state = 'completed' GROUP BY nurse_id)
    SELECT nurse_id, coalesce(hours, 0)::float8 AS hours, coalesce(offers, 0)::float8 AS offers,
           coalesce(minutes, 0)::float8 AS paid_min
      FROM opened FULL JOIN asked USING (nurse_id) FULL JOIN paid USING (nurse_id)
"""


async def list_given(conn: Connection, since: datetime, until: datetime) -> dict[UUID, Share]:
    """What each nurse opened and was given between the two times."""
    rows = await conn.fetch(LIST_GIVEN, since, until)
    return {
        row["nurse_id"]: Share(hours=row["hours"], offers=row["offers"], paid_min=row["paid_min"])
        for row in rows
    }


PUT: Final = """
    INSERT INTO nurse_shares (nurse_id, hours, offers, paid_min, ahead, until)
    SELECT n.id, g.hours, g.offers, g.paid_min, g.ahead, $6
      FROM unnest($1::uuid[], $2::float8[], $3::float8[], $4::float8[], $5::float8[])
               AS g (nurse_id, hours, offers, paid_min, ahead)
      JOIN nurses n ON n.id = g.nurse_id
        ON CONFLICT (nurse_id) DO UPDATE
           SET hours = excluded.hours, offers = excluded.offers, paid_min = excluded.paid_min,
               ahead = excluded.ahead, until = excluded.until
"""


async def put(
    conn: Connection, shares: Mapping[UUID, Share], ahead: Mapping[UUID, float], until: datetime
) -> None:
    """Write these nurses' lines anew."""
    ids = list(shares)
    await conn.execute(
        PUT,
        ids,
        [shares[nurse].hours for nurse in ids],
        [shares[nurse].offers for nurse in ids],
        [shares[nurse].paid_min for nurse in ids],
        [ahead[nurse] for nurse in ids],
        until,
    )


FIND: Final = """
    SELECT nurse_id, hours, offers, paid_min, ahead, until FROM nurse_shares WHERE nurse_id = $1
"""


async def find(conn: Connection, nurse_id: UUID) -> NurseShare | None:
    """A nurse's line, if she has one yet."""
    row = await conn.fetchrow(FIND, nurse_id)
    if row is None:
        return None
    share = Share(hours=row["hours"], offers=row["offers"], paid_min=row["paid_min"])
    return NurseShare(nurse_id=row["nurse_id"], share=share, ahead=row["ahead"], until=row["until"])
