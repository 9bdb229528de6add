"""What a tariff says: visit fee by distance, items, surcharges, extras, materials. Data, no rows.

The platform's own tariff is made from the catalogue and `price_list.toml`; declared ones are the
same data as JSON. Amounts are fen.
"""

from __future__ import annotations

import tomllib
from datetime import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.catalogue import FEN_PER_CNY, Catalogue
from config.vocabulary import Label

FILE: Final = Path(__file__).with_name("price_list.toml")

Fen = Annotated[int, Field(ge=0, le=10_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=100)]
NationalCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,40}$")]


class TariffError(ValueError):
    """A tariff cannot be charged by; the text says what is wrong with it."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tier(_Entry):
    """What one nurse's visit costs up to and including `until_m`; the last tier has no limit."""

    until_m: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    amount_fen: Fen


class Item(_Entry):
    """A service's own fee, without the visit fee, and its national code where one is known."""

    amount_fen: Fen | None = None
    national_code: NationalCode | None = None


class Night(_Entry):
    """Of a visit that can only begin between these hours."""

    starts_at: time = time(22)
    ends_at: time = time(6)
    percent: Percent = 0

    def holds(self, at: time) -> bool:
        if self.starts_at <= self.ends_at:
            return self.starts_at <= at < self.ends_at
        return at >= self.starts_at or at < self.ends_at


class Extra(_Entry):
    """More of the same: each begun `per` beyond `included`; beyond `at_most` is another order."""

    code: Slug
    label_zh: Text
    label_en: Text
    services: Annotated[tuple[Text, ...], Field(min_length=1)]
    included: Annotated[int, Field(ge=0, le=1000)]
    per: Annotated[int, Field(ge=1, le=1000)]
    amount_fen: Fen
    at_most: Annotated[int, Field(ge=1, le=1000)]

    @property
    def label(self) -> Label:
        return Label(zh=self.label_zh, en=self.label_en)

    def amount_for(self, quantity: int) -> int:
        """What `quantity` of it costs above the price, in fen."""
        beyond = max(0, quantity - self.included)
        return -(-beyond // self.per) * self.amount_fen


class Material(_Entry):
    """Something that is used up and charged at cost, by piece; `drug` tells the two kinds apart."""

    code: Slug
    label_zh: Text
    label_en: Text
    amount_fen: Fen
    drug: bool = False

    @property
    def label(self) -> Label:
        return Label(zh=self.label_zh, en=self.label_en)


class Tariff(_Entry):
    """All of it. A service that `items` does not name costs what the catalogue says."""

    visit_fee: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=20)]
    items: dict[str, Item] = {}
    travel_fee_fen: Fen = 0
    holiday_percent: Percent = 0
    night: Night = Night()
    extras: Annotated[tuple[Extra, ...], Field(max_length=200)] = ()
    materials: Annotated[tuple[Material, ...], Field(max_length=2000)] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        limits = [tier.until_m for tier in self.visit_fee]
        if limits[-1] is not None or None in limits[:-1]:
            raise ValueError("only the last tier of the visit fee is without a limit")
        if any(below >= above for below, above in pairwise(m for m in limits if m is not None)):
            raise ValueError("the tiers of the visit fee must rise")
        if any(near.amount_fen > far.amount_fen for near, far in pairwise(self.visit_fee)):
            raise ValueError("a farther tier costs less than a nearer one")
        for entries in (self.extras, self.materials):
            codes = [entry.code for entry in entries]
            if len(set(codes)) < len(codes):
                raise ValueError("an extra or material stands twice")
        return self

    @property
    def by_distance(self) -> bool:
        return len(self.visit_fee) > 1

    def visit_fee_at(self, distance_m: int | None) -> int:
        """One nurse's fee, in fen. Boundaries belong to the nearer tier; unknown is the nearest."""
        for tier in self.visit_fee:
            if distance_m is None or tier.until_m is None or distance_m <= tier.until_m:
                return tier.amount_fen
        raise AssertionError("the last tier has no limit")

    def item_fen(self, code: str, catalogue: Catalogue) -> int:
        """A service's own fee, in fen."""
        given = self.items.get(code)
        if given is not None and given.amount_fen is not None:
            return given.amount_fen
        service = catalogue.get(code)
        return service.price_fen - catalogue.visit_fee_fen * service.nurses_required

    def national_code(self, code: str | None) -> str | None:
        given = self.items.get(code) if code is not None else None
        return given.national_code if given is not None else None

    def find_extra(self, code: str) -> Extra | None:
        return next((extra for extra in self.extras if extra.code == code), None)

    def find_material(self, code: str) -> Material | None:
        return next((one for one in self.materials if one.code == code), None)

    def unknown_codes(self, catalogue: Catalogue) -> list[str]:
        """Service codes that the tariff names and the catalogue does not have."""
        named = {*self.items, *(code for extra in self.extras for code in extra.services)}
        return sorted(named - catalogue.services.keys())


def parse(rules: dict[str, Any]) -> Tariff:
    """A declared tariff from its JSON. Raises `TariffError`."""
    try:
        return Tariff.model_validate(rules)
    except ValidationError as refusal:
        first = refusal.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise TariffError(f"{place}: {first['msg']}".removeprefix(": ")) from None


@cache
def of_platform(visit_fee_fen: int, travel_fee_fen: int = 0) -> Tariff:
    """The tariff that holds where none is declared: the catalogue's prices and the price list."""
    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))
    tiers = [
        Tier(until_m=tier.get("until_m"), amount_fen=tier["amount_cny"] * FEN_PER_CNY)
        for tier in listed.get("visit_fee", ())
    ]
    night = listed["night"]
    return Tariff(
        visit_fee=tuple(tiers) or (Tier(amount_fen=visit_fee_fen),),
        travel_fee_fen=travel_fee_fen,
        holiday_percent=listed["holiday_percent"],
        night=Night(
            starts_at=time.fromisoformat(night["from"]),
            ends_at=time.fromisoformat(night["until"]),
            percent=night["percent"],
        ),
        extras=tuple(Extra(**_in_fen(entry)) for entry in listed.get("extra", ())),
        materials=tuple(Material(**_in_fen(entry)) for entry in listed.get("material", ())),
    )


def _in_fen(entry: dict[str, Any]) -> dict[str, Any]:
    cny = entry["amount_cny"]
    rest = {name: value for name, value in entry.items() if name != "amount_cny"}
    return {**rest, "amount_fen": cny * FEN_PER_CNY}
