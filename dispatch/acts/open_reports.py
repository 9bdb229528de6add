"""Reading what goes to a hospital's desk or to the regulator; that it was read leaves a trace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch import database
from dispatch.database import Connection
from dispatch.errors import InvalidFields
from dispatch.records import audit, verifications
from dispatch.records.verifications import Verification

SPAN_MAX: Final = timedelta(days=92)


@database.act
async def open_verifications(
    conn: Connection,
    *,
    since: datetime,
    until: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Verification]:
    """The verified visits that ended in a time of three months at most, by their end.

    Of those alone that the caller may see. Raises `InvalidFields`.
    """
    if until <= since:
        raise InvalidFields((("query", "to"), "before_start"))
    if until - since > SPAN_MAX:
        raise InvalidFields((("query", "to"), "span_too_long"))
    found = await verifications.list_ended(conn, since=since, until=until, after=after, limit=limit)
    await audit.append(
        conn,
        "report.read",
        "report",
        None,
        detail={
            "name": "visit-verification",
            "from": since.isoformat(),
            "to": until.isoformat(),
            "visits": len(found),
        },
    )
    return found
