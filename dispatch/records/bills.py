"""The `bills` table: what is owed for an order. Its state is written by `transitions` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import FIXED_BILL, BillState

Mode: TypeAlias = Literal["prepay", "postpay"]
Cause: TypeAlias = Literal["visit", "cancellation", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One order's bill. `lines` add up to `total_fen`; `own_fen` is left to the patient of it.

    `paid_fen` is what the provider has captured less what it has given back.
    """

    id: UUID
    order_id: UUID
    account_id: UUID
    patient_id: UUID
    institution_id: UUID | None = None
    state: BillState = BillState.ESTIMATED
    mode: Mode
    tariff_id: UUID | None = None
    distance_m: int | None = None
    cause: Cause | None = None
    lines: list[dict[str, Any]]
    total_fen: int
    payers_fen: int = 0
    credit_fen: int = 0
    own_fen: int
    paid_fen: int = 0
    serviced_on: date
    fixed_at: datetime | None = None
    overdue_at: datetime | None = None
    report_at: datetime | None = None
    reported_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def is_fixed(self) -> bool:
        return self.state in FIXED_BILL

    @property
    def left_fen(self) -> int:
        """What the patient still has to pay; nothing while it is an estimate."""
        return max(0, self.own_fen - self.paid_fen) if self.is_fixed else 0


def bill_of(row: asyncpg.Record) -> Bill:
    """A row of `bills` as a record."""
    return Bill(**{**row, "state": BillState(row["state"])})


INSERT: Final = """
    WITH made AS (
        INSERT INTO bills (id, order_id, account_id, patient_id, institution_id, state, mode,
                           tariff_id, distance_m, lines, total_fen, payers_fen, serviced_on,
                           created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, 'estimated', $6, $7, $8, $9, $10, $11, $12, $13, $13)
        RETURNING id, order_id, version, state
    )
    INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role,
                         actor_id, request_id)
    SELECT 'bill', id, order_id, version, 'estimate', state::text, $14, $15, $16 FROM made
"""


async def insert(conn: Connection, bill: Bill) -> None:
    """Write down an estimate and the first line of its history, in one statement."""
    await conn.execute(
        INSERT,
        bill.id,
        bill.order_id,
        bill.account_id,
        bill.patient_id,
        bill.institution_id,
        bill.mode,
        bill.tariff_id,
        bill.distance_m,
        bill.lines,
        bill.total_fen,
        bill.payers_fen,
        bill.serviced_on,
        bill.created_at,
        conn.role.value,
        conn.caller.account_id,
        conn.caller.request_id,
    )


GET: Final = "SELECT * FROM bills WHERE id = $1"


async def get(conn: Connection, bill_id: UUID) -> Bill:
    row = await conn.fetchrow(GET, bill_id)
    if row is None:
        raise NotFound
    return bill_of(row)


FIND_OF_ORDER: Final = "SELECT * FROM bills WHERE order_id = $1"


async def find_of_order(conn: Connection, order_id: UUID) -> Bill | None:
    row = await conn.fetchrow(FIND_OF_ORDER, order_id)
    return bill_of(row) if row else None


LOCK_OF_ORDER: Final = "SELECT * FROM bills WHERE order_id = $1 FOR NO KEY UPDATE"


async def lock_of_order(conn: Connection, order_id: UUID) -> Bill | None:
    """The order's bill, held to the end of the transaction. The order is held before it."""
    row = await conn.fetchrow(LOCK_OF_ORDER, order_id)
    return bill_of(row) if row else None


