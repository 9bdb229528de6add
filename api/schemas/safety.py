"""What a nurse's phone sends for her safety, and what is told of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.conventions import (
    NOT_BLANK,
    Body,
    Id,
    Instant,
    Line,
    PageQuery,
    Place,
    Prose,
    View,
)
from api.schemas.visits import Metres

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]
"""Digits as she can type them without looking."""


class CheckIn(Body):
    """She is well. `code` is needed once she has set her codes."""

    at: Instant
    location: Place | None = None
    accuracy_m: Metres | None = None
    mock_location: bool = False
    device_id: Line | None = None
    code: Code | None = None


class DeclareEmergency(Body):
    """What has been done by now; it is sent again with what is done next."""

    at: Instant
    location: Place | None = None
    accuracy_m: Metres | None = None
    first_aid: bool = False
    ambulance_called: bool = False
    doctor_informed: bool = False
    words: Prose | None = None


class TryDoor(Body):
    """`photo` is the id of an attachment of this visit."""

    at: Instant
    location: Place
    accuracy_m: Metres | None = None
    kind: Literal["rang", "knocked", "called_patient", "called_second"]
    photo: Id | None = None


class ReleaseRecord(Body):
    reason: Prose


class Said(View):
    at: Instant
    words: str


class EmergencyReport(View):
    """`said` and the reason of its release are for staff."""

    id: UUID
    visit_id: UUID
    order_id: UUID
    declared_at: Instant
    first_aid_at: Instant | None
    ambulance_at: Instant | None
    doctor_at: Instant | None
    said: list[Said]
    released_at: Instant | None
    released_by: UUID | None
    version: int


class EmergencyQuery(PageQuery):
    """With `released` those that were reviewed are listed, too."""

    released: bool = False


class SetCodes(Body):
    """`code` says that she is well. `duress_code` looks the same and calls for help in silence.

    `current_code` is needed once there are codes.
    """

    code: Code
    duress_code: Code
    current_code: Code | None = None


class AskFace(Body):
    """`token` is what the face kit on her phone gave for the picture that it took."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=NOT_BLANK)]


class ConfirmFace(Body):
    """How the supervisor knows that it is she."""

    note: Annotated[Prose, Field(max_length=1000)]


class FaceResult(StrEnum):
    ASKED = "asked"
    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    UNAVAILABLE = "unavailable"
    CONFIRMED = "confirmed"


class FaceChecked(View):
    """`asked` until there is an answer, within seconds; `unavailable`: a supervisor may confirm."""

    id: UUID
    nurse_id: UUID
    result: FaceResult
    created_at: Instant
    answered_at: Instant | None
    valid_until: Instant | None


class CodesSet(View):
    set_at: Instant


class Heard(View):
    """On how many visits she is out."""

    visits: int
