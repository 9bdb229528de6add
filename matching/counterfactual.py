"""Owns the nearest other world: the least that would have had to be otherwise for a nurse to
qualify, or to be asked.

A change of several things is told only where each of them is hers or the day's; what a patient has
asked for is no lever. Never a promise: the others might have changed, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Final, NamedTuple

from matching import ranking
from matching.eligibility import Refusal, Value
from matching.inputs import Candidate, Frame, Need
from matching.ranking import MINUTE_S, Cost
from matching.timetable import Clash, Fit, Obstacle

# Said to the hundred metres; the margin is above what rounding a time to the second can hide.
STEP_M: Final = 100
MARGIN_M: Final = 20
# Refusals that say themselves what would have to be otherwise.
PLAIN: Final = frozenset({"available", "specialty", "certificate", "insurance"})


class Change(NamedTuple):
    """What would have had to be otherwise, by how much or to what; `texts.would` has the words."""

    kind: str
    value: Value


def to_qualify(refusals: Sequence[Refusal], clash: Change | None) -> tuple[Change, ...]:
    """One change for each refusal, in their order; none at all where one of them is no lever.

    `clash` is the change that the timetable asks for (`of_clash`).
    """
    changes = []
    for refusal in refusals:
        change = clash if refusal.rule == "timetable" else _of_refusal(refusal)
        if change is None:
            return ()
        changes.append(change)
    return tuple(changes)


def _of_refusal(refusal: Refusal) -> Change | None:
    value, threshold = refusal.value, refusal.threshold
    match refusal.rule, value, threshold:
        case "radius", int() | float(), int() | float():
            return Change("nearer_m", _rounded_m(value - threshold))
        case "shift" | "ward_duty", int() | float(), int() | float():
            return Change(f"{refusal.rule}_min", threshold - value)
        case "experience", int(), int():
            return Change("years", threshold - value)
        case "tier" | "title", _, _:
            return Change(refusal.rule, threshold)
        case rule, _, _ if rule in PLAIN:
            return Change(rule, value)
        case _:
            return None


def of_clash(need: Need, clash: Clash, frame: Frame) -> Change | None:
    """By when she would have had to be free, until when, or how much earlier told: that at least,
    and enough where nothing else of hers is near."""
    if clash.obstacle is Obstacle.NOTICE:
        return Change("notice_min", ceil(clash.short_s / MINUTE_S))
    if clash.place is None:
        return None
    if clash.begins_by_at is not None:
        way_s = frame.travel.seconds_until(clash.place, need.place, clash.begins_by_at)
        return Change("free_at", (clash.begins_by_at - timedelta(seconds=way_s)).isoformat())
    if clash.ends_at is not None:
        way_s = frame.travel.seconds_from(need.place, clash.place, clash.ends_at)
        return Change("free_until", (clash.ends_at + timedelta(seconds=way_s)).isoformat())
    return None


def to_be_asked(
    need: Need, candidate: Candidate, fit: Fit, cost: Cost, least: float, frame: Frame
) -> Change:
    """Nearer by so many metres, else cheaper by so many minutes: below `least`, the cost of the
    last who was asked."""
    gap_min = max(0.0, cost.total - least)
    metres = None
    # Whoever comes from another visit is no nearer for living nearer.
    if not candidate.visits and not candidate.ward_duties:
        metres = _nearer_m(need, candidate, fit, gap_min, frame)
    if metres is None:
        return Change("cheaper_min", ceil(gap_min + 0.001))
    return Change("nearer_m", metres)


def _nearer_m(
    need: Need, candidate: Candidate, fit: Fit, gap_min: float, frame: Frame
) -> int | None:
    """At the pace of the way that she would have; None where even the whole would not do."""
    driven_s = fit.travel_in_s - frame.travel.doorstep_s
    weight = ranking.weight_of("travel", frame.policy)
    if driven_s <= 0 or fit.added_travel_s <= 0 or weight <= 0:
        return None
    legs = fit.added_travel_s / fit.travel_in_s
    distance_m = candidate.place.distance_m(need.place)
    metres = _rounded_m(gap_min * MINUTE_S / weight / legs / driven_s * distance_m)
    return metres if metres < distance_m else None


def _rounded_m(metres: float) -> int:
    return ceil((metres + MARGIN_M) / STEP_M) * STEP_M
