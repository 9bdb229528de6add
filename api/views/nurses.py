"""Nurses as staff see them and as they see themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, time, timedelta
from typing import Any, Final
from uuid import UUID

from api.schemas import nurses as schemas
from api.schemas.conventions import Body, Place
from api.wire import Call
from dispatch import database, enrolment
from dispatch.database import Connection
from dispatch.records import accounts, institutions, nurses, shifts
from dispatch.records.nurses import Nurse, Point

DUTIES_AHEAD: Final = timedelta(days=14)
SHARED: Final = (
    "id",
    "staff_no",
    "name",
    "gender",
    "title",
    "tier",
    "institution_id",
    "first_practised_on",
    "specialties",
    "languages",
    "registration_no",
    "certificate_valid_until",
    "insurance_valid_until",
    "registration_state",
    "register_state",
    "register_checked_at",
    "register_valid_until",
    "admitted",
    "available",
    "state",
    "radius_m",
    "ratings",
    "photo_url",
    "version",
)


def list_item(nurse: Nurse, points: Mapping[UUID, Point], call: Call) -> schemas.NurseView:
    """A nurse in a list of staff."""
    return schemas.NurseView(**_for_staff(nurse, points.get(nurse.id), call))


async def detail(conn: Connection, nurse: Nurse, call: Call) -> schemas.NurseDetail:
    """A nurse alone, as staff see her; opens her phone, so whoever asks leaves a trace."""
    points = await nurses.points_by_nurse(conn, [nurse.id])
    employer = await institutions.get(conn, nurse.institution_id)
    account_id = (await accounts.ids_of_nurses(conn, [nurse.id])).get(nurse.id)
    phone = None
    if account_id is not None:
        phone = await accounts.open_phone(conn, await accounts.get(conn, account_id))
    return schemas.NurseDetail(
        **_for_staff(nurse, points.get(nurse.id), call),
        institution_name=employer.name,
        phone=phone,
    )


async def profile(conn: Connection, nurse: Nurse, call: Call) -> schemas.NurseProfile:
    """A nurse as she sees herself."""
    points = await nurses.points_by_nurse(conn, [nurse.id])
    employer = await institutions.get(conn, nurse.institution_id)
    now = await database.now(conn)
    duties = await shifts.list_duties_of_nurses(conn, [nurse.id], now, now + DUTIES_AHEAD)
    return schemas.NurseProfile(
        **_shared(nurse, points.get(nurse.id), call),
        institution_name=employer.name,
        ward_duties=[
            schemas.ShiftView(starts_at=duty.starts_at, ends_at=duty.ends_at) for duty in duties
        ],
    )


def showing(call: Call) -> Callable[[Connection, Nurse], Awaitable[schemas.NurseDetail]]:
    """`detail` as the view of an act that ends with the nurse."""
    return lambda conn, nurse: detail(conn, nurse, call)


def showing_her(call: Call) -> Callable[[Connection, Nurse], Awaitable[schemas.NurseProfile]]:
    """`profile` as the view of an act that ends with the calling nurse."""
    return lambda conn, nurse: profile(conn, nurse, call)


def changes_of(body: Body) -> tuple[dict[str, Any], tuple[float, float] | None]:
    """What a partial body changes, as fields of a record, and the place that it gives (WGS-84)."""
    changes: dict[str, Any] = {}
    place = None
    for name in body.model_fields_set:
        value = getattr(body, name)
        match name, value:
            case "location", Place():
                place = value.wgs84()
            case "quiet_from" | "quiet_until", str():
                changes[name] = time.fromisoformat(value)
            case "insurances", schemas.Insurances():
                changes[name] = value.told()
            case _, tuple():
                changes[name] = list(value)
            case _:
                changes[name] = value
    return changes, place


def _for_staff(nurse: Nurse, point: Point | None, call: Call) -> dict[str, Any]:
    return {
        **_shared(nurse, point, call),
        "suspended_at": nurse.suspended_at,
        "suspension_reason": nurse.suspension_reason,
        "created_at": nurse.created_at,
    }


def _shared(nurse: Nurse, point: Point | None, call: Call) -> dict[str, Any]:
    return {
        **{name: getattr(nurse, name) for name in SHARED},
        "insurances": insurances(nurse),
        "rating": None if nurse.rating is None else round(nurse.rating, 2),
        "quiet_from": _clock_time(nurse.quiet_from),
        "quiet_until": _clock_time(nurse.quiet_until),
        "location": call.place(point.lat, point.lng) if point else None,
        "located_at": point.located_at if point else None,
    }


def insurances(nurse: Nurse) -> schemas.InsurancesView:
    """All three; one of which nothing was told by itself ends with the earliest."""
    kept, _ = enrolment.insured(nurse.insurances, nurse.insurance_valid_until, {})
    return schemas.InsurancesView.model_validate(
        {
            kind: schemas.InsuranceView(
                valid_until=date.fromisoformat(one["valid_until"]), policy_no=one["policy_no"]
            )
            for kind, one in kept.items()
        }
    )


def _clock_time(at: time | None) -> str | None:
    return None if at is None else at.isoformat("minutes")
