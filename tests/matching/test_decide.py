"""Whole decisions: repeatable, explained, and fair between the orders of a batch."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from matching import decide, texts
from matching.decide import Alternative, Case, Reason
from matching.eligibility import Refusal
from matching.inputs import Candidate, Gender, Need, PastCare
from matching.policy import Urgency
from matching.waves import Alert, GiveUp, PastOffer, Progress, Stage
from tests.matching.build import CATALOGUE, NOW, booked, candidate, frame, hours, ident, need, place


def case(asked: Need, nurses: list[Candidate], progress: Progress | None = None) -> Case:
    return Case(need=asked, candidates=nurses, progress=progress or Progress())


def crowd(seed: int, orders: int = 6, nurses: int = 25) -> list[Case]:
    draw = random.Random(seed)  # noqa: S311
    pool = [
        candidate(
            nurse_id=ident(100 + number),
            tier=draw.choice([1, 2, 3]),
            specialties=frozenset({draw.choice(["wound_care", "wound_ostomy_continence"])}),
            place=place(draw.uniform(-9000, 9000), draw.uniform(-9000, 9000)),
            recent_visits_30d=draw.randint(0, 9),
            open_offers=draw.randint(0, 3),
            visits=(booked(start := draw.uniform(-1, 8), start + 0.7),),
        )
        for number in range(nurses)
    ]
    return [
        case(
            need(
                order_id=ident(number + 1),
                place=place(draw.uniform(-9000, 9000), draw.uniform(-9000, 9000)),
                seats=draw.choice([(1,), (1, 2)]),
                urgency=draw.choice(list(Urgency)),
                preferred_nurse_id=draw.choice([None, ident(100 + draw.randrange(nurses))]),
            ),
            draw.sample(pool, 15),
        )
        for number in range(orders)
    ]


def test_the_same_cases_in_any_order_give_the_same_decisions() -> None:
    draw = random.Random(1)  # noqa: S311
    for seed in range(25):
        cases = crowd(seed)
        plain = {one.order_id: one for one in decide.decide(cases, frame())}
        mixed = [
            replace(one, candidates=draw.sample(one.candidates, len(one.candidates)))
            for one in draw.sample(cases, len(cases))
        ]

        assert {one.order_id: one for one in decide.decide(mixed, frame())} == plain


def test_nobody_gets_more_offers_than_she_may_hold() -> None:
    for seed in range(25):
        cases = crowd(seed, orders=12)
        held = {one.nurse_id: one.open_offers for each in cases for one in each.candidates}
        for decision in decide.decide(cases, frame()):
            for ask in decision.plan.asks:
                held[ask.nurse_id] += 1
                assert held[ask.nurse_id] <= 3


def test_whom_the_batch_has_named_is_asked_however_many_others_would_have_her() -> None:
    """Her last free place is kept for the order that the optimum sends her to."""
    contended = 0
    for seed in range(60):
        cases = crowd(seed, orders=12, nurses=18)
        settled = decide.settle(decide.judge(cases, frame()), frame())
        places = {n.nurse_id: 3 - n.open_offers for each in cases for n in each.candidates}
        for decision in settled.decisions:
            named = settled.certificate.assignment.nurses.get(decision.order_id, ())
            asked = {ask.nurse_id for ask in decision.plan.asks}
            assert asked.issuperset(named), seed
            contended += sum(places[nurse] == 1 for nurse in named)
    assert contended > 50


def test_nor_does_a_routine_order_take_the_preferred_nurse_of_an_urgent_one() -> None:
    """Her last place is for the order that asks her alone, if that comes first in turn."""
    hers = candidate(nurse_id=ident(101), place=place(100), open_offers=2)
    other = candidate(nurse_id=ident(102), place=place(3000))
    urgent = need(order_id=ident(2), urgency=Urgency.URGENT, preferred_nurse_id=ident(101))
    routine = need(order_id=ident(1))
    for others in ([], [other]):
        cases = [case(routine, [hers]), case(urgent, [hers, *others])]
        _, asked = decide.decide(cases, frame())
        assert asked.plan.stage is Stage.PREFERRED
        assert [ask.nurse_id for ask in asked.plan.asks] == [ident(101)]


def test_decisions_come_in_the_order_of_the_cases() -> None:
    cases = crowd(3)[::-1]

    assert [one.order_id for one in decide.decide(cases, frame())] == [
        one.need.order_id for one in cases
    ]


def test_everybody_considered_has_a_rank_and_a_cost_or_a_reason() -> None:
    nurses = [
        candidate(nurse_id=ident(101), place=place(4000)),
        candidate(nurse_id=ident(102), place=place(1000)),
        candidate(nurse_id=ident(103), tier=1, suspended=True),
        candidate(nurse_id=ident(104), tier=1),
    ]
    (decision,) = decide.decide([case(need(), nurses)], frame())

    assert [(one.nurse_id.int, one.rank, one.eligible) for one in decision.considered] == [
        (102, 1, True),
        (101, 2, True),
        (104, None, False),
        (103, None, False),
    ]
    assert decision.considered[0].cost is not None
    assert decision.considered[0].distance_m == 1000
    assert decision.considered[2].refusals == (Refusal(rule="tier", value=1, threshold=2),)
    assert decision.counts == {"active": 1, "tier": 2}
    assert decision.alternatives == ()
    assert [ask.nurse_id.int for ask in decision.plan.asks] == [102, 101]


def test_the_batch_keeps_the_only_nurse_for_the_order_that_has_no_other() -> None:
    """Nearest first would ask nurse 101 for order 1 before order 2."""
    rare = candidate(
        nurse_id=ident(101),
        tier=3,
        specialties=frozenset({"wound_ostomy_continence"}),
        place=place(100),
    )
    plain = candidate(nurse_id=ident(102), place=place(3000))
    easy = need(order_id=ident(1))
    hard = need(order_id=ident(2), specialties=frozenset({"wound_ostomy_continence"}), min_tier=3)

    first, second = decide.decide([case(easy, [rare, plain]), case(hard, [rare, plain])], frame())
    assert first.considered[0].nurse_id == ident(102)
    assert second.considered[0].nurse_id == ident(101)


def test_the_last_free_place_of_a_nurse_goes_to_the_urgent_order() -> None:
    nurse = candidate(open_offers=2)
    routine = need(order_id=ident(1))
    urgent = need(order_id=ident(2), urgency=Urgency.URGENT)

    first, second = decide.decide([case(routine, [nurse]), case(urgent, [nurse])], frame())
    assert first.plan.asks == ()
    assert [ask.nurse_id for ask in second.plan.asks] == [nurse.nurse_id]


def test_who_was_asked_is_still_shown_with_her_rank_but_not_asked_again() -> None:
    progress = Progress(
        wave=1, next_wave_at=NOW, offers=(PastOffer(nurse_id=ident(101), seat=1, state="expired"),)
    )
    nurses = [candidate(nurse_id=ident(101), place=place(10)), candidate(nurse_id=ident(102))]
    (decision,) = decide.decide([case(need(), nurses, progress)], frame())

    assert {one.nurse_id.int for one in decision.considered if one.eligible} == {101, 102}
    assert [ask.nurse_id.int for ask in decision.plan.asks] == [102]
    assert decision.plan.stage is Stage.WIDER


def test_an_order_that_is_over_gives_up() -> None:
    (decision,) = decide.decide([case(need(), [candidate()])], frame(now=hours(5)))

    assert decision.plan.give_up is GiveUp.WINDOW_PASSED


@pytest.mark.parametrize(
    ("asks", "gives", "ways"),
    [
        ({}, {"visits": (booked(0, 9),)}, [Alternative.LATER_WINDOW]),
        ({}, {"place": place(30_000)}, [Alternative.OTHER_INSTITUTION]),
        ({"nurse_gender": Gender.MALE}, {}, [Alternative.FEWER_WISHES]),
        ({"min_tier": 3}, {}, []),
        ({"min_tier": 3, "service_codes": ("LT09", "LT05")}, {}, [Alternative.SPLIT_SERVICES]),
    ],
)
def test_nobody_comes_with_the_ways_out(
    asks: dict[str, Any], gives: dict[str, Any], ways: list[Alternative]
) -> None:
    (decision,) = decide.decide([case(need(**asks), [candidate(**gives)])], frame())

    assert decision.plan.alert is Alert.NOBODY_ELIGIBLE
    assert decision.alternatives == (*ways, Alternative.HOSPITAL)


def test_a_nurse_is_told_why_she_was_asked() -> None:
    nurse = candidate(place=place(3200), visits=(booked(4, 5, place(100)),))
    asked = need(
        preferred_nurse_id=nurse.nurse_id,
        history={nurse.nurse_id: PastCare(visits=2, last_at=hours(-50))},
        urgency=Urgency.URGENT,
    )
    (decision,) = decide.decide([case(asked, [nurse])], frame())

    why = decision.considered[0].why
    assert [texts.why(reason, "zh-CN", CATALOGUE) for reason in why] == [
        "患者希望由您服务",
        "您为这位患者服务过 2 次",
        "距离约 3.2 公里",
        "路程约 11 分钟",
        "与您已有的上门安排顺路",
        "需要您的专科：伤口护理（操作考核）",
        "加急订单",
    ]
    assert texts.why(Reason(kind="distance_m", value=850), "en", CATALOGUE) == "About 850 m away"


def test_every_word_exists_in_both_languages() -> None:
    labels = [
        *texts.WORDS.values(),
        *texts.WHY.values(),
        *texts.ALTERNATIVES.values(),
        *texts.ALERTS.values(),
        *texts.GIVE_UPS.values(),
    ]
    assert all(label.zh and label.en for label in labels)
    assert texts.ALTERNATIVES.keys() == set(Alternative)
    assert texts.ALERTS.keys() == set(Alert)
    assert texts.GIVE_UPS.keys() == set(GiveUp)
