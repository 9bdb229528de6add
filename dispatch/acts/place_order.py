"""Placing an order, by a patient's account or by an operator on a patient's behalf.

It only records the order: who goes is decided later, and by nobody here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from config.catalogue import Bundle
from config.consents import Consents
from dispatch import billing, booking, consequences, database, rates
from dispatch.database import Connection
from dispatch.errors import ArrearsOutstanding, InvalidFields, NotFound, RuleRefused
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.pricing import Circumstances, Price
from dispatch.records import (
    addresses,
    audit,
    bills,
    nurse_cards,
    orders,
    patients,
    prescriptions,
)
from dispatch.records.addresses import Address
from dispatch.records.bills import Terms
from dispatch.records.orders import Order, Words
from dispatch.records.patients import Patient
from dispatch.records.prescriptions import Prescription
from matching.policy import Urgency
from matching.travel import Place

# A phone's clock may run ahead of ours by this much and still not sign in the future.
CLOCK_SKEW: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is ordered. `preferences` are as `orders.preferences` keeps them: ids as text, slugs."""

    patient_id: UUID
    address_id: UUID
    service_codes: tuple[str, ...]
    earliest: datetime
    latest: datetime
    urgency: Urgency
    words: Words
    prescription_id: UUID | None
    preferences: dict[str, Any]
    preconditions: tuple[str, ...]
    consent_version: str
    consent_at: datetime
    consent_language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Papers:
    patient: Patient
    address: Address
    prescription: Prescription | None


@database.act
async def place_order(
    conn: Connection, consents: Consents, wish: Wish, *, channel: str = "app"
) -> Order:
    """Record an order as submitted, with the services' price of now and the bill that estimates it.

    The patient's row is held, so that a profile is not removed under its order. Raises
    `InvalidFields` with every bad field, then `ArrearsOutstanding` for a patient who has not paid
    in time, then `RuleRefused` with every rule that is broken.
    """
    now = await database.now(conn)
    faults = booking.code_faults(conn.catalogue, wish.service_codes)
    faults += booking.window_faults(wish.earliest, wish.latest, now, conn.settings)
    faults += await _wish_faults(conn, wish)
    papers = await _find_papers(conn, wish, faults)
    if papers is None or faults:
        raise InvalidFields(*faults, window_max_days=conn.settings.window_max_days)
    terms = await bills.find_terms(conn, papers.patient.account_id, papers.patient.id)
    if terms.in_arrears and conn.caller.role is Role.PATIENT:
        owed = await bills.list_in_arrears(conn, papers.patient.account_id)
        raise ArrearsOutstanding(bill_ids=[str(bill_id) for bill_id in owed])
    bundle = conn.catalogue.combine(wish.service_codes)
    if broken := _broken_rules(bundle, papers, consents, wish, now):
        raise RuleRefused(*broken, version=consents.version)
    given = await _circumstances(conn, wish, papers, terms)
    price = rates.price_of(
        conn, wish.service_codes, rates.tariff_of(conn, terms.tariff_id, terms.rules), given
    )
    order = await _order(conn, bundle, consents, wish, papers, price, channel, now)
    await orders.insert(conn, order)
    await billing.open_bill(conn, order, terms, given.distance_m)
    await consequences.tell_order(conn, order)
    await audit.append(
        conn,
        "order.place",
        "order",
        order.id,
        person_id=order.patient_id,
        detail={"channel": channel},
    )
    return order


async def _wish_faults(conn: Connection, wish: Wish) -> list[booking.Fault]:
    faults: list[booking.Fault] = [
        (("body", "preconditions", place), "precondition")
        for place, slug in enumerate(wish.preconditions)
        if slug not in conn.catalogue.preconditions
    ]
    preferred = wish.preferences.get("preferred_nurse_id")
    if preferred is not None:
        loc = ("body", "preferences", "preferred_nurse_id")
        if preferred in wish.preferences.get("excluded_nurse_ids", ()):
            faults.append((loc, "preferred_excluded"))
        elif not await nurse_cards.by_nurse(conn, [UUID(preferred)]):
            faults.append((loc, "unknown_nurse"))
    return faults


