"""Where the nurse is while she is on her way to the patient; at no other time."""

from __future__ import annotations

from api.schemas import orders as schemas
from api.wire import Call
from dispatch.database import Connection
from dispatch.errors import NotTracking
from dispatch.lifecycles import VisitState
from dispatch.records import addresses, positions, visits
from dispatch.records.orders import Order
from matching.travel import Place


async def tracking_view(conn: Connection, order: Order, call: Call) -> schemas.Tracking:
    """The first seat's nurse who is on her way. Raises `NotTracking`."""
    of_round = (await visits.list_current(conn, [order.id])).get(order.id, [])
    coming = next((visit for visit in of_round if visit.state is VisitState.EN_ROUTE), None)
    if coming is None:
        raise NotTracking
    seen = await positions.find_last(conn, order.patient_id, coming.id)
    if seen is None:
        return schemas.Tracking(visit_id=coming.id, eta=coming.eta)
    door = await addresses.open_address(conn, await addresses.get(conn, order.address_id))
    distance_m = Place.at(seen.lat, seen.lng).distance_m(Place.at(door.lat, door.lng))
    return schemas.Tracking(
        visit_id=coming.id,
        nurse_location=call.place(seen.lat, seen.lng),
        recorded_at=seen.recorded_at,
        eta=coming.eta,
        distance_m=round(distance_m),
    )
