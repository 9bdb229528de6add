"""Opening the account of an operator, admin or auditor; done by whoever runs the installation."""

from __future__ import annotations

from collections.abc import Collection

from dispatch import database
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import Role
from dispatch.records import accounts, audit, institutions
from dispatch.records.accounts import Account


@database.act
async def open_staff(
    conn: Connection,
    role: Role,
    phone: str,
    *,
    institution_code: str | None = None,
    permissions: Collection[str] = (),
) -> Account:
    """Let this phone sign in as staff: of one institution, or of all without a code.

    Raises `NotFound` (no such institution), `AlreadyRegistered`, ValueError (no phone number).
    """
    institution_id = None
    if institution_code is not None:
        institution = await institutions.find_by_code(conn, institution_code)
        if institution is None:
            raise NotFound
        institution_id = institution.id
    account = await accounts.insert(
        conn, role, phone, institution_id=institution_id, permissions=sorted(permissions)
    )
    await audit.append(
        conn,
        "account.open",
        "account",
        account.id,
        detail={"role": role.value, "permissions": sorted(permissions)},
    )
    return account
