"""Complaints and adverse events: somebody tells of them, and the clock begins to run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config import cases as words
from config.cases import CaseKind, Severity
from dispatch import casework, database, evidence
from dispatch.acts import suspend_nurse
from dispatch.database import Connection
from dispatch.errors import InvalidFields, RuleRefused
from dispatch.ids import new_id
from dispatch.lifecycles import EMPTY_SEAT, Role
from dispatch.records import audit, cases, nurses, orders, visits
from dispatch.records.cases import Case
from dispatch.records.visits import Visit

OPEN_MAX = 5
# Stands on a visit that its nurse is out on while an adverse event holds her from such services.
FLAG = "nurse_on_hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An adverse event as it is told. `service_code`: the one during which it happened."""

    topic: str
    severity: Severity
    occurred_at: datetime
    description: str
    harm: str | None = None
    immediate_action: str | None = None
    notified: tuple[str, ...] = ()
    service_code: str | None = None


@database.act
async def complain(conn: Connection, order_id: UUID, topic: str, text: str) -> Case:
    """Complain about an order in whatever state. Every step that follows is told to who complains.

    Raises `NotFound`, `InvalidFields`, `RuleRefused` while too many are open already.
    """
    order = await orders.get(conn, order_id)
    if topic not in words.load().topics[CaseKind.COMPLAINT]:
        raise InvalidFields((("body", "kind"), "case_topic"))
    open_now = await cases.count_open(conn, order.id, CaseKind.COMPLAINT, conn.caller.account_id)
    if open_now >= OPEN_MAX:
        raise RuleRefused((("body",), "too_many_cases"), limit=OPEN_MAX)
    of_round = (await visits.list_current(conn, [order.id])).get(order.id, [])
    came = [visit for visit in of_round if visit.state not in EMPTY_SEAT]
    now = await database.now(conn)
    case = Case(
        id=new_id(),
        kind=CaseKind.COMPLAINT,
        topic=topic,
        order_id=order.id,
        visit_id=came[0].id if came else None,
        account_id=order.account_id,
        patient_id=order.patient_id,
        nurse_id=came[0].nurse_id if len(came) == 1 else None,
        institution_id=order.institution_id,
        opened_by=conn.caller.account_id,
        due_at=now,
        opened_at=now,
    )
    return await _open(conn, case, {"text": text})


@database.act
async def report_event(conn: Connection, visit_id: UUID, told: Happening) -> Case:
    """Report an adverse event of a visit, before, during or after it; nobody is blamed by it.

    Operators are woken. A severe one holds its nurse from the services in question until a person
    lifts that with a reason: her offers and coming visits for them go to others at once. Raises
    `NotFound`, `InvalidFields`.
    """
    now = await database.now(conn)
    visit = await visits.get(conn, visit_id)
    async with conn.as_clock():
        order = await orders.get(conn, visit.order_id)
    if told.topic not in words.load().topics[CaseKind.ADVERSE_EVENT]:
        raise InvalidFields((("body", "kind"), "case_topic"))
    if told.occurred_at > now + evidence.AHEAD_MAX:
        raise InvalidFields((("body", "occurred_at"), "in_future"))
    if told.service_code is not None and told.service_code not in order.service_codes:
        raise InvalidFields((("body", "service_code"), "not_of_order"))
    held = [told.service_code] if told.service_code else order.service_codes
    case = Case(
        id=new_id(),
        kind=CaseKind.ADVERSE_EVENT,
        topic=told.topic,
        severity=told.severity.value,
        order_id=order.id,
        visit_id=visit.id,
        account_id=visit.account_id,
        patient_id=visit.patient_id,
        nurse_id=visit.nurse_id,
        institution_id=visit.institution_id,
        opened_by=conn.caller.account_id,
        held_services=list(held) if told.severity is Severity.SEVERE else [],
        due_at=now,
        opened_at=now,
    )
    content: dict[str, Any] = {
        "text": told.description,
        "harm": told.harm,
        "immediate_action": told.immediate_action,
        "notified": list(told.notified),
        "occurred_at": told.occurred_at.isoformat(),
        "service_code": told.service_code,
        "by": conn.caller.role.value,
    }
    if not case.held_services:
        return await _open(conn, case, content)
    return await _hold_back(conn, case, visit, content)


async def _hold_back(conn: Connection, case: Case, visit: Visit, content: dict[str, Any]) -> Case:
    """Open a case that holds its nurse, and take from her what she should not do meanwhile.

    Like suspending her: accepting holds the nurse, so what came in since the first look is all
    there is for the second.
    """

    async def take_back() -> None:
        async with conn.as_clock():
            await suspend_nurse.take_back(
                conn,
                visit.nurse_id,
                flag=FLAG,
                only=lambda order: bool({*order.service_codes} & {*case.held_services}),
            )

    await take_back()
    async with conn.as_clock():
        await nurses.lock(conn, visit.nurse_id)
    opened = await _open(conn, case, content)
    await take_back()
    return opened


async def _open(conn: Connection, case: Case, content: dict[str, Any]) -> Case:
    case = casework.timed(case, conn.settings)
    sealed = await cases.seal(conn, case, content)
    await cases.insert(conn, casework.with_content(case, sealed))
    await audit.append(
        conn,
        f"case.{case.kind.value}",
        "case",
        case.id,
        person_id=case.patient_id,
        detail={"topic": case.topic, "severity": case.severity},
    )
    await casework.tell_operators(conn, case, everybody=case.severity == Severity.SEVERE)
    if case.kind is CaseKind.COMPLAINT and conn.caller.role is not Role.PATIENT:
        await casework.tell_patient(conn, case, wake="complaint_news")
    return await cases.get(conn, case.id)
