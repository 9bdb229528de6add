"""What an assessment does: it is kept, it moves its order, it lets its services be repeated.

Each function runs inside an act that holds the order; a finding is a person's, or the clock's that
rests on earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from config import assessment as vocabulary
from config.assessment import Decision, Outcome
from config.negative_list import Verdict
from config.purposes import SELF
from config.vocabulary import Condition, Risk
from dispatch import (
    billing,
    booking,
    bounds,
    consenting,
    consequences,
    screening,
    transitions,
    worries,
)
from dispatch.database import Connection
from dispatch.errors import RuleRefused
from dispatch.ids import new_id
from dispatch.lifecycles import BEFORE_THE_DOOR, EMPTY_SEAT, OrderState, VisitState
from dispatch.preconditions import State
from dispatch.records import (
    assessments,
    history,
    orders,
    patients,
    person_keys,
    reviews,
    safety_flags,
    visits,
)
from dispatch.records.assessments import Assessment, Clearance
from dispatch.records.orders import Order

FORM: Final = "1"
# Nobody has set out in these.
WAITING: Final = EMPTY_SEAT | {VisitState.SCHEDULED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found. `told_conditions` are in the assessor's own words, the typed ones among them;
    `overrides` say why something may be done all the same; `earlier_ids` are what the clock goes
    by, who writes nothing of his own."""

    decision: Decision
    outcome: Outcome
    conditions: tuple[Condition, ...] = ()
    told_conditions: tuple[str, ...] = ()
    told_outcome: str | None = None
    risk: str | None = None
    has_capacity: bool | None = None
    note: str | None = None
    findings: str | None = None
    checklist: Mapping[str, bool] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)
    earlier_ids: tuple[UUID, ...] = ()


async def keep(conn: Connection, order: Order, found: Finding, now: datetime) -> Assessment:
    """Write the finding down as the order's next, and what it says of repeating its services."""
    assessment_id = new_id()
    sealed = None
    if not found.earlier_ids:
        key = await person_keys.ensure(conn, order.patient_id)
        form = {
            "note": found.note,
            "findings": found.findings,
            "checklist": dict(found.checklist),
            "overrides": dict(found.overrides),
            "conditions": list(found.told_conditions),
        }
        sealed = assessments.seal_form(key, assessment_id, form)
    kept = Assessment(
        id=assessment_id,
        order_id=order.id,
        patient_id=order.patient_id,
        service_codes=order.service_codes,
        decision=found.decision.value,
        outcome=found.outcome.value,
        conditions=[condition.value for condition in found.conditions],
        risk=found.risk if found.risk in set(Risk) else None,
        has_capacity=found.has_capacity,
        form_version=f"{conn.catalogue.version}/{FORM}",
        form_sealed=sealed,
        author_id=None if found.earlier_ids else conn.caller.account_id,
        earlier_ids=list(found.earlier_ids),
        assessed_at=now,
    )
    await assessments.insert(conn, kept)
    if found.has_capacity is not None:
        await patients.set_capacity(conn, order.patient_id, lacks=not found.has_capacity)
    if found.decision is not Decision.NEED_INFO and not found.earlier_ids:
        until = repeats_until(conn, order, kept) if found.decision is Decision.APPROVE else {}
        async with conn.as_clock():
            await assessments.clear(conn, kept, until)
    return kept


def repeats_until(conn: Connection, order: Order, kept: Assessment) -> dict[str, datetime]:
    """Until when each service of a passed order may be repeated without a new assessment."""
    words = vocabulary.load()
    told = Risk(kept.risk) if kept.risk else Risk.LOW
    days = {
        code: words.valid_days(conn.catalogue.get(code), told, conn.settings.assessment_valid_days)
        for code in order.service_codes
    }
    return {
        code: kept.assessed_at + timedelta(days=valid)
        for code, valid in days.items()
        if valid is not None
    }


