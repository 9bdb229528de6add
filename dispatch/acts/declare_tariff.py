"""Declaring what things cost from a time on. What holds already is never edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from config import tariff
from config.tariff import TariffError
from dispatch import database
from dispatch.database import Connection
from dispatch.errors import Forbidden, InvalidFields
from dispatch.ids import new_id
from dispatch.records import audit, institutions, tariffs
from dispatch.records.tariffs import DeclaredTariff


@database.act
async def declare_tariff(
    conn: Connection,
    *,
    institution_id: UUID | None,
    valid_from: datetime | None,
    rules: dict[str, Any],
) -> DeclaredTariff:
    """Declare a tariff of an institution, or without one the platform's, from now or from later.

    Orders that are placed keep theirs. Raises `InvalidFields`, `Forbidden` for staff of another
    institution, `AlreadyRegistered` for a second tariff from the same time.
    """
    now = await database.now(conn)
    own = conn.caller.institution_id
    if own is not None and institution_id != own:
        raise Forbidden
    if institution_id is not None and await institutions.find(conn, institution_id) is None:
        raise InvalidFields((("body", "institution_id"), "institution"))
    if valid_from is not None and valid_from < now:
        raise InvalidFields((("body", "valid_from"), "window_past"))
    try:
        parsed = tariff.parse(rules)
    except TariffError as fault:
        raise InvalidFields((("body", "rules"), str(fault))) from None
    if unknown := parsed.unknown_codes(conn.catalogue):
        raise InvalidFields((("body", "rules"), f"unknown services: {', '.join(unknown)}"))
    declared = DeclaredTariff(
        id=new_id(),
        institution_id=institution_id,
        valid_from=valid_from or now,
        rules=parsed.model_dump(mode="json"),
        created_by=conn.caller.account_id,
        created_at=now,
    )
    await tariffs.insert(conn, declared)
    await audit.append(conn, "tariff.declare", "tariff", declared.id)
    return declared
