"""The `visit_facts` table: what the phone said of a visit, with both times. Never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One step as reported: `at` is the phone's time, `taken` whether the lifecycle allowed it."""

    id: UUID
    visit_id: UUID
    step: str
    at: datetime
    received_at: datetime
    taken: bool
    body_sealed: bytes | None


INSERT: Final = """
    INSERT INTO visit_facts (id, visit_id, step, at, taken, body_sealed, actor_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def insert(
    conn: Connection,
    visit_id: UUID,
    patient_id: UUID,
    step: str,
    at: datetime,
    *,
    taken: bool,
    body: dict[str, Any],
) -> None:
    """Keep what was reported; places and words in `body` are sealed with the patient's key."""
    fact_id = new_id()
    sealed = await person_keys.seal_json(
        conn, patient_id, "visit_facts", "body_sealed", fact_id, body
    )
    await conn.execute(INSERT, fact_id, visit_id, step, at, taken, sealed, conn.caller.account_id)


LIST_OF_VISIT: Final = """
    SELECT id, visit_id, step, at, received_at, taken, body_sealed FROM visit_facts
     WHERE visit_id = $1 ORDER BY received_at, id LIMIT 200
"""


async def list_of_visit(conn: Connection, visit_id: UUID) -> list[Fact]:
    """What was reported of a visit, in the order it came in."""
    return [Fact(**row) for row in await conn.fetch(LIST_OF_VISIT, visit_id)]


async def open_bodies(
    conn: Connection, patient_id: UUID, given: Sequence[Fact]
) -> dict[UUID, dict[str, Any]]:
    """What was reported with these steps of one patient's visit; nothing after erasure."""
    key = (await person_keys.load(conn, [patient_id])).get(patient_id)
    return {
        fact.id: key.open_json("visit_facts", "body_sealed", fact.id, fact.body_sealed)
        for fact in given
        if key is not None and fact.body_sealed is not None
    }


WAS_REPORTED: Final = """
    SELECT EXISTS (SELECT FROM visit_facts WHERE visit_id = $1 AND step = $2)
"""


async def was_reported(conn: Connection, visit_id: UUID, step: str) -> bool:
    """Whether the phone has ever said that this step was done, taken or not."""
    return bool(await conn.fetchval(WAS_REPORTED, visit_id, step))
