"""The `outbox` table: events of ids and states, written by the act that they tell of.

Readers go by `seq`, which one relay at a time gives out; an event never carries a name, a place or
a clinical word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.records import closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the stream; `account_ids` and `staff` say who may see it."""

    seq: int
    event: str
    order_id: UUID | None
    account_ids: list[UUID]
    staff: bool
    institution_id: UUID | None
    data: dict[str, Any]
    wake: str | None
    created_at: datetime


async def insert(
    conn: Connection,
    event: str,
    data: dict[str, Any],
    *,
    order_id: UUID | None = None,
    account_ids: Sequence[UUID] = (),
    staff: bool = True,
    institution_id: UUID | None = None,
    wake: str | None = None,
) -> None:
    """Tell of something in the transaction in which it happens, at its end.

    `wake` names the notice template that wakes the phones of `account_ids`; without it the event
    only reaches those who are listening.
    """
    told = "{" + ",".join(map(str, account_ids)) + "}"
    closing.add(conn, "event", event, order_id, told, staff, institution_id, data, wake)


LOCK_RELAY: Final = "SELECT pg_advisory_xact_lock(7350, 1)"
NUMBER: Final = """
    WITH fresh AS MATERIALIZED (
        SELECT id FROM outbox WHERE seq IS NULL ORDER BY id LIMIT $1
    ), numbered AS MATERIALIZED (
        SELECT id, nextval('outbox_seq') AS seq FROM (SELECT id FROM fresh ORDER BY id) AS f
    )
    UPDATE outbox o SET seq = n.seq FROM numbered n WHERE o.id = n.id
 RETURNING o.seq, o.event, o.order_id, o.account_ids, o.staff, o.institution_id, o.data, o.wake,
           o.created_at
"""


async def number(conn: Connection, limit: int) -> list[Event]:
    """Give up to `limit` new events their place in the stream, in one relay at a time.

    The lock is held to the end of the transaction, so numbers become visible in their order.
    """
    await conn.execute(LOCK_RELAY)
    events = [event_of(row) for row in await conn.fetch(NUMBER, limit)]
    return sorted(events, key=lambda event: event.seq)


LIST_AFTER: Final = """
    SELECT seq, event, order_id, account_ids, staff, institution_id, data, wake, created_at
      FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2
"""


async def list_after(conn: Connection, seq: int, limit: int) -> list[Event]:
    """The events after `seq`, in order."""
    return [event_of(row) for row in await conn.fetch(LIST_AFTER, seq, limit)]


LIST_VISIBLE: Final = """
    SELECT seq, event, order_id, account_ids, staff, institution_id, data, wake, created_at
      FROM outbox
     WHERE seq > $1 AND seq <= $2
       AND (account_ids @> ARRAY[$3::uuid]
            OR ($4 AND staff
                AND ($5::uuid IS NULL OR institution_id IS NULL OR institution_id = $5)))
     ORDER BY seq
     LIMIT $6
"""


async def list_visible(
    conn: Connection,
    *,
    after: int,
    until: int,
    account_id: UUID,
    staff: bool,
    institution_id: UUID | None,
    limit: int,
) -> list[Event]:
    """What one reader missed between two places of the stream, in order.

    His own events; staff see those for staff as well, of one institution if bound to it.
    """
    rows = await conn.fetch(LIST_VISIBLE, after, until, account_id, staff, institution_id, limit)
    return [event_of(row) for row in rows]


FIRST_SEQ: Final = "SELECT min(seq) FROM outbox"


async def find_first_seq(conn: Connection) -> int | None:
    """The oldest place from which the stream can be read; None if it holds nothing."""
    seq: int | None = await conn.fetchval(FIRST_SEQ)
    return seq


LAST_SEQ: Final = "SELECT coalesce(max(seq), 0) FROM outbox"


async def last_seq(conn: Connection) -> int:
    """Where the stream stands."""
    return int(await conn.fetchval(LAST_SEQ))


OLDEST_UNNUMBERED_S: Final = """
    SELECT coalesce(extract(epoch FROM app_now() - min(created_at)), 0)
      FROM outbox WHERE seq IS NULL
"""


async def oldest_unnumbered_s(conn: Connection) -> float:
    """How long the oldest event has waited for the relay."""
    return float(await conn.fetchval(OLDEST_UNNUMBERED_S))


PRUNE: Final = """
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox
         WHERE created_at < app_now() - make_interval(hours => $1) AND seq IS NOT NULL
         ORDER BY created_at LIMIT $2)
"""


async def prune(conn: Connection, keep_hours: int, limit: int) -> str:
    """Drop up to `limit` events older than `keep_hours`."""
    return await conn.execute(PRUNE, keep_hours, limit)


def event_of(row: asyncpg.Record) -> Event:
    """A row of `outbox` as a record."""
    return Event(**row)
