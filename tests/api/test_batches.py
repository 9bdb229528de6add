"""The proof of each batch: kept with its decisions, read by operators, thrown away in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import ops_batches
from dispatch import keeping
from dispatch.acts import fill_order, keep_house
from dispatch.records import batches, decisions
from dispatch.records.batches import Batch
from matching import certificate
from tests import lies
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.world import PAIR, SPECIAL, World


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [ops_batches.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def kept(world: World) -> list[Batch]:
    async with world.pool.read(world.clock) as conn:
        return await batches.list_newest(conn, before=None, limit=10)


async def test_a_batch_is_kept_once_with_a_proof_that_holds_of_what_was_asked(
    jinhua: World,
) -> None:
    world = jinhua
    orders = [await world.open(1), await world.open(2, service_codes=[PAIR])]
    await fill_order.send_waves(world.pool)

    (batch,) = await kept(world)
    demands, found, beside = keeping.claim_of(batch)
    assert (batch.orders, batch.seats, batch.orders_served, batch.seats_filled) == (2, 3, 2, 3)
    checked, refuted = certificate.judged(demands, found, beside)
    assert refuted is None
    assert checked is not None
    assert (checked.gap, checked.unit) == (0, batch.unit)
    for order in orders:
        best = sorted(await world.offers(order.id), key=lambda offer: offer.rank or 0)
        named = found.nurses[order.id]
        assert {offer.nurse_id for offer in best[: order.seats]} == set(named)
        async with world.pool.read(world.clock) as conn:
            decision = await decisions.find_latest(conn, order.id, 1)
        assert decision is not None
        assert decision.batch_id == batch.id


async def test_no_number_of_a_kept_proof_can_be_changed(jinhua: World) -> None:
    await jinhua.open(1)
    await jinhua.open(2, service_codes=[PAIR])
    await fill_order.send_waves(jinhua.pool)
    (batch,) = await kept(jinhua)
    assert keeping.batch_refuted(batch) is None
    told = list(lies.of(batch, but=keeping.NOT_DIGESTED))
    assert len(told) > 30
    for path, lie in told:
        assert keeping.batch_refuted(lie) is not None, path


async def test_where_nobody_is_asked_no_batch_is_kept(jinhua: World) -> None:
    """It comes back every two minutes, and would fill the table."""
    await jinhua.owner.execute("UPDATE nurses SET available = false")
    await jinhua.open(1)
    await fill_order.send_waves(jinhua.pool)
    assert await kept(jinhua) == []


async def test_operators_read_batches_and_those_of_an_order(desk: Desk) -> None:
    world = desk.world
    order = await world.open(1, service_codes=[SPECIAL])
    await fill_order.send_waves(world.pool)
    await world.open(2)
    await fill_order.send_waves(world.pool)

    status, told = await desk.call("GET", "/v1/ops/batches?limit=1", world.operator)
    assert status == 200, told
    newest = told["items"][0]
    assert (newest["orders"], newest["proven"], newest["gap"]) == (1, True, 0)
    assert newest["greedy"] == {"orders_served": 1, "cost": newest["cost"]}
    status, told = await desk.call(
        "GET", f"/v1/ops/batches?cursor={told['next_cursor']}", world.auditor
    )
    assert status == 200
    status, proofs = await desk.call("GET", f"/v1/ops/orders/{order.id}/batches", world.operator)
    assert status == 200, proofs
    (proof,) = proofs["items"]
    assert [one["id"] for one in told["items"]] == [proof["id"]]
    assert (proof["checked"], proof["refuted"], proof["cases"]) == (True, None, 1)
    (wanted,) = proof["orders_named"]
    sent = await world.offers(order.id)
    assert wanted["order_id"] == str(order.id)
    assert UUID(wanted["named"][0]["nurse_id"]) in {offer.nurse_id for offer in sent}

    status, _ = await desk.call("GET", "/v1/ops/batches", world.reviewer)
    assert status == 403


async def test_a_scarce_competence_is_told_with_its_price(desk: Desk) -> None:
    """Of forty nurses three are left who may do it, and two orders want two of them each."""
    world = desk.world
    await world.owner.execute(
        "UPDATE nurses SET available = false WHERE id <> ALL ($1)",
        [world.nurse(number).id for number in (1, 3, 5)],
    )
    for number in (1, 2):
        await world.open(number, service_codes=[SPECIAL])
    await fill_order.send_waves(world.pool)
    status, told = await desk.call("GET", "/v1/ops/batches", world.operator, Accept_Language="en")
    assert status == 200
    (batch,) = told["items"]
    assert (batch["orders"], batch["orders_served"]) == (2, 1)
    assert [one["text"] for one in batch["competences"]] == [
        "One more who has it could let another be served" for _ in batch["competences"]
    ]
    assert batch["competences"]


async def test_old_batches_are_thrown_away(jinhua: World) -> None:
    await jinhua.open(1)
    await fill_order.send_waves(jinhua.pool)
    await keep_house.keep_house(jinhua.pool)
    assert len(await kept(jinhua)) == 1
    await jinhua.advance(days=keep_house.PROOF_KEEP_DAYS + 1)
    await keep_house.keep_house(jinhua.pool)
    assert await kept(jinhua) == []
