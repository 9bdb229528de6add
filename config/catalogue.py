"""Owns the catalogue of nursing services: read from `services.yaml`, checked whole, then immutable.

Never knows an institution's own prices or switches; those are rows, and they start from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from config import catalogue_file
from config.vocabulary import MIN_TITLE, Category, Label, Risk, Title

FILE: Final = Path(__file__).with_name("services.yaml")
FEN_PER_CNY: Final = 100

VISIT_FEE_ZH: Final = "上门服务费（每位护士）"
VISIT_FEE_EN: Final = "Visit fee (each nurse)"


class SelectionError(LookupError):
    """A choice of services that cannot be one visit; `code` is None when nothing was chosen."""

    def __init__(self, fault: Literal["none", "repeated", "unknown"], code: str | None) -> None:
        self.fault = fault
        self.code = code
        super().__init__(f"{fault} service: {code}" if code else "no service chosen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialty:
    slug: str
    label: Label
    implies: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One nursing service. `price_fen` includes the visit fee of every nurse it requires.

    `number` is the position in the file from 1, for the spatial index; new services are appended.
    """

    code: str
    number: int
    name_zh: str
    name_en: str
    category: Category
    group: str
    specialties_required: frozenset[str]
    skill_tier: int
    min_title: Title
    duration_min: int
    price_fen: int
    risk: Risk
    requires_prescription: bool
    nurses_required: int
    repeat_interval_days: int | None
    materials: tuple[str, ...]
    preconditions: tuple[str, ...]

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_zh


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeItem:
    slug: str
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """`amount_fen` is the line's whole amount, `quantity` included."""

    kind: Literal["visit_fee", "service"]
    label: Label
    service_code: str | None
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What several services ask for when they are done in one visit."""

    codes: tuple[str, ...]
    numbers: tuple[int, ...]
    specialties: frozenset[str]
    skill_tier: int
    min_title: Title
    nurses_required: int
    duration_min: int
    risk: Risk
    prescription_codes: tuple[str, ...]
    materials: tuple[str, ...]
    preconditions: tuple[str, ...]
    lines: tuple[PriceLine, ...]

    @property
    def price_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    @property
    def requires_prescription(self) -> bool:
        return bool(self.prescription_codes)


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything the file says, in file order."""

    version: str
    visit_fee_fen: int
    categories: Mapping[Category, Label]
    specialties: Mapping[str, Specialty]
    preconditions: Mapping[str, Label]
    universal_preconditions: tuple[str, ...]
    negative_list: tuple[NegativeItem, ...]
    services: Mapping[str, Service]

    @cached_property
    def _closed(self) -> Callable[[frozenset[str]], frozenset[str]]:
        # Asked for every nurse of every order, while few different combinations are held.
        reach = {slug: _reach(slug, self.specialties) for slug in self.specialties}

        @lru_cache(maxsize=4096)
        def closed(held: frozenset[str]) -> frozenset[str]:
            return held.union(*(reach.get(slug, ()) for slug in held))

        return closed

    @cached_property
    def _haystacks(self) -> list[tuple[Service, str]]:
        return [
            (service, f"{service.code}\n{service.name_zh}\n{service.name_en}".casefold())
            for service in self.services.values()
        ]

    def get(self, code: str) -> Service:
        """Raises SelectionError for a code that is not in the catalogue."""
        try:
            return self.services[code]
        except KeyError:
            raise SelectionError("unknown", code) from None

    def closure(self, specialties: Iterable[str]) -> frozenset[str]:
        """The given specialties and all that they imply, transitively; unknown ones count as held
        but imply nothing."""
        return self._closed(frozenset(specialties))

    def within_reach(self, specialties: Iterable[str], tier: int, title: Title) -> list[Service]:
        """The services that a nurse of this competence may perform, in file order."""
        held = self.closure(specialties)
        return [
            service
            for service in self.services.values()
            if service.skill_tier <= tier
            and service.min_title.rank <= title.rank
            and service.specialties_required <= held
        ]

    def search(self, q: str = "", category: Category | None = None) -> list[Service]:
        """Services whose code or name, in either language, holds every word of `q`; file order."""
        words = q.casefold().split()
        return [
            service
            for service, haystack in self._haystacks
            if (category is None or service.category is category)
            and all(word in haystack for word in words)
        ]

    def combine(self, codes: Sequence[str]) -> Bundle:
        """One visit for all of `codes`: durations add up, the visit fee is paid once per nurse.

        Raises SelectionError when `codes` is empty, repeats a code or names an unknown one.
        """
        if not codes:
            raise SelectionError("none", None)
        chosen = [self.get(code) for code in codes]
        repeated = [code for place, code in enumerate(codes) if code in codes[:place]]
        if repeated:
            raise SelectionError("repeated", repeated[0])
        nurses = max(service.nurses_required for service in chosen)
        fee = PriceLine(
            kind="visit_fee",
            label=Label(zh=VISIT_FEE_ZH, en=VISIT_FEE_EN),
            service_code=None,
            quantity=nurses,
            amount_fen=self.visit_fee_fen * nurses,
        )
        return Bundle(
            codes=tuple(codes),
            numbers=tuple(service.number for service in chosen),
            specialties=frozenset().union(*(service.specialties_required for service in chosen)),
            skill_tier=max(service.skill_tier for service in chosen),
            min_title=max((service.min_title for service in chosen), key=lambda title: title.rank),
            nurses_required=nurses,
            duration_min=sum(service.duration_min for service in chosen),
            risk=max((service.risk for service in chosen), key=lambda risk: risk.rank),
            prescription_codes=tuple(s.code for s in chosen if s.requires_prescription),
            materials=_in_first_order(service.materials for service in chosen),
            preconditions=_in_first_order(service.preconditions for service in chosen),
            lines=(fee, *(self._item_line(service) for service in chosen)),
        )

    def _item_line(self, service: Service) -> PriceLine:
        return PriceLine(
            kind="service",
            label=Label(zh=service.name_zh, en=service.name_en),
            service_code=service.code,
            quantity=1,
            amount_fen=service.price_fen - self.visit_fee_fen * service.nurses_required,
        )


