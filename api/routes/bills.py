"""Bills over HTTP: see, pay, answer a change of price; and what the payment provider tells."""

from __future__ import annotations

from uuid import UUID

import orjson

from api.schemas import bills as schemas
from api.schemas.conventions import Empty, Page
from api.views import bills as views
from api.wire import Answer, Call, Raw, Routes
from dispatch import payments as providers
from dispatch import rates
from dispatch.acts import change_price, settle_bill
from dispatch.acts.change_price import Asked
from dispatch.database import Caller, Connection
from dispatch.errors import (
    ChangeAnswered,
    ChangePending,
    EventConflict,
    IllegalTransition,
    InvalidFields,
    NotFound,
    NothingToPay,
    PaymentUnavailable,
    RuleRefused,
    SignatureRefused,
)
from dispatch.records import bills, change_orders, orders, payments, visits
from dispatch.records.change_orders import ChangeOrder

routes = Routes()

CALLBACK = {
    "type": "object",
    "required": ["kind", "payment_id", "amount_fen", "at"],
    "properties": {
        "kind": {"enum": sorted(providers.EVENT_KINDS)},
        "payment_id": {"type": "string", "format": "uuid"},
        "command_id": {"type": ["string", "null"], "format": "uuid"},
        "amount_fen": {"type": "integer", "minimum": 0},
        "at": {"type": "string", "format": "date-time"},
    },
}


@routes.get("/v1/orders/{id}/bill", answer=schemas.Bill)
async def get_of_order(call: Call) -> schemas.Bill:
    async with call.read() as conn:
        found = await bills.find_of_order(conn, call.id())
        if found is None:
            raise NotFound
        return await views.bill_view(conn, found, call)


@routes.get("/v1/bills", query=schemas.BillQuery, answer=Page[schemas.Bill])
async def list_bills(call: Call, query: schemas.BillQuery) -> Page[schemas.Bill]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        found = await bills.list_of_account(
            conn, call.caller.account_id, state=query.state, before=before, limit=query.limit + 1
        )
        return await views.bills_page(conn, found, query, call)


@routes.get("/v1/bills/{id}", answer=schemas.Bill)
async def get(call: Call) -> schemas.Bill:
    async with call.read() as conn:
        return await views.bill_view(conn, await bills.get(conn, call.id()), call)


@routes.post("/v1/bills/{id}/pay", answer=schemas.Bill, raises=(NothingToPay, PaymentUnavailable))
async def pay(call: Call, body: Empty) -> Answer:
    return await call.act(
        settle_bill.pay_bill,
        providers.of(call.settings),
        call.id(),
        version=call.if_match,
        view=views.showing(call),
    )


@routes.post("/v1/change-orders/{id}/accept", answer=schemas.ChangeOrder, raises=(ChangeAnswered,))
async def accept_change(call: Call, body: Empty) -> Answer:
    return await _answer(call, "accepted")


@routes.post("/v1/change-orders/{id}/refuse", answer=schemas.ChangeOrder, raises=(ChangeAnswered,))
async def refuse_change(call: Call, body: Empty) -> Answer:
    return await _answer(call, "refused")


async def _answer(call: Call, said: str) -> Answer:
    return await call.act(
        change_price.answer_change,
        call.id(),
        said,
        version=call.if_match,
        view=lambda conn, change: _change(conn, change, call),
    )


@routes.post(
    "/v1/visits/{id}/change-orders",
    body=schemas.ProposeChange,
    answer=schemas.ChangeOrder,
    status=201,
    raises=(ChangePending, IllegalTransition, RuleRefused),
    conditional=False,
)
async def propose_change(call: Call, body: schemas.ProposeChange) -> Answer:
    return await call.act(
        change_price.propose_change,
        call.id(),
        [Asked(code=one.code, quantity=one.quantity) for one in body.items],
        view=lambda conn, change: _change(conn, change, call),
    )


@routes.get("/v1/visits/{id}/change-orders", answer=schemas.ChangeOrders)
async def list_changes(call: Call) -> schemas.ChangeOrders:
    async with call.read() as conn:
        visit = await visits.get(conn, call.id())
        order = await orders.get(conn, visit.order_id)
        async with conn.as_clock():
            bill = await bills.find_of_order(conn, order.id)
            by = await rates.get_tariff(conn, bill.tariff_id if bill else None)
        proposed = await change_orders.list_of_order(conn, order.id)
    return schemas.ChangeOrders(
        items=views.price_items(by, order.service_codes, call),
        change_orders=[views.change_view(one, by, call) for one in proposed],
    )


async def _change(conn: Connection, change: ChangeOrder, call: Call) -> schemas.ChangeOrder:
    async with conn.as_clock():
        bill = await bills.find_of_order(conn, change.order_id)
        by = await rates.get_tariff(conn, bill.tariff_id if bill else None)
    return views.change_view(change, by, call)


@routes.post(
    "/v1/payments/callbacks/{provider}",
    body=Raw(limit_bytes=providers.EVENT_BYTES_MAX, schema=CALLBACK),
    status=204,
    raises=(SignatureRefused, EventConflict),
)
async def hear(call: Call, body: bytes) -> Answer:
    """What the provider tells, believed by its signature alone, booked once."""
    provider = providers.of(call.settings)
    if provider is None or provider.name != call.param("provider"):
        raise NotFound
    caller = Caller.clock(call.caller.request_id)
    async with call.pool.read(caller) as conn:
        now = await payments.real_now(conn)
    event_id = providers.verify(
        provider.secret,
        call.request.headers,
        body,
        now=now,
        tolerance_s=call.settings.payment_tolerance_s,
    )
    try:
        event = providers.read_event(provider.name, orjson.loads(body), event_id=event_id)
    except ValueError:
        raise InvalidFields((("body",), "invalid")) from None
    await settle_bill.hear_payment(call.pool, caller, event)
    return Answer(status=204)
