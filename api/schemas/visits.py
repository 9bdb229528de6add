"""Visits as nurses and operators send and see them; records, positions, board and day."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

import orjson
from pydantic import Field, JsonValue, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from api.schemas.alarms import Alarm
from api.schemas.contact import ConfirmationMark
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
    Query,
    View,
    WindowView,
)
from api.schemas.orders import KnownNegative, KnownPrecondition, NurseCard
from api.schemas.shortages import Shortage
from api.schemas.waste import Waste
from config import record_fields
from config.vocabulary import Condition
from dispatch.lifecycles import OrderState, VisitState
from matching.inputs import Gender
from matching.policy import Urgency

RECORD_MAX_BYTES: Final = 16 * 1024

Metres = Annotated[float, Field(ge=0, le=100_000)]


# Steps


class Located(Body):
    """`mock_location`: what the phone's system says of the place; `device_id` names the phone."""

    location: Place
    at: Instant
    accuracy_m: Metres | None = None
    mock_location: bool = False
    device_id: Line | None = None


class Depart(Located):
    pass


class Arrive(Located):
    """`override_reason`: why she is at the door although her phone says otherwise."""

    override_reason: Prose | None = None


class DoorCheck(Body):
    """What she finds before she touches anybody. `checks` says of preconditions whether they are
    met, `found` names what of the negative list (`/v1/vocabulary`) she meets. What forbids the
    service is 422; she then breaks off as `clinical`."""

    outcome: Literal["proceed", "modify"] = "proceed"
    checks: Annotated[dict[KnownPrecondition, bool], Field(default_factory=dict, max_length=100)]
    found: Annotated[tuple[KnownNegative, ...], Field(max_length=20)] = ()
    family_present: bool | None = None
    note: Prose | None = None


class Start(Body):
    identity_confirmed: Literal[True]
    at: Instant
    door_check: DoorCheck | None = None


class Signature(Body):
    """Signed on the nurse's phone by the patient or somebody who may sign for them."""

    signed_by: Line
    relation: Literal["patient", "relative", "guardian"]
    svg: Annotated[str, Field(max_length=100_000, pattern=r"^\s*<svg[\s>]")] | None = None


class Complete(Located):
    """`early_reason`: why she leaves sooner than her services ask. Without all that they ask to be
    recorded it is refused (422), each field by `loc`: kind of record, name, and when it is due."""

    summary: Prose
    early_reason: Prose | None = None
    signature: Signature | None = None


class Abort(Body):
    """`reason`: clinical, refused, nobody_home, unsafe or other; words may follow a colon."""

    reason: Annotated[Prose, Field(max_length=500)]
    at: Instant


class Release(Body):
    reason: Annotated[Prose, Field(max_length=500)]


class CorrectFact(Body):
    """When, and if given where, a step was really taken; `reason` says how that is known."""

    at: Instant
    location: Place | None = None
    reason: Annotated[Prose, Field(max_length=500)]


class EndForHer(Body):
    reason: Annotated[Prose, Field(max_length=500)]
    at: Instant | None = None


# Visits


class RecordKind(StrEnum):
    VITALS = "vitals"
    PROCEDURE = "procedure"
    EDUCATION = "education"
    PHOTO = "photo"
    MATERIAL = "material"
    WASTE = "waste"
    NOTE = "note"


class RecordOption(View):
    value: str
    label: str
    label_zh: str
    label_en: str


class SecondContact(View):
    name: str
    phone: str


class VisitPatient(View):
    """After the visit has ended, name and phone are null for its nurse. `second_contact` is whom to
    call when nobody opens: told while she is on her way or in the home."""

    id: UUID
    name: str | None
    phone: str | None
    gender: Gender
    age: int | None
    conditions: list[str]
    allergies: list[str]
    second_contact: SecondContact | None


class VisitAddress(View):
    text: str
    location: Place
    access_notes: str | None
    floor: int | None
    has_lift: bool | None


