"""Operators looking for orders and opening one. Both leave a trace where a person is looked up."""

from __future__ import annotations

import contextlib
import unicodedata
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from dispatch import database, identity
from dispatch.database import Connection
from dispatch.records import accounts, audit, orders, patients
from dispatch.records.orders import Order

LIVING_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """`q`: the id of an order, patient or account, a phone, an identity number, a service code, or
    the whole name of a patient with a living order."""

    state: str | None = None
    county: str | None = None
    q: str | None = None
    before: UUID | None = None
    limit: int


@database.act
async def find_orders(conn: Connection, search: Search) -> list[Order]:
    """The orders that match, newest first. What `q` could mean is all tried; nothing: no orders."""
    q = (search.q or "").strip()
    ids: list[UUID] | None = None
    code = q.upper() if q.upper() in conn.catalogue.services else None
    if q and code is None:
        ids = await _ids(conn, q)
        await audit.append(conn, "order.search", "order", None, detail={"found": len(ids)})
    return await orders.list_all(
        conn,
        state=search.state,
        county=search.county,
        ids=ids,
        service_code=code,
        before=search.before,
        limit=search.limit,
    )


@database.act
async def open_order(conn: Connection, order_id: UUID) -> Order:
    """One order; showing it opens what is sealed and records that. Raises `NotFound`."""
    return await orders.get(conn, order_id)


@database.act
async def open_timeline(conn: Connection, order_id: UUID) -> Order:
    """One order for its timeline, which tells all that was said. Raises `NotFound`."""
    order = await orders.get(conn, order_id)
    await audit.append(
        conn, "order.read", "order", order.id, person_id=order.patient_id, purpose="timeline"
    )
    return order


async def _ids(conn: Connection, q: str) -> list[UUID]:
    """Whom or what `q` names: first what keyed hashes find, so that nothing needs to be opened."""
    with contextlib.suppress(ValueError):
        return [UUID(q)]
    with contextlib.suppress(ValueError):
        return await patients.list_ids_by_id_number(conn, identity.normalise_id_number(q))
    found: list[UUID] = []
    with contextlib.suppress(ValueError):
        account = await accounts.find_by_phone(conn, q)
        found += [account.id] if account else []
    return found + await _known_as(conn, q)


async def _known_as(conn: Connection, q: str) -> list[UUID]:
    """The patients of living orders who bear this name or phone.

    Many people share a name, so a keyed hash of it would tell by its frequency whose it is; names
    are opened to be compared instead, of as many patients as an operator could have in mind.
    """
    living = await patients.list_of_living_orders(conn, LIVING_MAX)
    profiles = await patients.open_profiles(conn, living)
    phone = None
    with contextlib.suppress(ValueError):
        phone = identity.normalise_phone(q)
    name = _plain(q)
    return [
        patient_id
        for patient_id, profile in profiles.items()
        if _plain(profile.name) == name or (phone is not None and profile.phone == phone)
    ]


def _plain(name: str) -> str:
    """A name however it is typed: full or half width, with or without spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
