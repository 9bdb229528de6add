"""Photos, recordings, pictures of prescriptions and documents as they are sent and seen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from api.schemas.conventions import Body, Id, Instant, View
from api.schemas.people import PrescriptionView


class AttachmentKind(StrEnum):
    PHOTO = "photo"
    AUDIO = "audio"


class ConsentBy(StrEnum):
    """Who agreed to be recorded."""

    PATIENT = "patient"
    RELATIVE = "relative"
    GUARDIAN = "guardian"


NEEDED: Final = {
    AttachmentKind.PHOTO: frozenset({"recorded_at"}),
    AttachmentKind.AUDIO: frozenset({"started_at", "ended_at", "consent_by", "consent_at"}),
}
Told = Annotated[Instant | None, Field(validate_default=True)]


class Attach(Body):
    """A photo has `recorded_at`; a recording has `started_at`, `ended_at`, and who agreed when."""

    kind: AttachmentKind
    client_id: Id
    recorded_at: Told = None
    started_at: Told = None
    ended_at: Told = None
    consent_by: Annotated[ConsentBy | None, Field(validate_default=True)] = None
    consent_at: Told = None

    @field_validator("recorded_at", "started_at", "ended_at", "consent_by", "consent_at")
    @classmethod
    def _of_its_kind(
        cls, value: datetime | ConsentBy | None, info: ValidationInfo
    ) -> datetime | ConsentBy | None:
        kind = info.data.get("kind")
        if kind is None:
            return value
        needed = info.field_name in NEEDED[kind]
        if needed and value is None:
            raise PydanticCustomError("missing", "is required for this kind")
        if value is not None and not needed:
            raise PydanticCustomError("extra_forbidden", "does not belong to this kind")
        return value


class Attachment(View):
    """`sha256` is of the file as it is served, `received_sha256` as it was sent; both in hex.

    They differ for pictures, of which only the picture is kept.
    """

    id: UUID
    visit_id: UUID
    client_id: UUID
    kind: AttachmentKind
    media_type: str
    size_bytes: int
    sha256: str
    received_sha256: str
    started_at: Instant
    ended_at: Instant | None
    consent_by: ConsentBy | None
    consent_at: Instant | None
    received_at: Instant
    author_id: UUID


class PrescriptionFileFields(Body):
    """The file alone."""


class PrescriptionFile(View):
    """The newest picture of a prescription."""

    media_type: str
    size_bytes: int
    sha256: str
    received_sha256: str
    received_at: Instant


class Prescription(PrescriptionView):
    """`file` is its picture, null as long as none has been sent."""

    file: PrescriptionFile | None


class DocumentKind(StrEnum):
    IDENTITY = "identity"
    MEDICAL_RECORD = "medical_record"
    CONTRACT = "contract"


class AttachDocument(Body):
    kind: DocumentKind


class Document(View):
    """What the patient's side shows to the assessor: pictures or PDF; hashes as of attachments."""

    id: UUID
    order_id: UUID
    kind: DocumentKind
    media_type: str
    size_bytes: int
    sha256: str
    received_sha256: str
    received_at: Instant
    author_id: UUID


class Documents(View):
    """All of an order, newest first."""

    items: list[Document]
