"""What the operators' board shows of nurses: read from `nurses`, `nurse_points`, `visits`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from config import geometry
from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A nurse on the map (WGS-84, rounded to 100 m).

    `state` is that of the visit which she is out on, else that she can be sent.
    """

    id: UUID
    state: str
    visit_id: UUID | None
    lat: float
    lng: float
    recorded_at: datetime


# The few who are out come first, so that the limit never hides one of them.
LIST_PINS: Final = """
    WITH going AS (
        SELECT DISTINCT ON (nurse_id) nurse_id, id, state
          FROM visits WHERE state IN ('en_route', 'arrived', 'in_service')
         ORDER BY nurse_id, departed_at DESC NULLS LAST
    )
    SELECT n.id, v.id AS visit_id, p.pos, p.located_at AS recorded_at,
           coalesce(v.state::text, 'available') AS state
      FROM nurses n
      JOIN nurse_points p ON p.nurse_id = n.id
      LEFT JOIN going v ON v.nurse_id = n.id
     WHERE (p.on_call OR v.id IS NOT NULL)
       AND ($1::uuid IS NULL OR n.institution_id = $1)
     ORDER BY v.id IS NULL, n.staff_no
     LIMIT $2
"""


async def list_pins(conn: Connection, institution_id: UUID | None, limit: int) -> list[Pin]:
    """Nurses of one institution or of all: those out on a visit first, then those who can be sent,
    by staff number."""
    pins = []
    for row in await conn.fetch(LIST_PINS, institution_id, limit):
        fields = dict(row)
        pos = fields.pop("pos")
        lat, lng = geometry.JINHUA.locate(pos.x, pos.y)
        pins.append(Pin(**fields, lat=lat, lng=lng))
    return pins
