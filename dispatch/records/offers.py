"""The `offers` table: who was asked, for which seat, until when. `transitions` writes the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import OfferState
from dispatch.records import orders
from dispatch.records.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One nurse asked for one seat in one round; `why` are typed reasons, worded when read."""

    id: UUID
    order_id: UUID
    round: int
    wave: int
    seat: int
    nurse_id: UUID
    state: OfferState = OfferState.SENT
    sent_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    pay_fen: int
    distance_m: int
    travel_s: int
    rank: int | None = None
    cost: float | None = None
    why: list[dict[str, Any]] = field(default_factory=list)
    decline_reason: str | None = None
    version: int = 1


def offer_of(row: asyncpg.Record | dict[str, Any]) -> Offer:
    """A row of `offers` as a record."""
    return Offer(**{**row, "state": OfferState(row["state"])})


# The reasons are one document: the driver takes a list of lists for an array of two dimensions.
INSERT: Final = """
    WITH given AS (
        SELECT g.*, $14::jsonb -> (g.n::int - 1) AS why
          FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::smallint[], $6::uuid[],
                      $7::timestamptz[], $8::timestamptz[], $9::int[], $10::int[], $11::int[],
                      $12::int[], $13::float8[])
               WITH ORDINALITY
               AS g (id, order_id, round, wave, seat, nurse_id, sent_at, expires_at, pay_fen,
                     distance_m, travel_s, rank, cost, n)
    ), sent AS (
        INSERT INTO offers (id, order_id, round, wave, seat, nurse_id, state, sent_at, expires_at,
                            pay_fen, distance_m, travel_s, rank, cost, why)
        SELECT id, order_id, round, wave, seat, nurse_id, 'sent', sent_at, expires_at, pay_fen,
               distance_m, travel_s, rank, cost, why
          FROM given
            ON CONFLICT DO NOTHING
        RETURNING id, order_id, version, nurse_id
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role,
                             actor_id, request_id, detail)
        SELECT 'offer', id, order_id, version, 'send', 'sent', $15, $16, $17,
               jsonb_build_object('nurse_id', nurse_id)
          FROM sent
    )
    SELECT id FROM sent
"""


async def insert_many(conn: Connection, given: list[Offer]) -> list[Offer]:
    """Send offers and tell history in one statement; returns those that were new.

    A nurse who holds an open offer of the order, or was asked for that seat in this round, is
    passed over by the unique indexes: an offer is never sent twice.
    """
    if not given:
        return []
    rows = await conn.fetch(
        INSERT,
        [o.id for o in given],
        [o.order_id for o in given],
        [o.round for o in given],
        [o.wave for o in given],
        [o.seat for o in given],
        [o.nurse_id for o in given],
        [o.sent_at for o in given],
        [o.expires_at for o in given],
        [o.pay_fen for o in given],
        [o.distance_m for o in given],
        [o.travel_s for o in given],
        [o.rank for o in given],
        [o.cost for o in given],
        [o.why for o in given],
        conn.role.value,
        conn.caller.account_id,
        conn.caller.request_id,
    )
    sent = {row["id"] for row in rows}
    return [o for o in given if o.id in sent]


GET: Final = "SELECT * FROM offers WHERE id = $1"


async def get(conn: Connection, offer_id: UUID) -> Offer:
    row = await conn.fetchrow(GET, offer_id)
    if row is None:
        raise NotFound
    return offer_of(row)


LOCK: Final = "SELECT * FROM offers WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, offer_id: UUID) -> Offer:
    """Like `get`, held to the end of the transaction. Its order is locked before."""
    row = await conn.fetchrow(LOCK, offer_id)
    if row is None:
        raise NotFound
    return offer_of(row)


# The order is held before its offer, and the time is read when both are: waiting takes time.
LOCK_WITH_ORDER: Final = """
    WITH o AS MATERIALIZED (
        SELECT * FROM orders
         WHERE id = (SELECT order_id FROM offers WHERE id = $1 AND nurse_id = $2)
           FOR NO KEY UPDATE
    ), f AS MATERIALIZED (
        SELECT f.* FROM offers f JOIN o ON o.id = f.order_id WHERE f.id = $1
           FOR NO KEY UPDATE OF f
    )
    SELECT o.*, f.id AS offer_id, f.order_id AS offer_order_id, f.round AS offer_round,
           f.wave AS offer_wave, f.seat AS offer_seat, f.nurse_id AS offer_nurse_id,
           f.state AS offer_state, f.sent_at AS offer_sent_at, f.expires_at AS offer_expires_at,
           f.ended_at AS offer_ended_at, f.pay_fen AS offer_pay_fen,
           f.distance_m AS offer_distance_m, f.travel_s AS offer_travel_s, f.rank AS offer_rank,
           f.cost AS offer_cost, f.why AS offer_why, f.decline_reason AS offer_decline_reason,
           f.version AS offer_version, f.expires_at > app_now() AS in_time
      FROM o, f
"""
PREFIX: Final = "offer_"


