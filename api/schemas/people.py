"""What is sent and answered about people: signing in, patients, addresses, prescriptions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from api.schemas.catalogue import KnownService
from api.schemas.conventions import (
    MAY_BE_EMPTY,
    NEVER_EMPTY,
    NOT_BLANK,
    Body,
    Day,
    Id,
    Instant,
    Line,
    Phone,
    Place,
    View,
    also,
    given,
)
from dispatch import identity
from dispatch.lifecycles import Role

PRINTABLE: Final = r"^[!-~]+$"

Gender = Literal["female", "male"]
Relation = Literal["self", "parent", "child", "spouse", "other"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NOT_BLANK)]
Lines = Annotated[tuple[Line, ...], Field(max_length=30)]
AccessNotes = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NOT_BLANK)]
Floor = Annotated[int, Field(ge=-2, le=120)]
"""As the house numbers it; below the street it is negative."""


def _is_id_number(text: str) -> bool:
    try:
        identity.normalise_id_number(text)
    except ValueError:
        return False
    return True


IdNumber = Annotated[
    str,
    StringConstraints(min_length=18, max_length=40, pattern=NOT_BLANK),
    also("id_number", _is_id_number),
]


# Signing in


class AskForCode(Body):
    phone: Phone


class TradeCode(Body):
    phone: Phone
    code: Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=PRINTABLE)]


class Refresh(Body):
    refresh_token: Annotated[
        str, StringConstraints(min_length=1, max_length=512, pattern=PRINTABLE)
    ]


class TokenPair(View):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    expires_in: int
    role: Role
    account_id: UUID


class Me(View):
    account_id: UUID
    role: Role
    permissions: list[str]
    phone_masked: str
    nurse_id: UUID | None
    institution_id: UUID | None
    alarm_url: str


# Patients


class EmergencyContact(Body):
    name: Name
    phone: Phone


class CreatePatient(Body):
    name: Name
    id_number: IdNumber | None = None
    phone: Phone | None = None
    gender: Gender
    birth_date: Day
    relation: Relation
    conditions: Lines = ()
    allergies: Lines = ()
    emergency_contact: EmergencyContact | None = None


class ChangePatient(Body):
    """The fields to change. Null clears what may be empty, and is refused for the rest."""

    name: Name | None = NEVER_EMPTY
    id_number: IdNumber | None = MAY_BE_EMPTY
    phone: Phone | None = MAY_BE_EMPTY
    gender: Gender | None = NEVER_EMPTY
    birth_date: Day | None = NEVER_EMPTY
    relation: Relation | None = NEVER_EMPTY
    conditions: Lines | None = NEVER_EMPTY
    allergies: Lines | None = NEVER_EMPTY
    emergency_contact: EmergencyContact | None = MAY_BE_EMPTY

    _not_null = field_validator(
        "name", "gender", "birth_date", "relation", "conditions", "allergies"
    )(given)


class EmergencyContactView(View):
    name: str
    phone: str


class PatientView(View):
    """A profile as its own account sees it; an identity number is never told whole again."""

    id: UUID
    name: str
    id_number_masked: str | None
    phone: str | None
    gender: Gender
    birth_date: date
    relation: Relation
    conditions: list[str]
    allergies: list[str]
    emergency_contact: EmergencyContactView | None
    created_at: Instant
    version: int


# Addresses


class CreateAddress(Body):
    label: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NOT_BLANK)]
    text: Line
    location: Place
    access_notes: AccessNotes | None = None
    floor: Floor | None = None
    has_lift: bool | None = None


class AddressView(View):
    """`county` is null where nobody is sent (yet); `floor` and `has_lift` where nobody said.

    An address is never changed, since past orders name it: its `version` stays 1.
    """

    id: UUID
    label: str
    text: str
    location: Place
    access_notes: str | None
    floor: int | None
    has_lift: bool | None
    county: str | None
    created_at: Instant
    version: int


# Prescriptions


class PrescriptionItem(Body):
    """A drug with how it is given, or a procedure."""

    drug: Line | None = None
    dose: Line | None = None
    route: Line | None = None
    frequency: Line | None = None
    procedure: Line | None = None


NamedItem = Annotated[
    PrescriptionItem, also("drug_or_procedure", lambda item: bool(item.drug or item.procedure))
]


class WritePrescription(Body):
    patient_id: Id
    service_codes: Annotated[tuple[KnownService, ...], Field(min_length=1, max_length=10)]
    prescriber: Name
    institution: Line
    issued_on: Day
    valid_until: Day
    items: Annotated[tuple[NamedItem, ...], Field(min_length=1, max_length=20)]


class PrescriptionItemView(View):
    drug: str | None
    dose: str | None
    route: str | None
    frequency: str | None
    procedure: str | None


class PrescriptionView(View):
    id: UUID
    patient_id: UUID
    service_codes: list[str]
    prescriber: str
    institution: str
    issued_on: date
    valid_until: date
    items: list[PrescriptionItemView]
    created_at: Instant
