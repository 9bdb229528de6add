"""The ledger in double entry: append-only, each entry nought in sum (the database sees to it).

Debit is positive. What a patient owes stands on `patient`, what a payer owes on `payer`, what was
earned on `revenue`, what the provider holds for us on `provider`; `held` and `holds` tell of money
that is only reserved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from dispatch.database import Connection
from dispatch.ids import new_id

Posting: TypeAlias = Mapping[tuple[str, str], int]
"""Amounts in fen by (account, party)."""

POST: Final = """
    WITH entry AS (
        INSERT INTO ledger_entries (id, bill_id, kind) VALUES ($1, $2, $3)
    )
    INSERT INTO ledger_lines (entry_id, account, party, amount_fen)
    SELECT $1, * FROM unnest($4::text[], $5::text[], $6::bigint[])
"""


async def post(conn: Connection, bill_id: UUID | None, kind: str, posting: Posting) -> None:
    """Book an entry; amounts of nought are left out, and an entry of nothing is none.

    What does not balance is refused at commit.
    """
    given = {place: amount for place, amount in posting.items() if amount}
    if not given:
        return
    await conn.execute(
        POST,
        new_id(),
        bill_id,
        kind,
        [account for account, _ in given],
        [party for _, party in given],
        list(given.values()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What stands on one account of one party."""

    account: str
    party: str
    amount_fen: int


BALANCES: Final = """
    SELECT l.account, l.party, sum(l.amount_fen)::bigint AS amount_fen
      FROM ledger_lines l JOIN ledger_entries e ON e.id = l.entry_id
     WHERE ($1::uuid IS NULL OR e.bill_id = $1)
     GROUP BY l.account, l.party
     ORDER BY l.account, l.party
     LIMIT $2
"""


async def list_balances(
    conn: Connection, bill_id: UUID | None = None, limit: int = 1000
) -> list[Balance]:
    """Every account's balance, of one bill or of all; those of nought, too."""
    return [Balance(**row) for row in await conn.fetch(BALANCES, bill_id, limit)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """An account over all parties: its sides and what is left."""

    account: str
    debit_fen: int
    credit_fen: int


TOTALS: Final = """
    SELECT l.account,
           coalesce(sum(l.amount_fen) FILTER (WHERE l.amount_fen > 0), 0)::bigint AS debit_fen,
           coalesce(-sum(l.amount_fen) FILTER (WHERE l.amount_fen < 0), 0)::bigint AS credit_fen
      FROM ledger_lines l JOIN ledger_entries e ON e.id = l.entry_id
     WHERE e.at >= $1 AND e.at < $2
     GROUP BY l.account
     ORDER BY l.account
"""


async def list_totals(conn: Connection, since: datetime, until: datetime) -> list[Total]:
    """What was booked on each account in a time, by side."""
    return [Total(**row) for row in await conn.fetch(TOTALS, since, until)]
