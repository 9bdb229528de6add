"""Owns the whole decision: who was considered and why not, what each would cost, who is asked.

Pure and repeatable: the same cases in any order give the same decisions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, cast
from uuid import UUID

from matching import certificate, counterfactual, eligibility, ranking, waves
from matching.batch import Demand
from matching.certificate import Certificate
from matching.counterfactual import Change
from matching.inputs import Candidate, Frame, Need
from matching.policy import Policy, Urgency
from matching.timetable import Fit

# Nurses who could be asked for each one who is, below which a wave is hardly a choice.
CHOICE: Final = 4
# An urgent order is worth more than two that can wait, since its two seats can cost two others
# theirs. Where every order has one seat, as many as can be are served all the same.
WEIGHTS: Final = {Urgency.URGENT: 9, Urgency.SOON: 3, Urgency.ROUTINE: 1}
URGENCY_ORDER: Final = {Urgency.URGENT: 0, Urgency.SOON: 1, Urgency.ROUTINE: 2}


class Alternative(StrEnum):
    """What could still help a patient for whom there is nobody."""

    LATER_WINDOW = "later_window"
    OTHER_INSTITUTION = "other_institution"
    FEWER_WISHES = "fewer_wishes"
    SPLIT_SERVICES = "split_services"
    HOSPITAL = "hospital"


# Which way out a rule points to; the rest leave only the hospital.
WAYS_OUT: Final[Mapping[str, Alternative]] = {
    "shift": Alternative.LATER_WINDOW,
    "ward_duty": Alternative.LATER_WINDOW,
    "timetable": Alternative.LATER_WINDOW,
    "available": Alternative.LATER_WINDOW,
    "institution_covers": Alternative.OTHER_INSTITUTION,
    "radius": Alternative.OTHER_INSTITUTION,
    "gender": Alternative.FEWER_WISHES,
    "language": Alternative.FEWER_WISHES,
    "excluded": Alternative.FEWER_WISHES,
    "institution_offers": Alternative.SPLIT_SERVICES,
    "specialty": Alternative.SPLIT_SERVICES,
    "tier": Alternative.SPLIT_SERVICES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One order that is due: its need, those to consider, and how far its round has come."""

    need: Need
    candidates: Sequence[Candidate]
    progress: waves.Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A fact that a nurse is told as the reason why she was asked; `texts.why` puts it in words."""

    kind: str
    value: int | float | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One nurse's verdict. `rank` counts from 1; rank, cost and fit are None for the refused.

    `why` is for those who are asked now, to be told with the offer. `nearest` is what would have
    had to be otherwise for one who was not, as far as her refusals do not say it themselves.
    `chance`: that she accepts, where that was learned and somebody was asked.
    """

    nurse_id: UUID
    distance_m: int
    refusals: tuple[eligibility.Refusal, ...]
    rank: int | None
    cost: ranking.Cost | None
    fit: Fit | None
    why: tuple[Reason, ...]
    nearest: Change | None = None
    chance: float | None = None

    @property
    def eligible(self) -> bool:
        return self.rank is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`considered`: the eligible by rank, then the refused by fewest refusals and distance.

    `counts` says how many fell to each rule (a nurse counts for each of hers), in order of RULES.
    """

    order_id: UUID
    considered: tuple[Considered, ...]
    counts: Mapping[str, int]
    alternatives: tuple[Alternative, ...]
    plan: waves.WavePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    candidate: Candidate
    verdict: eligibility.Verdict
    cost: ranking.Cost | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A case with the verdict on each of its candidates."""

    case: Case
    verdicts: Sequence[_Judged]

    def is_scant(self, policy: Policy) -> bool:
        """Whether so few could still be asked that this wave is hardly a choice."""
        need, progress = self.case.need, self.case.progress
        size = policy.wave_sizes[min(progress.wave, len(policy.wave_sizes) - 1)]
        asked = {offer.nurse_id for offer in progress.offers}
        fresh = sum(
            one.cost is not None and one.candidate.nurse_id not in asked for one in self.verdicts
        )
        return fresh < CHOICE * size * len(need.seats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A decision for each case, in the order given; `certificate` is of who is first for which."""

    decisions: list[Decision]
    certificate: Certificate


def decide(cases: Sequence[Case], frame: Frame) -> list[Decision]:
    """A decision for each case, in the order given."""
    return settle(judge(cases, frame), frame).decisions


def judge(cases: Sequence[Case], frame: Frame) -> list[Judged]:
    """The rules' verdict on every candidate of each case, and what she would cost."""
    return [Judged(case=case, verdicts=_judge(case, frame)) for case in cases]


def settle(found: Sequence[Judged], frame: Frame) -> Settled:
    """What becomes of the cases, and the proof of it.

    The batch decides together who is first for which order, and a place for that offer is kept for
    her; the waves are then planned by urgency, promise and id, so that any other last free place of
    a nurse goes to the order that needs it most. Those that wait for a better batch take nobody in
    this one.
    """
    cases = [one.case for one in found]
    judged = {one.case.need.order_id: one.verdicts for one in found}
    in_turn = sorted(cases, key=_precedence)
    demands = _demands(in_turn, judged, frame)
    certified = certificate.certify(demands)
    until = _held_until(found, certified.assignment.nurses, frame)
    if until:
        certified = certificate.certify([it for it in demands if it.order_id not in until])
    first = certified.assignment.nurses
    held: Counter[UUID] = Counter()
    for case in cases:
        for candidate in case.candidates:
            held[candidate.nurse_id] = max(held[candidate.nurse_id], candidate.open_offers)
    held.update(nurse_id for named in first.values() for nurse_id in named)
    decisions: dict[UUID, Decision] = {}
    for case in in_turn:
        need = case.need
        named = first.get(need.order_id, ())
        held.subtract(named)
        ranked = _ranked(judged[need.order_id], named)
        refused = _refused(need, judged[need.order_id])
        nurses = [one.candidate for one in ranked]
        chances = None
        if need.order_id in until:
            held_to = until[need.order_id]
            plan = waves.hold(need, case.progress, held_to, frame.policy, frame.now)
        else:
            chances = _chances(need, nurses, frame)
            plan = waves.plan(need, case.progress, nurses, held, frame.policy, frame.now, chances)
        counts = _counts(refused)
        asked = {ask.nurse_id for ask in plan.asks}
        passed = _Passed.over(case, ranked, asked, named, held, chances or {})
        decisions[need.order_id] = Decision(
            order_id=need.order_id,
            considered=tuple(
                _considered(need, one, rank, passed, frame)
                for rank, one in [*enumerate(ranked, start=1), *((None, one) for one in refused)]
            ),
            counts=counts,
            alternatives=alternatives(need, counts) if not ranked else (),
            plan=plan,
        )
        held.update(asked)
    return Settled(
        decisions=[decisions[case.need.order_id] for case in cases], certificate=certified
    )


def alternatives(need: Need, counts: Mapping[str, int]) -> tuple[Alternative, ...]:
    """The ways out, those that most refusals point to first; the hospital always stays, last."""
    votes: Counter[Alternative] = Counter()
    for rule, count in counts.items():
        way = WAYS_OUT.get(rule)
        if way is not None and (
            way is not Alternative.SPLIT_SERVICES or len(need.service_codes) > 1
        ):
            votes[way] += count
    ordered = sorted(votes, key=lambda way: (-votes[way], way))
    return (*ordered, Alternative.HOSPITAL)


def why(need: Need, candidate: Candidate, fit: Fit, frame: Frame) -> tuple[Reason, ...]:
    """What speaks for asking just her, the weightiest first; nothing about the patient's health."""
    reasons = []
    if candidate.nurse_id == need.preferred_nurse_id:
        reasons.append(Reason(kind="preferred"))
    past = need.history.get(candidate.nurse_id)
    if past is not None and past.visits > 0:
        reasons.append(Reason(kind="continuity", value=past.visits))
    distance_m = round(candidate.place.distance_m(need.place))
    reasons.append(Reason(kind="distance_m", value=distance_m))
    reasons.append(Reason(kind="travel_s", value=fit.travel_in_s))
    if fit.added_travel_s < fit.travel_in_s:
        reasons.append(Reason(kind="on_the_way"))
    rare = {slug for slug in need.specialties if frame.catalogue.specialties[slug].implies}
    reasons.extend(Reason(kind="specialty", value=slug) for slug in sorted(rare))
    if need.urgency is not Urgency.ROUTINE:
        reasons.append(Reason(kind="urgency", value=need.urgency.value))
    return tuple(reasons)


def _judge(case: Case, frame: Frame) -> list[_Judged]:
    judged = []
    for candidate in case.candidates:
        verdict = eligibility.evaluate(case.need, candidate, frame)
        cost = None
        if verdict.fit is not None:
            cost = ranking.cost(case.need, candidate, verdict.fit, frame)
        judged.append(_Judged(candidate=candidate, verdict=verdict, cost=cost))
    return judged


def _demands(
    in_turn: Sequence[Case], judged: Mapping[UUID, Sequence[_Judged]], frame: Frame
) -> list[Demand]:
    """What competes in this batch, each with those who could be asked now.

    An order that waits takes nobody from the others; one that asks the preferred nurse alone takes
    her place for an offer from those that come after it in turn.
    """
    demands: list[Demand] = []
    alone: Counter[UUID] = Counter()
    for case in in_turn:
        need, progress = case.need, case.progress
        if not waves.is_due(need, progress, frame.now):
            continue
        costs = {
            one.candidate.nurse_id: one.cost.total
            for one in judged[need.order_id]
            if one.cost is not None
            and one.candidate.open_offers + alone[one.candidate.nurse_id]
            < frame.policy.max_open_offers
            and waves.quiet_until(one.candidate, frame.now) is None
            and waves.may_be_asked(progress, one.candidate.nurse_id, need.seats)
        }
        if waves.stage_of(need, progress, costs) is waves.Stage.PREFERRED:
            alone[cast(UUID, need.preferred_nurse_id)] += 1
            continue
        demands.append(
            Demand(
                order_id=need.order_id,
                seats=len(need.seats),
                costs=costs,
                weight=WEIGHTS[need.urgency],
                needs=need.specialties,
            )
        )
    return demands


def _held_until(
    found: Sequence[Judged], first: Mapping[UUID, Sequence[UUID]], frame: Frame
) -> dict[UUID, datetime]:
    """Until when orders of a batch wait for a better one, those that do."""
    taken = {nurse for named in first.values() for nurse in named}
    until = {}
    for one in found:
        need = one.case.need
        if need.order_id in first:
            priced = [(it.candidate, it.cost.total) for it in one.verdicts if it.cost is not None]
            elsewhere = taken - set(first[need.order_id])
            at = waves.held_until(
                need, one.case.progress, priced, elsewhere, frame.policy, frame.now
            )
            if at is not None:
                until[need.order_id] = at
    return until


def _chances(need: Need, nurses: Sequence[Candidate], frame: Frame) -> dict[UUID, float] | None:
    """How likely each would accept, if enough was learned to say so."""
    said = {nurse.nurse_id: ranking.chance(need, nurse, frame) for nurse in nurses}
    return {nurse: one for nurse, one in said.items() if one is not None} or None


def _precedence(case: Case) -> tuple[int, bool, float, UUID]:
    need = case.need
    promised = need.promise_at.timestamp() if need.promise_at is not None else 0.0
    return (URGENCY_ORDER[need.urgency], need.promise_at is None, promised, need.order_id)


def _ranked(judged: Sequence[_Judged], first: Sequence[UUID]) -> list[_Judged]:
    def place(one: _Judged) -> tuple[int, float, UUID]:
        nurse_id = one.candidate.nurse_id
        ahead = first.index(nurse_id) if nurse_id in first else len(first)
        return (ahead, one.cost.total if one.cost is not None else 0.0, nurse_id)

    return sorted((one for one in judged if one.cost is not None), key=place)


def _refused(need: Need, judged: Sequence[_Judged]) -> list[_Judged]:
    return sorted(
        (one for one in judged if one.cost is None),
        key=lambda one: (
            len(one.verdict.refusals),
            one.candidate.place.distance_m(need.place),
            one.candidate.nurse_id,
        ),
    )


def _counts(refused: Sequence[_Judged]) -> dict[str, int]:
    fallen = Counter(refusal.rule for one in refused for refusal in one.verdict.refusals)
    return {rule.name: fallen[rule.name] for rule in eligibility.RULES if fallen[rule.name]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passed:
    """Who is asked in a plan, and what the others would have had to undercut: `least`, the cost of
    the last who is asked for being cheap. `held`: how many offers each held before, with those
    that are kept for her; `chances`: that they accept, where that was learned."""

    asked: Set[UUID]
    before: Set[UUID]
    held: Mapping[UUID, int]
    least: float | None
    chances: Mapping[UUID, float]

    @classmethod
    def over(
        cls,
        case: Case,
        ranked: Sequence[_Judged],
        asked: Set[UUID],
        named: Sequence[UUID],
        held: Mapping[UUID, int],
        chances: Mapping[UUID, float],
    ) -> _Passed:
        last = next((one for one in reversed(ranked) if one.candidate.nurse_id in asked), None)
        cheap = last is not None and last.candidate.nurse_id not in named
        return cls(
            asked=asked,
            before={offer.nurse_id for offer in case.progress.offers},
            held=held,
            least=last.cost.total if cheap and last and last.cost else None,
            chances=chances,
        )


def _considered(
    need: Need, one: _Judged, rank: int | None, passed: _Passed, frame: Frame
) -> Considered:
    fit = one.verdict.fit
    asked = one.candidate.nurse_id in passed.asked
    return Considered(
        nurse_id=one.candidate.nurse_id,
        distance_m=round(one.candidate.place.distance_m(need.place)),
        refusals=one.verdict.refusals,
        rank=rank,
        cost=one.cost,
        fit=fit,
        why=why(need, one.candidate, fit, frame) if fit is not None and asked else (),
        nearest=None if asked else _nearest(need, one, passed, frame),
        chance=passed.chances.get(one.candidate.nurse_id),
    )


def _nearest(need: Need, one: _Judged, passed: _Passed, frame: Frame) -> Change | None:
    candidate, fit, cost = one.candidate, one.verdict.fit, one.cost
    if one.verdict.clash is not None:
        return counterfactual.of_clash(need, one.verdict.clash, frame)
    if fit is None or cost is None or candidate.nurse_id in passed.before or not passed.asked:
        return None
    if waves.quiet_until(candidate, frame.now) is not None:
        return Change("quiet", None)
    if passed.held.get(candidate.nurse_id, 0) >= frame.policy.max_open_offers:
        return Change("offers", None)
    if passed.least is None or candidate.taken_back:
        return None
    return counterfactual.to_be_asked(need, candidate, fit, cost, passed.least, frame)
