"""The list of medical waste says of every material of the catalogue what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import catalogue, waste
from config.waste import WasteError

CATALOGUE = catalogue.load()
LISTED = waste.load()


def test_r46_every_material_is_waste_of_one_category_or_none() -> None:
    assert waste.unlisted(LISTED, CATALOGUE) == []
    unused = LISTED.by_material.keys() - {
        material for one in CATALOGUE.services.values() for material in one.materials
    }
    assert unused == set()
    assert {category for category in LISTED.by_material.values() if category} <= {
        *LISTED.categories
    }


@pytest.mark.parametrize(
    ("codes", "made"),
    [
        (["EC01"], ()),  # vital signs: nothing is used up
        (["MI02"], ("sharps",)),  # heel blood: a lancet
        (["RH01"], ("infectious",)),  # a dressing
        (["CD06"], ("infectious", "sharps", "pharmaceutical")),  # a port: pack, needle, heparin
        (["EC01", "MI02", "RH01"], ("infectious", "sharps")),
    ],
    ids=" ".join,
)
def test_r46_what_services_make(codes: list[str], made: tuple[str, ...]) -> None:
    assert LISTED.of_services(CATALOGUE, codes) == made


def test_saline_in_its_clean_bag_is_no_waste() -> None:
    assert LISTED.by_material["saline"] is None


def test_a_material_in_two_lists_is_refused(tmp_path: Path) -> None:
    text = waste.FILE.read_text(encoding="utf-8").replace(
        '"activity_kit"', '"activity_kit", "lancet"'
    )
    path = tmp_path / "waste.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WasteError, match="lancet is listed twice"):
        waste.load(path)
