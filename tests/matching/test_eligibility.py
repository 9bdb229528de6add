"""One table: which rule, what the order asks, what the nurse gives, and the verdict."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.vocabulary import Condition, Title
from matching import eligibility, texts
from matching.eligibility import GATES, RULES, RULES_BY_NAME, Refusal
from matching.inputs import Candidate, Gender, Need
from tests.matching.build import (
    CATALOGUE,
    NOW,
    booked,
    candidate,
    frame,
    hours,
    ident,
    need,
    place,
    span,
)

FAR = {"place": place(east_m=30_000)}
# 10:00 and 11:00 in Jinhua on two days around a fifth anniversary of first practice.
MAY_31 = datetime(2024, 5, 31, 2, tzinfo=UTC)
JUNE_1 = datetime(2024, 6, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
# 21:00 and 22:00 in Jinhua.
EVENING = {"earliest": hours(13), "latest": hours(14)}

# rule, changes to the need, changes to the candidate, changes to the policy, accepted
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], bool]] = [
    ("face", {"departs": True}, {}, {}, True),
    ("face", {}, {}, {"face_asked": True}, True),
    ("face", {"departs": True}, {"known_until": hours(0)}, {"face_asked": True}, True),
    ("face", {"departs": True}, {"known_until": hours(-1)}, {"face_asked": True}, False),
    ("face", {"departs": True}, {}, {"face_asked": True}, False),
    ("no_visits", {}, {}, {}, True),
    ("no_visits", {"conditions": {Condition.NO_VISITS}}, {}, {}, False),
    ("two_nurses", {"conditions": {Condition.TWO_NURSES}, "seats": (1, 2)}, {}, {}, True),
    (
        "two_nurses",
        {
            "conditions": {Condition.TWO_NURSES},
            "seats": (2,),
            "nurse_ids_on_order": frozenset({ident(7)}),
        },
        {},
        {},
        True,
    ),
    ("two_nurses", {"conditions": {Condition.TWO_NURSES}}, {}, {}, False),
    ("escort", {"conditions": {Condition.ESCORT}, "escorted": True}, {}, {}, True),
    ("escort", {"conditions": {Condition.ESCORT}}, {}, {}, False),
    ("same_gender", {"patient_gender": Gender.MALE}, {}, {}, True),
    (
        "same_gender",
        {"conditions": {Condition.SAME_GENDER}, "patient_gender": Gender.FEMALE},
        {},
        {},
        True,
    ),
    (
        "same_gender",
        {"conditions": {Condition.SAME_GENDER}, "patient_gender": Gender.MALE},
        {},
        {},
        False,
    ),
    ("daytime", {"conditions": {Condition.DAYTIME_ONLY}}, {}, {}, True),
    ("daytime", EVENING, {}, {}, True),
    ("daytime", {**EVENING, "conditions": {Condition.DAYTIME_ONLY}}, {}, {}, False),
    (
        "daytime",
        {**EVENING, "conditions": {Condition.DAYTIME_ONLY}},
        {},
        {"daytime_until_h": 23},
        True,
    ),
    ("institution_approved", {}, {}, {}, True),
    ("institution_approved", {}, {"institution_approved": False}, {}, False),
    ("institution_offers", {}, {"institution_services": frozenset({"LT09", "LT01"})}, {}, True),
    ("institution_offers", {}, {"institution_services": frozenset({"LT01"})}, {}, False),
    (
        "institution_offers",
        {"service_codes": ("LT09", "LT05")},
        {"institution_services": frozenset({"LT09"})},
        {},
        False,
    ),
    ("institution_covers", {"county": "330703"}, {}, {}, True),
    ("institution_covers", {"county": "330782"}, {}, {}, False),
    ("admitted", {}, {}, {}, True),
    ("admitted", {}, {"admitted": False}, {}, False),
    ("active", {}, {}, {}, True),
    ("active", {}, {"suspended": True}, {}, False),
    ("on_hold", {}, {"held_services": frozenset({"EC01"})}, {}, True),
    ("on_hold", {}, {"held_services": frozenset({"LT09"})}, {}, False),
    ("available", {}, {}, {}, True),
    ("available", {}, {"available": False}, {}, False),
    ("title", {}, {"title": Title.HUSHI_SHI}, {}, True),
    ("title", {}, {"title": Title.HUSHI}, {}, False),
    ("title", {"min_title": Title.FUZHUREN}, {"title": Title.ZHUGUAN}, {}, False),
    ("tier", {"min_tier": 3}, {"tier": 3}, {}, True),
    ("tier", {"min_tier": 3}, {"tier": 2}, {}, False),
    ("specialty", {}, {"specialties": frozenset({"wound_ostomy_continence"})}, {}, True),
    ("specialty", {}, {"specialties": frozenset({"orthopedic"})}, {}, True),
    ("specialty", {}, {"specialties": frozenset({"continence"})}, {}, False),
    (
        "specialty",
        {"specialties": frozenset({"lactation", "obstetric", "general_nursing"})},
        {"specialties": frozenset({"midwifery"})},
        {},
        True,
    ),
    (
        "experience",
        {"earliest": MAY_31, "latest": MAY_31 + HOUR},
        {"first_practised_on": date(2019, 6, 1)},
        {},
        False,
    ),
    (
        "experience",
        {"earliest": JUNE_1, "latest": JUNE_1 + HOUR},
        {"first_practised_on": date(2019, 6, 1)},
        {},
        True,
    ),
    # Eight in the evening in London is the next day in Jinhua.
    (
        "experience",
        {"earliest": datetime(2024, 5, 31, 20, tzinfo=UTC), "latest": JUNE_1},
        {"first_practised_on": date(2019, 6, 1)},
        {},
        True,
    ),
    (
        "experience",
        {"earliest": JUNE_1, "latest": JUNE_1 + HOUR},
        {"first_practised_on": date(2019, 6, 1)},
        {"min_years": 8},
        False,
    ),
    ("certificate", {}, {"certificate_valid_until": date(2026, 3, 10)}, {}, True),
    ("certificate", {}, {"certificate_valid_until": date(2026, 3, 9)}, {}, False),
    ("insurance", {}, {"insurance_valid_until": date(2026, 3, 10)}, {}, True),
    ("insurance", {}, {"insurance_valid_until": date(2026, 3, 9)}, {}, False),
    # Of three insurances each counts, and the earliest is told by itself.
    (
        "insurance",
        {},
        {
            "insurance_valid_until": date(2026, 3, 9),
            "insurances": {"liability": date(2026, 3, 9), "medical_accident": date(2027, 3, 9)},
        },
        {},
        False,
    ),
    ("insurance", {}, {"policies_numbered": False}, {}, True),
    ("insurance", {}, {"policies_numbered": False}, {"papers_numbered": True}, False),
    ("licence", {}, {"institution_licence_until": date(2026, 3, 10)}, {}, True),
    ("licence", {}, {"institution_licence_until": date(2026, 3, 9)}, {}, False),
    ("licence", {}, {}, {"papers_numbered": True}, False),
    ("registration", {}, {}, {}, True),
    ("registration", {}, {"registered": False}, {}, False),
    ("register", {}, {}, {}, True),
    ("register", {}, {}, {"register_asked": True}, False),
    ("register", {}, {"registered_until": NOW}, {"register_asked": True}, True),
    ("register", {}, {"registered_until": NOW - HOUR}, {"register_asked": True}, False),
    # What her institution asks above the floor; what it would ask below changes nothing.
    ("title", {}, {"institution_min_title": Title.FUZHUREN}, {}, False),
    ("title", {}, {"institution_min_title": Title.HUSHI}, {}, True),
    ("title", {}, {}, {"min_title": Title.FUZHUREN}, False),
    ("tier", {}, {"institution_min_tiers": {"long_term_care": 3}}, {}, False),
    ("tier", {}, {"institution_min_tiers": {"long_term_care": 1}}, {}, True),
    ("tier", {}, {"institution_min_tiers": {"elderly_care": 3}}, {}, True),
    (
        "experience",
        {"earliest": JUNE_1, "latest": JUNE_1 + HOUR},
        {"first_practised_on": date(2019, 6, 1), "institution_min_years": 8},
        {},
        False,
    ),
    (
        "experience",
        {"earliest": JUNE_1, "latest": JUNE_1 + HOUR},
        {"first_practised_on": date(2019, 6, 1), "institution_min_years": 3},
        {},
        True,
    ),
    ("shift", {}, {"shifts": (span(2, 2.75),)}, {}, True),
    ("shift", {}, {"shifts": (span(2, 2.74),)}, {}, False),
    ("shift", {}, {"shifts": ()}, {}, False),
    ("shift", {}, {"shifts": (span(3.5, 4), span(4, 5))}, {}, True),
    ("shift", {}, {"shifts": (span(4.01, 9),)}, {}, False),
    ("ward_duty", {}, {"ward_duties": (span(-1, 3),)}, {}, True),
    ("ward_duty", {}, {"ward_duties": (span(-1, 5),)}, {}, False),
    ("ward_duty", {}, {"ward_duties": (span(0, 2.5), span(3, 6))}, {}, False),
    ("radius", {}, {"place": place(east_m=9_999)}, {}, True),
    ("radius", {}, {"place": place(east_m=10_002)}, {}, False),
    ("radius", {}, {"place": place(east_m=4_000), "radius_m": None}, {}, True),
    (
        "radius",
        {},
        {"place": place(east_m=4_000), "radius_m": None},
        {"default_radius_m": 3_000},
        False,
    ),
    ("gender", {"nurse_gender": Gender.FEMALE}, {}, {}, True),
    ("gender", {"nurse_gender": Gender.MALE}, {}, {}, False),
    ("language", {"language": "wuu-jinhua"}, {}, {}, True),
    ("language", {"language": "csl"}, {}, {}, False),
    ("blocked", {}, {}, {}, True),
    ("blocked", {}, {"blocked": True}, {}, False),
    ("excluded", {"excluded_nurse_ids": frozenset({ident(102)})}, {}, {}, True),
    ("excluded", {"excluded_nurse_ids": frozenset({ident(101)})}, {}, {}, False),
    ("declined", {}, {}, {}, True),
    ("declined", {}, {"declined_this_order": True}, {}, False),
    ("other_seat", {"nurse_ids_on_order": frozenset({ident(102)})}, {}, {}, True),
    ("other_seat", {"nurse_ids_on_order": frozenset({ident(101)})}, {}, {}, False),
    ("timetable", {}, {"visits": (booked(2, 3.5),)}, {}, True),
    ("timetable", {}, {"visits": (booked(1, 4.5),)}, {}, False),
    # The gap would do for the visit, but not for the way there and back.
    (
        "timetable",
        {},
        {"visits": (booked(1, 2.5, place(9000)), booked(3.3, 6, place(9000)))},
        {},
        False,
    ),
    ("timetable", {}, {"visits": (booked(1, 2.5), booked(3.3, 6))}, {}, True),
]


def test_every_rule_has_its_row_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
    table = page.partition("### Who may be sent at all")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `([a-z_]+)`( †)? \|", table, re.MULTILINE)
    assert [name for name, _ in rows] == [rule.name for rule in RULES]
    assert {name for name, gate in rows if gate} == set(GATES)


@pytest.mark.parametrize(("rule", "asks", "gives", "policy", "accepted"), CASES)
def test_rule(
    rule: str,
    asks: dict[str, Any],
    gives: dict[str, Any],
    policy: dict[str, Any],
    accepted: bool,
) -> None:
    short = RULES_BY_NAME[rule].check(need(**asks), candidate(**gives), frame(**policy))

    assert (short is None) is accepted


def test_every_rule_has_a_case_that_accepts_and_one_that_refuses() -> None:
    covered = {(rule, accepted) for rule, *_, accepted in CASES}

    assert covered == {(rule.name, verdict) for rule in RULES for verdict in (True, False)}


def test_nothing_is_said_against_a_nurse_who_fits() -> None:
    verdict = eligibility.evaluate(need(), candidate(), frame())

    assert verdict.eligible
    assert verdict.fit is not None
    assert verdict.fit.start_at == hours(2)


def test_all_refusals_are_given_with_what_was_found_and_asked() -> None:
    verdict = eligibility.evaluate(
        need(min_tier=3), candidate(title=Title.HUSHI, place=place(north_m=12_000)), frame()
    )

    assert verdict.refusals == (
        Refusal(rule="title", value="hushi", threshold="hushi_shi"),
        Refusal(rule="tier", value=2, threshold=3),
        Refusal(rule="radius", value=12_000, threshold=10_000),
    )
    assert verdict.fit is None


def test_a_window_of_two_days_is_kept_to_the_days_on_which_the_papers_hold() -> None:
    wide = need(earliest=hours(2), latest=hours(28))
    shifts = (span(-1, 11), span(23, 35))

    new = candidate(first_practised_on=date(2021, 3, 11), shifts=shifts)
    verdict = eligibility.evaluate(wide, new, frame())
    assert verdict.fit is not None
    assert verdict.fit.start_at == hours(23)

    ending = candidate(
        certificate_valid_until=date(2026, 3, 10),
        insurance_valid_until=date(2026, 3, 10),
        shifts=shifts,
        visits=(booked(0, 10.5),),
    )
    assert [r.rule for r in eligibility.evaluate(wide, ending, frame()).refusals] == ["timetable"]


def test_a_leap_day_answers_to_the_last_of_february() -> None:
    at = datetime(2025, 2, 28, 2, tzinfo=UTC)
    asked = need(earliest=at, latest=at + HOUR)
    nurse = candidate(first_practised_on=date(2020, 2, 29))

    assert RULES_BY_NAME["experience"].check(asked, nurse, frame()) is None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_refusal_of_the_table_reads_as_a_sentence(language: str) -> None:
    for rule, asks, gives, policy, accepted in CASES:
        short = RULES_BY_NAME[rule].check(need(**asks), candidate(**gives), frame(**policy))
        if accepted or short is None:
            continue
        refusal = Refusal(rule=rule, value=short.value, threshold=short.threshold)
        text = texts.refusal(refusal, language, CATALOGUE)
        assert text
        assert "{" not in text
        assert "None" not in text


def test_sentences_name_things_as_people_do() -> None:
    refusal = Refusal(rule="specialty", value=("wound_care",), threshold=("wound_care",))
    assert texts.refusal(refusal, "zh-CN", CATALOGUE) == "缺少专科资质：伤口护理（操作考核）"
    far = Refusal(rule="radius", value=12_000, threshold=800)
    assert texts.refusal(far, "en", CATALOGUE) == "12.0 km away, beyond her radius of 800 m"
    away = Refusal(rule="institution_covers", value=("330703",), threshold="330782")
    assert "义乌市" in texts.refusal(away, "zh-CN", CATALOGUE, {"330782": "义乌市"})
    busy = Refusal(rule="timetable", value="visit", threshold="2026-03-10T01:00:00+00:00")
    assert texts.refusal(busy, "zh-CN", CATALOGUE) == (
        "计入路程后时间排不开：已有的上门安排（03-10 09:00）"
    )


def test_r43_by_day_only_the_visit_ends_before_evening_and_waits_for_the_morning() -> None:
    """A window of a day and a half, opened at 17:30 in Jinhua: the next start is at 08:00."""
    asked = need(
        earliest=hours(9.5), latest=hours(34), conditions=frozenset({Condition.DAYTIME_ONLY})
    )
    nurse = candidate(shifts=(span(-1, 40),))

    verdict = eligibility.evaluate(asked, nurse, frame())
    assert verdict.fit is not None
    assert verdict.fit.start_at == hours(24)

    at_night = candidate(shifts=(span(10, 23),))
    (refusal,) = eligibility.evaluate(asked, at_night, frame()).refusals
    assert (refusal.rule, refusal.value) == ("timetable", "daytime")


STRICTER: list[tuple[str, Any]] = [
    ("min_tier", st.integers(1, 4)),
    ("min_title", st.sampled_from(Title)),
    ("specialties", st.frozensets(st.sampled_from(sorted(CATALOGUE.specialties)), max_size=3)),
    ("nurse_gender", st.sampled_from(Gender)),
    ("language", st.sampled_from(["zh", "csl"])),
    ("excluded_nurse_ids", st.frozensets(st.integers(100, 104).map(ident), max_size=3)),
    ("later", st.floats(0, 2)),
    ("sooner", st.floats(0, 2)),
    ("longer_s", st.integers(0, 7200)),
    ("conditions", st.frozensets(st.sampled_from(Condition), max_size=2)),
]


@st.composite
def nurses(draw: st.DrawFn) -> Candidate:
    starts = draw(st.lists(st.floats(-3, 9), max_size=3))
    return candidate(
        nurse_id=ident(draw(st.integers(100, 104))),
        tier=draw(st.integers(1, 3)),
        specialties=draw(st.frozensets(st.sampled_from(sorted(CATALOGUE.specialties)), max_size=4)),
        place=place(draw(st.floats(-9000, 9000)), draw(st.floats(-9000, 9000))),
        shifts=tuple(span(at, at + 4) for at in draw(st.lists(st.floats(-3, 8), max_size=3))),
        ward_duties=tuple(span(at, at + 2) for at in draw(st.lists(st.floats(-3, 9), max_size=1))),
        visits=tuple(booked(at, at + 0.7, place(draw(st.floats(-9000, 9000)))) for at in starts),
    )


@st.composite
def stricter_needs(draw: st.DrawFn) -> tuple[Need, Need]:
    plain = need(
        specialties=frozenset(),
        min_tier=1,
        earliest=hours(draw(st.floats(0, 4))),
        latest=hours(draw(st.floats(4, 9))),
    )
    changes: dict[str, Any] = {}
    for field, values in draw(st.lists(st.sampled_from(STRICTER), max_size=3)):
        value = draw(values)
        match field:
            case "later":
                changes["earliest"] = plain.earliest + timedelta(hours=value)
            case "sooner":
                changes["latest"] = plain.latest - timedelta(hours=value)
            case "longer_s":
                changes["duration_s"] = plain.duration_s + value
            case "min_title":
                changes[field] = max(plain.min_title, value, key=lambda title: title.rank)
            case _:
                changes[field] = value
    return plain, need(
        **{
            **{
                "specialties": plain.specialties,
                "min_tier": plain.min_tier,
                "earliest": plain.earliest,
                "latest": plain.latest,
            },
            **changes,
        }
    )


@settings(max_examples=400, deadline=None)
@given(needs=stricter_needs(), nurse=nurses())
def test_a_stricter_need_never_adds_a_candidate(needs: tuple[Need, Need], nurse: Candidate) -> None:
    plain, strict = needs
    if eligibility.evaluate(strict, nurse, frame()).eligible:
        assert eligibility.evaluate(plain, nurse, frame()).eligible
