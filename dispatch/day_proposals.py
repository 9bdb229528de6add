"""What planning a day anew proposes: made for whoever asks, kept until it is done or out of date.

The engine of routes is large; it is loaded when a day is planned, and not to read what was kept.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from dispatch import database
from dispatch.database import Connection
from dispatch.lifecycles import VisitState
from dispatch.records import day_bookings, day_proposals, nurses
from dispatch.records.day_proposals import DayProposal, Kept
from dispatch.records.nurses import Nurse
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching.exchange import FROZEN, Seat

ENGINE: Final = "dispatch.day_planning"

Read = Callable[[], AbstractAsyncContextManager[Connection]]
"""A transaction that reads as whoever asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A visit that would change, and to what; `part` numbers what stands or falls together.
    `is_wish`: she is the nurse whom the patient asked for."""

    visit: Visit
    seat: Seat
    part: int
    is_wish: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would change, by part and start; what each part saves; travel of the day as it is, and
    as it would be. `late`: when a nurse who is held up is expected at visits that she was to be at
    earlier. `nobody`: what she or an absent nurse has and nobody was found for; `left_alone`:
    visits whose nurse's day is no plain round, or is beyond what is planned at once. `orders` are
    those of all these visits."""

    moves: Sequence[Move]
    saved_s: Mapping[int, float]
    late: Mapping[UUID, datetime]
    nobody: Sequence[Visit]
    orders: Mapping[UUID, Order]
    visits: int
    left_alone: int
    travel_before_s: float
    travel_after_s: float
    measured: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A kept proposal, as much of it as can still be done, and the nurses it names."""

    county: str
    day: date
    planned_at: datetime
    is_pressing: bool
    proposal: Proposal
    nurses: Mapping[UUID, Nurse]


async def plan(
    read: Read, on: date, county: str, *, change_min: int, absent: UUID | None = None
) -> Proposal:
    """Plan a day in a county anew, for some two seconds in a thread; nothing is moved."""
    await _load_engine()
    from dispatch import day_planning, day_survey
    from matching.day import Prices

    async with read() as conn:
        found = await day_survey.survey(conn, on, county, absent)
    prices = Prices(other_nurse_s=60.0 * change_min)
    return await asyncio.to_thread(day_planning.propose, found, prices)


async def _load_engine() -> None:
    """The first time on a machine it is compiled, for a minute: by a process of its own, since
    everybody else here would wait meanwhile. What comes of that is kept beside the modules."""
    if ENGINE not in sys.modules:
        compiling = await asyncio.create_subprocess_exec(sys.executable, "-m", "matching.routing")
        await compiling.wait()
        await asyncio.to_thread(importlib.import_module, ENGINE)


def kept_of(made: Proposal) -> Kept:
    """A proposal as it is kept: ids, versions, times and numbers."""
    return Kept(
        moves=[
            day_proposals.Move(
                visit_id=move.visit.id,
                version=move.visit.version,
                nurse_id=move.seat.nurse_id,
                start_at=move.seat.start_at,
                part=move.part,
                is_wish=move.is_wish,
            )
            for move in made.moves
        ],
        saved_s=[round(saved_s) for _, saved_s in sorted(made.saved_s.items())],
        late=[
            day_proposals.Late(visit_id=one, expected_at=at)
            for one, at in sorted(made.late.items())
        ],
        nobody=[visit.id for visit in made.nobody],
        visits=made.visits,
        left_alone=made.left_alone,
        travel_before_s=round(made.travel_before_s),
        travel_after_s=round(made.travel_after_s),
        measured=dict(made.measured),
    )


async def list_standing(conn: Connection, limit: int) -> list[Standing]:
    """What is proposed for today and later and can still be done, as far as the caller sees it:
    the pressing first. Of a part in which anything has changed since nothing is left."""
    rows = await day_proposals.list_newest(conn, limit)
    if not rows:
        return []
    now = await database.now(conn)
    ids = {move["visit_id"] for row in rows for move in row.proposal["moves"]}
    ids |= {one for row in rows for one in row.proposal["nobody"]}
    visits = {
        one.id: one
        for one in await day_bookings.list_of_ids(conn, ids)
        if one.state is VisitState.SCHEDULED
    }
    orders = {one.id: one for one in await day_bookings.list_orders(conn, list(visits.values()))}
    concerned = {visit.nurse_id for visit in visits.values()}
    concerned |= {move["nurse_id"] for row in rows for move in row.proposal["moves"]}
    by_id = {one.id: one for one in await nurses.list_of_ids(conn, concerned)}
    standing = [_standing(row, visits, orders, by_id, now) for row in rows]
    return [one for one in standing if one.proposal.moves or one.proposal.nobody]


def _standing(
    row: DayProposal,
    visits: Mapping[UUID, Visit],
    orders: Mapping[UUID, Order],
    by_id: Mapping[UUID, Nurse],
    now: datetime,
) -> Standing:
    kept = row.proposal
    late = {
        one["visit_id"]: one["expected_at"] for one in kept["late"] if one["visit_id"] in visits
    }
    with_late = {visits[one].order_id for one in late}
    gone = {
        move["part"]
        for move in kept["moves"]
        if not _stands(move, visits.get(move["visit_id"]), by_id, with_late, now)
    }
    moves = [
        Move(
            visit=visits[move["visit_id"]],
            seat=Seat(nurse_id=move["nurse_id"], start_at=move["start_at"]),
            part=move["part"],
            is_wish=move["is_wish"],
        )
        for move in kept["moves"]
        if move["part"] not in gone
    ]
    saved_s = {
        part: float(saved)
        for part, saved in enumerate(kept["saved_s"], 1)
        if any(move.part == part for move in moves)
    }
    return Standing(
        county=row.county,
        day=row.day,
        planned_at=row.planned_at,
        is_pressing=row.pressing,
        proposal=Proposal(
            moves=moves,
            saved_s=saved_s,
            late=late,
            nobody=[visits[one] for one in kept["nobody"] if one in visits],
            orders=orders,
            visits=kept["visits"],
            left_alone=kept["left_alone"],
            travel_before_s=kept["travel_before_s"],
            travel_after_s=kept["travel_before_s"] - sum(saved_s.values()),
            measured=kept["measured"],
        ),
        nurses=by_id,
    )


def _stands(
    move: day_proposals.Move,
    visit: Visit | None,
    by_id: Collection[UUID],
    with_late: Collection[UUID],
    now: datetime,
) -> bool:
    """Whether it can still be done, as far as it can be seen without judging anew."""
    if visit is None or visit.version != move["version"] or visit.nurse_id not in by_id:
        return False
    if move["nurse_id"] not in by_id or move["start_at"] <= now:
        return False
    return visit.order_id in with_late or visit.leaves_at > now + FROZEN
