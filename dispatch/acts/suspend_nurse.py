"""Suspending a nurse, with all that was asked or expected of her, and reinstating her.

She cannot be signed in while she is suspended: sessions look at her row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from dispatch import consequences, database, versions
from dispatch.database import Connection
from dispatch.lifecycles import ARRIVED_ONCE, OPEN_VISIT, OrderState, VisitState
from dispatch.records import audit, institutions, nurses, offers, orders, visits
from dispatch.records.nurses import Nurse
from dispatch.records.orders import Order

# Stands on a visit that she is out on, or that cannot be taken from her by itself any more.
FLAG: Final = "nurse_suspended"

Condition = Callable[[Nurse], bool]


@database.act
async def suspend_nurse(
    conn: Connection, nurse_id: UUID, reason: str, *, version: int | None = None
) -> Nurse:
    """Take a nurse off all duty at once; what she is signed in to ends with her next request.

    Her open offers are taken back and her coming visits given to others. A visit that she is out
    on, or whose other nurse has arrived, is left to the operator and flagged. Raises `NotFound`,
    `StaleVersion`.
    """

    def is_seen(nurse: Nurse) -> bool:
        versions.check(nurse.version, version)
        return True

    suspended = await take_off_duty(conn, nurse_id, reason, only_if=is_seen)
    await audit.append(conn, "nurse.suspend", "nurse", nurse_id)
    return suspended


async def take_off_duty(
    conn: Connection, nurse_id: UUID, reason: str, *, only_if: Condition
) -> Nurse:
    """Suspend her with all that hangs on her, if she is as expected once she is held.

    What was taken back before she was held stays so: it goes to others, and may come to her again.
    """
    async with conn.as_clock():
        await take_back(conn, nurse_id)
    nurse = await nurses.lock(conn, nurse_id)
    if not only_if(nurse):
        return nurse
    suspended = await nurses.update(
        conn,
        replace(
            nurse,
            suspended_at=nurse.suspended_at or await database.now(conn),
            suspension_reason=reason,
            available=False,
        ),
    )
    await nurses.set_reach(conn, suspended, await institutions.get(conn, nurse.institution_id))
    async with conn.as_clock():
        # Accepting holds the nurse, too: what came in since is all there is.
        await take_back(conn, nurse_id)
    return suspended


@database.act
async def reinstate_nurse(conn: Connection, nurse_id: UUID, *, version: int | None = None) -> Nurse:
    """Let a suspended nurse work again; she is sent for once she says that she can.

    Raises `NotFound`, `StaleVersion`.
    """
    nurse = await nurses.lock(conn, nurse_id)
    versions.check(nurse.version, version)
    if nurse.suspended_at is None:
        return nurse
    reinstated = await nurses.update(
        conn, replace(nurse, suspended_at=None, suspension_reason=None)
    )
    await audit.append(conn, "nurse.reinstate", "nurse", nurse.id)
    return reinstated


async def take_back(
    conn: Connection,
    nurse_id: UUID,
    *,
    flag: str = FLAG,
    only: Callable[[Order], bool] = lambda _: True,
) -> None:
    """Her open offers and visits of all orders or of some, order by order in the order of locks.

    `flag` is set on the visits that cannot be taken from her by themselves.
    """
    now = await database.now(conn)
    ahead = timedelta(days=conn.settings.window_max_days + 1)
    sent = await offers.list_sent_of_nurse(conn, nurse_id)
    going = await visits.list_going_of_nurses(conn, [nurse_id], now - ahead, now + ahead)
    touched = {offer.order_id for offer in sent} | {visit.order_id for visit in going}
    for order_id in sorted(touched):
        order = await orders.lock(conn, order_id)
        if only(order):
            await _free(conn, order, nurse_id, flag)


async def _free(conn: Connection, order: Order, nurse_id: UUID, flag: str) -> None:
    """Let an order go on without her, as far as that can be without a person's judgement."""
    sent = await offers.lock_sent_of_order(conn, order.id)
    of_round = await visits.lock_of_round(conn, order.id, order.round)
    await consequences.withdraw_offers(conn, order, nurse_id=nurse_id)
    await orders.wake_unasked(
        conn, [(order.id, offer.seat) for offer in sent if offer.nurse_id == nurse_id]
    )
    for visit in of_round:
        if visit.nurse_id != nurse_id or visit.state not in OPEN_VISIT:
            continue
        if visit.state is not VisitState.SCHEDULED or any(
            one.state in ARRIVED_ONCE for one in of_round
        ):
            if flag not in visit.flags:
                await visits.add_flags(conn, visit.id, [flag])
                await consequences.tell_visit(conn, visit)
        elif order.state is OrderState.HELD:
            await consequences.end_visits(conn, [visit], "suspended")
        else:
            move = "release" if order.state is OrderState.ASSIGNED else "redispatch"
            order = await consequences.next_round(conn, order, move)
