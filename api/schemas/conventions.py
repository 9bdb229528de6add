"""What every body and answer shares: times, places, money, pages, problems. Nothing of one noun."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, LiteralString, Self, TypeVar
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from config import geometry
from dispatch import identity
from dispatch.errors import InvalidFields

T = TypeVar("T")
R = TypeVar("R")

RFC3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
FULL_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
HYPHENATED: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


# The context of a second look at a body whose shape was refused.
REFUSED: Final = "refused"


def also(kind: LiteralString, is_good: Callable[[Any], bool]) -> AfterValidator:
    """A check that the act makes; made here, too, where the body is refused for its shape.

    So all that is bad is told at once, by the shape alone and by the act alone. `kind` is the key
    of its text.
    """

    def check(value: Any, info: ValidationInfo) -> Any:
        if info.context == REFUSED and not is_good(value):
            raise PydanticCustomError(kind, kind)
        return value

    return AfterValidator(check)


def _is_phone(text: str) -> bool:
    try:
        identity.normalise_phone(text)
    except ValueError:
        return False
    return True


class Body(BaseModel):
    """What a client sends: strict, and unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Empty(Body):
    """The body of a call that needs none: nothing, or `{}`."""


class Query(Body):
    """The parameters after the question mark. A list may be repeated or comma-separated."""


class View(BaseModel):
    """What we answer. Every field is always there; what is not known is null."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_serialization_defaults_required=True
    )


def _instant(value: object) -> object:
    """RFC 3339 with an offset, and nothing else that a lenient parser would take for a time."""
    if not isinstance(value, str):
        return value
    found = RFC3339.fullmatch(value)
    if found is None:
        raise PydanticCustomError("instant", "not an RFC 3339 time with an offset")
    day, clock, fraction, offset = found.groups()
    micros = (fraction or "0")[:6].ljust(6, "0")
    zone = "+00:00" if offset in "Zz" else offset
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{micros}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("instant", "not a time of the calendar") from None
    # The driver takes the first and the last moment that Python knows for infinity.
    if not MINYEAR < moment.year < MAXYEAR:
        raise PydanticCustomError("instant", "not a time of the calendar")
    return moment


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("instant", "a time needs its offset")
    return value.astimezone(UTC)


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        if FULL_DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "not a date like 2026-03-01")


def _id(value: object) -> object:
    if isinstance(value, str) and not HYPHENATED.fullmatch(value):
        raise PydanticCustomError("id", "not a UUID")
    return UUID(value) if isinstance(value, str) else value


Instant = Annotated[datetime, BeforeValidator(_instant), AfterValidator(_aware)]
"""A moment: RFC 3339 with an offset on the wire, UTC inside. A naive time is refused."""

Day = Annotated[date, BeforeValidator(_day)]
"""A day of the calendar."""

Id = Annotated[UUID, BeforeValidator(_id)]
"""A UUID in its hyphenated form."""

Fen = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""Money."""

NOT_BLANK: Final = r"^[^\x00]*\S[^\x00]*$"

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
"""One line that is not blank."""

Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=NOT_BLANK)]
"""Some sentences."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9_-]+$")]
"""A code or slug."""


def listed(codes: Iterable[str]) -> Any:
    """These codes stand in the document as all that a field takes."""
    return Field(json_schema_extra={"enum": list[JsonValue](sorted(codes))})


Phone = Annotated[
    str,
    StringConstraints(min_length=5, max_length=24, pattern=r"^\+?[0-9 -]+$"),
    also("phone", _is_phone),
]
"""A telephone number as people write it; acts normalise it."""


def _without_default(schema: dict[str, Any]) -> None:
    """A field that is not given stays as it is; there is no value that it would get."""
    schema.pop("default", None)


def _never_null(schema: dict[str, Any]) -> None:
    """What is None here when it is not given may not be given as null."""
    _without_default(schema)
    schema.update(schema.pop("anyOf")[0])


def given(value: object) -> object:
    """Refuses null, for fields of a partial body that are left out to stay as they are."""
    if value is None:
        raise PydanticCustomError("not_null", "cannot be null")
    return value


MAY_BE_EMPTY: Final = Field(default=None, json_schema_extra=_without_default)
NEVER_EMPTY: Final = Field(default=None, json_schema_extra=_never_null)


class Crs(StrEnum):
    """Which datum a latitude and longitude belong to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


