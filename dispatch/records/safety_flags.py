"""The `safety_flags` table: what endangers nurses at a patient or an address, and who decided so.

`transitions` writes its state. What stands is repeated on patient and address, where it is read
with the place (`set_conditions`).
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
from dispatch.lifecycles import FlagState

KINDS: Final = ("violence", "threat", "harassment", "weapon", "animal", "unsafe_place", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyFlag:
    """`address_id` None: of the patient, wherever. `due_at` is when a person should have decided,
    or when it ends by itself."""

    id: UUID
    patient_id: UUID
    address_id: UUID | None
    visit_id: UUID | None
    state: FlagState = FlagState.PROPOSED
    kind: str
    conditions: list[str]
    evidence: list[UUID]
    words_sealed: bytes
    proposed_by: UUID
    decided_by: UUID | None = None
    appeal_sealed: bytes | None = None
    due_at: datetime | None
    valid_until: datetime | None = None
    created_at: datetime
    version: int = 1


def flag_of(row: asyncpg.Record) -> SafetyFlag:
    """A row of `safety_flags` as a record."""
    return SafetyFlag(**{**row, "state": FlagState(row["state"])})


INSERT: Final = """
    WITH proposed AS (
        INSERT INTO safety_flags (id, patient_id, address_id, visit_id, state, kind, conditions,
                                  evidence, words_sealed, proposed_by, due_at, created_at)
        VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9, $10, $11)
        RETURNING id, version
    )
    INSERT INTO history (subject, subject_id, version, move, to_state, actor_role, actor_id,
                         request_id)
    SELECT 'flag', id, version, 'propose', 'proposed', $12, $13, $14 FROM proposed
"""


async def insert(conn: Connection, flag: SafetyFlag) -> None:
    """Propose a flag: its row and the first line of its history, in one statement."""
    await conn.execute(
        INSERT,
        flag.id,
        flag.patient_id,
        flag.address_id,
        flag.visit_id,
        flag.kind,
        flag.conditions,
        flag.evidence,
        flag.words_sealed,
        flag.proposed_by,
        flag.due_at,
        flag.created_at,
        conn.role.value,
        conn.caller.account_id,
        conn.caller.request_id,
    )


GET: Final = "SELECT * FROM safety_flags WHERE id = $1"


async def get(conn: Connection, flag_id: UUID) -> SafetyFlag:
    row = await conn.fetchrow(GET, flag_id)
    if row is None:
        raise NotFound
    return flag_of(row)


LOCK: Final = "SELECT * FROM safety_flags WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, flag_id: UUID) -> SafetyFlag:
    """Like `get`, held to the end of the transaction. Orders that it binds are locked after it."""
    row = await conn.fetchrow(LOCK, flag_id)
    if row is None:
        raise NotFound
    return flag_of(row)


LIST: Final = """
    SELECT * FROM safety_flags
     WHERE ($1::flag_state IS NULL OR state = $1)
       AND ($2::uuid IS NULL OR patient_id = $2)
       AND ($3::uuid IS NULL OR id < $3)
     ORDER BY id DESC
     LIMIT $4
"""


async def list_all(
    conn: Connection,
    *,
    state: str | None = None,
    patient_id: UUID | None = None,
    before: UUID | None,
    limit: int,
) -> list[SafetyFlag]:
    """The flags that the caller may see, newest first."""
    return [flag_of(r) for r in await conn.fetch(LIST, state, patient_id, before, limit)]


IN_FORCE: Final = """
    SELECT v.id AS visit_id, f.kind, f.conditions, f.address_id IS NOT NULL AS of_address
      FROM visits v
      JOIN orders o ON o.id = v.order_id
      JOIN safety_flags f ON f.patient_id = v.patient_id
                         AND (f.address_id IS NULL OR f.address_id = o.address_id)
     WHERE v.id = ANY ($1::uuid[]) AND f.state IN ('confirmed', 'appealed')
     ORDER BY f.id
     LIMIT 2000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What whoever goes on a visit must know of it."""

    kind: str
    conditions: list[str]
    of_address: bool


async def in_force_by_visit(
    conn: Connection, visit_ids: Sequence[UUID]
) -> dict[UUID, list[InForce]]:
    """What stands against each of these visits, oldest first; visits with nothing are left out."""
    found: dict[UUID, list[InForce]] = {}
    for row in await conn.fetch(IN_FORCE, list(visit_ids)) if visit_ids else []:
        fields = dict(row)
        found.setdefault(fields.pop("visit_id"), []).append(InForce(**fields))
    return found


LIST_FORBIDDING: Final = """
    SELECT DISTINCT kind FROM safety_flags
     WHERE patient_id = $1 AND (address_id IS NULL OR address_id = $2)
       AND state IN ('confirmed', 'appealed') AND 'no_visits' = ANY (conditions)
     ORDER BY kind
"""


async def list_forbidding(conn: Connection, patient_id: UUID, address_id: UUID) -> list[str]:
    """The kinds of what stands against any further visit to this patient at this address."""
    rows = await conn.fetch(LIST_FORBIDDING, patient_id, address_id)
    return [row["kind"] for row in rows]


SET_OF_PATIENT: Final = """
    UPDATE patients
       SET flag_conditions = ARRAY(
           SELECT DISTINCT unnest(f.conditions) FROM safety_flags f
            WHERE f.patient_id = $1 AND f.address_id IS NULL
              AND f.state IN ('confirmed', 'appealed') ORDER BY 1)
     WHERE id = $1
"""
SET_OF_ADDRESS: Final = """
    UPDATE addresses
       SET flag_conditions = ARRAY(
           SELECT DISTINCT unnest(f.conditions) FROM safety_flags f
            WHERE f.patient_id = $1 AND f.address_id = $2
              AND f.state IN ('confirmed', 'appealed') ORDER BY 1)
     WHERE id = $2
"""


async def set_conditions(conn: Connection, flag: SafetyFlag) -> None:
    """Write anew what the flags that stand ask of every visit to this patient, or to this place."""
    if flag.address_id is None:
        await conn.execute(SET_OF_PATIENT, flag.patient_id)
    else:
        await conn.execute(SET_OF_ADDRESS, flag.patient_id, flag.address_id)


LIST_BOUND_ORDERS: Final = """
    SELECT id FROM orders
     WHERE patient_id = $1 AND ($2::uuid IS NULL OR address_id = $2)
       AND state IN ('open', 'held', 'assigned')
     ORDER BY id LIMIT 200
"""


async def list_bound_orders(conn: Connection, flag: SafetyFlag) -> list[UUID]:
    """The orders for which nurses are looked for or found, and which a flag binds; not held."""
    rows = await conn.fetch(LIST_BOUND_ORDERS, flag.patient_id, flag.address_id)
    return [row["id"] for row in rows]


# The sweep finds a flag without holding it; the act holds it and looks again.
FIND_DUE: Final = """
    SELECT id FROM safety_flags WHERE due_at <= app_now() ORDER BY due_at LIMIT $1
"""


async def list_due(conn: Connection, limit: int) -> list[UUID]:
    """Flags that end, or that nobody has decided in time, oldest deadline first; not held."""
    return [row["id"] for row in await conn.fetch(FIND_DUE, limit)]


SET_DUE: Final = "UPDATE safety_flags SET due_at = $2 WHERE id = $1"


async def set_due(conn: Connection, flag_id: UUID, due_at: datetime) -> None:
    """Look again then. The caller holds the flag."""
    await conn.execute(SET_DUE, flag_id, due_at)
