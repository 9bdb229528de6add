"""The `cases` table: what a person must see to after a visit. `transitions` writes its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from config.cases import CaseKind
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import CaseState
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An adverse event, a complaint, a follow-up. What was said is sealed with the patient's key.

    `due_at` is by when a person must have taken the next step; `escalate_at` when it climbs.
    While `held_services` are not lifted its nurse is sent for none of them.
    """

    id: UUID
    kind: CaseKind
    topic: str
    severity: str | None = None
    state: CaseState = CaseState.WAITING
    order_id: UUID
    visit_id: UUID | None = None
    account_id: UUID
    patient_id: UUID
    nurse_id: UUID | None = None
    institution_id: UUID | None = None
    opened_by: UUID | None = None
    content_sealed: bytes | None = None
    held_services: list[str] = field(default_factory=list)
    hold_lifted_at: datetime | None = None
    ask_at: datetime | None = None
    due_at: datetime
    escalate_at: datetime | None = None
    level: int = 1
    outcome: str | None = None
    opened_at: datetime
    settled_at: datetime | None = None
    version: int = 1

    @property
    def is_holding(self) -> bool:
        return bool(self.held_services) and self.hold_lifted_at is None


def case_of(row: asyncpg.Record) -> Case:
    """A row of `cases` as a record."""
    return Case(**{**row, "kind": CaseKind(row["kind"]), "state": CaseState(row["state"])})


INSERT: Final = """
    WITH opened AS (
        INSERT INTO cases (id, kind, topic, severity, state, order_id, visit_id, account_id,
                           patient_id, nurse_id, institution_id, opened_by, content_sealed,
                           held_services, ask_at, due_at, escalate_at, opened_at)
        VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15,
                $16)
            ON CONFLICT (order_id) WHERE kind = 'follow_up' DO NOTHING
        RETURNING id, version
    )
    INSERT INTO history (subject, subject_id, version, move, to_state, actor_role, actor_id,
                         request_id)
    SELECT 'case', id, version, 'open', 'waiting', $17, $18, $19 FROM opened
"""


async def insert(conn: Connection, case: Case) -> None:
    """Open a case with the first line of its history. An order has one follow-up, and keeps it."""
    await conn.execute(
        INSERT,
        case.id,
        case.kind.value,
        case.topic,
        case.severity,
        case.order_id,
        case.visit_id,
        case.account_id,
        case.patient_id,
        case.nurse_id,
        case.institution_id,
        case.opened_by,
        case.content_sealed,
        case.held_services,
        case.ask_at,
        case.due_at,
        case.opened_at,
        conn.role.value,
        conn.caller.account_id,
        conn.caller.request_id,
    )


GET: Final = "SELECT * FROM cases WHERE id = $1"


async def get(conn: Connection, case_id: UUID) -> Case:
    row = await conn.fetchrow(GET, case_id)
    if row is None:
        raise NotFound
    return case_of(row)


LOCK: Final = "SELECT * FROM cases WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, case_id: UUID) -> Case:
    """Like `get`, held to the end of the transaction."""
    row = await conn.fetchrow(LOCK, case_id)
    if row is None:
        raise NotFound
    return case_of(row)


COUNT_OPEN: Final = """
    SELECT count(*) FROM cases
     WHERE order_id = $1 AND kind = $2 AND opened_by = $3 AND state <> 'settled'
"""


async def count_open(conn: Connection, order_id: UUID, kind: str, account_id: UUID | None) -> int:
    """How many unsettled cases of a kind somebody has opened on an order."""
    return int(await conn.fetchval(COUNT_OPEN, order_id, kind, account_id))


# What concerns a patient's account, and what a nurse has reported: never what others said of her.
LIST_OWN: Final = """
    SELECT * FROM cases
     WHERE (opened_by = $1 OR (account_id = $1 AND kind <> 'adverse_event'))
       AND ($2::text IS NULL OR kind = $2)
       AND ($3::uuid IS NULL OR id < $3)
     ORDER BY id DESC
     LIMIT $4
"""


