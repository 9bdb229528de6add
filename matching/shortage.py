"""Owns why orders cannot all be served, hours ahead: few orders that ask for more visits than the
nurses who qualify can make (a violator in the sense of Hall 1935).

The fewest of all are hard to find (McCormick 1983, the girth of a transversal matroid): sets of few
orders are tried one by one, and of larger ones none can be left out.

What it finds is a fact about nurses, hours and competences, not about a plan: no plan serves them.
`proof.check_shortage` checks it without this.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, islice
from typing import Final
from uuid import UUID

from matching.spans import Span, within

# Sets of up to so many orders are tried one by one, this many of each size.
TRIED: Final = 4
SETS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An order that is open yet: where and when a visit would begin, how long it lasts, what it
    needs, and who qualifies whatever else she does on the day."""

    order_id: UUID
    seats: int
    county: str
    opens_at: datetime
    closes_at: datetime
    lasts_s: int
    needs: frozenset[str]
    nurse_ids: frozenset[UUID]

    @property
    def hull(self) -> Span:
        """The time in which all of its visits lie."""
        return Span(self.opens_at, self.closes_at + timedelta(seconds=self.lasts_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """A nurse who qualifies, and how many of the visits her free hours hold at most."""

    nurse_id: UUID
    visits_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """`orders` ask for `seats` visits, and all who qualify for any of them can make `visits_max`.

    Travel is not counted, so that the truth is rather worse. None of the orders can be left out
    without the rest being possible by this count.
    """

    orders: tuple[Wanted, ...]
    nurses: tuple[Able, ...]
    seats: int
    visits_max: int

    @property
    def missing(self) -> int:
        return self.seats - self.visits_max


def find_all(
    wanted: Sequence[Wanted], free_hours: Mapping[UUID, Sequence[Span]], limit: int
) -> list[Shortage]:
    """Up to `limit` shortages that share no order, county by county."""
    found: list[Shortage] = []
    for county in sorted({one.county for one in wanted}):
        left = [one for one in wanted if one.county == county]
        while len(found) < limit and (short := find(left, free_hours)) is not None:
            found.append(short)
            taken = {one.order_id for one in short.orders}
            left = [one for one in left if one.order_id not in taken]
    return found


def find(wanted: Sequence[Wanted], free_hours: Mapping[UUID, Sequence[Span]]) -> Shortage | None:
    """The shortage of the fewest orders, up to TRIED of them; beyond, the smallest that was reached
    in the hull of one order, or of all. None where neither is. `free_hours` are what a nurse's
    shifts leave, for those who may be asked."""
    ordered = sorted(wanted, key=lambda one: one.order_id)
    if (few := _of_few(ordered, free_hours)) is not None:
        return few
    found: list[Shortage] = []
    for group in _groups(ordered):
        short = _violator(group, free_hours)
        if short:
            found.append(_described(_shrunk(short, free_hours), free_hours))
    return min(found, key=_smallness, default=None)


def _of_few(wanted: Sequence[Wanted], free_hours: Mapping[UUID, Sequence[Span]]) -> Shortage | None:
    """By trying. More orders never have fewer visits, so an order for which there are as many as
    all seats of a set is in none that is short."""
    alone = [_described([one], free_hours).visits_max for one in wanted]
    most = max((one.seats for one in wanted), default=0)
    for size in range(1, TRIED + 1):
        scarce = [
            one
            for one, visits in zip(wanted, alone, strict=True)
            if visits < most * (size - 1) + one.seats
        ]
        for orders in islice(combinations(scarce, size), SETS):
            short = _described(orders, free_hours)
            if short.missing > 0:
                return short
    return None


def _smallness(shortage: Shortage) -> tuple[int, list[UUID]]:
    return len(shortage.orders), [one.order_id for one in shortage.orders]


def _groups(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    """Orders whose visits crowd into the same time; the narrower the time, the fewer visits."""
    hulls = {one.hull for one in wanted}
    if wanted:
        hulls.add(Span(min(it.starts_at for it in hulls), max(it.ends_at for it in hulls)))
    return [
        [
            one
            for one in wanted
            if hull.starts_at <= one.hull.starts_at and one.hull.ends_at <= hull.ends_at
        ]
        for hull in sorted(hulls)
    ]


def _visits_max(
    nurse_id: UUID, orders: Collection[Wanted], free_hours: Mapping[UUID, Sequence[Span]]
) -> int:
    """No more than there are orders for her, nor than the shortest would fit into her hours."""
    hers = [one for one in orders if nurse_id in one.nurse_ids]
    if not hers:
        return 0
    hull = Span(min(it.hull.starts_at for it in hers), max(it.hull.ends_at for it in hers))
    shortest = timedelta(seconds=min(one.lasts_s for one in hers))
    hours = within(free_hours.get(nurse_id, ()), [hull])
    return min(len(hers), sum((it.ends_at - it.starts_at) // shortest for it in hours))


def _violator(group: Sequence[Wanted], free_hours: Mapping[UUID, Sequence[Span]]) -> list[Wanted]:
    """Seats are given to nurses along augmenting paths, each nurse up to her most; the orders that
    a seat without anybody can reach by such a path are short of nurses together."""
    nurse_ids = sorted({nurse for one in group for nurse in one.nurse_ids})
    room = {nurse: _visits_max(nurse, group, free_hours) for nurse in nurse_ids}
    held: dict[UUID, list[int]] = {nurse: [] for nurse in nurse_ids}
    for number, one in enumerate(group):
        for _ in range(one.seats):
            reached = _place(number, group, room, held)
            if reached:
                return [group[it] for it in sorted(reached)]
    return []


def _place(
    start: int, group: Sequence[Wanted], room: Mapping[UUID, int], held: dict[UUID, list[int]]
) -> set[int]:
    """A nurse for one more seat of the order, others moving on; nothing is returned then. Else the
    orders that were reached."""
    came_from: dict[UUID, int] = {}
    reached, queue = {start}, [start]
    moved_by: dict[int, UUID] = {}
    for number in queue:
        for nurse in sorted(group[number].nurse_ids):
            if nurse in came_from or number in held[nurse]:
                continue
            came_from[nurse] = number
            if len(held[nurse]) < room[nurse]:
                _move_on(nurse, start, came_from, moved_by, held)
                return set()
            for other in held[nurse]:
                if other not in reached:
                    reached.add(other)
                    moved_by[other] = nurse
                    queue.append(other)
    return reached


def _move_on(
    nurse: UUID,
    start: int,
    came_from: Mapping[UUID, int],
    moved_by: Mapping[int, UUID],
    held: dict[UUID, list[int]],
) -> None:
    while True:
        number = came_from[nurse]
        held[nurse].append(number)
        if number == start:
            return
        nurse = moved_by[number]
        held[nurse].remove(number)


def _shrunk(orders: Sequence[Wanted], free_hours: Mapping[UUID, Sequence[Span]]) -> list[Wanted]:
    """Without those that are not needed for it to be a shortage."""
    left = list(orders)
    for one in orders:
        fewer = [it for it in left if it is not one]
        if fewer and _described(fewer, free_hours).missing > 0:
            left = fewer
    return left


def _described(orders: Sequence[Wanted], free_hours: Mapping[UUID, Sequence[Span]]) -> Shortage:
    nurse_ids = sorted({nurse for one in orders for nurse in one.nurse_ids})
    nurses = tuple(
        Able(nurse_id=nurse, visits_max=_visits_max(nurse, orders, free_hours))
        for nurse in nurse_ids
    )
    return Shortage(
        orders=tuple(orders),
        nurses=nurses,
        seats=sum(one.seats for one in orders),
        visits_max=sum(it.visits_max for it in nurses),
    )