class Place(BaseModel):
    """A place in the datum that it names; GCJ-02 is what Chinese phones and maps give."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    lat: Annotated[float, Field(ge=-90, le=90)]
    lng: Annotated[float, Field(ge=-180, le=180)]
    crs: Crs = Crs.WGS84

    @classmethod
    def of(cls, lat: float, lng: float, crs: Crs) -> Self:
        """The WGS-84 place (`lat`, `lng`) as a reader of `crs` sees it."""
        if crs is Crs.GCJ02:
            lat, lng = geometry.wgs84_to_gcj02(lat, lng)
        return cls(lat=round(lat, 7), lng=round(lng, 7), crs=crs)

    def wgs84(self) -> tuple[float, float]:
        """(lat, lng) as it is stored."""
        if self.crs is Crs.GCJ02:
            return geometry.gcj02_to_wgs84(self.lat, self.lng)
        return self.lat, self.lng


class Window(Body):
    """When a visit may start."""

    earliest: Instant
    latest: Instant

    @field_validator("latest")
    @classmethod
    def _in_order(cls, latest: datetime, info: ValidationInfo) -> datetime:
        earliest = info.data.get("earliest")
        if earliest is not None and latest < earliest:
            raise PydanticCustomError("window_order", "latest is before earliest")
        return latest


class WindowView(View):
    """When a visit may start, as answered."""

    earliest: Instant
    latest: Instant


class MoveView(View):
    """A lifecycle step that this caller may take now, and how."""

    name: str
    method: str
    path: str


class PageQuery(Query):
    """Where in a list, and how much of it."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[
        str | None, StringConstraints(min_length=1, max_length=512, pattern=r"^[A-Za-z0-9_-]+$")
    ] = None

    def after(self, *kinds: type) -> tuple[Any, ...] | None:
        """The key of the last row of the page before, each part of the kind given, or None.

        Kinds are `str`, `int`, `float`, `datetime`, `UUID`. A cursor that is not ours is refused.
        """
        if self.cursor is None:
            return None
        try:
            parts = orjson.loads(
                base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4))
            )
            if type(parts) is not list or len(parts) != len(kinds):
                raise ValueError("not a cursor of this list")
            return tuple(_part(part, kind) for part, kind in zip(parts, kinds, strict=True))
        except (ValueError, TypeError, OverflowError, binascii.Error):
            raise InvalidFields((("query", "cursor"), "cursor")) from None


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def _part(value: object, kind: type) -> object:
    if kind is datetime and type(value) is int:
        return EPOCH + value * MICROSECOND
    if kind is UUID and isinstance(value, str):
        return UUID(value)
    if type(value) is not kind or (isinstance(value, str) and "\0" in value):
        raise ValueError("another kind")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("out of range")
    return value


def cursor(*parts: object) -> str:
    """An opaque place in a list: the sort key of the last row that was told."""
    told = [(part - EPOCH) // MICROSECOND if isinstance(part, datetime) else part for part in parts]
    # The driver's UUIDs are of a class of its own, which the encoder does not know.
    return base64.urlsafe_b64encode(orjson.dumps(told, default=str)).rstrip(b"=").decode()


class Page(View, Generic[T]):
    """Some of a list, in its order, and where to go on."""

    items: list[T]
    next_cursor: str | None = None


def page(
    rows: Sequence[R], query: PageQuery, view: Callable[[R], T], key: Callable[[R], tuple[Any, ...]]
) -> Page[T]:
    """The page that `rows` make; ask for `query.limit + 1`: one more tells if it goes on."""
    shown = rows[: query.limit]
    more = cursor(*key(shown[-1])) if len(rows) > query.limit else None
    return Page(items=[view(row) for row in shown], next_cursor=more)


def slice_page(rows: Sequence[R], query: PageQuery, view: Callable[[R], T]) -> Page[T]:
    """A page of a list that is in memory; the cursor is a position."""
    (start,) = query.after(int) or (0,)
    if not 0 <= start <= len(rows):
        raise InvalidFields((("query", "cursor"), "cursor"))
    end = start + query.limit
    return Page(
        items=[view(row) for row in rows[start:end]],
        next_cursor=cursor(end) if end < len(rows) else None,
    )


class FieldError(View):
    """What is wrong with one field."""

    loc: list[str | int]
    msg: str


class Problem(BaseModel):
    """RFC 9457: what went wrong. Some types carry further members; `/problems` lists the types."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None
