"""The `incentive_grants` table: what a fund adds to nurses' pay, wave by wave; never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """`amount_fen` goes to each nurse of the wave who fills one of the `seats`."""

    id: UUID
    order_id: UUID
    round: int
    wave: int
    fund: str
    reason: str
    amount_fen: int
    seats: int
    granted_on: date
    created_at: datetime


INSERT: Final = """
    INSERT INTO incentive_grants (id, order_id, round, wave, fund, reason, amount_fen, seats,
                                  granted_on, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (order_id, round, wave) DO NOTHING
"""


async def insert(conn: Connection, given: Grant) -> None:
    """Grant once a wave."""
    await conn.execute(
        INSERT,
        given.id,
        given.order_id,
        given.round,
        given.wave,
        given.fund,
        given.reason,
        given.amount_fen,
        given.seats,
        given.granted_on,
        given.created_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the fund may have to pay: of other orders on a day and in all, and for each nurse of
    this order's round as it stands."""

    day_fen: int
    fund_fen: int
    order_fen: int


# Of a round only the highest grant can come to be paid.
GET_SPENT: Final = """
    WITH granted AS (
        SELECT DISTINCT ON (order_id, round) order_id, round, amount_fen, seats, granted_on
          FROM incentive_grants
         WHERE fund = $1
         ORDER BY order_id, round, amount_fen DESC
    )
    SELECT coalesce(sum(amount_fen * seats)
                    FILTER (WHERE granted_on = $4 AND (order_id, round) <> ($2, $3)), 0)::bigint
               AS day_fen,
           coalesce(sum(amount_fen * seats)
                    FILTER (WHERE (order_id, round) <> ($2, $3)), 0)::bigint AS fund_fen,
           coalesce(max(amount_fen)
                    FILTER (WHERE (order_id, round) = ($2, $3)), 0)::bigint AS order_fen
      FROM granted
"""


async def get_spent(
    conn: Connection, fund: str, order_id: UUID, order_round: int, day: date
) -> Spent:
    """What was granted so far, the present order's round apart."""
    row = await conn.fetchrow(GET_SPENT, fund, order_id, order_round, day)
    if row is None:
        raise LookupError("one row was asked for")
    return Spent(**row)


LIST_OF_ORDER: Final = "SELECT * FROM incentive_grants WHERE order_id = $1 ORDER BY id LIMIT 100"


async def list_of_order(conn: Connection, order_id: UUID) -> list[Grant]:
    """What was granted for an order, in order."""
    return [Grant(**row) for row in await conn.fetch(LIST_OF_ORDER, order_id)]
