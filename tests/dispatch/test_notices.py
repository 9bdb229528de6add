"""Every event that is to wake a phone does, at least once, also when senders or gateways fail."""

from __future__ import annotations

import ast
import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from config import messages
from config.settings import Settings
from dispatch import channels, database
from dispatch.acts import deliver_notices, keep_house
from dispatch.channels import Message, NotDelivered, SmsGateway
from dispatch.database import Caller, Connection, Pool
from dispatch.lifecycles import Role
from dispatch.records import accounts, events, person_keys

CLOCK = Caller.clock()
PHONE = "+8613712345678"
ROOT = Path(messages.__file__).parents[1]


@database.act
async def register(conn: Connection, phone: str, language: str) -> UUID:
    return (await accounts.insert(conn, Role.PATIENT, phone, language=language)).id


@database.act
async def tell(conn: Connection, *accounts_: UUID, wake: str | None = "nurse_found") -> None:
    await events.insert(conn, "order.assigned", {"n": 1}, account_ids=list(accounts_), wake=wake)


@database.act
async def erase(conn: Connection, person_id: UUID) -> bool:
    return await person_keys.destroy(conn, person_id)


class Phones:
    """A channel that keeps what it is given; `faults` are what happens instead, one a message."""

    def __init__(self, *faults: NotDelivered) -> None:
        self.taken: list[Message] = []
        self.faults = list(faults)

    async def send(self, message: Message) -> None:
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(message)