async def lock_with_order(
    conn: Connection, offer_id: UUID, nurse_id: UUID | None
) -> tuple[Order, Offer, bool]:
    """The order and then this nurse's offer for it, held; and whether there is still time for it.

    The time is the database's at the moment when both are held. `NotFound` if it is not hers.
    """
    row = await conn.fetchrow(LOCK_WITH_ORDER, offer_id, nurse_id)
    if row is None:
        raise NotFound
    fields = dict(row)
    in_time: bool = fields.pop("in_time")
    names = [name for name in fields if name.startswith(PREFIX)]
    offer = {name.removeprefix(PREFIX): fields.pop(name) for name in names}
    return orders.order_of(fields), offer_of(offer), in_time


LIST_OPEN_OF_NURSE: Final = """
    SELECT * FROM offers
     WHERE nurse_id = $1 AND state = 'sent' AND expires_at > app_now()
       AND ($2::timestamptz IS NULL OR (expires_at, id) > ($2, $3::uuid))
     ORDER BY expires_at, id
     LIMIT $4
"""


async def list_open_of_nurse(
    conn: Connection, nurse_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Offer]:
    """The offers that a nurse may answer now, the one that ends soonest first."""
    at, offer_id = after if after else (None, None)
    rows = await conn.fetch(LIST_OPEN_OF_NURSE, nurse_id, at, offer_id, limit)
    return [offer_of(r) for r in rows]


LIST_OF_ORDER: Final = """
    SELECT * FROM offers WHERE order_id = $1 AND ($2::int IS NULL OR round = $2)
     ORDER BY sent_at, id LIMIT 1000
"""


async def list_of_order(conn: Connection, order_id: UUID, round_: int | None = None) -> list[Offer]:
    """All offers of an order, or of one round of it, in the order they were sent."""
    return [offer_of(r) for r in await conn.fetch(LIST_OF_ORDER, order_id, round_)]


LOCK_SENT_OF_ORDER: Final = """
    SELECT * FROM offers WHERE order_id = $1 AND state = 'sent' ORDER BY id FOR NO KEY UPDATE
"""


async def lock_sent_of_order(conn: Connection, order_id: UUID) -> list[Offer]:
    """Hold the offers of an order that are still out, by id. The order is locked before."""
    return [offer_of(r) for r in await conn.fetch(LOCK_SENT_OF_ORDER, order_id)]


LIST_SENT_OF_NURSE: Final = """
    SELECT * FROM offers WHERE nurse_id = $1 AND state = 'sent' ORDER BY order_id LIMIT 100
"""


async def list_sent_of_nurse(conn: Connection, nurse_id: UUID) -> list[Offer]:
    """The offers that a nurse still holds, by order, so that orders can be locked in order."""
    return [offer_of(r) for r in await conn.fetch(LIST_SENT_OF_NURSE, nurse_id)]


COUNT_SENT_BY_NURSE: Final = """
    SELECT nurse_id, count(*) AS n FROM offers
     WHERE nurse_id = ANY($1) AND state = 'sent'
     GROUP BY nurse_id
"""


async def count_sent_by_nurse(conn: Connection, nurse_ids: list[UUID]) -> dict[UUID, int]:
    """How many open offers each of these nurses holds; none are left out."""
    rows = await conn.fetch(COUNT_SENT_BY_NURSE, nurse_ids)
    return {row["nurse_id"]: row["n"] for row in rows}


CLAIM_EXPIRED: Final = """
    SELECT * FROM offers
     WHERE state = 'sent' AND expires_at <= app_now()
     ORDER BY expires_at
     LIMIT $1
       FOR NO KEY UPDATE SKIP LOCKED
"""


async def claim_expired(conn: Connection, limit: int) -> list[Offer]:
    """Hold up to `limit` offers whose deadline has passed, oldest first.

    Rows that another transaction holds are skipped: replicas may sweep at the same time, and an
    offer that a nurse is accepting at this instant stays the nurse's.
    """
    return [offer_of(r) for r in await conn.fetch(CLAIM_EXPIRED, limit)]
