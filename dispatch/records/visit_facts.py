"""The `visit_facts` table: what the phone said of a visit, with both times. Never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.ids import new_id
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One step as reported: `at` is the phone's time, `taken` whether the lifecycle allowed it.

    `supersedes` is the fact whose place it takes; that one stays as it was said.
    """

    id: UUID
    visit_id: UUID
    step: str
    at: datetime
    received_at: datetime
    taken: bool
    body_sealed: bytes | None
    supersedes: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a phone says to be (WGS-84), and whether its system says that this is made up."""

    at: datetime
    lat: float
    lng: float
    accuracy_m: float | None = None
    is_mocked: bool = False


INSERT: Final = """
    INSERT INTO visit_facts (id, visit_id, step, at, taken, body_sealed, actor_id, supersedes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
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
    supersedes: UUID | None = None,
) -> None:
    """Keep what was reported; places and words in `body` are sealed with the patient's key."""
    fact_id = new_id()
    sealed = await person_keys.seal_json(
        conn, patient_id, "visit_facts", "body_sealed", fact_id, body
    )
    actor_id = conn.caller.account_id
    await conn.execute(INSERT, fact_id, visit_id, step, at, taken, sealed, actor_id, supersedes)


LIST_OF_VISIT: Final = """
    SELECT id, visit_id, step, at, received_at, taken, body_sealed, supersedes FROM visit_facts
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


# Of the last days only, so that it costs the same however long she has worked here.
FIND_LAST_PLACE: Final = """
    SELECT f.id, f.at, f.body_sealed, v.patient_id
      FROM visits v JOIN visit_facts f ON f.visit_id = v.id
     WHERE v.nurse_id = $1
       AND v.planned_start BETWEEN $2::timestamptz - interval '2 days' AND $2 + interval '2 days'
       AND f.step IN ('depart', 'arrive', 'complete') AND f.at <= $2
     ORDER BY f.at DESC, f.received_at DESC
     LIMIT 1
"""


async def find_last_place(conn: Connection, nurse_id: UUID, until: datetime) -> Place | None:
    """Where a nurse said to be with the last step up to a time, of whichever visit."""
    row = await conn.fetchrow(FIND_LAST_PLACE, nurse_id, until)
    if row is None or row["body_sealed"] is None:
        return None
    try:
        body = await person_keys.open_json(
            conn, row["patient_id"], "visit_facts", "body_sealed", row["id"], row["body_sealed"]
        )
    except NotFound:
        return None
    if body.get("lat") is None or body.get("lng") is None:
        return None
    return Place(at=row["at"], lat=body["lat"], lng=body["lng"], accuracy_m=body.get("accuracy_m"))


WAS_REPORTED: Final = """
    SELECT EXISTS (SELECT FROM visit_facts WHERE visit_id = $1 AND step = $2)
"""


async def was_reported(conn: Connection, visit_id: UUID, step: str) -> bool:
    """Whether the phone has ever said that this step was done, taken or not."""
    return bool(await conn.fetchval(WAS_REPORTED, visit_id, step))
