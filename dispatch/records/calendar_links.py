"""The `calendar_links` table: at which address a nurse's calendar program reads her visits."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from dispatch import credentials
from dispatch.database import Connection

PUT: Final = """
    INSERT INTO calendar_links (nurse_id, account_id, token_sha256) VALUES ($1, $2, $3)
        ON CONFLICT (nurse_id) DO UPDATE
           SET token_sha256 = excluded.token_sha256, created_at = app_now()
"""


async def put(conn: Connection, nurse_id: UUID, account_id: UUID, token: str) -> None:
    """Let this token read her visits; the one before no longer does."""
    await conn.execute(PUT, nurse_id, account_id, credentials.token_hash(token))


DELETE: Final = "DELETE FROM calendar_links WHERE nurse_id = $1"


async def delete(conn: Connection, nurse_id: UUID) -> None:
    """Let no token read her visits."""
    await conn.execute(DELETE, nurse_id)


FIND: Final = """
    SELECT l.nurse_id FROM calendar_links l JOIN accounts a ON a.id = l.account_id
     WHERE l.token_sha256 = $1 AND a.suspended_at IS NULL
"""


async def find_nurse(conn: Connection, token: str) -> UUID | None:
    """Whose visits this token reads."""
    found: UUID | None = await conn.fetchval(FIND, credentials.token_hash(token))
    return found
