"""The `patients` table: the people whom an account cares for, sealed but for gender and relation.

The whole profile is one sealed value, opened with the patient's own key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.ids import new_id
from dispatch.records import person_keys
from dispatch.sealing import DataKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to call when something happens."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the patient is. Phones are in E.164 form, the identity number is normalised."""

    name: str
    birth_date: date
    phone: str | None = None
    id_number: str | None = None
    conditions: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    emergency_contact: Contact | None = None

    def age_on(self, day: date) -> int:
        """Full years on that day; 0 before birth."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return max(0, day.year - self.birth_date.year - (not had_birthday))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A row as it stands; `profile_sealed` is opened by `open_profile`."""

    id: UUID
    account_id: UUID
    gender: str
    profile_sealed: bytes
    relation: str
    created_at: datetime
    deleted_at: datetime | None
    version: int


INSERT: Final = """
    INSERT INTO patients (id, account_id, gender, profile_sealed, id_number_index, relation)
    VALUES ($1, $2, $3, $4, $5, $6)
 RETURNING id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
"""


async def insert(
    conn: Connection, account_id: UUID, *, gender: str, relation: str, profile: Profile
) -> Patient:
    """Keep a new patient's profile, sealed with a key of its own."""
    patient_id = new_id()
    row = await conn.fetchrow(
        INSERT,
        patient_id,
        account_id,
        gender,
        await _sealed(conn, patient_id, profile),
        _index(conn, profile),
        relation,
    )
    if row is None:
        raise NotFound
    return Patient(**row)


GET: Final = """
    SELECT id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
      FROM patients WHERE id = $1
"""


async def get(conn: Connection, patient_id: UUID) -> Patient:
    """The patient, also one whose profile was removed: past orders and visits still name them."""
    row = await conn.fetchrow(GET, patient_id)
    if row is None:
        raise NotFound
    return Patient(**row)


GET_OWN: Final = """
    SELECT id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
      FROM patients WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL
"""


async def get_own(conn: Connection, account_id: UUID | None, patient_id: UUID) -> Patient:
    """The patient if this account keeps them; NotFound for anybody else's and for a removed one."""
    row = await conn.fetchrow(GET_OWN, patient_id, account_id)
    if row is None:
        raise NotFound
    return Patient(**row)


LOCK_OWN: Final = """
    SELECT id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
      FROM patients WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL
       FOR NO KEY UPDATE
"""


async def lock_own(conn: Connection, account_id: UUID | None, patient_id: UUID) -> Patient:
    """Like `get_own`, held. Ordering for a patient and removing them take turns here."""
    row = await conn.fetchrow(LOCK_OWN, patient_id, account_id)
    if row is None:
        raise NotFound
    return Patient(**row)


LOCK_WITH_ADDRESS: Final = """
    SELECT p.id AS person_id, p.account_id, p.profile_sealed, p.relation, p.withdrawn,
           p.lacks_capacity, a.id AS address_id, a.county, a.place_sealed, k.wrapped,
           app_now() AS now
      FROM patients p
      LEFT JOIN addresses a ON a.id = $3 AND a.patient_id = p.id AND a.deleted_at IS NULL
      LEFT JOIN person_keys k ON k.person_id = p.id
     WHERE p.id = $1 AND ($2::uuid IS NULL OR p.account_id = $2) AND p.deleted_at IS NULL
       FOR NO KEY UPDATE OF p
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """For whom and where; `county` is None where nobody is served, `address_id` if there is none.

    `key` is the patient's, for what an order says in words.
    """

    patient_id: UUID
    account_id: UUID
    address_id: UUID | None
    county: str | None
    place_sealed: bytes | None
    key: DataKey
    profile: Profile
    relation: str
    withdrawn: frozenset[str]
    lacks_capacity: bool
    now: datetime


async def lock_with_address(
    conn: Connection, patient_id: UUID, address_id: UUID, *, account_id: UUID | None
) -> Served:
    """The patient, held as by `lock_own`, with one of the present addresses, in one query.

    Of any account if none is given. Raises `NotFound`, for an erased patient `KeyDestroyed`.
    """
    row = await conn.fetchrow(LOCK_WITH_ADDRESS, patient_id, account_id, address_id)
    if row is None:
        raise NotFound
    key = await person_keys.unwrap(conn, row) or await person_keys.ensure(conn, patient_id)
    profile = key.open_json("patients", "profile_sealed", patient_id, row["profile_sealed"])
    return Served(
        patient_id=patient_id,
        account_id=row["account_id"],
        address_id=row["address_id"],
        county=row["county"],
        place_sealed=row["place_sealed"],
        key=key,
        profile=_profile(profile),
        relation=row["relation"],
        withdrawn=frozenset(row["withdrawn"]),
        lacks_capacity=row["lacks_capacity"],
        now=row["now"],
    )


# The cursor is the last id of the page before: ids are ordered by creation.
LIST_OF_ACCOUNT: Final = """
    SELECT id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
      FROM patients
     WHERE account_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_of_account(
    conn: Connection, account_id: UUID | None, before: UUID | None, limit: int
) -> list[Patient]:
    """The patients of an account, newest first."""
    return [Patient(**row) for row in await conn.fetch(LIST_OF_ACCOUNT, account_id, before, limit)]


LIST_IDS_BY_ID_NUMBER: Final = """
    SELECT id FROM patients WHERE id_number_index = $1 ORDER BY id DESC LIMIT 50
"""


async def list_ids_by_id_number(conn: Connection, id_number: str) -> list[UUID]:
    """The profiles with this normalised identity number, in whatever account, newest first."""
    index = conn.keyring.blind_index("id_number", id_number)
    return [row["id"] for row in await conn.fetch(LIST_IDS_BY_ID_NUMBER, index)]


