"""The `coverages` table: who pays for a patient besides herself, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A plan of `config/payers.toml` that holds for a patient; its number is sealed."""

    id: UUID
    patient_id: UUID
    plan: str
    payer: str
    valid_from: date
    valid_until: date | None = None
    daily_fen: int | None = None
    reference_sealed: bytes | None = None
    created_by: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A coverage and what was taken of it in a month, one bill left out."""

    coverage: Coverage
    used_fen: int


INSERT: Final = """
    INSERT INTO coverages (id, patient_id, plan, payer, valid_from, valid_until, daily_fen,
                           reference_sealed, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def insert(conn: Connection, given: Coverage) -> None:
    await conn.execute(
        INSERT,
        given.id,
        given.patient_id,
        given.plan,
        given.payer,
        given.valid_from,
        given.valid_until,
        given.daily_fen,
        given.reference_sealed,
        given.created_by,
        given.created_at,
    )


async def seal_reference(
    conn: Connection, patient_id: UUID, coverage_id: UUID, reference: str
) -> bytes:
    """The payer's number for this coverage, under the patient's key."""
    return await person_keys.seal_json(
        conn, patient_id, "coverages", "reference_sealed", coverage_id, reference
    )


LIST_OF_PATIENT: Final = """
    SELECT * FROM coverages WHERE patient_id = $1 ORDER BY valid_from DESC, id DESC LIMIT 100
"""


async def list_of_patient(conn: Connection, patient_id: UUID) -> list[Coverage]:
    """All coverages of a patient, the latest first."""
    return [Coverage(**row) for row in await conn.fetch(LIST_OF_PATIENT, patient_id)]


LIST_USED: Final = """
    SELECT c.*,
           (SELECT coalesce(sum(l.amount_fen), 0)::bigint
              FROM payer_lines l JOIN bills b ON b.id = l.bill_id
             WHERE l.coverage_id = c.id
               AND date_trunc('month', b.serviced_on::timestamp)
                   = date_trunc('month', $2::date::timestamp)
               AND b.id IS DISTINCT FROM $3::uuid) AS used_fen
      FROM coverages c
     WHERE c.patient_id = $1
     ORDER BY c.valid_from, c.id
     LIMIT 100
"""


async def list_used(
    conn: Connection, patient_id: UUID, on: date, but_bill_id: UUID | None = None
) -> list[Used]:
    """A patient's coverages, the oldest first, with what other bills took in the month of a day."""
    found = []
    for row in await conn.fetch(LIST_USED, patient_id, on, but_bill_id):
        fields = dict(row)
        used_fen = fields.pop("used_fen")
        found.append(Used(coverage=Coverage(**fields), used_fen=used_fen))
    return found


END: Final = """
    UPDATE coverages SET valid_until = $3
     WHERE id = $1 AND patient_id = $2 AND valid_from <= $3
       AND (valid_until IS NULL OR valid_until > $3)
 RETURNING *
"""


async def end(conn: Connection, patient_id: UUID, coverage_id: UUID, on: date) -> Coverage:
    """Let a coverage end with a day before it would have. Raises `NotFound` if it cannot."""
    row = await conn.fetchrow(END, coverage_id, patient_id, on)
    if row is None:
        raise NotFound
    return Coverage(**row)
