"""Signing in and out, and who one is then."""

from __future__ import annotations

from yarl import URL

from api.codes import CODES
from api.schemas import people as schemas
from api.schemas.conventions import Empty
from api.wire import Call, Routes
from config.settings import EVERY_HOST
from dispatch import identity
from dispatch.acts import sign_in
from dispatch.acts.sign_in import SignedIn
from dispatch.errors import Forbidden, Unauthenticated, WrongCode
from dispatch.records import accounts

routes = Routes()


@routes.post("/v1/auth/otp", body=schemas.AskForCode, status=202)
async def ask_for_code(call: Call, body: schemas.AskForCode) -> None:
    code = await sign_in.request_code(call.pool, call.caller, body.phone)
    if code is not None:
        call.request.app[CODES].send_soon(code, call.language)


@routes.post(
    "/v1/auth/token",
    body=schemas.TradeCode,
    answer=schemas.TokenPair,
    raises=(WrongCode, Forbidden),
)
async def trade_code(call: Call, body: schemas.TradeCode) -> schemas.TokenPair:
    return _pair(call, await sign_in.sign_in(call.pool, call.caller, body.phone, body.code))


@routes.post(
    "/v1/auth/refresh",
    body=schemas.Refresh,
    answer=schemas.TokenPair,
    raises=(Unauthenticated,),
)
async def refresh(call: Call, body: schemas.Refresh) -> schemas.TokenPair:
    return _pair(call, await sign_in.refresh(call.pool, call.caller, body.refresh_token))


def _pair(call: Call, signed_in: SignedIn | None) -> schemas.TokenPair:
    if signed_in is None:
        raise Unauthenticated
    return schemas.TokenPair(
        access_token=call.edge.tokens.issue(
            account_id=signed_in.account_id, session_id=signed_in.session_id, now=signed_in.now
        ),
        refresh_token=signed_in.refresh_token,
        expires_in=call.edge.tokens.ttl_s,
        role=signed_in.role,
        account_id=signed_in.account_id,
    )


@routes.post("/v1/auth/logout", status=204)
async def sign_out(call: Call, body: Empty) -> None:
    if call.session is not None:
        await sign_in.sign_out(call.pool, call.caller, call.session.id)


@routes.get("/v1/me", answer=schemas.Me)
async def get_me(call: Call) -> schemas.Me:
    if call.session is None:
        raise Unauthenticated
    async with call.read() as conn:
        account = await accounts.get(conn, call.session.account_id)
        phone = await accounts.open_phone(conn, account)
    return schemas.Me(
        account_id=account.id,
        role=account.role,
        permissions=sorted(account.permissions),
        phone_masked=identity.mask_phone(phone),
        nurse_id=account.nurse_id,
        institution_id=call.session.institution_id,
        alarm_url=_alarm_url(call),
    )


def _alarm_url(call: Call) -> str:
    """Where the alarm process answers: as it is set, else on the host that the caller knows."""
    settings = call.settings
    if settings.alarm_public_url is not None:
        return settings.alarm_public_url
    host = settings.host
    if host in EVERY_HOST:
        host = call.request.url.host or host
    return str(URL.build(scheme="http", host=host, port=settings.alarm_port))
