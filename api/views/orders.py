"""Orders as their patients and as operators see them; every step on an order answers with this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from api import moves
from api.schemas import orders as schemas
from api.schemas.conventions import WindowView
from api.wire import Call
from config import assessment
from config.vocabulary import Label, Title
from dispatch import booking, database, screening
from dispatch.database import Connection
from dispatch.lifecycles import EMPTY_SEAT, ORDER, OrderState, Role
from dispatch.records import (
    addresses,
    assessments,
    audit,
    decisions,
    history,
    nurse_cards,
    orders,
    patients,
    person_keys,
    ratings,
    visits,
)
from dispatch.records.assessments import Said
from dispatch.records.decisions import Choice
from dispatch.records.history import Step
from dispatch.records.nurse_cards import NurseCard
from dispatch.records.orders import Order, Words
from dispatch.records.visits import Visit
from dispatch.screening import Sheet
from dispatch.sealing import KeyDestroyed
from matching import texts
from matching.decide import Alternative, Reason
from matching.eligibility import RULES_BY_NAME
from matching.inputs import Gender, local_date

CALLED_OFF: Final = frozenset({OrderState.REJECTED, OrderState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What an order is shown with, read for all orders of an answer at once."""

    visits: Mapping[UUID, list[Visit]]
    cards: Mapping[UUID, NurseCard]
    stars: Mapping[UUID, int]
    endings: Mapping[UUID, Step]
    choices: Mapping[tuple[UUID, int, UUID], Choice]


UNSAID: Final = Said()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """The sealed words of an order, opened; all empty where they are not shown."""

    words: Words
    assessed: Said = UNSAID
    ending_note: str | None = None


NOTHING_SAID: Final = _Said(words=Words())


def showing(call: Call) -> Callable[[Connection, Order], Awaitable[schemas.Order]]:
    """The `view` of an act whose result is an order."""

    async def view(conn: Connection, order: Order) -> schemas.Order:
        return await order_view(conn, order, call)

    return view


async def order_view(conn: Connection, order: Order, call: Call) -> schemas.Order:
    """The order as this caller's GET gives it: `OpsOrder` for staff, `Order` for its patient.

    For staff it opens what is sealed and writes an audit row, so it needs an act's transaction.
    An auditor sees what was done, and nothing of what is sealed.
    """
    around = await _around(conn, [order])
    opened = call.caller.role is not Role.AUDITOR
    said = await _said(conn, order, around) if opened else NOTHING_SAID
    fields = _fields(order, around, said, call)
    if call.caller.role is Role.PATIENT:
        return schemas.Order(**fields)
    await audit.append(conn, "order.read", "order", order.id, person_id=order.patient_id)
    waits = opened and _review(order) is not None
    sheet = await screening.sheet_of(conn, order) if waits else Sheet()
    return schemas.OpsOrder(
        **fields,
        account_id=order.account_id,
        institution_id=order.institution_id,
        patient=await _patient(conn, order) if opened else None,
        address=await _address(conn, order, call) if opened else None,
        checklist=[
            schemas.ChecklistItem(
                name=item.slug,
                text=call.catalogue.preconditions[item.slug].in_language(call.language),
                state=item.state,
                source=item.source,
            )
            for item in sheet.checklist
        ],
        against=[
            schemas.Against(
                name=entry.slug,
                text=entry.label.in_language(call.language),
                verdict=entry.verdict,
            )
            for entry in sheet.against
        ],
    )


async def order_views(conn: Connection, given: Sequence[Order], call: Call) -> list[schemas.Order]:
    """Several orders for a list, with a fixed number of queries.

    Staff see no sealed words in a list; they open one order for that, and that leaves a trace.
    """
    around = await _around(conn, given)
    own = call.caller.role is Role.PATIENT
    if own:
        await person_keys.load(conn, [order.patient_id for order in given])
    said = [await _said(conn, order, around) if own else NOTHING_SAID for order in given]
    return [
        schemas.Order(**_fields(order, around, words, call))
        for order, words in zip(given, said, strict=True)
    ]


def price_lines(lines: Sequence[Mapping[str, Any]], call: Call) -> list[schemas.PriceLine]:
    """Kept lines of a price, their labels in the reader's language."""
    return [
        schemas.PriceLine(**{**line, "label": Label(**line["label"]).in_language(call.language)})
        for line in lines
    ]


