"""Owns the words of the assessment: bases, outcomes, conditions, and how long it may be used again.

Reads `assessment.yaml`; knows no order and no patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from config.catalogue import Catalogue, Service
from config.vocabulary import Condition, Label, Risk

FILE: Final = Path(__file__).with_name("assessment.yaml")
UNSPECIFIED: Final = "unspecified"
OTHER: Final = "other"


class Decision(StrEnum):
    """What an assessor can decide."""

    APPROVE = "approve"
    REJECT = "reject"
    NEED_INFO = "need_info"


class Outcome(StrEnum):
    """How an assessment ends; each belongs to one decision."""

    PASS = "pass"  # noqa: S105 — no password
    PASS_WITH_CONDITIONS = "pass_with_conditions"  # noqa: S105 — nor this
    ONLINE_ADVICE = "online_advice"
    REFER = "refer"
    REJECT = "reject"
    NEED_INFO = "need_info"


class AssessmentError(ValueError):
    """The file of assessment words is not whole; the text names what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLimit:
    """From or until which age, in full years, months or days, the last one included."""

    from_years: int | None = None
    until_months: int | None = None
    until_days: int | None = None

    def holds(self, born_on: date, on: date) -> bool:
        """Whether somebody born then is of this age on that day."""
        if self.from_years is not None and _months(born_on, on) < 12 * self.from_years:
            return False
        if self.until_months is not None and _months(born_on, on) >= self.until_months:
            return on.day == born_on.day and _months(born_on, on) == self.until_months
        return self.until_days is None or (on - born_on).days <= self.until_days


def _months(born_on: date, on: date) -> int:
    """Full months between two days."""
    return (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything the file says."""

    bases: Mapping[str, Label]
    outcomes: Mapping[Outcome, Label]
    decisions: Mapping[Outcome, Decision]
    conditions: Mapping[Condition, Label]
    days_by_group: Mapping[str, int]
    days_by_service: Mapping[str, int]
    seen_to: frozenset[str]
    by_age: Mapping[str, AgeLimit]

    def basis_of(self, told: str | None) -> str:
        """The basis that somebody names, by its slug or its name in either language.

        Words that name none are `other`, no words `unspecified`: the assessor sees to both.
        """
        if told is None:
            return UNSPECIFIED
        text = told.strip().casefold()
        for slug, label in self.bases.items():
            if text in (slug, label.zh.casefold(), label.en.casefold()):
                return slug
        return OTHER

    def valid_days(self, service: Service, risk: Risk, default_days: int) -> int | None:
        """For how long a passed assessment may be used again; None: for this one visit."""
        if risk is Risk.HIGH or service.risk is Risk.HIGH:
            return None
        by_group = self.days_by_group.get(service.group, default_days)
        return self.days_by_service.get(service.code, by_group)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class _OutcomeEntry(_Entry):
    decision: Decision


_Days = Annotated[int, Field(ge=1)]


class _AgeEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    from_years: _Days | None = None
    until_months: _Days | None = None
    until_days: _Days | None = None


class _Preconditions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    seen_to: list[str]
    by_age: dict[str, _AgeEntry]


class _Validity(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: dict[str, _Days]
    services: dict[str, _Days]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    bases: dict[str, _Entry]
    outcomes: dict[Outcome, _OutcomeEntry]
    conditions: dict[Condition, _Entry]
    valid_days: _Validity
    preconditions: _Preconditions


@cache
def load(path: Path = FILE) -> Words:
    """Raises AssessmentError where an outcome, a condition or a default basis is missing."""
    entries = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    missing = [
        *(word.value for word in Outcome if word not in entries.outcomes),
        *(word.value for word in Condition if word not in entries.conditions),
        *(slug for slug in (UNSPECIFIED, OTHER) if slug not in entries.bases),
    ]
    if missing:
        raise AssessmentError(f"{path.name} has no words for: {', '.join(missing)}")
    return Words(
        bases=_labels(entries.bases),
        outcomes=_labels(entries.outcomes),
        decisions=MappingProxyType({k: one.decision for k, one in entries.outcomes.items()}),
        conditions=_labels(entries.conditions),
        days_by_group=MappingProxyType(entries.valid_days.groups),
        days_by_service=MappingProxyType(entries.valid_days.services),
        seen_to=frozenset(entries.preconditions.seen_to),
        by_age={
            slug: AgeLimit(**one.model_dump()) for slug, one in entries.preconditions.by_age.items()
        },
    )


def unknown(words: Words, catalogue: Catalogue) -> list[str]:
    """Groups, services and preconditions that the catalogue does not have."""
    groups = {service.group for service in catalogue.services.values()}
    return sorted(
        (words.days_by_group.keys() - groups)
        | (words.days_by_service.keys() - catalogue.services.keys())
        | ((words.seen_to | words.by_age.keys()) - catalogue.preconditions.keys())
    )


def _labels(entries: Mapping[Any, _Entry]) -> Mapping[Any, Label]:
    return MappingProxyType({word: Label(zh=one.zh, en=one.en) for word, one in entries.items()})
