"""The `positions` table: where a nurse is, from departure to the end of the visit and not longer.

Places are sealed with the patient's key, since the last of them is the patient's door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point of a nurse's way; `recorded_at` is the phone's time."""

    visit_id: UUID
    nurse_id: UUID
    recorded_at: datetime
    lat: float
    lng: float
    accuracy_m: float | None = None


INSERT: Final = """
    INSERT INTO positions (visit_id, nurse_id, recorded_at, accuracy_m, location_sealed)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::real[], $5::bytea[])
        ON CONFLICT DO NOTHING
"""


async def insert_many(conn: Connection, patient_id: UUID, given: list[Position]) -> None:
    """Keep points of one patient's visits, in any order; what is known already is passed over."""
    key = await person_keys.ensure(conn, patient_id)
    sealed = [
        key.seal_json("positions", "location_sealed", p.visit_id, [p.lat, p.lng]) for p in given
    ]
    await conn.execute(
        INSERT,
        [p.visit_id for p in given],
        [p.nurse_id for p in given],
        [p.recorded_at for p in given],
        [p.accuracy_m for p in given],
        sealed,
    )


FIND_LAST: Final = """
    SELECT visit_id, nurse_id, recorded_at, accuracy_m, location_sealed FROM positions
     WHERE visit_id = $1 ORDER BY recorded_at DESC LIMIT 1
"""


async def find_last(conn: Connection, patient_id: UUID, visit_id: UUID) -> Position | None:
    """The newest point by the phone's time, whatever order they came in."""
    row = await conn.fetchrow(FIND_LAST, visit_id)
    if row is None:
        return None
    lat, lng = await person_keys.open_json(
        conn, patient_id, "positions", "location_sealed", visit_id, row["location_sealed"]
    )
    return Position(
        visit_id=row["visit_id"],
        nurse_id=row["nurse_id"],
        recorded_at=row["recorded_at"],
        accuracy_m=row["accuracy_m"],
        lat=lat,
        lng=lng,
    )


FIND_LAST_AT: Final = "SELECT max(recorded_at) FROM positions WHERE visit_id = $1"


async def find_last_at(conn: Connection, visit_id: UUID) -> datetime | None:
    """The phone's time of the newest point that is known."""
    at: datetime | None = await conn.fetchval(FIND_LAST_AT, visit_id)
    return at


DELETE_OF_VISIT: Final = "DELETE FROM positions WHERE visit_id = $1"


async def delete_of_visit(conn: Connection, visit_id: UUID) -> None:
    """Forget the way: the visit has ended, its check-in and check-out remain as facts."""
    await conn.execute(DELETE_OF_VISIT, visit_id)


PRUNE: Final = """
    DELETE FROM positions WHERE ctid IN (
        SELECT ctid FROM positions
         WHERE received_at < app_now() - make_interval(days => $1) LIMIT $2)
"""


async def prune(conn: Connection, keep_days: int, limit: int) -> str:
    """Drop up to `limit` points that outlived their visit and are older than `keep_days`."""
    return await conn.execute(PRUNE, keep_days, limit)
