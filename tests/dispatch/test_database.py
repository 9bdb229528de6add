"""The one place of transactions: who is calling, retried keys, refusals that leave a fact."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from dispatch import database, retries
from dispatch.database import Caller, Connection, Pool, RetryKey
from dispatch.errors import DispatchError, NotFound, RetryKeyReused, WrongCode
from dispatch.lifecycles import Role
from dispatch.records import audit, events
from dispatch.records.retry_keys import StoredAnswer


@pytest.fixture
def caller() -> Caller:
    return Caller(
        role=Role.OPERATOR,
        account_id=uuid4(),
        request_id="req-1",
        retry=RetryKey(key="k", method="POST", path="/x", fingerprint=b"1"),
    )


@database.act
async def tell(conn: Connection, what: str) -> str:
    await events.insert(conn, what, {})
    return what


@database.act
async def tell_and_fail(conn: Connection, error: DispatchError) -> None:
    await events.insert(conn, "told", {})
    raise error


@database.act
async def tell_and_refuse(conn: Connection) -> None:
    await events.insert(conn, "told", {})
    conn.refuse(WrongCode())


async def _render(conn: Connection, result: object) -> StoredAnswer:
    return StoredAnswer(status=201, body=f'"{result}"'.encode(), version=3)


async def _told(owner: asyncpg.Connection) -> int:
    return int(await owner.fetchval("SELECT count(*) FROM outbox"))


async def test_the_server_is_told_who_calls(pool: Pool) -> None:
    caller = Caller(role=Role.NURSE, account_id=UUID(int=1), nurse_id=UUID(int=2), request_id="abc")
    async with pool.read(caller) as conn:
        row = await conn.fetchrow(
            "SELECT app_role(), app_account(), app_nurse(), app_institution(), current_user,"
            " current_setting('application_name') AS name"
        )
    assert row is not None
    assert tuple(row) == ("nurse", UUID(int=1), UUID(int=2), None, database.APP_ROLE, "abc")


async def test_the_next_transaction_of_a_connection_knows_nothing_of_the_last(pool: Pool) -> None:
    async with pool.read(Caller.clock()) as conn:
        assert await conn.fetchval("SELECT app_role()") == "clock"
    for _ in range(20):
        assert await pool.connections.fetchval("SELECT app_role()") is None


async def test_a_reading_transaction_cannot_write(pool: Pool, caller: Caller) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with pool.read(caller) as conn:
            await events.insert(conn, "told", {})


async def test_a_change_of_role_reaches_the_server_and_ends_with_its_block(pool: Pool) -> None:
    async with pool.read(Caller(role=Role.NURSE)) as conn:
        async with conn.as_clock():
            assert await conn.fetchval("SELECT app_role()") == "clock"
            async with conn.as_clock():
                pass
            assert await conn.fetchval("SELECT app_role()") == "clock"
        assert await conn.fetchval("SELECT app_role()") == "nurse"


async def test_a_savepoint_that_is_undone_takes_its_role_and_its_events_along(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    async def work(conn: Connection) -> None:
        await events.insert(conn, "before", {})
        with contextlib.suppress(ZeroDivisionError):
            async with conn.savepoint():
                await events.insert(conn, "undone", {})
                async with conn.as_clock():
                    assert await conn.fetchval("SELECT app_role()") == "clock"
                    raise ZeroDivisionError
        assert await conn.fetchval("SELECT app_role()") == "operator"
        async with conn.savepoint():
            await events.insert(conn, "after", {})

    await pool.transact(Caller(role=Role.OPERATOR), work)
    told = await owner.fetch("SELECT event FROM outbox ORDER BY id")
    assert [row["event"] for row in told] == ["before", "after"]


async def test_what_is_left_to_the_end_keeps_its_order_and_its_lists(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    accounts = [uuid4() for _ in range(3)]

    async def work(conn: Connection) -> None:
        for count in range(4):
            await events.insert(conn, f"e{count}", {"n": count}, account_ids=accounts[:count])
        await audit.append(conn, "deed", "thing", None, detail={"fields": ["a", "b"]})

    await pool.transact(Caller(role=Role.OPERATOR, request_id="r"), work)
    told = await owner.fetch("SELECT event, account_ids, data FROM outbox ORDER BY id")
    assert [(row["event"], row["account_ids"]) for row in told] == [
        (f"e{count}", accounts[:count]) for count in range(4)
    ]
    row = await owner.fetchrow("SELECT actor_role, action, request_id, detail FROM audit")
    assert row is not None
    assert (row["actor_role"], row["action"], row["request_id"]) == ("operator", "deed", "r")
    assert json.loads(row["detail"]) == {"fields": ["a", "b"]}


async def test_a_raised_refusal_leaves_nothing(
    pool: Pool, caller: Caller, owner: asyncpg.Connection
) -> None:
    with pytest.raises(NotFound):
        await tell_and_fail(pool, caller, NotFound())
    assert await _told(owner) == 0


async def test_a_refusal_after_the_fact_leaves_the_fact_and_frees_the_key(
    pool: Pool, caller: Caller, owner: asyncpg.Connection
) -> None:
    for n in (1, 2):
        with pytest.raises(WrongCode):
            await retries.perform(pool, caller, tell_and_refuse, (), {}, _render)
        assert await _told(owner) == n
    assert await owner.fetchval("SELECT count(*) FROM retry_keys") == 0


async def test_a_refusal_waits_for_no_collector(pool: Pool, caller: Caller) -> None:
    """Its traceback holds the frames that it passed, with all that the request had."""
    gc.collect()
    gc.disable()
    try:
        before = _held(WrongCode)
        for _ in range(3):
            with contextlib.suppress(WrongCode):
                await retries.perform(pool, caller, tell_and_refuse, (), {}, _render)
        assert _held(WrongCode) == before
    finally:
        gc.enable()


def _held(kind: type[Exception]) -> int:
    return sum(isinstance(it, kind) for it in gc.get_objects())


async def test_a_retried_key_gives_the_same_answer_and_no_second_effect(
    pool: Pool, caller: Caller, owner: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(
        *(retries.perform(pool, caller, tell, ("told",), {}, _render) for _ in range(6))
    )
    assert set(answers) == {StoredAnswer(status=201, body=b'"told"', version=3)}
    assert await _told(owner) == 1


async def test_a_key_with_another_body_is_refused(pool: Pool, caller: Caller) -> None:
    assert caller.retry is not None
    await retries.perform(pool, caller, tell, ("told",), {}, _render)
    other = replace(caller, retry=replace(caller.retry, fingerprint=b"2"))
    with pytest.raises(RetryKeyReused):
        await retries.perform(pool, other, tell, ("told",), {}, _render)


async def test_another_account_has_its_own_keys(
    pool: Pool, caller: Caller, owner: asyncpg.Connection
) -> None:
    await retries.perform(pool, caller, tell, ("told",), {}, _render)
    other = replace(caller, account_id=uuid4())
    await retries.perform(pool, other, tell, ("told",), {}, _render)
    assert await _told(owner) == 2


async def test_consequences_end_with_their_block(pool: Pool, caller: Caller) -> None:
    async with pool.read(caller) as conn:
        async with conn.as_clock():
            assert await conn.fetchval("SELECT app_role()") == "clock"
            async with conn.as_clock():
                pass
            assert conn.role.value == "clock"
        assert conn.role.value == "operator"
        assert await conn.fetchval("SELECT app_role()") == "operator"


@pytest.mark.parametrize("broken", [asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError])
async def test_what_another_stood_in_the_way_of_is_tried_again(
    pool: Pool, caller: Caller, broken: type[asyncpg.PostgresError]
) -> None:
    tries = 0

    async def work(conn: Connection) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise broken("another stood in the way")
        return tries

    assert await pool.transact(caller, work) == 3


async def test_a_superuser_may_not_serve(database_dsn: str, pool: Pool) -> None:
    """Start-up refuses a role that row-level security does not bind."""
    owner = await asyncpg.create_pool(database_dsn, min_size=1, max_size=1)
    try:
        with pytest.raises(database.PrivilegeError):
            await database._check_privileges(owner)
    finally:
        await owner.close()
