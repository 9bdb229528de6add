"""What follows from a step: seats filled, rounds raised, partners freed, orders ended.

Each function runs inside the act whose step it follows, with the order held; what it moves beyond
the caller's own rows it moves as the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import billing, bounds, casework, database, doorstep, transitions
from dispatch.database import Connection
from dispatch.lifecycles import (
    ARRIVED_ONCE,
    AT_THE_DOOR,
    EMPTY_SEAT,
    OPEN_VISIT,
    ORDER,
    OrderState,
    Role,
    VisitState,
)
from dispatch.records import (
    accounts,
    alarms,
    emergencies,
    events,
    offers,
    orders,
    positions,
    visits,
)
from dispatch.records.alarms import Alarm
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from dispatch.records.visits import Visit

# An ending for one of these reasons is no bad luck with the road: sending another nurse is wrong.
NOT_REPLANNED = frozenset({"clinical", "refused"})


# Somebody called for help: nobody is left asleep for the sake of order.
AT_ONCE: Final = frozenset({"sos", "duress", "emergency", "watch"})
# The rung by which every circle has been told.
EVERYBODY: Final = 2
# The moves that end an order or begin it anew.
TO_END_OR_MOVE: Final = frozenset({"cancel", "reschedule", "redispatch", "release"})


def standing(order: Order) -> dict[str, Any]:
    """What every event of an order tells of it."""
    return {
        "order_id": str(order.id),
        "state": order.state.value,
        "round": order.round,
        "version": order.version,
    }


async def tell_order(conn: Connection, order: Order, *, wake: str | None = None) -> None:
    """Tell the patient's account and the operators where the order stands."""
    await events.insert(
        conn,
        f"order.{order.state.value}",
        standing(order),
        order_id=order.id,
        account_ids=[order.account_id],
        institution_id=order.institution_id,
        wake=wake,
    )


async def tell_visit(
    conn: Connection,
    visit: Visit,
    *,
    wake_patient: str | None = None,
    wake_nurse: str | None = None,
) -> None:
    """Tell the patient's account, the nurse and the operators where the visit stands."""
    data = {
        "visit_id": str(visit.id),
        "order_id": str(visit.order_id),
        "seat": visit.seat,
        "state": visit.state.value,
        "version": visit.version,
    }
    caller = conn.caller
    nurse = caller.account_id if caller.nurse_id == visit.nurse_id else None
    if nurse is None:
        nurse = (await accounts.ids_of_nurses(conn, [visit.nurse_id])).get(visit.nurse_id)
    event = f"visit.{visit.state.value}"
    await events.insert(
        conn,
        event,
        data,
        order_id=visit.order_id,
        account_ids=[visit.account_id],
        institution_id=visit.institution_id,
        wake=wake_patient,
    )
    if nurse is not None:
        await events.insert(
            conn,
            event,
            data,
            order_id=visit.order_id,
            account_ids=[nurse],
            staff=False,
            wake=wake_nurse,
        )


async def ring(conn: Connection, alarm: Alarm, *, institution_id: UUID | None) -> bool:
    """Raise an alarm of the clock's and wake the operators; false if it rings already."""
    async with conn.as_clock():
        raised = await alarms.insert(conn, alarm)
        if raised:
            await tell_alarm(conn, alarm, institution_id=institution_id, wake=True)
    return raised


async def tell_alarm(
    conn: Connection,
    alarm: Alarm,
    *,
    institution_id: UUID | None = None,
    step: int | None = None,
    wake: bool = False,
) -> None:
    """Tell the operators and whoever raised it where an alarm stands; `wake` rings their phones."""
    rung = alarm.step if step is None else step
    data = {
        "alarm_id": str(alarm.id),
        "kind": alarm.kind,
        "level": alarm.level,
        "state": alarm.state.value,
        "step": rung,
        "visit_id": str(alarm.visit_id) if alarm.visit_id else None,
        "order_id": str(alarm.order_id) if alarm.order_id else None,
    }
    event = f"alarm.{alarm.state.value}"
    async with conn.as_clock():
        woken = await _woken(conn, alarm, institution_id, rung) if wake else []
        await events.insert(
            conn,
            event,
            data,
            order_id=alarm.order_id,
            account_ids=woken,
            institution_id=institution_id,
            wake="alarm" if wake else None,
        )
        if alarm.raised_by is not None:
            await events.insert(
                conn,
                event,
                data,
                order_id=alarm.order_id,
                account_ids=[alarm.raised_by],
                staff=False,
            )


async def _woken(
    conn: Connection, alarm: Alarm, institution_id: UUID | None, rung: int
) -> list[UUID]:
    """A person's call wakes everybody at once; what the clock noticed one circle more each rung."""
    circles = await accounts.circles_of_watchers(conn, institution_id)
    climbs = alarm.kind not in AT_ONCE and alarm.next_step_at is not None
    return [one for circle in (circles[: rung + 1] if climbs else circles) for one in circle]