async def make_due(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE notices SET next_try_at = app_now() WHERE next_try_at IS NOT NULL")


async def state_of(owner: asyncpg.Connection) -> tuple[bool, bool, bool, int]:
    """(waits, sent, failed, attempts) of the only notice."""
    row = await owner.fetchrow(
        "SELECT next_try_at IS NOT NULL, sent_at IS NOT NULL, failed_at IS NOT NULL, attempts "
        "FROM notices"
    )
    assert row is not None
    return tuple(row)


async def test_an_event_wakes_each_account_once_in_its_language(pool: Pool) -> None:
    one = await register(pool, CLOCK, PHONE, "en")
    two = await register(pool, CLOCK, "+8613712345679", "zh-CN")
    await tell(pool, CLOCK, one, two, two)
    await tell(pool, CLOCK, one, wake=None)
    assert await deliver_notices.relay_events(pool) == 2
    assert await deliver_notices.relay_events(pool) == 0
    phones = Phones()
    assert await deliver_notices.deliver_notices(pool, channel=phones) == 2
    assert await deliver_notices.deliver_notices(pool, channel=phones) == 0
    texts = messages.find("nurse_found").texts
    assert {m.phone: m.text for m in phones.taken} == {
        PHONE: texts["en"],
        "+8613712345679": texts["zh-CN"],
    }


async def test_relays_and_senders_at_once_skip_and_double_nothing(pool: Pool) -> None:
    account = await register(pool, CLOCK, PHONE, "en")
    await asyncio.gather(*(tell(pool, CLOCK, account) for _ in range(40)))
    await asyncio.gather(*(deliver_notices.relay_events(pool, 7) for _ in range(8)))
    phones = Phones()
    await asyncio.gather(
        *(deliver_notices.deliver_notices(pool, 9, channel=phones) for _ in range(6))
    )
    assert len(phones.taken) == len({m.id for m in phones.taken}) == 40
    async with pool.read(CLOCK) as conn:
        seen = [event.seq for event in await events.list_after(conn, 0, 100)]
    assert seen == sorted(seen)
    assert len(seen) == 40


async def test_a_failure_is_tried_again_with_growing_gaps_and_the_same_id(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    await tell(pool, CLOCK, await register(pool, CLOCK, PHONE, "en"))
    await deliver_notices.relay_events(pool)
    phones = Phones(NotDelivered("status 503"), NotDelivered("TimeoutError"))
    gaps = []
    for _ in range(2):
        await deliver_notices.deliver_notices(pool, channel=phones)
        assert (await state_of(owner))[:3] == (True, False, False)
        gaps.append(
            await owner.fetchval(
                "SELECT extract(epoch FROM next_try_at - app_now())::float8 FROM notices"
            )
        )
        await make_due(owner)
    assert gaps == pytest.approx([2.0, 4.0], abs=0.5)
    await deliver_notices.deliver_notices(pool, channel=phones)
    assert await state_of(owner) == (False, True, False, 3)
    assert [m.id for m in phones.taken] == [await owner.fetchval("SELECT id FROM notices")]


def test_gaps_grow_to_a_bound() -> None:
    gaps = [deliver_notices.gap_s(Settings(), attempts) for attempts in (1, 2, 5, 10, 1000)]
    assert gaps == [2, 4, 32, 900, 900]


async def test_what_will_never_be_taken_is_given_up(pool: Pool, owner: asyncpg.Connection) -> None:
    await tell(pool, CLOCK, await register(pool, CLOCK, PHONE, "en"))
    await deliver_notices.relay_events(pool)
    phones = Phones(NotDelivered("status 400", for_good=True))
    await deliver_notices.deliver_notices(pool, channel=phones)
    assert await state_of(owner) == (False, False, True, 1)


@pytest.mark.parametrize(
    ("wake", "age", "is_sent"),
    [
        ("nurse_found", "23 hours", True),
        ("nurse_found", "25 hours", False),
        ("offer", "9 minutes", True),
        ("offer", "11 minutes", False),
    ],
)
async def test_a_message_that_came_to_be_pointless_wakes_nobody(
    pool: Pool, owner: asyncpg.Connection, wake: str, age: str, is_sent: bool
) -> None:
    await tell(pool, CLOCK, await register(pool, CLOCK, PHONE, "en"), wake=wake)
    await deliver_notices.relay_events(pool)
    await owner.execute("UPDATE notices SET created_at = app_now() - $1::text::interval", age)
    phones = Phones()
    await deliver_notices.deliver_notices(pool, channel=phones)
    assert len(phones.taken) == is_sent
    assert await state_of(owner) == (False, is_sent, not is_sent, 1)


async def test_a_sender_that_dies_leaves_a_lease_and_one_that_comes_late_is_not_heard(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    await tell(pool, CLOCK, await register(pool, CLOCK, PHONE, "en"))
    await deliver_notices.relay_events(pool)
    held, released = asyncio.Event(), asyncio.Event()

    class Slow(Phones):
        async def send(self, message: Message) -> None:
            held.set()
            await released.wait()
            raise NotDelivered("too late", for_good=True)

    slow = asyncio.create_task(deliver_notices.deliver_notices(pool, channel=Slow()))
    await held.wait()
    phones = Phones()
    assert await deliver_notices.deliver_notices(pool, channel=phones) == 0
    await make_due(owner)  # the lease has run out
    assert await deliver_notices.deliver_notices(pool, channel=phones) == 1
    released.set()
    await slow
    assert await state_of(owner) == (False, True, False, 2)


async def test_the_suspended_and_the_erased_are_left_in_peace(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    suspended = await register(pool, CLOCK, PHONE, "en")
    erased = await register(pool, CLOCK, "+8613712345679", "en")
    await owner.execute("UPDATE accounts SET suspended_at = app_now() WHERE id = $1", suspended)
    assert await erase(pool, CLOCK, erased)
    await tell(pool, CLOCK, suspended, erased)
    await deliver_notices.relay_events(pool)
    phones = Phones()
    assert await deliver_notices.deliver_notices(pool, channel=phones) == 2
    assert phones.taken == []
    assert await owner.fetchval("SELECT count(*) FROM notices WHERE failed_at IS NOT NULL") == 2


# The gateway


@asynccontextmanager
async def gateway(*answers: int, hang: bool = False) -> AsyncIterator[tuple[SmsGateway, list[Any]]]:
    """A gateway on loopback that gives these answers in turn, and what it was sent."""
    heard: list[Any] = []
    left = list(answers)

    async def take(request: web.Request) -> web.Response:
        heard.append((dict(request.headers), await request.json()))
        if hang:
            await asyncio.sleep(30)
        return web.Response(status=left.pop(0))

    app = web.Application()
    app.router.add_post("/messages", take)
    async with TestServer(app) as server:
        settings = Settings(
            sms_gateway_url=str(server.make_url("/messages")),
            sms_gateway_token=SecretStr("secret"),
            sms_timeout_s=2,
        )
        async with channels.connect(settings) as channel:
            assert isinstance(channel, SmsGateway)
            yield channel, heard


async def test_the_gateway_gets_number_words_and_a_key_that_stays_the_same() -> None:
    message = channels.one_time_code(phone=PHONE, code="123456", language="en", ttl_s=300)
    async with gateway(200) as (channel, heard):
        await channel.send(message)
    headers, body = heard[0]
    assert body == {"id": str(message.id), "to": PHONE, "text": message.text}
    assert "123456" in message.text
    assert "5 minutes" in message.text
    assert headers["Idempotency-Key"] == str(message.id)
    assert headers["Authorization"] == "Bearer secret"
    assert PHONE not in repr(message)
    assert "123456" not in repr(message)


@pytest.mark.parametrize(
    ("status", "for_good"), [(500, False), (503, False), (429, False), (401, False), (400, True)]
)
async def test_a_refusal_of_the_gateway_is_for_now_or_for_good(status: int, for_good: bool) -> None:
    message = channels.one_time_code(phone=PHONE, code="123456", language="en", ttl_s=300)
    async with gateway(status) as (channel, _):
        with pytest.raises(NotDelivered) as caught:
            await channel.send(message)
    assert caught.value.for_good is for_good
    assert PHONE not in str(caught.value)


async def test_a_gateway_that_hangs_is_given_up_for_now() -> None:
    message = channels.one_time_code(phone=PHONE, code="123456", language="en", ttl_s=300)
    async with gateway(hang=True) as (channel, _):
        with pytest.raises(NotDelivered) as caught:
            await channel.send(message)
    assert not caught.value.for_good


# The words


def wakes() -> Iterator[tuple[str, str]]:
    """Every template that the code names, and where."""
    for path in (ROOT / "dispatch").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.keyword)
                and (node.arg or "").startswith("wake")
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield node.value.value, f"{path.name}:{node.value.lineno}"


def test_every_template_that_is_named_has_its_words() -> None:
    missing = [f"{name} ({where})" for name, where in wakes() if name not in messages.load()]
    assert missing == []


def test_no_message_says_what_a_stranger_may_not_read() -> None:
    catalogue = (ROOT / "config" / "services.yaml").read_text(encoding="utf-8")
    assert "导尿" in catalogue
    forbidden = (
        "护理",
        "换药",
        "导尿",
        "压疮",
        "catheter",
        "wound",
        "dialysis",
        "{name}",
        "{address}",
    )
    for template in messages.load().values():
        for text in template.texts.values():
            assert not [word for word in forbidden if word in text], template.name


def test_languages_of_a_message_take_the_same_values() -> None:
    for template in messages.load().values():
        counts = {json.dumps(sorted(Counter(_slots(text)))) for text in template.texts.values()}
        assert len(counts) == 1, template.name


def _slots(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]


# Keeping house


async def test_what_has_served_its_time_goes_and_what_has_not_stays(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    account = await register(pool, CLOCK, PHONE, "en")
    for _ in range(6):
        await tell(pool, CLOCK, account)
    await deliver_notices.relay_events(pool)
    await deliver_notices.deliver_notices(pool, channel=Phones())
    await owner.execute(
        "UPDATE outbox SET created_at = app_now() - interval '26 hours' WHERE seq <= 4"
    )
    await owner.execute(
        "UPDATE notices SET created_at = app_now() - interval '31 days' WHERE dedupe < '3'"
    )
    await owner.execute(
        "INSERT INTO heartbeats (process, role, at) SELECT role || n, role, "
        "clock_timestamp() - make_interval(hours => n) "
        "FROM unnest('{api,clock}'::text[]) AS role, generate_series(2, 4) AS n"
    )
    rows = [await keep_house.keep_house(pool, 3), await keep_house.keep_house(pool, 3)]
    assert rows[0] >= 3
    assert rows[1] < 3
    assert [r[0] for r in await owner.fetch("SELECT seq FROM outbox ORDER BY 1")] == [5, 6]
    assert await owner.fetchval("SELECT count(*) FROM notices") == 4
    assert [r[0] for r in await owner.fetch("SELECT process FROM heartbeats ORDER BY 1")] == [
        "api2",
        "clock2",
    ]
