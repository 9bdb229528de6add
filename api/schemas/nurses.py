"""What is sent and answered about nurses: their registration, and what they say of themselves."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, RootModel, StringConstraints, field_validator

from api.schemas.conventions import (
    MAY_BE_EMPTY,
    NEVER_EMPTY,
    NOT_BLANK,
    Body,
    Day,
    Id,
    Instant,
    PageQuery,
    Phone,
    Place,
    Prose,
    View,
    Word,
    given,
)
from api.schemas.people import Gender, Name
from config.vocabulary import InsuranceKind, Title
from dispatch import enrolment
from dispatch.records.nurses import NurseState

SHIFTS_MAX: Final = 200

StaffNo = Annotated[int, Field(ge=1, le=enrolment.STAFF_NO_MAX)]
Tier = Annotated[int, Field(ge=enrolment.TIERS[0], le=enrolment.TIERS[1])]
RadiusM = Annotated[int, Field(ge=enrolment.RADIUS_M[0], le=enrolment.RADIUS_M[1])]
Words = Annotated[tuple[Word, ...], Field(min_length=1, max_length=enrolment.LIST_MAX)]
RegistrationNo = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NOT_BLANK)]
PolicyNo = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NOT_BLANK)]
RegistrationState = Literal["registered", "to_verify"]
RegisterState = Literal["unchecked", "verified", "not_found", "unavailable", "confirmed"]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day in the region, to the minute."""
PhotoUrl = Annotated[str, StringConstraints(max_length=500, pattern=r"^https://[!-~]+$")]


# Staff


class NurseQuery(PageQuery):
    """`q` is part of a name, or a whole staff or registration number."""

    q: Annotated[str | None, StringConstraints(min_length=1, max_length=100, pattern=NOT_BLANK)] = (
        None
    )
    institution_id: Id | None = None
    state: NurseState | None = None


class Insurance(Body):
    valid_until: Day
    policy_no: PolicyNo | None = None


class Insurances(Body):
    """The three that must be in force on the day of a visit."""

    liability: Insurance | None = None
    medical_accident: Insurance | None = None
    personal_accident: Insurance | None = None

    def told(self) -> dict[InsuranceKind, enrolment.Insurance]:
        """Those that are given."""
        return {
            kind: enrolment.Insurance(valid_until=one.valid_until, policy_no=one.policy_no)
            for kind in InsuranceKind
            if (one := getattr(self, kind)) is not None
        }


class InsuranceView(View):
    valid_until: date
    policy_no: str | None


class InsurancesView(View):
    liability: InsuranceView
    medical_accident: InsuranceView
    personal_accident: InsuranceView


class RegisterNurse(Body):
    """`insurance_valid_until` holds for each of the three that `insurances` does not tell."""

    staff_no: StaffNo
    phone: Phone
    institution_id: Id
    name: Name
    gender: Gender
    title: Title
    tier: Tier
    first_practised_on: Day
    specialties: Words
    languages: Words = ("zh",)
    registration_no: RegistrationNo | None = None
    certificate_valid_until: Day
    insurance_valid_until: Day
    insurances: Insurances | None = None
    admitted: bool = True
    location: Place
    radius_m: RadiusM | None = None


class ChangeNurse(Body):
    """The fields to change. Null clears what may be empty, and is refused for the rest."""

    institution_id: Id | None = NEVER_EMPTY
    name: Name | None = NEVER_EMPTY
    gender: Gender | None = NEVER_EMPTY
    title: Title | None = NEVER_EMPTY
    tier: Tier | None = NEVER_EMPTY
    first_practised_on: Day | None = NEVER_EMPTY
    specialties: Words | None = NEVER_EMPTY
    languages: Words | None = NEVER_EMPTY
    registration_no: RegistrationNo | None = MAY_BE_EMPTY
    certificate_valid_until: Day | None = NEVER_EMPTY
    insurance_valid_until: Day | None = NEVER_EMPTY
    insurances: Insurances | None = NEVER_EMPTY
    admitted: bool | None = NEVER_EMPTY
    location: Place | None = NEVER_EMPTY
    radius_m: RadiusM | None = NEVER_EMPTY
    quiet_from: LocalTime | None = MAY_BE_EMPTY
    quiet_until: LocalTime | None = MAY_BE_EMPTY
    photo_url: PhotoUrl | None = MAY_BE_EMPTY

    _not_null = field_validator(
        "institution_id",
        "name",
        "gender",
        "title",
        "tier",
        "first_practised_on",
        "specialties",
        "languages",
        "certificate_valid_until",
        "insurance_valid_until",
        "insurances",
        "admitted",
        "location",
        "radius_m",
    )(given)


class SuspendNurse(Body):
    reason: Prose


class ConfirmRegistration(Body):
    """What the supervisor has seen, and where."""

    note: Prose


class Imported(View):
    imported: int


class NurseFacts(View):
    """What everybody sees who sees her at all; `location` is where she is sent from, to 100 m.

    `quiet_from` and `quiet_until` are times of day in the region. `insurance_valid_until` is the
    earliest of the three. `register_state` is what the national register of nurses said last, and
    `register_valid_until` how long she may go by it, where it is asked.
    """

    id: UUID
    staff_no: int
    name: str
    gender: Gender
    title: Title
    tier: int
    institution_id: UUID
    first_practised_on: date
    specialties: list[str]
    languages: list[str]
    registration_no: str | None
    certificate_valid_until: date
    insurance_valid_until: date
    insurances: InsurancesView
    registration_state: RegistrationState
    register_state: RegisterState
    register_checked_at: Instant | None
    register_valid_until: Instant | None
    admitted: bool
    available: bool
    state: NurseState
    radius_m: int
    quiet_from: str | None
    quiet_until: str | None
    rating: float | None
    ratings: int
    photo_url: str | None
    location: Place | None
    located_at: Instant | None
    version: int


class NurseView(NurseFacts):
    """A nurse as staff see her in a list."""

    suspended_at: Instant | None
    suspension_reason: str | None
    created_at: Instant


class NurseDetail(NurseView):
    """A nurse as staff see her alone."""

    institution_name: str
    phone: str | None


# The nurse herself


class ChangeProfile(Body):
    """The fields that are hers to decide. Null ends quiet hours and removes the picture."""

    radius_m: RadiusM | None = NEVER_EMPTY
    languages: Words | None = NEVER_EMPTY
    quiet_from: LocalTime | None = MAY_BE_EMPTY
    quiet_until: LocalTime | None = MAY_BE_EMPTY
    photo_url: PhotoUrl | None = MAY_BE_EMPTY

    _not_null = field_validator("radius_m", "languages")(given)


class SetAvailability(Body):
    """Without a location she is sent from where she was before."""

    available: bool
    location: Place | None = None


class ShiftGiven(Body):
    starts_at: Instant
    ends_at: Instant


class Shifts(RootModel[Annotated[tuple[ShiftGiven, ...], Field(max_length=SHIFTS_MAX)]]):
    """All her shifts to come, in any order."""

    model_config = ConfigDict(strict=True, frozen=True)


class ShiftView(View):
    starts_at: Instant
    ends_at: Instant


class NurseProfile(NurseFacts):
    """A nurse as she sees herself. `ward_duties` are her hospital's, of the next two weeks."""

    institution_name: str
    ward_duties: list[ShiftView]
