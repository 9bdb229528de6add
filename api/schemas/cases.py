"""Adverse events, complaints and follow-ups, as their people send and see them."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.catalogue import KnownService
from api.schemas.conventions import (
    Body,
    Fen,
    Instant,
    Line,
    MoveView,
    PageQuery,
    Prose,
    View,
    Word,
    also,
    listed,
)
from config import cases
from config.cases import CaseKind, Severity
from dispatch.lifecycles import CaseState, Role

_WORDS: Final = cases.load()
_OUTCOMES: Final = {code for outcomes in _WORDS.outcomes.values() for code in outcomes}
ComplaintKind = Annotated[
    Word,
    listed(_WORDS.topics[CaseKind.COMPLAINT]),
    also("case_topic", lambda code: code in _WORDS.topics[CaseKind.COMPLAINT]),
]
EventKind = Annotated[
    Word,
    listed(_WORDS.topics[CaseKind.ADVERSE_EVENT]),
    also("case_topic", lambda code: code in _WORDS.topics[CaseKind.ADVERSE_EVENT]),
]
SignCode = Annotated[
    Word, listed(_WORDS.signs), also("case_sign", lambda code: code in _WORDS.signs)
]
OutcomeCode = Annotated[
    Word, listed(_OUTCOMES), also("case_outcome", lambda code: code in _OUTCOMES)
]


class Complain(Body):
    kind: ComplaintKind
    text: Prose


class ReportEvent(Body):
    """`notified` are those who were told already."""

    kind: EventKind
    severity: Severity
    occurred_at: Instant
    description: Prose
    harm: Prose | None = None
    immediate_action: Prose | None = None
    notified: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    service_code: KnownService | None = None


class AnswerFollowUp(Body):
    """How the patient is: no `signs`, and she is well."""

    signs: Annotated[tuple[SignCode, ...], Field(max_length=20)] = ()
    text: Prose | None = None


class DisputeCase(Body):
    text: Prose


class TellCase(Body):
    """For who has complained."""

    text: Prose


class SettleCase(Body):
    """`outcome` goes by the kind of case. What is said to a complaint is for who
    complained; `credit_fen` lets her off so much of the bill (permission `billing`)."""

    outcome: OutcomeCode
    text: Prose
    credit_fen: Annotated[Fen, Field(gt=0)] | None = None


class LiftHold(Body):
    reason: Prose


class CaseStep(View):
    """One step; `note` is what was said with it, for those whom it is for."""

    at: Instant
    move: str
    state: CaseState
    by: Role
    by_text: str
    text: str
    note: str | None


class CaseAnswer(View):
    """What the patient said of how she is."""

    at: Instant
    signs: list[str]
    sign_texts: list[str]
    text: str | None


class CaseWords(View):
    """What was said when it was opened."""

    text: str | None
    harm: str | None
    immediate_action: str | None
    notified: list[str]
    occurred_at: Instant | None
    service_code: str | None
    answers: list[CaseAnswer]
    hold_lifted: str | None


class Suggestion(View):
    """What alarm signs speak for: `hospital`, a new `order` of these services, or an
    `adverse_event` of this kind. It is for a person to decide."""

    kind: Literal["hospital", "order", "adverse_event"]
    text: str
    service_codes: list[str]
    event_kind: str | None


class Case(View):
    """Something that a person must see to by `due_at`; `late` if nobody has.

    While `held_services` are not empty, the nurse is sent for none of them. `words`, `steps` and
    `suggestions` are told of one case, not in lists; `words` are null after erasure.
    """

    id: UUID
    kind: CaseKind
    topic: str
    topic_text: str
    severity: Severity | None
    severity_text: str | None
    state: CaseState
    version: int
    moves: list[MoveView]
    order_id: UUID
    visit_id: UUID | None
    patient_id: UUID
    nurse_id: UUID | None
    institution_id: UUID | None
    level: int
    due_at: Instant
    late: bool
    held_services: list[str]
    outcome: str | None
    outcome_text: str | None
    opened_at: Instant
    settled_at: Instant | None
    words: CaseWords | None
    steps: list[CaseStep] | None
    suggestions: list[Suggestion] | None


class CaseQuery(PageQuery):
    kind: CaseKind | None = None


class CaseQueueQuery(CaseQuery):
    """`state`: what waits for a person (soonest due first), only what is late, or what is settled
    (newest first)."""

    state: Literal["open", "late", "settled"] = "open"
    severity: Severity | None = None
