"""Placing an order, by a patient's account or by an operator on a patient's behalf.

It only records the order: who goes is decided later, and by nobody here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config import purposes
from config.assessment import UNSPECIFIED
from config.catalogue import Bundle
from config.consents import Consents
from config.settings import Settings
from dispatch import (
    billing,
    booking,
    consenting,
    consequences,
    database,
    preconditions,
    rates,
    screening,
)
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
from dispatch.records.bills import Terms
from dispatch.records.orders import Order, Words
from dispatch.records.patients import Served
from dispatch.records.prescriptions import Prescription
from matching.policy import Urgency
from matching.travel import Place


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
    eligibility_basis: str = UNSPECIFIED
    condition_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Papers:
    served: Served
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
    absent: list[booking.Fault] = []
    papers = await _find_papers(conn, wish, absent)
    now = papers.served.now if papers else await database.now(conn)
    faults = booking.code_faults(conn.catalogue, wish.service_codes)
    faults += booking.window_faults(wish.earliest, wish.latest, now, conn.settings)
    faults += await _wish_faults(conn, wish)
    faults += absent
    if papers is None or faults:
        raise InvalidFields(*faults, window_max_days=conn.settings.window_max_days)
    terms = await bills.find_terms(conn, papers.served.account_id, wish.patient_id)
    if terms.in_arrears and conn.caller.role is Role.PATIENT:
        owed = await bills.list_in_arrears(conn, papers.served.account_id)
        raise ArrearsOutstanding(bill_ids=[str(bill_id) for bill_id in owed])
    bundle = conn.catalogue.combine(wish.service_codes)
    if broken := _broken_rules(conn, bundle, papers, consents, wish, now):
        raise RuleRefused(*broken, version=consents.version)
    given = await _circumstances(conn, wish, papers.served, terms)
    price = rates.price_of(
        conn, wish.service_codes, rates.tariff_of(conn, terms.tariff_id, terms.rules), given
    )
    order = _order(bundle, consents, wish, papers.served, price, channel, now, conn.settings)
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


async def _find_papers(conn: Connection, wish: Wish, absent: list[booking.Fault]) -> _Papers | None:
    """What the wish names, all of one patient, who is held: the caller's own, for staff anybody's.

    What is not there is noted in `absent`.
    """
    caller = conn.caller
    try:
        served = await patients.lock_with_address(
            conn,
            wish.patient_id,
            wish.address_id,
            account_id=caller.account_id if caller.role is Role.PATIENT else None,
        )
    except NotFound:
        absent.append((("body", "patient_id"), "unknown_patient"))
        return None
    prescription = None
    if wish.prescription_id is not None:
        prescription = await prescriptions.find_of_patient(
            conn, served.patient_id, wish.prescription_id
        )
        if prescription is None:
            absent.append((("body", "prescription_id"), "unknown_prescription"))
    if served.address_id is None:
        absent.append((("body", "address_id"), "unknown_address"))
        return None
    return _Papers(served=served, prescription=prescription)


def _broken_rules(
    conn: Connection,
    bundle: Bundle,
    papers: _Papers,
    consents: Consents,
    wish: Wish,
    now: datetime,
) -> list[booking.Fault]:
    broken = booking.prescription_faults(
        bundle.prescription_codes, papers.prescription, wish.earliest, wish.latest
    )
    if papers.prescription is not None:
        content = prescriptions.opened(papers.served.key, papers.prescription)
        denied_by = screening.denied(conn.catalogue, wish.service_codes, content)
        broken += screening.faults(denied_by, "body", "prescription_id")
    if conn.settings.precondition_rule == "refuse":
        unmet = preconditions.unmet(
            conn.catalogue,
            wish.service_codes,
            papers.served.profile,
            wish.earliest,
            wish.latest,
        )
        broken += [(("body", "preconditions", slug), "precondition_unmet") for slug in unmet]
    if papers.served.county is None:
        broken.append((("body", "address_id"), "outside_area"))
    broken += consenting.faults(papers.served, wish.words.signer_relation, wish.latest)
    if wish.consent_version != consents.version:
        broken.append((("body", "consent", "version"), "consent_version"))
    if wish.consent_at > now + consenting.CLOCK_SKEW:
        broken.append((("body", "consent", "accepted_at"), "consent_future"))
    return broken


async def _circumstances(
    conn: Connection, wish: Wish, served: Served, terms: Terms
) -> Circumstances:
    """What the price depends on besides the services; the door is opened only if a tier asks."""
    by = rates.tariff_of(conn, terms.tariff_id, terms.rules)
    distance_m = None
    if by.by_distance and served.place_sealed is not None:
        door = addresses.opened(served.key, wish.address_id, served.place_sealed)
        distance_m = await rates.distance_m(
            conn,
            by,
            wish.service_codes,
            served.county or "",
            Place.at(door.lat, door.lng),
        )
    return Circumstances(earliest=wish.earliest, latest=wish.latest, distance_m=distance_m)


def _order(
    bundle: Bundle,
    consents: Consents,
    wish: Wish,
    served: Served,
    price: Price,
    channel: str,
    now: datetime,
    settings: Settings,
) -> Order:
    order_id = new_id()
    return Order(
        id=order_id,
        account_id=served.account_id,
        patient_id=served.patient_id,
        address_id=wish.address_id,
        county=served.county or "",
        service_codes=list(wish.service_codes),
        seats=bundle.nurses_required,
        earliest=wish.earliest,
        latest=wish.latest,
        duration_min=bundle.duration_min,
        urgency=wish.urgency.value,
        promise_at=booking.promised_at(now, wish.urgency, wish.latest, settings),
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
            **_signed(wish.words, served),
            "hashes": {
                code: consents.get(code, wish.consent_language).sha256
                for code in wish.service_codes
            },
        },
        channel=channel,
        notes_sealed=orders.seal_words(served.key, order_id, wish.words),
        created_at=now,
        updated_at=now,
        eligibility_basis=wish.eligibility_basis,
        condition_changed=wish.condition_changed,
        review_at=now,
    )


def _signed(words: Words, served: Served) -> dict[str, Any]:
    """Of the consent what is no name: what the signer is to the patient, by what right, to what."""
    known = purposes.load()
    return {
        "relation": known.relation_of(words.signer_relation, served.relation),
        "authority": known.authority_of(words.authority),
        "purposes": [slug for slug in words.purposes if slug in known.purposes],
    }
