"""The provider's days compared with ours, and what did not agree: for a person to resolve."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound

Kind: TypeAlias = Literal["lost_callback", "unknown_to_us", "unknown_to_them", "amount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One event on which provider and we do not agree."""

    id: UUID
    provider: str
    day: date
    kind: Kind
    event_id: str
    payment_id: UUID | None
    ours_fen: int | None
    theirs_fen: int | None
    created_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: UUID | None = None


LIST_DONE: Final = "SELECT day FROM reconciliations WHERE provider = $1 AND day = ANY($2::date[])"


async def list_done(conn: Connection, provider: str, days: Collection[date]) -> set[date]:
    """Which of these days were compared."""
    return {row["day"] for row in await conn.fetch(LIST_DONE, provider, list(days))}


FIRST_DAY: Final = """
    SELECT (min(provider_at) AT TIME ZONE 'Asia/Shanghai')::date
      FROM payment_events WHERE provider = $1
"""


async def find_first_day(conn: Connection, provider: str) -> date | None:
    """The first day of which a provider has told anything."""
    day: date | None = await conn.fetchval(FIRST_DAY, provider)
    return day


PUT_DAY: Final = """
    INSERT INTO reconciliations (provider, day, matched, differing) VALUES ($1, $2, $3, $4)
    ON CONFLICT (provider, day) DO NOTHING
"""


async def put_day(
    conn: Connection, provider: str, day: date, *, matched: int, differing: int
) -> None:
    """Note that a day was compared."""
    await conn.execute(PUT_DAY, provider, day, matched, differing)


INSERT_DIFFERENCE: Final = """
    INSERT INTO payment_differences (id, provider, day, kind, event_id, payment_id, ours_fen,
                                     theirs_fen)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (provider, event_id, kind) DO NOTHING
"""


async def insert_differences(conn: Connection, found: Sequence[Difference]) -> None:
    """Put what does not agree before the operators, each once."""
    await conn.executemany(
        INSERT_DIFFERENCE,
        [
            (
                one.id,
                one.provider,
                one.day,
                one.kind,
                one.event_id,
                one.payment_id,
                one.ours_fen,
                one.theirs_fen,
            )
            for one in found
        ],
    )


LIST: Final = """
    SELECT * FROM payment_differences
     WHERE ($1::boolean OR resolved_at IS NULL) AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_differences(
    conn: Connection, *, resolved: bool, before: UUID | None, limit: int
) -> list[Difference]:
    """What did not agree, the newest first; the resolved ones only on demand."""
    return [Difference(**row) for row in await conn.fetch(LIST, resolved, before, limit)]


GET: Final = "SELECT * FROM payment_differences WHERE id = $1"


async def get(conn: Connection, difference_id: UUID) -> Difference:
    row = await conn.fetchrow(GET, difference_id)
    if row is None:
        raise NotFound
    return Difference(**row)


RESOLVE: Final = """
    UPDATE payment_differences
       SET resolved_at = coalesce(resolved_at, app_now()), resolved_by = coalesce(resolved_by, $2)
     WHERE id = $1
 RETURNING *
"""


async def resolve(conn: Connection, difference_id: UUID, by: UUID | None) -> Difference:
    """Note that a person has seen to it; the first one counts."""
    row = await conn.fetchrow(RESOLVE, difference_id, by)
    if row is None:
        raise NotFound
    return Difference(**row)
