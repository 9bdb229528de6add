"""Whether a nurse who is out is well: how often she is to say so, and when silence is a concern.

Runs inside the acts of her steps and of her phone. What it concludes is for `acts/check_in.py` to
tell: a sign of life ends no alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from config.settings import Settings
from config.vocabulary import Risk
from dispatch import bounds
from dispatch.database import Connection
from dispatch.lifecycles import AT_THE_DOOR, VISIT, VisitState
from dispatch.records import orders, safety_checks
from dispatch.records.orders import Order
from dispatch.records.safety_checks import SafetyCheck
from dispatch.records.visits import Visit
from matching.travel import LOCAL_ZONE

# Out of the house on our errand: from her departure to the end of the visit.
OUT: Final = AT_THE_DOOR | {VisitState.EN_ROUTE}


class Concern(StrEnum):
    """What is amiss; also the kind of the alarm that is raised for it."""

    CHECK_IN = "check_in"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What was last heard of at `since` is a concern from `at` on."""

    concern: Concern
    since: datetime
    at: datetime


def silence(check: SafetyCheck, state: VisitState, settings: Settings) -> Silence | None:
    """What would be amiss first if nothing more were heard; None where nothing is waited for."""
    found = []
    if check.every_min is not None and state in AT_THE_DOOR:
        at = check.answered_at + timedelta(minutes=check.every_min)
        found.append(Silence(concern=Concern.CHECK_IN, since=check.answered_at, at=at))
    dark_min = dark_after_min(state, settings)
    if check.tells and dark_min:
        at = check.heard_at + timedelta(minutes=dark_min)
        found.append(Silence(concern=Concern.DARK, since=check.heard_at, at=at))
    return min(found, key=lambda one: one.at, default=None)


def dark_after_min(state: VisitState, settings: Settings) -> int:
    """How long a phone may be silent where she is now; 0: as long as it likes."""
    if state is VisitState.EN_ROUTE:
        return settings.dark_way_min
    return settings.dark_home_min if state in AT_THE_DOOR else 0


def every_min(
    settings: Settings, risk: Risk, *, is_flagged: bool, starts_at: datetime
) -> int | None:
    """How often she is to check in: the least of what risk, flags and hour ask; None: never."""
    by_risk = {
        Risk.LOW: settings.check_in_low_min,
        Risk.MEDIUM: settings.check_in_medium_min,
        Risk.HIGH: settings.check_in_high_min,
    }
    asked = [by_risk[risk]]
    if is_flagged:
        asked.append(settings.check_in_flagged_min)
    if is_night(starts_at, settings):
        asked.append(settings.check_in_night_min)
    return min((each for each in asked if each), default=None)


def is_night(at: datetime, settings: Settings) -> bool:
    """By the region's clock; night may span midnight."""
    hour, since, until = (
        at.astimezone(LOCAL_ZONE).hour,
        settings.night_from_h,
        settings.night_until_h,
    )
    return since <= hour < until if since <= until else hour >= since or hour < until


def risk_of(conn: Connection, order: Order) -> Risk:
    """The highest risk of the services, or what the assessor said if that is higher."""
    risks = [conn.catalogue.get(code).risk for code in order.service_codes]
    assessed = (order.assessment or {}).get("risk")
    if assessed in set(Risk):
        risks.append(Risk(assessed))
    return max(risks, key=lambda risk: risk.rank)


async def note_step(conn: Connection, visit: Visit, at: datetime) -> None:
    """A step was taken at `at`: from the departure on she is looked after, to the end of it."""
    if visit.state in VISIT.final:
        await safety_checks.end(conn, visit.id)
        return
    asked = None
    if visit.state in AT_THE_DOOR:
        order = await orders.get(conn, visit.order_id)
        asked = every_min(
            conn.settings,
            risk_of(conn, order),
            is_flagged=bool(await bounds.find_conditions(conn, order)),
            starts_at=at,
        )
    due_at = at + timedelta(minutes=asked) if asked else None
    await safety_checks.put(conn, visit.id, every_min=asked, answered_at=at, due_at=due_at)


async def hear(
    conn: Connection,
    visit: Visit,
    now: datetime,
    *,
    tells: bool = False,
    answered_at: datetime | None = None,
) -> None:
    """Her phone was heard of; with `answered_at` she herself did something, at that time.

    What she did long ago and a phone tells only now says nothing of how she is now.
    """
    if visit.state not in OUT:
        return
    dark_min = dark_after_min(visit.state, conn.settings) if tells else 0
    await safety_checks.hear(
        conn,
        visit.id,
        answered_at=None if answered_at is None else min(answered_at, now),
        silent_at=now + timedelta(minutes=dark_min) if dark_min else None,
    )
