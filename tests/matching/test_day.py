"""The plan of a day: rules are kept, what people were told is kept unless it is worth its price."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from matching import day
from matching.day import Round, Stay
from matching.exchange import Seat
from matching.spans import Span
from tests.matching.build import hours, ident, place, span

pytestmark = pytest.mark.timeout(300)
LEGS = day.straight_legs(1.0, 36.0, 0.0)


def spent(steps: int) -> float:
    return steps / 2_000


def nurse(number: int, east_m: float = 0, rest: Span | None = None) -> Round:
    return Round(nurse_id=ident(number), place=place(east_m=east_m), hours=span(0, 10), rest=rest)


def stay(number: int, east_m: float, first: float, last: float, *able: int, **more: object) -> Stay:
    return Stay(
        id=ident(number),
        place=place(east_m=east_m),
        lasts_s=1_800,
        earliest=hours(first),
        latest=hours(last),
        able=[ident(one) for one in able],
        **more,  # type: ignore[arg-type]
    )


def told(given: list[Stay], by: dict[UUID, Seat]) -> list[Stay]:
    return [replace(one, told=by.get(one.id)) for one in given]


def a_day(seed: int, visits: int, nurses: int) -> tuple[list[Stay], list[Round]]:
    rolled = random.Random(seed)  # noqa: S311
    rounds = [nurse(100 + n, rolled.uniform(-9_000, 9_000)) for n in range(nurses)]
    stays = []
    for number in range(visits):
        able = rolled.sample(range(100, 100 + nurses), max(2, nurses // 2))
        first = rolled.uniform(0.5, 6)
        stays.append(stay(number + 1, rolled.uniform(-9_000, 9_000), first, first + 2, *able))
    return stays, rounds


def test_each_visit_goes_to_who_is_nearest_and_may() -> None:
    """Two towns twelve kilometres apart; only the nurse of the other town may give the third."""
    stays = [stay(1, 0, 1, 3, 101, 102), stay(2, 12_000, 1, 3, 101, 102), stay(3, 100, 4, 6, 102)]
    found = day.plan(stays, [nurse(101), nurse(102, 12_000)], LEGS, spent)
    assert {one: seat.nurse_id for one, seat in found.seats.items()} == {
        ident(1): ident(101),
        ident(2): ident(102),
        ident(3): ident(102),
    }
    assert all(hours(1) <= found.seats[ident(n)].start_at <= hours(3) for n in (1, 2))


def test_a_rest_is_kept_and_two_nurses_come_together() -> None:
    rest = span(2, 3)
    stays = [
        stay(1, 0, 2, 5, 101, 102, mate=ident(2)),
        stay(2, 0, 2, 5, 101, 102, mate=ident(1)),
    ]
    found = day.plan(stays, [nurse(101, rest=rest), nurse(102)], LEGS, spent)
    first, second = found.seats[ident(1)], found.seats[ident(2)]
    assert first.nurse_id != second.nurse_id
    assert first.start_at == second.start_at >= rest.ends_at


def test_a_round_may_begin_and_end_elsewhere() -> None:
    """She comes from where she is at, six kilometres east, and goes home."""
    there = replace(nurse(101, 6_000), back=place())
    found = day.plan([stay(1, 3_000, 0, 2, 101)], [there], LEGS, spent)
    assert found.travel_s == 600
    assert found.seats[ident(1)].start_at == hours(0) + timedelta(seconds=300)


def test_who_is_late_is_told_by_how_much() -> None:
    """Three kilometres are five minutes; what is late makes late what comes after, and home."""
    seats = {
        ident(n): Seat(nurse_id=ident(101), start_at=hours(at)) for n, at in ((1, 0), (2, 0.6))
    }
    stays = told([stay(1, 3_000, 0, 9, 101), stay(2, 6_000, 0, 9, 101)], seats)
    one = replace(nurse(101), hours=span(0, 1.2))
    assert day.late_s(stays, one, LEGS) == {ident(1): 300, ident(2): 240, None: 480}
    in_time = replace(one, place=place(east_m=3_000), back=place(), hours=span(0, 10))
    assert not any(day.late_s(stays, in_time, LEGS).values())
    assert day.travel_of(stays, in_time, LEGS) == 900
    resting = replace(in_time, rest=span(0.5, 1.0), may_drive=True)
    assert day.late_s(stays, resting, LEGS) == {ident(1): 0, ident(2): 1_440, None: 0}


@pytest.mark.parametrize("seed", range(20))
def test_a_fraction_of_a_second_is_not_late(seed: int) -> None:
    """She begins within a second, and her only visit ends when her rest begins."""
    rolled = random.Random(seed)  # noqa: S311
    begins = hours(0) + timedelta(seconds=rolled.uniform(0, 600))
    at = hours(2)
    half = replace(
        nurse(101, 3_000, rest=span(2.5, 6)), hours=Span(begins, hours(14)), may_drive=True
    )
    known = replace(stay(1, 0, 2, 2, 101), told=Seat(nurse_id=ident(101), start_at=at))
    assert set(day.late_s([known], half, LEGS).values()) == {0}
    assert day.plan([known], [half], LEGS, spent).seats == {known.id: known.told}


def test_who_cannot_come_keeps_nobody_else_from_her_time() -> None:
    known = replace(stay(1, 0, 1, 5, 101, 102), told=Seat(nurse_id=ident(101), start_at=hours(3)))
    found = day.replan([known], [nurse(102)], LEGS, spent, anew=[known.id])
    assert found == {known.id: Seat(nurse_id=ident(102), start_at=hours(3))}


def test_one_is_put_before_what_stays_as_it_is() -> None:
    fixed = stay(1, 0, 4, 4, 101, told=Seat(nurse_id=ident(101), start_at=hours(4)), fixed=True)
    come = stay(2, 0, 1, 3, 101)
    found = day.replan([fixed, come], [nurse(101)], LEGS, spent, anew=[come.id])
    assert found == {come.id: Seat(nurse_id=ident(101), start_at=hours(1))}


def test_what_is_in_time_after_a_change_elsewhere_is_told_as_it_was() -> None:
    seat = Seat(nurse_id=ident(101), start_at=hours(2))
    known = stay(1, 0, 2, 4, 101, told=seat)
    assert day.replan([known], [nurse(101)], LEGS, spent, anew=[known.id]) == {known.id: seat}


def test_what_was_told_stands_while_nothing_happens() -> None:
    stays, rounds = a_day(1, 30, 6)
    first = day.plan(stays, rounds, LEGS, spent)
    again = day.plan(told(stays, dict(first.seats)), rounds, LEGS, spent, seed=7)
    moved = [one for one, seat in again.seats.items() if day.is_moved(first.seats[one], seat)]
    assert moved == []


def test_a_new_visit_moves_few_others() -> None:
    stays, rounds = a_day(2, 60, 12)
    first = day.plan(stays, rounds, LEGS, spent)
    known = told(stays, dict(first.seats))
    come = stay(900, 500, 2, 6, *range(100, 112))
    moved = day.replan([*known, come], rounds, LEGS, spent, anew=[come.id])
    assert come.id in moved
    assert len(moved) - 1 <= 2
    assert day.replan([*known, come], rounds, LEGS, spent, anew=[come.id]) == moved


def test_the_visits_of_a_nurse_who_fell_ill_go_to_others() -> None:
    stays, rounds = a_day(3, 40, 12)
    first = day.plan(stays, rounds, LEGS, spent)
    ill = first.seats[stays[0].id].nurse_id
    hers = [one for one, seat in first.seats.items() if seat.nurse_id == ill]
    left = [each for each in rounds if each.nurse_id != ill]
    moved = day.replan(told(stays, dict(first.seats)), left, LEGS, spent, anew=hers)
    assert set(hers) <= moved.keys()
    assert ill not in {seat.nurse_id for seat in moved.values()}
    assert len(moved.keys() - set(hers)) <= 4


def test_who_was_asked_for_comes_where_that_is_worth_the_way() -> None:
    """She is sent half an hour of way for it and no further, and only where she may be."""
    prices = day.Prices(other_nurse_s=60, not_preferred_s=1_800)
    for east_m, wished in ((8_000, ident(102)), (20_000, ident(101))):
        wish = stay(1, 0, 1, 3, 101, 102, preferred=ident(102))
        found = day.plan([wish], [nurse(101), nurse(102, east_m)], LEGS, spent, prices=prices)
        assert found.seats[ident(1)].nurse_id == wished
    told_of = Seat(nurse_id=ident(101), start_at=hours(2))
    wish = stay(1, 0, 1, 3, 101, 102, preferred=ident(102), told=told_of)
    for price_s, nurse_id in ((60, ident(102)), (3_600, ident(101))):
        prices = day.Prices(other_nurse_s=price_s, not_preferred_s=1_800)
        found = day.plan([wish], [nurse(101), nurse(102)], LEGS, spent, prices=prices)
        assert found.seats[ident(1)].nurse_id == nurse_id
    unable = stay(1, 0, 1, 3, 101, preferred=ident(102))
    assert day.plan([unable], [nurse(101), nurse(102)], LEGS, spent).seats[ident(1)].nurse_id == (
        ident(101)
    )


def test_a_visit_that_begins_soon_is_not_touched() -> None:
    """It stands in the way of one that can come at that time only, and stays."""
    here = replace(stay(1, 0, 1, 5, 101), told=Seat(nurse_id=ident(101), start_at=hours(2)))
    come = stay(2, 0, 2, 2, 101)
    free = day.replan([here, come], [nurse(101)], LEGS, spent, anew=[come.id])
    assert free.keys() == {here.id, come.id}
    fixed = replace(here, fixed=True)
    assert day.replan([fixed, come], [nurse(101)], LEGS, spent, anew=[come.id]) == {}


def test_a_mate_that_is_not_looked_at_holds_its_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day, "CIRCLE", 2)
    seats = [Seat(nurse_id=ident(n), start_at=hours(2)) for n in (101, 109)]
    pair = [
        replace(stay(1, 0, 1, 5, 101, 109), told=seats[0], mate=ident(2)),
        replace(stay(2, 0, 1, 5, 101, 109), told=seats[1], mate=ident(1)),
    ]
    come = stay(3, 0, 2, 2, 101, 102)
    rounds = [nurse(101), nurse(102, 1_000), nurse(109, 9_000)]
    moved = day.replan([*pair, come], rounds, LEGS, spent, anew=[come.id])
    assert moved == {come.id: Seat(nurse_id=ident(102), start_at=hours(2))}


def test_seconds_between_places_are_those_of_the_straight_line() -> None:
    legs = day.straight_legs(1.35, 27.0, 60.0)([place(), place(east_m=2_000), place()])
    assert legs.tolist() == [[0, 420, 0], [420, 0, 420], [0, 420, 0]]


def test_nobody_is_planned_before_the_day_begins() -> None:
    found = day.plan([stay(1, 6_000, 0, 2, 101)], [nurse(101)], LEGS, spent)
    assert found.seats[ident(1)].start_at == hours(0) + timedelta(seconds=600)
