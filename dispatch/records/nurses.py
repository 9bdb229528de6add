"""The `nurses` table and `nurse_points`: who they are, what they may be sent for, and from where.

The narrow `nurse_points` is what candidates are found by; it follows from the nurse, her
institution and her phone, and is written together with them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg

from config import geometry
from config.catalogue import Catalogue
from config.vocabulary import Title
from dispatch.database import Connection
from dispatch.errors import NotFound, StaleVersion
from dispatch.records.institutions import Institution

# A dispatch point that moves less is not written: the index stays small while phones wander.
STILL_M: Final = 30

REGISTERED: Final = "registered"
TO_VERIFY: Final = "to_verify"


class NurseState(StrEnum):
    """Whether she can be sent; derived, the first that holds."""

    SUSPENDED = "suspended"
    NOT_ADMITTED = "not_admitted"
    UNAVAILABLE = "unavailable"
    AVAILABLE = "available"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nurse:
    """A registered nurse. `specialties` are those she holds, not what they imply.

    `insurances` hold number and end of each kind that was told by itself (config.vocabulary);
    `insurance_valid_until` is the earliest of all three.
    """

    id: UUID
    staff_no: int
    institution_id: UUID
    name: str
    gender: str
    title: Title
    tier: int
    first_practised_on: date
    specialties: list[str]
    languages: list[str]
    registration_no: str | None = None
    certificate_valid_until: date
    insurance_valid_until: date
    admitted: bool = False
    suspended_at: datetime | None = None
    suspension_reason: str | None = None
    available: bool = False
    radius_m: int
    quiet_from: time | None = None
    quiet_until: time | None = None
    rating: float | None = None
    ratings: int = 0
    photo_url: str | None = None
    created_at: datetime
    version: int = 1
    insurances: dict[str, Any] = field(default_factory=dict)
    registration_state: str = REGISTERED
    register_state: str = "unchecked"
    register_checked_at: datetime | None = None
    register_valid_until: datetime | None = None
    register_due_at: datetime | None = None

    @property
    def state(self) -> NurseState:
        if self.suspended_at is not None:
            return NurseState.SUSPENDED
        if not self.admitted:
            return NurseState.NOT_ADMITTED
        return NurseState.AVAILABLE if self.available else NurseState.UNAVAILABLE

    @property
    def on_call(self) -> bool:
        """Whether waves consider her at all."""
        return self.state is NurseState.AVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where a nurse is sent from (WGS-84, rounded to 100 m), and the codes she is found by."""

    nurse_id: UUID
    lat: float
    lng: float
    skills: list[int]
    on_call: bool
    located_at: datetime


def nurse_of(row: asyncpg.Record | dict[str, Any]) -> Nurse:
    """A row of `nurses` as a record."""
    rating = row["rating"]
    return Nurse(
        **{
            **row,
            "title": Title(row["title"]),
            "rating": None if rating is None else float(rating),
        }
    )


def point_of(row: asyncpg.Record) -> Point:
    """A row of `nurse_points` as a record."""
    fields = dict(row)
    pos = fields.pop("pos")
    lat, lng = geometry.JINHUA.locate(pos.x, pos.y)
    # The centre of a cell at the edge of the world lies beyond it.
    return Point(**fields, lat=max(-90.0, min(lat, 90.0)), lng=max(-180.0, min(lng, 180.0)))


def skill_codes(catalogue: Catalogue, nurse: Nurse, institution: Institution) -> list[int]:
    """The numbers of the services that she may do for her institution, and its counties' codes.

    An institution that is not approved lends her none, nor one that asks for a higher title.
    """
    least = institution.min_title
    if not institution.approved or (least is not None and nurse.title.rank < least.rank):
        return []
    offered = set(institution.services)
    numbers = [
        service.number
        for service in catalogue.within_reach(nurse.specialties, nurse.tier, nurse.title)
        if service.code in offered and nurse.tier >= institution.min_tiers.get(service.category, 0)
    ]
    return numbers + sorted(int(code) for code in institution.counties)


