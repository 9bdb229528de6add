"""Flags on patients and addresses, as those who propose, decide and appeal send and see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.conventions import Body, Id, Instant, MoveView, PageQuery, Prose, View
from config.vocabulary import Condition
from dispatch.lifecycles import FlagState


class DangerKind(StrEnum):
    VIOLENCE = "violence"
    THREAT = "threat"
    HARASSMENT = "harassment"
    WEAPON = "weapon"
    ANIMAL = "animal"
    UNSAFE_PLACE = "unsafe_place"
    OTHER = "other"


Conditions = Annotated[tuple[Condition, ...], Field(max_length=len(Condition))]
Asked = Annotated[tuple[Condition, ...], Field(min_length=1, max_length=len(Condition))]


class FlagVisit(Body):
    """`evidence`: ids or client_ids of attachments of this visit. `of_address`: the place is
    dangerous, not the patient."""

    kind: DangerKind
    conditions: Asked
    words: Prose
    evidence: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    of_address: bool = False


class FlagPatient(Body):
    """Without `address_id` it is of the patient, wherever."""

    kind: DangerKind
    conditions: Asked
    words: Prose
    address_id: Id | None = None


class ConfirmFlag(Body):
    """`conditions`, where given, take the place of those proposed."""

    reason: Prose
    conditions: Conditions = ()
    valid_days: Annotated[int | None, Field(ge=1, le=3650)] = None


class RejectFlag(Body):
    reason: Prose


class AppealFlag(Body):
    words: Prose


class Flag(View):
    """`words`, `evidence` and who decided are for staff and for who proposed it; `appeal` also for
    the patient's account."""

    id: UUID
    state: FlagState
    version: int
    moves: list[MoveView]
    patient_id: UUID
    address_id: UUID | None
    visit_id: UUID | None
    kind: DangerKind
    kind_text: str
    conditions: list[Condition]
    words: str | None
    evidence: list[UUID]
    appeal: str | None
    proposed_by: UUID | None
    decided_by: UUID | None
    due_at: Instant | None
    valid_until: Instant | None
    created_at: Instant


class FlagQuery(PageQuery):
    state: FlagState | None = None
