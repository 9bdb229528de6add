"""What a visit is shown with: its order, its patient, its door; read for many visits at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.records import addresses, assessments, orders, patients, person_keys
from dispatch.records.addresses import Address, OpenAddress
from dispatch.records.assessments import Said
from dispatch.records.orders import Order, Words
from dispatch.records.patients import Patient, Profile
from dispatch.records.visits import Visit

NOTHING_SAID: Final = Said()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One visit's papers. What was sealed is None once the patient's key is destroyed."""

    order: Order
    patient: Patient
    profile: Profile | None
    door: OpenAddress | None
    words: Words
    assessed: Said = NOTHING_SAID


ORDERS: Final = "SELECT * FROM orders WHERE id = ANY ($1::uuid[])"
PATIENTS: Final = """
    SELECT id, account_id, gender, profile_sealed, relation, created_at, deleted_at, version
      FROM patients WHERE id = ANY ($1::uuid[])
"""
ADDRESSES: Final = """
    SELECT id, patient_id, place_sealed, county, created_at, deleted_at
      FROM addresses WHERE id = ANY ($1::uuid[])
"""


async def by_visit(conn: Connection, given: Sequence[Visit]) -> dict[UUID, Sheet]:
    """The sheets of these visits by their ids, opened; a fixed number of queries."""
    by_order = await _orders(conn, {visit.order_id for visit in given})
    people = await _patients(conn, {visit.patient_id for visit in given})
    places = await _addresses(conn, {order.address_id for order in by_order.values()})
    # Loaded once here, so that opening costs no further query.
    keys = await person_keys.load(conn, people.keys())
    profiles = await patients.open_profiles(conn, list(people.values()))
    doors = await addresses.open_addresses(conn, list(places.values()))
    found = {}
    for visit in given:
        order = by_order[visit.order_id]
        known = visit.patient_id in keys
        found[visit.id] = Sheet(
            order=order,
            patient=people[visit.patient_id],
            profile=profiles.get(visit.patient_id),
            door=doors.get(order.address_id),
            words=await orders.open_words(conn, order) if known else Words(),
            assessed=await assessments.open_words(conn, order) if known else NOTHING_SAID,
        )
    return found


async def _orders(conn: Connection, ids: set[UUID]) -> Mapping[UUID, Order]:
    return {row["id"]: orders.order_of(row) for row in await conn.fetch(ORDERS, list(ids))}


async def _patients(conn: Connection, ids: set[UUID]) -> Mapping[UUID, Patient]:
    return {row["id"]: Patient(**row) for row in await conn.fetch(PATIENTS, list(ids))}


async def _addresses(conn: Connection, ids: set[UUID]) -> Mapping[UUID, Address]:
    return {row["id"]: Address(**row) for row in await conn.fetch(ADDRESSES, list(ids))}
