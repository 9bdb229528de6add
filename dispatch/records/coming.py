"""What is ahead: open orders of the coming hours, and who could be sent to each.

It reads `orders`, `nurse_points` and `shifts`, and writes none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.records.candidates import Sought
from dispatch.records.orders import Order, order_of

LIST: Final = """
    SELECT * FROM orders
     WHERE state = 'open' AND latest > app_now() AND earliest < $1
     ORDER BY earliest, id
     LIMIT $2
"""


async def list_open(conn: Connection, until: datetime, limit: int) -> list[Order]:
    """Open orders whose window begins before `until`, the earliest first."""
    return [order_of(row) for row in await conn.fetch(LIST, until, limit)]


LIST_ABLE: Final = """
      WITH reach AS MATERIALIZED (
           SELECT greatest($4, coalesce(max(radius_m), 0))::float8 AS metres FROM nurses)
    SELECT ARRAY(SELECT p.nurse_id FROM nurse_points p
                  WHERE p.on_call AND p.skills @> w.codes::int[]
                    AND p.pos <@ circle(w.pos, reach.metres)
                    AND EXISTS (SELECT FROM shifts s
                                 WHERE s.nurse_id = p.nurse_id AND s.during && w.hull)
                  LIMIT $5) AS nurse_ids
      FROM reach, unnest($1::point[], $2::text[], $3::tstzrange[]) WITH ORDINALITY
                  AS w (pos, codes, hull, number)
     ORDER BY w.number
"""


async def list_able(
    conn: Connection,
    places: Sequence[Sought],
    hulls: Sequence[asyncpg.Range[datetime]],
    default_radius_m: int,
    limit: int,
) -> list[list[UUID]]:
    """For each place up to `limit` nurses on call within anybody's reach who have all its codes and
    a shift in its time. Fewer than `limit` are all there are."""
    points = [asyncpg.Point(place.x_m, place.y_m) for place in places]
    codes = ["{" + ",".join(map(str, place.codes)) + "}" for place in places]
    rows = await conn.fetch(LIST_ABLE, points, codes, list(hulls), default_radius_m, limit)
    return [row["nurse_ids"] for row in rows]
