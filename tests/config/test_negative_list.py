"""The negative list and the limits of age: what they know a thing by, and what they let pass."""

from __future__ import annotations

from datetime import date

import pytest

from api.language import Language, Texts
from config import assessment, negative_list
from config.negative_list import Facts, Prescribed
from tests.world import CATALOGUE

LIST = negative_list.load()
INJECTION = frozenset({"injection"})
LIMITS = assessment.load().by_age


def hits(facts: Facts) -> list[str]:
    return [entry.slug for entry in LIST.hits(facts)]


def test_r26_it_holds_all_that_the_catalogue_names_and_has_words_for_each() -> None:
    assert negative_list.faults(LIST, CATALOGUE) == []
    texts = Texts.load()
    for slug in LIST.entries:
        for language in Language:
            assert texts.find(f"fields.negative_{slug}", language), slug


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (Prescribed(drug="0.9%氯化钠", route="静脉滴注"), "iv_infusion"),
        (Prescribed(drug="5% glucose", route="IV drip"), "iv_infusion"),
        (Prescribed(procedure="静脉输液"), "iv_infusion"),
        (Prescribed(drug="头孢曲松钠 1g", route="肌内注射"), "skin_test_drugs"),
        (Prescribed(drug="Cefazolin 1 g"), "skin_test_drugs"),
        (Prescribed(drug="20%中长链脂肪乳", route="静脉注射"), "skin_test_drugs"),
        (Prescribed(drug="流感疫苗", route="im"), "skin_test_drugs"),
        (Prescribed(drug="盐酸吗啡缓释片", route="口服"), "controlled_drugs"),
        (Prescribed(drug="Fentanyl patch"), "controlled_drugs"),
    ],
)
def test_r27_what_is_prescribed_is_known_by_drug_and_route(line: Prescribed, entry: str) -> None:
    assert hits(Facts(groups=INJECTION, prescribed=[line])) == [entry]


@pytest.mark.parametrize(
    "line",
    [
        Prescribed(drug="胰岛素", route="皮下注射"),
        Prescribed(drug="低分子肝素钠", route="皮下"),
        Prescribed(drug="头孢克肟颗粒", route="口服"),
        Prescribed(drug="左氧氟沙星滴眼液", route="滴眼"),
        Prescribed(drug="庆大霉素", route="雾化吸入"),
        Prescribed(drug="肝素钠", route="IV flush"),
        Prescribed(procedure="输液港维护"),
        Prescribed(procedure="伤口换药"),
        Prescribed(drug="Tinctured dripping", route="diverse"),
    ],
)
def test_r27_what_only_sounds_like_it_passes(line: Prescribed) -> None:
    assert hits(Facts(groups=INJECTION, prescribed=[line])) == []


def test_r27_peritoneal_fluid_runs_in_as_part_of_the_care() -> None:
    line = Prescribed(drug="腹膜透析液", procedure="补液")
    assert hits(Facts(groups=frozenset({"dialysis"}), prescribed=[line])) == []
    assert hits(Facts(groups=frozenset({"dialysis", "injection"}), prescribed=[line]))


@pytest.mark.parametrize(
    ("told", "entry"),
    [
        ("开放性肺结核", "infectious_disease"),
        ("HIV感染", "infectious_disease"),
        ("精神分裂症，有攻击行为", "aggressive_behaviour"),
        ("急性脑梗死第2天", "emergency_signs"),
    ],
)
def test_r14_what_is_told_of_the_patient_is_for_a_person_to_see(told: str, entry: str) -> None:
    found = LIST.hits(Facts(conditions=("高血压", told)))
    assert [(one.slug, one.verdict.value) for one in found] == [(entry, "review")]


def test_r27_what_people_are_nursed_at_home_for_passes() -> None:
    usual = ("脑卒中后遗症", "高血压", "2型糖尿病", "慢性阻塞性肺疾病", "肿瘤术后", "剖宫产术后")
    assert hits(Facts(conditions=usual)) == []


@pytest.mark.parametrize(
    ("unmet", "entry"),
    [
        ("not_first_dose", "first_dose"),
        ("not_first_insertion", "first_insertion"),
        ("no_skin_test_drug", "skin_test_drugs"),
        ("condition_stable", "unstable_patient"),
        ("no_active_bleeding", "infected_wound_no_review"),
    ],
)
def test_r27_a_precondition_that_is_not_met_names_its_entry(unmet: str, entry: str) -> None:
    assert hits(Facts(unmet=frozenset({unmet}))) == [entry]
    assert hits(Facts(named=frozenset({entry}))) == [entry]


@pytest.mark.parametrize(
    ("limit", "born_on", "on", "holds"),
    [
        ("age_ge_5", date(2035, 3, 6), date(2040, 3, 5), False),
        ("age_ge_5", date(2035, 3, 5), date(2040, 3, 5), True),
        ("newborn_le_28d", date(2040, 2, 6), date(2040, 3, 5), True),
        ("newborn_le_28d", date(2040, 2, 5), date(2040, 3, 5), False),
        ("infant_le_12m", date(2039, 3, 5), date(2040, 3, 5), True),
        ("infant_le_12m", date(2039, 3, 4), date(2040, 3, 5), False),
    ],
)
def test_r14_limits_of_age_hold_to_the_day(
    limit: str, born_on: date, on: date, *, holds: bool
) -> None:
    assert LIMITS[limit].holds(born_on, on) is holds
