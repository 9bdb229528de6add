"""What happens to cases inside acts: they are opened, told of, held to their times.

Runs inside an act; what follows for other people's rows it does as the clock.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from config.cases import CaseKind, Severity
from config.settings import Settings
from config.vocabulary import Risk
from dispatch import database
from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.records import accounts, cases, events
from dispatch.records.cases import Case
from dispatch.records.orders import Order

# Beyond this everybody has been told, and telling them again would only teach them not to look.
LEVEL_MAX = 3
# Whom of the operators it concerns.
PERMISSION = "quality"


def take_up_span(case: Case, settings: Settings) -> timedelta:
    """How long a case may wait for a person."""
    match case.kind:
        case CaseKind.COMPLAINT:
            return timedelta(hours=settings.complaint_take_up_h)
        case CaseKind.FOLLOW_UP:
            hours = {
                Risk.LOW: settings.follow_up_low_h,
                Risk.MEDIUM: settings.follow_up_medium_h,
                Risk.HIGH: settings.follow_up_high_h,
            }
            return timedelta(hours=hours[Risk(case.topic)])
        case CaseKind.ADVERSE_EVENT:
            match case.severity:
                case Severity.SEVERE:
                    return timedelta(minutes=settings.adverse_severe_min)
                case Severity.MODERATE:
                    return timedelta(hours=settings.adverse_moderate_h)
                case _:
                    return timedelta(hours=settings.adverse_mild_h)


def settle_span(case: Case, settings: Settings) -> timedelta:
    """How long a person may take over it."""
    match case.kind:
        case CaseKind.COMPLAINT:
            return timedelta(days=settings.complaint_settle_days)
        case CaseKind.FOLLOW_UP:
            return timedelta(hours=settings.follow_up_signs_h)
        case CaseKind.ADVERSE_EVENT:
            return timedelta(days=settings.adverse_settle_days)


async def plan_follow_up(conn: Connection, order: Order) -> None:
    """Have the patient of a fulfilled order called, the sooner the more risk there was.

    Half of the time before it she is asked herself: who says that she is well needs no call.
    """
    now = await database.now(conn)
    assessed = (order.assessment or {}).get("risk")
    risk = conn.catalogue.combine(order.service_codes).risk
    if assessed in set(Risk):
        risk = max(risk, Risk(assessed), key=lambda one: one.rank)
    case = Case(
        id=new_id(),
        kind=CaseKind.FOLLOW_UP,
        topic=risk.value,
        order_id=order.id,
        account_id=order.account_id,
        patient_id=order.patient_id,
        institution_id=order.institution_id,
        due_at=now,
        opened_at=now,
    )
    async with conn.as_clock():
        await cases.insert(conn, timed(case, conn.settings, ask=True))


def timed(case: Case, settings: Settings, *, ask: bool = False) -> Case:
    """A new case with the times at which it must be seen to."""
    span = take_up_span(case, settings)
    return replace(
        case,
        due_at=case.opened_at + span,
        escalate_at=case.opened_at + span,
        ask_at=case.opened_at + span / 2 if ask else None,
    )


def with_content(case: Case, sealed: bytes) -> Case:
    return replace(case, content_sealed=sealed)


async def tell_patient(conn: Connection, case: Case, *, wake: str) -> None:
    """Wake the phone of the patient's side: something was done about her case."""
    await events.insert(
        conn,
        f"case.{case.state.value}",
        _data(case),
        order_id=case.order_id,
        account_ids=[case.account_id],
        staff=False,
        wake=wake,
    )


async def tell_operators(conn: Connection, case: Case, *, everybody: bool = False) -> None:
    """Wake who is nearest of those whom it concerns, or all of them: somebody must see to it."""
    async with conn.as_clock():
        circles = await accounts.circles_of_watchers(
            conn, case.institution_id, permission=PERMISSION
        )
        woken = [one for circle in (circles if everybody else circles[:1]) for one in circle]
        await events.insert(
            conn,
            f"case.{case.state.value}",
            _data(case),
            order_id=case.order_id,
            account_ids=woken,
            institution_id=case.institution_id,
            wake="case_due",
        )


def _data(case: Case) -> dict[str, object]:
    return {
        "case_id": str(case.id),
        "kind": case.kind.value,
        "order_id": str(case.order_id),
        "state": case.state.value,
        "level": case.level,
        "version": case.version,
    }
