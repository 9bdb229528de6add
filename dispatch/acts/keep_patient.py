"""Keeping the profiles and addresses of the people whom an account cares for.

Somebody else's patient is not there. What a profile says is checked as a whole, and every bad
field is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from config.areas import Areas
from dispatch import assessing, database, identity, versions
from dispatch.database import Connection
from dispatch.errors import InUse, InvalidFields, NotFound, RuleRefused
from dispatch.records import accounts, addresses, audit, emergencies, patients
from dispatch.records.addresses import Address, OpenAddress
from dispatch.records.patients import Contact, Patient, Profile
from matching.inputs import local_date

PATIENTS_MAX: Final = 50
ADDRESSES_MAX: Final = 20
EARLIEST_BIRTH: Final = date(1900, 1, 1)

Fault = tuple[tuple[str | int, ...], str]


@database.act
async def create_patient(
    conn: Connection, *, gender: str, relation: str, profile: Profile
) -> Patient:
    """Add a patient to the caller's account. Raises `InvalidFields`, `RuleRefused` (too many)."""
    account = await accounts.lock(conn, _account(conn))
    checked = await _checked(conn, gender, profile)
    if await patients.count_of_account(conn, account.id) >= PATIENTS_MAX:
        raise RuleRefused((("body",), "too_many_patients"), limit=PATIENTS_MAX)
    patient = await patients.insert(
        conn, account.id, gender=gender, relation=relation, profile=checked
    )
    await audit.append(conn, "patient.create", "patient", patient.id, person_id=patient.id)
    return patient


@database.act
async def change_patient(
    conn: Connection, patient_id: UUID, changes: Mapping[str, Any], version: int | None
) -> Patient:
    """Change the given fields of a profile, `gender` and `relation`; the others stay as they are.

    With other conditions or allergies no earlier assessment holds any longer.
    `version` is the one that the caller has seen, None if any will do. Raises `NotFound`,
    `InvalidFields`, `StaleVersion`.
    """
    patient = await patients.lock_own(conn, _account(conn), patient_id)
    known = await patients.open_profile(conn, patient)
    gender = changes.get("gender", patient.gender)
    relation = changes.get("relation", patient.relation)
    personal = {
        name: value for name, value in changes.items() if name not in ("gender", "relation")
    }
    checked = await _checked(conn, gender, replace(known, **personal))
    versions.check(patient.version, version)
    if not changes:
        return patient
    changed = await patients.update(
        conn, patient, gender=gender, relation=relation, profile=checked
    )
    if (checked.conditions, checked.allergies) != (known.conditions, known.allergies):
        await assessing.void(conn, patient.id, "condition_changed")
        await assessing.take_back(conn, patient.id)
    await audit.append(
        conn,
        "patient.change",
        "patient",
        patient.id,
        person_id=patient.id,
        detail={"fields": sorted(changes)},
    )
    return changed


@database.act
async def remove_patient(conn: Connection, patient_id: UUID, version: int | None) -> None:
    """Take a patient off the account.

    Raises `NotFound`, `StaleVersion`, and `InUse` for an open order or an unreviewed emergency.
    """
    patient = await patients.lock_own(conn, _account(conn), patient_id)
    versions.check(patient.version, version)
    async with conn.as_clock():
        locked = await emergencies.is_locked_of_patient(conn, patient.id)
    if locked or await patients.has_open_order(conn, patient.id):
        raise InUse
    await patients.delete(conn, patient)
    await audit.append(conn, "patient.remove", "patient", patient.id, person_id=patient.id)


@database.act
async def add_address(
    conn: Connection, areas: Areas, patient_id: UUID, place: OpenAddress
) -> Address:
    """Add an address to a patient, also one that is not served (yet).

    Raises `NotFound`, `RuleRefused` (too many).
    """
    patient = await patients.lock_own(conn, _account(conn), patient_id)
    if await addresses.count_of_patient(conn, patient.id) >= ADDRESSES_MAX:
        raise RuleRefused((("body",), "too_many_addresses"), limit=ADDRESSES_MAX)
    county = areas.county_at(place.lat, place.lng)
    address = await addresses.insert(conn, patient.id, place, county=county)
    await audit.append(conn, "address.create", "address", address.id, person_id=patient.id)
    return address


@database.act
async def remove_address(
    conn: Connection, patient_id: UUID, address_id: UUID, version: int | None = None
) -> None:
    """Take an address off a patient.

    Raises `NotFound`, `StaleVersion`, `InUse` (somebody may be sent there).
    """
    patient = await patients.lock_own(conn, _account(conn), patient_id)
    address = await addresses.get_of_patient(conn, patient.id, address_id)
    versions.check(addresses.VERSION, version)
    if await addresses.has_open_order(conn, address.id):
        raise InUse
    await addresses.delete(conn, address)
    await audit.append(conn, "address.remove", "address", address.id, person_id=patient.id)


def _account(conn: Connection) -> UUID:
    if conn.caller.account_id is None:
        raise NotFound
    return conn.caller.account_id


async def _checked(conn: Connection, gender: str, profile: Profile) -> Profile:
    """The profile with every number in its one spelling. Raises `InvalidFields`."""
    today = local_date(await database.now(conn))
    faults: list[Fault] = []
    if not EARLIEST_BIRTH <= profile.birth_date <= today:
        faults.append((("body", "birth_date"), "birth_date"))
    phone = _normal(identity.normalise_phone, profile.phone, faults, "phone")
    id_number = _normal(identity.normalise_id_number, profile.id_number, faults, "id_number")
    if id_number is not None:
        if identity.born_on(id_number) != profile.birth_date:
            faults.append((("body", "id_number"), "id_number_birth_date"))
        # The seventeenth digit is odd for men (GB 11643-1999).
        if ("male" if int(id_number[16]) % 2 else "female") != gender:
            faults.append((("body", "id_number"), "id_number_gender"))
    contact = profile.emergency_contact
    if contact is not None:
        called = _normal(
            identity.normalise_phone, contact.phone, faults, "emergency_contact", "phone"
        )
        contact = Contact(name=contact.name, phone=called or contact.phone)
    if faults:
        raise InvalidFields(*faults)
    return replace(profile, phone=phone, id_number=id_number, emergency_contact=contact)


def _normal(
    normalise: Callable[[str], str], text: str | None, faults: list[Fault], *loc: str
) -> str | None:
    if text is None:
        return None
    try:
        return normalise(text)
    except ValueError:
        faults.append((("body", *loc), loc[-1]))
        return None
