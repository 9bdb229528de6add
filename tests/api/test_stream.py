"""Streams tell each reader what he may see, in order, without a gap, and end when they should."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from api import stream
from api.app import make_app
from api.policy import Permission
from config.settings import Settings
from dispatch import channels, database
from dispatch.acts import deliver_notices, sign_in, watch_peers
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import accounts, events, heartbeats
from tests.api.throwaway import Client, GuardedTestServer

CLOCK = Caller.clock()
ANYBODY = Caller(role=Role.PATIENT)
OPERATOR = "+8613800000001"
ONE, TWO = "+8613700000001", "+8613700000002"


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, sse_queue_max=8, sse_comment_s=0.4, sse_per_account_max=2)


@pytest.fixture
async def client(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    monkeypatch.setattr(stream, "CHECK_SESSIONS_S", 0.2)

    async def beat() -> None:
        await watch_peers.beat(pool, CLOCK, "api:test", "api", {})

    app = make_app(pool, beat=beat, channel=channels.LogChannel())
    async with TestClient(GuardedTestServer(app)) as made:
        yield made


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody signed in."""

    account_id: UUID
    session_id: UUID
    headers: dict[str, str]


@database.act
async def register(conn: Connection, phone: str, permissions: frozenset[str]) -> None:
    await accounts.insert(conn, Role.OPERATOR, phone, permissions=permissions)


async def signed_in(client: Client, pool: Pool, phone: str) -> Person:
    found = await sign_in.sign_in(pool, ANYBODY, phone, "000000")
    assert found is not None
    answer = await client.post("/v1/auth/token", json={"phone": phone, "code": "000000"})
    pair = await answer.json()
    token = {"Authorization": f"Bearer {pair['access_token']}"}
    return Person(account_id=found.account_id, session_id=found.session_id, headers=token)


async def operator(client: Client, pool: Pool, *permissions: str, phone: str = OPERATOR) -> Person:
    await register(pool, CLOCK, phone, frozenset(permissions))
    return await signed_in(client, pool, phone)


@database.act
async def _tell(conn: Connection, event: str, number: int, to: list[UUID], staff: bool) -> None:
    await events.insert(conn, event, {"n": number, "text": "上门\n"}, account_ids=to, staff=staff)


async def tell(
    pool: Pool, number: int, *to: Person, event: str = "order.open", staff: bool = False
) -> None:
    """Something happens and the relay gives it its place."""
    await _tell(pool, CLOCK, event, number, [person.account_id for person in to], staff)
    await deliver_notices.relay_events(pool)


@dataclass(slots=True)
class Reader:
    """One open stream, line by line."""

    answer: ClientResponse
    last_id: int = 0
    comments: int = 0

    async def next(self, limit_s: float = 5) -> tuple[str, int]:
        """The next event: its name and the number that was told."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(limit_s):
            while True:
                line = (await self.answer.content.readline()).decode()
                if not line:
                    raise EOFError
                name, _, value = line.rstrip("\n").partition(": ")
                if line.startswith(":"):
                    self.comments += 1
                elif line == "\n" and "event" in fields:
                    self.last_id = int(fields["id"])
                    data = json.loads(fields["data"])
                    assert data["text"] == "上门\n"
                    return fields["event"], data["n"]
                else:
                    fields[name] = value

    async def numbers(self, count: int) -> list[int]:
        return [(await self.next())[1] for _ in range(count)]

    async def is_quiet(self) -> bool:
        try:
            await self.next(limit_s=0.5)
        except TimeoutError:
            return True
        return False

    async def ends(self, limit_s: float = 5) -> bool:
        try:
            await self.next(limit_s)
        except EOFError:
            return True
        except TimeoutError:
            return False
        return False


@asynccontextmanager
async def reading(
    client: Client, who: Person, path: str = "/v1/stream", after: int | None = None
) -> AsyncIterator[Reader]:
    headers = {**who.headers} if after is None else {**who.headers, "Last-Event-ID": str(after)}
    async with client.get(path, headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        yield Reader(answer)


async def test_each_reader_gets_his_own_events_from_now_on_and_in_order(
    client: Client, pool: Pool
) -> None:
    one, two = await signed_in(client, pool, ONE), await signed_in(client, pool, TWO)
    await tell(pool, 0, one)
    await asyncio.sleep(2 * stream.POLL_S)  # so that the process has read what was before
    async with reading(client, one) as first, reading(client, two) as second:
        for number in range(1, 6):
            await tell(pool, number, one if number % 2 else two, staff=True)
        assert await first.numbers(3) == [1, 3, 5]
        assert await second.numbers(2) == [2, 4]
        assert await first.is_quiet()


async def test_a_reader_who_comes_back_misses_nothing_and_gets_nothing_twice(
    client: Client, pool: Pool
) -> None:
    one = await signed_in(client, pool, ONE)
    async with reading(client, one) as reader:
        await tell(pool, 1, one)
        await reader.next()
    for number in range(2, 30):
        await tell(pool, number, one)
    async with reading(client, one, after=reader.last_id) as back:
        writing = asyncio.create_task(tell_many(pool, range(30, 40), one))
        assert await back.numbers(38) == list(range(2, 40))
        await writing
        assert await back.is_quiet()


async def tell_many(pool: Pool, numbers: range, to: Person) -> None:
    for number in numbers:
        await tell(pool, number, to)


@pytest.mark.parametrize("given", ["0", "999999999", "abc", "-1", ""])
async def test_whatever_the_client_claims_to_have_seen_the_stream_goes_on(
    client: Client, pool: Pool, given: str
) -> None:
    one = await signed_in(client, pool, ONE)
    headers = {**one.headers, "Last-Event-ID": given}
    async with client.get("/v1/stream", headers=headers) as answer:
        assert answer.status == 200
        await tell(pool, 1, one)
        if given not in ("0", ""):
            assert await fields_of(answer) == {
                "id": "0",
                "event": "stream.reset",
                "data": '{"reason":"unknown"}',
            }
        assert await Reader(answer).next() == ("order.open", 1)


async def test_who_was_away_too_long_is_told_to_read_anew(
    client: Client, pool: Pool, owner: asyncpg.Connection
) -> None:
    one = await signed_in(client, pool, ONE)
    for number in (1, 2, 3):
        await tell(pool, number, one)
    await owner.execute("DELETE FROM outbox WHERE seq <= 2")
    await asyncio.sleep(2 * stream.POLL_S)
    headers = {**one.headers, "Last-Event-ID": "1"}
    async with client.get("/v1/stream", headers=headers) as answer:
        told = await fields_of(answer)
        assert (told["id"], told["event"]) == ("2", "stream.reset")
        assert told["data"] == '{"reason":"too_old"}'
        assert await Reader(answer).next() == ("order.open", 3)


async def fields_of(answer: ClientResponse) -> dict[str, str]:
    """The next event as it stands on the wire."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(5):
        while "data" not in fields:
            line = (await answer.content.readline()).decode().rstrip("\n")
            if line and not line.startswith((":", "retry")):
                name, _, value = line.partition(": ")
                fields[name] = value
    return fields


