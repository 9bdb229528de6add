"""The `safety_codes` table: a nurse's two codes, sealed with her own key; only she opens them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """`code` says that she is well, `duress_code` that somebody makes her say so."""

    code: str = field(repr=False)
    duress_code: str = field(repr=False)


FIND: Final = "SELECT codes_sealed FROM safety_codes WHERE account_id = $1"


async def find(conn: Connection, account_id: UUID) -> Codes | None:
    """The codes of the caller, if she has set any."""
    sealed = await conn.fetchval(FIND, account_id)
    if sealed is None:
        return None
    return Codes(
        **await person_keys.open_json(
            conn, account_id, "safety_codes", "codes_sealed", account_id, sealed
        )
    )


PUT: Final = """
    INSERT INTO safety_codes (account_id, codes_sealed) VALUES ($1, $2)
    ON CONFLICT (account_id) DO UPDATE SET codes_sealed = excluded.codes_sealed, set_at = app_now()
"""


async def put(conn: Connection, account_id: UUID, codes: Codes) -> None:
    """Keep the caller's codes in the place of earlier ones."""
    sealed = await person_keys.seal_json(
        conn, account_id, "safety_codes", "codes_sealed", account_id, asdict(codes)
    )
    await conn.execute(PUT, account_id, sealed)
