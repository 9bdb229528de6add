"""The `institutions` table: who employs the nurses, what each offers, which counties it serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg

from config.vocabulary import Title
from dispatch.database import Connection
from dispatch.errors import AlreadyRegistered, NotFound, StaleVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstitution:
    """A hospital or health centre to be registered; its place is WGS-84.

    The `min_…` are what it asks of its nurses above the national floor, tiers by category.
    """

    id: UUID
    code: str
    name: str
    parent_id: UUID | None = None
    county: str
    counties: list[str]
    services: list[str]
    phone: str | None = None
    lat: float
    lng: float
    approved: bool = True
    licence_no: str | None = None
    licence_valid_until: date | None = None
    min_years: int | None = None
    min_title: Title | None = None
    min_tiers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution(NewInstitution):
    """A row of `institutions`."""

    created_at: datetime
    version: int


def institution_of(row: asyncpg.Record) -> Institution:
    """A row of `institutions` as a record."""
    fields = dict(row)
    place = fields.pop("location")
    title = fields.pop("min_title")
    return Institution(
        **fields, lat=place.y, lng=place.x, min_title=None if title is None else Title(title)
    )


INSERT: Final = """
    INSERT INTO institutions (id, code, name, parent_id, county, counties, services, phone,
                              location, approved, licence_no, licence_valid_until, min_years,
                              min_title, min_tiers)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (code) DO NOTHING
 RETURNING id, code, name, parent_id, county, counties, services, phone, location, approved,
           created_at, version, licence_no, licence_valid_until, min_years, min_title, min_tiers
"""


async def insert(conn: Connection, institution: NewInstitution) -> Institution:
    """Register an institution. Raises `AlreadyRegistered` if its code is taken."""
    row = await conn.fetchrow(
        INSERT,
        institution.id,
        institution.code,
        institution.name,
        institution.parent_id,
        institution.county,
        institution.counties,
        institution.services,
        institution.phone,
        asyncpg.Point(institution.lng, institution.lat),
        institution.approved,
        institution.licence_no,
        institution.licence_valid_until,
        institution.min_years,
        institution.min_title,
        institution.min_tiers,
    )
    if row is None:
        raise AlreadyRegistered(field="code")
    return institution_of(row)


FIND: Final = """
    SELECT id, code, name, parent_id, county, counties, services, phone, location, approved,
           created_at, version, licence_no, licence_valid_until, min_years, min_title, min_tiers
      FROM institutions WHERE id = $1
"""


async def find(conn: Connection, institution_id: UUID) -> Institution | None:
    row = await conn.fetchrow(FIND, institution_id)
    return None if row is None else institution_of(row)


async def get(conn: Connection, institution_id: UUID) -> Institution:
    found = await find(conn, institution_id)
    if found is None:
        raise NotFound
    return found


FIND_BY_CODE: Final = """
    SELECT id, code, name, parent_id, county, counties, services, phone, location, approved,
           created_at, version, licence_no, licence_valid_until, min_years, min_title, min_tiers
      FROM institutions WHERE code = $1
"""


async def find_by_code(conn: Connection, code: str) -> Institution | None:
    row = await conn.fetchrow(FIND_BY_CODE, code)
    return None if row is None else institution_of(row)


# The cursor is the last id of the page before: ids are ordered by creation.
LIST_APPROVED: Final = """
    SELECT id, code, name, parent_id, county, counties, services, phone, location, approved,
           created_at, version, licence_no, licence_valid_until, min_years, min_title, min_tiers
      FROM institutions
     WHERE approved AND ($1::uuid IS NULL OR id < $1)
     ORDER BY id DESC
     LIMIT $2
"""


async def list_approved(conn: Connection, before: UUID | None, limit: int) -> list[Institution]:
    """The institutions that patients may be served by, newest first."""
    return [institution_of(row) for row in await conn.fetch(LIST_APPROVED, before, limit)]


LIST_ALL: Final = """
    SELECT id, code, name, parent_id, county, counties, services, phone, location, approved,
           created_at, version, licence_no, licence_valid_until, min_years, min_title, min_tiers
      FROM institutions
     WHERE ($1::uuid IS NULL OR id = $1 OR parent_id = $1) AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_all(
    conn: Connection, within: UUID | None, before: UUID | None, limit: int
) -> list[Institution]:
    """Every institution, newest first; `within` one, only itself and its branches."""
    return [institution_of(row) for row in await conn.fetch(LIST_ALL, within, before, limit)]


IS_OFFERED: Final = """
    SELECT EXISTS (SELECT FROM institutions
                    WHERE approved AND services @> $1::text[] AND counties @> ARRAY[$2::text])
"""


async def is_offered(conn: Connection, service_codes: Sequence[str], county: str) -> bool:
    """Whether one approved institution does all of these services in that county."""
    return bool(await conn.fetchval(IS_OFFERED, list(service_codes), county))


LIST_PLACES: Final = """
    SELECT location FROM institutions
     WHERE approved AND services @> $1::text[] AND counties @> ARRAY[$2::text]
     ORDER BY id
     LIMIT 1000
"""


async def list_places(
    conn: Connection, service_codes: Sequence[str], county: str
) -> list[tuple[float, float]]:
    """Where the approved institutions stand that do all of this in that county: (lat, lng)."""
    rows = await conn.fetch(LIST_PLACES, list(service_codes), county)
    return [(row["location"].y, row["location"].x) for row in rows]


UPDATE: Final = """
    UPDATE institutions
       SET name = $3, parent_id = $4, county = $5, counties = $6, services = $7, phone = $8,
           location = $9, approved = $10, licence_no = $11, licence_valid_until = $12,
           min_years = $13, min_title = $14, min_tiers = $15, version = version + 1
     WHERE id = $1 AND version = $2
 RETURNING id, code, name, parent_id, county, counties, services, phone, location, approved,
           created_at, version, licence_no, licence_valid_until, min_years, min_title, min_tiers
"""


async def update(conn: Connection, institution: Institution) -> Institution:
    """Write everything but the code. Raises `StaleVersion` if the row has moved on.

    What its nurses may be sent for follows from `services` and `counties` and must be derived anew.
    """
    row = await conn.fetchrow(
        UPDATE,
        institution.id,
        institution.version,
        institution.name,
        institution.parent_id,
        institution.county,
        institution.counties,
        institution.services,
        institution.phone,
        asyncpg.Point(institution.lng, institution.lat),
        institution.approved,
        institution.licence_no,
        institution.licence_valid_until,
        institution.min_years,
        institution.min_title,
        institution.min_tiers,
    )
    if row is None:
        raise StaleVersion
    return institution_of(row)
