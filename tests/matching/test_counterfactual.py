"""The nearest other world: that what is said of it is true, by deciding again in it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from matching import counterfactual, decide, eligibility, texts
from matching.counterfactual import Change
from matching.decide import Case, Considered
from matching.inputs import Candidate, Gender
from matching.policy import Policy
from matching.timetable import MINUTE_S
from matching.waves import PastOffer, Progress
from tests.matching.build import CATALOGUE, NOW, booked, candidate, frame, hours, ident, need, place

ASKED = Policy().wave_sizes[0]


def considered(nurses: list[Candidate], progress: Progress | None = None) -> list[Considered]:
    case = Case(need=need(), candidates=nurses, progress=progress or Progress())
    (decision,) = decide.decide([case], frame())
    return list(decision.considered)


def crowd(seed: int) -> list[Candidate]:
    draw = random.Random(seed)  # noqa: S311
    return [
        candidate(
            nurse_id=ident(100 + number),
            place=place(draw.uniform(-6000, 6000), draw.uniform(-6000, 6000)),
            recent_visits_30d=draw.randint(0, 12),
        )
        for number in range(8)
    ]


def test_who_is_nearer_by_so_much_is_asked() -> None:
    said = 0
    for seed in range(40):
        nurses = crowd(seed)
        for one in considered(nurses)[ASKED:]:
            assert one.nearest is not None
            if one.nearest.kind != "nearer_m":
                continue
            said += 1
            assert isinstance(one.nearest.value, int)
            (her,) = [nurse for nurse in nurses if nurse.nurse_id == one.nurse_id]
            left = 1 - one.nearest.value / her.place.distance_m(need().place)
            there = need().place
            moved = replace(
                her,
                place=place((her.place.x_m - there.x_m) * left, (her.place.y_m - there.y_m) * left),
            )
            again = considered([moved if it is her else it for it in nurses])
            assert her.nurse_id in {it.nurse_id for it in again[:ASKED]}, seed
    assert said > 60


def test_who_is_cheaper_by_so_many_minutes_is_asked() -> None:
    """Where even the door would be too far: a load that the others do not have."""
    nurses = [*crowd(1)[:6], candidate(nurse_id=ident(200), recent_visits_30d=90)]
    (hers,) = [one for one in considered(nurses) if one.nurse_id == ident(200)]
    assert hers.nearest is not None
    assert hers.nearest.kind == "cheaper_min"
    assert isinstance(hers.nearest.value, int)
    assert hers.cost is not None
    visits = 90 - round(hers.nearest.value / 0.25)
    again = considered([*nurses[:-1], replace(nurses[-1], recent_visits_30d=max(0, visits))])
    assert ident(200) in {one.nurse_id for one in again[:ASKED]}


@pytest.mark.parametrize(
    "visit",
    [booked(1, 3.9, place(3000)), booked(2.2, 6, place(3000)), booked(2.5, 7, place(100))],
)
def test_who_is_free_by_then_qualifies(visit: Any) -> None:
    her = candidate(visits=(visit,))
    (one,) = considered([her])
    assert one.nearest is not None
    assert isinstance(one.nearest.value, str)
    free_at = datetime.fromisoformat(one.nearest.value)
    if one.nearest.kind == "free_at":
        moved = replace(visit, starts_at=free_at - timedelta(hours=1), ends_at=free_at)
    else:
        moved = replace(visit, starts_at=free_at, ends_at=free_at + timedelta(hours=1))
    assert eligibility.evaluate(need(), replace(her, visits=(moved,)), frame()).eligible


@pytest.mark.parametrize(
    ("gives", "changes", "words"),
    [
        (
            {"place": place(11_430)},
            [Change("nearer_m", 1_500)],
            "Would have qualified if 1.5 km nearer",
        ),
        (
            {"tier": 1, "available": False},
            [Change("available", None), Change("tier", 2)],
            "Would have qualified if set as available and of tier 2",
        ),
        (
            {"specialties": frozenset[str]()},
            [Change("specialty", ("wound_care",))],
            "Would have qualified if trained in: Wound care (procedure-assessed)",
        ),
        (
            {"shifts": ()},
            [Change("shift_min", 45)],
            "Would have qualified if on a shift longer by 45 min",
        ),
        ({"blocked": True}, [], None),
        ({"blocked": True, "tier": 1}, [], None),
    ],
)
def test_refusals_say_what_would_have_done(
    gives: dict[str, Any], changes: list[Change], words: str | None
) -> None:
    verdict = eligibility.evaluate(need(), candidate(**gives), frame())
    found = counterfactual.to_qualify(verdict.refusals, None)
    assert list(found) == changes
    assert texts.would(found, asked=False, language="en", catalogue=CATALOGUE) == words


def test_a_wish_of_the_patient_is_no_lever() -> None:
    refusals = eligibility.evaluate(
        need(nurse_gender=Gender.MALE), candidate(tier=1), frame()
    ).refusals
    assert {one.rule for one in refusals} == {"gender", "tier"}
    assert counterfactual.to_qualify(refusals, None) == ()


def test_who_was_told_too_late_would_have_needed_so_many_minutes() -> None:
    her = candidate(place=place(9000))
    asked = need(earliest=hours(0.1), latest=hours(0.2))
    clash = eligibility.evaluate(asked, her, frame()).clash
    assert clash is not None
    change = counterfactual.of_clash(asked, clash, frame())
    assert change is not None
    assert change.kind == "notice_min"
    assert isinstance(change.value, int)
    earlier = NOW - timedelta(seconds=change.value * MINUTE_S)
    assert eligibility.evaluate(asked, her, frame(now=earlier)).eligible


def test_who_holds_her_fill_or_was_asked_before_is_not_told_to_move() -> None:
    full = candidate(nurse_id=ident(300), open_offers=3)
    asleep = candidate(nurse_id=ident(301), quiet_from=time(7), quiet_until=time(9))
    found = {one.nurse_id.int: one.nearest for one in considered([*crowd(2), full, asleep])}
    assert found[300] == Change("offers", None)
    assert found[301] == Change("quiet", None)
    before = Progress(offers=(PastOffer(nurse_id=ident(300), seat=1, state="expired"),))
    found = {one.nurse_id.int: one.nearest for one in considered([*crowd(2), full], before)}
    assert found[300] is None


def test_every_change_has_words_in_both_languages() -> None:
    for kind, label in texts.WOULD.items():
        assert label.zh, kind
        assert label.en, kind
    assert (
        texts.would([Change("unheard", 1)], asked=True, language="en", catalogue=CATALOGUE) is None
    )
