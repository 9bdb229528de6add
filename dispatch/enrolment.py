"""What is told of a nurse when she is registered, singly or in a CSV file. Pure.

A file is read whole: every bad cell is named by its line and column. What only the database knows
(who is registered already, which institutions there are) is asked by the act.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from config.catalogue import Catalogue
from config.vocabulary import TITLE_LABELS, InsuranceKind, Title
from dispatch import identity

Fault = tuple[tuple[str | int, ...], str]

COLUMNS: Final = (
    "staff_no", "name", "gender", "phone", "institution_code", "title", "tier",
    "first_practised_on", "specialties", "languages", "certificate_valid_until",
    "insurance_valid_until", "lat", "lng", "radius_m",
)  # fmt: skip
OPTIONAL_COLUMNS: Final = (
    "registration_no",
    *(f"{kind}_{part}" for kind in InsuranceKind for part in ("policy_no", "valid_until")),
)

ENCODINGS: Final = ("utf-8-sig", "gb18030")
ROWS_MAX: Final = 10_000
CELL_MAX: Final = 1_000
# From here on a bad row is named by its first fault only: a column that was never filled in would
# otherwise make the answer as long as the file.
FULLY_TOLD_MAX: Final = 1_000

STAFF_NO_MAX: Final = 2**31 - 1
TIERS: Final = (1, 3)
RADIUS_M: Final = (100, 200_000)
LIST_MAX: Final = 30
GENDERS: Final = {"female": "female", "male": "male", "女": "female", "男": "male"}
TITLES: Final = {
    **{title.value: title for title in Title},
    **{label.zh: title for title, label in TITLE_LABELS.items()},
}
LANGUAGE: Final = re.compile(r"[a-z0-9_-]{1,64}")
DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
INTEGER: Final = re.compile(r"\d{1,10}", re.ASCII)
DECIMAL: Final = re.compile(r"-?\d{1,3}(\.\d{1,17})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Insurance:
    """One policy; without a number it is known by its end only."""

    valid_until: date
    policy_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A nurse as she is registered; her place is WGS-84. Without a radius she has the usual one.

    A kind that `insurances` does not hold is in force until `insurance_valid_until`.
    """

    staff_no: int
    name: str
    gender: str
    phone: str = field(repr=False)
    title: Title
    tier: int
    first_practised_on: date
    specialties: tuple[str, ...]
    languages: tuple[str, ...] = ("zh",)
    registration_no: str | None = None
    certificate_valid_until: date
    insurance_valid_until: date
    lat: float
    lng: float
    radius_m: int | None = None
    admitted: bool = True
    insurances: Mapping[InsuranceKind, Insurance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a file that could be read, and the line it ends on; the phone is in E.164 form."""

    line: int
    institution_code: str
    nurse: Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a file says, and what is wrong with the rest of it."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()


def read(content: bytes, catalogue: Catalogue) -> Sheet:
    """Read a CSV in UTF-8 (with or without a mark) or GB18030, its first line the names of columns.

    Their order is free; only OPTIONAL_COLUMNS may be missing. Takes some tenths of a millisecond a
    row, so it does not belong on the event loop.
    """
    text = _decoded(content)
    if text is None:
        return Sheet(faults=((("body",), "encoding"),))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        faults = _header_faults(header)
        if faults:
            return Sheet(faults=tuple(faults))
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error:
        return Sheet(faults=((("body", reader.line_num), "csv"),))
    if not lines or len(lines) > ROWS_MAX:
        return Sheet(faults=((("body",), "rows_too_many" if lines else "rows_none"),))
    return _rows(header, lines, catalogue)


def insured(
    before: Mapping[str, Mapping[str, Any]],
    common_until: date,
    told: Mapping[InsuranceKind, Insurance],
) -> tuple[dict[str, dict[str, Any]], date]:
    """All three insurances as they are kept, and the earliest end.

    A kind that is not `told` stays what it was `before`, else it runs until `common_until`.
    """
    kept: dict[str, dict[str, Any]] = {}
    for kind in InsuranceKind:
        if (given := told.get(kind)) is not None:
            kept[kind.value] = {
                "policy_no": given.policy_no,
                "valid_until": given.valid_until.isoformat(),
            }
        else:
            was = before.get(kind, {"policy_no": None, "valid_until": common_until.isoformat()})
            kept[kind.value] = dict(was)
    return kept, min(date.fromisoformat(one["valid_until"]) for one in kept.values())


def competence_faults(
    catalogue: Catalogue, specialties: Sequence[str], first_practised_on: date, today: date
) -> list[tuple[str, str]]:
    """What is wrong, as (field, reason), with what a nurse is said to be able to do."""
    faults = []
    if not set(specialties) <= catalogue.specialties.keys():
        faults.append(("specialties", "specialty"))
    if len(set(specialties)) != len(specialties):
        faults.append(("specialties", "repeated"))
    if first_practised_on > today:
        faults.append(("first_practised_on", "day_in_future"))
    return faults


def _decoded(content: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _header_faults(header: Sequence[str]) -> list[Fault]:
    count = Counter(header)
    known = {*COLUMNS, *OPTIONAL_COLUMNS}
    faults: list[Fault] = [
        (("body", 1, name), "column_missing") for name in COLUMNS if name not in count
    ]
    faults += [(("body", 1, name[:40]), "column_unknown") for name in count if name not in known]
    faults += [(("body", 1, name), "given_twice") for name in known if count[name] > 1]
    return faults


def _rows(
    header: Sequence[str], lines: Iterable[tuple[int, list[str]]], catalogue: Catalogue
) -> Sheet:
    rows: list[Row] = []
    faults: list[Fault] = []
    bad = 0
    for line, cells in lines:
        if len(cells) != len(header):
            found: list[Fault] = [(("body", line), "row_width")]
        else:
            reading = _Reading(line, dict(zip(header, cells, strict=True)))
            row = reading.row(catalogue)
            found = reading.faults
            if not found:
                rows.append(row)
        if found:
            bad += 1
            faults += found if bad <= FULLY_TOLD_MAX else found[:1]
    return Sheet(rows=tuple(rows), faults=tuple(faults))


class _Reading:
    """Takes one row apart; what a bad cell stands for is never used."""

    def __init__(self, line: int, cells: dict[str, str]) -> None:
        self._line = line
        self._cells = cells
        self.faults: list[Fault] = []

    def row(self, catalogue: Catalogue) -> Row:
        nurse = Registration(
            staff_no=self._number("staff_no", (1, STAFF_NO_MAX)),
            name=self._take("name", _line_of_text(100), "person_name"),
            gender=self._take("gender", GENDERS.__getitem__, "gender"),
            phone=self._take("phone", identity.normalise_phone, "phone"),
            title=self._take("title", TITLES.__getitem__, "title"),
            tier=self._number("tier", TIERS),
            first_practised_on=self._take("first_practised_on", _day, "day"),
            specialties=self._take("specialties", _specialties(catalogue), "specialty"),
            languages=self._take("languages", _languages, "language_code"),
            registration_no=self._take("registration_no", _registration_no, "registration_no"),
            certificate_valid_until=self._take("certificate_valid_until", _day, "day"),
            insurance_valid_until=self._take("insurance_valid_until", _day, "day"),
            lat=self._take("lat", _degrees(90), "degrees"),
            lng=self._take("lng", _degrees(180), "degrees"),
            radius_m=self._number("radius_m", RADIUS_M, optional=True),
            insurances=self._insurances(),
        )
        code = self._take("institution_code", _line_of_text(40), "institution")
        return Row(line=self._line, institution_code=code, nurse=nurse)

    def _insurances(self) -> dict[InsuranceKind, Insurance]:
        """Those of which the row tells more than the end that all three share."""
        shared = self._cells.get("insurance_valid_until", "")
        found = {}
        for kind in InsuranceKind:
            column = f"{kind}_valid_until"
            number = self._take(f"{kind}_policy_no", _policy_no, "policy_no")
            own = self._cells.get(column, "").strip()
            if number or own:
                until = _day if own else lambda _: _day(shared.strip())
                found[kind] = Insurance(
                    valid_until=self._take(column, until, "day"), policy_no=number
                )
        return found

    def _take(self, column: str, read: Callable[[str], Any], reason: str) -> Any:
        cell = self._cells.get(column, "").strip()
        try:
            if len(cell) > CELL_MAX or "\0" in cell:
                raise ValueError
            return read(cell)
        except (ValueError, KeyError):
            self.faults.append((("body", self._line, column), reason))
            return None

    def _number(self, column: str, bounds: tuple[int, int], *, optional: bool = False) -> Any:
        least, most = bounds

        def read(cell: str) -> int | None:
            if optional and not cell:
                return None
            if not INTEGER.fullmatch(cell) or not least <= int(cell) <= most:
                raise ValueError
            return int(cell)

        return self._take(column, read, column)


def _line_of_text(most: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if not 1 <= len(cell) <= most or not cell.isprintable():
            raise ValueError
        return cell

    return read


def _policy_no(cell: str) -> str | None:
    return _line_of_text(64)(cell) if cell else None


def _registration_no(cell: str) -> str | None:
    return _line_of_text(64)(cell) if cell else None


def _day(cell: str) -> date:
    found = DAY.fullmatch(cell)
    if found is None:
        raise ValueError
    return date(*map(int, found.groups()))


def _degrees(most: int) -> Callable[[str], float]:
    def read(cell: str) -> float:
        value = float(cell) if DECIMAL.fullmatch(cell) else math.inf
        if abs(value) > most:
            raise ValueError
        return value

    return read


def _parts(cell: str) -> tuple[str, ...]:
    """The parts between semicolons, each once, in the order given."""
    parts = (part.strip() for part in cell.replace("；", ";").split(";"))
    found = tuple(dict.fromkeys(part for part in parts if part))
    if len(found) > LIST_MAX:
        raise ValueError
    return found


def _specialties(catalogue: Catalogue) -> Callable[[str], tuple[str, ...]]:
    def read(cell: str) -> tuple[str, ...]:
        found = _parts(cell)
        if not found or not set(found) <= catalogue.specialties.keys():
            raise ValueError
        return found

    return read


def _languages(cell: str) -> tuple[str, ...]:
    found = _parts(cell) or ("zh",)
    if not all(map(LANGUAGE.fullmatch, found)):
        raise ValueError
    return found