def snapped(lat: float, lng: float) -> asyncpg.Point:
    """A place on the local plane, rounded to the grid of dispatch points."""
    cell = geometry.JINHUA.snap(lat, lng, geometry.DISPATCH_POINT_M)
    x_m, y_m = geometry.JINHUA.project(*cell)
    return asyncpg.Point(round(x_m), round(y_m))


INSERT: Final = """
    INSERT INTO nurses (id, staff_no, institution_id, name, gender, title, tier, first_practised_on,
                        specialties, languages, registration_no, certificate_valid_until,
                        insurance_valid_until, admitted, suspended_at, suspension_reason, available,
                        radius_m, quiet_from, quiet_until, rating, ratings, photo_url, created_at,
                        insurances, register_valid_until, register_due_at)
    SELECT (n ->> 'id')::uuid, (n ->> 'staff_no')::int, (n ->> 'institution_id')::uuid,
           n ->> 'name', (n ->> 'gender')::gender, (n ->> 'title')::title, (n ->> 'tier')::smallint,
           (n ->> 'first_practised_on')::date,
           ARRAY(SELECT jsonb_array_elements_text(n -> 'specialties')),
           ARRAY(SELECT jsonb_array_elements_text(n -> 'languages')),
           n ->> 'registration_no', (n ->> 'certificate_valid_until')::date,
           (n ->> 'insurance_valid_until')::date, (n ->> 'admitted')::boolean,
           (n ->> 'suspended_at')::timestamptz, n ->> 'suspension_reason',
           (n ->> 'available')::boolean, (n ->> 'radius_m')::int, (n ->> 'quiet_from')::time,
           (n ->> 'quiet_until')::time, (n ->> 'rating')::numeric, (n ->> 'ratings')::int,
           n ->> 'photo_url', (n ->> 'created_at')::timestamptz, n -> 'insurances',
           (n ->> 'register_valid_until')::timestamptz,
           coalesce((n ->> 'register_due_at')::timestamptz, app_now())
      FROM jsonb_array_elements($1) AS n
        ON CONFLICT (staff_no) DO NOTHING
 RETURNING id
"""


async def insert_many(conn: Connection, given: Sequence[Nurse]) -> set[UUID]:
    """Register nurses in one statement; returns the ids of those whose staff number was free."""
    rows = await conn.fetch(INSERT, list(given))
    return {row["id"] for row in rows}


PUT_POINTS: Final = """
    INSERT INTO nurse_points (nurse_id, pos, skills, on_call)
    SELECT (p ->> 'nurse_id')::uuid, point((p ->> 'x_m')::float8, (p ->> 'y_m')::float8),
           ARRAY(SELECT jsonb_array_elements_text(p -> 'skills')::int), (p ->> 'on_call')::boolean
      FROM jsonb_array_elements($1) AS p
        ON CONFLICT (nurse_id) DO NOTHING
"""


async def insert_points(
    conn: Connection,
    given: Sequence[tuple[Nurse, Institution]],
    places: Sequence[tuple[float, float]],
) -> None:
    """Put nurses on the map, each at her (lat, lng), with what she may do for her institution."""
    rows: list[dict[str, Any]] = []
    for (nurse, institution), (lat, lng) in zip(given, places, strict=True):
        pos = snapped(lat, lng)
        rows.append(
            {
                "nurse_id": nurse.id,
                "x_m": pos.x,
                "y_m": pos.y,
                "skills": skill_codes(conn.catalogue, nurse, institution),
                "on_call": nurse.on_call,
            }
        )
    await conn.execute(PUT_POINTS, rows)


GET: Final = "SELECT * FROM nurses WHERE id = $1"


