"""A nurse's visits in her own calendar program, by an address that she may change or end."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from dispatch import credentials, database
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records import audit, calendar_links, orders, visits
from dispatch.records.orders import Order
from dispatch.records.visits import Visit

BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=90)
VISITS_MAX: Final = 1_000


@database.act
async def make_link(conn: Connection) -> str:
    """A new token that reads the calling nurse's visits; the one before ends. Told only once."""
    nurse_id, account_id = _nurse(conn)
    token = credentials.new_token()
    await calendar_links.put(conn, nurse_id, account_id, token)
    await audit.append(conn, "calendar.share", "nurse", nurse_id)
    return token


@database.act
async def end_link(conn: Connection) -> None:
    """Nobody reads the calling nurse's visits by an address any more; done already is done."""
    nurse_id, _ = _nurse(conn)
    await calendar_links.delete(conn, nurse_id)
    await audit.append(conn, "calendar.end", "nurse", nurse_id)


async def list_visits(conn: Connection, token: str) -> list[tuple[Visit, Order]]:
    """The visits that the token reads with their orders, from BACK to AHEAD, the latest first.

    Raises `NotFound`.
    """
    nurse_id = await calendar_links.find_nurse(conn, token)
    if nurse_id is None:
        raise NotFound
    now = await database.now(conn)
    hers = await visits.list_of_nurse(
        conn, nurse_id, since=now - BACK, until=now + AHEAD, before=None, limit=VISITS_MAX
    )
    by_id = {one.id: one for one in await orders.list_of_ids(conn, [v.order_id for v in hers])}
    return [(visit, by_id[visit.order_id]) for visit in hers]


def _nurse(conn: Connection) -> tuple[UUID, UUID]:
    caller = conn.caller
    if caller.nurse_id is None or caller.account_id is None:
        raise NotFound
    return caller.nurse_id, caller.account_id
