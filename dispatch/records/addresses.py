"""The `addresses` table: where a patient can be visited. Only the county stands in clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from config import geometry
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.ids import new_id
from dispatch.records import person_keys
from dispatch.sealing import DataKey, KeyDestroyed

# A row is written once and only ever marked as removed.
VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAddress:
    """An address that can be read; the place is WGS-84, the floor as the house numbers it."""

    label: str
    text: str
    lat: float
    lng: float
    access_notes: str | None = None
    floor: int | None = None
    has_lift: bool | None = None

    def area(self) -> tuple[float, float]:
        """(lat, lng) of the centre of the cell, about 500 m wide, that an offer may tell."""
        return geometry.JINHUA.snap(self.lat, self.lng, geometry.AREA_CELL_M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A row as it stands. `county` is None outside every served county."""

    id: UUID
    patient_id: UUID
    place_sealed: bytes
    county: str | None
    created_at: datetime
    deleted_at: datetime | None


class Bounds(NamedTuple):
    """What whoever goes there is bound by: the patient's gender, and what confirmed flags ask."""

    gender: str
    conditions: tuple[str, ...]


INSERT: Final = """
    INSERT INTO addresses (id, patient_id, place_sealed, county)
    VALUES ($1, $2, $3, $4)
 RETURNING id, patient_id, place_sealed, county, created_at, deleted_at
"""


async def insert(
    conn: Connection, patient_id: UUID, place: OpenAddress, *, county: str | None
) -> Address:
    """Keep an address, sealed with the patient's key."""
    address_id = new_id()
    sealed = await person_keys.seal_json(
        conn, patient_id, "addresses", "place_sealed", address_id, asdict(place)
    )
    row = await conn.fetchrow(INSERT, address_id, patient_id, sealed, county)
    if row is None:
        raise NotFound
    return Address(**row)


GET: Final = """
    SELECT id, patient_id, place_sealed, county, created_at, deleted_at FROM addresses WHERE id = $1
"""


async def get(conn: Connection, address_id: UUID) -> Address:
    """The address, also one that was removed: past orders still name it."""
    row = await conn.fetchrow(GET, address_id)
    if row is None:
        raise NotFound
    return Address(**row)


GET_OF_PATIENT: Final = """
    SELECT id, patient_id, place_sealed, county, created_at, deleted_at
      FROM addresses WHERE id = $1 AND patient_id = $2 AND deleted_at IS NULL
"""


async def get_of_patient(conn: Connection, patient_id: UUID, address_id: UUID) -> Address:
    """The address if it is one of this patient's present ones."""
    row = await conn.fetchrow(GET_OF_PATIENT, address_id, patient_id)
    if row is None:
        raise NotFound
    return Address(**row)


LIST_OF_PATIENT: Final = """
    SELECT id, patient_id, place_sealed, county, created_at, deleted_at
      FROM addresses
     WHERE patient_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_of_patient(
    conn: Connection, patient_id: UUID, before: UUID | None, limit: int
) -> list[Address]:
    """A patient's addresses, newest first."""
    return [Address(**row) for row in await conn.fetch(LIST_OF_PATIENT, patient_id, before, limit)]


COUNT_OF_PATIENT: Final = """
    SELECT count(*) FROM addresses WHERE patient_id = $1 AND deleted_at IS NULL
"""


async def count_of_patient(conn: Connection, patient_id: UUID) -> int:
    """How many addresses a patient has."""
    return int(await conn.fetchval(COUNT_OF_PATIENT, patient_id))


async def open_address(conn: Connection, address: Address) -> OpenAddress:
    """The exact place. Raises KeyDestroyed after erasure."""
    opened = await person_keys.open_json(
        conn, address.patient_id, "addresses", "place_sealed", address.id, address.place_sealed
    )
    return OpenAddress(**opened)


OPEN: Final = """
    SELECT a.id, a.patient_id AS person_id, a.place_sealed, k.wrapped,
           p.gender, a.flag_conditions || p.flag_conditions AS conditions
      FROM addresses a
      JOIN patients p ON p.id = a.patient_id
      LEFT JOIN person_keys k ON k.person_id = a.patient_id
     WHERE a.id = $1
"""


async def open_of_order(conn: Connection, address_id: UUID) -> tuple[OpenAddress, Bounds]:
    """The exact place of one address and what binds who goes there, in one query with its key.

    Raises KeyDestroyed.
    """
    row = await conn.fetchrow(OPEN, address_id)
    if row is None:
        raise NotFound
    key = await person_keys.unwrap(conn, row)
    if key is None:
        raise KeyDestroyed
    place = opened(key, address_id, row["place_sealed"])
    return place, Bounds(row["gender"], tuple(row["conditions"]))


LIST_BOUNDS: Final = """
    SELECT a.id, p.gender, a.flag_conditions || p.flag_conditions
      FROM addresses a JOIN patients p ON p.id = a.patient_id
     WHERE a.id = ANY($1)
"""


async def list_bounds(conn: Connection, address_ids: Sequence[UUID]) -> dict[UUID, Bounds]:
    """What binds who goes to each of these addresses."""
    rows = await conn.fetch(LIST_BOUNDS, list(address_ids)) if address_ids else []
    return {row[0]: Bounds(row[1], tuple(row[2])) for row in rows}


def opened(key: DataKey, address_id: UUID, place_sealed: bytes) -> OpenAddress:
    """The exact place, with the patient's key at hand."""
    return OpenAddress(**key.open_json("addresses", "place_sealed", address_id, place_sealed))


async def open_addresses(conn: Connection, given: Sequence[Address]) -> dict[UUID, OpenAddress]:
    """The places of several addresses with one query for the keys; erased people's are left out."""
    keys = await person_keys.load(conn, [address.patient_id for address in given])
    return {
        address.id: opened(keys[address.patient_id], address.id, address.place_sealed)
        for address in given
        if address.patient_id in keys
    }


HAS_OPEN_ORDER: Final = """
    SELECT EXISTS (SELECT FROM orders
                    WHERE address_id = $1
                      AND state IN ('submitted', 'open', 'held', 'assigned'))
"""


async def has_open_order(conn: Connection, address_id: UUID) -> bool:
    """Whether somebody may still be sent to this address."""
    return bool(await conn.fetchval(HAS_OPEN_ORDER, address_id))


DELETE: Final = "UPDATE addresses SET deleted_at = app_now() WHERE id = $1"


async def delete(conn: Connection, address: Address) -> None:
    """Take an address off the patient's list."""
    await conn.execute(DELETE, address.id)
