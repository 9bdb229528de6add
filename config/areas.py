"""The served counties: their outlines, codes and names, and which of them a place lies in.

It reads one GeoJSON file and never changes it. The geometry is imported by who asks for places:
most processes only know the counties' codes.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shapely.geometry import MultiPolygon, Polygon

JINHUA: Final = Path(__file__).parent / "areas" / "jinhua.geojson"


class AreasError(ValueError):
    """The file is not a usable FeatureCollection; the message names the feature and the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    code: str  # six digits of GB/T 2260
    name_zh: str
    name_en: str
    outline: Polygon | MultiPolygon  # WGS-84, x = longitude


@dataclass(frozen=True, kw_only=True)
class Areas:
    counties: tuple[County, ...]  # by code
    feature_collection: dict[str, Any]

    @cached_property
    def by_code(self) -> dict[str, County]:
        return {county.code: county for county in self.counties}

    def county_at(self, lat: float, lng: float) -> str | None:
        """The code of the county that holds a WGS-84 place; None if it is not served.

        A place on a common border belongs to the county with the smaller code.
        """
        import shapely

        for county in self.counties:
            if shapely.intersects_xy(county.outline, lng, lat):
                return county.code
        return None

    def neighbours(self, code: str) -> tuple[str, ...]:
        """The counties that share a border with this one, by code."""
        outline = self.by_code[code].outline
        return tuple(
            county.code
            for county in self.counties
            if county.code != code and county.outline.touches(outline)
        )


def load(path: Path = JINHUA) -> Areas:
    """Read and check a FeatureCollection. Raises AreasError."""
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AreasError(f"{path.name}: {error}") from error
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise AreasError(f"{path.name}: not a FeatureCollection")
    found = [
        _county(feature, where=f"{path.name}: feature {number}")
        for number, feature in enumerate(collection.get("features") or [], start=1)
    ]
    counties = tuple(sorted(found, key=lambda county: county.code))
    if not counties:
        raise AreasError(f"{path.name}: no county")
    for one, next_one in itertools.pairwise(counties):
        if one.code == next_one.code:
            raise AreasError(f"{path.name}: county {one.code} stands twice")
    return Areas(counties=counties, feature_collection=collection)


def _county(feature: dict[str, Any], *, where: str) -> County:
    import shapely
    from shapely.geometry import MultiPolygon, Polygon, shape

    properties = feature.get("properties") or {}
    texts: dict[str, str] = {}
    for key in ("code", "name_zh", "name_en"):
        value = properties.get(key)
        if not isinstance(value, str) or not value:
            raise AreasError(f"{where}: {key} is missing")
        texts[key] = value
    try:
        outline = shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, AttributeError, shapely.GEOSException) as error:
        raise AreasError(f"{where} ({texts['code']}): bad geometry: {error}") from error
    if not isinstance(outline, Polygon | MultiPolygon) or outline.is_empty:
        raise AreasError(f"{where} ({texts['code']}): the outline is not a polygon")
    if not outline.is_valid:
        reason = shapely.is_valid_reason(outline)
        raise AreasError(f"{where} ({texts['code']}): the outline is not valid: {reason}")
    shapely.prepare(outline)
    return County(
        code=texts["code"],
        name_zh=texts["name_zh"],
        name_en=texts["name_en"],
        outline=outline,
    )
