"""A nurse's answer to an offer: of any number who accept a seat, exactly one wins."""

from __future__ import annotations

from uuid import UUID

from dispatch import database, seating, transitions, versions
from dispatch.database import Connection
from dispatch.errors import OfferExpired, OfferTaken
from dispatch.lifecycles import OfferState, OrderState
from dispatch.records import audit, offers, orders, person_keys, visits
from dispatch.records.offers import Offer
from dispatch.records.visits import Visit


@database.act
async def accept_offer(conn: Connection, offer_id: UUID, *, version: int | None = None) -> Visit:
    """Fill the offer's seat with her, if it is still free and she is still fit for it.

    She may ask again after she has won: the answer is the same visit, as it stands by then. Raises
    `StaleVersion`, `OfferTaken`, `OfferExpired`, `NurseBusy`, `NotEligible`, `NotFound` for
    somebody else's offer, and `IllegalTransition` for one that she declined.
    """
    order, offer, in_time = await offers.lock_with_order(conn, offer_id, conn.caller.nurse_id)
    if offer.state is OfferState.ACCEPTED:
        won = await visits.find_of_offer(conn, offer.id)
        if won is not None:
            return won
    versions.check(offer.version, version)
    if offer.state is OfferState.EXPIRED:
        raise OfferExpired
    waiting = order.state in (OrderState.OPEN, OrderState.HELD) and offer.round == order.round
    if offer.state is OfferState.WITHDRAWN or not waiting:
        raise OfferTaken
    # The clock may not have swept it yet.
    if offer.state is OfferState.SENT and not in_time:
        raise OfferExpired
    offer = await transitions.move_offer(conn, offer, "accept")
    visit = await seating.seat_nurse(conn, order, offer.seat, offer.nurse_id, offer=offer)
    await audit.append(conn, "offer.accept", "offer", offer.id, person_id=order.patient_id)
    return visit


@database.act
async def decline_offer(
    conn: Connection,
    offer_id: UUID,
    reason: str,
    note: str | None = None,
    *,
    version: int | None = None,
) -> Offer:
    """Say no, for this order for good; the next wave need not wait for her any more.

    Raises `NotFound` for somebody else's offer, `StaleVersion`, and `IllegalTransition` for one
    that has ended.
    """
    order, offer, _ = await offers.lock_with_order(conn, offer_id, conn.caller.nurse_id)
    versions.check(offer.version, version)
    account_id = conn.caller.account_id
    sealed = None
    if note is not None and account_id is not None:
        sealed = await person_keys.seal_json(
            conn, account_id, "history", "note_sealed", f"{offer.id}:{offer.version + 1}", note
        )
    offer = await transitions.move_offer(
        conn, offer, "decline", decline_reason=reason, note_sealed=sealed
    )
    async with conn.as_clock():
        await orders.wake_unasked(conn, [(order.id, offer.seat)])
    await audit.append(conn, "offer.decline", "offer", offer.id)
    return offer