async def settle(
    conn: Connection, order: Order, found: Finding, kept: Assessment, now: datetime
) -> Order:
    """Move the order by the finding, and tell of it.

    An approved order is offered at once, and its promise counts from now; one that needs more
    information waits for the patient. Raises `IllegalTransition`.
    """
    said = await _said(conn, order, found, kept)
    match found.decision:
        case Decision.APPROVE:
            order = await transitions.move_order(
                conn,
                order,
                "approve",
                next_wave_at=await billing.search_from(conn, order),
                promise_at=booking.promised_at(now, order.urgency, order.latest, conn.settings),
                **said,
            )
            order = await bounds.seat_all(conn, order)
            await consequences.tell_order(conn, order, wake="order_approved")
        case Decision.REJECT:
            order = await consequences.end_order(
                conn, order, "reject", wake="order_rejected", **said
            )
        case Decision.NEED_INFO:
            await reviews.put(conn, [(order.id, "patient", None, False)])
            order = await transitions.move_order(conn, order, "need_info", **said)
            await consequences.tell_order(conn, order, wake="need_info")
    return order


async def _said(conn: Connection, order: Order, found: Finding, kept: Assessment) -> dict[str, Any]:
    """What the step leaves on the order and in its history."""
    said: dict[str, Any] = {
        "assessment": {
            "id": str(kept.id),
            "decision": found.decision.value,
            "by": kept.author_id,
            "at": kept.assessed_at.isoformat(),
            "risk": found.risk,
            "outcome": found.told_outcome or found.outcome.value,
            "conditions": kept.conditions,
            "earlier": bool(found.earlier_ids),
        },
        "detail": {"assessment_id": str(kept.id)},
        "assessment_sealed": None,
    }
    if found.earlier_ids:
        said["detail"] |= {"code": "earlier_assessment"}
        return said
    key = await person_keys.ensure(conn, order.patient_id)
    # The next assessment writes over the order's note; history keeps each.
    place = history.note_place(order.id, order.version + 1)
    own = [word for word in found.told_conditions if word not in set(Condition)]
    return said | {
        "assessment_sealed": assessments.seal_words(key, order.id, found.note, own),
        "note_sealed": key.seal_json("history", "note_sealed", place, found.note),
    }


async def check(conn: Connection, order: Order, found: Finding) -> None:
    """The second gate: nobody approves against the negative list, nor, without a reason, against
    what needs one or what is not met; nor where nobody is sent any more, nor on a consent that does
    not hold.

    Raises `RuleRefused` with everything that stands in the way.
    """
    if found.decision is not Decision.APPROVE:
        return
    await consenting.check(conn, order.patient_id)
    await _check_sent(conn, order, found)
    if found.has_capacity is False and order.consent.get("relation") == SELF:
        raise RuleRefused((("body", "has_capacity"), "consent_capacity"))
    unmet = [slug for slug, is_met in found.checklist.items() if not is_met]
    sheet = await screening.sheet_of(conn, order, unmet=unmet)
    broken = screening.faults(sheet.of(Verdict.DENY), "order", "negative_list")
    covered = {slug for entry in sheet.against for slug in entry.preconditions}
    asked = [entry.slug for entry in sheet.of(Verdict.REVIEW)]
    asked += [slug for slug in unmet if slug not in covered]
    broken += [
        (("body", "overrides", slug), "override_needed")
        for slug in asked
        if slug not in found.overrides
    ]
    if conn.settings.precondition_rule == "refuse":
        vouched = {slug for slug, is_met in found.checklist.items() if is_met}
        broken += [
            (("body", "checklist", item.slug), "checklist_open")
            for item in sheet.checklist
            if item.state is not State.MET and item.slug not in {*vouched, *unmet, *found.overrides}
        ]
    if broken:
        raise RuleRefused(*broken)


async def _check_sent(conn: Connection, order: Order, found: Finding) -> None:
    """Raises `RuleRefused` where a flag that stands, or the finding itself, forbids every visit."""
    if Condition.NO_VISITS in found.conditions:
        raise RuleRefused((("body", "conditions"), "no_visits_approved"))
    async with conn.as_clock():
        dangers = await safety_flags.list_forbidding(conn, order.patient_id, order.address_id)
    if dangers:
        raise RuleRefused((("order", "flags"), "no_visits"), danger=dangers)


async def goes_by_itself(conn: Connection, order: Order) -> bool:
    """Whether nothing but an assessment is asked for: nothing on the negative list, nobody of the
    wrong age, no consent withdrawn, no flag against any visit."""
    if consenting.missing(await patients.find_withdrawn(conn, order.patient_id)):
        return False
    if Condition.NO_VISITS in await bounds.find_conditions(conn, order):
        return False
    sheet = await screening.sheet_of(conn, order)
    return not sheet.against and not sheet.unmet