async def test_a_reader_of_another_replica_that_was_further_gets_nothing_twice(
    client: Client, pool: Pool, owner: asyncpg.Connection
) -> None:
    one = await signed_in(client, pool, ONE)
    await tell(pool, 1, one)
    hub = client.app[stream.HUB]
    await asyncio.sleep(2 * stream.POLL_S)
    hub._seq = 0  # this process has not read yet what the client has seen elsewhere
    async with reading(client, one, after=1) as reader:
        await tell(pool, 2, one)
        assert await reader.next() == ("order.open", 2)


async def test_staff_see_what_their_permissions_cover(client: Client, pool: Pool) -> None:
    every = tuple(permission.value for permission in Permission)
    dispatcher = await operator(client, pool, *every)
    reviewer = await operator(client, pool, "assess", phone="+8613800000004")
    patient = await signed_in(client, pool, ONE)
    async with (
        reading(client, dispatcher, "/v1/ops/stream") as all_of_it,
        reading(client, reviewer) as orders,
        reading(client, patient) as own,
    ):
        await tell(pool, 1, patient, event="order.open", staff=True)
        await tell(pool, 2, event="visit.en_route", staff=True)
        await tell(pool, 3, event="alarm.raised", staff=True)
        await tell(pool, 4, patient, event="visit.en_route", staff=False)
        await tell(pool, 5, patient, event="session.revoked", staff=True)
        await tell(pool, 6, event="order.held", staff=True)
        assert await all_of_it.numbers(4) == [1, 2, 3, 6]
        assert await orders.numbers(2) == [1, 6]
        assert await own.numbers(2) == [1, 4]


async def test_only_those_with_the_permission_may_watch_operations(
    client: Client, pool: Pool
) -> None:
    patient = await signed_in(client, pool, ONE)
    reviewer = await operator(client, pool, "assess")
    for who, status in ((patient, 403), (reviewer, 403)):
        assert (await client.get("/v1/ops/stream", headers=who.headers)).status == status
    assert (await client.get("/v1/stream")).status == 401


async def test_a_comment_comes_at_its_interval_also_while_events_flow(
    client: Client, pool: Pool
) -> None:
    one = await signed_in(client, pool, ONE)
    async with reading(client, one) as reader:
        for number in range(12):
            await tell(pool, number, one)
            await asyncio.sleep(0.1)
        assert await reader.numbers(12) == list(range(12))
    assert reader.comments >= 3  # the greeting and two intervals at least


