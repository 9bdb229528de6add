"""Buckets refill, classes are shed in their order, an alarm never; nobody hides his address."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from aiohttp.test_utils import TestClient

from api import edge, limits
from api.limits import Buckets, Limits, Rate
from api.policy import Load
from dispatch.errors import Overloaded, TooManyRequests
from tests.api import throwaway
from tests.api.throwaway import GuardedTestServer, World, slug

SEATS = {Load.SAFETY: 4, Load.ACCEPT: 3, Load.ORDER: 2, Load.SIGN_IN: 2, Load.BROWSE: 1}
WIDE = Rate(per_s=1000, burst=1000)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def made(
    *, account: Rate = WIDE, address: Rate = WIDE, clock: Clock | None = None, demo: bool = False
) -> Limits:
    return Limits(
        account=account,
        address=address,
        seats=SEATS,
        exempt_loopback=demo,
        clock=clock or Clock(),
    )


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    clock = Clock()
    buckets, rate = Buckets(clock), Rate(per_s=2, burst=3)
    key = ("a", Load.BROWSE)
    assert [buckets.take(key, rate) for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now_s += 0.5
    assert [buckets.take(key, rate) for _ in range(2)] == [0, 0.5]
    assert buckets.take(("b", Load.BROWSE), rate) == 0
    clock.now_s += 1000
    assert [buckets.take(key, rate) for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_refused_call_does_not_push_its_own_end_away() -> None:
    clock = Clock()
    buckets, rate = Buckets(clock), Rate(per_s=1, burst=1)
    key = ("a", Load.BROWSE)
    assert buckets.take(key, rate) == 0
    for _ in range(9):
        clock.now_s += 0.1
        assert buckets.take(key, rate) > 0
    clock.now_s += 0.11
    assert buckets.take(key, rate) == 0


def test_buckets_are_bounded() -> None:
    buckets = Buckets(Clock(), remembered_max=10)
    for number in range(1000):
        buckets.take((str(number), Load.BROWSE), WIDE)
    assert len(buckets._levels) == 10


def test_accounts_and_addresses_have_limits_of_their_own() -> None:
    gate = made(account=Rate(per_s=0.5, burst=2))
    for _ in range(2):
        gate.charge_account("a", "10.0.0.1", Load.BROWSE)
    with pytest.raises(TooManyRequests) as refusal:
        gate.charge_account("a", "10.0.0.1", Load.BROWSE)
    assert refusal.value.extras == {"retry_after_s": 2}
    gate.charge_account("b", "10.0.0.1", Load.BROWSE)
    gate.charge_address("10.0.0.1", Load.BROWSE)
    # Another class of the same account goes on.
    gate.charge_account("a", "10.0.0.1", Load.ACCEPT)


def test_alarms_are_never_refused() -> None:
    gate = made(account=Rate(per_s=0.001, burst=1), address=Rate(per_s=0.001, burst=1))
    with ExitStack() as held:
        for _ in range(SEATS[Load.SAFETY]):
            held.enter_context(gate.seat(Load.SAFETY))
        for _ in range(100):
            gate.charge_address("10.0.0.1", Load.ALARM)
            gate.charge_account("a", "10.0.0.1", Load.ALARM)
            held.enter_context(gate.seat(Load.ALARM))


def test_in_the_demo_loopback_is_free_of_rates() -> None:
    narrow = Rate(per_s=0.001, burst=1)
    for address in ("127.0.0.1", "127.9.9.9", "::1"):
        gate = made(address=narrow, account=narrow, demo=True)
        for _ in range(5):
            gate.charge_address(address, Load.BROWSE)
            gate.charge_account("a", address, Load.BROWSE)
    for address, demo in (("192.168.0.9", True), ("unknown", True), ("127.0.0.1", False)):
        gate = made(address=narrow, demo=demo)
        gate.charge_address(address, Load.BROWSE)
        with pytest.raises(TooManyRequests):
            gate.charge_address(address, Load.BROWSE)


def test_the_least_urgent_is_shed_first() -> None:
    gate = made()
    order = [Load.BROWSE, Load.ORDER, Load.ACCEPT, Load.SAFETY]
    with ExitStack() as held:
        for step, load in enumerate(order):
            held.enter_context(gate.seat(load))
            for shed in order[: step + 1]:
                with pytest.raises(Overloaded), gate.seat(shed):
                    pass
    with gate.seat(Load.BROWSE):
        pass


def test_every_class_has_a_limit_or_is_meant_to_have_none() -> None:
    assert set(Load) - set(limits.SHARES) == {Load.ALARM}
    assert set(Load) - set(SEATS) == {Load.ALARM, Load.STREAM, Load.SYSTEM}


def test_a_forged_forwarded_for_changes_nothing() -> None:
    proxies = frozenset({"10.0.0.9"})
    assert limits.address_of("1.2.3.4", "9.9.9.9", proxies) == "1.2.3.4"
    assert limits.address_of("10.0.0.9", "9.9.9.9, 1.2.3.4", proxies) == "1.2.3.4"
    assert limits.address_of("10.0.0.9", None, proxies) == "10.0.0.9"
    assert limits.address_of(None, "9.9.9.9", proxies) == "unknown"


async def test_over_http_a_limit_is_429_with_the_time_to_wait(world: World) -> None:
    gate = made(account=Rate(per_s=0.5, burst=1))
    app = edge.application(world.edge(limits=gate), [throwaway.routes])
    async with TestClient(GuardedTestServer(app)) as client:
        headers = world.headers(world.sign_in(), **{"X-Forwarded-For": "9.9.9.9"})
        assert (await client.get("/v1/things", headers=headers)).status == 200
        answer = await client.get("/v1/things", headers={**headers, "X-Forwarded-For": "8.8.8.8"})
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
        assert slug(await answer.json(content_type=None)) == "too-many-requests"
        for _ in range(5):
            assert (await client.post("/v1/alarms", headers=headers)).status == 201


async def test_over_http_load_is_shed_with_503_but_not_alarms(world: World) -> None:
    app = edge.application(world.edge(limits=made()), [throwaway.routes])
    async with TestClient(GuardedTestServer(app)) as client:
        headers = world.headers(world.sign_in())
        slow = asyncio.create_task(client.post("/v1/echo", data=_stuck(), headers=headers | _JSON))
        answer = await client.get("/v1/things", headers=headers)
        while answer.status == 200:
            answer = await client.get("/v1/things", headers=headers)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert slug(await answer.json(content_type=None)) == "overloaded"
        assert (await client.post("/v1/alarms", headers=headers)).status == 201
        assert (await slow).status == 408
        assert (await client.get("/v1/things", headers=headers)).status == 200


_JSON = {"Content-Type": "application/json"}


async def _stuck() -> object:
    yield b"{"
    await asyncio.sleep(2)