def earlier(order: Order, in_force: Sequence[Clearance]) -> list[Clearance] | None:
    """Of a patient's clearances those by which an order needs no new assessment; None if it does.

    Each service needs its own, and the whole window must lie in its time.
    """
    if order.condition_changed:
        return None
    by_code = {
        one.service_code: one
        for one in in_force
        if one.patient_id == order.patient_id and one.valid_until >= order.latest
    }
    if not all(code in by_code for code in order.service_codes):
        return None
    return [by_code[code] for code in order.service_codes]


def repeated(going_by: Sequence[Clearance]) -> Finding:
    """The clock's finding: what earlier ones said, with all their conditions."""
    conditions = tuple(
        dict.fromkeys(Condition(word) for one in going_by for word in one.conditions)
    )
    return Finding(
        decision=Decision.APPROVE,
        outcome=Outcome.PASS_WITH_CONDITIONS if conditions else Outcome.PASS,
        conditions=conditions,
        told_conditions=tuple(condition.value for condition in conditions),
        earlier_ids=tuple(dict.fromkeys(one.assessment_id for one in going_by)),
    )


async def void(
    conn: Connection, patient_id: UUID, reason: str, *, codes: Sequence[str] | None = None
) -> None:
    """Ask for a new assessment from now on, also of orders that were about to go by an old one."""
    async with conn.as_clock():
        await assessments.void(conn, patient_id, reason, codes=codes)
        await reviews.look_again(conn, patient_id=patient_id)


async def take_back(conn: Connection, patient_id: UUID) -> None:
    """Ask for a new assessment of what was approved, and whose nurse has not set out."""
    async with conn.as_clock():
        for order in await orders.lock_living_of_patient(conn, patient_id):
            if order.state is not OrderState.SUBMITTED and order.reassess_since is None:
                await _ask_again(conn, order)


async def _ask_again(conn: Connection, order: Order) -> None:
    """Nobody is asked for the order any more, and who was found departs only after another look;
    one on her way sees at the door."""
    of_round = await visits.lock_of_round(conn, order.id, order.round)
    if all(visit.state in WAITING for visit in of_round):
        await reviews.ask_again(conn, order.id)
        await consequences.withdraw_offers(conn, order)
        await consequences.tell_order(conn, order)
    for visit in of_round:
        if visit.state in BEFORE_THE_DOOR:
            await visits.add_flags(conn, visit.id, [worries.ASSESSMENT_VOID])
            await consequences.tell_visit(conn, visit, wake_nurse="assessment_void")


async def renew(conn: Connection, order: Order, found: Finding, kept: Assessment) -> Order:
    """Approve again what was approved before; the search goes on, the nurse may set out."""
    said = await _said(conn, order, found, kept)
    async with conn.as_clock():
        order = await reviews.renew(conn, order.id, said["assessment"], said["assessment_sealed"])
        for visit in await visits.lock_of_round(conn, order.id, order.round):
            if visit.state in BEFORE_THE_DOOR:
                await visits.drop_flag(conn, visit.id, worries.ASSESSMENT_VOID)
                await consequences.tell_visit(conn, visit, wake_nurse="assessment_renewed")
        await worries.weigh(conn, order.id)
        if order.state is OrderState.OPEN:
            order = await bounds.seat_all(conn, order)
            if await billing.search_from(conn, order) is not None:
                await orders.wake(conn, order.id)
        await consequences.tell_order(conn, order)
    return await orders.get(conn, order.id)


async def withdraw(conn: Connection, order: Order, found: Finding, kept: Assessment) -> Order:
    """Find that what was approved is not to be done any more: the order ends, at no cost."""
    said = await _said(conn, order, found, kept)
    return await consequences.end_order(conn, order, "cancel", wake="order_rejected", **said)


def refuse_void(order: Order) -> None:
    """Raises `RuleRefused` for an order whose assessment holds no longer."""
    if order.reassess_since is not None:
        raise RuleRefused((("order", "assessment"), "reassess"))
