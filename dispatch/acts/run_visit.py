"""The visit as the nurse runs it: depart, arrive, start, complete, abort, give back.

A step carries the phone's own time and may come late, from a phone that had no network. One that
comes for a visit that has ended is refused, but kept as a fact and shown to the operator.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import (
    aftercare,
    assessing,
    bedside,
    closing,
    consequences,
    database,
    doorstep,
    evidence,
    gates,
    prescribing,
    seating,
    transitions,
    versions,
    ways,
    welfare,
    worries,
)
from dispatch.bedside import DoorCheck
from dispatch.database import Connection
from dispatch.errors import (
    IllegalTransition,
    OutsideGeofence,
    RecordIncomplete,
    RuleRefused,
)
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import VISIT, OrderState, Role, VisitState
from dispatch.records import (
    alarms,
    arrival_watches,
    audit,
    door_waits,
    history,
    orders,
    person_keys,
    positions,
    visit_facts,
    visits,
)
from dispatch.records.alarms import Alarm
from dispatch.records.orders import Order
from dispatch.records.positions import Position
from dispatch.records.visits import Visit
from matching.eligibility import Refusal

ABORT_REASONS: Final = ("clinical", "refused", "nobody_home", "unsafe", "other")


@database.act
async def depart(
    conn: Connection, visit_id: UUID, report: Report, *, version: int | None = None
) -> Visit:
    """Set out. Raises `IllegalTransition` unless every seat of the order is filled.

    Raises `RuleRefused` if the prescription is no longer good on the day of the visit, or the
    assessment holds no longer.
    `NotEligible` answers a nurse whom a gate refuses now: the attempt is kept and shown. One who
    has been on her way for a while, without a network, is not called back but flagged.
    """
    now = await evidence.check_time(conn, report)
    order, visit = await hold(conn, visit_id, version)
    if order.state is not OrderState.ASSIGNED and visit.state is VisitState.SCHEDULED:
        raise transitions.illegal(conn, VISIT, visit.id, visit.state, "depart", barred={"depart"})
    if VISIT.find("depart", visit.state):
        await prescribing.check(conn, order, visit.planned_start, report.at)
    flags = evidence.of_time(conn, now, visit, report)
    if not await _may_go(conn, order, visit, "depart", report, flags):
        return visit
    if report.at < visit.leaves_at - timedelta(minutes=conn.settings.early_depart_min):
        flags.append("early_departure")
    ahead = await ways.ahead(conn, visit, report, now)
    moved = await _step(
        conn,
        visit,
        "depart",
        report,
        flags,
        detail={} if ahead.straight_m is None else {"straight_m": round(ahead.straight_m)},
        departed_at=report.at,
        eta=ahead.eta,
    )
    if moved is None:
        return visit
    if report.lat is not None and report.lng is not None:
        # The first point of her way: the patient can see her before her phone reports the next.
        await positions.insert_many(
            conn,
            visit.patient_id,
            [
                Position(
                    visit_id=visit.id,
                    nurse_id=visit.nurse_id,
                    recorded_at=report.at,
                    lat=report.lat,
                    lng=report.lng,
                    accuracy_m=report.accuracy_m,
                )
            ],
        )
    late_min = conn.settings.late_arrival_min
    look_at = max(ahead.eta, moved.planned_start) + timedelta(minutes=late_min)
    await arrival_watches.begin(conn, moved.id, report.at, look_at)
    await consequences.tell_visit(conn, moved, wake_patient="nurse_on_her_way")
    return moved


@database.act
async def arrive(
    conn: Connection,
    visit_id: UUID,
    report: Report,
    override_reason: str | None = None,
    *,
    version: int | None = None,
) -> Visit:
    """Be at the door. Outside the geofence a reason is needed, and the operator sees it.

    Raises `OutsideGeofence` with the distance, by the geodesic between phone and door less what the
    phone gives as its accuracy. Who did not say that she set out is asked now what she would have
    been asked then.
    """
    now = await evidence.check_time(conn, report)
    order, visit = await hold(conn, visit_id, version)
    flags = evidence.of_time(conn, now, visit, report)
    if visit.state is VisitState.SCHEDULED and "late_sync" not in flags:
        await prescribing.check(conn, order, visit.planned_start, report.at)
    if not await _may_go(conn, order, visit, "arrive", report, flags):
        return visit
    limit_m = conn.settings.geofence_m
    distance_m = await evidence.distance_to_door(conn, order, report)
    outside = distance_m - min(report.accuracy_m or 0, limit_m) > limit_m
    if VISIT.find("arrive", visit.state) and outside and override_reason is None:
        raise OutsideGeofence(distance_m=round(distance_m), limit_m=limit_m)
    if outside:
        flags.append("outside_geofence")
    if report.at < visit.planned_start - timedelta(minutes=conn.settings.early_arrive_min):
        flags.append("early_arrival")
    moved = await _step(
        conn,
        visit,
        "arrive",
        report,
        flags,
        words={"override_reason": override_reason, "distance_m": round(distance_m)},
        arrived_at=report.at,
        eta=None,
    )
    if moved is None:
        return visit
    if order.at_risk:
        async with conn.as_clock():
            await worries.weigh(conn, order.id)
    await door_waits.put(conn, moved.id, doorstep.wait_until(moved, conn.settings))
    await consequences.tell_visit(conn, moved, wake_patient="nurse_arrived")
    return moved


@database.act
async def start(
    conn: Connection,
    visit_id: UUID,
    report: Report,
    *,
    check: DoorCheck | None = None,
    version: int | None = None,
) -> Visit:
    """Begin, once the patient's identity is confirmed, if the check at the door lets her.

    Raises `RuleRefused` with what does; that she was there and why she did not begin is kept.
    """
    now = await evidence.check_time(conn, report)
    order, visit = await hold(conn, visit_id, version)
    flags = evidence.of_time(conn, now, visit, report)
    words = {"door_check": check.as_fact()} if check else {}
    if VISIT.find("start", visit.state):
        opinion = await bedside.judge(conn, order, check, report.at)
        flags += opinion.flags
        if opinion.refused:
            await _refuse_start(conn, visit, report.as_fact(**words), report.at, opinion)
            return visit
    moved = await _step(
        conn,
        visit,
        "start",
        report,
        flags,
        words,
        started_at=report.at,
    )
    if moved is None:
        return visit
    await consequences.tell_visit(conn, moved)
    return moved


@database.act
async def complete(
    conn: Connection,
    visit_id: UUID,
    report: Report,
    summary: str,
    *,
    early_reason: str | None = None,
    signature: dict[str, Any] | None = None,
    version: int | None = None,
) -> Visit:
    """Finish, if what the services ask for is recorded; see `closing`.

    Raises `RecordIncomplete` with every field that is missing; that it was tried is kept as a fact.
    """
    now = await evidence.check_time(conn, report)
    order, visit = await hold(conn, visit_id, version)
    flags = evidence.of_time(conn, now, visit, report)
    words: dict[str, Any] = {"early_reason": early_reason}
    if report.place is not None:
        distance_m = await evidence.distance_to_door(conn, order, report)
        words["distance_m"] = round(distance_m)
        if distance_m - (report.accuracy_m or 0) > conn.settings.geofence_m:
            flags.append("left_outside_geofence")
    if VISIT.find("complete", visit.state):
        verdict = await closing.judge(
            conn,
            order,
            visit,
            report.at,
            is_signed=order.signed_at is not None or signature is not None,
            has_reason=early_reason is not None,
        )
        if verdict.refused:
            fact = report.as_fact(**words)
            await visit_facts.insert(
                conn, visit.id, visit.patient_id, "complete", report.at, taken=False, body=fact
            )
            conn.refuse(RecordIncomplete(*verdict.refused))
            return visit
        flags += verdict.flags
        if signature is not None:
            order = await _sign(conn, order, signature)
    sealed = await person_keys.seal_json(
        conn, visit.patient_id, "visits", "summary_sealed", visit.id, summary
    )
    moved = await _step(
        conn, visit, "complete", report, flags, words, ended_at=report.at, summary_sealed=sealed
    )
    if moved is None:
        return visit
    await close(conn, order, moved)
    return moved


@database.act
async def abort(
    conn: Connection, visit_id: UUID, report: Report, reason: str, *, version: int | None = None
) -> Visit:
    """Break off on the way or in the home, for a reason that `abort_code` reads.

    Where nobody is at home, what she did about it counts (`doorstep`). What follows for the order
    stands in `consequences.after_visit`.
    """
    now = await evidence.check_time(conn, report)
    order, visit = await hold(conn, visit_id, version)
    flags, code = evidence.of_time(conn, now, visit, report), abort_code(reason)
    if code == doorstep.NOBODY_HOME and VISIT.find("abort", visit.state):
        flags += await doorstep.judge(conn, visit, report.at)
    moved = await _step(
        conn,
        visit,
        "abort",
        report,
        flags,
        words={"reason": reason},
        ended_at=report.at,
        eta=None,
        end_reason=code,
    )
    if moved is None:
        return visit
    await doorstep.pay_travel(conn, order, moved)
    await close(conn, order, moved)
    return moved


@database.act
async def release(
    conn: Connection, visit_id: UUID, reason: str, *, version: int | None = None
) -> Visit:
    """Give the visit back before setting out; the order looks for another nurse at once."""
    order, visit = await hold(conn, visit_id, version)
    return await give_back(conn, order, visit, reason)


async def give_back(conn: Connection, order: Order, visit: Visit, reason: str) -> Visit:
    """Release a scheduled visit and let its order start over; for nurse and operator alike."""
    now = await database.now(conn)
    moved = await _step(
        conn,
        visit,
        "release",
        Report(at=now),
        [],
        words={"reason": reason},
        ended_at=now,
        end_reason="released",
    )
    if moved is None:
        return visit
    await consequences.tell_visit(conn, moved)
    if order.state is OrderState.ASSIGNED:
        await consequences.next_round(conn, order, "release")
    elif order.state is OrderState.OPEN:
        async with conn.as_clock():
            await consequences.next_round(conn, order, "redispatch")
    return moved


async def hold(conn: Connection, visit_id: UUID, version: int | None = None) -> tuple[Order, Visit]:
    """The visit and its order, held in that order's order: order first.

    `version` is the one that the caller has seen. Raises `NotFound`, `StaleVersion`.
    """
    seen = await visits.get(conn, visit_id)
    order = await orders.lock(conn, seen.order_id)
    visit = await visits.lock(conn, visit_id)
    versions.check(visit.version, version)
    return order, visit


def abort_code(reason: str) -> str:
    """One of ABORT_REASONS: `reason` is one, or opens with one and a colon before the words."""
    code = reason.split(":", 1)[0].strip().lower()
    return code if code in ABORT_REASONS else "other"


async def close(
    conn: Connection, order: Order, visit: Visit, *, wake_nurse: str | None = None
) -> None:
    """After the end of a visit: its track is forgotten, everybody told, the order concluded.

    What was not to be done at home once is assessed anew before it is tried again.
    """
    await positions.delete_of_visit(conn, visit.id)
    await aftercare.expect_waste(conn, order, visit)
    if visit.state is VisitState.ABORTED and visit.end_reason == "clinical":
        await assessing.void(conn, visit.patient_id, "clinical", codes=order.service_codes)
    await consequences.tell_visit(conn, visit, wake_nurse=wake_nurse)
    await consequences.after_visit(conn, order, visit)


async def _sign(conn: Connection, order: Order, signature: dict[str, Any]) -> Order:
    """Keep what was signed on her phone; if the order is signed already, that signature stands."""
    sealed = await person_keys.seal_json(
        conn, order.patient_id, "orders", "signature_sealed", order.id, signature
    )
    await orders.sign(conn, order.id, sealed)
    return await orders.get(conn, order.id)


async def _step(
    conn: Connection,
    visit: Visit,
    name: str,
    report: Report,
    flags: list[str],
    words: dict[str, Any] | None = None,
    detail: dict[str, Any] | None = None,
    **changes: Any,
) -> Visit | None:
    """Move the visit and keep what was reported. None: refused, kept as a fact, answered 409."""
    fact = report.as_fact(**(words or {}))
    late = visit.state in VISIT.final and conn.caller.role is Role.NURSE
    if report.place is not None and not late:
        flags = [*flags, *await evidence.of_place(conn, visit, report.place)]
    await visit_facts.insert(
        conn, visit.id, visit.patient_id, name, report.at, taken=not late, body=fact
    )
    detail = {"at": report.at.isoformat(), **(detail or {})}
    if name == "abort":
        detail["code"] = changes["end_reason"]
    try:
        moved = await transitions.move_visit(
            conn,
            visit,
            name,
            detail=detail,
            note_sealed=await _sealed_reason(conn, visit, fact.get("reason")),
            flags=sorted({*visit.flags, *flags}),
            **changes,
        )
    except IllegalTransition as refusal:
        if not late:
            raise
        # A double tap is no news: the visit is where that step would have brought it.
        if all(move.target != visit.state for move in VISIT.moves if move.name == name):
            await _show_late_step(conn, visit)
        conn.refuse(refusal)
        return None
    await welfare.note_step(conn, moved, report.at)
    await audit.append(conn, f"visit.{name}", "visit", visit.id, person_id=visit.patient_id)
    return moved


async def _may_go(
    conn: Connection, order: Order, visit: Visit, step: str, report: Report, flags: list[str]
) -> bool:
    """Whether a nurse who has not set out yet may go. Who went without a network is not called
    back: then `flags` tell what would have stood in the way. Raises `RuleRefused`."""
    if visit.state is not VisitState.SCHEDULED:
        return True
    is_late = "late_sync" in flags
    if order.reassess_since is not None:
        if not is_late:
            assessing.refuse_void(order)
        flags.append(worries.ASSESSMENT_VOID)
    refused = await gates.of_visit(conn, order, visit)
    if refused and not is_late:
        await _refuse_to_go(conn, visit, step, report, refused)
        return False
    if refused:
        flags.append(gates.FLAG)
    return True


async def _refuse_to_go(
    conn: Connection, visit: Visit, step: str, report: Report, refused: tuple[Refusal, ...]
) -> None:
    """Answer with every reason; that she meant to go stays as a fact, for the operator to see."""
    rules = [one.rule for one in refused]
    await visit_facts.insert(
        conn,
        visit.id,
        visit.patient_id,
        step,
        report.at,
        taken=False,
        body=report.as_fact(refused_by=rules),
    )
    async with conn.as_clock():
        if gates.FLAG not in visit.flags:
            await visits.add_flags(conn, visit.id, [gates.FLAG])
            await consequences.tell_visit(conn, visit)
    conn.refuse(seating.refusal_of(refused))


async def _refuse_start(
    conn: Connection, visit: Visit, fact: dict[str, Any], at: datetime, opinion: bedside.Opinion
) -> None:
    """Answer with every reason, and keep what she found; the operators see it on the visit."""
    await visit_facts.insert(conn, visit.id, visit.patient_id, "start", at, taken=False, body=fact)
    async with conn.as_clock():
        await visits.add_flags(conn, visit.id, list(opinion.flags))
        await consequences.tell_visit(conn, visit)
    conn.refuse(RuleRefused(*opinion.refused))


async def _sealed_reason(conn: Connection, visit: Visit, reason: str | None) -> bytes | None:
    if reason is None:
        return None
    place = history.note_place(visit.id, visit.version + 1)
    return await person_keys.seal_json(
        conn, visit.patient_id, "history", "note_sealed", place, reason
    )


async def _show_late_step(conn: Connection, visit: Visit) -> None:
    """A step for an ended visit: the operator should know that somebody was there."""
    alarm = Alarm(
        id=new_id(),
        kind="late_step",
        visit_id=visit.id,
        order_id=visit.order_id,
        raised_at=await database.now(conn),
    )
    async with conn.as_clock():
        await visits.add_flags(conn, visit.id, ["late_step"])
        if await alarms.insert(conn, alarm):
            await consequences.tell_alarm(conn, alarm, institution_id=visit.institution_id)
