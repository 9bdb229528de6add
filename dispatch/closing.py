"""What must be there before a visit can be completed: the record, the time, the signature.

Runs inside the act that completes it; what is refused and what is only flagged is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from config import purposes, record_fields
from config.record_fields import Asked, Entry, Sheet, When
from dispatch.database import Connection
from dispatch.records import attachments, patients, visit_records, visits
from dispatch.records.orders import Order
from dispatch.records.visits import Visit

Fault: TypeAlias = tuple[tuple[str | int, ...], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`refused` stands in the way of completing; `flags` are for the operator to see."""

    refused: tuple[Fault, ...]
    flags: tuple[str, ...]


async def judge(
    conn: Connection, order: Order, visit: Visit, at: datetime, *, is_signed: bool, has_reason: bool
) -> Verdict:
    """Whether a visit in service may be completed at this time, as the phone tells it.

    What either nurse of an order has recorded counts for both.
    """
    sheet = record_fields.of_services(conn.catalogue, order.service_codes)
    settings = conn.settings
    refused: list[Fault] = []
    flags: list[str] = []
    missing = await _missing(conn, order, sheet)
    if missing:
        flags.append("record_incomplete")
        if settings.record_rule == "refuse":
            refused += missing
    if stays_short(order, visit, at, sheet, settings.dwell_min_percent):
        flags.append("short_dwell")
        if settings.dwell_rule == "refuse" and not has_reason:
            refused.append((("body", "early_reason"), "early_reason"))
    if not is_signed:
        flags.append("unsigned")
        if settings.signature_rule == "refuse" and sheet.signature:
            refused.append((("body", "signature"), "signature_needed"))
    return Verdict(refused=tuple(refused), flags=tuple(flags))


def stays_short(
    order: Order, visit: Visit, at: datetime, sheet: Sheet, percent_of_plan: int
) -> bool:
    """Whether she leaves before the least time: a share of the plan, or what a service asks."""
    if visit.started_at is None:
        return False
    least_min = max(order.duration_min * percent_of_plan / 100, sheet.least_min)
    return at - visit.started_at < timedelta(minutes=least_min)


async def _missing(conn: Connection, order: Order, sheet: Sheet) -> list[Fault]:
    async with conn.as_clock():
        of_round = (await visits.list_current(conn, [order.id])).get(order.id, [])
        ids = [visit.id for visit in of_round]
        rows = await visit_records.list_of_visits(conn, ids)
        data = await visit_records.open_data(conn, rows)
        photos: set[UUID] = set()
        if any(one.field.kind == "photo" for one in sheet.asked):
            if purposes.RECORDING in await patients.find_withdrawn(conn, order.patient_id):
                sheet = sheet.without("photo")
            photos = await attachments.photo_names(conn, ids)
    entries = [Entry(kind=row.kind, data=data[row.id]) for row in rows if row.id in data]
    return [
        (_place(one), fault.value)
        for one, fault in record_fields.faults(sheet, entries, frozenset(photos))
    ]


def _place(asked: Asked) -> tuple[str, ...]:
    """Where a field belongs: the kind of record, its name in the data, and when."""
    place = ("records", asked.field.kind, asked.field.field)
    return place if asked.when is When.ANY else (*place, asked.when.value)
