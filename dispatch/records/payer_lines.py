"""The `payer_lines` table: what others pay of a bill, estimated, confirmed or rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerLine:
    """One payer's part; `parts` follow the bill's lines. A rejected one pays nothing."""

    id: UUID
    bill_id: UUID
    account_id: UUID
    position: int
    coverage_id: UUID
    payer: str
    plan: str
    state: Literal["estimated", "confirmed", "rejected"] = "estimated"
    amount_fen: int
    parts: list[int]
    reason: str | None = None
    reference: str | None = None
    ask_at: datetime | None = None
    attempts: int = 0
    decided_at: datetime | None = None


INSERT: Final = """
    INSERT INTO payer_lines (id, bill_id, account_id, position, coverage_id, payer, plan, state,
                             amount_fen, parts, ask_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


async def insert_many(conn: Connection, given: Sequence[PayerLine]) -> None:
    """Write down estimates: a few at most, and mostly none."""
    if not given:
        return
    # Not by unnest: to the driver an array of lists is one of two dimensions.
    await conn.executemany(
        INSERT,
        [
            (
                one.id,
                one.bill_id,
                one.account_id,
                one.position,
                one.coverage_id,
                one.payer,
                one.plan,
                one.state,
                one.amount_fen,
                one.parts,
                one.ask_at,
            )
            for one in given
        ],
    )


LIST_OF_BILL: Final = "SELECT * FROM payer_lines WHERE bill_id = $1 ORDER BY position LIMIT 100"


async def list_of_bill(conn: Connection, bill_id: UUID) -> list[PayerLine]:
    """What others pay of a bill, in the order in which they are asked."""
    return [PayerLine(**row) for row in await conn.fetch(LIST_OF_BILL, bill_id)]


SET: Final = """
    UPDATE payer_lines
       SET state = $2, amount_fen = $3, parts = $4, reason = $5, reference = $6, ask_at = $7,
           decided_at = $8, attempts = $9
     WHERE id = $1
"""


async def put(conn: Connection, line: PayerLine) -> None:
    """Write a line as it is now. The caller holds its bill."""
    await conn.execute(
        SET,
        line.id,
        line.state,
        line.amount_fen,
        line.parts,
        line.reason,
        line.reference,
        line.ask_at,
        line.decided_at,
        line.attempts,
    )


GET: Final = "SELECT * FROM payer_lines WHERE id = $1"


async def get(conn: Connection, line_id: UUID) -> PayerLine:
    row = await conn.fetchrow(GET, line_id)
    if row is None:
        raise NotFound
    return PayerLine(**row)


LIST_ASK_DUE: Final = """
    SELECT * FROM payer_lines
     WHERE ask_at <= app_now()
     ORDER BY ask_at
     LIMIT $1
"""


async def list_ask_due(conn: Connection, limit: int) -> list[PayerLine]:
    """Lines whose payer is to be asked now, oldest first; not held."""
    return [PayerLine(**row) for row in await conn.fetch(LIST_ASK_DUE, limit)]
