"""Messages, relayed calls and the question before a visit, over HTTP."""

from __future__ import annotations

from uuid import UUID

from api.schemas import contact as schemas
from api.schemas.conventions import Empty, Page, PageQuery, cursor
from api.wire import Answer, Call, Routes
from dispatch import relay
from dispatch.acts import confirm_visit, keep_contact
from dispatch.database import Connection
from dispatch.errors import IllegalTransition, RelayUnavailable, RuleRefused
from dispatch.lifecycles import Role
from dispatch.records import person_keys, visit_messages, visits
from dispatch.records.confirmations import Confirmation
from dispatch.records.relay_numbers import RelayNumber
from dispatch.records.visit_messages import VisitMessage

routes = Routes()


@routes.post(
    "/v1/visits/{id}/messages",
    body=schemas.WriteMessage,
    answer=schemas.Message,
    status=201,
    also=(200,),
    raises=(IllegalTransition, RuleRefused),
    conditional=False,
)
async def write(call: Call, body: schemas.WriteMessage) -> Answer:
    """201, or 200 and the first one if the phone sends it again."""

    async def view(conn: Connection, kept: tuple[VisitMessage, bool]) -> schemas.Message:
        texts = await visit_messages.open_texts(conn, [kept[0]])
        return _message(kept[0], texts.get(kept[0].id), call)

    return await call.act(
        keep_contact.write_message,
        call.id(),
        body.client_id,
        body.text,
        view=view,
        status=lambda kept: 201 if kept[1] else 200,
    )


@routes.get("/v1/visits/{id}/messages", query=PageQuery, answer=Page[schemas.Message])
async def list_messages(call: Call, query: PageQuery) -> Answer:
    """Newest first; they stay with the visit when it is over."""
    (before,) = query.after(UUID) or (None,)

    async def view(conn: Connection, found: list[VisitMessage]) -> Page[schemas.Message]:
        told = found[: query.limit]
        texts = await visit_messages.open_texts(conn, told)
        return Page(
            items=[_message(one, texts.get(one.id), call) for one in told],
            next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
        )

    return await call.act(
        keep_contact.open_messages, call.id(), before=before, limit=query.limit + 1, view=view
    )


def _message(one: VisitMessage, text: str | None, call: Call) -> schemas.Message:
    return schemas.Message(
        id=one.id,
        visit_id=one.visit_id,
        client_id=one.client_id,
        by=Role(one.author_role),
        mine=one.author_id == call.caller.account_id,
        text=text,
        sent_at=one.sent_at,
    )


@routes.post(
    "/v1/visits/{id}/call",
    answer=schemas.CallNumber,
    raises=(IllegalTransition, RelayUnavailable),
    conditional=False,
)
async def ask_for_number(call: Call, body: Empty) -> Answer:
    """Neither side learns the other's own number."""

    async def view(_: Connection, found: RelayNumber) -> schemas.CallNumber:
        return schemas.CallNumber(
            visit_id=found.visit_id, number=found.number, expires_at=found.expires_at
        )

    return await call.act(
        keep_contact.ask_for_number, relay.of(call.settings), call.id(), view=view
    )


@routes.post(
    "/v1/visits/{id}/confirmation",
    body=schemas.AnswerConfirmation,
    answer=schemas.Confirmation,
    raises=(IllegalTransition,),
    conditional=False,
)
async def confirm(call: Call, body: schemas.AnswerConfirmation) -> Answer:
    """The patient's side says whether it is ready; asked for by itself some time before. Or an
    operator says so, who has called it."""

    async def view(conn: Connection, said: Confirmation) -> schemas.Confirmation:
        text = None
        if said.note_sealed is not None:
            visit = await visits.get(conn, said.visit_id)
            text = await person_keys.open_json(
                conn,
                visit.patient_id,
                "confirmations",
                "note_sealed",
                said.visit_id,
                said.note_sealed,
            )
        return schemas.Confirmation(
            visit_id=said.visit_id,
            asked_at=said.asked_at,
            answer=said.answer,
            text=text,
            answered_at=said.answered_at,
        )

    return await call.act(
        confirm_visit.answer_confirmation, call.id(), body.answer, body.text, view=view
    )
