"""Owns the purposes that are agreed to apart from each service, and who may agree for whom.

Reads `consent/purposes.yaml`; never knows who has agreed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from config.vocabulary import Label

FILE: Final = Path(__file__).with_name("consent") / "purposes.yaml"
SELF: Final = "self"
OTHER: Final = "other"
# Without this no sound and no picture is kept.
RECORDING: Final = "recording"
# What who keeps a profile is to the patient, by what the patient is to him.
_MIRRORED: Final = {"self": SELF, "parent": "child", "child": "parent", "spouse": "spouse"}


class PurposeError(ValueError):
    """The file names something that it does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Something to agree to, and the text of it in both languages."""

    slug: str
    label: Label
    text: Label

    def sha256(self, language: str) -> str:
        """The hex digest of the text in UTF-8, so each language has its own."""
        return hashlib.sha256(self.text.in_language(language).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purposes:
    """Everything the file says."""

    version: str
    required: frozenset[str]
    purposes: Mapping[str, Purpose]
    relations: Mapping[str, Label]
    guardians: frozenset[str]
    authorities: Mapping[str, Label]

    def relation_of(self, told: str | None, kept_as: str) -> str:
        """What the signer is to the patient: as it was told, by slug or name, else by how the
        patient is kept in the account (`kept_as`). Other words are `other`."""
        if told is None:
            return _MIRRORED.get(kept_as, OTHER)
        return _known(told, self.relations) or OTHER

    def authority_of(self, told: str | None) -> str | None:
        """By what right, where that was told in words of ours."""
        return None if told is None else _known(told, self.authorities)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Both(_Model):
    zh: str
    en: str

    def label(self) -> Label:
        return Label(zh=self.zh, en=self.en)


class _Purpose(_Model):
    name: _Both
    text: _Both


class _File(_Model):
    version: str
    required: list[str]
    purposes: dict[str, _Purpose]
    relations: dict[str, _Both]
    guardians: list[str]
    authorities: dict[str, _Both]


@cache
def load(path: Path = FILE) -> Purposes:
    """Raises PurposeError."""
    entries = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    unknown = (set(entries.required) - entries.purposes.keys()) | (
        {*entries.guardians, SELF, OTHER, *_MIRRORED.values()} - entries.relations.keys()
    )
    if unknown:
        raise PurposeError(f"{path.name} does not have: {', '.join(sorted(unknown))}")
    return Purposes(
        version=entries.version,
        required=frozenset(entries.required),
        purposes={
            slug: Purpose(slug=slug, label=one.name.label(), text=one.text.label())
            for slug, one in entries.purposes.items()
        },
        relations={slug: one.label() for slug, one in entries.relations.items()},
        guardians=frozenset(entries.guardians),
        authorities={slug: one.label() for slug, one in entries.authorities.items()},
    )


def _known(told: str, names: Mapping[str, Label]) -> str | None:
    text = told.strip().casefold()
    for slug, label in names.items():
        if text in (slug, label.zh.casefold(), label.en.casefold()):
            return slug
    return None
