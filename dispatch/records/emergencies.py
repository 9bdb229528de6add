"""The `emergencies` table: first aid at a visit, who was called, and whether it has been reviewed.

While one is not released the record of its visit is locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """`declared_at` and the times of what was done are the phone's; `words_sealed` is a list."""

    id: UUID
    visit_id: UUID
    order_id: UUID
    patient_id: UUID
    nurse_id: UUID
    declared_by: UUID
    declared_at: datetime
    received_at: datetime
    first_aid_at: datetime | None = None
    ambulance_at: datetime | None = None
    doctor_at: datetime | None = None
    words_sealed: bytes | None = None
    released_by: UUID | None = None
    released_at: datetime | None = None
    release_sealed: bytes | None = None
    version: int = 1


INSERT: Final = """
    INSERT INTO emergencies (id, visit_id, order_id, patient_id, nurse_id, declared_by, declared_at,
                             first_aid_at, ambulance_at, doctor_at, words_sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
 RETURNING *
"""


async def insert(conn: Connection, given: Emergency) -> Emergency:
    """Declare one. The caller holds the visit and has found none that is open."""
    row = await conn.fetchrow(
        INSERT,
        given.id,
        given.visit_id,
        given.order_id,
        given.patient_id,
        given.nurse_id,
        given.declared_by,
        given.declared_at,
        given.first_aid_at,
        given.ambulance_at,
        given.doctor_at,
        given.words_sealed,
    )
    return _one(row)


ADD: Final = """
    UPDATE emergencies
       SET first_aid_at = coalesce(first_aid_at, $2), ambulance_at = coalesce(ambulance_at, $3),
           doctor_at = coalesce(doctor_at, $4), words_sealed = $5, version = version + 1
     WHERE id = $1
 RETURNING *
"""


async def add(
    conn: Connection,
    emergency_id: UUID,
    *,
    first_aid_at: datetime | None,
    ambulance_at: datetime | None,
    doctor_at: datetime | None,
    words_sealed: bytes | None,
) -> Emergency:
    """Note what else was done; what was noted once stays. The caller holds it."""
    row = await conn.fetchrow(
        ADD, emergency_id, first_aid_at, ambulance_at, doctor_at, words_sealed
    )
    return _one(row)


LOCK_OPEN: Final = """
    SELECT * FROM emergencies WHERE visit_id = $1 AND released_at IS NULL FOR NO KEY UPDATE
"""


async def find_open(conn: Connection, visit_id: UUID) -> Emergency | None:
    """The emergency of a visit that nobody has released yet, held."""
    row = await conn.fetchrow(LOCK_OPEN, visit_id)
    return Emergency(**row) if row else None


BY_VISIT: Final = """
    SELECT DISTINCT ON (visit_id) * FROM emergencies
     WHERE visit_id = ANY ($1::uuid[]) ORDER BY visit_id, id DESC
"""


async def by_visit(conn: Connection, visit_ids: Sequence[UUID]) -> dict[UUID, Emergency]:
    """The last emergency of each of these visits, where there was one."""
    rows = await conn.fetch(BY_VISIT, list(visit_ids)) if visit_ids else []
    return {row["visit_id"]: Emergency(**row) for row in rows}


IS_LOCKED: Final = """
    SELECT EXISTS (SELECT FROM emergencies WHERE visit_id = $1 AND released_at IS NULL)
"""


async def is_locked(conn: Connection, visit_id: UUID) -> bool:
    """Whether the record of a visit waits for its review."""
    return bool(await conn.fetchval(IS_LOCKED, visit_id))


IS_LOCKED_OF_ORDER: Final = """
    SELECT EXISTS (SELECT FROM emergencies WHERE order_id = $1 AND released_at IS NULL)
"""


async def is_locked_of_order(conn: Connection, order_id: UUID) -> bool:
    """Whether one of an order's visits waits for its review."""
    return bool(await conn.fetchval(IS_LOCKED_OF_ORDER, order_id))


IS_LOCKED_OF_PATIENT: Final = """
    SELECT EXISTS (SELECT FROM emergencies e JOIN visits v ON v.id = e.visit_id
                    WHERE v.patient_id = $1 AND e.released_at IS NULL)
"""


async def is_locked_of_patient(conn: Connection, patient_id: UUID) -> bool:
    """Whether a visit to this patient waits for its review."""
    return bool(await conn.fetchval(IS_LOCKED_OF_PATIENT, patient_id))


IS_BUSY: Final = """
    SELECT EXISTS (SELECT FROM emergencies e JOIN visits v ON v.id = e.visit_id
                    WHERE e.nurse_id = $1 AND e.released_at IS NULL
                      AND v.state IN ('en_route', 'arrived', 'in_service'))
"""


async def is_nurse_busy(conn: Connection, nurse_id: UUID) -> bool:
    """Whether a nurse is in the middle of one: she is asked for nothing else."""
    return bool(await conn.fetchval(IS_BUSY, nurse_id))


LIST: Final = """
    SELECT * FROM emergencies
     WHERE ($1 OR released_at IS NULL) AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3
"""


async def list_all(
    conn: Connection, *, released: bool, before: UUID | None, limit: int
) -> list[Emergency]:
    """Emergencies, newest first; with `released` also those that were reviewed."""
    return [Emergency(**row) for row in await conn.fetch(LIST, released, before, limit)]


RELEASE: Final = """
    UPDATE emergencies
       SET released_by = $2, released_at = app_now(), release_sealed = $3, version = version + 1
     WHERE id = $1
 RETURNING *
"""


async def release(
    conn: Connection, emergency_id: UUID, released_by: UUID, release_sealed: bytes
) -> Emergency:
    """A person has reviewed it and says so. The caller holds it."""
    return _one(await conn.fetchrow(RELEASE, emergency_id, released_by, release_sealed))


def _one(row: asyncpg.Record | None) -> Emergency:
    if row is None:
        raise NotFound
    return Emergency(**row)
