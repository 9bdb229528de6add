"""The `retry_keys` table: an act's answer, kept in the act's own transaction, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from dispatch.database import Connection, RetryKey
from dispatch.errors import RetryKeyReused
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as it went out: the same key gives the same bytes."""

    status: int
    body: bytes
    version: int | None = None


CLAIM: Final = """
    INSERT INTO retry_keys (account_id, method, path, key, fingerprint)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
    RETURNING 1
"""
FIND: Final = """
    SELECT fingerprint, status, answer_sealed
      FROM retry_keys
     WHERE account_id = $1 AND method = $2 AND path = $3 AND key = $4
"""


async def claim(conn: Connection, account_id: UUID, retry: RetryKey) -> StoredAnswer | None:
    """Take the key for this transaction, or return the answer that it has already.

    The insert waits for a twin that is still running and then sees its outcome: if the twin rolled
    back, the key is ours. Raises `RetryKeyReused` when the key came with another body.
    """
    scope = (account_id, retry.method, retry.path, retry.key)
    if await conn.fetchval(CLAIM, *scope, retry.fingerprint):
        return None
    row = await conn.fetchrow(FIND, *scope)
    if row is None or row["fingerprint"] != retry.fingerprint:
        raise RetryKeyReused
    stored = await person_keys.open_json(
        conn, account_id, "retry_keys", "answer_sealed", _place(retry), row["answer_sealed"]
    )
    return StoredAnswer(
        status=row["status"], body=stored["body"].encode(), version=stored["version"]
    )


KEEP: Final = """
    UPDATE retry_keys
       SET status = $5, answer_sealed = $6
     WHERE account_id = $1 AND method = $2 AND path = $3 AND key = $4
"""


async def keep(conn: Connection, account_id: UUID, retry: RetryKey, answer: StoredAnswer) -> None:
    """Store the answer beside the effect, in the same transaction."""
    sealed = await person_keys.seal_json(
        conn,
        account_id,
        "retry_keys",
        "answer_sealed",
        _place(retry),
        {"body": answer.body.decode(), "version": answer.version},
    )
    scope = (account_id, retry.method, retry.path, retry.key)
    await conn.execute(KEEP, *scope, answer.status, sealed)


RELEASE: Final = """
    DELETE FROM retry_keys WHERE account_id = $1 AND method = $2 AND path = $3 AND key = $4
"""


async def release(conn: Connection, account_id: UUID, retry: RetryKey) -> None:
    """Give a claimed key back: the act was refused, and refusals are worked out afresh."""
    await conn.execute(RELEASE, account_id, retry.method, retry.path, retry.key)


def _place(retry: RetryKey) -> str:
    """Where an answer belongs, so that one cannot be put in another's place."""
    return f"{retry.method} {retry.path} {retry.key}"


PRUNE: Final = """
    DELETE FROM retry_keys
     WHERE ctid IN (SELECT ctid FROM retry_keys
                     WHERE created_at < app_now() - make_interval(days => $1)
                     LIMIT $2)
"""


async def prune(conn: Connection, keep_days: int, limit: int) -> str:
    """Drop up to `limit` keys older than `keep_days`."""
    return await conn.execute(PRUNE, keep_days, limit)
