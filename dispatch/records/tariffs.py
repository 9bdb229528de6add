"""The `tariffs` table: what things cost from a time on. What was declared is never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import AlreadyRegistered, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTariff:
    """`rules` as `config.tariff` reads them; without an institution they are the platform's."""

    id: UUID
    institution_id: UUID | None
    valid_from: datetime
    rules: dict[str, Any]
    created_by: UUID | None
    created_at: datetime


INSERT: Final = """
    INSERT INTO tariffs (id, institution_id, valid_from, rules, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT tariffs_one_from_a_time DO NOTHING
 RETURNING id
"""


async def insert(conn: Connection, given: DeclaredTariff) -> None:
    """Declare a tariff. Raises `AlreadyRegistered` if one begins at that very time."""
    made = await conn.fetchval(
        INSERT,
        given.id,
        given.institution_id,
        given.valid_from,
        given.rules,
        given.created_by,
        given.created_at,
    )
    if made is None:
        raise AlreadyRegistered(field="valid_from")


GET: Final = "SELECT * FROM tariffs WHERE id = $1"


async def get(conn: Connection, tariff_id: UUID) -> DeclaredTariff:
    row = await conn.fetchrow(GET, tariff_id)
    if row is None:
        raise NotFound
    return _tariff(row)


FIND_IN_FORCE: Final = """
    SELECT * FROM tariffs
     WHERE institution_id IS NOT DISTINCT FROM $1::uuid AND valid_from <= $2
     ORDER BY valid_from DESC
     LIMIT 1
"""


async def find_in_force(
    conn: Connection, institution_id: UUID | None, at: datetime
) -> DeclaredTariff | None:
    """What the institution (or, without one, the platform) had declared for that time."""
    row = await conn.fetchrow(FIND_IN_FORCE, institution_id, at)
    return _tariff(row) if row else None


LIST: Final = """
    SELECT * FROM tariffs
     WHERE ($1::uuid IS NULL OR institution_id = $1 OR institution_id IS NULL)
       AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_all(
    conn: Connection, within: UUID | None, before: UUID | None, limit: int
) -> list[DeclaredTariff]:
    """Declared tariffs, newest first; `within` an institution, its own and the platform's."""
    return [_tariff(row) for row in await conn.fetch(LIST, within, before, limit)]


def _tariff(row: asyncpg.Record) -> DeclaredTariff:
    return DeclaredTariff(**row)
