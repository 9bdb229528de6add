"""What is sent and answered about dispatch: offers, assessment, interventions, candidates."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.conventions import (
    Body,
    Id,
    Instant,
    Line,
    MoveView,
    Page,
    Place,
    Prose,
    View,
    WindowView,
    Word,
)
from api.schemas.orders import KnownPrecondition
from config.assessment import Decision
from dispatch.lifecycles import OfferState, VisitState
from matching.policy import Urgency

# Offers


class DeclineReason(StrEnum):
    TOO_FAR = "too_far"
    BUSY = "busy"
    SKILL = "skill"
    SAFETY = "safety"
    OTHER = "other"


class DeclineOffer(Body):
    reason: DeclineReason
    note: Prose | None = None


class Area(View):
    """About where it is, before the address is told: the centre of a cell of `size_m`."""

    county: str
    name: str
    center: Place
    size_m: int


class Offer(View):
    """`travel_s` is door to door by road, `distance_m` straight; `conditions` are the assessment's,
    `why` says why she was asked. `floor` and `has_lift` are null where nobody said."""

    id: UUID
    order_id: UUID
    state: OfferState
    version: int
    moves: list[MoveView]
    seat: int
    seats: int
    service_codes: list[str]
    window: WindowView
    duration_min: int
    urgency: Urgency
    area: Area | None = None
    floor: int | None = None
    has_lift: bool | None = None
    distance_m: int
    travel_s: int
    pay_fen: int
    materials: list[str]
    conditions: list[str]
    conditions_text: list[str]
    sent_at: Instant
    expires_at: Instant
    why: list[str]


class Accepted(View):
    """`state` is the visit's."""

    visit_id: UUID
    order_id: UUID
    seat: int
    state: VisitState


# The operator's steps


Checklist = Annotated[dict[KnownPrecondition, bool], Field(default_factory=dict, max_length=100)]


class AssessOrder(Body):
    """`outcome` and `conditions` are words of `/v1/vocabulary`, which bind; own words are told.

    `checklist` says of preconditions whether they are met, `overrides` why it may be done where one
    is not or the negative list asks for a reason, `has_capacity` whether the patient can decide.
    """

    decision: Decision
    note: Prose
    risk: Word | None = None
    outcome: Word | None = None
    conditions: Annotated[list[Line], Field(default_factory=list, max_length=20)]
    checklist: Checklist
    overrides: Annotated[dict[Word, Prose], Field(default_factory=dict, max_length=50)]
    findings: Prose | None = None
    has_capacity: bool | None = None


class AssignOrder(Body):
    nurse_id: Id
    reason: Prose


class Redispatch(Body):
    reason: Prose


class Reasoned(Body):
    reason: Prose | None = None


# Candidates


class RefusalView(View):
    """Which rule refused her: what was found, what was wanted, and a sentence."""

    rule: str
    value: bool | int | float | str | list[str] | None = None
    threshold: bool | int | float | str | list[str] | None = None
    text: str


class ChangeView(View):
    """What would have had to be otherwise, and by how much or to what."""

    kind: str
    value: bool | int | float | str | list[str] | None = None


class Nearest(View):
    """The nearest other world, all `changes` together: she would have been asked, or qualified."""

    changes: list[ChangeView]
    text: str


class CandidateView(View):
    """`cost` is the sum of `parts`, in the matcher's own unit; the least is ranked first.

    `chance` is that of her accepting, from what was learned, where somebody was asked. `nearest` is
    for who was not asked; null where nothing of hers would have changed it.
    """

    nurse_id: UUID
    staff_no: int
    name: str
    eligible: bool
    rank: int | None = None
    distance_m: int | None = None
    start_at: Instant | None = None
    travel_s: int | None = None
    offer_id: UUID | None = None
    offer_state: OfferState | None = None
    seat: int | None = None
    reasons: list[RefusalView]
    cost: float | None = None
    parts: dict[str, float] | None = None
    chance: float | None = None
    nearest: Nearest | None = None


class ReachView(View):
    """How many were asked for each empty seat: so many that, by their chances, it is filled with
    the probability `target` in `waves` waves. `waves` is null where the chances are not known and
    the size is as it is set."""

    size: int
    waves: int | None
    target: float


class MeasureView(View):
    """By what the ways of one decision were measured: `osrm`, the road engine, or `straight` lines.

    `instead_of` names an engine that failed, and `why`. A road engine's oldest way was told
    `oldest_s` before, from a map of the time `data`; straight lines go at a pace `learned_at` a
    time from so many finished ways, or as it is set.
    """

    engine: str
    instead_of: str | None = None
    why: str | None = None
    data: str | None = None
    oldest_s: int | None = None
    learned_at: Instant | None = None
    learned_from: int | None = None


class Candidates(Page[CandidateView]):
    """Those asked first, then the eligible by rank, then the refused.

    `counts` says how many of all `considered` fell to each rule; `decided_at` is when the matcher
    looked. Without `asked` nobody has been asked on these numbers (yet). `reach` is null where the
    preferred nurse alone is asked, or nobody can be.
    """

    round: int
    wave: int
    asked: bool
    decided_at: Instant
    considered: int
    eligible: int
    counts: dict[str, int]
    reach: ReachView | None = None
    travel: MeasureView | None = None


# A nurse's own


class NurseVerdict(StrEnum):
    """What a decision came to for one nurse."""

    ASKED = "asked"
    PASSED_OVER = "passed_over"
    REFUSED = "refused"


class PartView(View):
    """A part of what sending her would have cost, in minutes of travel; below nought speaks for
    her."""

    term: str
    name: str
    minutes: float


class NurseDecision(View):
    """Why she was asked, or was not. Of an order that she was not asked for only the county, the
    services and the day are told, and the distance to the half kilometre.

    `rank` counts from 1 among the `eligible`. `reasons` refused her: one that is the patient's is
    called `other`. `parts` leave out what would tell who the patient is; `why` is what an offer
    said.
    """

    at: Instant
    verdict: NurseVerdict
    offer_id: UUID | None = None
    county: str
    county_name: str
    service_codes: list[str]
    on: date
    distance_km: float
    rank: int | None = None
    eligible: int
    reasons: list[RefusalView]
    parts: list[PartView]
    nearest: Nearest | None = None
    why: list[str]
