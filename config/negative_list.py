"""Owns the negative list: what is not done at home, and by which words it is known.

Reads `negative_list.yaml`. It is asked with what was prescribed and told; whom it is about it does
not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from config.catalogue import Catalogue
from config.vocabulary import Label

FILE: Final = Path(__file__).with_name("negative_list.yaml")


class Verdict(StrEnum):
    """Refused, or for a person to decide with a reason."""

    DENY = "deny"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescribed:
    """One line of a prescription, as far as the list looks at it."""

    drug: str | None = None
    route: str | None = None
    procedure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an order when it is asked; `unmet` are preconditions said not to be met,
    `named` entries that somebody names outright."""

    groups: frozenset[str] = frozenset()
    prescribed: Sequence[Prescribed] = ()
    conditions: Sequence[str] = ()
    unmet: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that is not done at home. Patterns are None where it has no such words."""

    slug: str
    label: Label
    verdict: Verdict
    drugs: re.Pattern[str] | None
    routes: re.Pattern[str] | None
    conditions: re.Pattern[str] | None
    preconditions: frozenset[str]
    only_injected: bool
    not_groups: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeList:
    """All entries, in the order of the file."""

    entries: Mapping[str, Entry]
    injected: re.Pattern[str]
    not_injected: re.Pattern[str]

    def hits(self, facts: Facts) -> list[Entry]:
        """The entries that the facts come under, each once."""
        return [entry for entry in self.entries.values() if self._is_hit(entry, facts)]

    def _is_hit(self, entry: Entry, facts: Facts) -> bool:
        if entry.slug in facts.named or entry.preconditions & facts.unmet:
            return True
        if entry.conditions and any(entry.conditions.search(told) for told in facts.conditions):
            return True
        if facts.groups and facts.groups <= entry.not_groups:
            return False
        return any(self._is_prescribed(entry, line, facts) for line in facts.prescribed)

    def _is_prescribed(self, entry: Entry, line: Prescribed, facts: Facts) -> bool:
        route = " ".join(text for text in (line.route, line.procedure) if text)
        if entry.routes and entry.routes.search(route):
            return True
        if entry.drugs is None or line.drug is None or not entry.drugs.search(line.drug):
            return False
        return not entry.only_injected or self._is_injected(line, facts)

    def _is_injected(self, line: Prescribed, facts: Facts) -> bool:
        told = " ".join(text for text in (line.route, line.procedure, line.drug) if text)
        if self.not_injected.search(told):
            return False
        return bool(self.injected.search(told)) or "injection" in facts.groups


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name_zh: str
    name_en: str
    verdict: Verdict
    drugs: list[str] = []
    routes: list[str] = []
    conditions: list[str] = []
    preconditions: list[str] = []
    given: Literal["injected"] | None = None
    not_groups: list[str] = []


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    injected: list[str]
    not_injected: list[str]
    entries: dict[str, _Entry]


@cache
def load(path: Path = FILE) -> NegativeList:
    """The whole list, its words ready to be searched for."""
    entries = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    return NegativeList(
        entries={slug: _built(slug, one) for slug, one in entries.entries.items()},
        injected=_pattern(entries.injected),
        not_injected=_pattern(entries.not_injected),
    )


def faults(found: NegativeList, catalogue: Catalogue) -> list[str]:
    """Where list and catalogue do not agree: entries, their names, preconditions, groups."""
    told = [
        f"{item.slug} is missing or has another name"
        for item in catalogue.negative_list
        if item.slug not in found.entries or found.entries[item.slug].label != item.label
    ]
    groups = {service.group for service in catalogue.services.values()}
    for entry in found.entries.values():
        told += [
            f"{entry.slug}: there is no {name}"
            for name in sorted(
                (entry.preconditions - catalogue.preconditions.keys()) | (entry.not_groups - groups)
            )
        ]
    return told


def _built(slug: str, one: _Entry) -> Entry:
    return Entry(
        slug=slug,
        label=Label(zh=one.name_zh, en=one.name_en),
        verdict=one.verdict,
        drugs=_pattern(one.drugs) if one.drugs else None,
        routes=_pattern(one.routes) if one.routes else None,
        conditions=_pattern(one.conditions) if one.conditions else None,
        preconditions=frozenset(one.preconditions),
        only_injected=one.given == "injected",
        not_groups=frozenset(one.not_groups),
    )


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words; one of letters only where a word begins, of two letters only whole."""
    return re.compile("|".join(_word(word) for word in words), re.IGNORECASE)


# Two letters are an abbreviation, and the beginning of many words.
ABBREVIATION: Final = 2


def _word(word: str) -> str:
    if not word.isascii():
        return re.escape(word)
    whole = r"(?![a-z])" if len(word) <= ABBREVIATION else ""
    return rf"(?<![a-z]){re.escape(word)}{whole}"
