"""The `consents` table: what was agreed to for a patient and withdrawn again. Never changed.

What was agreed to with an order stands with the order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records import person_keys
from dispatch.sealing import DataKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger. `words_sealed` are the signer's name and the reason."""

    id: UUID
    patient_id: UUID
    account_id: UUID | None
    act: str
    purpose: str
    version: str | None = None
    language: str | None = None
    text_sha256: str | None = None
    relation: str
    authority: str | None = None
    channel: str | None = None
    words_sealed: bytes | None = None
    accepted_at: datetime
    recorded_at: datetime


INSERT: Final = """
    INSERT INTO consents (id, patient_id, account_id, act, purpose, version, language, text_sha256,
                          relation, authority, channel, words_sealed, accepted_at, recorded_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""


async def insert(conn: Connection, entry: Entry) -> None:
    """Write one line. The caller holds the patient."""
    await conn.execute(
        INSERT,
        entry.id,
        entry.patient_id,
        entry.account_id,
        entry.act,
        entry.purpose,
        entry.version,
        entry.language,
        entry.text_sha256,
        entry.relation,
        entry.authority,
        entry.channel,
        entry.words_sealed,
        entry.accepted_at,
        entry.recorded_at,
    )


# The cursor is the last id of the page before: ids are ordered by creation.
LIST_OF_PATIENT: Final = """
    SELECT id, patient_id, account_id, act, purpose, version, language, text_sha256, relation,
           authority, channel, words_sealed, accepted_at, recorded_at
      FROM consents
     WHERE patient_id = $1 AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_of_patient(
    conn: Connection, patient_id: UUID, before: UUID | None, limit: int
) -> list[Entry]:
    """A patient's ledger, newest first."""
    rows = await conn.fetch(LIST_OF_PATIENT, patient_id, before, limit)
    return [Entry(**row) for row in rows]


WERE_WITHDRAWN: Final = """
    SELECT 'withdrawn' IN (SELECT DISTINCT ON (purpose) act
                             FROM consents
                            WHERE patient_id = $1 AND purpose = ANY($2) AND recorded_at <= $3
                            ORDER BY purpose, id DESC)
"""


async def were_withdrawn(
    conn: Connection, patient_id: UUID, purposes: Collection[str], by: datetime
) -> bool:
    """Whether the last word on any of these by that time was that it is withdrawn."""
    return bool(await conn.fetchval(WERE_WITHDRAWN, patient_id, list(purposes), by))


def seal_words(key: DataKey, entry_id: UUID, signer: str | None, reason: str | None) -> bytes:
    """Who signed and why, under the patient's key."""
    return key.seal_json("consents", "words_sealed", entry_id, {"signer": signer, "reason": reason})


async def open_words(conn: Connection, given: Sequence[Entry]) -> dict[UUID, dict[str, Any]]:
    """Signer and reason of these entries, by id; of patients who were erased nothing."""
    keys = await person_keys.load(conn, [entry.patient_id for entry in given])
    return {
        entry.id: keys[entry.patient_id].open_json(
            "consents", "words_sealed", entry.id, entry.words_sealed
        )
        for entry in given
        if entry.words_sealed is not None and entry.patient_id in keys
    }
