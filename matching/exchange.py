"""Owns whether booked visits may change nurse or time all at once: each is judged by every rule, as
the day would be afterwards. It books nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from config.vocabulary import Label
from matching import eligibility
from matching.eligibility import Refusal, Verdict
from matching.inputs import Booked, Candidate, Frame, Need

# Whoever sets out so soon has been told, and keeps what she was told.
FROZEN: Final = timedelta(hours=2)

# What refuses a change besides the rules that every nurse is judged by.
LABELS: Final[Mapping[str, Label]] = {
    "order": Label(
        zh="该订单的评估、知情同意或处方目前不允许派人上门",
        en="By the order's assessment, consent or prescription nobody may be sent now",
    ),
    "set_out": Label(
        zh="护士已出发，或此次上门已结束", en="She has set out already, or the visit has ended"
    ),
    "frozen": Label(
        zh="{value} 出发，距离出发不足两小时，已不能调整",
        en="She sets out at {value}, in less than two hours: too soon to change",
    ),
    "window": Label(
        zh="{value} 不在与患者约定的时段内（{threshold}）",
        en="{value} is not within what was agreed with the patient ({threshold})",
    ),
    "partner": Label(
        zh="两名护士须同时上门，另一名护士 {threshold} 开始",
        en="Two nurses come together; the other one begins at {threshold}",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who comes, and when."""

    nurse_id: UUID
    start_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A visit with the nurse and the start that it would have.

    `need` is that of its seat: who comes on the other one, and when, as it would be afterwards.
    `candidate` has what she has booked now. By what was told, `told_nurse_id` sets out at
    `leaves_at`; if it is `stranded` she cannot be at it, or not then, and soon is not too soon.
    """

    visit_id: UUID
    need: Need
    candidate: Candidate
    start_at: datetime
    told_nurse_id: UUID
    leaves_at: datetime
    stranded: bool = False


def judge(changes: Sequence[Change], frame: Frame) -> dict[UUID, Verdict]:
    """A verdict for each visit, on a day on which all the other changes are made as well.

    Where it fits, it does at the very start that was asked for.
    """
    found: dict[UUID, Verdict] = {}
    for hers, kept in _days(changes):
        done: list[Booked] = []
        for place, one in enumerate(hers):
            later = (_booked(other) for other in hers[place + 1 :])
            verdict = _verdict(one, (*kept, *done, *later), frame)
            done.append(_booked(one, verdict.fit.travel_in_s if verdict.fit else 0))
            found[one.visit_id] = verdict
    return found


def judged_by(changes: Sequence[Change]) -> list[tuple[Need, list[Candidate]]]:
    """Everybody with all that she would have, for whoever measures the ways that judging takes."""
    return [
        (one.need, [replace(one.candidate, visits=(*kept, *map(_booked, hers)))])
        for hers, kept in _days(changes)
        for one in hers
    ]


def parts(links: Sequence[Collection[UUID]]) -> list[int]:
    """Which changes stand or fall together: those that touch the same nurse or order, directly or
    by others between them. The number of each one's part, from 1, in the order of the first."""
    groups: list[set[UUID]] = []
    for link in links:
        joined = [group for group in groups if not group.isdisjoint(link)]
        groups = [group for group in groups if group.isdisjoint(link)]
        groups.append(set(link).union(*joined))
    numbers: dict[int, int] = {}
    return [
        numbers.setdefault(place, len(numbers) + 1)
        for link in links
        for place, group in enumerate(groups)
        if not group.isdisjoint(link)
    ]


def _days(changes: Sequence[Change]) -> Iterator[tuple[list[Change], list[Booked]]]:
    """Each nurse's changed visits by their new start, and what she keeps besides."""
    moved = {one.visit_id for one in changes}
    by_nurse: dict[UUID, list[Change]] = defaultdict(list)
    for one in changes:
        by_nurse[one.candidate.nurse_id].append(one)
    for hers in by_nurse.values():
        hers.sort(key=lambda one: (one.start_at, one.visit_id))
        yield hers, [each for each in hers[0].candidate.visits if each.visit_id not in moved]


def _verdict(one: Change, others: tuple[Booked, ...], frame: Frame) -> Verdict:
    start_at, need, mate_at = one.start_at, one.need, one.need.fixed_start_at
    refused: list[Refusal] = []
    if _is_frozen(one, one.leaves_at, frame):
        refused.append(_refusal("frozen", one.leaves_at))
    if not need.earliest <= start_at <= need.latest:
        refused.append(_refusal("window", start_at, need.earliest, need.latest))
    if mate_at not in (None, start_at):
        refused.append(_refusal("partner", start_at, mate_at))
    if refused:
        return Verdict(refusals=tuple(refused), fit=None)
    need, candidate = replace(need, fixed_start_at=start_at), replace(one.candidate, visits=others)
    if candidate.nurse_id == one.told_nurse_id:
        # She goes there anyway: what would keep her from being asked does not keep her from it.
        need = replace(need, escorted=True)
        candidate = replace(candidate, declined_this_order=False, available=True)
    verdict = eligibility.evaluate(need, candidate, frame)
    if verdict.fit is not None:
        leaves_at = start_at - timedelta(seconds=verdict.fit.travel_in_s)
        if _is_frozen(one, leaves_at, frame):
            return Verdict(refusals=(_refusal("frozen", leaves_at),), fit=None)
    return verdict


def _is_frozen(one: Change, leaves_at: datetime, frame: Frame) -> bool:
    return not one.stranded and leaves_at <= frame.now + FROZEN


def _booked(one: Change, travel_in_s: int = 0) -> Booked:
    return Booked(
        visit_id=one.visit_id,
        starts_at=one.start_at,
        ends_at=one.start_at + one.need.duration,
        place=one.need.place,
        travel_in_s=travel_in_s,
    )


def _refusal(rule: str, value: datetime, *threshold: datetime | None) -> Refusal:
    told = tuple(at.astimezone(UTC).isoformat() for at in threshold if at is not None)
    return Refusal(rule=rule, value=value.astimezone(UTC).isoformat(), threshold=told)
