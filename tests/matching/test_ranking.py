"""What makes one eligible nurse the better choice, term by term."""

from __future__ import annotations

import re
from dataclasses import replace
from math import pi
from pathlib import Path
from typing import Any, get_args

import pytest

from config.settings import CostTerm
from matching import eligibility, ranking
from matching.acceptance import Acceptance
from matching.inputs import Candidate, Frame, Need, PastCare
from matching.policy import Policy, Urgency
from tests.matching.build import NOW, booked, candidate, frame, hours, ident, need, place


def costed(asked: Need, nurse: Candidate, within: Frame) -> ranking.Cost:
    fit = eligibility.evaluate(asked, nurse, within).fit
    assert fit is not None
    return ranking.cost(asked, nurse, fit, within)


# term, what makes the first the better one, what makes the second the worse one
PAIRS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("travel", {}, {"place": place(1000)}, {"place": place(5000)}),
    (
        "travel",
        {},
        {"place": place(8000), "visits": (booked(3, 4, place(100)),)},
        {"place": place(8000)},
    ),
    ("waiting", {}, {}, {"visits": (booked(1, 3.2),)}),
    ("scarcity", {}, {}, {"specialties": frozenset({"wound_ostomy_continence"})}),
    ("scarcity", {}, {}, {"tier": 3}),
    ("acceptance", {}, {"leaning": 1.0}, {"leaning": -1.0}),
    ("acceptance", {}, {"place": place(500)}, {"place": place(9_000)}),
    ("load", {}, {"recent_visits_30d": 1}, {"recent_visits_30d": 9}),
    ("load", {}, {}, {"recent_income_30d_fen": 90_000}),
    ("fairness", {}, {"ahead": -0.4}, {"ahead": 0.6}),
    ("lateness", {}, {}, {"visits": (booked(1, 3.7, place(2500)),)}),
    ("preferred", {"preferred_nurse_id": ident(101)}, {}, {"nurse_id": ident(102)}),
    ("taken_back", {}, {}, {"taken_back": True}),
    (
        "continuity",
        {"history": {ident(101): PastCare(visits=2, last_at=hours(-240))}},
        {},
        {"nurse_id": ident(102)},
    ),
    (
        "continuity",
        {
            "history": {
                ident(101): PastCare(visits=2, last_at=hours(-240)),
                ident(102): PastCare(visits=2, last_at=hours(-24 * 300)),
            }
        },
        {},
        {"nurse_id": ident(102)},
    ),
]


@pytest.mark.parametrize(("term", "asks", "better", "worse"), PAIRS)
def test_term(
    term: str, asks: dict[str, Any], better: dict[str, Any], worse: dict[str, Any]
) -> None:
    within = replace(
        frame(),
        scarcity={"wound_ostomy_continence": 0.6, "continence": 0.2},
        acceptance=Acceptance(coefficients=(1.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0)),
    )
    good = costed(need(**asks), candidate(**better), within)
    bad = costed(need(**asks), candidate(**worse), within)

    assert good.parts[term] < bad.parts[term]


def test_from_whom_it_was_taken_back_she_comes_after_the_furthest() -> None:
    before = candidate(taken_back=True, place=place(10))
    known = {ident(101): PastCare(visits=9, last_at=hours(-24))}
    asked = need(preferred_nurse_id=ident(101), history=known)
    far = candidate(nurse_id=ident(102), place=place(9_500))
    assert costed(asked, before, frame()).total > costed(asked, far, frame()).total


def test_every_term_has_a_pair() -> None:
    assert {term for term, *_ in PAIRS} == {term.name for term in ranking.TERMS}
    assert get_args(CostTerm) == tuple(term.name for term in ranking.TERMS)


def test_the_page_tells_every_term_with_its_weight() -> None:
    page = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|.*\| ([−\d.,]+) \|$", page, re.MULTILINE)
    assert [(name, float(text.replace("−", "-").replace(",", ""))) for name, text in told] == [
        (term.name, term.weight) for term in ranking.TERMS
    ]


def test_a_cost_is_the_sum_of_its_parts() -> None:
    found = costed(need(), candidate(recent_visits_30d=3, tier=3), frame())

    assert list(found.parts) == [term.name for term in ranking.TERMS]
    assert found.total == pytest.approx(sum(found.parts.values()))


def test_until_enough_was_learned_nobody_is_thought_to_say_no() -> None:
    assert costed(need(), candidate(leaning=-3.0), frame()).parts["acceptance"] == 0


def test_a_policy_may_weigh_otherwise() -> None:
    plain, heavier = frame(), Policy(weights={"load": 3.0})
    busy = candidate(recent_visits_30d=4)

    assert costed(need(), busy, plain).parts["load"] == 1.0
    assert costed(need(), busy, replace(plain, policy=heavier)).parts["load"] == 6.0


def test_what_is_not_there_is_nought_and_not_minus_nought() -> None:
    assert str(costed(need(), candidate(), frame()).parts["continuity"]) == "0.0"


def test_who_cannot_wait_pays_more_for_waiting() -> None:
    late = candidate(visits=(booked(1, 3.2),))
    waits = [costed(need(urgency=u), late, frame()).parts["waiting"] for u in Urgency]

    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


@pytest.mark.parametrize(
    ("visits", "index"),
    [([], 1.0), ([1], 1.0), ([2], 1.0), ([1, 1], 0.0), ([2, 1], 1 / 3), ([3, 2, 1], 4 / 15)],
)
def test_the_index_of_bice_and_boxerman(visits: list[int], index: float) -> None:
    assert ranking.bice_boxerman(visits) == pytest.approx(index)


def test_continuity_is_what_the_visit_does_to_the_index() -> None:
    """Times (N + 1) / 2: of the index over all pairs, that of the new ones less the present one."""
    visits = {ident(101): 3, ident(102): 1}
    asked = need(history={who: PastCare(visits=n, last_at=NOW) for who, n in visits.items()})
    within = frame(trust_half_life_days=10**6)
    before = ranking.bice_boxerman(list(visits.values()))
    for who in (*visits, ident(103)):
        after = ranking.bice_boxerman(list({**visits, who: visits.get(who, 0) + 1}.values()))
        parts = costed(asked, candidate(nurse_id=who), within).parts
        assert parts["continuity"] == pytest.approx(-20 * (after - before) * 5 / 2, abs=2e-3)


def test_who_has_time_to_spare_is_not_late() -> None:
    assert costed(need(), candidate(), frame()).parts["lateness"] == 0.0
    on_the_edge = need(earliest=hours(2), latest=hours(2))
    # A way of 8 minutes spreads by two, of which 0.4 are expected beyond the end.
    fit = eligibility.evaluate(on_the_edge, candidate(), frame()).fit
    assert fit is not None
    expected = 0.25 * fit.travel_in_s / (2 * pi) ** 0.5 / 60 * 2
    parts = costed(on_the_edge, candidate(), frame()).parts
    assert parts["lateness"] == pytest.approx(expected, abs=1e-3)


def test_rarity_runs_from_everybody_to_one_alone() -> None:
    found = ranking.rarity({"general_nursing": 100, "wound_care": 10, "dialysis": 1}, 100)

    assert found == {"general_nursing": 0.0, "wound_care": 0.5, "dialysis": 1.0}
    assert ranking.rarity({"dialysis": 1}, 1) == {"dialysis": 0.0}
