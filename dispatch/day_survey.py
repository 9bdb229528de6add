"""A day of booked visits as read from the rows, for planning it anew.

Only visits that nobody has set out for or soon will are looked at, and only their own nurses; where
one of these is absent, or is held up where she is, others who could come in her place as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise, permutations
from typing import Any, Final
from uuid import UUID

from dispatch import database, exchanging, sourcing, ways
from dispatch.database import Connection
from dispatch.exchanging import LATE, READING, Standing
from dispatch.records import candidates, day_bookings
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching import eligibility, spans
from matching.day import Round, Stay
from matching.exchange import FROZEN, Seat
from matching.inputs import Booked, Candidate, Frame, Need, local_midnight
from matching.spans import Span
from matching.travel import Place

# So many visits are planned together, of whole nurses' days; the rest of the day is left alone.
VISITS_MAX: Final = 200
COUNTED_MAX: Final = 10_000
# A plan's travel is that of one hour: in the middle of the morning, or now if that is later.
HOUR: Final = timedelta(hours=10)
# She may leave home before her shift and be back after it, as in the timetable.
REACH: Final = timedelta(hours=2)
# So many of the nearest who may are looked at for each visit of a nurse who is absent or late.
HELPERS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySurvey:
    """Visits as what is planned and what is judged; travel is that of `at`, and `measured` tells by
    what ways were. Of the `stays` those that are not in `visits` cannot be planned otherwise. Of
    the nurses `absent` cannot come, and who is `held_up` may come late; `stuck` are those of them
    for whom nothing can be planned, as they would go on. `beyond` tells how many visits of the day
    were not looked at."""

    stays: Sequence[Stay]
    rounds: Sequence[Round]
    stuck: Sequence[Round]
    visits: Mapping[UUID, Visit]
    orders: Mapping[UUID, Order]
    needs: Mapping[UUID, Need]
    standing: Standing
    frame: Frame
    at: datetime
    measured: Mapping[str, Any]
    absent: UUID | None
    held_up: Collection[UUID]
    beyond: int

    def is_preferred(self, visit_id: UUID, nurse_id: UUID) -> bool:
        """Whether it is she whom the patient asked for."""
        return self.needs[self.visits[visit_id].order_id].preferred_nurse_id == nurse_id


async def survey(conn: Connection, on: date, county: str, absent: UUID | None = None) -> DaySurvey:
    """Read up to VISITS_MAX visits of a day in a county, as far as the caller sees them."""
    whole = Span(local_midnight(on), local_midnight(on) + timedelta(days=1))
    booked = await day_bookings.list_visits(conn, county, *whole, COUNTED_MAX)
    async with conn.as_clock():
        now = await database.now(conn)
        going = await day_bookings.list_going(conn, {visit.nurse_id for visit in booked})
        held_up = await exchanging.held_up(conn, going, exchanging.hours_of(on))
        visits = _of_whole_days(booked, {absent, *held_up})
        orders = {one.id: one for one in await day_bookings.list_orders(conn, visits)}
        known = await sourcing.needs_of(conn, list(orders.values()))
        needs = _needs(orders, visits, known)
        nurses = {visit.nurse_id for visit in visits}
        chosen = {order_id: set(nurses) for order_id in needs}
        stranded = {
            visit.order_id
            for visit in visits
            if visit.order_id in needs and visit.nurse_id in {absent, *held_up}
        }
        for order_id, helpers in (await _helpers(conn, needs, stranded)).items():
            chosen[order_id] |= helpers
        soon = now + READING
        standing = {
            key: _until(one, soon)
            for key, one in (await exchanging.standing_of(conn, needs, chosen, now)).items()
            if one.nurse_id in nurses or conn.caller.institution_id in (None, one.institution_id)
        }
        everybody = {nurse_id: one for (_, nurse_id), one in standing.items()}
        measured = await ways.measure(conn, permutations(_places(needs, everybody), 2), now)
    frame = sourcing.frame_of(conn, soon, measured.travel)
    able = await asyncio.to_thread(_able, needs, standing, frame)
    planned = [visit for visit in visits if visit.order_id in needs]
    ready_at = soon + timedelta(seconds=frame.policy.ready_s)
    plain = (_round(everybody[nurse_id], whole, ready_at) for nurse_id in sorted(everybody))
    rounds = [each for each in plain if each is not None]
    in_pieces = held_up & everybody.keys() - {each.nurse_id for each in rounds}
    stuck = (_from_where_she_is(everybody[nurse_id], whole) for nurse_id in sorted(in_pieces))
    return DaySurvey(
        stays=[
            *(
                _stay(
                    visit,
                    needs[visit.order_id],
                    able[visit.order_id],
                    visits,
                    fixed=visit.nurse_id != absent and _fixed(visit, orders[visit.order_id], soon),
                )
                for visit in planned
            ),
            *_kept([everybody[each.nurse_id] for each in rounds], planned, whole),
        ],
        rounds=rounds,
        stuck=[each for each in stuck if each is not None],
        visits={visit.id: visit for visit in visits},
        orders=orders,
        needs=needs,
        standing=standing,
        frame=frame,
        at=max(whole.starts_at + HOUR, min(now, whole.ends_at)),
        measured=measured.told,
        absent=absent,
        held_up=held_up,
        beyond=len(booked) - len(visits),
    )


def _until(candidate: Candidate, soon: datetime) -> Candidate:
    """What she is at is not over before then, as far as anybody knows now."""
    visits = (
        replace(one, ends_at=max(one.ends_at, soon)) if one.going else one
        for one in candidate.visits
    )
    return replace(candidate, visits=tuple(visits))


def _of_whole_days(booked: Sequence[Visit], first: Collection[UUID | None]) -> list[Visit]:
    """The visits of as many nurses as there is room for: these `first`, then by first start."""
    days: dict[UUID, list[Visit]] = {}
    for visit in booked:
        days.setdefault(visit.nurse_id, []).append(visit)
    chosen: list[Visit] = []
    for nurse_id in sorted(days, key=lambda one: one not in first):
        if len(chosen) + len(days[nurse_id]) <= VISITS_MAX:
            chosen += days[nurse_id]
    return sorted(chosen, key=lambda visit: (visit.planned_start, visit.id))


def _able(
    needs: Mapping[UUID, Need], standing: Standing, frame: Frame
) -> Mapping[UUID, Collection[UUID]]:
    """Who qualifies for each order, whatever else she has that day."""
    able: dict[UUID, set[UUID]] = {order_id: set() for order_id in needs}
    for (order_id, nurse_id), one in standing.items():
        if eligibility.qualifies(needs[order_id], one, frame):
            able[order_id].add(nurse_id)
    return able


def _needs(
    orders: Mapping[UUID, Order], visits: Sequence[Visit], known: Mapping[UUID, Need]
) -> dict[UUID, Need]:
    """What each order needs of whoever would come instead: nobody is on it yet."""
    start = {visit.order_id: visit.planned_start for visit in visits}
    return {
        order.id: replace(
            known[order.id],
            seats=tuple(range(1, order.seats + 1)),
            nurse_ids_on_order=frozenset(),
            fixed_start_at=start[order.id],
        )
        for order in orders.values()
        if order.id in known
    }


async def _helpers(
    conn: Connection, needs: Mapping[UUID, Need], order_ids: Collection[UUID]
) -> dict[UUID, set[UUID]]:
    """The nearest nurses for these orders, whether they have anything that day or not."""
    asked = sorted(order_ids)
    around = await candidates.list_around(
        conn, [sourcing.sought(needs[one]) for one in asked], HELPERS, 0
    )
    return {one: set(found) for one, found in zip(asked, around, strict=True)}


def _places(needs: Mapping[UUID, Need], everybody: Mapping[UUID, Candidate]) -> set[Place]:
    """Wherever anybody may come from or go to."""
    found = {need.place for need in needs.values()}
    for one in everybody.values():
        found |= {one.place, *(visit.place for visit in one.visits)}
        if one.ward_duties:
            found.add(one.institution_place or one.place)
    return found


def _fixed(visit: Visit, order: Order, now: datetime) -> bool:
    """Whether it stays as it is: it begins soon, or waits for another assessment."""
    return visit.leaves_at <= now + FROZEN or order.reassess_since is not None


def _round(candidate: Candidate, whole: Span, ready_at: datetime) -> Round | None:
    """Her day, if one stretch of free hours holds all that she has ahead, or two with a rest
    between; else she is left alone. She begins when she is ready to leave, where she is at when
    that is expected to end."""
    hers = _ahead(candidate, whole)
    first = min((one.starts_at for one in hers), default=whole.starts_at)
    last = max((one.ends_at for one in hers), default=whole.ends_at)
    bounds = Span(min(whole.starts_at, first), max(whole.ends_at, last))
    fit = [
        day
        for day in _days(spans.within(candidate.free_hours, [bounds]), candidate.ward_duties)
        if all(any(_holds(part, one) for part in day) for one in hers)
    ]
    if not fit:
        return None
    parts = max(fit, key=lambda day: sum((p.ends_at - p.starts_at for p in day), timedelta()))
    hours = Span(parts[0].starts_at - REACH, parts[-1].ends_at + REACH)
    at = max(
        (one for one in candidate.visits if one.going and _touches(one, hours)),
        key=_end,
        default=None,
    )
    # For what she leaves to sooner she is ready.
    leaves = (one.starts_at - timedelta(seconds=one.travel_in_s) - LATE for one in hers)
    begins_at = max(hours.starts_at if at is None else at.ends_at, min([ready_at, *leaves]))
    if begins_at >= hours.ends_at:
        return None
    return Round(
        nurse_id=candidate.nurse_id,
        place=candidate.place if at is None else at.place,
        back=None if at is None else candidate.place,
        hours=Span(begins_at, hours.ends_at),
        rest=Span(parts[0].ends_at, parts[1].starts_at) if len(parts) > 1 else None,
        may_drive=True,
    )


def _from_where_she_is(candidate: Candidate, whole: Span) -> Round | None:
    """Her day from the end of what she is at, whatever her shifts say."""
    at = max((one for one in candidate.visits if one.going), key=_end, default=None)
    if at is None or at.ends_at >= whole.ends_at:
        return None
    hours = Span(at.ends_at, whole.ends_at)
    return Round(nurse_id=candidate.nurse_id, place=at.place, back=candidate.place, hours=hours)


def _end(one: Booked) -> datetime:
    return one.ends_at


def _ahead(candidate: Candidate, whole: Span) -> list[Booked]:
    """What she has that day and has not set out for."""
    return [one for one in candidate.visits if not one.going and _touches(one, whole)]


def _days(free: Sequence[Span], duties: Sequence[Span]) -> Iterator[tuple[Span, ...]]:
    """Each stretch, and each two that follow one another with nothing but a rest between."""
    for stretch in free:
        yield (stretch,)
    for before, after in pairwise(free):
        rest = Span(before.ends_at, after.starts_at)
        if not any(_touches(duty, rest) for duty in duties):
            yield before, after


def _holds(span: Span, one: Booked) -> bool:
    return span.starts_at <= one.starts_at and one.ends_at <= span.ends_at


def _touches(one: Booked | Span, span: Span) -> bool:
    return one.starts_at < span.ends_at and one.ends_at > span.starts_at


def _kept(everybody: Sequence[Candidate], planned: Sequence[Visit], whole: Span) -> Iterator[Stay]:
    """What these have ahead that cannot be planned otherwise: it stays as it is."""
    ids = {visit.id for visit in planned}
    for candidate in everybody:
        for one in _ahead(candidate, whole):
            if one.visit_id not in ids:
                yield Stay(
                    id=one.visit_id,
                    place=one.place,
                    lasts_s=(one.ends_at - one.starts_at).total_seconds(),
                    earliest=one.starts_at,
                    latest=one.starts_at,
                    able=[candidate.nurse_id],
                    told=Seat(nurse_id=candidate.nurse_id, start_at=one.starts_at),
                    fixed=True,
                )


def _stay(
    visit: Visit, need: Need, able: Collection[UUID], visits: Sequence[Visit], fixed: bool
) -> Stay:
    mate = next((v.id for v in visits if v.order_id == visit.order_id and v.id != visit.id), None)
    at = visit.planned_start
    # A partner whom the caller does not see keeps her time, and so does this visit.
    is_tied = mate is None and len(need.seats) > 1
    return Stay(
        id=visit.id,
        place=need.place,
        lasts_s=need.duration_s,
        earliest=at if is_tied else min(need.earliest, at),
        latest=at if is_tied else max(need.latest, at),
        able={*able, visit.nurse_id},
        told=exchanging.seat_of(visit),
        fixed=fixed,
        mate=mate,
        preferred=need.preferred_nurse_id,
    )
