"""The `assessments` and `clearances` tables: what was found of a patient, and how long it holds.

An assessment is never edited. A clearance says that one service needs no new assessment until a
time; there is at most one in force for a patient and service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records import person_keys
from dispatch.records.orders import Order
from dispatch.sealing import DataKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One finding on one order; `version` counts those of the order. Nobody's own (`author_id` is
    None) rests on earlier ones."""

    id: UUID
    order_id: UUID
    version: int = 0
    patient_id: UUID
    service_codes: list[str]
    decision: str
    outcome: str
    conditions: list[str] = field(default_factory=list)
    risk: str | None = None
    has_capacity: bool | None = None
    form_version: str
    form_sealed: bytes | None = None
    author_id: UUID | None = None
    earlier_ids: list[UUID] = field(default_factory=list)
    assessed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """That a service needs no new assessment until `valid_until`, under these conditions."""

    assessment_id: UUID
    service_code: str
    patient_id: UUID
    conditions: list[str]
    valid_until: datetime


INSERT: Final = """
    INSERT INTO assessments (id, order_id, version, patient_id, service_codes, decision, outcome,
                             conditions, risk, has_capacity, form_version, form_sealed, author_id,
                             earlier_ids, assessed_at)
    SELECT $1, $2, 1 + count(*), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
      FROM assessments WHERE order_id = $2
"""


async def insert(conn: Connection, found: Assessment) -> None:
    """Keep a finding as the order's next one. The caller holds the order."""
    await conn.execute(
        INSERT,
        found.id,
        found.order_id,
        found.patient_id,
        found.service_codes,
        found.decision,
        found.outcome,
        found.conditions,
        found.risk,
        found.has_capacity,
        found.form_version,
        found.form_sealed,
        found.author_id,
        found.earlier_ids,
        found.assessed_at,
    )


def seal_form(key: DataKey, assessment_id: UUID, form: Mapping[str, Any]) -> bytes:
    """The words of a finding for `form_sealed`, under the patient's key."""
    return key.seal_json("assessments", "form_sealed", assessment_id, dict(form))


async def open_form(conn: Connection, found: Assessment) -> dict[str, Any]:
    """The words of a finding; none for the clock's. Raises KeyDestroyed after erasure."""
    if found.form_sealed is None:
        return {}
    opened: dict[str, Any] = await person_keys.open_json(
        conn, found.patient_id, "assessments", "form_sealed", found.id, found.form_sealed
    )
    return opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The words of an order's last assessment: its note, and conditions in the assessor's own."""

    note: str | None = None
    conditions: tuple[str, ...] = ()


def seal_words(key: DataKey, order_id: UUID, note: str | None, conditions: Sequence[str]) -> bytes:
    """The words for `orders.assessment_sealed`, under the patient's key."""
    words = {"note": note, "conditions": list(conditions)}
    return key.seal_json("orders", "assessment_sealed", order_id, words)


async def open_words(conn: Connection, order: Order) -> Said:
    """What was said when an order was assessed. Raises KeyDestroyed after erasure."""
    if order.assessment_sealed is None:
        return Said()
    opened = await person_keys.open_json(
        conn, order.patient_id, "orders", "assessment_sealed", order.id, order.assessment_sealed
    )
    if isinstance(opened, dict):
        return Said(note=opened["note"], conditions=tuple(opened["conditions"]))
    # An assessment of an earlier version: its note alone.
    return Said(note=opened)


LIST_OF_ORDER: Final = """
    SELECT id, order_id, version, patient_id, service_codes, decision, outcome, conditions, risk,
           has_capacity, form_version, form_sealed, author_id, earlier_ids, assessed_at
      FROM assessments WHERE order_id = $1 ORDER BY version LIMIT 200
"""


async def list_of_order(conn: Connection, order_id: UUID) -> list[Assessment]:
    """What was found on an order, first to last."""
    return [Assessment(**row) for row in await conn.fetch(LIST_OF_ORDER, order_id)]


CLEAR: Final = """
    INSERT INTO clearances (assessment_id, service_code, patient_id, conditions, valid_until)
    SELECT $1, code, $2, $3, until FROM unnest($4::text[], $5::timestamptz[]) AS c (code, until)
"""


async def clear(conn: Connection, found: Assessment, until: Mapping[str, datetime]) -> None:
    """Let these services be done again on this finding, each until its time.

    What held for any of the finding's services before is void.
    """
    await void(conn, found.patient_id, "replaced", codes=found.service_codes)
    if until:
        await conn.execute(
            CLEAR,
            found.id,
            found.patient_id,
            found.conditions,
            list(until),
            list(until.values()),
        )


LOCK_PATIENT: Final = "SELECT pg_advisory_xact_lock(7354, hashtext($1::uuid::text))"
VOID: Final = """
    UPDATE clearances SET voided_at = app_now(), void_reason = $2
     WHERE patient_id = $1 AND voided_at IS NULL
       AND ($3::text[] IS NULL OR service_code = ANY ($3))
"""


async def void(
    conn: Connection, patient_id: UUID, reason: str, *, codes: Sequence[str] | None = None
) -> None:
    """Ask for a new assessment from now on, of these services or of all; `reason` is a code.

    What is found of a patient meanwhile waits: of two findings the later holds.
    """
    await conn.execute(LOCK_PATIENT, patient_id)
    await conn.execute(VOID, patient_id, reason, None if codes is None else list(codes))


LIST_IN_FORCE: Final = """
    SELECT assessment_id, service_code, patient_id, conditions, valid_until
      FROM clearances
     WHERE patient_id = ANY ($1::uuid[]) AND voided_at IS NULL AND valid_until > app_now()
     ORDER BY patient_id, service_code
"""


async def list_in_force(conn: Connection, patient_ids: Collection[UUID]) -> list[Clearance]:
    """What needs no new assessment for these patients now: at most one for each service."""
    return [Clearance(**row) for row in await conn.fetch(LIST_IN_FORCE, list(set(patient_ids)))]