async def withdraw_offers(conn: Connection, order: Order, *, nurse_id: UUID | None = None) -> None:
    """Take back the offers of an order that are still out: all, or those to one nurse."""
    async with conn.as_clock():
        sent = await offers.lock_sent_of_order(conn, order.id)
        await _withdraw(conn, [o for o in sent if nurse_id in (None, o.nurse_id)])


async def _withdraw(conn: Connection, held: Sequence[Offer]) -> None:
    async with conn.as_clock():
        ended = await transitions.move_offers(conn, held, "withdraw")
        await tell_offers(conn, ended, "offer.withdrawn")


async def tell_offers(
    conn: Connection, told: Sequence[Offer], event: str, *, wake: str | None = None
) -> None:
    """Tell each nurse of her own offer, and the operators of all."""
    if not told:
        return
    to = await accounts.ids_of_nurses(conn, [offer.nurse_id for offer in told])
    for offer in told:
        nurse = to.get(offer.nurse_id)
        await events.insert(
            conn,
            event,
            {
                "offer_id": str(offer.id),
                "order_id": str(offer.order_id),
                "nurse_id": str(offer.nurse_id),
                "state": offer.state.value,
                "expires_at": offer.expires_at.isoformat(),
            },
            order_id=offer.order_id,
            account_ids=[nurse] if nurse else [],
            wake=wake,
        )


async def fill_seat(
    conn: Connection, order: Order, visit: Visit, *, note_sealed: bytes | None = None
) -> Order:
    """Put a nurse on a seat; with the last one the order is assigned.

    The offers still out for the seat and to her are withdrawn, at the end all of them. Raises
    asyncpg's `ExclusionViolationError` when the nurse is elsewhere then.
    """
    async with conn.as_clock():
        sent = await offers.lock_sent_of_order(conn, order.id)
        filled = {visit.seat}
        if order.seats > 1:
            of_round = await visits.lock_of_round(conn, order.id, order.round)
            filled |= {v.seat for v in of_round if v.state not in EMPTY_SEAT}
    await visits.insert(conn, visit, note_sealed=note_sealed)
    await tell_visit(conn, visit, wake_nurse=None if visit.offer_id else "visit_assigned")
    if len(filled) < order.seats:
        await _withdraw(
            conn, [o for o in sent if o.seat == visit.seat or o.nurse_id == visit.nurse_id]
        )
        empty = [(order.id, seat) for seat in range(1, order.seats + 1) if seat not in filled]
        async with conn.as_clock():
            await orders.wake_unasked(conn, empty)
        return order
    order = await transitions.move_order(
        conn,
        order,
        "assign",
        institution_id=order.institution_id or visit.institution_id,
        at_risk=False,
    )
    await tell_order(conn, order, wake="nurse_found")
    await _withdraw(conn, sent)
    return order


async def next_round(conn: Connection, order: Order, move: str, **changes: Any) -> Order:
    """Start over: raise the round, take the offers back, end the open visits, ask again now.

    `move` is release, reopen, reschedule or redispatch. All but reopen are refused with
    `IllegalTransition` once a nurse has stood at the door.
    """
    async with conn.as_clock():
        of_round = await visits.lock_of_round(conn, order.id, order.round)
    going = [visit for visit in of_round if visit.state in OPEN_VISIT]
    # Where the clock starts over, because a partner fell away, nobody was taken off.
    reason = "release" if conn.role is Role.CLOCK else move
    if move != "reopen":
        _refuse_at_the_door(conn, order, of_round, move)
    waiting = order.state is OrderState.SUBMITTED
    order = await transitions.move_order(
        conn,
        order,
        move,
        round=order.round if waiting else order.round + 1,
        wave=0,
        next_wave_at=None if waiting else await billing.search_from(conn, order),
        at_risk=False,
        institution_id=None,
        **changes,
    )
    await withdraw_offers(conn, order)
    await end_visits(conn, going, f"order_{reason}")
    order = await bounds.seat_all(conn, order)
    await tell_order(conn, order)
    return order


async def end_order(
    conn: Connection, order: Order, move: str, *, wake: str | None = None, **changes: Any
) -> Order:
    """Cancel, reject, lapse or fail an order: its offers are taken back, its open visits ended.

    Raises `IllegalTransition` once a nurse has stood at the door.
    """
    async with conn.as_clock():
        of_round = await visits.lock_of_round(conn, order.id, order.round)
    going = [visit for visit in of_round if visit.state in OPEN_VISIT]
    _refuse_at_the_door(conn, order, of_round, move)
    order = await transitions.move_order(conn, order, move, **changes)
    await withdraw_offers(conn, order)
    await end_visits(conn, going, f"order_{move}", cancelled=move == "cancel")
    await tell_order(conn, order, wake=wake)
    await billing.close(conn, order)
    return order


