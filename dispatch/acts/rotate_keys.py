"""Wrapping people's data keys with the newest master key; what they sealed is not touched."""

from __future__ import annotations

from dispatch import database
from dispatch.database import Connection
from dispatch.records import audit, person_keys


@database.act
async def rewrap_keys(conn: Connection, limit: int = 500) -> int:
    """Wrap up to `limit` data keys anew; returns how many, 0 when no older master is needed."""
    count = await person_keys.rewrap(conn, limit)
    if count:
        version = conn.keyring.provider.current_version()
        detail = {"count": count, "master_version": version}
        await audit.append(conn, "keys.rewrap", "keys", None, detail=detail)
    return count
