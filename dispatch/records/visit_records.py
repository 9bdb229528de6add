"""The `visit_records` table: what was measured, done and taught at a visit, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecord:
    """One entry; `client_id` was made on the phone, so that sending it twice keeps one."""

    id: UUID
    visit_id: UUID
    patient_id: UUID
    client_id: UUID
    kind: str
    data_sealed: bytes
    recorded_at: datetime
    received_at: datetime
    author_id: UUID


INSERT: Final = """
    INSERT INTO visit_records (id, visit_id, patient_id, client_id, kind, data_sealed, recorded_at,
                               author_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (visit_id, client_id) DO NOTHING
 RETURNING *
"""
FIND_BY_CLIENT_ID: Final = "SELECT * FROM visit_records WHERE visit_id = $1 AND client_id = $2"


async def insert(
    conn: Connection,
    *,
    record_id: UUID,
    visit_id: UUID,
    patient_id: UUID,
    client_id: UUID,
    kind: str,
    data: dict[str, Any],
    recorded_at: datetime,
    author_id: UUID,
) -> tuple[VisitRecord, bool]:
    """Keep an entry, and tell whether it is new; if it was sent before, the first one stands."""
    sealed = await person_keys.seal_json(
        conn, patient_id, "visit_records", "data_sealed", record_id, data
    )
    row = await conn.fetchrow(
        INSERT,
        record_id,
        visit_id,
        patient_id,
        client_id,
        kind,
        sealed,
        recorded_at,
        author_id,
    )
    if row is not None:
        return _record(row), True
    first = await conn.fetchrow(FIND_BY_CLIENT_ID, visit_id, client_id)
    if first is None:
        raise AssertionError("a record that conflicts and is not there")
    return _record(first), False


LIST_OF_VISIT: Final = """
    SELECT * FROM visit_records
     WHERE visit_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_of_visit(
    conn: Connection, visit_id: UUID, *, before: UUID | None, limit: int
) -> list[VisitRecord]:
    """The entries of a visit, newest first."""
    return [_record(row) for row in await conn.fetch(LIST_OF_VISIT, visit_id, before, limit)]


LIST_OF_VISITS: Final = """
    SELECT * FROM visit_records WHERE visit_id = ANY ($1::uuid[])
     ORDER BY recorded_at, id LIMIT 2000
"""


async def list_of_visits(conn: Connection, visit_ids: list[UUID]) -> list[VisitRecord]:
    """The entries of these visits as they were made, by the phone's time."""
    return [_record(row) for row in await conn.fetch(LIST_OF_VISITS, visit_ids)]


LIST_OF_PATIENT: Final = """
    SELECT * FROM visit_records
     WHERE patient_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_of_patient(
    conn: Connection, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[VisitRecord]:
    """The entries of all visits to a patient, newest first."""
    return [_record(row) for row in await conn.fetch(LIST_OF_PATIENT, patient_id, before, limit)]


async def open_data(conn: Connection, given: list[VisitRecord]) -> dict[UUID, dict[str, Any]]:
    """What the entries say, by their ids."""
    keys = await person_keys.load(conn, {record.patient_id for record in given})
    return {
        record.id: keys[record.patient_id].open_json(
            "visit_records", "data_sealed", record.id, record.data_sealed
        )
        for record in given
        if record.patient_id in keys
    }


def _record(row: asyncpg.Record) -> VisitRecord:
    return VisitRecord(**row)