async def end_visits(
    conn: Connection, going: list[Visit], reason: str, *, cancelled: bool = False
) -> None:
    """End visits that will not take place: scheduled ones are released, those en route cancelled.

    `reason` is the code that their nurses are told. With `cancelled` all are cancelled: the patient
    does not want them any more.
    """
    async with conn.as_clock():
        for visit in going:
            released = visit.state is VisitState.SCHEDULED and not cancelled
            ended = await transitions.move_visit(
                conn,
                visit,
                "release" if released else "cancel",
                ended_at=await database.now(conn),
                eta=None,
                end_reason=reason,
            )
            await positions.delete_of_visit(conn, visit.id)
            await tell_visit(conn, ended, wake_nurse="visit_withdrawn")


async def after_visit(conn: Connection, order: Order, visit: Visit) -> Order:
    """Draw the order's conclusion from a visit that was just completed, aborted or missed.

    After an abort or a miss a partner who has not begun is freed (released, cancelled or, at the
    door, aborted); one in service goes on. When the last visit has ended: all completed, the order
    is fulfilled; some, it failed; none, it is planned again if there is time and the reason allows,
    else it failed. Where nobody answered the door the patient is asked before anybody goes again.
    """
    async with conn.as_clock():
        of_round = await visits.lock_of_round(conn, order.id, order.round)
        if visit.state in (VisitState.ABORTED, VisitState.MISSED):
            of_round = [await _free_partner(conn, v) for v in of_round]
        if any(v.state in OPEN_VISIT for v in of_round):
            return order
        completed = sum(v.state is VisitState.COMPLETED for v in of_round)
        if completed == order.seats:
            order = await transitions.move_order(conn, order, "fulfil")
            await tell_order(conn, order, wake="visit_completed")
            await billing.charge(conn, order)
            await casework.plan_follow_up(conn, order)
            return order
        now = await database.now(conn)
        lead = timedelta(minutes=conn.settings.replan_lead_min)
        reasons = {v.end_reason for v in of_round}
        barred = reasons & NOT_REPLANNED or await emergencies.is_locked_of_order(conn, order.id)
        unanswered = any(doorstep.is_proven(v) for v in of_round)
        if completed == 0 and order.latest - now >= lead and not barred:
            order = await next_round(conn, order, "release")
            if unanswered:
                # Another nurse would find the same door closed: the patient is asked first.
                await orders.park(conn, order.id)
                await tell_order(conn, order, wake="nobody_home")
            elif visit.state is VisitState.MISSED:
                await tell_order(conn, order, wake="looking_again")
            return order
        if unanswered and not completed:
            return await _end_unanswered(conn, order, now)
        closing = _closing(now, of_round)
        return await end_order(conn, order, "fail", wake="visit_failed", closing=closing)


async def _end_unanswered(conn: Connection, order: Order, now: datetime) -> Order:
    """Nobody was at home and the time is over: ended by the policy, with another time to choose."""
    fee_fen = doorstep.fee_fen(order, conn.settings)
    return await end_order(
        conn,
        order,
        "fail",
        wake="nobody_home",
        closing=doorstep.closing(order, now),
        cancellation_fee_fen=fee_fen or None,
    )


async def _free_partner(conn: Connection, visit: Visit) -> Visit:
    match visit.state:
        case VisitState.SCHEDULED:
            move = "release"
        case VisitState.EN_ROUTE:
            move = "cancel"
        case VisitState.ARRIVED:
            move = "abort"
        case _:
            return visit
    now = await database.now(conn)
    ended = await transitions.move_visit(
        conn, visit, move, ended_at=now, eta=None, end_reason="partner"
    )
    await positions.delete_of_visit(conn, visit.id)
    await tell_visit(conn, ended, wake_nurse="visit_withdrawn")
    return ended


def _refuse_at_the_door(conn: Connection, order: Order, of_round: list[Visit], move: str) -> None:
    """An order fails when one of its visits is complete and the other came to nothing; nothing else
    may end or move it then."""
    barred = AT_THE_DOOR if move == "fail" else ARRIVED_ONCE
    if any(visit.state in barred for visit in of_round):
        raise transitions.illegal(conn, ORDER, order.id, order.state, move, barred=TO_END_OR_MOVE)


def _closing(now: datetime, of_round: list[Visit]) -> dict[str, Any]:
    return {
        "at": now.isoformat(),
        "visits": [
            {"seat": v.seat, "state": v.state.value, "reason": v.end_reason} for v in of_round
        ],
    }
