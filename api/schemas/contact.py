"""How the two sides of a visit reach each other, as they send and see it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from api.schemas.conventions import NOT_BLANK, Body, Id, Instant, View
from dispatch.lifecycles import Role

Short = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NOT_BLANK)]


class WriteMessage(Body):
    """`client_id`, made on the phone, makes sending it again safe."""

    text: Short
    client_id: Id


class Message(View):
    """`mine`: whether the caller wrote it. `text` is null after erasure."""

    id: UUID
    visit_id: UUID
    client_id: UUID
    by: Role
    mine: bool
    text: str | None
    sent_at: Instant


class CallNumber(View):
    """Calling it reaches the other side of the visit; it stands for nobody after `expires_at`."""

    visit_id: UUID
    number: str
    expires_at: Instant


class AnswerConfirmation(Body):
    """`yes`: ready for the visit; `later`: another time would be better; `no`: not to come."""

    answer: Literal["yes", "later", "no"]
    text: Short | None = None


class Confirmation(View):
    """`asked_at`: when the patient was asked whether she is ready; `answer` null: not yet."""

    visit_id: UUID
    asked_at: Instant
    answer: Literal["yes", "later", "no"] | None
    text: str | None
    answered_at: Instant | None


class ConfirmationMark(View):
    """The same as the nurse sees it with her visit; what was said is told there alone."""

    asked_at: Instant
    answer: Literal["yes", "later", "no"] | None
    answered_at: Instant | None
