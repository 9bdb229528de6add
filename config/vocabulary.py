"""Owns the few closed vocabularies that the catalogue, the matcher and the records share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Category(StrEnum):
    ELDERLY_CARE = "elderly_care"
    MATERNAL_INFANT = "maternal_infant"
    CHRONIC_DISEASE = "chronic_disease"
    REHABILITATION = "rehabilitation"
    LONG_TERM_CARE = "long_term_care"


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return _RISK_RANK[self]


class Title(StrEnum):
    """Professional titles; `rank` rises from 0."""

    HUSHI = "hushi"
    HUSHI_SHI = "hushi_shi"
    ZHUGUAN = "zhuguan"
    FUZHUREN = "fuzhuren"
    ZHUREN = "zhuren"

    @property
    def rank(self) -> int:
        return _TITLE_RANK[self]

    @property
    def label(self) -> Label:
        return TITLE_LABELS[self]


class InsuranceKind(StrEnum):
    """The three that a nurse must have in force before she sets out."""

    LIABILITY = "liability"
    MEDICAL_ACCIDENT = "medical_accident"
    PERSONAL_ACCIDENT = "personal_accident"


class Condition(StrEnum):
    """What a visit must keep to: by its assessment, or by a confirmed flag on patient or address.

    `FAMILY_PRESENT` is told to people and seen to at the door; the others are rules of the matcher.
    """

    TWO_NURSES = "two_nurses"
    SAME_GENDER = "same_gender"
    DAYTIME_ONLY = "daytime_only"
    FAMILY_PRESENT = "family_present"
    HIGHER_TIER = "higher_tier"
    SPECIALIST = "specialist"
    ESCORT = "escort"
    NO_VISITS = "no_visits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A name that people read, in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.zh


_RISK_RANK: Final = {risk: rank for rank, risk in enumerate(Risk)}
_TITLE_RANK: Final = {title: rank for rank, title in enumerate(Title)}
TITLE_LABELS: Final[Mapping[Title, Label]] = MappingProxyType(
    {
        Title.HUSHI: Label(zh="护士", en="Nurse"),
        Title.HUSHI_SHI: Label(zh="护师", en="Senior nurse"),
        Title.ZHUGUAN: Label(zh="主管护师", en="Supervising nurse"),
        Title.FUZHUREN: Label(zh="副主任护师", en="Associate chief nurse"),
        Title.ZHUREN: Label(zh="主任护师", en="Chief nurse"),
    }
)
# The national floor (护师 or above); an institution may ask for more, never for less.
MIN_TITLE: Final = Title.HUSHI_SHI
