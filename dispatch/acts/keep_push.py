"""Somebody wants to be woken on the device that is signed in, or no longer."""

from __future__ import annotations

from uuid import UUID

from dispatch import database, pushes
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotFound
from dispatch.records import push_subscriptions
from dispatch.records.push_subscriptions import Browser


@database.act
async def subscribe(conn: Connection, session_id: UUID, browser: Browser) -> None:
    """Wake this browser for as long as the sign-in lasts.

    Raises `InvalidFields` for a push service that the settings do not name.
    """
    if conn.caller.account_id is None:
        raise NotFound
    if not pushes.is_known(browser.endpoint, conn.settings):
        raise InvalidFields((("body", "endpoint"), "push_service"))
    await push_subscriptions.put(conn, conn.caller.account_id, session_id, browser)


@database.act
async def unsubscribe(conn: Connection, session_id: UUID) -> None:
    """Wake it no more; done already is done."""
    await push_subscriptions.delete(conn, [session_id])
