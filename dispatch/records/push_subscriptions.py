"""The `push_subscriptions` table: where the browser of a sign-in is woken, sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records import person_keys
from dispatch.sealing import DataKey, SealBrokenError


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where a browser is woken, and its keys, as Web Push gives them (RFC 8291)."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A browser that is woken for as long as its sign-in lasts."""

    session_id: UUID
    account_id: UUID
    browser: Browser


DROP_SAME: Final = """
    DELETE FROM push_subscriptions WHERE session_id = $1 OR endpoint_sha256 = $2
"""
INSERT: Final = """
    INSERT INTO push_subscriptions (session_id, account_id, endpoint_sha256, client_sealed)
    VALUES ($1, $2, $3, $4)
"""


async def put(conn: Connection, account_id: UUID, session_id: UUID, browser: Browser) -> None:
    """Keep the browser of a sign-in; whoever was woken there before no longer is."""
    digest = hashlib.sha256(browser.endpoint.encode()).digest()
    sealed = await person_keys.seal_json(
        conn, account_id, "push_subscriptions", "client_sealed", session_id, asdict(browser)
    )
    async with conn.as_clock():
        await conn.execute(DROP_SAME, session_id, digest)
    await conn.execute(INSERT, session_id, account_id, digest, sealed)


LIST_LIVE: Final = """
    SELECT p.session_id, p.account_id, p.client_sealed
      FROM push_subscriptions p
      JOIN sessions s ON s.id = p.session_id AND s.ended_at IS NULL
     WHERE p.account_id = ANY ($1::uuid[])
     ORDER BY p.created_at DESC
     LIMIT $2
"""


async def list_live(
    conn: Connection, account_ids: Collection[UUID], keys: Mapping[UUID, DataKey], limit: int
) -> list[Subscription]:
    """Those of these accounts whose sign-in goes on, the newest first.

    What an erased account has left is passed over.
    """
    found = []
    for row in await conn.fetch(LIST_LIVE, list(account_ids), limit):
        key = keys.get(row["account_id"])
        if key is None:
            continue
        try:
            told = key.open_json(
                "push_subscriptions", "client_sealed", row["session_id"], row["client_sealed"]
            )
        except SealBrokenError:
            continue
        found.append(
            Subscription(
                session_id=row["session_id"], account_id=row["account_id"], browser=Browser(**told)
            )
        )
    return found


DELETE: Final = "DELETE FROM push_subscriptions WHERE session_id = ANY ($1::uuid[])"


async def delete(conn: Connection, session_ids: Collection[UUID]) -> None:
    """Wake these browsers no more."""
    await conn.execute(DELETE, list(session_ids))