async def test_the_stream_of_a_session_that_ended_is_closed(
    client: Client, pool: Pool, owner: asyncpg.Connection
) -> None:
    one, two = await signed_in(client, pool, ONE), await signed_in(client, pool, TWO)
    async with reading(client, one) as first, reading(client, two) as second:
        answer = await client.post("/v1/auth/logout", headers=one.headers)
        assert answer.status == 204
        assert await first.ends()
        await owner.execute(
            "UPDATE accounts SET suspended_at = app_now() WHERE id = $1", two.account_id
        )
        assert await second.ends()
    assert (await client.get("/v1/stream", headers=two.headers)).status == 401


async def test_an_accounts_oldest_stream_makes_room_for_a_new_one(
    client: Client, pool: Pool
) -> None:
    one = await signed_in(client, pool, ONE)
    async with (
        reading(client, one) as first,
        reading(client, one) as second,
        reading(client, one) as third,
    ):
        assert await first.ends()
        await tell(pool, 1, one)
        assert await second.next() == await third.next() == ("order.open", 1)


async def test_streams_end_at_once_when_the_process_stops(client: Client, pool: Pool) -> None:
    one = await signed_in(client, pool, ONE)
    async with reading(client, one) as reader:
        async with asyncio.timeout(3):
            await client.server.close()
        assert await reader.ends()


@database.act
async def _flood(conn: Connection, to: UUID, count: int) -> None:
    for number in range(count):
        data = {"n": number, "text": "上门\n", "filling": "x" * 300_000}
        await events.insert(conn, "order.open", data, account_ids=[to], staff=False)


async def test_a_reader_who_takes_nothing_is_dropped_and_hurts_nobody_else(
    client: Client, pool: Pool
) -> None:
    one, two = await signed_in(client, pool, ONE), await signed_in(client, pool, TWO)
    hub = client.app[stream.HUB]
    loop = asyncio.get_running_loop()
    with socket.socket() as slow:
        slow.setblocking(False)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(slow, ("127.0.0.1", client.port))
        ask = f"GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {one.headers['Authorization']}"
        await loop.sock_sendall(slow, f"{ask}\r\n\r\n".encode())
        async with asyncio.timeout(5):
            while not hub._listeners:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        async with reading(client, two) as reader:
            for _ in range(10):
                await _flood(pool, CLOCK, one.account_id, 6)
                await deliver_notices.relay_events(pool)
                await asyncio.sleep(stream.POLL_S)
            await tell(pool, 1, two)
            assert await reader.next() == ("order.open", 1)
            async with asyncio.timeout(stream.WRITE_S / 2):
                while len(hub._listeners) > 1:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)


async def test_a_process_is_ready_only_with_a_clock_behind_it(
    client: Client, pool: Pool, owner: asyncpg.Connection
) -> None:
    async def reasons() -> list[str]:
        answer = await client.get("/readyz")
        found = await answer.json()
        assert answer.status == (503 if "reasons" in found else 200)
        return list(found.get("reasons", []))

    assert await reasons() == ["dispatcher: no clock has run yet"]
    await watch_peers.beat(pool, CLOCK, "clock:test", "clock", {})
    assert await reasons() == []
    async with pool.read(CLOCK) as conn:
        assert {each.role for each in await heartbeats.list_all(conn)} == {"api", "clock"}
    await owner.execute("UPDATE heartbeats SET at = at - interval '11 seconds'")
    assert (await reasons())[0].startswith("dispatcher: no clock for 11")
    await watch_peers.beat(pool, CLOCK, "clock:test", "clock", {})
    await owner.execute(
        "INSERT INTO outbox (event, data, created_at) "
        "VALUES ('order.open', '{}', app_now() - interval '31 seconds')"
    )
    assert (await reasons())[0].startswith("dispatcher: an event has waited for 31")
    await deliver_notices.relay_events(pool)
    await owner.execute("DELETE FROM schema_migrations")
    assert (await reasons())[0].startswith("schema: migration 0001")


async def test_metrics_tell_of_the_house_and_of_every_sweep(client: Client, pool: Pool) -> None:
    figures = {"send_waves": {"runs": 7, "rows": 3, "errors": 1, "busy_s": 0.5, "quiet_s": 0.2}}
    await watch_peers.beat(pool, CLOCK, f"clock:{new_id()}", "clock", figures)
    text = await (await client.get("/metrics")).text()
    assert 'shangmen_orders{state="open"} 0.0' in text
    assert 'shangmen_queue_age_seconds{queue="waves"} 0.0' in text
    assert 'shangmen_pool_connections{pool="api",state="max"} 4.0' in text
    prepared = re.search(r'^shangmen_prepared_statements{pool="api"} (\S+)$', text, re.MULTILINE)
    assert prepared
    assert float(prepared[1]) > 0
    runs = [line for line in text.splitlines() if line.startswith("shangmen_sweep_runs_total{")]
    assert any('sweep="send_waves"' in line and line.endswith(" 7.0") for line in runs)
    assert "shangmen_sweep_busy_seconds_total{" in text
    assert "shangmen_streams " in text