class Fact(View):
    """A step as the phone reported it; `taken`: whether the lifecycle allowed it.

    `reason` is what the nurse gave for ending the visit, or for arriving far from the door;
    `distance_m` how far. Null after erasure. One that is named by another's `supersedes` no longer
    counts.
    """

    id: UUID
    supersedes: UUID | None
    step: str
    at: Instant
    received_at: Instant
    taken: bool
    reason: str | None
    distance_m: int | None


class RecordField(View):
    """What to record: `data.<field>` of an entry of `kind`, before the procedure, after it, or when
    it suits. A `photo` is named by the id or client_id of its attachment."""

    name: str
    kind: RecordKind
    field: str
    when: record_fields.When
    required: bool
    type: record_fields.FieldType
    label: str
    label_zh: str
    label_en: str
    unit: str | None
    min: float | None
    max: float | None
    options: list[RecordOption]


class Welfare(View):
    """How it stands with a nurse who is out. `every_min`: in the home she is to check in so often,
    next until `due_at`; null: she is not asked to. `heard_at` is of her phone, `answered_at` of
    herself."""

    every_min: int | None
    due_at: Instant | None
    heard_at: Instant
    answered_at: Instant


class Standing(View):
    """A confirmed flag that binds this visit: of the patient, or of the address."""

    kind: str
    text: str
    of_address: bool
    conditions: list[Condition]


class VisitEmergency(View):
    """While it is not released the record of the visit is locked."""

    declared_at: Instant
    first_aid_at: Instant | None
    ambulance_at: Instant | None
    doctor_at: Instant | None
    released_at: Instant | None


class DoorAttempt(View):
    at: Instant
    kind: str


class Door(View):
    """While she stands there: how long she waits, and what she has tried."""

    wait_until: Instant
    attempts: list[DoorAttempt]


class Visit(View):
    """`nurse` and `facts` are for operators; for its nurse `address` ends with the visit.

    `confirmation`: whether the patient was asked if she is ready, and what she said. `end_text` is
    the sentence of `end_reason`. A visit that has ended is closed (`closed_at`) once
    its `waste` is received or excused; one that made none is closed with its end. `welfare`
    is null before she sets out.
    """

    id: UUID
    order_id: UUID
    round: int
    seat: int
    seats: int
    state: VisitState
    version: int
    moves: list[MoveView]
    service_codes: list[str]
    materials: list[str]
    window: WindowView
    planned_start: Instant
    planned_end: Instant
    eta: Instant | None
    departed_at: Instant | None
    arrived_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    end_reason: str | None
    end_text: str | None
    distance_m: int
    travel_s: int
    pay_fen: int
    patient: VisitPatient
    address: VisitAddress | None
    notes: str | None
    record_fields: list[RecordField]
    least_min: int
    signature_required: bool
    flags: list[str]
    conditions: list[str]
    conditions_text: list[str]
    signed: bool
    confirmation: ConfirmationMark | None
    waste: Waste | None
    closed_at: Instant | None
    welfare: Welfare | None
    safety_flags: list[Standing]
    emergency: VisitEmergency | None
    door: Door | None
    nurse: NurseCard | None
    facts: list[Fact] | None
    created_at: Instant


class VisitQuery(PageQuery):
    """`from` and `to`: visits that touch this time."""

    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None


# Records


class Vitals(Body):
    """Each is optional; the bounds are those of what can be measured on a living person.

    Without `phase` what is measured first counts as before the procedure, what follows as after it.
    """

    phase: Literal["before", "after"] | None = None
    systolic_mmhg: Annotated[int | None, Field(ge=40, le=300)] = None
    diastolic_mmhg: Annotated[int | None, Field(ge=20, le=200)] = None
    pulse_bpm: Annotated[int | None, Field(ge=20, le=300)] = None
    temperature_c: Annotated[float | None, Field(ge=30, le=44)] = None
    spo2_pct: Annotated[float | None, Field(ge=30, le=100)] = None
    respiration_bpm: Annotated[int | None, Field(ge=4, le=80)] = None
    glucose_mmol_l: Annotated[float | None, Field(ge=0.5, le=60)] = None
    pain_0_10: Annotated[int | None, Field(ge=0, le=10)] = None

    @field_validator("diastolic_mmhg")
    @classmethod
    def _below_systolic(cls, diastolic: int | None, info: ValidationInfo) -> int | None:
        systolic = info.data.get("systolic_mmhg")
        if diastolic is not None and systolic is not None and diastolic >= systolic:
            raise PydanticCustomError("above_systolic", "is not below systolic_mmhg")
        return diastolic


