"""Where nurses are short, and that no number of the certificate can be changed."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest

from matching import proof, shortage
from matching.proof import Refuted
from matching.shortage import Shortage, Wanted
from matching.spans import Span
from tests.matching.build import hours, ident, span

HOUR_S = 3_600


def wanted(order: int, nurses: tuple[int, ...], **changes: Any) -> Wanted:
    """A visit of an hour that begins between 10:00 and 10:30."""
    plain = Wanted(
        order_id=ident(order),
        seats=1,
        county="330702",
        opens_at=hours(2),
        closes_at=hours(2.5),
        lasts_s=HOUR_S,
        needs=frozenset({"picc"}),
        nurse_ids=frozenset(map(ident, nurses)),
    )
    return replace(plain, **changes)


ALL_DAY = {ident(nurse): [span(-1, 11)] for nurse in range(100, 110)}


def test_three_orders_want_two_nurses_at_once() -> None:
    orders = [wanted(it, (101, 102)) for it in (1, 2, 3)]
    plenty = [wanted(it, (101, 102, 103, 104, 105)) for it in (4, 5)]
    found = shortage.find([*orders, *plenty], ALL_DAY)

    assert found is not None
    assert [one.order_id for one in found.orders] == [ident(it) for it in (1, 2, 3)]
    assert (found.seats, found.visits_max, found.missing) == (3, 2, 1)
    proof.check_shortage(found, [*orders, *plenty], ALL_DAY)


def test_all_are_found_that_share_no_order() -> None:
    first = [wanted(it, (101, 102)) for it in (1, 2, 3)]
    alone = wanted(4, ())
    elsewhere = [wanted(it, (101,), county="330703") for it in (5, 6)]
    everything = [*first, alone, *elsewhere, wanted(7, (103, 104))]
    found = shortage.find_all(everything, ALL_DAY, 10)

    assert [{one.order_id.int for one in it.orders} for it in found] == [{4}, {1, 2, 3}, {5, 6}]
    for it in found:
        proof.check_shortage(it, everything, ALL_DAY)
    assert shortage.find_all(everything, ALL_DAY, 2) == found[:2]


def test_nurses_enough_is_no_shortage() -> None:
    assert shortage.find([], ALL_DAY) is None
    assert shortage.find([wanted(it, (101, 102)) for it in (1, 2)], ALL_DAY) is None
    later = wanted(3, (101, 102), opens_at=hours(6), closes_at=hours(6.5))
    assert shortage.find([wanted(1, (101, 102)), wanted(2, (101, 102)), later], ALL_DAY) is None


def test_an_order_for_two_needs_two() -> None:
    found = shortage.find([wanted(1, (101,), seats=2)], ALL_DAY)
    assert found is not None
    assert found.missing == 1


def test_a_nurse_who_is_not_there_does_not_count() -> None:
    found = shortage.find([wanted(1, (101,))], {ident(101): [span(5, 9)]})
    assert found is not None
    assert [(it.nurse_id, it.visits_max) for it in found.nurses] == [(ident(101), 0)]


def lies(found: Shortage) -> list[Shortage]:
    (first, *others), (able, *more) = found.orders, found.nurses
    return [
        replace(found, seats=found.seats + 1),
        replace(found, visits_max=found.visits_max - 1),
        replace(found, orders=tuple(others)),
        replace(found, orders=(first, first, *others)),
        replace(found, nurses=tuple(more)),
        replace(found, nurses=(replace(able, visits_max=able.visits_max + 1), *more)),
        replace(found, nurses=(replace(able, nurse_id=ident(999)), *more)),
        *(
            replace(found, orders=(replace(first, **change), *others))
            for change in (
                {"order_id": ident(998)},
                {"seats": first.seats + 1},
                {"county": "330703"},
                {"opens_at": hours(1)},
                {"closes_at": hours(9)},
                {"lasts_s": 60},
                {"needs": frozenset[str]()},
                {"nurse_ids": first.nurse_ids | {ident(997)}},
            )
        ),
    ]


def test_no_number_of_a_certificate_can_be_changed() -> None:
    orders = [wanted(it, (101, 102)) for it in (1, 2, 3)]
    found = shortage.find(orders, ALL_DAY)
    assert found is not None
    for lie in lies(found):
        with pytest.raises(Refuted):
            proof.check_shortage(lie, orders, ALL_DAY)


@pytest.mark.parametrize("seed", range(200))
def test_where_all_visits_are_at_once_it_is_found_exactly_when_there_is_one(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    nurses = range(101, 101 + draw.randint(1, 4))
    orders = [
        wanted(it, tuple(nurse for nurse in nurses if draw.random() < 0.5))
        for it in range(1, draw.randint(1, 4) + 1)
    ]
    possible = any(
        len(set(chosen)) == len(chosen) for chosen in product(*(it.nurse_ids for it in orders))
    )
    found = shortage.find(orders, ALL_DAY)
    assert (found is None) == possible
    if found is not None:
        proof.check_shortage(found, orders, ALL_DAY)
        for one in found.orders:
            fewer = [it for it in found.orders if it is not one]
            assert shortage.find(fewer, ALL_DAY) is None


@pytest.mark.parametrize("seed", range(300))
def test_no_shortage_is_of_fewer_orders(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    orders = [
        wanted(
            number,
            tuple(nurse for nurse in range(101, 105) if draw.random() < 0.45),
            seats=draw.choice([1, 1, 2]),
            opens_at=hours(2 + draw.choice([0, 1, 2])),
            closes_at=hours(4.5 + draw.choice([0, 0.5])),
            lasts_s=draw.choice([1_800, 3_600, 5_400]),
        )
        for number in range(1, 7)
    ]
    found = shortage.find(orders, ALL_DAY)
    fewest = next(
        (
            size
            for size in range(1, shortage.TRIED + 1)
            for some in combinations(orders, size)
            if shortage._described(some, ALL_DAY).missing > 0
        ),
        None,
    )
    if fewest is None:
        assert found is None or len(found.orders) > shortage.TRIED
    else:
        assert found is not None
        assert len(found.orders) == fewest


def test_among_many_only_some_sets_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortage, "SETS", 3)
    orders = [wanted(it, (100 + it % 9, 101 + it % 9)) for it in range(1, 40)]
    found = shortage.find(orders, ALL_DAY)
    assert found is not None
    proof.check_shortage(found, orders, ALL_DAY)


def test_hours_are_cut_to_the_time_in_question() -> None:
    """Two free half hours hold no visit of an hour."""
    halves = {ident(101): [Span(hours(2), hours(2.5)), Span(hours(3), hours(3.5))]}
    assert shortage.find([wanted(1, (101,))], halves) is not None