async def get(conn: Connection, nurse_id: UUID) -> Nurse:
    row = await conn.fetchrow(GET, nurse_id)
    if row is None:
        raise NotFound
    return nurse_of(row)


# No visit that names her is held up: a foreign key needs less than this lock forbids.
LOCK: Final = "SELECT * FROM nurses WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, nurse_id: UUID) -> Nurse:
    """Like `get`, held to the end of the transaction: the last in the order of locks."""
    row = await conn.fetchrow(LOCK, nurse_id)
    if row is None:
        raise NotFound
    return nurse_of(row)


# Shared, so that it waits for who suspends one of them, and not for who asks another nurse.
LOCK_SENDABLE: Final = """
    SELECT id FROM nurses
     WHERE id = ANY($1) AND suspended_at IS NULL AND admitted AND available
     ORDER BY id
       FOR SHARE
"""


async def lock_sendable(conn: Connection, nurse_ids: Collection[UUID]) -> set[UUID]:
    """Those of these nurses who can be sent at this instant; they stay so to the end of the
    transaction."""
    rows = await conn.fetch(LOCK_SENDABLE, list(nurse_ids)) if nurse_ids else []
    return {row["id"] for row in rows}


LIST_OF_IDS: Final = "SELECT * FROM nurses WHERE id = ANY($1) ORDER BY staff_no"


async def list_of_ids(conn: Connection, nurse_ids: Collection[UUID]) -> list[Nurse]:
    """These nurses, by staff number; ids that are unknown are left out."""
    return [nurse_of(row) for row in await conn.fetch(LIST_OF_IDS, list(nurse_ids))]


LIST_STAFF_NOS: Final = "SELECT staff_no FROM nurses WHERE staff_no = ANY($1) ORDER BY staff_no"


async def list_staff_nos(conn: Connection, given: Collection[int]) -> list[int]:
    """Those of the given staff numbers that are taken."""
    return [row["staff_no"] for row in await conn.fetch(LIST_STAFF_NOS, list(given))]


# The cursor is the last id of the page before: ids are ordered by creation.
LIST: Final = """
    SELECT * FROM nurses
     WHERE ($1::uuid IS NULL OR institution_id = $1)
       AND ($2::text IS NULL OR strpos(name, $2) > 0 OR staff_no::text = $2
            OR registration_no = $2)
       AND ($3::text IS NULL OR $3 = CASE WHEN suspended_at IS NOT NULL THEN 'suspended'
                                          WHEN NOT admitted THEN 'not_admitted'
                                          WHEN available THEN 'available'
                                          ELSE 'unavailable' END)
       AND ($4::uuid IS NULL OR id < $4)
     ORDER BY id DESC
     LIMIT $5
"""


async def list_all(
    conn: Connection,
    *,
    institution_id: UUID | None,
    q: str | None,
    state: NurseState | None,
    before: UUID | None,
    limit: int,
) -> list[Nurse]:
    """Nurses, newest first; `q` is part of a name, or a whole staff or registration number."""
    rows = await conn.fetch(LIST, institution_id, q, state, before, limit)
    return [nurse_of(row) for row in rows]


LIST_OF_INSTITUTION: Final = """
    SELECT * FROM nurses WHERE institution_id = $1 ORDER BY id LIMIT 20000
"""


async def list_of_institution(conn: Connection, institution_id: UUID) -> list[Nurse]:
    """Everybody an institution employs, by id."""
    return [nurse_of(row) for row in await conn.fetch(LIST_OF_INSTITUTION, institution_id)]


UPDATE: Final = """
    UPDATE nurses
       SET institution_id = $3, name = $4, gender = $5, title = $6, tier = $7,
           first_practised_on = $8, specialties = $9, languages = $10, registration_no = $11,
           certificate_valid_until = $12, insurance_valid_until = $13, admitted = $14,
           suspended_at = $15, suspension_reason = $16, available = $17, radius_m = $18,
           quiet_from = $19, quiet_until = $20, photo_url = $21, insurances = $22,
           registration_state = $23, register_valid_until = $24, register_due_at = $25,
           version = version + 1
     WHERE id = $1 AND version = $2
 RETURNING *
"""


