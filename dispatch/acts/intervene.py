"""What an operator does with an order that waits for a nurse: assign, redispatch, hold, reopen."""

from __future__ import annotations

from uuid import UUID

from dispatch import assessing, consenting, consequences, database, seating, transitions, versions
from dispatch.database import Connection
from dispatch.lifecycles import ORDER, OrderState
from dispatch.records import audit, history, orders, person_keys
from dispatch.records.orders import Order


@database.act
async def assign_order(
    conn: Connection, order_id: UUID, nurse_id: UUID, reason: str, *, version: int | None = None
) -> Order:
    """Give the lowest empty seat to a nurse with whom the operator has spoken.

    Every rule holds for her as for anybody, but that she declined before. The offers still out for
    the seat are withdrawn. Raises `NotFound`, `StaleVersion`, `IllegalTransition`, `NotEligible`,
    `NurseBusy`, `InvalidFields` for a nurse out of the operator's reach, and `RuleRefused` while a
    consent without which nobody is sent is withdrawn, or the assessment holds no longer.
    """
    order = await _lock(conn, order_id, version)
    if order.state not in (OrderState.OPEN, OrderState.HELD):
        raise transitions.illegal(conn, ORDER, order.id, order.state, "assign")
    await consenting.check(conn, order.patient_id)
    assessing.refuse_void(order)
    await seating.nurse_in_reach(conn, nurse_id)
    seat = min(await seating.empty_seats(conn, order))
    await seating.seat_nurse(conn, order, seat, nurse_id, reason=reason)
    await audit.append(
        conn,
        "order.assign",
        "order",
        order.id,
        person_id=order.patient_id,
        detail={"nurse_id": str(nurse_id), "seat": seat},
    )
    return await orders.get(conn, order.id)


@database.act
async def redispatch_order(
    conn: Connection, order_id: UUID, reason: str, *, version: int | None = None
) -> Order:
    """Start over in a new round: offers are taken back, open visits ended, a wave goes out at once.

    Raises `NotFound`, `StaleVersion`, `IllegalTransition`, also once a nurse has arrived.
    """
    order = await _lock(conn, order_id, version)
    note = await _note(conn, order, reason)
    order = await consequences.next_round(conn, order, "redispatch", note_sealed=note)
    await audit.append(conn, "order.redispatch", "order", order.id, person_id=order.patient_id)
    return order


@database.act
async def hold_order(
    conn: Connection, order_id: UUID, reason: str | None = None, *, version: int | None = None
) -> Order:
    """Send no further waves. Offers that are out run on, and may still be accepted.

    Raises `NotFound`, `StaleVersion`, `IllegalTransition`.
    """
    order = await _lock(conn, order_id, version)
    note = await _note(conn, order, reason)
    order = await transitions.move_order(conn, order, "hold", note_sealed=note)
    await consequences.tell_order(conn, order, wake="order_held")
    await audit.append(conn, "order.hold", "order", order.id, person_id=order.patient_id)
    return order


@database.act
async def reopen_order(
    conn: Connection, order_id: UUID, reason: str | None = None, *, version: int | None = None
) -> Order:
    """Let the waves go on, in a new round.

    Raises `NotFound`, `StaleVersion`, `IllegalTransition`, and `RuleRefused` while a consent
    without which nobody is sent is withdrawn.
    """
    order = await _lock(conn, order_id, version)
    await consenting.check(conn, order.patient_id)
    note = await _note(conn, order, reason)
    order = await consequences.next_round(conn, order, "reopen", note_sealed=note)
    await audit.append(conn, "order.reopen", "order", order.id, person_id=order.patient_id)
    return order


async def _lock(conn: Connection, order_id: UUID, version: int | None) -> Order:
    order = await orders.lock(conn, order_id)
    versions.check(order.version, version)
    return order


async def _note(conn: Connection, order: Order, reason: str | None) -> bytes | None:
    if reason is None:
        return None
    place = history.note_place(order.id, order.version + 1)
    return await person_keys.seal_json(
        conn, order.patient_id, "history", "note_sealed", place, reason
    )