async def list_own(
    conn: Connection, account_id: UUID | None, *, kind: str | None, before: UUID | None, limit: int
) -> list[Case]:
    """The cases that an account may follow, newest first."""
    return [case_of(r) for r in await conn.fetch(LIST_OWN, account_id, kind, before, limit)]


LIST_QUEUE: Final = """
    SELECT * FROM cases
     WHERE state <> 'settled'
       AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR severity = $2)
       AND (NOT $3 OR due_at <= app_now())
       AND ($4::timestamptz IS NULL OR (due_at, id) > ($4, $5::uuid))
     ORDER BY due_at, id
     LIMIT $6
"""
LIST_SETTLED: Final = """
    SELECT * FROM cases
     WHERE state = 'settled'
       AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR severity = $2)
       AND ($3::uuid IS NULL OR id < $3)
     ORDER BY id DESC
     LIMIT $4
"""


async def list_queue(
    conn: Connection,
    *,
    kind: str | None,
    severity: str | None,
    late: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Case]:
    """What waits for a person, soonest due first; with `late` only what should be done."""
    at, case_id = after or (None, None)
    rows = await conn.fetch(LIST_QUEUE, kind, severity, late, at, case_id, limit)
    return [case_of(row) for row in rows]


async def list_settled(
    conn: Connection, *, kind: str | None, severity: str | None, before: UUID | None, limit: int
) -> list[Case]:
    """What is done with, newest first."""
    rows = await conn.fetch(LIST_SETTLED, kind, severity, before, limit)
    return [case_of(row) for row in rows]


SET_CONTENT: Final = """
    UPDATE cases SET content_sealed = $2, version = version + 1 WHERE id = $1 RETURNING *
"""


async def put_content(conn: Connection, case: Case, content: dict[str, Any]) -> Case:
    """Write anew what was said of a case. The caller holds it."""
    row = await conn.fetchrow(SET_CONTENT, case.id, await seal(conn, case, content))
    if row is None:
        raise NotFound
    return case_of(row)


async def seal(conn: Connection, case: Case, content: dict[str, Any]) -> bytes:
    """What was said of a case, sealed for its row."""
    return await person_keys.seal_json(
        conn, case.patient_id, "cases", "content_sealed", case.id, content
    )


async def open_contents(conn: Connection, given: Sequence[Case]) -> dict[UUID, dict[str, Any]]:
    """What was said of these cases, by case; nothing of people who were erased."""
    keys = await person_keys.load(conn, [case.patient_id for case in given])
    return {
        case.id: keys[case.patient_id].open_json(
            "cases", "content_sealed", case.id, case.content_sealed
        )
        for case in given
        if case.content_sealed is not None and case.patient_id in keys
    }


LIFT_HOLD: Final = """
    UPDATE cases SET hold_lifted_at = app_now(), version = version + 1
     WHERE id = $1 AND held_services <> '{}' AND hold_lifted_at IS NULL
 RETURNING *
"""


async def lift_hold(conn: Connection, case_id: UUID) -> Case | None:
    """Let the nurse be sent again; None if nothing is held. The caller holds the case."""
    row = await conn.fetchrow(LIFT_HOLD, case_id)
    return case_of(row) if row else None


LIST_ESCALATE_DUE: Final = """
    SELECT id FROM cases WHERE escalate_at <= app_now() ORDER BY escalate_at LIMIT $1
"""


async def list_escalate_due(conn: Connection, limit: int) -> list[UUID]:
    """Cases that nobody has seen to in time, longest due first; not held."""
    return [row["id"] for row in await conn.fetch(LIST_ESCALATE_DUE, limit)]


CLAIM_ASK_DUE: Final = """
    UPDATE cases c SET ask_at = NULL
      FROM (SELECT id FROM cases
             WHERE ask_at <= app_now()
             ORDER BY ask_at
             LIMIT $1
               FOR NO KEY UPDATE SKIP LOCKED) AS due
     WHERE c.id = due.id
 RETURNING c.*
"""


async def claim_ask_due(conn: Connection, limit: int) -> list[Case]:
    """Take up to `limit` follow-ups whose patient is to be asked, each once; locked are skipped."""
    return [case_of(row) for row in await conn.fetch(CLAIM_ASK_DUE, limit)]
