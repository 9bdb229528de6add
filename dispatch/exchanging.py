"""From rows to what an exchange of booked visits is judged by; for who proposes and who commits.

It decides nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

import asyncpg

from dispatch import sourcing
from dispatch.database import Connection
from dispatch.records import candidates
from dispatch.records.visits import Visit
from matching.exchange import Change, Seat
from matching.inputs import Candidate, Need, local_midnight
from matching.spans import Span

# What is proposed may still be committed so long after the rows were read.
READING: Final = timedelta(minutes=5)
# A visit of the evening before may run into the day.
EVENING: Final = timedelta(hours=6)
# Who is expected to come no later than this is not held up.
LATE: Final = timedelta(minutes=10)

Standing: TypeAlias = dict[tuple[UUID, UUID], Candidate]
"""Nurses as they stand towards an order: by order and nurse."""


async def standing_of(
    conn: Connection,
    needs: Mapping[UUID, Need],
    chosen: Mapping[UUID, Collection[UUID]],
    now: datetime,
) -> Standing:
    """Those `chosen` for each order, from fresh rows; ids of nobody are left out. As the clock."""
    blocked = await candidates.blocked(conn, needs)
    found = await sourcing.candidates_of(conn, list(needs.values()), chosen, blocked, now)
    return {(order_id, one.nurse_id): one for order_id, each in found.items() for one in each}


def hours_of(day: date) -> Span:
    """When a visit was to begin that may hold somebody up on this day."""
    midnight = local_midnight(day)
    return Span(midnight - EVENING, midnight + timedelta(days=1))


async def held_up(conn: Connection, nurse_ids: Collection[UUID], span: Span) -> set[UUID]:
    """Who is on a visit, planned within the span, that ends too late for what comes after, if that
    follows at once. As the clock."""
    booked = await candidates.list_bookings(conn, nurse_ids, [asyncpg.Range(*span)])
    return {one.nurse_id for one in booked if one.ends_at > one.planned_end + LATE}


def seat_of(visit: Visit) -> Seat:
    """Who was promised, and when."""
    return Seat(nurse_id=visit.nurse_id, start_at=visit.planned_start)


def changes_of(
    wanted: Mapping[UUID, Seat],
    going: Iterable[Visit],
    needs: Mapping[UUID, Need],
    standing: Standing,
    stranded: Collection[UUID] = (),
) -> list[Change]:
    """What is judged if the visits of these ids are to be like that. `going`: every visit of their
    orders that goes on; `stranded`: those whose nurse cannot be at them as was planned."""
    by_seat = {(visit.order_id, visit.seat): visit for visit in going}
    return [
        Change(
            visit_id=visit.id,
            need=_need_of_seat(needs[order_id], visit, by_seat, wanted),
            candidate=standing[order_id, wanted[visit.id].nurse_id],
            start_at=wanted[visit.id].start_at,
            told_nurse_id=visit.nurse_id,
            leaves_at=visit.leaves_at,
            stranded=visit.id in stranded,
        )
        for (order_id, _), visit in by_seat.items()
        if visit.id in wanted and order_id in needs
    ]


def _need_of_seat(
    need: Need,
    visit: Visit,
    by_seat: Mapping[tuple[UUID, int], Visit],
    wanted: Mapping[UUID, Seat],
) -> Need:
    """What the order needs on one seat, with whoever will be on the other."""
    others = [
        wanted.get(other.id, seat_of(other))
        for (order_id, seat), other in by_seat.items()
        if order_id == visit.order_id and seat != visit.seat
    ]
    return replace(
        need,
        seats=(visit.seat,),
        nurse_ids_on_order=frozenset(other.nurse_id for other in others),
        fixed_start_at=others[0].start_at if others else None,
    )
