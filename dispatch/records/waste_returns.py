"""The `waste_returns` table: what medical waste a visit made, and who has received it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteReturn:
    """The visit is closed once it is settled: received by a named person, or excused.

    `returned` counts containers by category.
    """

    visit_id: UUID
    order_id: UUID
    nurse_id: UUID
    institution_id: UUID
    categories: list[str]
    due_at: datetime
    remind_at: datetime | None
    returned: dict[str, int] | None
    received_by: str | None
    excuse: str | None
    note_sealed: bytes | None
    settled_at: datetime | None
    settled_by: UUID | None
    created_at: datetime
    version: int


# Two nurses of one round carry one load: who ends first has it.
INSERT: Final = """
    INSERT INTO waste_returns (visit_id, order_id, nurse_id, institution_id, categories, due_at,
                               remind_at)
    SELECT v.id, v.order_id, v.nurse_id, v.institution_id, $2, $3, $3
      FROM visits v
     WHERE v.id = $1
       AND NOT EXISTS (SELECT FROM waste_returns w JOIN visits p ON p.id = w.visit_id
                        WHERE w.order_id = v.order_id AND p.round = v.round)
"""


async def insert(
    conn: Connection, visit_id: UUID, categories: Sequence[str], due_at: datetime
) -> None:
    """Expect a visit's waste back; its order is held. The partner of one expected brings none."""
    await conn.execute(INSERT, visit_id, list(categories), due_at)


LOCK: Final = "SELECT * FROM waste_returns WHERE visit_id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, visit_id: UUID) -> WasteReturn:
    """The return of a visit, held to the end of the transaction. Raises `NotFound`."""
    row = await conn.fetchrow(LOCK, visit_id)
    if row is None:
        raise NotFound
    return _return(row)


SETTLE: Final = """
    UPDATE waste_returns
       SET returned = $2, received_by = $3, excuse = $4, note_sealed = $5, settled_at = $6,
           settled_by = $7, remind_at = NULL, version = version + 1
     WHERE visit_id = $1
 RETURNING *
"""


async def settle(
    conn: Connection,
    visit_id: UUID,
    at: datetime,
    *,
    returned: dict[str, int] | None = None,
    received_by: str | None = None,
    excuse: str | None = None,
    note_sealed: bytes | None = None,
) -> WasteReturn:
    """Note who received what, or why nothing came. The caller holds it."""
    row = await conn.fetchrow(
        SETTLE,
        visit_id,
        returned,
        received_by,
        excuse,
        note_sealed,
        at,
        conn.caller.account_id,
    )
    if row is None:
        raise NotFound
    return _return(row)


BY_VISIT: Final = "SELECT * FROM waste_returns WHERE visit_id = ANY ($1::uuid[])"


async def by_visit(conn: Connection, visit_ids: Collection[UUID]) -> dict[UUID, WasteReturn]:
    """The returns of those of these visits that made waste."""
    rows = await conn.fetch(BY_VISIT, list(visit_ids)) if visit_ids else []
    return {row["visit_id"]: _return(row) for row in rows}


LIST_OUT: Final = """
    SELECT * FROM waste_returns
     WHERE settled_at IS NULL AND (NOT $1 OR due_at <= app_now())
       AND ($2::uuid IS NULL OR institution_id = $2)
       AND ($3::timestamptz IS NULL OR (due_at, visit_id) > ($3, $4::uuid))
     ORDER BY due_at, visit_id
     LIMIT $5
"""


async def list_out(
    conn: Connection,
    *,
    overdue: bool,
    institution_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[WasteReturn]:
    """What has not come back yet, or only what should have; soonest due first."""
    at, visit_id = after or (None, None)
    rows = await conn.fetch(LIST_OUT, overdue, institution_id, at, visit_id, limit)
    return [_return(row) for row in rows]


CLAIM_REMIND_DUE: Final = """
    UPDATE waste_returns w SET remind_at = NULL
      FROM (SELECT visit_id FROM waste_returns
             WHERE remind_at <= app_now()
             ORDER BY remind_at
             LIMIT $1
               FOR NO KEY UPDATE SKIP LOCKED) AS due
     WHERE w.visit_id = due.visit_id
 RETURNING w.*
"""


async def claim_remind_due(conn: Connection, limit: int) -> list[WasteReturn]:
    """Take up to `limit` returns that are late, each once; locked ones are skipped."""
    return [_return(row) for row in await conn.fetch(CLAIM_REMIND_DUE, limit)]


def _return(row: asyncpg.Record) -> WasteReturn:
    return WasteReturn(**row)