def rule_reasons(counts: Mapping[str, int], call: Call) -> list[schemas.Reason]:
    """How many nurses fell to which rule, in words; rules that are no longer known are left out."""
    return [
        schemas.Reason(rule=rule, text=call.text(f"closing.{rule}", count=count))
        for rule, count in counts.items()
        if rule in RULES_BY_NAME
    ]


async def _around(conn: Connection, given: Sequence[Order]) -> _Around:
    # Nobody comes before an order was let through.
    ids = [order.id for order in given if order.state is not OrderState.SUBMITTED]
    of_round = await visits.list_current(conn, ids)
    nurse_ids = {visit.nurse_id for seats in of_round.values() for visit in seats}
    return _Around(
        visits=of_round,
        cards=await nurse_cards.by_nurse(conn, nurse_ids),
        stars=await ratings.stars_by_order(conn, ids),
        choices=await decisions.list_choices(conn, list(of_round)),
        endings=await history.endings_by_order(
            conn, [order.id for order in given if order.state in CALLED_OFF]
        ),
    )


async def _said(conn: Connection, order: Order, around: _Around) -> _Said:
    try:
        ending = around.endings.get(order.id)
        notes = {} if ending is None else await history.open_notes(conn, [ending], order.patient_id)
        return _Said(
            words=await orders.open_words(conn, order),
            assessed=await assessments.open_words(conn, order),
            ending_note=next(iter(notes.values()), None),
        )
    except KeyDestroyed:
        return NOTHING_SAID


