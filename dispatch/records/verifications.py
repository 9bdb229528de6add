"""The six elements of each visit, read together for the report of verified visits.

What service, to whom, on what day, where, by whom, from when until when; and what was odd.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from dispatch.database import Connection
from dispatch.records import person_keys
from dispatch.sealing import DataKey

# Flags of a visit that a verification names; others are of no concern to who checks it.
EXCEPTIONS: Final = frozenset(
    {
        "outside_geofence",
        "left_outside_geofence",
        "late_sync",
        "stale_sync",
        "out_of_order",
        "short_dwell",
        "impossible_travel",
        "mock_location",
        "unsigned",
        "record_incomplete",
        "late_record",
        "late_step",
        "ended_by_operator",
        "corrected",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A check-in or check-out: when by the phone, when it came in, and where (WGS-84)."""

    at: datetime
    received_at: datetime
    lat: float | None
    lng: float | None
    accuracy_m: float | None
    distance_m: int | None
    device_id: str | None
    reason: str | None
    is_corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """One visit that somebody arrived at and that has ended. Names are None after erasure."""

    visit_id: UUID
    order_id: UUID
    state: str
    end_reason: str | None
    service_codes: list[str]
    patient_id: UUID
    patient_name_masked: str | None
    county: str
    institution_code: str
    institution_name: str
    staff_no: int
    nurse_name: str
    planned_start: datetime
    planned_end: datetime
    started_at: datetime | None
    ended_at: datetime
    check_in: Mark | None
    check_out: Mark | None
    exceptions: list[str]


LIST: Final = """
    SELECT v.id, v.order_id, v.state::text, v.end_reason, v.patient_id, v.planned_start,
           v.planned_end, v.started_at, v.ended_at, v.flags, o.service_codes, o.county,
           i.code, i.name AS institution_name, n.staff_no, n.name AS nurse_name, p.profile_sealed
      FROM visits v
      JOIN orders o ON o.id = v.order_id
      JOIN institutions i ON i.id = v.institution_id
      JOIN nurses n ON n.id = v.nurse_id
      JOIN patients p ON p.id = v.patient_id
     WHERE v.ended_at >= $1 AND v.ended_at < $2 AND v.arrived_at IS NOT NULL
       AND v.state IN ('completed', 'aborted')
       AND ($3::timestamptz IS NULL OR (v.ended_at, v.id) > ($3, $4::uuid))
     ORDER BY v.ended_at, v.id
     LIMIT $5
"""
MARKS: Final = """
    SELECT DISTINCT ON (f.visit_id, f.step = 'arrive') f.*
      FROM visit_facts f
     WHERE f.visit_id = ANY ($1::uuid[]) AND f.taken AND f.step IN ('arrive', 'complete', 'abort')
       AND NOT EXISTS (SELECT FROM visit_facts l WHERE l.supersedes = f.id)
     ORDER BY f.visit_id, f.step = 'arrive', f.received_at DESC, f.id DESC
"""


async def list_ended(
    conn: Connection,
    *,
    since: datetime,
    until: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Verification]:
    """Visits that ended in this time and that somebody had arrived at, by their end."""
    ended_at, visit_id = after or (None, None)
    rows = await conn.fetch(LIST, since, until, ended_at, visit_id, limit)
    keys = await person_keys.load(conn, {row["patient_id"] for row in rows})
    marks: dict[tuple[UUID, bool], Mark] = {}
    people = {row["id"]: row["patient_id"] for row in rows}
    for fact in await conn.fetch(MARKS, list(people)):
        key = keys.get(people[fact["visit_id"]])
        body: dict[str, Any] = {}
        if key is not None and fact["body_sealed"] is not None:
            body = key.open_json("visit_facts", "body_sealed", fact["id"], fact["body_sealed"])
        marks[fact["visit_id"], fact["step"] == "arrive"] = Mark(
            at=fact["at"],
            received_at=fact["received_at"],
            lat=body.get("lat"),
            lng=body.get("lng"),
            accuracy_m=body.get("accuracy_m"),
            distance_m=body.get("distance_m"),
            device_id=body.get("device_id"),
            reason=body.get("override_reason") or body.get("early_reason") or body.get("reason"),
            is_corrected=fact["supersedes"] is not None,
        )
    return [
        Verification(
            visit_id=row["id"],
            order_id=row["order_id"],
            state=row["state"],
            end_reason=row["end_reason"],
            service_codes=row["service_codes"],
            patient_id=row["patient_id"],
            patient_name_masked=_masked_name(keys.get(row["patient_id"]), row),
            county=row["county"],
            institution_code=row["code"],
            institution_name=row["institution_name"],
            staff_no=row["staff_no"],
            nurse_name=row["nurse_name"],
            planned_start=row["planned_start"],
            planned_end=row["planned_end"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            check_in=marks.get((row["id"], True)),
            check_out=marks.get((row["id"], False)),
            exceptions=sorted(EXCEPTIONS.intersection(row["flags"])),
        )
        for row in rows
    ]


def _masked_name(key: DataKey | None, row: Record) -> str | None:
    """The family name; whose visit it was is told by the id."""
    if key is None:
        return None
    profile = key.open_json("patients", "profile_sealed", row["patient_id"], row["profile_sealed"])
    name = str(profile["name"])
    return name[:1] + "*" * (len(name) - 1)
