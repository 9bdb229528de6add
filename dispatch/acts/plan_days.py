"""Booked days planned anew by themselves, whenever they have changed; nothing is moved.

What comes of it stands on the operators' board until somebody commits it or it is out of date. A
day on which a nurse is held up goes before all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from dispatch import database, exchanging
from dispatch import day_proposals as proposing
from dispatch.database import Caller, Connection, Pool
from dispatch.day_proposals import Proposal
from dispatch.records import day_bookings
from dispatch.records import day_proposals as rows
from dispatch.records.day_proposals import BookedDay
from matching.inputs import local_date, local_midnight

PLANNER: Final = Caller.clock("plan-days")
DAY: Final = timedelta(days=1)
# What an operator is asked to tell people is worth an hour of travel, as where he asks himself.
CHANGE_MIN: Final = 60
# A day that has changed is planned again no sooner than this, and any after so long.
SETTLE: Final = timedelta(minutes=15)
STALE: Final = timedelta(hours=1)
# Where somebody is held up things change without a step of hers, and a plan is soon too late.
HELD_UP_STALE: Final = timedelta(minutes=3)
# Who has not planned within this has died of it.
CLAIM: Final = timedelta(minutes=5)


async def plan_days(pool: Pool, limit: int = 1) -> int:
    """Plan up to `limit` days anew, each for some two seconds in a thread; returns how many.

    It takes a processor and much memory meanwhile: the clock leaves it to a process of its own.
    """
    planned = 0
    while planned < limit and (claimed := await _claim(pool, PLANNER)) is not None:
        booked = claimed.booked
        made = await proposing.plan(
            partial(pool.read, PLANNER), booked.day, booked.county, change_min=CHANGE_MIN
        )
        await _keep(pool, PLANNER, claimed, made)
        planned += 1
    return planned


async def is_any_due(pool: Pool) -> bool:
    """Whether there is a day to plan."""
    async with pool.read(PLANNER) as conn:
        return bool(await _list_due(conn))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    booked: BookedDay
    at: datetime
    held_up: bool


@database.act
async def _claim(conn: Connection) -> _Claimed | None:
    """The day that most wants to be looked at, which is now this process's to plan."""
    for booked, held_up in await _list_due(conn):
        at = await rows.claim(conn, booked)
        if at is not None:
            return _Claimed(booked=booked, at=at, held_up=held_up)
    return None


@database.act
async def _keep(conn: Connection, claimed: _Claimed, made: Proposal) -> None:
    kept = proposing.kept_of(made)
    await rows.keep(conn, claimed.booked, claimed.at, kept, held_up=claimed.held_up)


async def _list_due(conn: Connection) -> list[tuple[BookedDay, bool]]:
    """Days that want to be looked at, and whether somebody is held up: then first."""
    now = await database.now(conn)
    today = local_date(now)
    midnight, days = local_midnight(today), conn.settings.plan_ahead_days
    booked = await rows.list_booked(conn, midnight, midnight + days * DAY)
    busy = {nurse_id for one in booked if one.day == today for nurse_id in one.nurse_ids}
    going = await day_bookings.list_going(conn, busy)
    late = await exchanging.held_up(conn, going, exchanging.hours_of(today))
    weighed = [(one, one.day == today and not late.isdisjoint(one.nurse_ids)) for one in booked]
    due = [(one, held_up) for one, held_up in weighed if _is_due(one, held_up, now)]
    return sorted(due, key=lambda it: (not it[1], it[0].planned_at or now - STALE, it[0].county))


def _is_due(one: BookedDay, held_up: bool, now: datetime) -> bool:
    if one.claimed_at is not None and now < one.claimed_at + CLAIM:
        return False
    if one.planned_at is None or one.was_held_up != held_up:
        return True
    has_changed, age = one.was_seen != one.seen, now - one.planned_at
    if held_up:
        return has_changed or age >= HELD_UP_STALE
    return age >= (SETTLE if has_changed else STALE)