def _fields(order: Order, around: _Around, said: _Said, call: Call) -> dict[str, Any]:
    of_round = around.visits.get(order.id, [])
    seats = [_seat(visit, order, around, call) for visit in _by_seat(of_round)]
    first = next((seat for seat in seats if seat.seat == 1), None)
    words, catalogue = said.words, call.catalogue
    return {
        "id": order.id,
        "state": order.state,
        "version": order.version,
        "moves": moves.of_order(order, of_round, call.caller),
        "patient_id": order.patient_id,
        "address_id": order.address_id,
        "county": order.county,
        "service_codes": order.service_codes,
        "window": WindowView(earliest=order.earliest, latest=order.latest),
        "duration_min": order.duration_min,
        "urgency": order.urgency,
        "channel": order.channel,
        "seats": order.seats,
        "round": order.round,
        "wave": order.wave,
        "promise_at": order.promise_at,
        "at_risk": order.at_risk,
        "paused": order.state is OrderState.OPEN and order.next_wave_at is None,
        "price_fen": order.price_fen,
        "lines": price_lines(order.price_lines, call),
        "cancellation_fee_fen": order.cancellation_fee_fen,
        "called_back": order.called_back,
        "notes": words.notes,
        "eligibility_basis": words.eligibility_basis,
        "basis": order.eligibility_basis,
        "basis_text": _basis_text(order.eligibility_basis, call),
        "condition_changed": order.condition_changed,
        "review": _review(order),
        "assess_by": order.assess_by,
        "preferences": schemas.PreferencesView(**order.preferences),
        "preconditions": order.preconditions,
        "open_preconditions": booking.open_preconditions(
            catalogue, order.service_codes, order.preconditions
        ),
        "prescription_id": order.prescription_id,
        "consent": _consent(order, words),
        "assessment": _assessment(order, said.assessed, call),
        "closing": _closing(order, around.endings.get(order.id), said, call),
        "visits": seats,
        "visit_id": first.visit_id if first else None,
        "nurse": first.nurse if first else None,
        "signed_at": order.signed_at,
        "stars": around.stars.get(order.id),
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def _review(order: Order) -> schemas.ReviewState | None:
    """Who has the order before him, for its first assessment or for another."""
    if order.state is OrderState.SUBMITTED:
        return schemas.ReviewState(order.review)
    again = order.reassess_since is not None and order.state not in ORDER.final
    return schemas.ReviewState.PERSON if again else None


def _by_seat(of_round: Sequence[Visit]) -> list[Visit]:
    """One visit for each seat: the one that fills it, else the last that did."""
    chosen: dict[int, Visit] = {}
    for visit in of_round:
        known = chosen.get(visit.seat)
        if known is None or known.state in EMPTY_SEAT:
            chosen[visit.seat] = visit
    return [chosen[seat] for seat in sorted(chosen)]


def _seat(visit: Visit, order: Order, around: _Around, call: Call) -> schemas.SeatVisit:
    card = around.cards[visit.nurse_id]
    return schemas.SeatVisit(
        visit_id=visit.id,
        seat=visit.seat,
        state=visit.state,
        version=visit.version,
        moves=moves.of_visit(visit, order.state, call.caller),
        nurse=schemas.NurseCard(
            id=card.id,
            name=card.name,
            title=Title(card.title),
            rating=card.rating,
            phone_masked=card.phone_masked,
            photo_url=card.photo_url,
        ),
        planned_start=visit.planned_start,
        planned_end=visit.planned_end,
        eta=visit.eta,
        why=_why(around.choices.get((visit.order_id, visit.seat, visit.nurse_id)), call),
    )


def _why(choice: Choice | None, call: Call) -> list[str]:
    """Why this nurse and no other; nobody was asked for a seat that a dispatcher filled."""
    if choice is None:
        return [texts.BY_HAND.in_language(call.language)]
    reasons = [Reason(kind=why["kind"], value=why["value"]) for why in choice.why]
    return texts.why_she(reasons, choice.eligible, call.language, call.catalogue)


def _consent(order: Order, words: Words) -> schemas.ConsentView:
    return schemas.ConsentView(
        version=order.consent["version"],
        accepted_at=order.consent["accepted_at"],
        language=order.consent["language"],
        signer=words.signer,
        relation=words.signer_relation,
        authority=words.authority,
        channel=words.consent_channel,
        purposes=list(words.purposes),
        hashes=order.consent.get("hashes", {}),
    )


def _basis_text(slug: str, call: Call) -> str:
    label = assessment.load().bases.get(slug)
    return label.in_language(call.language) if label else slug


def conditions_of(order: Order) -> list[str]:
    """Under which conditions an order was approved, in words of the vocabulary."""
    return (order.assessment or {}).get("conditions") or []


def conditions_text(told: Sequence[str], call: Call) -> list[str]:
    """An assessment's conditions in words; what is not of the vocabulary stands as it was told."""
    labels = {word.value: label for word, label in assessment.load().conditions.items()}
    return [labels[one].in_language(call.language) if one in labels else one for one in told]


def _assessment(order: Order, said: Said, call: Call) -> schemas.Assessment | None:
    found = order.assessment
    if found is None:
        return None
    conditions = [*conditions_of(order), *said.conditions]
    return schemas.Assessment(
        decision=found["decision"],
        note=said.note,
        risk=found.get("risk"),
        outcome=found.get("outcome"),
        conditions=conditions,
        conditions_text=conditions_text(conditions, call),
        earlier=found.get("earlier", False),
        at=found.get("at"),
    )


def _closing(order: Order, ending: Step | None, said: _Said, call: Call) -> schemas.Closing | None:
    if ending is not None:
        return schemas.Closing(
            reason=order.state.value,
            text=call.text(f"ended.{order.state.value}"),
            by=Role(ending.actor_role),
            note=said.ending_note,
        )
    found = order.closing
    if found is None:
        return None
    reason = found.get("reason", "visit_failed")
    return schemas.Closing(
        reason=reason,
        text=call.text(f"ended.{reason}"),
        asked=found.get("asked", 0),
        declined=found.get("declined", 0),
        expired=found.get("expired", 0),
        reasons=tuple(rule_reasons(found.get("counts", {}), call)),
        alternatives=tuple(
            schemas.WayOut(name=name, text=texts.alternative(Alternative(name), call.language))
            for name in found.get("alternatives", ())
            if name in set(Alternative)
        ),
        next_window=found.get("next_window"),
    )


async def _patient(conn: Connection, order: Order) -> schemas.PatientSheet | None:
    patient = await patients.get(conn, order.patient_id)
    try:
        profile = await patients.open_profile(conn, patient)
    except KeyDestroyed:
        return None
    contact = profile.emergency_contact
    return schemas.PatientSheet(
        name=profile.name,
        phone=profile.phone,
        gender=Gender(patient.gender),
        birth_date=profile.birth_date,
        age=profile.age_on(await _today(conn)),
        conditions=list(profile.conditions),
        allergies=list(profile.allergies),
        emergency_contact=schemas.Contact(name=contact.name, phone=contact.phone)
        if contact
        else None,
    )


async def _address(conn: Connection, order: Order, call: Call) -> schemas.AddressSheet | None:
    try:
        place = await addresses.open_address(conn, await addresses.get(conn, order.address_id))
    except KeyDestroyed:
        return None
    return schemas.AddressSheet(
        label=place.label,
        text=place.text,
        location=call.place(place.lat, place.lng),
        access_notes=place.access_notes,
        floor=place.floor,
        has_lift=place.has_lift,
    )


async def _today(conn: Connection) -> date:
    return local_date(await database.now(conn))
