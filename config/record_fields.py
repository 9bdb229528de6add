"""What a nurse records for each service, how long she stays and who signs: read from its file.

Pure. A field is `<kind of record>.<name in its data>`; which entries there are is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.catalogue import Catalogue
from config.vocabulary import Label

FILE: Final = Path(__file__).with_name("record_fields.yaml")
TEXT_MAX: Final = 4_000


class FieldType(StrEnum):
    """Of what kind a value is; of a `photo` it is the id of an attachment, ours or the phone's."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"
    PHOTO = "photo"


class When(StrEnum):
    """Before the procedure, after it, or at any time of the visit."""

    BEFORE = "before"
    AFTER = "after"
    ANY = "any"


class Fault(StrEnum):
    """Why a field is not done; the words are keys of texts."""

    MISSING = "record_missing"
    INVALID = "record_invalid"
    NO_PHOTO = "record_photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordField:
    """One thing to record. `name` is `<kind>.<field>`; `least` and `most` bound a number."""

    name: str
    label: Label
    type: FieldType
    unit: str | None
    least: float | None
    most: float | None
    options: Mapping[str, Label]

    @property
    def kind(self) -> str:
        return self.name.partition(".")[0]

    @property
    def field(self) -> str:
        return self.name.partition(".")[2]

    def fault_of(self, value: object, photos: frozenset[UUID]) -> Fault | None:
        """What is wrong with a value, None if it will do."""
        fits = False
        match self.type:
            case FieldType.INTEGER | FieldType.NUMBER:
                fits = self._is_number(value)
            case FieldType.TEXT:
                fits = isinstance(value, str) and 0 < len(value.strip()) <= TEXT_MAX
            case FieldType.BOOLEAN:
                fits = isinstance(value, bool)
            case FieldType.DATE:
                fits = isinstance(value, str) and _is_date(value)
            case FieldType.CHOICE:
                fits = isinstance(value, str) and value in self.options
            case FieldType.PHOTO:
                return None if _id(value) in photos else Fault.NO_PHOTO
        return None if fits else Fault.INVALID

    def _is_number(self, value: object) -> bool:
        kinds = (int,) if self.type is FieldType.INTEGER else (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool):
            return False
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A field that a visit asks for."""

    field: RecordField
    when: When
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is asked of a visit, required first; `least_min` is 0 where only the plan counts."""

    asked: tuple[Asked, ...]
    least_min: int
    signature: bool

    def without(self, kind: str) -> Sheet:
        """The same without what one kind of entry is asked for."""
        return replace(self, asked=tuple(one for one in self.asked if one.field.kind != kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the record. `data` may say by `phase` whether it was before or after."""

    kind: str
    data: Mapping[str, Any]


class _Field(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str
    type: FieldType
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    options: dict[str, str] = {}


class _Demand(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    before: str | None = None
    after: str | None = None
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    least_min: Annotated[int, Field(ge=0, le=240)] = 0
    signature: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    note: str
    fields: dict[str, _Field]
    sets: dict[str, tuple[str, ...]]
    always: _Demand
    groups: dict[str, _Demand]
    services: dict[str, _Demand]

    @model_validator(mode="after")
    def _refuse_unknown_names(self) -> _File:
        for place, demand in self._demands():
            for name in (*demand.required, *demand.optional, *demand.waived):
                if name not in self.fields:
                    raise ValueError(f"{place}: no field {name}")
            for chosen in filter(None, (demand.before, demand.after)):
                if chosen not in self.sets:
                    raise ValueError(f"{place}: no set {chosen}")
        for name, vitals in self.sets.items():
            if missing := [v for v in vitals if f"vitals.{v}" not in self.fields]:
                raise ValueError(f"set {name}: no field {missing[0]}")
        return self

    def _demands(self) -> Iterator[tuple[str, _Demand]]:
        yield "always", self.always
        yield from self.groups.items()
        yield from self.services.items()


@lru_cache(maxsize=1)
def _load() -> tuple[_File, Mapping[str, RecordField]]:
    read = _File.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    fields = {
        name: RecordField(
            name=name,
            label=Label(zh=given.zh, en=given.en),
            type=given.type,
            unit=given.unit,
            least=given.min,
            most=given.max,
            options={slug: _label(text) for slug, text in given.options.items()},
        )
        for name, given in read.fields.items()
    }
    return read, fields


def groups() -> frozenset[str]:
    """The groups of services that the file knows."""
    return frozenset(_load()[0].groups)


def overridden() -> frozenset[str]:
    """The services that ask for something of their own."""
    return frozenset(_load()[0].services)


def of_services(catalogue: Catalogue, codes: Iterable[str]) -> Sheet:
    """What a visit for these services asks; each field once at each time, required first."""
    return _sheet(tuple((catalogue.get(code).group, code) for code in codes))


@lru_cache(maxsize=1024)
def _sheet(groups_and_codes: tuple[tuple[str, str], ...]) -> Sheet:
    read, fields = _load()
    demanded: dict[tuple[str, When], bool] = {}
    least_min, signature = 0, False
    for group, code in groups_and_codes:
        general, own = read.groups[group], read.services.get(code, _Demand())
        for demand in (read.always, general, own):
            for name in demand.required:
                if name not in own.waived:
                    demanded[name, When.ANY] = True
            for name in demand.optional:
                demanded.setdefault((name, When.ANY), False)
        for when, chosen in (
            (When.BEFORE, own.before or general.before),
            (When.AFTER, own.after or general.after),
        ):
            for vital in read.sets[chosen] if chosen else ():
                demanded[f"vitals.{vital}", when] = True
        least_min = max(least_min, general.least_min, own.least_min)
        signature = signature or general.signature or own.signature
    timed = {name for name, when in demanded if when is not When.ANY}
    asked = [
        Asked(field=fields[name], when=when, required=required)
        for (name, when), required in demanded.items()
        # What is asked before or after is not offered a third time.
        if required or when is not When.ANY or name not in timed
    ]
    order = list(When)
    asked.sort(key=lambda one: (not one.required, order.index(one.when)))
    return Sheet(asked=tuple(asked), least_min=least_min, signature=signature)


def faults(
    sheet: Sheet, entries: Sequence[Entry], photos: frozenset[UUID] = frozenset()
) -> list[tuple[Asked, Fault]]:
    """The required fields that are not done, in the sheet's order.

    `entries` stand in the order in which they were made. One good value is enough, so that a slip
    is mended by another entry. Vital signs without a `phase` count as before if they are the first,
    and as after if they are not.
    """
    found = []
    for one in sheet.asked:
        if not one.required:
            continue
        given = [value for value in _values(one, entries) if value is not None]
        wrong = [one.field.fault_of(value, photos) for value in given]
        if None not in wrong:
            found.append((one, wrong[-1] or Fault.MISSING if wrong else Fault.MISSING))
    return found


def _values(asked: Asked, entries: Sequence[Entry]) -> Iterator[object]:
    place = 0
    for entry in entries:
        if entry.kind != asked.field.kind:
            continue
        value = entry.data.get(asked.field.field)
        if value is None:
            continue
        phase = entry.data.get("phase") or (When.AFTER if place else When.BEFORE)
        place += 1
        if asked.when is When.ANY or phase == asked.when:
            yield value


def _label(both: str) -> Label:
    zh, _, en = both.partition(" / ")
    return Label(zh=zh, en=en)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _id(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
