"""The `change_orders` table: changes of price on site, and what who pays said to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound

Answer: TypeAlias = Literal["accepted", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrder:
    """What a nurse found to be more than was ordered, priced by the order's tariff."""

    id: UUID
    order_id: UUID
    visit_id: UUID
    account_id: UUID
    state: Literal["proposed", "withdrawn"] | Answer = "proposed"
    asked: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    amount_fen: int
    proposed_by: UUID | None
    created_at: datetime
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    version: int = 1


INSERT: Final = """
    INSERT INTO change_orders (id, order_id, visit_id, account_id, state, asked, lines, amount_fen,
                               proposed_by, created_at)
    VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9)
    ON CONFLICT (order_id) WHERE state = 'proposed' DO NOTHING
 RETURNING *
"""


async def insert(conn: Connection, given: ChangeOrder) -> ChangeOrder | None:
    """Propose a change; None while another one of the order waits for its answer."""
    row = await conn.fetchrow(
        INSERT,
        given.id,
        given.order_id,
        given.visit_id,
        given.account_id,
        given.asked,
        given.lines,
        given.amount_fen,
        given.proposed_by,
        given.created_at,
    )
    return _change(row) if row else None


GET: Final = "SELECT * FROM change_orders WHERE id = $1"


async def get(conn: Connection, change_id: UUID) -> ChangeOrder:
    row = await conn.fetchrow(GET, change_id)
    if row is None:
        raise NotFound
    return _change(row)


LOCK: Final = "SELECT * FROM change_orders WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, change_id: UUID) -> ChangeOrder:
    """Like `get`, held to the end of the transaction. The order is held before it."""
    row = await conn.fetchrow(LOCK, change_id)
    if row is None:
        raise NotFound
    return _change(row)


LIST_OF_ORDER: Final = "SELECT * FROM change_orders WHERE order_id = $1 ORDER BY id LIMIT 100"


async def list_of_order(conn: Connection, order_id: UUID) -> list[ChangeOrder]:
    """All changes that were proposed for an order, in order."""
    return [_change(row) for row in await conn.fetch(LIST_OF_ORDER, order_id)]


ANSWER: Final = """
    UPDATE change_orders
       SET state = $2, answered_by = $3, answered_at = app_now(), version = version + 1
     WHERE id = $1 AND state = 'proposed'
 RETURNING *
"""


async def answer(
    conn: Connection, change_id: UUID, state: str, by: UUID | None
) -> ChangeOrder | None:
    """Accept, refuse or withdraw a proposal; None if it has its answer."""
    row = await conn.fetchrow(ANSWER, change_id, state, by)
    return _change(row) if row else None


WITHDRAW_OF_ORDER: Final = """
    UPDATE change_orders
       SET state = 'withdrawn', answered_at = app_now(), version = version + 1
     WHERE order_id = $1 AND state = 'proposed'
"""


async def withdraw_of_order(conn: Connection, order_id: UUID) -> None:
    """What nobody has accepted by the end of the visit is not charged."""
    await conn.execute(WITHDRAW_OF_ORDER, order_id)


def _change(row: asyncpg.Record) -> ChangeOrder:
    return ChangeOrder(**row)
