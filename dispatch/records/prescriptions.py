"""The `prescriptions` table: what a doctor has ordered for a patient, until when. Never changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.ids import new_id
from dispatch.records import person_keys
from dispatch.sealing import DataKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a prescription: a drug with how it is given, or a procedure."""

    drug: str | None = None
    dose: str | None = None
    route: str | None = None
    frequency: str | None = None
    procedure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The sealed part: who prescribed what, where."""

    prescriber: str
    institution: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """A row as it stands; `content_sealed` is opened by `open_content`."""

    id: UUID
    patient_id: UUID
    service_codes: list[str]
    content_sealed: bytes
    issued_on: date
    valid_until: date
    created_at: datetime

    def is_valid_on(self, day: date) -> bool:
        """Both days included."""
        return self.issued_on <= day <= self.valid_until


INSERT: Final = """
    INSERT INTO prescriptions (id, patient_id, service_codes, content_sealed, issued_on,
                               valid_until)
    VALUES ($1, $2, $3, $4, $5, $6)
 RETURNING id, patient_id, service_codes, content_sealed, issued_on, valid_until, created_at
"""


async def insert(
    conn: Connection,
    patient_id: UUID,
    content: Content,
    *,
    service_codes: list[str],
    issued_on: date,
    valid_until: date,
) -> Prescription:
    """Keep a prescription, sealed with the patient's key."""
    prescription_id = new_id()
    sealed = await person_keys.seal_json(
        conn, patient_id, "prescriptions", "content_sealed", prescription_id, asdict(content)
    )
    row = await conn.fetchrow(
        INSERT, prescription_id, patient_id, service_codes, sealed, issued_on, valid_until
    )
    if row is None:
        raise NotFound
    return Prescription(**row)


GET: Final = """
    SELECT id, patient_id, service_codes, content_sealed, issued_on, valid_until, created_at
      FROM prescriptions WHERE id = $1
"""


async def get(conn: Connection, prescription_id: UUID) -> Prescription:
    row = await conn.fetchrow(GET, prescription_id)
    if row is None:
        raise NotFound
    return Prescription(**row)


FIND_OF_PATIENT: Final = """
    SELECT id, patient_id, service_codes, content_sealed, issued_on, valid_until, created_at
      FROM prescriptions WHERE id = $1 AND patient_id = $2
"""


async def find_of_patient(
    conn: Connection, patient_id: UUID, prescription_id: UUID
) -> Prescription | None:
    """The prescription if it is this patient's."""
    row = await conn.fetchrow(FIND_OF_PATIENT, prescription_id, patient_id)
    return None if row is None else Prescription(**row)


IS_ORDERED: Final = "SELECT EXISTS (SELECT FROM orders WHERE prescription_id = $1)"


async def is_ordered(conn: Connection, prescription_id: UUID) -> bool:
    """Whether an order that the caller may see was placed with it."""
    return bool(await conn.fetchval(IS_ORDERED, prescription_id))


async def open_content(conn: Connection, prescription: Prescription) -> Content:
    """What was prescribed. Raises KeyDestroyed after erasure."""
    opened = await person_keys.open_json(
        conn,
        prescription.patient_id,
        "prescriptions",
        "content_sealed",
        prescription.id,
        prescription.content_sealed,
    )
    return _content(opened)


def opened(key: DataKey, prescription: Prescription) -> Content:
    """The same with the patient's key in hand."""
    return _content(
        key.open_json(
            "prescriptions", "content_sealed", prescription.id, prescription.content_sealed
        )
    )


def _content(opened: dict[str, Any]) -> Content:
    return Content(
        prescriber=opened["prescriber"],
        institution=opened["institution"],
        items=tuple(Item(**item) for item in opened["items"]),
    )
