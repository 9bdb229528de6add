"""The catalogue that is shipped, and what is refused at start."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import catalogue, consents
from config.catalogue import SelectionError
from config.catalogue_file import CatalogueError
from config.vocabulary import Category, Risk, Title

SHIPPED = catalogue.load()
VERSION_1 = "acb66ed03034b788d16877c1bbb98d09105b550fe8ae9242261f5c05699ed102"


def test_it_holds_67_services_in_five_categories() -> None:
    counts = Counter(service.category for service in SHIPPED.services.values())

    assert len(SHIPPED.services) == 67
    assert set(counts) == set(Category) == set(SHIPPED.categories)
    assert [service.number for service in SHIPPED.services.values()] == list(range(1, 68))


def test_every_reference_leads_somewhere() -> None:
    for service in SHIPPED.services.values():
        assert service.specialties_required <= SHIPPED.specialties.keys()
        assert set(service.preconditions) <= SHIPPED.preconditions.keys()
        assert service.min_title is Title.HUSHI_SHI
    assert set(SHIPPED.universal_preconditions) <= SHIPPED.preconditions.keys()
    assert {item.slug for item in SHIPPED.negative_list} >= {"iv_infusion", "controlled_drugs"}


def test_what_the_file_says_is_what_is_served() -> None:
    service = SHIPPED.get("LT10")

    assert service.name("zh-CN") == "压力性损伤换药（3—4期及不可分期）"
    assert service.name("en") == "Pressure-injury dressing, stage 3-4 and unstageable"
    assert (service.skill_tier, service.nurses_required, service.duration_min) == (3, 2, 70)
    assert (service.price_fen, service.risk, service.requires_prescription) == (
        32_000,
        Risk.HIGH,
        True,
    )
    assert service.repeat_interval_days == 3
    assert SHIPPED.get("EC03").repeat_interval_days is None


def test_implications_reach_all_the_way() -> None:
    assert SHIPPED.closure({"midwifery"}) == {
        "midwifery",
        "obstetric",
        "lactation",
        "general_nursing",
    }
    assert SHIPPED.closure({"orthopedic"}) == {"orthopedic", "wound_care", "general_nursing"}
    assert SHIPPED.closure([]) == frozenset()
    assert SHIPPED.closure({"unheard_of"}) == {"unheard_of"}


def test_what_a_nurse_may_perform() -> None:
    codes = {s.code for s in SHIPPED.within_reach({"wound_care"}, 2, Title.HUSHI_SHI)}

    assert {"LT09", "EC01", "LT11"} <= codes
    assert not codes & {"LT10", "RH03", "LT01"}
    assert SHIPPED.within_reach(SHIPPED.specialties, 3, Title.HUSHI) == []
    assert len(SHIPPED.within_reach(SHIPPED.specialties, 3, Title.ZHUREN)) == 67


@pytest.mark.parametrize(
    ("q", "category", "codes"),
    [
        ("lt05", None, ["LT05"]),
        ("picc", None, ["CD05"]),
        ("鼻胃管", None, ["LT05"]),
        ("catheter CHANGE", None, ["LT01", "LT02"]),
        ("造口", Category.REHABILITATION, []),
        ("造口", None, ["CD11", "CD12", "CD13"]),
        ("灸", Category.REHABILITATION, ["RH12"]),
        ("no such thing", None, []),
    ],
)
def test_search(q: str, category: Category | None, codes: list[str]) -> None:
    assert [service.code for service in SHIPPED.search(q, category)] == codes


def test_an_empty_search_is_everything() -> None:
    assert len(SHIPPED.search()) == 67
    assert len(SHIPPED.search(category=Category.LONG_TERM_CARE)) == 16


def test_two_services_in_one_visit_pay_the_visit_fee_once() -> None:
    bundle = SHIPPED.combine(["LT05", "LT01"])

    assert bundle.price_fen == 40_000
    assert [
        (line.kind, line.service_code, line.quantity, line.amount_fen) for line in bundle.lines
    ] == [
        ("visit_fee", None, 1, 8_000),
        ("service", "LT05", 1, 16_000),
        ("service", "LT01", 1, 16_000),
    ]
    assert bundle.duration_min == 80
    assert (bundle.skill_tier, bundle.nurses_required, bundle.risk) == (3, 1, Risk.HIGH)
    assert bundle.specialties == {"enteral_nutrition", "continence"}
    assert bundle.prescription_codes == ("LT05", "LT01")
    assert bundle.materials.count("ppe_kit") == 1


def test_every_nurse_is_paid_her_way() -> None:
    assert SHIPPED.combine(["LT10"]).price_fen == 32_000
    bundle = SHIPPED.combine(["EC09", "LT01"])
    assert bundle.nurses_required == 2
    assert bundle.lines[0].amount_fen == 16_000
    assert bundle.price_fen == 22_000 + 24_000 - 8_000


@pytest.mark.parametrize("code", SHIPPED.services)
def test_one_service_alone_costs_its_price(code: str) -> None:
    bundle = SHIPPED.combine([code])

    assert bundle.price_fen == SHIPPED.get(code).price_fen
    assert all(line.amount_fen >= 0 for line in bundle.lines)


@pytest.mark.parametrize(
    ("codes", "fault", "code"),
    [
        ([], "none", None),
        (["EC01", "XX99"], "unknown", "XX99"),
        (["EC01", "EC01"], "repeated", "EC01"),
    ],
)
def test_what_cannot_be_one_visit(codes: list[str], fault: str, code: str | None) -> None:
    with pytest.raises(SelectionError) as refused:
        SHIPPED.combine(codes)
    assert (refused.value.fault, refused.value.code) == (fault, code)


def broken(path: Path, broken_code: str, **changes: Any) -> Path:
    raw = yaml.safe_load(catalogue.FILE.read_text(encoding="utf-8"))
    entry = next(entry for entry in raw["services"] if entry["code"] == broken_code)
    entry.update(changes)
    file = path / "services.yaml"
    file.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"skill_tier": 4}, "LT05: skill_tier"),
        ({"duration_minutes": 0}, "LT05: duration_minutes"),
        ({"risk": "none"}, "LT05: risk"),
        ({"category": "other"}, "LT05: category"),
        ({"specialties_required": ["juggling"]}, "LT05: specialties_required: unknown juggling"),
        ({"preconditions": ["luck"]}, "LT05: preconditions: unknown luck"),
        ({"source": ["S99"]}, "LT05: source: unknown S99"),
        ({"price_cny": 79}, "LT05: price_cny: below the visit fee"),
        ({"colour": "blue"}, "LT05: colour"),
        ({"code": "LT04"}, "LT04: code: appears twice"),
    ],
)
def test_a_fault_is_named_with_its_service_and_field(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(CatalogueError, match=message):
        catalogue.load(broken(tmp_path, "LT05", **changes))


def test_a_file_that_is_no_catalogue(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    for text in ("services: [", "- 1", "version: '1'"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(CatalogueError):
            catalogue.load(file)


def test_there_is_a_consent_for_every_service_in_both_languages() -> None:
    texts = consents.load(SHIPPED)

    assert texts.version == "1"
    assert len(texts.texts) == 2 * 67
    assert len({consent.sha256 for consent in texts.texts.values()}) == 2 * 67
    for service in SHIPPED.services.values():
        for language in consents.LANGUAGES:
            consent = texts.get(service.code, language)
            assert service.name(language) in consent.text
            assert "{" not in consent.text


def test_a_consent_says_the_risks_of_its_own_service() -> None:
    texts = consents.load(SHIPPED)

    assert "误吸" in texts.get("LT05", "zh-CN").text
    assert "Gagging, vomiting, choking or aspiration" in texts.get("LT05", "en").text
    assert "老年男性更常见" in texts.get("LT01", "zh-CN").text
    assert "误吸" not in texts.get("RH12", "zh-CN").text
    assert "Burns" in texts.get("RH12", "en").text


def test_the_words_that_were_signed_do_not_change() -> None:
    """A change of text is a new version, in a new file; this digest never changes."""
    texts = consents.load(SHIPPED, version="1")
    hashes = [consent.sha256 for _, consent in sorted(texts.texts.items())]

    assert hashlib.sha256("".join(hashes).encode()).hexdigest() == VERSION_1
