"""A code opens one session, tokens rotate without hurting the honest, what is cut off stays so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from config.settings import Settings
from dispatch import database
from dispatch.acts import sign_in
from dispatch.acts.sign_in import OneTimeCode, SignedIn
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import AlreadyRegistered, Forbidden, InvalidFields, Unauthenticated, WrongCode
from dispatch.key_folder import LocalKeyProvider
from dispatch.lifecycles import Role
from dispatch.records import accounts, sessions
from dispatch.records.accounts import Account
from dispatch.sealing import Keyring

PHONE = "+8613712345678"
ANYBODY = Caller(role=Role.PATIENT)
CLOCK = Caller.clock()


@database.act
async def register(conn: Connection, phone: str, permissions: frozenset[str]) -> Account:
    return await accounts.insert(conn, Role.OPERATOR, phone, permissions=permissions)


async def code_for(pool: Pool, phone: str = PHONE) -> str:
    sent = await sign_in.request_code(pool, ANYBODY, phone)
    assert sent is not None
    return sent.code


async def signed_in(pool: Pool, phone: str = PHONE) -> SignedIn:
    found = await sign_in.sign_in(pool, ANYBODY, phone, await code_for(pool, phone))
    assert found is not None
    return found


async def exchange(pool: Pool, token: str) -> SignedIn:
    found = await sign_in.refresh(pool, ANYBODY, token)
    assert found is not None
    return found


async def is_live(pool: Pool, session_id: UUID) -> bool:
    async with pool.read(CLOCK) as conn:
        holder = await sessions.find_identity(conn, session_id)
    assert holder is not None
    return holder.live


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# Codes


async def test_a_number_never_seen_becomes_a_patient_and_stays_the_same_account(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    first = await signed_in(pool)
    assert first.role is Role.PATIENT
    await owner.execute("UPDATE otp_codes SET created_at = created_at - interval '2 minutes'")
    second = await signed_in(pool, "137 1234 5678")
    assert second.account_id == first.account_id
    assert second.session_id != first.session_id


async def test_staff_sign_in_as_what_they_were_registered_for(pool: Pool) -> None:
    account = await register(pool, CLOCK, PHONE, frozenset({"assess"}))
    found = await signed_in(pool)
    assert (found.account_id, found.role) == (account.id, Role.OPERATOR)
    async with pool.read(CLOCK) as conn:
        holder = await sessions.find_identity(conn, found.session_id)
    assert holder is not None
    assert holder.permissions == {"assess"}
    with pytest.raises(AlreadyRegistered):
        await register(pool, CLOCK, "137-1234-5678", frozenset())


async def test_a_code_opens_one_session_however_often_it_is_sent(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    code = await code_for(pool)
    answers = await asyncio.gather(
        *(sign_in.sign_in(pool, ANYBODY, PHONE, code) for _ in range(12)), return_exceptions=True
    )
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert sum(isinstance(answer, WrongCode) for answer in answers) == 11
    assert await owner.fetchval("SELECT count(*) FROM sessions") == 1


async def test_only_five_of_many_guesses_at_once_are_judged_and_then_the_code_is_burnt(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    code = await code_for(pool)
    guesses = [sign_in.sign_in(pool, ANYBODY, PHONE, wrong(code)) for _ in range(40)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(answer) for answer in answers} == {WrongCode}
    assert await owner.fetchval("SELECT tries FROM otp_codes") == 5
    with pytest.raises(WrongCode):
        await sign_in.sign_in(pool, ANYBODY, PHONE, code)


async def test_the_fifth_try_may_still_be_right(pool: Pool) -> None:
    code = await code_for(pool)
    for _ in range(4):
        with pytest.raises(WrongCode):
            await sign_in.sign_in(pool, ANYBODY, PHONE, wrong(code))
    assert await sign_in.sign_in(pool, ANYBODY, PHONE, code) is not None


async def test_a_code_grows_old_and_gives_way_to_a_newer_one(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    first = await code_for(pool)
    await owner.execute("UPDATE otp_codes SET created_at = created_at - interval '2 minutes'")
    second = await code_for(pool)
    if first != second:
        with pytest.raises(WrongCode):
            await sign_in.sign_in(pool, ANYBODY, PHONE, first)
    await owner.execute("UPDATE otp_codes SET expires_at = clock_timestamp()")
    with pytest.raises(WrongCode):
        await sign_in.sign_in(pool, ANYBODY, PHONE, second)


async def test_a_code_of_another_phone_opens_nothing(pool: Pool) -> None:
    code = await code_for(pool)
    with pytest.raises(WrongCode):
        await sign_in.sign_in(pool, ANYBODY, "+8613712345679", code)


async def test_a_phone_gets_one_code_a_minute_five_an_hour_and_ten_a_day(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*(sign_in.request_code(pool, ANYBODY, PHONE) for _ in range(6)))
    assert sum(isinstance(answer, OneTimeCode) for answer in answers) == 1

    async def sent_after(age: str, tries: int) -> int:
        sent = 0
        for _ in range(tries):
            await owner.execute(
                "UPDATE otp_codes SET created_at = created_at - $1::text::interval", age
            )
            sent += await sign_in.request_code(pool, ANYBODY, PHONE) is not None
        return sent

    assert await sent_after("61 seconds", 6) == 4
    assert await sent_after("61 minutes", 7) == 5
    assert await sign_in.request_code(pool, ANYBODY, "+8613712345679") is not None
    assert await sent_after("25 hours", 1) == 1


async def test_a_number_that_is_none_is_refused(pool: Pool) -> None:
    for call in (
        sign_in.request_code(pool, ANYBODY, "12345"),
        sign_in.sign_in(pool, ANYBODY, "12345", "000000"),
    ):
        with pytest.raises(InvalidFields):
            await call


async def test_the_number_stands_nowhere_and_is_found_only_with_the_right_key(
    pool: Pool, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await signed_in(pool)
    for table in ("accounts", "otp_codes", "sessions", "audit", "person_keys"):
        rows = await owner.fetch(f"SELECT t::text AS row FROM {table} t")  # noqa: S608
        for row in rows:
            assert "13712345678" not in row["row"]
            assert b"13712345678".hex() not in row["row"]
    stranger = Keyring(LocalKeyProvider(tmp_path / "other-keys"))
    async with pool.read(CLOCK) as conn:
        found = await accounts.find_by_phone(conn, "137 1234 5678")
        assert found is not None
        assert await accounts.open_phone(conn, found) == PHONE
        conn.keyring = stranger
        assert await accounts.find_by_phone(conn, PHONE) is None


# The demo


async def test_in_the_demo_the_known_code_works_at_once_and_leaves_no_trace(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    demo = replace(pool, settings=Settings(demo=True))
    assert await sign_in.request_code(demo, ANYBODY, PHONE) is None
    answers = await asyncio.gather(
        *(sign_in.sign_in(demo, ANYBODY, PHONE, sign_in.DEMO_CODE) for _ in range(8))
    )
    assert len({answer.account_id for answer in answers if answer}) == 1
    assert await owner.fetchval("SELECT count(*) FROM otp_codes") == 0
    with pytest.raises(WrongCode):
        await sign_in.sign_in(demo, ANYBODY, PHONE, "111111")
    with pytest.raises(WrongCode):
        await sign_in.sign_in(pool, ANYBODY, PHONE, sign_in.DEMO_CODE)


# Refreshing


async def test_a_hundred_exchanges_of_one_token_give_one_successor(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    """With a grace, for phones that lose answers; the contract's default is none."""
    patient = {"refresh_grace_s": 30, "request_timeout_s": 60, "acquire_timeout_s": 60}
    pool.settings = pool.settings.model_copy(update=patient)
    first = await signed_in(pool)
    answers = await asyncio.gather(*(exchange(pool, first.refresh_token) for _ in range(100)))
    assert len({answer.refresh_token for answer in answers}) == 1
    assert answers[0].refresh_token != first.refresh_token
    assert await owner.fetchval("SELECT count(*) FROM refresh_tokens") == 2
    following = await exchange(pool, answers[0].refresh_token)
    assert following.session_id == first.session_id
    assert await is_live(pool, first.session_id)


