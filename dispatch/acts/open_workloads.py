"""Reading who has worked how much: a nurse her own months, staff those of their nurses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch import database, fairness
from dispatch.acts import go_on_duty
from dispatch.database import Connection
from dispatch.errors import InvalidFields
from dispatch.records import audit, workloads
from dispatch.records.workloads import Workload

SPAN_MAX: Final = timedelta(days=366)
# A nurse has twelve months, at two institutions when she has moved, and some to spare.
MONTHS_MAX: Final = 100

After = tuple[date, int, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """How evenly the work of a time is spread over those who could do it: Gini's coefficient."""

    nurses: int
    visits_gini: float | None
    income_gini: float | None


async def list_own(conn: Connection, since: datetime, until: datetime) -> list[Workload]:
    """The calling nurse's months, the first one first. Raises `InvalidFields`, `Forbidden`."""
    _check_span(since, until)
    return await workloads.list_months(
        conn,
        since=since,
        until=until,
        nurse_id=go_on_duty.own_id(conn),
        on_time_min=conn.settings.eta_slip_min,
        limit=MONTHS_MAX,
    )


@database.act
async def open_workloads(
    conn: Connection, *, since: datetime, until: datetime, after: After | None, limit: int
) -> tuple[list[Workload], Fairness]:
    """The months of all nurses in the caller's reach, and how evenly they share the work.

    Raises `InvalidFields`.
    """
    _check_span(since, until)
    reach = conn.caller.institution_id
    found = await workloads.list_months(
        conn,
        since=since,
        until=until,
        institution_id=reach,
        on_time_min=conn.settings.eta_slip_min,
        after=after,
        limit=limit,
    )
    shares = await workloads.list_shares(conn, since=since, until=until, institution_id=reach)
    await audit.append(
        conn,
        "report.read",
        "report",
        None,
        detail={
            "name": "workload",
            "from": since.isoformat(),
            "to": until.isoformat(),
            "rows": len(found),
        },
    )
    return found, Fairness(
        nurses=len(shares),
        visits_gini=fairness.gini(visits for visits, _ in shares),
        income_gini=fairness.gini(income for _, income in shares),
    )


def _check_span(since: datetime, until: datetime) -> None:
    if until <= since:
        raise InvalidFields((("query", "to"), "before_start"))
    if until - since > SPAN_MAX:
        raise InvalidFields((("query", "to"), "year_too_long"))
