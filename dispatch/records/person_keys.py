"""The `person_keys` table: one wrapped data key per person, and sealing with it.

A person is a patient or an account. Destroying the key is erasure: what it sealed never opens
again, here or in a backup that is restored together with the list of destroyed keys.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.sealing import DataKey, KeyDestroyed, key_id_of

FIND: Final = "SELECT person_id, wrapped FROM person_keys WHERE person_id = $1"
INSERT: Final = """
    INSERT INTO person_keys (person_id, wrapped, master_version)
    VALUES ($1, $2, $3)
    ON CONFLICT (person_id) DO NOTHING
    RETURNING person_id
"""


async def ensure(conn: Connection, person_id: UUID) -> DataKey:
    """The person's key, made now if there is none; KeyDestroyed if there was one.

    Always asks the database, so that nothing is sealed with a key that is not stored. Two callers
    at once get the same key: the second waits for the first's transaction.
    """
    row = await conn.fetchrow(FIND, person_id)
    if row is not None:
        return await _unwrap(conn, row)
    key, stored = await conn.keyring.new_key(person_id)
    if await conn.fetchval(INSERT, person_id, stored.wrapped, stored.master_version):
        return key
    return await get(conn, person_id)


INSERT_MANY: Final = """
    INSERT INTO person_keys (person_id, wrapped, master_version)
    SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::int[])
"""


async def insert_many(conn: Connection, person_ids: Collection[UUID]) -> dict[UUID, DataKey]:
    """Fresh keys for people who have none yet, in one statement."""
    made = [await conn.keyring.new_key(person_id) for person_id in person_ids]
    await conn.execute(
        INSERT_MANY,
        [key.person_id for key, _ in made],
        [stored.wrapped for _, stored in made],
        [stored.master_version for _, stored in made],
    )
    return {key.person_id: key for key, _ in made}


async def get(conn: Connection, person_id: UUID) -> DataKey:
    """The person's key; NotFound if there never was one, KeyDestroyed if there was."""
    row = await conn.fetchrow(FIND, person_id)
    if row is None:
        raise NotFound
    return await _unwrap(conn, row)


async def seal(
    conn: Connection, person_id: UUID, table: str, column: str, row_id: UUID | str, value: bytes
) -> bytes:
    """Seal bytes of this person for exactly this place, making their key if need be."""
    return (await ensure(conn, person_id)).seal(table, column, row_id, value)


async def seal_json(
    conn: Connection, person_id: UUID, table: str, column: str, row_id: UUID | str, value: object
) -> bytes:
    """Like `seal`, of what JSON can say. For several columns ask `ensure` once and use the key."""
    return (await ensure(conn, person_id)).seal_json(table, column, row_id, value)


async def open_sealed(
    conn: Connection, person_id: UUID, table: str, column: str, row_id: UUID | str, sealed: bytes
) -> bytes:
    """What `seal` was given.

    Raises KeyDestroyed after erasure and SealBrokenError if the value was changed or moved. A key
    used in the last half minute is remembered and costs no query.
    """
    key = await _key_for(conn, person_id, sealed)
    return key.open(table, column, row_id, sealed)


async def open_json(
    conn: Connection, person_id: UUID, table: str, column: str, row_id: UUID | str, sealed: bytes
) -> Any:
    """What `seal_json` was given, as JSON types; raises as `open_sealed` does."""
    key = await _key_for(conn, person_id, sealed)
    return key.open_json(table, column, row_id, sealed)


LOAD: Final = "SELECT person_id, wrapped FROM person_keys WHERE person_id = ANY ($1::uuid[])"


async def load(conn: Connection, person_ids: Collection[UUID]) -> dict[UUID, DataKey]:
    """The keys of these people in one query, before a list of their values is opened.

    People without a key and people whose key was destroyed are left out.
    """
    rows = await conn.fetch(LOAD, list(set(person_ids)))
    return {
        row["person_id"]: await _unwrap(conn, row) for row in rows if row["wrapped"] is not None
    }


DESTROY: Final = """
    UPDATE person_keys
       SET wrapped = NULL, destroyed_at = app_now()
     WHERE person_id = $1 AND wrapped IS NOT NULL
    RETURNING person_id
"""


async def destroy(conn: Connection, person_id: UUID) -> bool:
    """Make all that this key sealed unreadable, everywhere within a minute of the commit.

    False if there is no key to destroy (any more).
    """
    destroyed = await conn.fetchval(DESTROY, person_id)
    conn.keyring.forget(person_id)
    return destroyed is not None


CLAIM_OUTDATED: Final = """
    SELECT person_id, wrapped
      FROM person_keys
     WHERE wrapped IS NOT NULL AND master_version < $1
     ORDER BY person_id
     LIMIT $2
       FOR UPDATE SKIP LOCKED
"""
REWRAP: Final = "UPDATE person_keys SET wrapped = $2, master_version = $3 WHERE person_id = $1"


async def rewrap(conn: Connection, limit: int = 500) -> int:
    """Wrap up to `limit` keys with the current master key instead of an older one.

    Returns how many; 0 means that nothing is left, or that other replicas hold the rest. The data
    keys stay the same, so nothing that they sealed is touched.
    """
    version = conn.keyring.provider.current_version()
    rows = await conn.fetch(CLAIM_OUTDATED, version, limit)
    for row in rows:
        stored = await conn.keyring.rewrap(row["wrapped"], row["person_id"])
        await conn.execute(REWRAP, row["person_id"], stored.wrapped, stored.master_version)
    return len(rows)


async def _key_for(conn: Connection, person_id: UUID, sealed: bytes) -> DataKey:
    remembered = conn.keyring.recall(person_id, key_id_of(sealed))
    return remembered or await get(conn, person_id)


async def unwrap(conn: Connection, row: Record) -> DataKey | None:
    """The key that another table's query brought along as `person_id` and `wrapped`.

    None if there is none to be had: `get` and `ensure` tell why.
    """
    if row["wrapped"] is None:
        return None
    return await conn.keyring.unwrap(row["wrapped"], row["person_id"])


async def _unwrap(conn: Connection, row: Record) -> DataKey:
    key = await unwrap(conn, row)
    if key is None:
        raise KeyDestroyed
    return key
