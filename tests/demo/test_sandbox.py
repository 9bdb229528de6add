"""The whole way of the money over HTTP: the bill, the page, callbacks, commands, the statement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from api import edge
from api.routes import bills as bill_routes
from config.settings import Settings
from demo import sandbox
from demo.sandbox import Sandbox
from dispatch import payments as providers
from dispatch.acts import move_money, settle_bill
from dispatch.lifecycles import BillState
from dispatch.payments import Provider
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.dispatch.test_billing import (
    balances,
    bill_of,
    commands_of,
    fulfilled,
    payments_of,
)
from tests.world import World

CALLBACK = "/v1/payments/callbacks/sandbox"
PATIENCE_S = 20.0


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


class Town:
    """Our API and a payment provider, each on its own port."""

    def __init__(self, world: World, desk: Desk, till: Sandbox, provider: Provider) -> None:
        self.world = world
        self.desk = desk
        self.till = till
        self.provider = provider

    async def pay(self, bill: Any) -> Any:
        """What a patient's client does: begin, then go where it is told."""
        caller = self.world.patient().caller
        status, told = await self.desk.call("POST", f"/v1/bills/{bill.id}/pay", caller)
        assert status == 200, told
        begun = told["payments"][-1]
        async with ClientSession() as session:
            async with session.get(begun["pay_url"]) as shown:
                assert shown.status == 200
                assert "Demo payment" in await shown.text()
            async with session.post(begun["pay_url"]) as answer:
                assert answer.status == 200
        return begun

    async def send(self) -> None:
        await move_money.send_commands(self.world.pool, provider=self.provider)


@pytest.fixture
async def town(jinhua: World, tmp_path: Path) -> AsyncIterator[Town]:
    secret = sandbox.secret_of(tmp_path)
    assert sandbox.secret_of(tmp_path) == secret
    till = Sandbox(tmp_path, secret=secret, callback_url="", seed=3)
    async with TestServer(till.app()) as server:
        jinhua.pool.settings = jinhua.pool.settings.model_copy(
            update={
                "payment_url": str(server.make_url("")),
                "payment_secret": SecretStr(secret),
            }
        )
        desk = Desk(jinhua)
        app = edge.application(desk.edge(), [bill_routes.routes])
        async with (
            TestClient(GuardedTestServer(app)) as desk.client,
            providers.connect(jinhua.pool.settings) as provider,
        ):
            assert provider is not None
            till.callback_url = str(desk.client.make_url(CALLBACK))
            yield Town(jinhua, desk, till, provider)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 - the database has no event to wait for
            await asyncio.sleep(0.02)


async def test_a_bill_is_paid_at_the_provider_and_told_back(town: Town) -> None:
    world = town.world
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    caller = world.patient().caller
    status, told = await town.desk.call("GET", f"/v1/orders/{order.id}/bill", caller)
    assert (status, told["state"], told["left_fen"]) == (200, "due", 80_00)
    assert told["moves"] == [{"name": "pay", "method": "POST", "path": f"/v1/bills/{bill.id}/pay"}]
    assert told["complaint_phone"].startswith("+86579")
    assert told["lines"][0] == {
        "kind": "visit_fee",
        "label": "上门服务费（每位护士）",
        "service_code": None,
        "national_code": None,
        "quantity": 1,
        "amount_fen": 80_00,
    }
    begun = await town.pay(bill)

    async def is_paid() -> bool:
        return (await bill_of(world, order.id)).state is BillState.PAID

    await until(is_paid)
    status, told = await town.desk.call("GET", f"/v1/bills/{bill.id}", caller)
    assert (told["state"], told["paid_fen"], told["left_fen"]) == ("paid", 80_00, 0)
    assert told["payments"][0]["id"] == begun["id"]
    assert told["payments"][0]["pay_url"] is None
    status, refusal = await town.desk.call("POST", f"/v1/bills/{bill.id}/pay", caller)
    assert (status, refusal["type"]) == (409, "/problems/nothing-to-pay")


async def test_a_refund_goes_back_the_way_it_came_and_the_days_agree(town: Town) -> None:
    world = town.world
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    await town.pay(bill)

    async def is_paid() -> bool:
        return (await bill_of(world, order.id)).state is BillState.PAID

    await until(is_paid)
    await settle_bill.credit_bill(
        world.pool, world.operator, bill.id, amount_fen=30_00, reason="投诉属实"
    )
    await town.send()
    await town.send()

    async def is_back() -> bool:
        return (await payments_of(world, bill))[0].refunded_fen == 30_00

    await until(is_back)
    (command,) = await commands_of(world, bill)
    await town.provider.carry_out(command)
    assert await balances(world, bill) == {"provider": 50_00, "revenue": -50_00}
    day = datetime.fromisoformat(town.till.book.events[0]["at"]).astimezone(sandbox.ZONE).date()
    assert await move_money.reconcile(world.pool, town.provider, day) == []


async def test_a_callback_that_was_lost_is_found_in_the_statement(town: Town) -> None:
    world = town.world
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    town.till.callback_url = "http://127.0.0.1:9/"
    await town.pay(bill)
    day = datetime.fromisoformat(town.till.book.events[0]["at"]).astimezone(sandbox.ZONE).date()
    (found,) = await move_money.reconcile(world.pool, town.provider, day)
    assert (found.kind, found.theirs_fen) == ("lost_callback", 80_00)
    assert (await bill_of(world, order.id)).state is BillState.PAID


async def test_what_is_not_signed_is_not_heard(town: Town) -> None:
    world = town.world
    order = await fulfilled(world)
    bill = await bill_of(world, order.id)
    caller = world.patient().caller
    _, told = await town.desk.call("POST", f"/v1/bills/{bill.id}/pay", caller)
    event = {
        "kind": "captured",
        "payment_id": told["payments"][0]["id"],
        "amount_fen": 80_00,
        "at": "2026-11-22T08:00:00+08:00",
    }
    for headers in (
        {},
        {"webhook-id": "e", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"},
    ):
        async with town.desk.client.post(
            CALLBACK,
            data=orjson.dumps(event),
            headers={"Content-Type": "application/json", **headers},
        ) as answer:
            assert answer.status == 403
            assert (await answer.json())["type"] == "/problems/signature-refused"
    async with town.desk.client.post(
        "/v1/payments/callbacks/another", data=b"{}", headers={"Content-Type": "application/json"}
    ) as answer:
        assert answer.status == 404
    assert (await bill_of(world, order.id)).paid_fen == 0
    forged = told["payments"][0]["pay_url"].replace("8000", "1")
    async with ClientSession() as session, session.post(forged) as answer:
        assert answer.status == 403


def test_the_sandbox_remembers_over_a_restart(tmp_path: Path) -> None:
    book = sandbox.Book.opened(tmp_path)
    book.write({"what": "payment", "id": "p", "kind": "charge", "amount_fen": 5})
    book.write({"what": "command", "id": "c"})
    with book.journal.open("ab") as file:
        file.write(b'{"what": "comm')
    again = sandbox.Book.opened(tmp_path)
    assert (again.payments, again.commands) == (book.payments, {"c"})
