"""The `sessions` and `refresh_tokens` tables: a session is one sign-in and its family of tokens.

Real time throughout, as in `otp`. Of a refresh token only its hash is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch import credentials
from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.lifecycles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who stands behind a session at this moment.

    `live` is false once it was signed out or revoked, or its account or nurse suspended. `now` is
    the database's real time, by which a token's age is judged.
    """

    session_id: UUID
    account_id: UUID
    role: Role
    permissions: frozenset[str]
    institution_id: UUID | None
    nurse_id: UUID | None
    live: bool
    now: datetime


FIND_IDENTITY: Final = """
    SELECT s.id AS session_id, s.account_id, a.role, a.permissions, a.nurse_id,
           coalesce(a.institution_id, n.institution_id) AS institution_id,
           s.ended_at IS NULL AND a.suspended_at IS NULL AND n.suspended_at IS NULL AS live,
           clock_timestamp() AS now
      FROM sessions s
      JOIN accounts a ON a.id = s.account_id
      LEFT JOIN nurses n ON n.id = a.nurse_id
     WHERE s.id = $1
"""


async def find_identity(conn: Connection, session_id: UUID) -> Identity | None:
    """What the guard must know at each request, in one query; asked as the clock."""
    row = await conn.fetchrow(FIND_IDENTITY, session_id)
    return None if row is None else _identity(row)


LIST_IDENTITIES: Final = """
    SELECT s.id AS session_id, s.account_id, a.role, a.permissions, a.nurse_id,
           coalesce(a.institution_id, n.institution_id) AS institution_id,
           s.ended_at IS NULL AND a.suspended_at IS NULL AND n.suspended_at IS NULL AS live,
           clock_timestamp() AS now
      FROM sessions s
      JOIN accounts a ON a.id = s.account_id
      LEFT JOIN nurses n ON n.id = a.nurse_id
     WHERE s.id = ANY ($1::uuid[])
"""


async def list_identities(conn: Connection, session_ids: Collection[UUID]) -> list[Identity]:
    """The same for many sessions at once, in no order; asked as the clock."""
    return [_identity(row) for row in await conn.fetch(LIST_IDENTITIES, list(session_ids))]


def _identity(row: asyncpg.Record) -> Identity:
    return Identity(
        **{**row, "role": Role(row["role"]), "permissions": frozenset(row["permissions"])}
    )


INSERT: Final = "INSERT INTO sessions (id, account_id) VALUES ($1, $2)"
ADD_TO_FAMILY: Final = """
    INSERT INTO refresh_tokens (hash, session_id, expires_at)
    VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
"""


async def insert(conn: Connection, account_id: UUID, token: str, *, ttl_s: int) -> UUID:
    """Open a session whose first refresh token this is."""
    session_id = new_id()
    await conn.execute(INSERT, session_id, account_id)
    await insert_token(conn, session_id, token, ttl_s=ttl_s)
    return session_id


async def insert_token(conn: Connection, session_id: UUID, token: str, *, ttl_s: int) -> None:
    """Add a token to the family."""
    await conn.execute(ADD_TO_FAMILY, credentials.token_hash(token), session_id, float(ttl_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """One token of a family; `rotated_s` is how long ago it was exchanged, None if it was not."""

    session_id: UUID
    expired: bool
    rotated_s: float | None


LOCK_EXCHANGE: Final = """
    SELECT session_id, expires_at <= clock_timestamp() AS expired,
           extract(epoch FROM clock_timestamp() - rotated_at)::float8 AS rotated_s
      FROM refresh_tokens
     WHERE hash = $1
       FOR UPDATE
"""


async def lock_token(conn: Connection, token: str) -> RefreshToken | None:
    """The token if it is one of ours, held: of a hundred exchanges at once the others wait here.

    They see the first one's exchange, but with a time that may lie before it: `rotated_s` is then
    slightly negative.
    """
    row = await conn.fetchrow(LOCK_EXCHANGE, credentials.token_hash(token))
    return None if row is None else RefreshToken(**row)


ROTATE: Final = "UPDATE refresh_tokens SET rotated_at = clock_timestamp() WHERE hash = $1"


async def rotate(conn: Connection, token: str) -> None:
    """Note that a held token has been exchanged."""
    await conn.execute(ROTATE, credentials.token_hash(token))


END: Final = """
    UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $2
     WHERE id = $1 AND ended_at IS NULL
 RETURNING 1
"""


async def end(conn: Connection, session_id: UUID, reason: str) -> bool:
    """End a session with its whole family of tokens; false if it had ended before."""
    return bool(await conn.fetchval(END, session_id, reason))


PRUNE_TOKENS: Final = """
    DELETE FROM refresh_tokens
     WHERE hash IN (SELECT t.hash FROM refresh_tokens t
                     WHERE t.expires_at < clock_timestamp() - interval '1 day'
                     LIMIT $1)
"""


async def prune_tokens(conn: Connection, limit: int) -> str:
    """Drop up to `limit` expired tokens. Exchanged ones stay till then: their reuse is theft."""
    return await conn.execute(PRUNE_TOKENS, limit)
