"""Orders over HTTP for the people who place them."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from api import reference
from api.schemas import orders as schemas
from api.schemas.conventions import Page, PageQuery, Window, cursor
from api.views import timeline, tracking
from api.views.orders import order_view, order_views, showing
from api.wire import Answer, Call, Routes
from config import assessment
from dispatch.acts import answer_question, change_order, place_order
from dispatch.acts.place_order import Wish
from dispatch.database import Connection
from dispatch.errors import (
    AlreadyConfirmed,
    AlreadyRated,
    IllegalTransition,
    NotFinished,
    NotTracking,
    RuleRefused,
)
from dispatch.records import orders
from dispatch.records.orders import Words
from dispatch.records.ratings import Rating

routes = Routes()


def wish_of(body: schemas.PlaceOrder, call: Call) -> Wish:
    """What a body asks for, as the act takes it."""
    consent = body.consent
    return Wish(
        patient_id=body.patient_id,
        address_id=body.address_id,
        service_codes=body.service_codes,
        earliest=body.window.earliest,
        latest=body.window.latest,
        urgency=body.urgency,
        words=Words(
            notes=body.notes,
            eligibility_basis=body.eligibility_basis,
            signer=consent.signer,
            signer_relation=consent.relation,
            authority=consent.authority,
            consent_channel=consent.channel,
            purposes=consent.purposes,
        ),
        prescription_id=body.prescription_id,
        preferences=_preferences(body.preferences),
        preconditions=body.preconditions,
        consent_version=consent.version,
        consent_at=consent.accepted_at,
        consent_language=call.language.value,
        eligibility_basis=assessment.load().basis_of(body.eligibility_basis),
        condition_changed=body.condition_changed,
    )


def _preferences(given: schemas.Preferences) -> dict[str, Any]:
    """Only what was asked for, as JSON keeps it."""
    return {name: value for name, value in given.model_dump(mode="json").items() if value}


@routes.post(
    "/v1/orders",
    body=schemas.PlaceOrder,
    answer=schemas.Order,
    status=201,
    raises=(RuleRefused,),
)
async def place(call: Call, body: schemas.PlaceOrder) -> Answer:
    return await call.act(
        place_order.place_order,
        reference.consent_texts(),
        wish_of(body, call),
        view=showing(call),
    )


@routes.get("/v1/orders", query=schemas.OrderQuery, answer=Page[schemas.Order])
async def list_orders(call: Call, query: schemas.OrderQuery) -> Page[schemas.Order]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        found = await orders.list_of_account(
            conn,
            call.caller.account_id,
            state=query.state,
            before=before,
            limit=query.limit + 1,
        )
        return await page_of_orders(conn, found, query, call)


async def page_of_orders(
    conn: Connection, found: list[orders.Order], query: PageQuery, call: Call
) -> Page[schemas.Order]:
    """A page of orders, newest first; `found` has one more than is shown if it goes on."""
    told = found[: query.limit]
    return Page(
        items=await order_views(conn, told, call),
        next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
    )


@routes.get("/v1/orders/{id}", answer=schemas.Order)
async def get(call: Call) -> schemas.Order:
    async with call.read() as conn:
        return await order_view(conn, await orders.get(conn, call.id()), call)


@routes.post(
    "/v1/orders/{id}/cancel",
    body=schemas.CancelOrder,
    answer=schemas.Order,
    raises=(IllegalTransition,),
)
async def cancel(call: Call, body: schemas.CancelOrder) -> Answer:
    return await call.act(
        change_order.cancel_order,
        call.id(),
        reason=body.reason,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/orders/{id}/reschedule",
    body=schemas.RescheduleOrder,
    answer=schemas.Order,
    raises=(IllegalTransition, RuleRefused),
)
async def reschedule(call: Call, body: schemas.RescheduleOrder) -> Answer:
    window: Window = body.window
    return await call.act(
        change_order.reschedule_order,
        call.id(),
        earliest=window.earliest,
        latest=window.latest,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/orders/{id}/answer",
    body=schemas.AnswerQuestion,
    answer=schemas.Order,
    raises=(IllegalTransition,),
)
async def answer(call: Call, body: schemas.AnswerQuestion) -> Answer:
    return await call.act(
        answer_question.answer_question,
        call.id(),
        body.text,
        body.preconditions,
        version=call.if_match,
        view=showing(call),
    )


@routes.get("/v1/orders/{id}/timeline", query=PageQuery, answer=Page[schemas.TimelineEvent])
async def tell_timeline(call: Call, query: PageQuery) -> Page[schemas.TimelineEvent]:
    async with call.read() as conn:
        return await timeline.timeline_page(conn, await orders.get(conn, call.id()), query, call)


@routes.get("/v1/orders/{id}/tracking", answer=schemas.Tracking, raises=(NotTracking,))
async def track(call: Call) -> schemas.Tracking:
    async with call.read() as conn:
        return await tracking.tracking_view(conn, await orders.get(conn, call.id()), call)


@routes.post(
    "/v1/orders/{id}/confirm",
    body=schemas.ConfirmOrder,
    answer=schemas.Order,
    raises=(NotFinished, AlreadyConfirmed),
)
async def confirm(call: Call, body: schemas.ConfirmOrder) -> Answer:
    return await call.act(
        change_order.confirm_order,
        call.id(),
        signed_by=body.signed_by,
        signature_svg=body.signature_svg,
        version=call.if_match,
        view=showing(call),
    )


@routes.post(
    "/v1/orders/{id}/rating",
    body=schemas.RateOrder,
    answer=schemas.Rating,
    status=201,
    raises=(NotFinished, AlreadyRated),
)
async def rate(call: Call, body: schemas.RateOrder) -> Answer:
    return await call.act(
        change_order.rate_order,
        call.id(),
        stars=body.stars,
        tags=list(body.tags),
        comment=body.comment,
        version=call.if_match,
        view=partial(_rating, body.comment),
    )


async def _rating(comment: str | None, _: Connection, rating: Rating) -> schemas.Rating:
    return schemas.Rating(
        order_id=rating.order_id,
        stars=rating.stars,
        tags=rating.tags,
        comment=comment,
        created_at=rating.created_at,
    )
