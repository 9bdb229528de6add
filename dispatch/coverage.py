"""What payers besides the patient pay of a bill: by plan, in order, line by line. Pure.

What nobody covers is the patient's own. A payer who says no makes a balance, never a lost order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from config.catalogue import Catalogue
from config.payers import Plan
from dispatch.pricing import Line
from dispatch.shares import apportion, percent_of

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One coverage of a patient as it stands for a visit on some day.

    `used_fen` is what was taken of an allowance in the month of the visit; `beds` are all her home
    beds as (first, last covered day), this one among them.
    """

    coverage_id: UUID
    plan: Plan
    valid_from: date
    valid_until: date | None = None
    daily_fen: int | None = None
    used_fen: int = 0
    beds: tuple[tuple[date, date | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one payer is expected to pay; `parts` follow the bill's lines and add up."""

    coverage_id: UUID
    payer: str
    plan: str
    amount_fen: int
    parts: tuple[int, ...]


def shares(
    lines: Sequence[Line], covers: Sequence[Cover], on: date, catalogue: Catalogue
) -> list[Share]:
    """The payers' shares of these lines for a visit on a day; `covers` in the order of asking.

    Each payer looks at what those before have left. Who would pay nothing is left out.
    """
    left = [line["amount_fen"] for line in lines]
    codes = [line["service_code"] for line in lines if line["service_code"] is not None]
    found = []
    for cover in covers:
        if refusal(cover, on) is not None:
            continue
        weights = [
            amount if _covers(cover.plan, line, codes, catalogue) else 0
            for line, amount in zip(lines, left, strict=True)
        ]
        amount_fen = _amount_fen(cover, sum(weights), on)
        if amount_fen == 0:
            continue
        parts = apportion(amount_fen, weights)
        left = [have - part for have, part in zip(left, parts, strict=True)]
        found.append(
            Share(
                coverage_id=cover.coverage_id,
                payer=cover.plan.payer,
                plan=cover.plan.code,
                amount_fen=amount_fen,
                parts=tuple(parts),
            )
        )
    return found


def fitted(parts: Sequence[int], lines: Sequence[Line], amount_fen: int) -> list[int]:
    """The parts of a share, brought to another amount: by the parts, beyond them by the lines."""
    if amount_fen == 0:
        return []
    if amount_fen <= sum(parts):
        return apportion(amount_fen, parts)
    return apportion(amount_fen, [line["amount_fen"] for line in lines])


def _covers(plan: Plan, line: Line, codes: Iterable[str], catalogue: Catalogue) -> bool:
    """A line of a service goes by that service; any other goes with the visit as a whole."""
    if line["kind"] not in plan.lines:
        return False
    code = line["service_code"]
    if code is not None:
        return plan.covers(code, catalogue)
    return any(plan.covers(one, catalogue) for one in codes)


def _amount_fen(cover: Cover, base_fen: int, on: date) -> int:
    if cover.plan.percent is not None:
        return percent_of(base_fen, cover.plan.percent)
    return min(base_fen, max(0, allowance_fen(cover, on) - cover.used_fen))


def allowance_fen(cover: Cover, on: date) -> int:
    """What an allowance by the day amounts to in the month of `on`: its covered days."""
    daily_fen = cover.daily_fen if cover.daily_fen is not None else cover.plan.daily_fen or 0
    first = on.replace(day=1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    return daily_fen * _days(first, last, cover.valid_from, cover.valid_until)


def refusal(cover: Cover, on: date) -> str | None:
    """Why a coverage does not hold on a day, as a code; None if it does."""
    if on < cover.valid_from or (cover.valid_until is not None and on > cover.valid_until):
        return "not_valid"
    plan = cover.plan
    if plan.days_a_bed_max is not None and (on - cover.valid_from).days + 1 > plan.days_a_bed_max:
        return "days_a_bed"
    if plan.days_a_year_max is not None:
        first = on.replace(month=1, day=1)
        spent = sum(
            _days(first, on, since, until if until is None or until < on else on)
            for since, until in _capped(cover.beds, plan)
        )
        if spent > plan.days_a_year_max:
            return "days_a_year"
    return None


def opening_refusal(plan: Plan, beds: Sequence[tuple[date, date | None]], on: date) -> str | None:
    """Why another home bed may not be opened on a day: one is open, or the year has had enough."""
    if plan.beds_a_year_max is None:
        return None
    if any(until is None or until >= on for _, until in _capped(beds, plan)):
        return "bed_open"
    opened = sum(since.year == on.year for since, _ in beds)
    return "beds_a_year" if opened >= plan.beds_a_year_max else None


def _capped(beds: Iterable[tuple[date, date | None]], plan: Plan) -> list[tuple[date, date | None]]:
    """Beds with their last covered day: a bed that nobody closed ends with its longest cycle."""
    if plan.days_a_bed_max is None:
        return list(beds)
    longest = (plan.days_a_bed_max - 1) * DAY
    return [
        (since, since + longest if until is None else min(until, since + longest))
        for since, until in beds
    ]


def _days(first: date, last: date, since: date, until: date | None) -> int:
    start, end = max(first, since), last if until is None else min(last, until)
    return max(0, (end - start).days + 1)
