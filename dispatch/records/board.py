"""What the operators' board and map show: nurses by `nurse_points`, living orders by their cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from config import geometry
from dispatch.database import Connection
from dispatch.records import addresses, person_keys


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


# With `q`: those of this name or staff number, busy or not; without: those who have visits then.
LIST_ON_DAY: Final = """
    SELECT n.id, n.staff_no, n.name
      FROM nurses n
     WHERE ($3::uuid IS NULL OR n.institution_id = $3)
       AND n.staff_no > $4
       AND CASE WHEN $5::text IS NULL
                THEN EXISTS (SELECT FROM visits v
                              WHERE v.nurse_id = n.id
                                AND v.planned_end > $1 AND v.planned_start < $2
                                AND v.state NOT IN ('released', 'cancelled'))
                ELSE position($5 IN n.name) > 0 OR n.staff_no::text = $5 END
     ORDER BY n.staff_no
     LIMIT $6
"""


class Lane(NamedTuple):
    """A nurse beside her day."""

    nurse_id: UUID
    staff_no: int
    name: str


async def list_on_day(
    conn: Connection,
    since: datetime,
    until: datetime,
    *,
    institution_id: UUID | None,
    after: int,
    q: str | None,
    limit: int,
) -> list[Lane]:
    """The nurses of a day by staff number, those after `after`."""
    rows = await conn.fetch(LIST_ON_DAY, since, until, institution_id, after, q, limit)
    return [Lane(*row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPin:
    """A living order on the map: the cell that an offer tells of, never the door (WGS-84)."""

    id: UUID
    state: str
    urgency: str
    at_risk: bool
    county: str
    service_codes: list[str]
    earliest: datetime
    latest: datetime
    lat: float
    lng: float


# Orders of erased patients have no place any more.
LIST_ORDER_PINS: Final = """
    SELECT o.id, o.state, o.urgency, o.county, o.service_codes, o.earliest, o.latest,
           o.state <> 'assigned' AND (o.at_risk OR o.promise_at <= app_now()) AS at_risk,
           a.id AS address_id, a.place_sealed, a.patient_id AS person_id, k.wrapped
      FROM orders o
      JOIN addresses a ON a.id = o.address_id
      JOIN person_keys k ON k.person_id = a.patient_id AND k.wrapped IS NOT NULL
     WHERE o.state IN ('submitted', 'open', 'held', 'assigned')
     ORDER BY o.earliest, o.id
     LIMIT $1
"""


async def list_order_pins(conn: Connection, limit: int) -> list[OrderPin]:
    """Orders that live, soonest first, as the caller may see them."""
    pins = []
    for row in await conn.fetch(LIST_ORDER_PINS, limit):
        fields = dict(row)
        address_id, sealed = fields.pop("address_id"), fields.pop("place_sealed")
        key = await person_keys.unwrap(conn, row)
        del fields["person_id"], fields["wrapped"]
        if key is not None:
            lat, lng = addresses.opened(key, address_id, sealed).area()
            pins.append(OrderPin(**fields, lat=lat, lng=lng))
    return pins
