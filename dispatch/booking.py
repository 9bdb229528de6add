"""What may be booked: services, windows, prescriptions, and by when the patient is to know. Pure.

A fault is where it lies in the request's body and the key of its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from config.catalogue import Catalogue
from config.settings import Settings
from dispatch.records.prescriptions import Prescription
from matching.inputs import local_date
from matching.policy import Urgency
from matching.travel import LOCAL_ZONE

Fault: TypeAlias = tuple[tuple[str | int, ...], str]


def code_faults(catalogue: Catalogue, codes: Sequence[str]) -> list[Fault]:
    """Service codes that are not in the catalogue or stand twice."""
    faults: list[Fault] = []
    for place, code in enumerate(codes):
        if code not in catalogue.services:
            faults.append((("body", "service_codes", place), "service_code"))
        elif code in codes[:place]:
            faults.append((("body", "service_codes", place), "repeated"))
    return faults


def window_faults(
    earliest: datetime, latest: datetime, now: datetime, settings: Settings
) -> list[Fault]:
    """What is wrong with a window for the start of a visit."""
    faults: list[Fault] = []
    if earliest <= now:
        faults.append((("body", "window", "earliest"), "window_past"))
    if latest <= earliest:
        faults.append((("body", "window", "latest"), "window_order"))
    if latest > now + timedelta(days=settings.window_max_days):
        faults.append((("body", "window", "latest"), "window_far"))
    return faults


def prescription_faults(
    needed: Sequence[str], prescription: Prescription | None, earliest: datetime, latest: datetime
) -> list[Fault]:
    """Why a prescription does not do for the services that need one, on some day of the window."""
    loc = ("body", "prescription_id")
    if not needed:
        return []
    if prescription is None:
        return [(loc, "prescription_needed")]
    if not set(needed) <= set(prescription.service_codes):
        return [(loc, "prescription_covers")]
    if not all(prescription.is_valid_on(local_date(at)) for at in (earliest, latest)):
        return [(loc, "prescription_valid")]
    return []


def promised_at(now: datetime, urgency: str, latest: datetime, settings: Settings) -> datetime:
    """By when the patient is to know who comes: never after the window has closed."""
    minutes = {
        Urgency.ROUTINE: settings.promise_routine_min,
        Urgency.SOON: settings.promise_soon_min,
        Urgency.URGENT: settings.promise_urgent_min,
    }[Urgency(urgency)]
    return min(now + timedelta(minutes=minutes), latest)


def assessed_by(now: datetime, settings: Settings, *, again: bool = False) -> datetime:
    """By when a person will have assessed an order that comes before the assessors now.

    At night they begin with the morning. A promise that was broken is made `again` with twice the
    time.
    """
    local = now.astimezone(LOCAL_ZONE)
    opens = local.replace(hour=settings.review_from_h, minute=0, second=0, microsecond=0)
    if local < opens:
        begins = opens
    elif local.hour < settings.review_until_h:
        begins = local
    else:
        begins = opens + timedelta(days=1)
    within = timedelta(minutes=settings.assess_within_min * (2 if again else 1))
    return (begins + within).astimezone(now.tzinfo)


def open_preconditions(
    catalogue: Catalogue, codes: Sequence[str], declared: Sequence[str]
) -> list[str]:
    """What these services presuppose and nobody has declared: the assessor's questions."""
    asked = (*catalogue.universal_preconditions, *catalogue.combine(codes).preconditions)
    return [slug for slug in dict.fromkeys(asked) if slug not in declared]