async def test_an_old_token_used_late_kills_the_family_and_its_owner_is_told(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    pool.settings = pool.settings.model_copy(update={"refresh_grace_s": 30})
    first = await signed_in(pool)
    second = await exchange(pool, first.refresh_token)
    await owner.execute("UPDATE refresh_tokens SET rotated_at = rotated_at - interval '29 s'")
    assert (await exchange(pool, first.refresh_token)).refresh_token == second.refresh_token
    await owner.execute("UPDATE refresh_tokens SET rotated_at = rotated_at - interval '2 s'")
    with pytest.raises(Unauthenticated):
        await exchange(pool, first.refresh_token)
    assert not await is_live(pool, first.session_id)
    with pytest.raises(Unauthenticated):
        await exchange(pool, second.refresh_token)
    told = await owner.fetch("SELECT account_ids, staff, wake FROM outbox")
    assert [tuple(row) for row in told] == [([first.account_id], False, "session_revoked")]


async def test_without_a_grace_an_old_token_kills_the_family_at_once(pool: Pool) -> None:
    first = await signed_in(pool)
    second = await exchange(pool, first.refresh_token)
    with pytest.raises(Unauthenticated):
        await exchange(pool, first.refresh_token)
    with pytest.raises(Unauthenticated):
        await exchange(pool, second.refresh_token)
    assert not await is_live(pool, first.session_id)


async def test_a_token_that_was_signed_out_is_no_theft(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    first = await signed_in(pool)
    await exchange(pool, first.refresh_token)
    own = Caller(role=Role.PATIENT, account_id=first.account_id)
    await sign_in.sign_out(pool, own, first.session_id)
    assert not await is_live(pool, first.session_id)
    await owner.execute("UPDATE refresh_tokens SET rotated_at = rotated_at - interval '1 hour'")
    with pytest.raises(Unauthenticated):
        await exchange(pool, first.refresh_token)
    assert await owner.fetchval("SELECT end_reason FROM sessions") == "signed_out"
    assert await owner.fetchval("SELECT count(*) FROM outbox") == 0


async def test_expired_and_invented_tokens_are_refused(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    first = await signed_in(pool)
    await owner.execute("UPDATE refresh_tokens SET expires_at = clock_timestamp()")
    for token in (first.refresh_token, "", "x" * 43, first.refresh_token + "="):
        with pytest.raises(Unauthenticated):
            await exchange(pool, token)


async def test_nobody_ends_the_session_of_another(pool: Pool) -> None:
    first = await signed_in(pool)
    other = await signed_in(pool, "+8613712345679")
    stranger = Caller(role=Role.PATIENT, account_id=other.account_id)
    await sign_in.sign_out(pool, stranger, first.session_id)
    assert await is_live(pool, first.session_id)


@database.act
async def suspend(conn: Connection, account_id: UUID, suspended: bool) -> None:
    await accounts.set_suspended(conn, account_id, suspended)


async def test_suspension_cuts_what_is_signed_in_and_any_new_way_in(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    first = await signed_in(pool)
    await suspend(pool, CLOCK, first.account_id, True)
    assert not await is_live(pool, first.session_id)
    with pytest.raises(Unauthenticated):
        await exchange(pool, first.refresh_token)
    await owner.execute("UPDATE otp_codes SET created_at = created_at - interval '2 minutes'")
    code = await code_for(pool)
    with pytest.raises(Forbidden):
        await sign_in.sign_in(pool, ANYBODY, PHONE, code)
    assert await owner.fetchval("SELECT count(*) FROM sessions") == 1
    await suspend(pool, CLOCK, first.account_id, False)
    assert await is_live(pool, first.session_id)
