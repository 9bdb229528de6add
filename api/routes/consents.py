"""Consents over HTTP: the texts of each purpose, agreeing, withdrawing, and the ledger of both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from api import reference
from api.schemas import consents as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.views.consents import entry_views
from api.wire import Answer, Call, Routes
from dispatch.acts import keep_consents
from dispatch.acts.keep_consents import Given
from dispatch.database import Connection
from dispatch.errors import RuleRefused
from dispatch.records.consents import Entry

routes = Routes()


@routes.get("/v1/consents/purposes", answer=schemas.PurposeTexts)
async def list_purposes(call: Call) -> schemas.PurposeTexts:
    known, language = reference.purposes(), call.language
    return schemas.PurposeTexts(
        items=[
            schemas.PurposeText(
                purpose=purpose.slug,
                name=purpose.label.in_language(language),
                version=known.version,
                text=purpose.text.in_language(language),
                hash=purpose.sha256(language),
                required=purpose.slug in known.required,
            )
            for purpose in known.purposes.values()
        ]
    )


@routes.get("/v1/patients/{id}/consents", query=PageQuery, answer=Page[schemas.LedgerEntry])
async def list_entries(call: Call, query: PageQuery) -> Answer:
    (before,) = query.after(UUID) or (None,)

    async def view(conn: Connection, found: list[Entry]) -> Page[schemas.LedgerEntry]:
        told = found[: query.limit]
        return Page(
            items=await entry_views(conn, told, call),
            next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
        )

    return await call.act(
        keep_consents.open_ledger, call.id(), before=before, limit=query.limit + 1, view=view
    )


@routes.post(
    "/v1/patients/{id}/consents",
    body=schemas.GiveConsent,
    answer=schemas.LedgerEntry,
    status=201,
    raises=(RuleRefused,),
    conditional=False,
)
async def give(call: Call, body: schemas.GiveConsent) -> Answer:
    given = Given(
        purpose=body.purpose,
        version=body.version,
        accepted_at=body.accepted_at,
        language=call.language.value,
        signer=body.signer,
        relation=body.relation,
        authority=body.authority,
        channel=body.channel,
    )
    return await call.act(keep_consents.give_consent, call.id(), given, view=_showing(call))


@routes.post(
    "/v1/patients/{id}/consents/withdraw",
    body=schemas.WithdrawConsent,
    answer=schemas.LedgerEntry,
    conditional=False,
)
async def withdraw(call: Call, body: schemas.WithdrawConsent) -> Answer:
    return await call.act(
        keep_consents.withdraw_consent,
        call.id(),
        body.purpose,
        body.reason,
        view=_showing(call),
    )


def _showing(call: Call) -> Callable[[Connection, Entry], Awaitable[schemas.LedgerEntry]]:
    async def view(conn: Connection, entry: Entry) -> schemas.LedgerEntry:
        return (await entry_views(conn, [entry], call))[0]

    return view