LIST_OF_LIVING_ORDERS: Final = """
    SELECT id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
      FROM patients
     WHERE id IN (SELECT patient_id FROM orders
                   WHERE state IN ('submitted', 'open', 'held', 'assigned')
                      OR updated_at > app_now() - interval '1 day'
                   ORDER BY id DESC
                   LIMIT $1)
"""


async def list_of_living_orders(conn: Connection, orders_max: int) -> list[Patient]:
    """The patients of the newest orders that are under way or ended within a day, in no order."""
    return [Patient(**row) for row in await conn.fetch(LIST_OF_LIVING_ORDERS, orders_max)]


COUNT_OF_ACCOUNT: Final = """
    SELECT count(*) FROM patients WHERE account_id = $1 AND deleted_at IS NULL
"""


async def count_of_account(conn: Connection, account_id: UUID) -> int:
    """How many patients an account keeps."""
    return int(await conn.fetchval(COUNT_OF_ACCOUNT, account_id))


async def open_profile(conn: Connection, patient: Patient) -> Profile:
    """The sealed profile. Raises KeyDestroyed after erasure."""
    opened = await person_keys.open_json(
        conn, patient.id, "patients", "profile_sealed", patient.id, patient.profile_sealed
    )
    return _profile(opened)


async def open_profiles(conn: Connection, given: Sequence[Patient]) -> dict[UUID, Profile]:
    """The profiles of several patients with one query for the keys; erased ones are left out."""
    keys: dict[UUID, DataKey] = await person_keys.load(conn, [patient.id for patient in given])
    return {
        patient.id: _profile(
            keys[patient.id].open_json(
                "patients", "profile_sealed", patient.id, patient.profile_sealed
            )
        )
        for patient in given
        if patient.id in keys
    }


UPDATE: Final = """
    UPDATE patients
       SET gender = $3, profile_sealed = $4, id_number_index = $5, relation = $6,
           version = version + 1
     WHERE id = $1 AND version = $2
 RETURNING id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
"""


async def update(
    conn: Connection, patient: Patient, *, gender: str, relation: str, profile: Profile
) -> Patient:
    """Replace what is known of a held patient."""
    row = await conn.fetchrow(
        UPDATE,
        patient.id,
        patient.version,
        gender,
        await _sealed(conn, patient.id, profile),
        _index(conn, profile),
        relation,
    )
    if row is None:
        raise NotFound
    return Patient(**row)


HAS_OPEN_ORDER: Final = """
    SELECT EXISTS (SELECT FROM orders
                    WHERE patient_id = $1
                      AND state IN ('submitted', 'open', 'held', 'assigned'))
"""


async def has_open_order(conn: Connection, patient_id: UUID) -> bool:
    """Whether an order for this patient has not come to its end."""
    return bool(await conn.fetchval(HAS_OPEN_ORDER, patient_id))


SET_CAPACITY: Final = "UPDATE patients SET lacks_capacity = $2 WHERE id = $1"


async def set_capacity(conn: Connection, patient_id: UUID, *, lacks: bool) -> None:
    """Note whether the patient can decide for himself, as an assessor found."""
    await conn.execute(SET_CAPACITY, patient_id, lacks)


LACKS_CAPACITY: Final = "SELECT lacks_capacity FROM patients WHERE id = $1"


async def lacks_capacity(conn: Connection, patient_id: UUID) -> bool:
    """Whether an assessor found that the patient cannot decide for himself."""
    return bool(await conn.fetchval(LACKS_CAPACITY, patient_id))


FIND_WITHDRAWN: Final = "SELECT withdrawn FROM patients WHERE id = $1"


async def find_withdrawn(conn: Connection, patient_id: UUID) -> frozenset[str]:
    """The purposes to which a patient does not agree any more."""
    return frozenset(await conn.fetchval(FIND_WITHDRAWN, patient_id) or ())


SET_WITHDRAWN: Final = "UPDATE patients SET withdrawn = $2 WHERE id = $1"


async def set_withdrawn(conn: Connection, patient_id: UUID, purposes: Collection[str]) -> None:
    """Note to which purposes a held patient does not agree any more: all of them."""
    await conn.execute(SET_WITHDRAWN, patient_id, sorted(purposes))


DELETE: Final = """
    UPDATE patients SET deleted_at = app_now(), version = version + 1 WHERE id = $1
"""


async def delete(conn: Connection, patient: Patient) -> None:
    """Take a held patient off the account; what was recorded stays, as the law asks."""
    await conn.execute(DELETE, patient.id)


def second_contact(key: DataKey, patient_id: UUID, profile_sealed: bytes) -> Contact | None:
    """Whom else to call, with the patient's key in hand."""
    opened = key.open_json("patients", "profile_sealed", patient_id, profile_sealed)
    return _profile(opened).emergency_contact


async def _sealed(conn: Connection, patient_id: UUID, profile: Profile) -> bytes:
    return await person_keys.seal_json(
        conn, patient_id, "patients", "profile_sealed", patient_id, asdict(profile)
    )


def _profile(opened: dict[str, Any]) -> Profile:
    contact = opened["emergency_contact"]
    return replace(
        Profile(**opened),
        birth_date=date.fromisoformat(opened["birth_date"]),
        conditions=tuple(opened["conditions"]),
        allergies=tuple(opened["allergies"]),
        emergency_contact=Contact(**contact) if contact else None,
    )


def _index(conn: Connection, profile: Profile) -> bytes | None:
    if profile.id_number is None:
        return None
    return conn.keyring.blind_index("id_number", profile.id_number)
