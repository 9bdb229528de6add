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
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import database, sourcing
from dispatch.database import Connection
from dispatch.exchanging import READING
from dispatch.records import day_bookings, day_proposals, nurses
from dispatch.records.day_proposals import DayProposal, Kept, Seen, Stand
from dispatch.records.nurses import Nurse
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching import ranking
from matching.exchange import FROZEN, Seat

ENGINE: Final = "dispatch.day_planning"
# What is older is out of date: nobody has looked since.
STALE: Final = timedelta(minutes=90)
ROWS_MAX: Final = 200

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
    """A kept proposal, as much of it as can still be done by what its own visits tell."""

    county: str
    day: date
    planned_at: datetime
    moves: Sequence[day_proposals.Move]
    saved_s: Mapping[int, float]
    late: Mapping[UUID, datetime]
    nobody: Collection[UUID]
    kept: Kept


async def plan(
    read: Read, on: date, county: str, *, change_min: int, absent: UUID | None = None
) -> Proposal:
    """Plan a day in a county anew, for some two seconds in a thread; nothing is moved."""
    await _load_engine()
    from dispatch import day_planning, day_survey
    from matching.day import Prices

    async with read() as conn:
        found = await day_survey.survey(conn, on, county, absent)
        policy = sourcing.policy_of(conn.settings)
    prices = Prices(
        other_nurse_s=60.0 * change_min,
        not_preferred_s=max(0.0, -60.0 * ranking.weight_of("preferred", policy)),
    )
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
    versions = {move.visit.id: move.visit.version for move in made.moves}
    versions |= {visit.id: visit.version for visit in made.nobody}
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
            Seen(visit_id=one, version=versions[one], expected_at=at)
            for one, at in sorted(made.late.items())
            if one in versions
        ],
        nobody=[
            Seen(visit_id=visit.id, version=visit.version, expected_at=made.late.get(visit.id))
            for visit in made.nobody
        ],
        visits=made.visits,
        left_alone=made.left_alone,
        travel_before_s=round(made.travel_before_s),
        travel_after_s=round(made.travel_after_s),
        measured=dict(made.measured),
    )


async def list_standing(conn: Connection, limit: int) -> list[Standing]:
    """What is proposed for today and later and can still be done, for those who see all: what
    nurses come late to first. Of a part of which a visit has changed nothing is left."""
    now = await database.now(conn)
    rows = await day_proposals.list_standing(conn, now - STALE, ROWS_MAX)
    if not rows:
        return []
    ids = {move["visit_id"] for row in rows for move in row.proposal["moves"]}
    ids |= {one["visit_id"] for row in rows for one in row.proposal["nobody"]}
    stands = {one.id: one for one in await day_proposals.list_stands(conn, ids)}
    standing = [_standing(row, stands, now) for row in rows]
    return [one for one in standing if one.moves or one.nobody][:limit]


async def show(
    conn: Connection, standing: Sequence[Standing]
) -> tuple[list[Proposal], dict[UUID, Nurse]]:
    """The proposals of what stands with their visits, and the nurses that they name."""
    ids = {move["visit_id"] for one in standing for move in one.moves}
    ids |= {visit_id for one in standing for visit_id in one.nobody}
    visits = {one.id: one for one in await day_bookings.list_of_ids(conn, ids)}
    orders = {one.id: one for one in await day_bookings.list_orders(conn, list(visits.values()))}
    concerned = {visit.nurse_id for visit in visits.values()}
    concerned |= {move["nurse_id"] for one in standing for move in one.moves}
    by_id = {one.id: one for one in await nurses.list_of_ids(conn, concerned)}
    return [_proposal(one, visits, orders) for one in standing], by_id


def _standing(row: DayProposal, stands: Mapping[UUID, Stand], now: datetime) -> Standing:
    kept = row.proposal

    def is_as_seen(one: Seen) -> bool:
        stand = stands.get(one["visit_id"])
        return stand is not None and stand.version == one["version"]

    late = {
        one["visit_id"]: one["expected_at"]
        for one in kept["late"]
        if is_as_seen(one) and one["expected_at"] is not None
    }
    # Whether she is late is asked again when it is committed, and then she is not, or later.
    is_fresh = now <= row.planned_at + READING
    with_late = {stands[one].order_id for one in late} if is_fresh else set()
    gone = {
        move["part"]
        for move in kept["moves"]
        if not _stands(move, stands.get(move["visit_id"]), with_late, now)
    }
    moves = [move for move in kept["moves"] if move["part"] not in gone]
    left = {move["part"] for move in moves}
    return Standing(
        county=row.county,
        day=row.day,
        planned_at=row.planned_at,
        moves=moves,
        saved_s={
            part: float(saved) for part, saved in enumerate(kept["saved_s"], 1) if part in left
        },
        late=late,
        nobody=[one["visit_id"] for one in kept["nobody"] if is_as_seen(one)],
        kept=kept,
    )


def _stands(
    move: day_proposals.Move, stand: Stand | None, with_late: Collection[UUID], now: datetime
) -> bool:
    """Whether it can still be done, as far as it can be seen without judging anew."""
    if stand is None or stand.version != move["version"] or move["start_at"] <= now:
        return False
    return stand.order_id in with_late or stand.leaves_at > now + FROZEN


def _proposal(
    one: Standing, visits: Mapping[UUID, Visit], orders: Mapping[UUID, Order]
) -> Proposal:
    kept = one.kept
    return Proposal(
        moves=[
            Move(
                visit=visits[move["visit_id"]],
                seat=Seat(nurse_id=move["nurse_id"], start_at=move["start_at"]),
                part=move["part"],
                is_wish=move["is_wish"],
            )
            for move in one.moves
        ],
        saved_s=one.saved_s,
        late=one.late,
        nobody=[visits[visit_id] for visit_id in one.nobody],
        orders=orders,
        visits=kept["visits"],
        left_alone=kept["left_alone"],
        travel_before_s=kept["travel_before_s"],
        travel_after_s=kept["travel_before_s"] - sum(one.saved_s.values()),
        measured=kept["measured"],
    )
