"""The `accounts` table: who may sign in, as what, by which phone.

The number itself is sealed with the account's own key; it is found by its blind index.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from dispatch import identity
from dispatch.database import Connection
from dispatch.errors import AlreadyRegistered, NotFound
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One sign-in. `institution_id` binds staff to one institution; None sees all of them."""

    id: UUID
    role: Role
    phone_sealed: bytes
    nurse_id: UUID | None
    institution_id: UUID | None
    permissions: frozenset[str]
    language: str
    suspended_at: datetime | None
    created_at: datetime


def account_of(row: asyncpg.Record) -> Account:
    """A row of `accounts` as a record."""
    return Account(
        **{**row, "role": Role(row["role"]), "permissions": frozenset(row["permissions"])}
    )


INSERT: Final = """
    INSERT INTO accounts (id, role, phone_index, phone_sealed, nurse_id, institution_id,
                          permissions, language)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (phone_index) DO NOTHING
 RETURNING id, role, phone_sealed, nurse_id, institution_id, permissions, language, suspended_at,
           created_at
"""


async def insert(
    conn: Connection,
    role: Role,
    phone: str,
    *,
    nurse_id: UUID | None = None,
    institution_id: UUID | None = None,
    permissions: Collection[str] = (),
    language: str = "zh-CN",
) -> Account:
    """Open an account for a phone, in whatever spelling.

    Raises `AlreadyRegistered` if the phone has one, ValueError if it is no phone number.
    """
    number = identity.normalise_phone(phone)
    account_id = new_id()
    sealed = await person_keys.seal(
        conn, account_id, "accounts", "phone_sealed", account_id, number.encode()
    )
    row = await conn.fetchrow(
        INSERT,
        account_id,
        role.value,
        conn.keyring.blind_index("phone", number),
        sealed,
        nurse_id,
        institution_id,
        sorted(permissions),
        language,
    )
    if row is None:
        raise AlreadyRegistered(field="phone")
    return account_of(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to be opened together with others; the phone is in E.164 form."""

    id: UUID
    role: Role
    phone: str
    nurse_id: UUID | None = None
    permissions: Collection[str] = ()


INSERT_MANY: Final = """
    INSERT INTO accounts (id, role, phone_index, phone_sealed, nurse_id, permissions)
    SELECT id, role, phone_index, phone_sealed, nurse_id,
           CASE permissions WHEN '' THEN '{}' ELSE string_to_array(permissions, ',') END
      FROM unnest($1::uuid[], $2::actor_role[], $3::bytea[], $4::bytea[], $5::uuid[], $6::text[])
           AS a (id, role, phone_index, phone_sealed, nurse_id, permissions)
"""


async def insert_many(conn: Connection, given: Collection[NewAccount]) -> None:
    """Open accounts, each with a key of its own, in two statements.

    Raises asyncpg's `UniqueViolationError` if a phone has an account: ask `list_taken` before.
    """
    keys = await person_keys.insert_many(conn, [one.id for one in given])
    await conn.execute(
        INSERT_MANY,
        [one.id for one in given],
        [one.role.value for one in given],
        [conn.keyring.blind_index("phone", one.phone) for one in given],
        [
            keys[one.id].seal("accounts", "phone_sealed", one.id, one.phone.encode())
            for one in given
        ],
        [one.nurse_id for one in given],
        [",".join(sorted(one.permissions)) for one in given],
    )


LIST_TAKEN: Final = "SELECT phone_index FROM accounts WHERE phone_index = ANY ($1::bytea[])"


async def list_taken(conn: Connection, phones: Collection[str]) -> list[str]:
    """Those of the given numbers, in E.164 form, that have an account."""
    by_index = {conn.keyring.blind_index("phone", phone): phone for phone in phones}
    rows = await conn.fetch(LIST_TAKEN, list(by_index))
    return sorted(by_index[row["phone_index"]] for row in rows)


LOCK_PHONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 7351))"


async def lock_phone(conn: Connection, phone: str) -> None:
    """Hold this number, known or not, to the end of the transaction: what is counted stays true."""
    await conn.execute(LOCK_PHONE, conn.keyring.blind_index("phone", phone))


FIND_BY_PHONE: Final = """
    SELECT id, role, phone_sealed, nurse_id, institution_id, permissions, language, suspended_at,
           created_at
      FROM accounts WHERE phone_index = $1
"""


async def find_by_phone(conn: Connection, phone: str) -> Account | None:
    """The account of a phone, in whatever spelling. ValueError if it is no phone number."""
    index = conn.keyring.blind_index("phone", identity.normalise_phone(phone))
    row = await conn.fetchrow(FIND_BY_PHONE, index)
    return None if row is None else account_of(row)


GET: Final = """
    SELECT id, role, phone_sealed, nurse_id, institution_id, permissions, language, suspended_at,
           created_at
      FROM accounts WHERE id = $1
"""


async def get(conn: Connection, account_id: UUID) -> Account:
    row = await conn.fetchrow(GET, account_id)
    if row is None:
        raise NotFound
    return account_of(row)


LOCK: Final = """
    SELECT id, role, phone_sealed, nurse_id, institution_id, permissions, language, suspended_at,
           created_at
      FROM accounts WHERE id = $1 FOR NO KEY UPDATE
"""


async def lock(conn: Connection, account_id: UUID) -> Account:
    """Like `get`, held to the end of the transaction."""
    row = await conn.fetchrow(LOCK, account_id)
    if row is None:
        raise NotFound
    return account_of(row)


async def open_phone(conn: Connection, account: Account) -> str:
    """The account's number in E.164 form."""
    opened = await person_keys.open_sealed(
        conn, account.id, "accounts", "phone_sealed", account.id, account.phone_sealed
    )
    return opened.decode()


IDS_OF_NURSES: Final = "SELECT nurse_id, id FROM accounts WHERE nurse_id = ANY ($1::uuid[])"


async def ids_of_nurses(conn: Connection, nurse_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The account of each of these nurses, to tell her something; those without one are left out.

    Asked as the clock, since whoever moves a visit need not be allowed to see the nurse's account.
    """
    async with conn.as_clock():
        rows = await conn.fetch(IDS_OF_NURSES, list(nurse_ids))
    return {row["nurse_id"]: row["id"] for row in rows}


LIST_WATCHERS: Final = """
    SELECT id, CASE WHEN role = 'admin' THEN 2 WHEN institution_id IS NULL THEN 1 ELSE 0 END
      FROM accounts
     WHERE role IN ('operator', 'admin') AND suspended_at IS NULL
       AND (role = 'admin' OR permissions @> ARRAY[$3::text])
       AND (institution_id IS NULL OR $1::uuid IS NULL OR institution_id = $1)
     ORDER BY id LIMIT $2
"""


async def circles_of_watchers(
    conn: Connection,
    institution_id: UUID | None,
    limit: int = 100,
    *,
    permission: str = "alarms",
) -> list[list[UUID]]:
    """Who takes alarms up there, or what another permission stands for, the nearest first: of the
    institution, of all, then admins.

    A circle with nobody in it is left out.
    """
    circles: list[list[UUID]] = [[], [], []]
    for account_id, circle in await conn.fetch(LIST_WATCHERS, institution_id, limit, permission):
        circles[circle].append(account_id)
    return [circle for circle in circles if circle]


SET_SUSPENDED: Final = """
    UPDATE accounts
       SET suspended_at = CASE WHEN $2 THEN coalesce(suspended_at, app_now()) END
     WHERE id = $1
"""


async def set_suspended(conn: Connection, account_id: UUID, suspended: bool) -> None:
    """Cut an account off, or let it in again; what is signed in feels it at its next request."""
    await conn.execute(SET_SUSPENDED, account_id, suspended)
