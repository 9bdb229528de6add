"""Offers as nurses see them: all she needs to decide; of the address the area and the stairs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from api import moves, reference
from api.schemas import dispatch as schemas
from api.schemas.conventions import WindowView
from api.views.orders import conditions_of, conditions_text
from api.wire import Call
from config.geometry import AREA_CELL_M, JINHUA
from dispatch.database import Connection
from dispatch.lifecycles import OfferState
from dispatch.records import addresses, candidates, orders
from dispatch.records.addresses import OpenAddress
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from matching import texts
from matching.decide import Reason
from matching.policy import Urgency


async def offer_views(conn: Connection, given: Sequence[Offer], call: Call) -> list[schemas.Offer]:
    """Offers in the order given. The address is opened only to tell its area and its stairs."""
    order_ids = [offer.order_id for offer in given]
    async with conn.as_clock():
        known = {order.id: order for order in await orders.list_of_ids(conn, order_ids)}
        sealed = await candidates.addresses_by_order(conn, order_ids)
        places = await addresses.open_addresses(conn, list(sealed.values()))
    return [
        _view(offer, known[offer.order_id], places.get(known[offer.order_id].address_id), call)
        for offer in given
        if offer.order_id in known
    ]


def _view(offer: Offer, order: Order, place: OpenAddress | None, call: Call) -> schemas.Offer:
    bundle = call.catalogue.combine(order.service_codes)
    conditions = conditions_of(order)
    return schemas.Offer(
        id=offer.id,
        order_id=offer.order_id,
        state=offer.state,
        version=offer.version,
        moves=moves.of_offer(offer, call.caller) if offer.state is OfferState.SENT else [],
        seat=offer.seat,
        seats=order.seats,
        service_codes=order.service_codes,
        window=WindowView(earliest=order.earliest, latest=order.latest),
        duration_min=order.duration_min,
        urgency=Urgency(order.urgency),
        area=_area(order, place, call),
        floor=place.floor if place else None,
        has_lift=place.has_lift if place else None,
        distance_m=offer.distance_m,
        travel_s=offer.travel_s,
        pay_fen=offer.pay_fen,
        materials=list(bundle.materials),
        conditions=conditions,
        conditions_text=conditions_text(conditions, call),
        sent_at=offer.sent_at,
        expires_at=offer.expires_at,
        why=[
            texts.why(Reason(kind=why["kind"], value=why["value"]), call.language, call.catalogue)
            for why in offer.why
        ],
    )


def _area(order: Order, place: OpenAddress | None, call: Call) -> schemas.Area | None:
    if place is None:
        return None
    county = reference.served_areas().by_code[order.county]
    return schemas.Area(
        county=county.code,
        name=county.name_en if call.language == "en" else county.name_zh,
        center=call.place(*JINHUA.snap(place.lat, place.lng, AREA_CELL_M)),
        size_m=AREA_CELL_M,
    )


def key_of(offer: Offer) -> tuple[object, UUID]:
    """What a page of offers is sorted by."""
    return offer.expires_at, offer.id
