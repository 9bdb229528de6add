"""What a nurse with nothing unusual to report enters, from the fields that a visit asks for."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, ClassVar, Final

from PIL import Image

Json = dict[str, Any]

BOUNDARY: Final = "shangmen-7d1f0c53b2"

# Vital signs of somebody who is well; other numbers stand a third up their range.
WELL: Final[Mapping[str, int | float]] = {
    "systolic_mmhg": 128,
    "diastolic_mmhg": 78,
    "pulse_bpm": 74,
    "temperature_c": 36.6,
    "respiration_bpm": 17,
    "spo2_pct": 97,
    "pain_0_10": 1,
    "glucose_mmol_l": 6.2,
}
NEXT_DUE: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A multipart body of some fields and one file."""

    fields: Mapping[str, str]
    file: bytes

    media_type: ClassVar[str] = f"multipart/form-data; boundary={BOUNDARY}"

    def encode(self) -> bytes:
        """The same bytes each time it is sent."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        return "".join([*parts, head]).encode() + self.file + f"\r\n--{BOUNDARY}--\r\n".encode()


def photo_form(client_id: str, recorded_at: str) -> Form:
    """A photo as a phone attaches it."""
    fields = {"kind": "photo", "client_id": client_id, "recorded_at": recorded_at}
    return Form(fields=fields, file=photo())


@cache
def photo() -> bytes:
    """A small picture as a camera gives it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "salmon").save(out, "JPEG")
    return out.getvalue()


def filled(
    fields: Iterable[Json], *, today: date, photo: str | None
) -> list[tuple[str, str, Json]]:
    """When, kind and data of each entry, in the order in which they are made; required ones only.

    `photo` is the id of an attachment, for the fields that ask for one.
    """
    entries: dict[tuple[str, str], Json] = {}
    for field in fields:
        if not field["required"]:
            continue
        when = field["when"]
        # What may be measured at any time is measured at first.
        phase = "before" if when == "any" and field["kind"] == "vitals" else when
        data = entries.setdefault((phase, field["kind"]), {})
        if field["kind"] == "vitals":
            data["phase"] = phase
        data[field["field"]] = _value(field, today, photo)
    order = ("before", "any", "after")
    return [
        (when, kind, data)
        for (when, kind), data in sorted(entries.items(), key=lambda one: order.index(one[0][0]))
    ]


def wants_photo(fields: Iterable[Json]) -> bool:
    """Whether a photo must be attached before the entries are made."""
    return any(field["required"] and field["type"] == "photo" for field in fields)


def _value(field: Json, today: date, photo: str | None) -> Any:
    match field["type"]:
        case "integer" | "number":
            if field["field"] in WELL:
                return WELL[field["field"]]
            least, most = field["min"] or 0, field["max"] or 100
            return int(least + (most - least) / 3)
        case "boolean":
            return True
        case "date":
            return (today + NEXT_DUE).isoformat()
        case "choice":
            return field["options"][0]["value"]
        case "photo":
            return photo
        case _:
            return "无异常"
