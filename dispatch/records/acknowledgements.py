"""The `acknowledgements` table: which document a nurse has read, in which version. Append-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """`sha256` is of the text as it was then."""

    nurse_id: UUID
    slug: str
    version: str
    sha256: str
    acknowledged_at: datetime


INSERT: Final = """
    INSERT INTO acknowledgements (nurse_id, slug, version, sha256)
    VALUES ($1, $2, $3, $4)
        ON CONFLICT (nurse_id, slug, version) DO NOTHING
"""


async def insert(conn: Connection, nurse_id: UUID, slug: str, version: str, sha256: str) -> None:
    """Note that she has read it; the first time stands."""
    await conn.execute(INSERT, nurse_id, slug, version, sha256)


LIST_OF_NURSE: Final = """
    SELECT nurse_id, slug, version, sha256, acknowledged_at FROM acknowledgements
     WHERE nurse_id = $1 ORDER BY acknowledged_at DESC, slug LIMIT 500
"""


async def list_of_nurse(conn: Connection, nurse_id: UUID) -> list[Acknowledgement]:
    """What a nurse has read, latest first."""
    return [Acknowledgement(**row) for row in await conn.fetch(LIST_OF_NURSE, nurse_id)]