def load(path: Path | None = None) -> Catalogue:
    """Read and check the whole file; raises CatalogueError with every fault that was found."""
    return _built(catalogue_file.read(path or FILE))


def _built(entries: catalogue_file.File) -> Catalogue:
    services = [_service(number, entry) for number, entry in enumerate(entries.services, start=1)]
    return Catalogue(
        version=entries.version,
        visit_fee_fen=entries.visit_fee_cny * FEN_PER_CNY,
        categories=MappingProxyType(
            {category: _label(entry) for category, entry in entries.categories.items()}
        ),
        specialties=MappingProxyType(
            {
                slug: Specialty(slug=slug, label=_label(entry), implies=frozenset(entry.implies))
                for slug, entry in entries.specialties.items()
            }
        ),
        preconditions=MappingProxyType(
            {
                slug: Label(zh=text.split(" / ", 1)[0], en=text.split(" / ", 1)[1])
                for slug, text in entries.preconditions_vocabulary.items()
            }
        ),
        universal_preconditions=tuple(entries.universal_preconditions),
        negative_list=tuple(
            NegativeItem(slug=entry.slug, label=_label(entry)) for entry in entries.negative_list
        ),
        services=MappingProxyType({service.code: service for service in services}),
    )


def _service(number: int, entry: catalogue_file.ServiceEntry) -> Service:
    return Service(
        code=entry.code,
        number=number,
        name_zh=entry.name_zh,
        name_en=entry.name_en,
        category=entry.category,
        group=entry.group,
        specialties_required=frozenset(entry.specialties_required),
        skill_tier=entry.skill_tier,
        min_title=MIN_TITLE,
        duration_min=entry.duration_minutes,
        price_fen=entry.price_cny * FEN_PER_CNY,
        risk=entry.risk,
        requires_prescription=entry.requires_prescription,
        nurses_required=entry.nurses_required,
        repeat_interval_days=entry.repeat_interval_days,
        materials=tuple(entry.materials),
        preconditions=tuple(entry.preconditions),
    )


def _label(entry: catalogue_file.NamedEntry) -> Label:
    return Label(zh=entry.name_zh, en=entry.name_en)


def _reach(slug: str, specialties: Mapping[str, Specialty]) -> frozenset[str]:
    reached: set[str] = set()
    ahead = [slug]
    while ahead:
        current = ahead.pop()
        if current not in reached:
            reached.add(current)
            ahead.extend(specialties[current].implies)
    return frozenset(reached)


def _in_first_order(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
