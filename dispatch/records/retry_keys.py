"""The `retry_keys` table: an act's answer, kept in the act's own transaction, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from dispatch.database import Connection, Opening, RetryKey
from dispatch.errors import RetryKeyReused
from dispatch.records import closing, person_keys
from dispatch.sealing import DataKey


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as it went out, in the language of then: the same key gives the same bytes."""

    status: int
    body: bytes
    version: int | None = None
    language: str | None = None


# The row comes from who is told, so that row-level security knows of him when it judges the row.
CLAIM: Final = """
    WITH told AS MATERIALIZED (
        SELECT set_config('app.role', $1, true), set_config('app.account', $2, true),
               set_config('app.nurse', $3, true), set_config('app.institution', $4, true),
               set_config('application_name', $5, true), set_config('plan_cache_mode', $6, true),
               set_config('enable_seqscan', ($6 <> 'force_generic_plan')::text, true)
    )
    INSERT INTO retry_keys (account_id, method, path, key, fingerprint)
    SELECT $7, $8, $9, $10, $11 FROM told
    ON CONFLICT DO NOTHING
    RETURNING account_id AS person_id,
              (SELECT wrapped FROM person_keys p WHERE p.person_id = retry_keys.account_id)
"""


def claim(account_id: UUID, retry: RetryKey) -> Opening:
    """Take the key for a transaction, with its first statement.

    The insert waits for a twin that is still running and then sees its outcome: if the twin rolled
    back, the key is ours. After `lock_timeout` it is `RequestInProgress`.
    """
    scope = (account_id, retry.method, retry.path, retry.key)
    return Opening(query=CLAIM, args=(*scope, retry.fingerprint))


FIND: Final = """
    SELECT fingerprint, status, answer_sealed
      FROM retry_keys
     WHERE account_id = $1 AND method = $2 AND path = $3 AND key = $4
"""


async def claimed(conn: Connection, account_id: UUID, retry: RetryKey) -> StoredAnswer | DataKey:
    """The answer that the key has already; or, if it is ours, the data key that will seal one.

    Raises `RetryKeyReused` when the key came with another body.
    """
    if conn.opened is not None:
        key = await person_keys.unwrap(conn, conn.opened)
        return key or await person_keys.ensure(conn, account_id)
    row = await conn.fetchrow(FIND, account_id, retry.method, retry.path, retry.key)
    if row is None or row["fingerprint"] != retry.fingerprint:
        raise RetryKeyReused
    stored = await person_keys.open_json(
        conn, account_id, "retry_keys", "answer_sealed", _place(retry), row["answer_sealed"]
    )
    return StoredAnswer(
        status=row["status"],
        body=stored["body"].encode(),
        version=stored["version"],
        language=stored.get("language"),
    )


def keep(conn: Connection, key: DataKey, retry: RetryKey, answer: StoredAnswer) -> None:
    """Store the answer beside the effect, sealed with the account's data key."""
    sealed = key.seal_json(
        "retry_keys",
        "answer_sealed",
        _place(retry),
        {"body": answer.body.decode(), "version": answer.version, "language": answer.language},
    )
    scope = (key.person_id, retry.method, retry.path, retry.key)
    closing.add(conn, "answer", *scope, answer.status, sealed)


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
