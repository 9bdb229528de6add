"""The `alarms` table: whether a person has taken it up. State is written by `transitions`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import AlarmState


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A call for a person; until one acknowledges it, it climbs a ladder (`next_step_at`).

    One that was acknowledged and is not resolved by then falls back to everybody.
    """

    id: UUID
    kind: str
    level: int = 1
    state: AlarmState = AlarmState.RAISED
    visit_id: UUID | None = None
    order_id: UUID | None = None
    person_id: UUID | None = None
    raised_by: UUID | None = None
    payload_sealed: bytes | None = None
    raised_at: datetime
    step: int = 0
    next_step_at: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    version: int = 1


def alarm_of(row: asyncpg.Record) -> Alarm:
    """A row of `alarms` as a record."""
    return Alarm(**{**row, "state": AlarmState(row["state"])})


INSERT: Final = """
    WITH rung AS (
        INSERT INTO alarms (id, kind, level, state, visit_id, order_id, person_id, raised_by,
                            payload_sealed, raised_at, next_step_at)
        VALUES ($1, $2, $3, 'raised', $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (visit_id, kind) WHERE state <> 'resolved' DO NOTHING
        RETURNING id, order_id, version
    )
    INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role,
                         actor_id, request_id)
    SELECT 'alarm', id, order_id, version, 'raise', 'raised', $11, $12, $13 FROM rung
    RETURNING 1
"""


async def insert(conn: Connection, alarm: Alarm) -> bool:
    """Raise an alarm and tell history; false if the visit has an open one of this kind."""
    return bool(
        await conn.fetchval(
            INSERT,
            alarm.id,
            alarm.kind,
            alarm.level,
            alarm.visit_id,
            alarm.order_id,
            alarm.person_id,
            alarm.raised_by,
            alarm.payload_sealed,
            alarm.raised_at,
            alarm.next_step_at,
            conn.role.value,
            conn.caller.account_id,
            conn.caller.request_id,
        )
    )


GET: Final = "SELECT * FROM alarms WHERE id = $1"


async def get(conn: Connection, alarm_id: UUID) -> Alarm:
    row = await conn.fetchrow(GET, alarm_id)
    if row is None:
        raise NotFound
    return alarm_of(row)


LOCK: Final = "SELECT * FROM alarms WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, alarm_id: UUID) -> Alarm:
    """Like `get`, held to the end of the transaction."""
    row = await conn.fetchrow(LOCK, alarm_id)
    if row is None:
        raise NotFound
    return alarm_of(row)


LOCK_OPEN: Final = """
    SELECT * FROM alarms WHERE visit_id = $1 AND kind = $2 AND state <> 'resolved' FOR NO KEY UPDATE
"""


async def find_open(conn: Connection, visit_id: UUID, kind: str) -> Alarm | None:
    """The visit's open alarm of a kind, held; there is at most one."""
    row = await conn.fetchrow(LOCK_OPEN, visit_id, kind)
    return alarm_of(row) if row else None


HAD: Final = "SELECT EXISTS (SELECT FROM alarms WHERE visit_id = $1 AND kind = $2)"


async def had(conn: Connection, visit_id: UUID, kind: str) -> bool:
    """Whether the visit has ever raised an alarm of this kind."""
    return bool(await conn.fetchval(HAD, visit_id, kind))


LOCK_KIND: Final = "SELECT pg_advisory_xact_lock(7352, hashtext($1))"
NONE_OPEN: Final = """
    SELECT NOT EXISTS (
        SELECT FROM alarms WHERE kind = $1 AND visit_id IS NULL AND state <> 'resolved')
"""


async def lock_kind(conn: Connection, kind: str) -> bool:
    """Whether an alarm of no visit may be raised: none of its kind is open, nor can be till we end.

    The unique index does not help here, since it takes no two missing visits for the same.
    """
    await conn.execute(LOCK_KIND, kind)
    return bool(await conn.fetchval(NONE_OPEN, kind))


LIST: Final = """
    SELECT * FROM alarms
     WHERE ($1::alarm_state IS NULL OR state = $1)
       AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_all(
    conn: Connection, *, state: str | None, before: UUID | None, limit: int
) -> list[Alarm]:
    """Alarms, newest first."""
    return [alarm_of(r) for r in await conn.fetch(LIST, state, before, limit)]


LIST_OPEN: Final = """
    SELECT * FROM alarms WHERE state <> 'resolved' ORDER BY state, level DESC, raised_at LIMIT $1
"""


async def list_open(conn: Connection, limit: int) -> list[Alarm]:
    """Alarms that wait for a person, unacknowledged ones first, highest level first."""
    return [alarm_of(r) for r in await conn.fetch(LIST_OPEN, limit)]


class Scene(NamedTuple):
    """Who is in the home of a visit, or on her way there, and for what."""

    nurse_id: UUID
    staff_no: int
    name: str
    service_codes: list[str]
    county: str


LIST_SCENES: Final = """
    SELECT v.id, n.id, n.staff_no, n.name, o.service_codes, o.county
      FROM visits v
      JOIN nurses n ON n.id = v.nurse_id
      JOIN orders o ON o.id = v.order_id
     WHERE v.id = ANY ($1::uuid[])
"""


async def list_scenes(conn: Connection, given: Iterable[Alarm]) -> dict[UUID, Scene]:
    """Where these alarms ring, by visit; those of no visit are left out."""
    visit_ids = [alarm.visit_id for alarm in given if alarm.visit_id is not None]
    rows = await conn.fetch(LIST_SCENES, visit_ids) if visit_ids else []
    return {row[0]: Scene(*row[1:]) for row in rows}


CLAIM_STEP_DUE: Final = """
    SELECT * FROM alarms
     WHERE state <> 'resolved' AND next_step_at <= app_now()
     ORDER BY next_step_at
     LIMIT $1
       FOR NO KEY UPDATE SKIP LOCKED
"""


async def claim_step_due(conn: Connection, limit: int) -> list[Alarm]:
    """Hold up to `limit` alarms whose next rung is due, oldest first; locked ones are skipped."""
    return [alarm_of(r) for r in await conn.fetch(CLAIM_STEP_DUE, limit)]


SET_STEP: Final = (
    "UPDATE alarms SET step = $2, next_step_at = $3 WHERE id = $1 AND state = 'raised'"
)


async def set_step(conn: Connection, alarm_id: UUID, step: int, next_step_at: datetime) -> None:
    """Note the rung that was climbed and when the next is due."""
    await conn.execute(SET_STEP, alarm_id, step, next_step_at)