async def _find_patient(conn: Connection, patient_id: UUID) -> Patient | None:
    """The patient, held: the caller's own, for staff anybody's."""
    try:
        account_id = conn.caller.account_id
        if conn.caller.role is not Role.PATIENT:
            account_id = (await patients.get(conn, patient_id)).account_id
        return await patients.lock_own(conn, account_id, patient_id)
    except NotFound:
        return None


async def _find_papers(conn: Connection, wish: Wish, faults: list[booking.Fault]) -> _Papers | None:
    """What the wish names, all of one patient; what is not there is noted in `faults`."""
    patient = await _find_patient(conn, wish.patient_id)
    if patient is None:
        faults.append((("body", "patient_id"), "unknown_patient"))
        return None
    prescription = None
    if wish.prescription_id is not None:
        prescription = await prescriptions.find_of_patient(conn, patient.id, wish.prescription_id)
        if prescription is None:
            faults.append((("body", "prescription_id"), "unknown_prescription"))
    try:
        address = await addresses.get_of_patient(conn, patient.id, wish.address_id)
    except NotFound:
        faults.append((("body", "address_id"), "unknown_address"))
        return None
    return _Papers(patient=patient, address=address, prescription=prescription)


def _broken_rules(
    bundle: Bundle, papers: _Papers, consents: Consents, wish: Wish, now: datetime
) -> list[booking.Fault]:
    broken = booking.prescription_faults(
        bundle.prescription_codes, papers.prescription, wish.earliest, wish.latest
    )
    if papers.address.county is None:
        broken.append((("body", "address_id"), "outside_area"))
    if wish.consent_version != consents.version:
        broken.append((("body", "consent", "version"), "consent_version"))
    if wish.consent_at > now + CLOCK_SKEW:
        broken.append((("body", "consent", "accepted_at"), "consent_future"))
    return broken


async def _circumstances(
    conn: Connection, wish: Wish, papers: _Papers, terms: Terms
) -> Circumstances:
    """What the price depends on besides the services; the door is opened only if a tier asks."""
    by = rates.tariff_of(conn, terms.tariff_id, terms.rules)
    distance_m = None
    if by.by_distance:
        door = await addresses.open_address(conn, papers.address)
        distance_m = await rates.distance_m(
            conn,
            by,
            wish.service_codes,
            papers.address.county or "",
            Place.at(door.lat, door.lng),
        )
    return Circumstances(earliest=wish.earliest, latest=wish.latest, distance_m=distance_m)


async def _order(
    conn: Connection,
    bundle: Bundle,
    consents: Consents,
    wish: Wish,
    papers: _Papers,
    price: Price,
    channel: str,
    now: datetime,
) -> Order:
    patient = papers.patient
    order_id = new_id()
    return Order(
        id=order_id,
        account_id=patient.account_id,
        patient_id=patient.id,
        address_id=wish.address_id,
        county=papers.address.county or "",
        service_codes=list(wish.service_codes),
        seats=bundle.nurses_required,
        earliest=wish.earliest,
        latest=wish.latest,
        duration_min=bundle.duration_min,
        urgency=wish.urgency.value,
        promise_at=booking.promised_at(now, wish.urgency, wish.latest, conn.settings),
        price_fen=price.price_fen,
        price_lines=list(price.lines),
        pay_fen=price.pay_fen,
        preferences=wish.preferences,
        preconditions=list(wish.preconditions),
        prescription_id=wish.prescription_id,
        consent={
            "version": wish.consent_version,
            "accepted_at": wish.consent_at.isoformat(),
            "language": wish.consent_language,
            "hashes": {
                code: consents.get(code, wish.consent_language).sha256
                for code in wish.service_codes
            },
        },
        channel=channel,
        notes_sealed=await orders.seal_words(conn, patient.id, order_id, wish.words),
        created_at=now,
        updated_at=now,
    )
