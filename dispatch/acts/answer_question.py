"""The patient's answer to an assessor's question; the order goes back before the assessors."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dispatch import booking, consequences, database, transitions, versions
from dispatch.database import Connection
from dispatch.errors import InvalidFields
from dispatch.lifecycles import ORDER, OrderState
from dispatch.records import audit, history, orders, person_keys, reviews
from dispatch.records.orders import Order


@database.act
async def answer_question(
    conn: Connection,
    order_id: UUID,
    text: str,
    preconditions: Sequence[str] = (),
    *,
    version: int | None = None,
) -> Order:
    """Say what was asked for, and what more of the preconditions is met. The words are sealed.

    Raises `NotFound`, `StaleVersion`, `InvalidFields`, and `IllegalTransition` where nothing was
    asked.
    """
    unknown = [
        (("body", "preconditions", place), "precondition")
        for place, slug in enumerate(preconditions)
        if slug not in conn.catalogue.preconditions
    ]
    if unknown:
        raise InvalidFields(*unknown)
    order = await orders.lock(conn, order_id)
    versions.check(order.version, version)
    if order.state is OrderState.SUBMITTED and order.review != "patient":
        raise transitions.illegal(conn, ORDER, order.id, order.state, "answer", barred={"answer"})
    note = await person_keys.seal_json(
        conn,
        order.patient_id,
        "history",
        "note_sealed",
        history.note_place(order.id, order.version + 1),
        text,
    )
    by = booking.assessed_by(await database.now(conn), conn.settings)
    await reviews.put(conn, [(order.id, "person", by, False)])
    await reviews.add_preconditions(conn, order.id, preconditions)
    order = await transitions.move_order(conn, order, "answer", note_sealed=note)
    await consequences.tell_order(conn, order)
    await audit.append(conn, "order.answer", "order", order.id, person_id=order.patient_id)
    return order
