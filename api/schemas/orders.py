"""Orders as patients and operators send and see them, from the quote to the rating."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api import reference
from api.schemas.catalogue import KnownService
from api.schemas.conventions import (
    Body,
    Day,
    Id,
    Instant,
    Line,
    MoveView,
    PageQuery,
    Place,
    Prose,
    View,
    Window,
    WindowView,
    Word,
    also,
)
from config.negative_list import Verdict
from config.vocabulary import Title
from dispatch.lifecycles import OrderState, Role, VisitState
from dispatch.preconditions import Source, State
from matching.inputs import Gender
from matching.policy import Urgency

Codes = Annotated[tuple[KnownService, ...], Field(min_length=1, max_length=10)]

KnownPrecondition = Annotated[
    Word, also("precondition", lambda slug: slug in reference.services().preconditions)
]

KnownNegative = Annotated[
    Word, also("negative_entry", lambda slug: slug in reference.negative_entries())
]


class QuoteRequest(Body):
    service_codes: Codes
    location: Place
    window: Window


class PriceLine(View):
    """`kind`: `visit_fee`, `service` or `travel_fee`; `amount_fen` is for the whole quantity."""

    kind: str
    label: str
    service_code: str | None = None
    quantity: int
    amount_fen: int


class Reason(View):
    """Why something is not possible, by the name of the rule and in words."""

    rule: str
    text: str


class Quote(View):
    """`eligible_nurses` counts those near who could come in the window as things stand now."""

    price_fen: int
    lines: list[PriceLine]
    travel_fee_fen: int
    duration_min: int
    nurses_required: int
    eligible_nurses: int
    earliest_start_estimate: Instant | None = None
    served: bool
    reasons: list[Reason]


class Preferences(Body):
    nurse_gender: Gender | None = None
    preferred_nurse_id: Id | None = None
    excluded_nurse_ids: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    language: Word | None = None


class Consent(Body):
    """The consent that was given; `signer` and `relation` where it was not the patient, `authority`
    by what right. Words of `/v1/vocabulary`, or others. A child's guardian consents for it."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    accepted_at: Instant
    signer: Line | None = None
    relation: Line | None = None
    authority: Line | None = None
    channel: Line | None = None
    purposes: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class PlaceOrder(Body):
    """`eligibility_basis`: a slug or name of `/v1/vocabulary`, or own words. `condition_changed`:
    the patient's condition is not what it was, so no earlier assessment will do."""

    patient_id: Id
    address_id: Id
    service_codes: Codes
    window: Window
    urgency: Urgency
    notes: Prose | None = None
    prescription_id: Id | None = None
    preferences: Preferences = Preferences()
    consent: Consent
    eligibility_basis: Line | None = None
    condition_changed: bool = False
    preconditions: Annotated[tuple[KnownPrecondition, ...], Field(max_length=100)] = ()


class Channel(StrEnum):
    """How an order came to the hospital; `app` are those that patients place themselves."""

    PHONE = "phone"
    DESK = "desk"
    REFERRAL = "referral"


class PlaceOrderFor(PlaceOrder):
    channel: Channel


class CancelOrder(Body):
    reason: Prose


class RescheduleOrder(Body):
    window: Window


class AnswerQuestion(Body):
    """What the assessor asked for, in words, and what more of the preconditions is met."""

    text: Prose
    preconditions: Annotated[tuple[KnownPrecondition, ...], Field(max_length=100)] = ()


class ConfirmOrder(Body):
    signature_svg: (
        Annotated[str, StringConstraints(max_length=100_000, pattern=r"^\s*<svg[\s>]")] | None
    ) = None
    signed_by: Line


class RateOrder(Body):
    stars: Annotated[int, Field(ge=1, le=5)]
    tags: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    comment: Prose | None = None


class OrderQuery(PageQuery):
    state: OrderState | None = None


class OpsOrderQuery(OrderQuery):
    """`q`: an id (order, patient, account), phone, identity number or service code; the whole name
    or own phone of a patient finds those with an order under way or ended within a day."""

    county: Annotated[str | None, StringConstraints(min_length=1, max_length=20)] = None
    q: Annotated[str | None, StringConstraints(min_length=1, max_length=100)] = None


class NurseCard(View):
    id: UUID
    name: str
    title: Title
    rating: float | None = None
    phone_masked: str | None = None
    photo_url: str | None = None


class SeatVisit(View):
    """The visit that fills a seat in the order's present round; `why` says why this nurse."""

    visit_id: UUID
    seat: int
    state: VisitState
    version: int
    moves: list[MoveView]
    nurse: NurseCard
    planned_start: Instant
    planned_end: Instant
    eta: Instant | None = None
    why: list[str]


class PreferencesView(View):
    nurse_gender: Gender | None = None
    preferred_nurse_id: UUID | None = None
    excluded_nurse_ids: tuple[UUID, ...] = ()
    language: str | None = None


