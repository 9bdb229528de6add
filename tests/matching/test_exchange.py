"""Visits that change nurse or time all at once are judged by the day as it would be afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from matching import exchange, texts
from matching.eligibility import Refusal
from matching.exchange import Change
from matching.inputs import Booked
from tests.matching.build import CATALOGUE, booked, candidate, frame, hours, ident, need, place

FIRST, SECOND = ident(901), ident(902)


def hers(visit_id: UUID, first: float, **more: Any) -> Booked:
    return replace(booked(first, first + 0.75, **more), visit_id=visit_id)


def change(visit_id: UUID, start: float, told: int = 101, **more: Any) -> Change:
    """By default the visit of nurse 101, who keeps it and leaves for it at its hour."""
    plain = Change(
        visit_id=visit_id,
        need=need(earliest=hours(3), latest=hours(8)),
        candidate=candidate(),
        start_at=hours(start),
        told_nurse_id=ident(told),
        leaves_at=hours(3),
    )
    return replace(plain, **more)


def judged(*changes: Change) -> dict[UUID, list[str]]:
    found = exchange.judge(changes, frame())
    assert all((verdict.fit is None) == bool(verdict.refusals) for verdict in found.values())
    return {one: [each.rule for each in verdict.refusals] for one, verdict in found.items()}


def test_what_is_in_the_way_now_may_go_away_at_the_same_time() -> None:
    """Two visits of one nurse change places; either alone would meet the other."""
    day = candidate(visits=(hers(FIRST, 4), hers(SECOND, 6)))
    early = change(FIRST, 6, candidate=day)
    late = change(SECOND, 4, candidate=day)
    assert judged(early, late) == {FIRST: [], SECOND: []}
    assert judged(early) == {FIRST: ["timetable"]}
    assert judged(late, early) == judged(early, late)


def test_two_that_come_to_the_same_nurse_need_their_way() -> None:
    far = need(place=place(east_m=-6_000), earliest=hours(3), latest=hours(8))
    both = [
        change(FIRST, 4, told=102),
        change(SECOND, 4.75, told=103, need=far),
    ]
    assert judged(*both)[SECOND] == ["timetable"]
    fits = exchange.judge([both[0], replace(both[1], start_at=hours(5.25))], frame())
    assert all(verdict.eligible for verdict in fits.values())
    for one, verdict in fits.items():
        assert verdict.fit is not None
        assert verdict.fit.start_at == (hours(4) if one == FIRST else hours(5.25))


def test_what_stays_hers_stands_in_the_way() -> None:
    day = candidate(visits=(hers(SECOND, 4),))
    assert judged(change(FIRST, 4.25, told=102, candidate=day)) == {FIRST: ["timetable"]}


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({}, []),
        ({"leaves_at": hours(2)}, ["frozen"]),
        ({"leaves_at": hours(2), "stranded": True, "told_nurse_id": ident(102)}, []),
        ({"start_at": hours(2.9)}, ["window"]),
        ({"start_at": hours(8.1)}, ["window"]),
        ({"need": need(earliest=hours(2), latest=hours(8)), "start_at": hours(2.1)}, ["frozen"]),
        ({"need": need(latest=hours(8), fixed_start_at=hours(5))}, ["partner"]),
        ({"need": need(latest=hours(8), fixed_start_at=hours(4))}, []),
        ({"candidate": candidate(blocked=True)}, ["blocked"]),
        # What would keep her from being asked does not keep her from her own visit.
        ({"candidate": candidate(available=False, declined_this_order=True)}, []),
        ({"candidate": candidate(available=False), "told_nurse_id": ident(102)}, ["available"]),
    ],
)
def test_each_rule_of_a_change(changed: dict[str, Any], rules: list[str]) -> None:
    assert judged(replace(change(FIRST, 4), **changed)) == {FIRST: rules}


def test_ways_are_measured_by_the_day_as_it_would_be() -> None:
    there, elsewhere = place(east_m=500), place(east_m=900)
    day = candidate(visits=(hers(FIRST, 4, at=there), hers(SECOND, 6, at=elsewhere)))
    ((told, (nurse,)),) = exchange.judged_by([change(FIRST, 7, candidate=day)])
    assert told.place == place()
    assert {visit.place for visit in nurse.visits} == {elsewhere, place()}


def test_parts_share_nobody() -> None:
    links = [{1, 2}, {5, 6}, {3, 4}, {2, 3}, {7}, {6, 8}]
    numbers = exchange.parts([{ident(one) for one in link} for link in links])
    assert numbers == [1, 2, 1, 1, 3, 2]
    assert exchange.parts([]) == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_refuses_a_change_is_said_in_words(language: str) -> None:
    at = hours(4).isoformat()
    for rule in exchange.LABELS:
        said = texts.refusal(Refusal(rule=rule, value=at, threshold=(at, at)), language, CATALOGUE)
        assert said != rule
        assert "2026-" not in said
        assert "{" not in said
