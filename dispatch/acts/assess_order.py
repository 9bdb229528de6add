"""The assessment before anybody is sent: may this be done at home, and under which conditions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from dispatch import billing, booking, bounds, consequences, database, transitions
from dispatch.database import Connection
from dispatch.errors import IllegalTransition, StaleVersion
from dispatch.lifecycles import ORDER, OrderState
from dispatch.records import audit, history, orders, person_keys
from dispatch.records.orders import Order


class Decision(StrEnum):
    """What an assessor can decide."""

    APPROVE = "approve"
    REJECT = "reject"
    NEED_INFO = "need_info"


@database.act
async def assess_order(
    conn: Connection,
    order_id: UUID,
    decision: Decision,
    note: str,
    *,
    risk: str | None = None,
    outcome: str | None = None,
    conditions: list[str] | None = None,
    version: int | None = None,
) -> Order:
    """Decide on a submitted order. The note is for the patient, and sealed like all that is said.

    An approved order is offered at once, and its promise counts from now; one that needs more
    information stays submitted and the patient is asked. Raises `NotFound`, `StaleVersion`,
    `IllegalTransition`.
    """
    order = await orders.lock(conn, order_id)
    if version is not None and version != order.version:
        raise StaleVersion(version=order.version)
    if order.state is not OrderState.SUBMITTED:
        raise _too_late(conn, order, decision)
    now = await database.now(conn)
    assessment: dict[str, Any] = {
        "decision": decision.value,
        "by": conn.caller.account_id,
        "at": now.isoformat(),
        "risk": risk,
        "outcome": outcome,
        "conditions": conditions or [],
    }
    key = await person_keys.ensure(conn, order.patient_id)
    sealed = key.seal_json("orders", "assessment_sealed", order.id, note)
    said: dict[str, Any] = {
        "assessment": assessment,
        "assessment_sealed": sealed,
        # The next assessment writes over the order's note; history keeps each.
        "note_sealed": key.seal_json(
            "history", "note_sealed", history.note_place(order.id, order.version + 1), note
        ),
    }
    match decision:
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
            order = await transitions.move_order(conn, order, "need_info", **said)
            await consequences.tell_order(conn, order, wake="need_info")
    await audit.append(conn, f"order.{decision}", "order", order.id, person_id=order.patient_id)
    return order


def _too_late(conn: Connection, order: Order, decision: Decision) -> IllegalTransition:
    return IllegalTransition(
        subject="order",
        subject_id=order.id,
        state=order.state.value,
        move=decision.value,
        moves=[move.name for move in ORDER.allowed(order.state, conn.caller.role)],
    )
