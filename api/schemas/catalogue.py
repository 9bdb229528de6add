"""What is sent and answered about services, consents, served areas and institutions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from api import reference
from api.schemas.conventions import (
    MAY_BE_EMPTY,
    NEVER_EMPTY,
    NOT_BLANK,
    Body,
    Day,
    Id,
    Instant,
    Line,
    PageQuery,
    Phone,
    Place,
    View,
    also,
    given,
)
from config.vocabulary import Category, Risk, Title
from dispatch import enrolment
from matching.policy import MIN_YEARS_FLOOR

ServiceCode = Annotated[
    str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")
]
KnownService = Annotated[
    ServiceCode, also("service_code", lambda code: code in reference.services().services)
]
CountyCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
ServedCounty = Annotated[
    CountyCode, also("county", lambda code: code in reference.served_areas().by_code)
]


LicenceNo = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NOT_BLANK)]
MinYears = Annotated[int, Field(ge=MIN_YEARS_FLOOR, le=50)]
MinTitle = Literal[Title.HUSHI_SHI, Title.ZHUGUAN, Title.FUZHUREN, Title.ZHUREN]
"""What the nation asks, or more."""
MinTier = Annotated[int, Field(ge=enrolment.TIERS[0], le=enrolment.TIERS[1])]


class ServiceQuery(PageQuery):
    category: Category | None = None
    q: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = ""


class ServiceView(View):
    """A service; `name` is in the reader's language."""

    code: str
    name: str
    name_zh: str
    name_en: str
    category: Category
    specialties_required: list[str]
    skill_tier: int
    min_title: Title
    duration_min: int
    price_fen: int
    risk: Risk
    requires_prescription: bool
    nurses_required: int
    materials: list[str]
    preconditions: list[str]


class ConsentQuery(PageQuery):
    service_codes: Annotated[tuple[ServiceCode, ...], Field(min_length=1, max_length=100)]


class ConsentText(View):
    """A text in the reader's language; `hash` is its SHA-256 in hexadecimal."""

    service_code: str
    version: str
    text: str
    hash: str


class NamedWord(View):
    """A word that bodies and answers use; `text` is in the reader's language."""

    name: str
    text: str
    text_zh: str
    text_en: str


class Vocabulary(View):
    """What orders and assessments may say: on what ground, how it may end, under which conditions,
    what services presuppose, who signs by what right, and what is not done at home; then the
    terms by which nurses are ranked."""

    eligibility_bases: list[NamedWord]
    outcomes: list[NamedWord]
    conditions: list[NamedWord]
    preconditions: list[NamedWord]
    relations: list[NamedWord]
    authorities: list[NamedWord]
    negative_list: list[NamedWord]
    terms: list[NamedWord]


class AreaProperties(View):
    code: str
    name_zh: str
    name_en: str


class AreaFeature(View):
    type: Literal["Feature"] = "Feature"
    properties: AreaProperties
    geometry: dict[str, Any]


class AreaCollection(View):
    """GeoJSON (RFC 7946), so in WGS-84 whatever the reader asks for."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaFeature]


class InstitutionView(View):
    """An institution and what it offers, as anybody sees it."""

    id: UUID
    code: str
    name: str
    county: str
    counties: list[str]
    services: list[str]
    phone: str | None
    location: Place


class RegisterInstitution(Body):
    code: Annotated[
        str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")
    ]
    name: Line
    parent_id: Id | None = None
    county: ServedCounty
    counties: Annotated[tuple[ServedCounty, ...], Field(min_length=1, max_length=100)]
    services: Annotated[tuple[KnownService, ...], Field(max_length=500)]
    phone: Phone | None = None
    location: Place
    approved: bool = True
    licence_no: LicenceNo | None = None
    licence_valid_until: Day | None = None
    min_years: MinYears | None = None
    min_title: MinTitle | None = None
    min_tiers: dict[Category, MinTier] = Field(default_factory=dict)


class ChangeInstitution(Body):
    """What it holds, and what it asks of its nurses above the national floor.

    Null takes an own requirement back; the floor stays.
    """

    approved: bool | None = NEVER_EMPTY
    licence_no: LicenceNo | None = MAY_BE_EMPTY
    licence_valid_until: Day | None = MAY_BE_EMPTY
    min_years: MinYears | None = MAY_BE_EMPTY
    min_title: MinTitle | None = MAY_BE_EMPTY
    min_tiers: dict[Category, MinTier] | None = NEVER_EMPTY

    _not_null = field_validator("approved", "min_tiers")(given)


class RegisteredInstitution(InstitutionView):
    """An institution as staff see it."""

    parent_id: UUID | None
    approved: bool
    licence_no: str | None
    licence_valid_until: date | None
    min_years: int | None
    min_title: Title | None
    min_tiers: dict[str, int]
    created_at: Instant
    version: int
