"""Registering a hospital or health centre, with what it offers and where; changing what it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from config.areas import Areas
from dispatch import database, identity, versions
from dispatch.database import Connection
from dispatch.errors import Forbidden, InvalidFields
from dispatch.records import audit, institutions, nurses
from dispatch.records.institutions import Institution, NewInstitution

Fault = tuple[tuple[str | int, ...], str]


@database.act
async def register_institution(
    conn: Connection, areas: Areas, institution: NewInstitution
) -> Institution:
    """Register an institution; staff of one institution may only add its branches.

    Raises `Forbidden`, `InvalidFields`, `AlreadyRegistered`.
    """
    own = conn.caller.institution_id
    if own is not None and institution.parent_id != own:
        raise Forbidden
    checked = await _checked(conn, areas, institution)
    registered = await institutions.insert(conn, checked)
    await audit.append(conn, "institution.create", "institution", registered.id)
    return registered


@database.act
async def change_institution(
    conn: Connection,
    institution_id: UUID,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
) -> Institution:
    """Change what it holds and what it asks of its nurses, and what they are found by.

    It bites at once: accept and departure ask anew. Raises `NotFound`, `StaleVersion`.
    """
    institution = await institutions.get(conn, institution_id)
    versions.check(institution.version, version)
    changed = await institutions.update(conn, replace(institution, **changes))
    await nurses.refresh_institution(conn, changed)
    await audit.append(
        conn,
        "institution.change",
        "institution",
        institution.id,
        detail={"fields": sorted(changes)},
    )
    return changed


async def _checked(conn: Connection, areas: Areas, institution: NewInstitution) -> NewInstitution:
    """The institution with its phone in one spelling. Raises `InvalidFields`."""
    faults: list[Fault] = [
        (("body", "services", place), "service_code")
        for place, code in enumerate(institution.services)
        if code not in conn.catalogue.services
    ]
    faults += [
        (("body", "counties", place), "county")
        for place, code in enumerate(institution.counties)
        if code not in areas.by_code
    ]
    if institution.county not in areas.by_code:
        faults.append((("body", "county"), "county"))
    for name, codes in (("services", institution.services), ("counties", institution.counties)):
        if len(set(codes)) != len(codes):
            faults.append((("body", name), "repeated"))
    if (
        institution.parent_id is not None
        and await institutions.find(conn, institution.parent_id) is None
    ):
        faults.append((("body", "parent_id"), "institution"))
    phone = institution.phone
    if phone is not None:
        try:
            phone = identity.normalise_phone(phone)
        except ValueError:
            faults.append((("body", "phone"), "phone"))
    if faults:
        raise InvalidFields(*faults)
    return replace(institution, phone=phone)
