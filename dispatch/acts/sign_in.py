"""Signing in and out: a code to the phone, the session that it opens, the exchange of its tokens.

Whether a number is known never shows: both kinds take the same way until the code is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch import credentials, database, identity
from dispatch.database import Connection
from dispatch.errors import Forbidden, InvalidFields, Unauthenticated, WrongCode
from dispatch.lifecycles import Role
from dispatch.records import accounts, audit, events, otp, sessions
from dispatch.records.sessions import Identity

DEMO_CODE: Final = "000000"
# A reply that was lost is asked for again within this time, and gets the same token once more.


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCode:
    """A code on its way to a phone; the only place where it stands in clear."""

    phone: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session and its newest refresh token; `now` is the real time to date an access token by."""

    session_id: UUID
    account_id: UUID
    role: Role
    refresh_token: str = field(repr=False)
    now: datetime


@database.act
async def request_code(conn: Connection, phone: str) -> OneTimeCode | None:
    """A fresh code to be sent, or None when the phone has had its share of them.

    In the demo there is nothing to send: its code is known. Raises `InvalidFields`.
    """
    number = _number(phone)
    if conn.settings.demo:
        return None
    await accounts.lock_phone(conn, number)
    asked = await otp.count_asked(conn, number)
    if (
        asked.last_minute >= conn.settings.otp_per_minute_max
        or asked.last_hour >= conn.settings.otp_per_hour_max
        or asked.last_day >= conn.settings.otp_per_day_max
    ):
        return None
    code = credentials.new_code()
    await otp.insert(conn, number, code, ttl_s=conn.settings.otp_ttl_s)
    return OneTimeCode(phone=number, code=code)


@database.act
async def sign_in(conn: Connection, phone: str, code: str) -> SignedIn | None:
    """Open a session for whoever holds the phone; a number never seen becomes a patient's account.

    A wrong code counts as a try although it is refused; only then is there no result. Raises
    `WrongCode`, `Forbidden` (suspended) and `InvalidFields`.
    """
    number = _number(phone)
    if not await _is_right(conn, number, code):
        conn.refuse(WrongCode())
        return None
    async with conn.as_clock():
        await accounts.lock_phone(conn, number)
        account = await accounts.find_by_phone(conn, number)
        if account is None:
            account = await accounts.insert(conn, Role.PATIENT, number)
            await audit.append(conn, "account.open", "account", account.id, person_id=account.id)
        token = credentials.new_token()
        session_id = await sessions.insert(
            conn, account.id, token, ttl_s=conn.settings.refresh_token_ttl_s
        )
        holder = await sessions.find_identity(conn, session_id)
        if holder is None or not holder.live:
            raise Forbidden
        await audit.append(conn, "session.open", "session", session_id, person_id=account.id)
    return _signed_in(holder, token)


async def _is_right(conn: Connection, number: str, code: str) -> bool:
    if conn.settings.demo and code == DEMO_CODE:
        return True
    return await otp.spend(conn, number, code, tries_max=conn.settings.otp_tries_max)


@database.act
async def refresh(conn: Connection, token: str) -> SignedIn | None:
    """Exchange a refresh token for its successor, which is the same however often this is asked.

    An old token that is used again, later than `refresh_grace_s` after the exchange, is taken for
    stolen: the whole family dies (there is no result then) and its owner is told. A token that was
    signed out is only refused. Raises `Unauthenticated`.
    """
    async with conn.as_clock():
        held = await sessions.lock_token(conn, token)
        holder = await sessions.find_identity(conn, held.session_id) if held else None
        if held is None or held.expired or holder is None or not holder.live:
            raise Unauthenticated
        following = credentials.successor(conn.keyring, token)
        if held.rotated_s is None:
            await sessions.rotate(conn, token)
            await sessions.insert_token(
                conn, held.session_id, following, ttl_s=conn.settings.refresh_token_ttl_s
            )
        elif held.rotated_s >= conn.settings.refresh_grace_s:
            await sessions.end(conn, held.session_id, "token_reused")
            await audit.append(
                conn, "session.revoke", "session", held.session_id, person_id=holder.account_id
            )
            await events.insert(
                conn,
                "session.revoked",
                {"session_id": str(held.session_id)},
                account_ids=[holder.account_id],
                staff=False,
                wake="session_revoked",
            )
            conn.refuse(Unauthenticated())
            return None
    return _signed_in(holder, following)


@database.act
async def sign_out(conn: Connection, session_id: UUID) -> None:
    """End the session; its access tokens are worth nothing from the next request on."""
    if await sessions.end(conn, session_id, "signed_out"):
        await audit.append(
            conn, "session.close", "session", session_id, person_id=conn.caller.account_id
        )


def _signed_in(holder: Identity, token: str) -> SignedIn:
    return SignedIn(
        session_id=holder.session_id,
        account_id=holder.account_id,
        role=holder.role,
        refresh_token=token,
        now=holder.now,
    )


def _number(phone: str) -> str:
    try:
        return identity.normalise_phone(phone)
    except ValueError:
        raise InvalidFields((("body", "phone"), "phone")) from None
