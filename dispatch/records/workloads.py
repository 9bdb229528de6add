"""What nurses have done, month by month: read from visits and offers, written nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A nurse's month at an institution. Visits count when completed, in the month of their end.

    `minutes` are those in homes, `travel_min` and `distance_m` as planned when she accepted,
    `income_fen` what these visits earn her; offers count in the month in which they were sent.
    """

    month_on: date
    institution_id: UUID
    institution_name: str
    nurse_id: UUID
    staff_no: int
    nurse_name: str
    visits: int
    on_time: int
    minutes: int
    travel_min: int
    distance_m: int
    income_fen: int
    offers: int
    accepted: int
    declined: int
    expired: int


# Offers belong to the institution that she works for now: an offer does not name one.
LIST: Final = """
      WITH done AS (
           SELECT date_trunc('month', v.ended_at AT TIME ZONE 'Asia/Shanghai')::date AS month_on,
                  v.institution_id, v.nurse_id, count(*) AS visits,
                  count(*) FILTER (WHERE v.arrived_at <= v.planned_start + $4 * interval '1 minute')
                  AS on_time,
                  sum(extract(epoch FROM v.ended_at - v.started_at)) AS seconds,
                  sum(v.travel_s) AS travel_s, sum(v.distance_m) AS distance_m,
                  sum(v.pay_fen) AS income_fen
             FROM visits v
            WHERE v.ended_at >= $1 AND v.ended_at < $2 AND v.state = 'completed'
              AND ($3::uuid IS NULL OR v.nurse_id = $3)
            GROUP BY 1, 2, 3),
           asked AS (
           SELECT date_trunc('month', f.sent_at AT TIME ZONE 'Asia/Shanghai')::date AS month_on,
                  n.institution_id, f.nurse_id, count(*) AS offers,
                  count(*) FILTER (WHERE f.state = 'accepted') AS accepted,
                  count(*) FILTER (WHERE f.state = 'declined') AS declined,
                  count(*) FILTER (WHERE f.state = 'expired') AS expired
             FROM offers f JOIN nurses n ON n.id = f.nurse_id
            WHERE f.sent_at >= $1 AND f.sent_at < $2 AND ($3::uuid IS NULL OR f.nurse_id = $3)
              AND ($8::uuid IS NULL OR n.institution_id = $8)
            GROUP BY 1, 2, 3)
    SELECT m.month_on, m.institution_id, e.name AS institution_name, m.nurse_id, n.staff_no,
           n.name AS nurse_name, coalesce(m.visits, 0) AS visits, coalesce(m.on_time, 0) AS on_time,
           round(coalesce(m.seconds, 0) / 60)::int AS minutes,
           round(coalesce(m.travel_s, 0) / 60.0)::int AS travel_min,
           coalesce(m.distance_m, 0) AS distance_m, coalesce(m.income_fen, 0) AS income_fen,
           coalesce(m.offers, 0) AS offers, coalesce(m.accepted, 0) AS accepted,
           coalesce(m.declined, 0) AS declined, coalesce(m.expired, 0) AS expired
      FROM (done FULL JOIN asked USING (month_on, institution_id, nurse_id)) AS m
      JOIN nurses n ON n.id = m.nurse_id
      JOIN institutions e ON e.id = m.institution_id
     WHERE ($8::uuid IS NULL OR m.institution_id = $8)
       AND ($5::date IS NULL
            OR (m.month_on, n.staff_no, m.institution_id) > ($5, $6::int, $7::uuid))
     ORDER BY m.month_on, n.staff_no, m.institution_id
     LIMIT $9
"""


async def list_months(
    conn: Connection,
    *,
    since: datetime,
    until: datetime,
    nurse_id: UUID | None = None,
    institution_id: UUID | None = None,
    on_time_min: int,
    after: tuple[date, int, UUID] | None = None,
    limit: int,
) -> list[Workload]:
    """The months of this time by month, staff number and institution; those after `after`."""
    month_on, staff_no, place = after or (None, None, None)
    rows = await conn.fetch(
        LIST, since, until, nurse_id, on_time_min, month_on, staff_no, place, institution_id, limit
    )
    return [Workload(**row) for row in rows]


LIST_SHARES: Final = """
    SELECT coalesce(d.visits, 0) AS visits, coalesce(d.income_fen, 0) AS income_fen
      FROM nurses n
      LEFT JOIN (
           SELECT nurse_id, count(*) AS visits, sum(pay_fen) AS income_fen
             FROM visits
            WHERE ended_at >= $1 AND ended_at < $2 AND state = 'completed'
            GROUP BY nurse_id) d ON d.nurse_id = n.id
     WHERE ($3::uuid IS NULL OR n.institution_id = $3)
       AND (d.visits > 0 OR (n.admitted AND n.suspended_at IS NULL))
     LIMIT 100000
"""


async def list_shares(
    conn: Connection, *, since: datetime, until: datetime, institution_id: UUID | None
) -> list[tuple[int, int]]:
    """Visits and income of each who could or did work, in no order; many have none."""
    rows = await conn.fetch(LIST_SHARES, since, until, institution_id)
    return [(row["visits"], int(row["income_fen"])) for row in rows]
