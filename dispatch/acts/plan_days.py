"""Booked days planned anew by themselves, whenever they have changed; nothing is moved.

What comes of it stands on the operators' board until somebody commits it or it is out of date. A
day on which a nurse is held up goes before all others.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from dispatch import database, exchanging
from dispatch import day_proposals as proposing
from dispatch.database import Caller, Connection, Pool
from dispatch.records import day_bookings
from dispatch.records import day_proposals as rows
from dispatch.records.day_proposals import BookedDay
from matching.inputs import local_date, local_midnight
from matching.spans import Span

PLANNER: Final = Caller.clock("plan-days")
DAY: Final = timedelta(days=1)
# What an operator is asked to tell people is worth an hour of travel, as where he asks himself.
CHANGE_MIN: Final = 60
# A day that has changed is planned again no sooner than this, and any after so long.
SETTLE: Final = timedelta(minutes=15)
STALE: Final = timedelta(hours=1)
# Where somebody is held up things change without a step of hers.
PRESSING_STALE: Final = timedelta(minutes=5)


async def plan_days(pool: Pool, limit: int = 1) -> int:
    """Plan up to `limit` days anew, each for some two seconds in a thread; returns how many.

    It takes a processor and much memory meanwhile: the clock leaves it to a process of its own.
    """
    planned = 0
    while planned < limit and (due := await _claim(pool, PLANNER)) is not None:
        made = await proposing.plan(
            partial(pool.read, PLANNER), due.day, due.county, change_min=CHANGE_MIN
        )
        await _keep(pool, PLANNER, due, made)
        planned += 1
    return planned


async def is_any_due(pool: Pool) -> bool:
    """Whether there is a day to plan."""
    async with pool.read(PLANNER) as conn:
        return bool(await _list_due(conn))


@database.act
async def _claim(conn: Connection) -> BookedDay | None:
    """The day that most wants to be looked at, which is now this process's to plan."""
    for one, is_pressing in await _list_due(conn):
        if await rows.claim(conn, one, pressing=is_pressing):
            return one
    return None


async def _list_due(conn: Connection) -> list[tuple[BookedDay, bool]]:
    """Days that want to be looked at, and whether somebody is held up: then first."""
    now = await database.now(conn)
    today = local_date(now)
    midnight, days = local_midnight(today), conn.settings.plan_ahead_days
    booked = await rows.list_booked(conn, midnight, midnight + days * DAY)
    busy = {nurse_id for one in booked if one.day == today for nurse_id in one.nurse_ids}
    going = await day_bookings.list_going(conn, busy)
    held_up = await exchanging.held_up(conn, going, Span(now - DAY, now + DAY))
    weighed = [(one, one.day == today and not held_up.isdisjoint(one.nurse_ids)) for one in booked]
    due = [(one, is_pressing) for one, is_pressing in weighed if _is_due(one, is_pressing, now)]
    return sorted(due, key=lambda it: (not it[1], it[0].planned_at or now - STALE, it[0].county))


def _is_due(one: BookedDay, is_pressing: bool, now: datetime) -> bool:
    if one.planned_at is None or one.was_pressing != is_pressing:
        return True
    has_changed, age = one.was_seen != one.seen, now - one.planned_at
    if is_pressing:
        return has_changed or age >= PRESSING_STALE
    return age >= (SETTLE if has_changed else STALE)


@database.act
async def _keep(conn: Connection, due: BookedDay, made: proposing.Proposal) -> None:
    await rows.keep(conn, due.county, due.day, proposing.kept_of(made))
