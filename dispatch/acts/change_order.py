"""What patients do with an order once it is placed: cancel, move, sign and rate it.

Operators cancel here, too. What follows for offers, visits and rounds is in `consequences`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch import billing, booking, consequences, database, pricing, versions
from dispatch.database import Connection
from dispatch.errors import (
    AlreadyConfirmed,
    AlreadyRated,
    InvalidFields,
    NotFinished,
    NotFound,
    RuleRefused,
)
from dispatch.lifecycles import OPEN_VISIT, OrderState, Role, VisitState
from dispatch.records import (
    audit,
    history,
    orders,
    person_keys,
    prescriptions,
    ratings,
    reviews,
    visits,
)
from dispatch.records.orders import Order
from dispatch.records.ratings import Rating
from dispatch.records.visits import Visit

# From here on there is something that a patient can sign for.
SERVED = frozenset({VisitState.IN_SERVICE, VisitState.COMPLETED})


@database.act
async def cancel_order(
    conn: Connection, order_id: UUID, *, reason: str, version: int | None = None
) -> Order:
    """Take an order back. A patient owes the fee of the policy; an operator's cancellation is free.

    `version` is the one that the caller has seen. Raises `NotFound`, `StaleVersion`, and
    `IllegalTransition` for an order that has ended or whose nurse has arrived.
    """
    order = await _lock(conn, order_id, version)
    fee_fen = await _fee_fen(conn, order) if conn.role is Role.PATIENT else 0
    order = await consequences.end_order(
        conn,
        order,
        "cancel",
        wake=None if conn.role is Role.PATIENT else "order_cancelled",
        cancellation_fee_fen=fee_fen,
        detail={"fee_fen": fee_fen},
        note_sealed=await _sealed_note(conn, order, reason),
    )
    await audit.append(conn, "order.cancel", "order", order.id, person_id=order.patient_id)
    return order


@database.act
async def reschedule_order(
    conn: Connection,
    order_id: UUID,
    *,
    earliest: datetime,
    latest: datetime,
    version: int | None = None,
) -> Order:
    """Move the window in which the visit may start; the search for a nurse starts over.

    The price is that of the new window by the tariff that held when ordering. An order that waits
    for its assessment goes on waiting. A nurse who had set out costs nothing, unless the order is
    cancelled afterwards. Raises `InvalidFields`, `NotFound`, `StaleVersion`,
    `IllegalTransition`, and `RuleRefused` if its prescription is not valid then.
    """
    now = await database.now(conn)
    if faults := booking.window_faults(earliest, latest, now, conn.settings):
        raise InvalidFields(*faults, window_max_days=conn.settings.window_max_days)
    order = await _lock(conn, order_id, version)
    before = {"earliest": order.earliest.isoformat(), "latest": order.latest.isoformat()}
    called_back = _on_the_way(await _of_round(conn, order))
    order = await consequences.next_round(
        conn,
        order,
        "reschedule",
        earliest=earliest,
        latest=latest,
        promise_at=booking.promised_at(now, order.urgency, latest, conn.settings),
        detail={"before": before},
    )
    if called_back:
        order = await orders.add_called_back(conn, order.id, called_back)
    await reviews.look_again(conn, order_id=order.id)
    price = await billing.estimate_anew(conn, order, earliest, latest)
    if price is not None:
        order = await orders.set_price(
            conn,
            order.id,
            price_fen=price.price_fen,
            lines=list(price.lines),
            pay_fen=price.pay_fen,
        )
    prescription = None
    if order.prescription_id is not None:
        prescription = await prescriptions.get(conn, order.prescription_id)
    needed = conn.catalogue.combine(order.service_codes).prescription_codes
    broken = booking.prescription_faults(needed, prescription, earliest, latest)
    if broken:
        raise RuleRefused(*((("body", "window"), msg) for _, msg in broken))
    await audit.append(conn, "order.reschedule", "order", order.id, person_id=order.patient_id)
    return order


@database.act
async def confirm_order(
    conn: Connection,
    order_id: UUID,
    *,
    signed_by: str,
    signature_svg: str | None,
    version: int | None = None,
) -> Order:
    """Keep the patient's signature that the visit took place: from the start of the service on.

    Raises `NotFound`, `StaleVersion`, `NotFinished`, `AlreadyConfirmed`.
    """
    order = await _lock(conn, order_id, version)
    if not any(visit.state in SERVED for visit in await _of_round(conn, order)):
        raise NotFinished
    signature = await person_keys.seal_json(
        conn,
        order.patient_id,
        "orders",
        "signature_sealed",
        order.id,
        {"signed_by": signed_by, "svg": signature_svg},
    )
    if not await orders.sign(conn, order.id, signature):
        raise AlreadyConfirmed
    for visit in await _of_round(conn, order):
        await visits.drop_flag(conn, visit.id, "unsigned")
    await audit.append(conn, "order.confirm", "order", order.id, person_id=order.patient_id)
    return await orders.get(conn, order.id)


@database.act
async def rate_order(
    conn: Connection,
    order_id: UUID,
    *,
    stars: int,
    tags: list[str],
    comment: str | None,
    version: int | None = None,
) -> Rating:
    """Rate a fulfilled order, once; it counts for every nurse who was there.

    Raises `NotFound`, `StaleVersion`, `NotFinished`, `AlreadyRated`.
    """
    order = await _lock(conn, order_id, version)
    if order.state is not OrderState.FULFILLED:
        raise NotFinished
    if conn.caller.account_id is None:
        raise NotFound
    comment_sealed = None
    if comment is not None:
        comment_sealed = await person_keys.seal_json(
            conn, order.patient_id, "ratings", "comment_sealed", order.id, comment
        )
    rating = await ratings.insert(
        conn,
        order.id,
        conn.caller.account_id,
        stars=stars,
        tags=tags,
        comment_sealed=comment_sealed,
    )
    if rating is None:
        raise AlreadyRated
    came = [v for v in await _of_round(conn, order) if v.state is VisitState.COMPLETED]
    await ratings.add_to_nurses(conn, [visit.nurse_id for visit in came], stars)
    await audit.append(conn, "order.rate", "order", order.id, person_id=order.patient_id)
    return rating


async def _lock(conn: Connection, order_id: UUID, version: int | None) -> Order:
    order = await orders.lock(conn, order_id)
    versions.check(order.version, version)
    return order


async def _of_round(conn: Connection, order: Order) -> list[Visit]:
    """The visits of the present round. They stay as they are: their steps take the order's lock."""
    return (await visits.list_current(conn, [order.id])).get(order.id, [])


async def _fee_fen(conn: Connection, order: Order) -> int:
    going = [visit for visit in await _of_round(conn, order) if visit.state in OPEN_VISIT]
    return pricing.cancellation_fee_fen(
        order.price_lines,
        now=await database.now(conn),
        starts_at=min((visit.planned_start for visit in going), default=None),
        on_the_way=_on_the_way(going) + order.called_back,
        settings=conn.settings,
    )


def _on_the_way(going: Sequence[Visit]) -> int:
    return sum(visit.state is VisitState.EN_ROUTE for visit in going)


async def _sealed_note(conn: Connection, order: Order, text: str) -> bytes:
    """Words for the line of history that the next move writes."""
    place = history.note_place(order.id, order.version + 1)
    return await person_keys.seal_json(
        conn, order.patient_id, "history", "note_sealed", place, text
    )