class KeepRecord(Body):
    """`data` is at most 16 KiB of JSON; that of `vitals` has the fields of Vitals."""

    kind: RecordKind
    data: dict[str, JsonValue]
    recorded_at: Instant
    client_id: Id

    @field_validator("data")
    @classmethod
    def _check(cls, data: dict[str, JsonValue], info: ValidationInfo) -> dict[str, JsonValue]:
        if len(orjson.dumps(data)) > RECORD_MAX_BYTES:
            raise PydanticCustomError("record_too_large", "is more than 16 KiB")
        if info.data.get("kind") is RecordKind.VITALS:
            # What it refuses is told as faults of this field's own fields.
            Vitals.model_validate(data)
        return data


class Record(View):
    id: UUID
    visit_id: UUID
    client_id: UUID
    kind: RecordKind
    data: dict[str, JsonValue]
    recorded_at: Instant
    received_at: Instant
    author_id: UUID


# Positions


class PositionPoint(Body):
    location: Place
    recorded_at: Instant
    accuracy_m: Metres | None = None


class ReportPositions(Body):
    points: Annotated[tuple[PositionPoint, ...], Field(min_length=1, max_length=500)]


class PositionsTaken(View):
    """`ignored` are points recorded outside of every visit under way; they are not kept."""

    accepted: int
    ignored: int


# Board and day


class BoardNurse(View):
    """One who is out, or who can be sent. `state`: that of her visit, else available.

    The location is rounded to 100 m.
    """

    id: UUID
    state: str
    visit_id: UUID | None
    location: Place
    recorded_at: Instant


class AtRisk(View):
    """An order that waits past its promise, that waves have not filled, or whose patient nobody
    knows to be ready; `flags` are those of its visits."""

    id: UUID
    state: OrderState
    version: int
    moves: list[MoveView]
    county: str
    service_codes: list[str]
    window: WindowView
    urgency: Urgency
    seats: int
    round: int
    wave: int
    promise_at: Instant
    at_risk: bool
    flags: list[str]
    created_at: Instant


class PlannedDay(View):
    """What `GET /v1/ops/plans` has for a day in a county, in numbers: visits that a nurse who is
    held up comes late to (`pressing`), visits that would change, those that nobody was found for,
    and the travel that would be saved."""

    date: Day
    county: str
    planned_at: Instant
    pressing: bool
    late: int
    changes: int
    nobody: int
    saved_min: int


class Board(View):
    """Of orders and visits that have ended, those of the last 24 hours are counted.

    `alarms` tell where somebody pressed to those who take alarms up, else null. The ETag stays
    while nothing but `now` has changed. `shortages` are the twenty soonest that hold, `plans` the
    most pressing that can still be done.
    """

    now: Instant
    orders: dict[str, int]
    visits: dict[str, int]
    alarms: list[Alarm]
    at_risk: list[AtRisk]
    shortages: list[Shortage]
    plans: list[PlannedDay]
    nurses: list[BoardNurse]


class DayQuery(Query):
    date: Day | None = None


class Span(View):
    starts_at: Instant
    ends_at: Instant


class Stop(View):
    """One place of the route; `location` is null once the patient's data are erased."""

    visit_id: UUID
    order_id: UUID
    seat: int
    state: VisitState
    service_codes: list[str]
    planned_start: Instant
    planned_end: Instant
    departed_at: Instant | None
    arrived_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    travel_s: int
    distance_m: int
    location: Place | None
    flags: list[str]


class DayEvent(View):
    """`kind`: shift_start, shift_end, duty_start, duty_end, planned, depart, arrive, start, end."""

    at: Instant
    kind: str
    text: str
    visit_id: UUID | None = None


class NurseDay(View):
    nurse_id: UUID
    staff_no: int
    name: str
    date: Day
    shifts: list[Span]
    duties: list[Span]
    route: list[Stop]
    timeline: list[DayEvent]
