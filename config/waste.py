"""Owns what medical waste a visit makes, by the materials of its services: `waste.toml`.

Pure. It knows no visit; who brings what back by when is the institution's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from config.catalogue import Catalogue
from config.vocabulary import Label

FILE: Final = Path(__file__).with_name("waste.toml")


class WasteError(ValueError):
    """The file is not whole; the text names what is twice or in no list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteList:
    """Categories and excuses by their codes; `by_material` is None for what is no waste."""

    categories: Mapping[str, Label]
    by_material: Mapping[str, str | None]
    excuses: Mapping[str, Label]

    def of_services(self, catalogue: Catalogue, codes: Iterable[str]) -> tuple[str, ...]:
        """The categories that these services make, in the file's order; often none."""
        made = {
            self.by_material.get(material)
            for code in codes
            for material in catalogue.get(code).materials
        }
        return tuple(category for category in self.categories if category in made)


@cache
def load(path: Path = FILE) -> WasteList:
    """Raises WasteError."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    categories = {code: Label(**given) for code, given in table["categories"].items()}
    by_material: dict[str, str | None] = {}
    lists: dict[str | None, list[str]] = {
        **table["materials"],
        None: table["no_waste"]["materials"],
    }
    for category, materials in lists.items():
        if category is not None and category not in categories:
            raise WasteError(f"{category} is no category")
        for material in materials:
            if material in by_material:
                raise WasteError(f"{material} is listed twice")
            by_material[material] = category
    return WasteList(
        categories=categories,
        by_material=by_material,
        excuses={code: Label(**given) for code, given in table["excuses"].items()},
    )


def unlisted(listed: WasteList, catalogue: Catalogue) -> list[str]:
    """Materials of the catalogue of which the file says nothing."""
    used = {material for one in catalogue.services.values() for material in one.materials}
    return sorted(used - listed.by_material.keys())
