"""Owns the words of what a person must see to after a visit, and what alarm signs lead to.

Pure, from `cases.toml`. When something is due is the settings' business.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from config.vocabulary import Label

FILE: Final = Path(__file__).with_name("cases.toml")


class CaseError(ValueError):
    """The file is not whole; the text names the entry."""


class CaseKind(StrEnum):
    """What a case is about; its topics, and how it may end, go by it."""

    ADVERSE_EVENT = "adverse_event"
    COMPLAINT = "complaint"
    FOLLOW_UP = "follow_up"


class Severity(StrEnum):
    """How bad an adverse event is, in rising order."""

    NEAR_MISS = "near_miss"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """An alarm sign: of what adverse event it may speak, and what may help."""

    code: str
    label: Label
    event: str | None
    again: bool
    urgent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Topics and outcomes by kind, severities and signs by their codes."""

    topics: Mapping[CaseKind, Mapping[str, Label]]
    outcomes: Mapping[CaseKind, Mapping[str, Label]]
    severities: Mapping[str, Label]
    signs: Mapping[str, Sign]

    def signs_of(self, codes: Iterable[str]) -> list[Sign]:
        """Those of these signs that the file knows, in its order."""
        told = set(codes)
        return [sign for code, sign in self.signs.items() if code in told]


@cache
def load(path: Path = FILE) -> Words:
    """Raises CaseError."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    words = Words(
        topics={kind: _labels(table[kind]) for kind in CaseKind},
        outcomes={kind: _labels(table["outcome"][kind]) for kind in CaseKind},
        severities=_labels(table["severity"]),
        signs={code: _sign(code, given) for code, given in table["sign"].items()},
    )
    if list(words.severities) != list(Severity):
        raise CaseError("severity: not those that the code knows, in their order")
    known = words.topics[CaseKind.ADVERSE_EVENT]
    for sign in words.signs.values():
        if sign.event is not None and sign.event not in known:
            raise CaseError(f"sign {sign.code}: no adverse event {sign.event}")
    return words


def _labels(table: Mapping[str, Any]) -> dict[str, Label]:
    return {code: Label(**given) for code, given in table.items()}


def _sign(code: str, given: Mapping[str, Any]) -> Sign:
    return Sign(
        code=code,
        label=Label(zh=given["zh"], en=given["en"]),
        event=given.get("event"),
        again=given["again"],
        urgent=given["urgent"],
    )
