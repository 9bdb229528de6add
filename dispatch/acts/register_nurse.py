"""Registering nurses, singly or by the file, and changing what is known of them.

What a nurse is found by follows from what she is and is written in the same act.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from dispatch import database, enrolment, identity, versions
from dispatch.database import Connection
from dispatch.enrolment import Fault, Registration, Row, Sheet
from dispatch.errors import AlreadyRegistered, InvalidFields
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import accounts, audit, institutions, nurses
from dispatch.records.accounts import NewAccount
from dispatch.records.institutions import Institution
from dispatch.records.nurses import Nurse
from matching.inputs import local_date

INSTITUTIONS_MAX: Final = 10_000
CHUNK: Final = 500


@database.act
async def register_nurse(conn: Connection, given: Registration, institution_id: UUID) -> Nurse:
    """Register a nurse with an account for her phone. She is sent for once she says that she can.

    Raises `InvalidFields` (also for an institution out of the caller's reach) and
    `AlreadyRegistered`.
    """
    now = await database.now(conn)
    institution = await _find_employer(conn, institution_id)
    faults = _competence(conn, given, now)
    if institution is None:
        faults.append((("body", "institution_id"), "institution"))
    try:
        identity.normalise_phone(given.phone)
    except ValueError:
        faults.append((("body", "phone"), "phone"))
    if faults or institution is None:
        raise InvalidFields(*faults)
    nurse = _nurse(conn, given, institution, now)
    if not await nurses.insert_many(conn, [nurse]):
        raise AlreadyRegistered(field="staff_no")
    await nurses.insert_points(conn, [(nurse, institution)], [(given.lat, given.lng)])
    await accounts.insert(conn, Role.NURSE, given.phone, nurse_id=nurse.id)
    await audit.append(conn, "nurse.create", "nurse", nurse.id)
    return nurse


@database.act
async def import_nurses(conn: Connection, sheet: Sheet) -> int:
    """Register everybody of a file with an account each, and return how many; or nobody.

    Raises `InvalidFields` with every bad cell of the file by line, those that the file alone shows
    and those that only the database does.
    """
    now = await database.now(conn)
    reach = conn.caller.institution_id
    employers = {
        one.code: one
        for one in await institutions.list_all(conn, reach, None, INSTITUTIONS_MAX)
        if reach in (None, one.id)
    }
    faults = [*sheet.faults, *await _clashes(conn, sheet.rows)]
    for row in sheet.rows:
        faults += [
            (("body", row.line, loc[-1]), reason)
            for loc, reason in _competence(conn, row.nurse, now)
        ]
        if row.institution_code not in employers:
            faults.append((("body", row.line, "institution_code"), "institution"))
    if faults:
        raise InvalidFields(*sorted(faults, key=_line_of), rows_max=enrolment.ROWS_MAX)
    for chunk in _chunks(sheet.rows):
        await _hire(conn, [(row, employers[row.institution_code]) for row in chunk], now)
    staff_nos = ",".join(str(row.nurse.staff_no) for row in sheet.rows)
    await audit.append(
        conn,
        "nurse.import",
        "nurse",
        None,
        detail={
            "count": len(sheet.rows),
            "staff_nos_sha256": hashlib.sha256(staff_nos.encode()).hexdigest(),
        },
    )
    return len(sheet.rows)


@database.act
async def open_nurse(conn: Connection, nurse_id: UUID) -> Nurse:
    """One nurse; showing her opens her phone. Raises `NotFound`."""
    nurse = await nurses.get(conn, nurse_id)
    await audit.append(conn, "nurse.read", "nurse", nurse.id)
    return nurse


@database.act
async def change_nurse(
    conn: Connection,
    nurse_id: UUID,
    changes: Mapping[str, Any],
    place: tuple[float, float] | None = None,
    *,
    version: int | None = None,
) -> Nurse:
    """Change the given fields of a nurse, and where she is sent from (WGS-84) if `place` is given.

    Visits that she has stay hers, whatever she may do from now on: suspending takes them. Raises
    `NotFound`, `InvalidFields`, `StaleVersion`.
    """
    nurse = await nurses.lock(conn, nurse_id)
    changed = _with(nurse, changes, await database.now(conn))
    institution = await _find_employer(conn, changed.institution_id)
    faults = _competence(conn, changed, await database.now(conn))
    if institution is None:
        faults.append((("body", "institution_id"), "institution"))
    if (changed.quiet_from is None) != (changed.quiet_until is None):
        faults.append((("body", "quiet_until"), "quiet_pair"))
    if faults or institution is None:
        raise InvalidFields(*faults)
    versions.check(nurse.version, version)
    if changes:
        changed = await nurses.update(conn, changed)
        await nurses.set_reach(conn, changed, institution)
    if place is not None:
        await nurses.set_point(conn, nurse.id, *place)
    fields = [*changes, *(["location"] if place else [])]
    await audit.append(conn, "nurse.change", "nurse", nurse.id, detail={"fields": sorted(fields)})
    return changed


async def _find_employer(conn: Connection, institution_id: UUID) -> Institution | None:
    """The institution, if it is there and the caller reaches it."""
    if conn.caller.institution_id not in (None, institution_id):
        return None
    return await institutions.find(conn, institution_id)


def _competence(conn: Connection, given: Registration | Nurse, now: datetime) -> list[Fault]:
    found = enrolment.competence_faults(
        conn.catalogue, given.specialties, given.first_practised_on, local_date(now)
    )
    return [(("body", name), reason) for name, reason in found]


async def _clashes(conn: Connection, rows: Sequence[Row]) -> list[Fault]:
    """Staff numbers and phones that somebody has already, or that an earlier row has."""
    taken_nos = set(await nurses.list_staff_nos(conn, [row.nurse.staff_no for row in rows]))
    taken_phones = set(await accounts.list_taken(conn, [row.nurse.phone for row in rows]))
    seen_nos: set[int] = set()
    seen_phones: set[str] = set()
    faults: list[Fault] = []
    for row in rows:
        number, phone = row.nurse.staff_no, row.nurse.phone
        for column, taken, repeated in (
            ("staff_no", number in taken_nos, number in seen_nos),
            ("phone", phone in taken_phones, phone in seen_phones),
        ):
            if taken or repeated:
                reason = "registered" if taken else "repeated_in_file"
                faults.append((("body", row.line, column), reason))
        seen_nos.add(number)
        seen_phones.add(phone)
    return faults


def _line_of(fault: Fault) -> int:
    loc, _ = fault
    return loc[1] if len(loc) > 1 and isinstance(loc[1], int) else 0


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


async def _hire(conn: Connection, given: Sequence[tuple[Row, Institution]], now: datetime) -> None:
    """Nurses, where they are and their accounts, a few statements for all of them.

    Who was registered by somebody else since `_clashes` looked makes the whole file fail.
    """
    hired = [(_nurse(conn, row.nurse, employer, now), row, employer) for row, employer in given]
    inserted = await nurses.insert_many(conn, [nurse for nurse, _, _ in hired])
    lost = [row for nurse, row, _ in hired if nurse.id not in inserted]
    if lost:
        raise InvalidFields(*((("body", row.line, "staff_no"), "registered") for row in lost))
    await nurses.insert_points(
        conn,
        [(nurse, employer) for nurse, _, employer in hired],
        [(row.nurse.lat, row.nurse.lng) for _, row, _ in hired],
    )
    try:
        await accounts.insert_many(
            conn,
            [
                NewAccount(id=new_id(), role=Role.NURSE, phone=row.nurse.phone, nurse_id=nurse.id)
                for nurse, row, _ in hired
            ],
        )
    except asyncpg.UniqueViolationError:
        raise AlreadyRegistered(field="phone") from None


def _with(nurse: Nurse, changes: Mapping[str, Any], now: datetime) -> Nurse:
    """The nurse with these changes, and what follows from them.

    Another institution or number must be verified before she goes again, by the register or by a
    supervisor. One date for all insurances replaces those of each.
    """
    changes = dict(changes)
    told = changes.pop("insurances", {})
    before = nurse.insurances
    if "insurance_valid_until" in changes:
        until = changes["insurance_valid_until"].isoformat()
        before = {kind: {**one, "valid_until": until} for kind, one in before.items()}
    changed = replace(nurse, **changes)
    if told or before is not nurse.insurances:
        kept, earliest = enrolment.insured(before, changed.insurance_valid_until, told)
        changed = replace(changed, insurances=kept, insurance_valid_until=earliest)
    moved = changed.institution_id != nurse.institution_id
    if moved or changed.registration_no != nurse.registration_no:
        changed = replace(changed, register_valid_until=None, register_due_at=now)
    return replace(changed, registration_state=nurses.TO_VERIFY) if moved else changed


def _nurse(conn: Connection, given: Registration, institution: Institution, now: datetime) -> Nurse:
    insurances, insured_until = (
        enrolment.insured({}, given.insurance_valid_until, given.insurances)
        if given.insurances
        else ({}, given.insurance_valid_until)
    )
    return Nurse(
        id=new_id(),
        staff_no=given.staff_no,
        institution_id=institution.id,
        name=given.name,
        gender=given.gender,
        title=given.title,
        tier=given.tier,
        first_practised_on=given.first_practised_on,
        specialties=list(given.specialties),
        languages=list(given.languages),
        registration_no=given.registration_no,
        certificate_valid_until=given.certificate_valid_until,
        insurance_valid_until=insured_until,
        insurances=insurances,
        admitted=given.admitted,
        radius_m=given.radius_m or conn.settings.default_radius_m,
        register_due_at=now,
        created_at=now,
    )
