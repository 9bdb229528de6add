"""What of a nurse's safety stands on a visit: how she is looked after, what she must know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from api.schemas import safety
from api.schemas import visits as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.wire import Call
from config.vocabulary import Condition
from dispatch import doorstep
from dispatch.acts import declare_emergency
from dispatch.database import Connection
from dispatch.lifecycles import AT_THE_DOOR, OPEN_VISIT, Role, VisitState
from dispatch.records import door_waits, emergencies, safety_checks, safety_flags
from dispatch.records.emergencies import Emergency
from dispatch.records.safety_checks import SafetyCheck
from dispatch.records.safety_flags import InForce
from dispatch.records.visits import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetySheet:
    """Of one visit. The flags of a patient end with it, for its nurse and on its page."""

    welfare: schemas.Welfare | None
    flags: list[schemas.Standing]
    emergency: schemas.VisitEmergency | None
    door: schemas.Door | None


async def safety_sheets(
    conn: Connection, given: Sequence[Visit], call: Call
) -> dict[UUID, SafetySheet]:
    """The sheets of these visits by their ids; a fixed number of queries."""
    ids = [visit.id for visit in given]
    checks = await safety_checks.by_visit(conn, ids)
    open_ids = [visit.id for visit in given if visit.state in OPEN_VISIT]
    standing = await safety_flags.in_force_by_visit(conn, open_ids)
    doors = await _doors(conn, [visit for visit in given if visit.state is VisitState.ARRIVED])
    declared = await emergencies.by_visit(conn, ids)
    return {
        visit.id: SafetySheet(
            welfare=_welfare(visit, checks.get(visit.id)),
            flags=[_standing(one, call) for one in standing.get(visit.id, [])],
            emergency=_emergency(declared.get(visit.id)),
            door=doors.get(visit.id),
        )
        for visit in given
    }


def _welfare(visit: Visit, check: SafetyCheck | None) -> schemas.Welfare | None:
    if check is None:
        return None
    asked = check.every_min if visit.state in AT_THE_DOOR else None
    return schemas.Welfare(
        every_min=asked,
        due_at=check.answered_at + timedelta(minutes=asked) if asked else None,
        heard_at=check.heard_at,
        answered_at=check.answered_at,
    )


def _standing(one: InForce, call: Call) -> schemas.Standing:
    return schemas.Standing(
        kind=one.kind,
        text=call.text(f"dangers.{one.kind}"),
        of_address=one.of_address,
        conditions=[Condition(name) for name in one.conditions],
    )


async def _doors(conn: Connection, waiting: Sequence[Visit]) -> dict[UUID, schemas.Door]:
    until = await door_waits.by_visit(conn, [visit.id for visit in waiting])
    return {
        visit.id: schemas.Door(
            wait_until=until[visit.id],
            attempts=[
                schemas.DoorAttempt(at=one.at, kind=one.kind)
                for one in await doorstep.list_attempts(conn, visit)
            ],
        )
        for visit in waiting
        if visit.id in until
    }


def _emergency(one: Emergency | None) -> schemas.VisitEmergency | None:
    if one is None:
        return None
    return schemas.VisitEmergency(
        declared_at=one.declared_at,
        first_aid_at=one.first_aid_at,
        ambulance_at=one.ambulance_at,
        doctor_at=one.doctor_at,
        released_at=one.released_at,
    )


def showing_emergency(
    call: Call,
) -> Callable[[Connection, Emergency], Awaitable[safety.EmergencyReport]]:
    """The `view` of an act whose result is an emergency."""

    async def view(conn: Connection, one: Emergency) -> safety.EmergencyReport:
        return await emergency_view(conn, one, call)

    return view


async def emergencies_page(
    conn: Connection, found: Sequence[Emergency], query: PageQuery, call: Call
) -> Page[safety.EmergencyReport]:
    """A page of emergencies, newest first."""
    told = found[: query.limit]
    return Page(
        items=[await emergency_view(conn, one, call) for one in told],
        next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
    )


async def emergency_view(conn: Connection, one: Emergency, call: Call) -> safety.EmergencyReport:
    """One emergency; what was said with it is for those who review it."""
    said = []
    if call.caller.role in (Role.OPERATOR, Role.ADMIN):
        said = await declare_emergency.open_words(conn, one)
    return safety.EmergencyReport(
        id=one.id,
        visit_id=one.visit_id,
        order_id=one.order_id,
        declared_at=one.declared_at,
        first_aid_at=one.first_aid_at,
        ambulance_at=one.ambulance_at,
        doctor_at=one.doctor_at,
        said=[
            safety.Said(at=datetime.fromisoformat(each["at"]), words=each["words"]) for each in said
        ],
        released_at=one.released_at,
        released_by=one.released_by,
        version=one.version,
    )