LOCK: Final = "SELECT * FROM bills WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, bill_id: UUID) -> Bill:
    """Like `get`, held to the end of the transaction. The order is held before it."""
    row = await conn.fetchrow(LOCK, bill_id)
    if row is None:
        raise NotFound
    return bill_of(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms an order may be placed now: the platform's tariff, debts, coverages."""

    tariff_id: UUID | None
    rules: dict[str, Any] | None
    in_arrears: bool
    owed_fen: int
    is_covered: bool


FIND_TERMS: Final = """
    SELECT t.id AS tariff_id, t.rules,
           EXISTS (SELECT FROM bills WHERE account_id = $1 AND state = 'overdue') AS in_arrears,
           (SELECT coalesce(sum(own_fen - paid_fen), 0)::bigint FROM bills
             WHERE account_id = $1 AND state IN ('due', 'overdue')) AS owed_fen,
           EXISTS (SELECT FROM coverages WHERE patient_id = $2) AS is_covered
      FROM (SELECT) AS always
      LEFT JOIN LATERAL (SELECT id, rules FROM tariffs
                          WHERE institution_id IS NULL AND valid_from <= app_now()
                          ORDER BY valid_from DESC LIMIT 1) AS t ON true
"""


async def find_terms(
    conn: Connection, account_id: UUID | None = None, patient_id: UUID | None = None
) -> Terms:
    """What is to be known before a price is told; without an account, only the tariff."""
    row = await conn.fetchrow(FIND_TERMS, account_id, patient_id)
    if row is None:
        raise LookupError("one row was asked for")
    return Terms(**row)


SET_ESTIMATE: Final = """
    UPDATE bills
       SET lines = $2, total_fen = $3, payers_fen = $4, serviced_on = $5, distance_m = $6,
           updated_at = app_now(), version = version + 1
     WHERE id = $1 AND state IN ('estimated', 'secured')
 RETURNING *
"""


async def set_estimate(
    conn: Connection,
    bill: Bill,
    *,
    lines: list[dict[str, Any]],
    total_fen: int,
    payers_fen: int,
    serviced_on: date,
) -> Bill:
    """Estimate anew, for another window. Raises `NotFound` for what is no estimate any more."""
    row = await conn.fetchrow(
        SET_ESTIMATE, bill.id, lines, total_fen, payers_fen, serviced_on, bill.distance_m
    )
    if row is None:
        raise NotFound
    return bill_of(row)


SET_AMOUNTS: Final = """
    UPDATE bills
       SET payers_fen = $2, paid_fen = $3, updated_at = app_now(), version = version + 1
     WHERE id = $1
 RETURNING *
"""


async def set_amounts(conn: Connection, bill: Bill, *, payers_fen: int, paid_fen: int) -> Bill:
    """What a payer decided or the provider told, before it moves the bill. The caller holds it."""
    row = await conn.fetchrow(SET_AMOUNTS, bill.id, payers_fen, paid_fen)
    if row is None:
        raise NotFound
    return bill_of(row)


LIST: Final = """
    SELECT * FROM bills
     WHERE ($1::bill_state IS NULL OR state = $1) AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_all(
    conn: Connection, *, state: str | None, before: UUID | None, limit: int
) -> list[Bill]:
    """The bills that staff may see, newest first."""
    return [bill_of(row) for row in await conn.fetch(LIST, state, before, limit)]


LIST_OF_ACCOUNT: Final = """
    SELECT * FROM bills
     WHERE account_id = $1
       AND ($2::bill_state IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3)
     ORDER BY id DESC
     LIMIT $4
"""


async def list_of_account(
    conn: Connection, account_id: UUID | None, *, state: str | None, before: UUID | None, limit: int
) -> list[Bill]:
    """What an account pays or has paid, newest first."""
    rows = await conn.fetch(LIST_OF_ACCOUNT, account_id, state, before, limit)
    return [bill_of(row) for row in rows]


LIST_IN_ARREARS: Final = """
    SELECT id FROM bills WHERE account_id = $1 AND state = 'overdue' ORDER BY id LIMIT 20
"""


async def list_in_arrears(conn: Connection, account_id: UUID) -> list[UUID]:
    """The bills that an account should have paid, oldest first."""
    return [row["id"] for row in await conn.fetch(LIST_IN_ARREARS, account_id)]


# Nobody is reminded of a visit on whose emergency a person has not looked yet.
LIST_OVERDUE_DUE: Final = """
    SELECT id FROM bills b
     WHERE state = 'due' AND overdue_at <= app_now()
       AND NOT EXISTS (SELECT FROM emergencies e
                        WHERE e.order_id = b.order_id AND e.released_at IS NULL)
     ORDER BY overdue_at
     LIMIT $1
"""


async def list_overdue_due(conn: Connection, limit: int) -> list[UUID]:
    """Bills whose time to pay has passed, oldest first; not held."""
    return [row["id"] for row in await conn.fetch(LIST_OVERDUE_DUE, limit)]


LIST_REPORT_DUE: Final = """
    SELECT id FROM bills b
     WHERE state IN ('due', 'overdue') AND report_at <= app_now()
       AND NOT EXISTS (SELECT FROM emergencies e
                        WHERE e.order_id = b.order_id AND e.released_at IS NULL)
     ORDER BY report_at
     LIMIT $1
"""


async def list_report_due(conn: Connection, limit: int) -> list[UUID]:
    """Bills of which the operators are to be told that nobody pays them; not held."""
    return [row["id"] for row in await conn.fetch(LIST_REPORT_DUE, limit)]


PUT_OFF: Final = """
    UPDATE bills SET overdue_at = greatest(overdue_at, $2), report_at = greatest(report_at, $3)
     WHERE order_id = $1 AND state = 'due'
"""


async def put_off(
    conn: Connection, order_id: UUID, *, overdue_at: datetime, report_at: datetime
) -> None:
    """Leave time to pay an order's bill until then at least, unless its payer was reminded."""
    await conn.execute(PUT_OFF, order_id, overdue_at, report_at)


REPORT: Final = """
    UPDATE bills SET report_at = NULL, reported_at = app_now(), version = version + 1 WHERE id = $1
"""


async def report(conn: Connection, bill_id: UUID) -> None:
    """Note that the operators were told. The caller holds the bill."""
    await conn.execute(REPORT, bill_id)