async def update(conn: Connection, nurse: Nurse) -> Nurse:
    """Write all but number and ratings. Raises `StaleVersion` if the row has moved on.

    What she is found by must be derived anew: `set_reach`.
    """
    row = await conn.fetchrow(
        UPDATE,
        nurse.id,
        nurse.version,
        nurse.institution_id,
        nurse.name,
        nurse.gender,
        nurse.title.value,
        nurse.tier,
        nurse.first_practised_on,
        nurse.specialties,
        nurse.languages,
        nurse.registration_no,
        nurse.certificate_valid_until,
        nurse.insurance_valid_until,
        nurse.admitted,
        nurse.suspended_at,
        nurse.suspension_reason,
        nurse.available,
        nurse.radius_m,
        nurse.quiet_from,
        nurse.quiet_until,
        nurse.photo_url,
        nurse.insurances,
        nurse.registration_state,
        nurse.register_valid_until,
        nurse.register_due_at,
    )
    if row is None:
        raise StaleVersion
    return nurse_of(row)


SET_REACH: Final = """
    UPDATE nurse_points SET skills = $2, on_call = $3
     WHERE nurse_id = $1 AND (skills, on_call) IS DISTINCT FROM ($2, $3)
"""


async def set_reach(conn: Connection, nurse: Nurse, institution: Institution) -> None:
    """Derive what she is found by from what she is now."""
    skills = skill_codes(conn.catalogue, nurse, institution)
    await conn.execute(SET_REACH, nurse.id, skills, nurse.on_call)


async def refresh_institution(conn: Connection, institution: Institution) -> None:
    """Derive anew what the nurses of an institution are found by, after it has changed."""
    for nurse in await list_of_institution(conn, institution.id):
        await set_reach(conn, nurse, institution)


SET_POINT: Final = """
    UPDATE nurse_points SET pos = $2, located_at = app_now()
     WHERE nurse_id = $1 AND pos <-> $2 > $3
"""


async def set_point(conn: Connection, nurse_id: UUID, lat: float, lng: float) -> None:
    """Move her dispatch point to the cell of 100 m that holds a place, if it is another."""
    await conn.execute(SET_POINT, nurse_id, snapped(lat, lng), float(STILL_M))


LIST_POINTS: Final = "SELECT * FROM nurse_points WHERE nurse_id = ANY($1)"


async def points_by_nurse(conn: Connection, nurse_ids: Collection[UUID]) -> dict[UUID, Point]:
    """Where these nurses are sent from."""
    rows = await conn.fetch(LIST_POINTS, list(nurse_ids))
    return {row["nurse_id"]: point_of(row) for row in rows}


RATE: Final = """
    UPDATE nurses
       SET rating = round((coalesce(rating, 0) * ratings + $2) / (ratings + 1), 2),
           ratings = ratings + 1
     WHERE id = $1
"""


async def rate(conn: Connection, nurse_id: UUID, stars: int) -> None:
    """Take one more rating into her average."""
    await conn.execute(RATE, nurse_id, stars)


HOLDERS: Final = """
    SELECT specialty, count(*) AS n
      FROM nurses, unnest(specialties) AS specialty
     WHERE admitted AND suspended_at IS NULL
     GROUP BY specialty
"""
COUNT_ADMITTED: Final = "SELECT count(*) FROM nurses WHERE admitted AND suspended_at IS NULL"


async def count_holders(conn: Connection) -> tuple[dict[str, int], int]:
    """How many active nurses hold each specialty, and how many there are."""
    holders = {row["specialty"]: row["n"] for row in await conn.fetch(HOLDERS)}
    return holders, int(await conn.fetchval(COUNT_ADMITTED))
