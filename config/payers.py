"""Owns the plans of those who pay besides the patient: `payers.toml`, read and checked whole."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from config.catalogue import FEN_PER_CNY, Catalogue
from config.vocabulary import Category, Label

FILE: Final = Path(__file__).with_name("payers.toml")


class PlanError(ValueError):
    """The file of plans is not whole; the text names the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One payer's rule: a percentage, or an allowance by the day."""

    code: str
    payer: str
    label: Label
    lines: frozenset[str]
    services: frozenset[str]
    decided_by: Literal["table", "operator"]
    percent: int | None = None
    daily_fen: int | None = None
    days_a_bed_max: int | None = None
    beds_a_year_max: int | None = None
    days_a_year_max: int | None = None

    def covers(self, code: str, catalogue: Catalogue) -> bool:
        """Whether the service is one of the plan's, by its code or its category."""
        return code in self.services or catalogue.get(code).category.value in self.services


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """All plans; `order` is the order in which payers are asked."""

    order: tuple[str, ...]
    by_code: dict[str, Plan]


@cache
def load(path: Path = FILE) -> Plans:
    """Raises PlanError."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    order = tuple(table["order"])
    plans = {code: _plan(code, entry) for code, entry in table["plan"].items()}
    for plan in plans.values():
        if plan.payer not in order:
            raise PlanError(f"{plan.code}: {plan.payer} is not in the order of payers")
    return Plans(order=order, by_code=plans)


def unknown_services(plans: Plans, catalogue: Catalogue) -> list[str]:
    """What plans name that is neither a service nor a category."""
    known = {*catalogue.services, *(category.value for category in Category)}
    return sorted({code for plan in plans.by_code.values() for code in plan.services - known})


def _plan(code: str, entry: dict[str, Any]) -> Plan:
    daily_cny, percent = entry.get("daily_cny"), entry.get("percent")
    if (daily_cny is None) == (percent is None):
        raise PlanError(f"{code}: a plan pays a percentage or by the day")
    return Plan(
        code=code,
        payer=entry["payer"],
        label=Label(zh=entry["label_zh"], en=entry["label_en"]),
        lines=frozenset(entry["lines"]),
        services=frozenset(entry["services"]),
        decided_by=entry["decided_by"],
        percent=percent,
        daily_fen=None if daily_cny is None else daily_cny * FEN_PER_CNY,
        days_a_bed_max=entry.get("days_a_bed_max"),
        beds_a_year_max=entry.get("beds_a_year_max"),
        days_a_year_max=entry.get("days_a_year_max"),
    )
