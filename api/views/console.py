"""Orders on the map, days of nurses beside each other, and what if another nurse went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from api import moves, verdicts
from api.schemas import console as schemas
from api.schemas.conventions import WindowView
from api.schemas.dispatch import RefusalView
from api.schemas.visits import Span
from api.wire import Call
from dispatch.acts.reassign_visit import Prospect
from dispatch.database import Connection
from dispatch.lifecycles import OrderState
from dispatch.records import orders, shifts, visits
from dispatch.records.board import Lane, OrderPin
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching.eligibility import Refusal
from matching.policy import Urgency


async def map_view(_: Connection, pins: Sequence[OrderPin], call: Call) -> schemas.OpsMap:
    return schemas.OpsMap(
        orders=[
            schemas.OrderPin(
                id=pin.id,
                state=OrderState(pin.state),
                urgency=Urgency(pin.urgency),
                at_risk=pin.at_risk,
                county=pin.county,
                service_codes=pin.service_codes,
                window=WindowView(earliest=pin.earliest, latest=pin.latest),
                area=call.place(pin.lat, pin.lng),
            )
            for pin in pins
        ]
    )


async def lanes(
    conn: Connection, given: Sequence[Lane], since: datetime, until: datetime, call: Call
) -> list[schemas.Lane]:
    """The days of these nurses, with what may be done about each visit."""
    ids = [lane.nurse_id for lane in given]
    going = await visits.list_on_day(conn, ids, since, until)
    order_ids = {visit.order_id for found in going.values() for visit in found}
    by_id = {order.id: order for order in await orders.list_of_ids(conn, order_ids)}
    open_for: dict[UUID, list[Span]] = {}
    for shift in await shifts.list_of_nurses(conn, ids, since, until):
        span = Span(starts_at=shift.starts_at, ends_at=shift.ends_at)
        open_for.setdefault(shift.nurse_id, []).append(span)
    on_duty: dict[UUID, list[Span]] = {}
    for duty in await shifts.list_duties_of_nurses(conn, ids, since, until):
        span = Span(starts_at=duty.starts_at, ends_at=duty.ends_at)
        on_duty.setdefault(duty.nurse_id, []).append(span)
    return [
        schemas.Lane(
            nurse_id=lane.nurse_id,
            staff_no=lane.staff_no,
            name=lane.name,
            shifts=open_for.get(lane.nurse_id, []),
            duties=on_duty.get(lane.nurse_id, []),
            visits=[
                _lane_visit(visit, by_id[visit.order_id], call)
                for visit in going.get(lane.nurse_id, ())
                if visit.order_id in by_id
            ],
        )
        for lane in given
    ]


def _lane_visit(visit: Visit, order: Order, call: Call) -> schemas.LaneVisit:
    return schemas.LaneVisit(
        visit_id=visit.id,
        order_id=visit.order_id,
        seat=visit.seat,
        state=visit.state,
        version=visit.version,
        moves=moves.of_visit(visit, order.state, call.caller),
        service_codes=order.service_codes,
        county=order.county,
        urgency=Urgency(order.urgency),
        window=WindowView(earliest=order.earliest, latest=order.latest),
        leaves_at=visit.planned_start - timedelta(seconds=visit.travel_s),
        planned_start=visit.planned_start,
        planned_end=visit.planned_end,
    )


def prospect_view(prospect: Prospect, call: Call) -> schemas.Prospect:
    visit, fit = prospect.visit, prospect.verdict.fit
    would = None
    if fit is not None:
        would = schemas.Going(
            start_at=fit.start_at,
            end_at=fit.end_at,
            travel_s=fit.travel_in_s,
            distance_m=prospect.distance_m,
        )
    return schemas.Prospect(
        nurse_id=prospect.nurse.id,
        name=prospect.nurse.name,
        eligible=fit is not None,
        reasons=[_reason(refusal, call) for refusal in prospect.verdict.refusals],
        now=schemas.Going(
            start_at=visit.planned_start,
            end_at=visit.planned_end,
            travel_s=visit.travel_s,
            distance_m=visit.distance_m,
        ),
        would=would,
        added_travel_s=None if fit is None else fit.added_travel_s,
    )


def _reason(refusal: Refusal, call: Call) -> RefusalView:
    value, threshold = (
        list(told) if isinstance(told, tuple) else told
        for told in (refusal.value, refusal.threshold)
    )
    text = verdicts.in_words(refusal.rule, value, threshold, call.language, call.catalogue)
    return RefusalView(rule=refusal.rule, value=value, threshold=threshold, text=text)
