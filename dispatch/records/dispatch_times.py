"""How orders of a time found their nurses: counted from orders, history and visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Orders placed in an hour of the day, on a day, or for a service (`by`, `key`).

    The waits are from approval to assignment, in seconds: half of the orders, and nine of ten,
    waited no longer. `nobody`: approved, and no nurse was found. Visits count on the day of their
    planned start (lines by day only).
    """

    by: str
    key: str
    placed: int
    assigned: int
    nobody: int
    wait_p50_s: int | None
    wait_p90_s: int | None
    visits: int
    on_time: int


LIST: Final = """
      WITH asked AS (
           SELECT o.service_codes, o.state, o.created_at AT TIME ZONE 'Asia/Shanghai' AS placed_at,
                  h.approved_at, h.assigned_at,
                  extract(epoch FROM h.assigned_at - h.approved_at)::float8 AS wait_s
             FROM orders o
             LEFT JOIN LATERAL (
                  SELECT min(at) FILTER (WHERE move = 'approve') AS approved_at,
                         min(at) FILTER (WHERE move = 'assign') AS assigned_at
                    FROM history
                   WHERE order_id = o.id AND subject = 'order') h ON true
            WHERE o.created_at >= $1 AND o.created_at < $2),
           keyed AS (
           SELECT 'hour' AS by, to_char(placed_at, 'HH24') AS key, a.* FROM asked a
            UNION ALL
           SELECT 'day', to_char(placed_at, 'YYYY-MM-DD'), a.* FROM asked a
            UNION ALL
           SELECT 'service', code, a.* FROM asked a, unnest(a.service_codes) AS code),
           lines AS (
           SELECT by, key, count(*) AS placed, count(assigned_at) AS assigned,
                  count(*) FILTER (WHERE state = 'lapsed' AND approved_at IS NOT NULL) AS nobody,
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY wait_s) AS wait_p50_s,
                  percentile_cont(0.9) WITHIN GROUP (ORDER BY wait_s) AS wait_p90_s
             FROM keyed GROUP BY by, key),
           gone AS (
           SELECT 'day' AS by, count(*) AS visits,
                  to_char(planned_start AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS key,
                  count(*) FILTER (WHERE arrived_at <= planned_start + $3 * interval '1 minute')
                  AS on_time
             FROM visits
            WHERE planned_start >= $1 AND planned_start < $2 AND arrived_at IS NOT NULL
            GROUP BY key)
    SELECT by, key, coalesce(placed, 0) AS placed, coalesce(assigned, 0) AS assigned,
           coalesce(nobody, 0) AS nobody, round(wait_p50_s)::int AS wait_p50_s,
           round(wait_p90_s)::int AS wait_p90_s, coalesce(visits, 0) AS visits,
           coalesce(on_time, 0) AS on_time
      FROM lines FULL JOIN gone USING (by, key)
     ORDER BY by, key
     LIMIT 1000
"""


async def list_lines(
    conn: Connection, *, since: datetime, until: datetime, on_time_min: int
) -> list[Line]:
    """The lines by day, hour and service, in this order, each by its key."""
    return [Line(**row) for row in await conn.fetch(LIST, since, until, on_time_min)]
