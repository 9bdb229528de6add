"""Owns the shape of `services.yaml` and the check that it can be served from.

Finds every fault at once and names the service and the field; builds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.vocabulary import Category, Risk

SERVICES_EXPECTED: Final = 67


class CatalogueError(ValueError):
    """The file cannot be served from; every fault is named with its service and field."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("the catalogue has faults: " + "; ".join(faults))


def read(path: Path) -> File:
    """The file, valid in itself and in all its references; raises CatalogueError."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CatalogueError([f"{path.name}: is not YAML: {error}"]) from None
    try:
        entries = File.model_validate(raw)
    except ValidationError as error:
        faults = [_fault(raw, item["loc"], item["msg"]) for item in error.errors()]
        raise CatalogueError(faults) from None
    if faults := _reference_faults(entries):
        raise CatalogueError(faults)
    return entries


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Text = Annotated[str, Field(min_length=1)]


class NamedEntry(_Entry):
    name_zh: _Text
    name_en: _Text


class SpecialtyEntry(NamedEntry):
    implies: list[_Slug]


class NegativeEntry(NamedEntry):
    slug: _Slug
    basis: str


class ServiceEntry(NamedEntry):
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}\d{2}$")]
    category: Category
    group: _Slug
    specialties_required: Annotated[list[_Slug], Field(min_length=1)]
    skill_tier: Annotated[int, Field(ge=1, le=3)]
    duration_minutes: Annotated[int, Field(ge=5, le=480)]
    price_cny: Annotated[int, Field(gt=0)]
    risk: Risk
    requires_prescription: bool
    nurses_required: Annotated[int, Field(ge=1, le=2)]
    repeat_interval_days: Annotated[int, Field(ge=1)] | None
    materials: Annotated[list[_Slug], Field(min_length=1)]
    preconditions: list[_Slug]
    source: list[str]
    evidence: dict[str, str]


class File(_Entry):
    version: _Text
    note: str
    visit_fee_cny: Annotated[int, Field(ge=0)]
    visit_fee_basis: str
    categories: dict[Category, NamedEntry]
    specialties: dict[_Slug, SpecialtyEntry]
    universal_preconditions: list[_Slug]
    preconditions_vocabulary: dict[_Slug, Annotated[str, Field(pattern=r"^.+ / .+$")]]
    negative_list: list[NegativeEntry]
    sources: dict[str, dict[str, str]]
    services: list[ServiceEntry]


def _fault(raw: object, loc: tuple[int | str, ...], message: str) -> str:
    """Name the service by its code, since a position in a long file helps nobody."""
    parts = [str(part) for part in loc]
    if isinstance(raw, dict) and len(loc) > 1 and loc[0] == "services" and isinstance(loc[1], int):
        entry = raw["services"][loc[1]]
        code = entry.get("code") if isinstance(entry, dict) else None
        parts = [str(code or f"service {loc[1] + 1}"), *parts[2:]]
    return f"{': '.join(parts)}: {message}"


def _reference_faults(entries: File) -> list[str]:
    faults = [
        f"categories: {category} is missing"
        for category in Category
        if category not in entries.categories
    ]
    faults += [
        f"specialties: {slug}: implies unknown {other}"
        for slug, specialty in entries.specialties.items()
        for other in specialty.implies
        if other not in entries.specialties
    ]
    faults += [
        f"universal_preconditions: unknown {slug}"
        for slug in entries.universal_preconditions
        if slug not in entries.preconditions_vocabulary
    ]
    if len(entries.services) != SERVICES_EXPECTED:
        faults.append(f"services: {len(entries.services)} of {SERVICES_EXPECTED}")
    codes = [entry.code for entry in entries.services]
    for place, entry in enumerate(entries.services):
        if entry.code in codes[:place]:
            faults.append(f"{entry.code}: code: appears twice")
        faults += [
            f"{entry.code}: specialties_required: unknown {slug}"
            for slug in entry.specialties_required
            if slug not in entries.specialties
        ]
        faults += [
            f"{entry.code}: preconditions: unknown {slug}"
            for slug in entry.preconditions
            if slug not in entries.preconditions_vocabulary
        ]
        faults += [
            f"{entry.code}: source: unknown {slug}"
            for slug in entry.source
            if slug not in entries.sources
        ]
        if entry.price_cny < entries.visit_fee_cny * entry.nurses_required:
            faults.append(f"{entry.code}: price_cny: below the visit fee of its nurses")
    return faults
