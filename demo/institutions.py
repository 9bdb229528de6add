"""The demo region's hospitals and health centres. None of them exists, and each name says so."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from config import geometry
from config.areas import Areas
from config.catalogue import Catalogue, Service
from config.vocabulary import Category, Risk
from demo import draws, towns


class Kind(StrEnum):
    GENERAL = "general"
    CHINESE_MEDICINE = "chinese_medicine"
    WOMEN_CHILDREN = "women_children"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    code: str
    name: str
    name_en: str
    kind: Kind
    tier: int  # 3 municipal, 2 county, 1 community and township
    county: str
    town: str
    lat: float
    lng: float
    address: str
    phone: str
    services: tuple[str, ...]  # codes, in catalogue order
    counties: tuple[str, ...]  # that it serves, its own first


NAMES: Final = (
    ("青禾", "Qinghe"), ("望山", "Wangshan"), ("云溪", "Yunxi"), ("知春", "Zhichun"),
    ("安和", "Anhe"), ("明河", "Minghe"), ("仁里", "Renli"), ("松月", "Songyue"),
    ("嘉木", "Jiamu"), ("清岚", "Qinglan"), ("同泽", "Tongze"), ("映川", "Yingchuan"),
    ("怀谷", "Huaigu"), ("新桐", "Xintong"), ("晴湖", "Qinghu"), ("朗坤", "Langkun"),
    ("百合", "Baihe"), ("梧桐", "Wutong"), ("柏林", "Bolin"), ("若水", "Ruoshui"),
    ("和鸣", "Heming"), ("康宁", "Kangning"), ("向阳", "Xiangyang"), ("白露", "Bailu"),
)  # fmt: skip

KIND_NAMES: Final = {
    Kind.GENERAL: ("医院", "Hospital"),
    Kind.CHINESE_MEDICINE: ("中医院", "Hospital of Chinese Medicine"),
    Kind.WOMEN_CHILDREN: ("妇幼保健院", "Women and Children's Hospital"),
    Kind.CENTRE: ("社区卫生服务中心", "Community Health Centre"),
}

LEAST_PER_COUNTY: Final = 4
FIRST_KINDS: Final = (Kind.GENERAL, Kind.CHINESE_MEDICINE, Kind.WOMEN_CHILDREN)
ONE_GENERAL_IN: Final = 7
"""Beyond the first three of a county, one in so many is another general hospital."""

CITY_PROPER: Final = ("330702", "330703")
"""One town across two districts; the general hospitals of the first serve the whole region."""

LARGE_COUNTY_K: Final = 900


def found(seed: int, count: int, areas: Areas, catalogue: Catalogue) -> list[Institution]:
    """`count` institutions by county in proportion to its people, at least one in each."""
    least = min(LEAST_PER_COUNTY, count // len(towns.COUNTIES))
    quotas = draws.apportion(
        count, {county.code: county.population_k for county in towns.COUNTIES}, least=least
    )
    founded: list[Institution] = []
    for county in towns.COUNTIES:
        rng = draws.stream(seed, "institutions", county.code)
        names = rng.sample(NAMES, len(NAMES))
        for order, kind in enumerate(_kinds(quotas[county.code])):
            founded.append(
                _institution(
                    rng,
                    number=len(founded) + 1,
                    kind=kind,
                    order=order,
                    names=names,
                    county=county,
                    areas=areas,
                    catalogue=catalogue,
                )
            )
    return founded


def offers(kind: Kind, service: Service) -> bool:
    """Does an institution of this kind offer the service? A general hospital offers them all."""
    match kind:
        case Kind.GENERAL:
            return True
        case Kind.CHINESE_MEDICINE:
            return service.category is not Category.MATERNAL_INFANT
        case Kind.WOMEN_CHILDREN:
            plain = service.specialties_required <= {"general_nursing", "wound_care", "surgical"}
            return service.category is Category.MATERNAL_INFANT or plain
        case Kind.CENTRE:
            return service.skill_tier <= 2 and service.risk is not Risk.HIGH


def _kinds(count: int) -> Iterator[Kind]:
    for order in range(count):
        if order < len(FIRST_KINDS):
            yield FIRST_KINDS[order]
        else:
            beyond = order - len(FIRST_KINDS)
            yield Kind.GENERAL if beyond % ONE_GENERAL_IN == 0 and count > 6 else Kind.CENTRE


def _institution(
    rng: random.Random,
    *,
    number: int,
    kind: Kind,
    order: int,
    names: list[tuple[str, str]],
    county: towns.County,
    areas: Areas,
    catalogue: Catalogue,
) -> Institution:
    # Hospitals stand in the seat's streets, centres go round the towns.
    town = county.towns[order % len(county.towns)] if kind is Kind.CENTRE else county.towns[0]
    lat, lng = draws.place_near(rng, town, county, areas, snap_m=geometry.DISPATCH_POINT_M)
    name_zh, name_en = names[order % len(names)]
    round_zh = "" if order < len(names) else f"第{order // len(names) + 1}"
    kind_zh, kind_en = KIND_NAMES[kind]
    return Institution(
        code=f"DEMO{number:03d}",
        name=f"{county.name[:-1]}{name_zh}{round_zh}{kind_zh}（演示）",
        name_en=f"{county.name_en} {name_en} {kind_en} (demo)",
        kind=kind,
        tier=_tier(county, kind),
        county=county.code,
        town=town.name,
        lat=lat,
        lng=lng,
        address=f"{county.name}{town.name}演示路{rng.randrange(1, 400)}号",
        phone=f"+865798999{number:04d}",
        services=tuple(
            service.code for service in catalogue.services.values() if offers(kind, service)
        ),
        counties=_served(county, kind, areas),
    )


def _tier(county: towns.County, kind: Kind) -> int:
    if kind is Kind.CENTRE:
        return 1
    return 3 if kind is Kind.GENERAL and county.population_k >= LARGE_COUNTY_K else 2


def _served(county: towns.County, kind: Kind, areas: Areas) -> tuple[str, ...]:
    others: tuple[str, ...] = ()
    if kind is Kind.GENERAL and county.code == CITY_PROPER[0]:
        others = tuple(other.code for other in towns.COUNTIES if other.code != county.code)
    elif kind is not Kind.CENTRE:
        others = areas.neighbours(county.code)
    elif county.code in CITY_PROPER:
        others = tuple(code for code in CITY_PROPER if code != county.code)
    return (county.code, *others)