class ConsentView(View):
    version: str
    accepted_at: Instant
    language: str
    signer: str | None = None
    relation: str | None = None
    authority: str | None = None
    channel: str | None = None
    purposes: list[str]
    hashes: dict[str, str]


class ReviewState(StrEnum):
    """Who has a submitted order before him: nobody yet, the clock (an earlier assessment will do),
    an assessor, or the patient, who was asked something. An assessor also has an approved order
    before him whose assessment holds no longer."""

    NEW = "new"
    CLOCK = "clock"
    PERSON = "person"
    PATIENT = "patient"


class Assessment(View):
    """What the assessor decided; `note` is what she wrote to the patient.

    `earlier`: nobody looked at it again, an earlier assessment still held.
    """

    decision: str
    note: str | None = None
    risk: str | None = None
    outcome: str | None = None
    conditions: list[str]
    conditions_text: list[str]
    earlier: bool = False
    at: Instant | None = None


class WayOut(View):
    """Something that could still help, when nobody was found."""

    name: str
    text: str


class Closing(View):
    """Why an order ended without its visit.

    `reason`: `rejected`, `cancelled`, `not_assessed`, `nobody_found`, `nobody_home` or
    `visit_failed`. `by` is who rejected or cancelled it, `note` what was said with that. `asked`
    nurses got an offer; `reasons` say which rules the others fell to; `next_window` is the same
    time on the next day.
    """

    reason: str
    text: str
    by: Role | None = None
    note: str | None = None
    asked: int = 0
    declined: int = 0
    expired: int = 0
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[WayOut, ...] = ()
    next_window: WindowView | None = None


class Order(View):
    """`paused`: open, and nobody is asked: the price is to be secured, the patient's condition has
    changed and is assessed again, or nobody answered the door and the patient is to say how it goes
    on (`resume`, `reschedule`)."""

    id: UUID
    state: OrderState
    version: int
    moves: list[MoveView]
    patient_id: UUID
    address_id: UUID
    county: str
    service_codes: list[str]
    window: WindowView
    duration_min: int
    urgency: Urgency
    channel: str
    seats: int
    round: int
    wave: int
    promise_at: Instant
    at_risk: bool
    paused: bool
    price_fen: int
    lines: list[PriceLine]
    cancellation_fee_fen: int | None = None
    called_back: int
    notes: str | None = None
    eligibility_basis: str | None = None
    basis: str
    basis_text: str
    condition_changed: bool
    review: ReviewState | None = None
    assess_by: Instant | None = None
    preferences: PreferencesView
    preconditions: list[str]
    open_preconditions: list[str]
    prescription_id: UUID | None = None
    consent: ConsentView
    assessment: Assessment | None = None
    closing: Closing | None = None
    visits: list[SeatVisit]
    visit_id: UUID | None = None
    nurse: NurseCard | None = None
    signed_at: Instant | None = None
    stars: int | None = None
    created_at: Instant
    updated_at: Instant


class Contact(View):
    name: str
    phone: str


class PatientSheet(View):
    """What an assessor or dispatcher needs to know of the patient."""

    name: str
    phone: str | None = None
    gender: Gender
    birth_date: Day
    age: int
    conditions: list[str]
    allergies: list[str]
    emergency_contact: Contact | None = None


class AddressSheet(View):
    label: str
    text: str
    location: Place
    access_notes: str | None = None
    floor: int | None = None
    has_lift: bool | None = None


class ChecklistItem(View):
    """A precondition, and who says that it is met: the system, who ordered, or nobody yet."""

    name: str
    text: str
    state: State
    source: Source


class Against(View):
    """What of the negative list an order comes under; what asks for a `review` needs a reason."""

    name: str
    text: str
    verdict: Verdict


class OpsOrder(Order):
    """An order as one operator opens it; reading it is recorded.

    `patient` and `address` are null after erasure, and for auditors; `checklist` and `against` are
    the assessor's, while the order waits for her.
    """

    account_id: UUID
    institution_id: UUID | None = None
    patient: PatientSheet | None = None
    address: AddressSheet | None = None
    checklist: list[ChecklistItem]
    against: list[Against]


class TimelineEvent(View):
    """One step of the order, an offer or a visit. `by` is the role that took it.

    `reason` is the sentence of `reason_code`, `note` what was said in words. A patient reads why an
    order was assessed, cancelled or broken off as it was; operators read all that was said.
    """

    at: Instant
    subject: str
    subject_id: UUID
    move: str
    from_state: str | None = None
    state: str
    by: Role
    by_text: str
    text: str
    reason_code: str | None = None
    reason: str | None = None
    note: str | None = None
    nurse_id: UUID | None = None


class Tracking(View):
    """Where the nurse is; null until her phone has told. `distance_m` is to the door, straight."""

    visit_id: UUID
    nurse_location: Place | None = None
    recorded_at: Instant | None = None
    eta: Instant | None = None
    distance_m: int | None = None


class Rating(View):
    order_id: UUID
    stars: int
    tags: list[str]
    comment: str | None = None
    created_at: Instant
