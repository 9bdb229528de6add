from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
import shapely

from config import areas
from config.areas import Areas, AreasError
from demo import make_areas


@pytest.fixture(scope="module")
def jinhua() -> Areas:
    return areas.load()


def test_nine_counties_by_code_with_both_names(jinhua: Areas) -> None:
    assert [(county.code, county.name_zh) for county in jinhua.counties] == [
        ("330702", "婺城区"),
        ("330703", "金东区"),
        ("330723", "武义县"),
        ("330726", "浦江县"),
        ("330727", "磐安县"),
        ("330781", "兰溪市"),
        ("330782", "义乌市"),
        ("330783", "东阳市"),
        ("330784", "永康市"),
    ]
    assert jinhua.by_code["330727"].name_en == "Pan'an County"


@pytest.mark.parametrize(
    ("lat", "lng", "code"),
    [
        (29.1035, 119.6484, "330702"),  # the old town of Jinhua
        (29.0985, 119.6930, "330703"),
        (28.8930, 119.8160, "330723"),
        (29.4560, 119.8920, "330726"),
        (29.0540, 120.4500, "330727"),
        (29.2090, 119.4610, "330781"),
        (29.3060, 120.0750, "330782"),
        (29.2890, 120.2420, "330783"),
        (28.8890, 120.0470, "330784"),
        (30.2741, 120.1551, None),  # Hangzhou
        (28.4600, 119.9200, None),  # Lishui, the next city
        (119.65, 29.10, None),  # the two swapped
        (math.nan, 119.65, None),
        (math.inf, math.inf, None),
    ],
)
def test_county_at(jinhua: Areas, lat: float, lng: float, code: str | None) -> None:
    assert jinhua.county_at(lat, lng) == code


def test_counties_cover_the_city_without_gap_or_overlap(jinhua: Areas) -> None:
    """Simplified one by one they left slivers along the borders that lay in no county."""
    outlines = [county.outline for county in jinhua.counties]
    assert shapely.coverage_is_valid(outlines)
    whole = shapely.union_all(outlines)
    assert shapely.get_num_interior_rings(whole) == 0
    assert whole.area == pytest.approx(sum(outline.area for outline in outlines))


def test_a_place_on_a_border_belongs_to_one_county(jinhua: Areas) -> None:
    border = jinhua.by_code["330702"].outline.intersection(jinhua.by_code["330703"].outline)
    for lng, lat in shapely.get_coordinates(border)[:20]:
        assert jinhua.county_at(lat, lng) == "330702"


def test_neighbours_are_mutual(jinhua: Areas) -> None:
    assert jinhua.neighbours("330727") == ("330783", "330784")
    for county in jinhua.counties:
        for other in jinhua.neighbours(county.code):
            assert county.code in jinhua.neighbours(other)


def test_the_file_is_what_its_source_gives() -> None:
    assert areas.JINHUA.read_text(encoding="utf-8") == make_areas.render()


def test_rings_turn_anticlockwise_and_stay_small(jinhua: Areas) -> None:
    for county in jinhua.counties:
        assert shapely.is_ccw(shapely.get_exterior_ring(county.outline))
    assert areas.JINHUA.stat().st_size < 30_000


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("no collection", "not a FeatureCollection"),
        ("no feature", "no county"),
        ("no feature list", "no county"),
        ("no name", "feature 2: name_zh is missing"),
        ("no geometry", r"feature 2 \(330703\): bad geometry"),
        ("a line", r"feature 2 \(330703\): the outline is not a polygon"),
        ("a bow tie", r"feature 2 \(330703\): the outline is not valid: Self-intersection"),
        ("twice", "county 330702 stands twice"),
    ],
)
def test_a_bad_file_is_named(jinhua: Areas, tmp_path: Path, fault: str, message: str) -> None:
    collection = copy.deepcopy(jinhua.feature_collection)
    spoil(collection, fault)
    path = tmp_path / "spoilt.geojson"
    path.write_text(json.dumps(collection), encoding="utf-8")
    with pytest.raises(AreasError, match=message):
        areas.load(path)


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.geojson"
    with pytest.raises(AreasError, match=r"nowhere\.geojson"):
        areas.load(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(AreasError, match=r"nowhere\.geojson"):
        areas.load(path)


def spoil(collection: dict[str, Any], fault: str) -> None:
    second = collection["features"][1]
    match fault:
        case "no collection":
            collection["type"] = "Feature"
        case "no feature":
            collection["features"] = []
        case "no feature list":
            collection["features"] = None
        case "no name":
            del second["properties"]["name_zh"]
        case "no geometry":
            second["geometry"] = None
        case "a line":
            second["geometry"] = {"type": "LineString", "coordinates": [[119, 29], [120, 29]]}
        case "a bow tie":
            ring = [[119, 29], [120, 30], [120, 29], [119, 30], [119, 29]]
            second["geometry"] = {"type": "Polygon", "coordinates": [ring]}
        case "twice":
            second["properties"]["code"] = "330702"
