"""Offers over HTTP: what waits for a nurse, and her answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.schemas import dispatch as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.views.offers import key_of, offer_views
from api.wire import Answer, Call, Routes
from dispatch.acts import answer_offer
from dispatch.database import Connection
from dispatch.errors import (
    Forbidden,
    IllegalTransition,
    NotEligible,
    NurseBusy,
    OfferExpired,
    OfferTaken,
)
from dispatch.records import offers
from dispatch.records.offers import Offer
from dispatch.records.visits import Visit

routes = Routes()


@routes.get("/v1/nurse/offers", query=PageQuery, answer=Page[schemas.Offer])
async def list_open(call: Call, query: PageQuery) -> Page[schemas.Offer]:
    nurse_id = call.caller.nurse_id
    if nurse_id is None:
        raise Forbidden
    after = query.after(datetime, UUID)
    async with call.read() as conn:
        rows = await offers.list_open_of_nurse(
            conn,
            nurse_id,
            after=None if after is None else (after[0], after[1]),
            limit=query.limit + 1,
        )
        shown = rows[: query.limit]
        items = await offer_views(conn, shown, call)
    more = cursor(*key_of(shown[-1])) if len(rows) > query.limit else None
    return Page(items=items, next_cursor=more)


@routes.post(
    "/v1/offers/{id}/accept",
    answer=schemas.Accepted,
    raises=(OfferTaken, OfferExpired, NurseBusy, NotEligible, IllegalTransition),
    act_asks=True,
)
async def accept(call: Call, body: object) -> Answer:
    async def view(_: Connection, visit: Visit) -> schemas.Accepted:
        return schemas.Accepted(
            visit_id=visit.id, order_id=visit.order_id, seat=visit.seat, state=visit.state
        )

    return await call.act(answer_offer.accept_offer, call.id(), version=call.if_match, view=view)


@routes.post(
    "/v1/offers/{id}/decline",
    body=schemas.DeclineOffer,
    answer=schemas.Offer,
    raises=(IllegalTransition,),
    act_asks=True,
)
async def decline(call: Call, body: schemas.DeclineOffer) -> Answer:
    async def view(conn: Connection, offer: Offer) -> schemas.Offer:
        (shown,) = await offer_views(conn, [offer], call)
        return shown

    return await call.act(
        answer_offer.decline_offer,
        call.id(),
        body.reason.value,
        body.note,
        version=call.if_match,
        view=view,
    )
