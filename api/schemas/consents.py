"""What is agreed to for a patient besides each order, as it is sent and answered."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from api import reference
from api.schemas.conventions import Body, Instant, Line, Prose, View, Word, also

KnownPurpose = Annotated[Word, also("purpose", lambda slug: slug in reference.purposes().purposes)]


class PurposeText(View):
    """A text in the reader's language, with its hash; without a `required` one nobody is sent."""

    purpose: str
    name: str
    version: str
    text: str
    hash: str
    required: bool


class PurposeTexts(View):
    items: list[PurposeText]


class GiveConsent(Body):
    """`relation`: what the signer is to the patient; left out, who keeps the profile has signed."""

    purpose: KnownPurpose
    version: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    accepted_at: Instant
    signer: Line | None = None
    relation: Line | None = None
    authority: Line | None = None
    channel: Line | None = None


class WithdrawConsent(Body):
    """For what is to come; without a required one open orders are held and nobody is sent."""

    purpose: KnownPurpose
    reason: Prose | None = None


class LedgerEntry(View):
    """One line: agreed to or withdrawn, by whom as what, on which text."""

    id: UUID
    act: Literal["given", "withdrawn"]
    purpose: str
    name: str
    version: str | None = None
    language: str | None = None
    hash: str | None = None
    signer: str | None = None
    relation: str
    relation_text: str
    authority: str | None = None
    channel: str | None = None
    reason: str | None = None
    accepted_at: Instant
    recorded_at: Instant
