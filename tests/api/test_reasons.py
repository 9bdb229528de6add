"""Why this nurse, and why not that one: as operators, nurses and patients read it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import nurse_decisions, ops_orders, orders
from dispatch import keeping
from dispatch.acts import answer_offer, fill_order, intervene
from dispatch.records import batches, decisions
from matching import assignment
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.dispatch.test_keeping import asked_again
from tests.dispatch.test_learn import teach
from tests.world import PAIR, SPECIAL, World

MINE = "/v1/nurse/decisions"


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [nurse_decisions.routes, ops_orders.routes, orders.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def read(desk: Desk, path: str, caller: Any, language: str = "en") -> Any:
    status, told = await desk.call("GET", path, caller, Accept_Language=language)
    assert status == 200, told
    return told


async def test_operators_read_what_would_have_had_to_be_otherwise(desk: Desk) -> None:
    world = desk.world
    order = await world.open(service_codes=[SPECIAL])
    await fill_order.send_waves(world.pool)
    told = await read(desk, f"/v1/ops/orders/{order.id}/candidates?limit=200", world.operator)
    asked = [one for one in told["items"] if one["offer_id"]]
    passed = [one for one in told["items"] if one["eligible"] and not one["offer_id"]]
    refused = [one for one in told["items"] if not one["eligible"]]
    assert asked
    assert {one["nearest"] for one in asked} == {None}
    assert all(one["nearest"]["text"].startswith("Would have been asked if") for one in passed)
    lacking = [one for one in refused if [it["rule"] for it in one["reasons"]] == ["specialty"]]
    assert lacking
    assert lacking[0]["nearest"]["text"].startswith("Would have qualified if trained in: ")
    zh = await read(
        desk, f"/v1/ops/orders/{order.id}/candidates?limit=200", world.operator, "zh-CN"
    )
    assert any((one["nearest"] or {"text": ""})["text"].startswith("若") for one in zh["items"])


@pytest.mark.parametrize("learned", [False, True])
async def test_operators_read_how_many_are_asked_and_why_so_many(desk: Desk, learned: bool) -> None:
    world = desk.world
    if learned:
        await teach(world, 0.0)
    order = await world.open()
    path = f"/v1/ops/orders/{order.id}/candidates?limit=200"
    before = await read(desk, path, world.operator)
    await fill_order.send_waves(world.pool)
    told = await read(desk, path, world.operator)
    asked = [one for one in told["items"] if one["offer_id"]]
    assert told["reach"] == before["reach"]
    size, waves = told["reach"]["size"], told["reach"]["waves"]
    assert size == len(asked)
    if learned:
        assert {one["chance"] for one in asked} == {0.5}
        assert 0.5**size <= (1 - told["reach"]["target"]) ** (1 / waves) < 0.5 ** (size - 1)
    else:
        assert {one["chance"] for one in asked} == {None}
        assert waves is None


async def test_r67_a_nurse_reads_why_she_was_asked_and_why_not(desk: Desk) -> None:
    world = desk.world
    order = await world.open(service_codes=[SPECIAL])
    await fill_order.send_waves(world.pool)
    (offer, *_) = await world.offers(order.id)
    asked = await read(desk, MINE, world.nurse_of(offer.nurse_id).caller)
    (hers,) = asked["items"]
    assert (hers["verdict"], hers["offer_id"]) == ("asked", str(offer.id))
    assert hers["why"]
    assert hers["nearest"] is None

    # The even numbers lack the specialty.
    refused = (await read(desk, MINE, world.nurse(2).caller))["items"][0]
    assert (refused["verdict"], refused["offer_id"], refused["rank"]) == ("refused", None, None)
    assert [one["rule"] for one in refused["reasons"]] == ["specialty"]
    assert refused["nearest"]["text"].startswith("Would have qualified if")

    async with world.pool.read(world.clock) as conn:
        kept = await decisions.find_latest(conn, order.id, 1)
    assert kept is not None
    sent = {one.nurse_id for one in await world.offers(order.id)}
    last = next(one for one in reversed(kept.considered) if one.rank and one.nurse_id not in sent)
    passed = (await read(desk, MINE, world.nurse_of(last.nurse_id).caller))["items"][0]
    assert (passed["verdict"], passed["rank"]) == ("passed_over", last.rank)
    assert passed["nearest"]["text"].startswith("Would have been asked if")
    assert {one["term"] for one in passed["parts"]} <= set(last.parts or {})


async def test_r67_a_nurse_learns_nothing_of_the_patient(desk: Desk) -> None:
    """Neither who it is, nor where, nor that the patient does not want her."""
    world = desk.world
    shut, unwanted = world.nurse(1), world.nurse(3)
    order = await world.open(
        preferences={
            "excluded_nurse_ids": [str(unwanted.id)],
            "preferred_nurse_id": str(world.nurse(5).id),
        }
    )
    await world.owner.execute(
        "INSERT INTO blocked_pairs (patient_id, nurse_id) VALUES ($1, $2)",
        order.patient_id,
        shut.id,
    )
    await fill_order.send_waves(world.pool)
    for her in (shut, unwanted):
        told = await read(desk, MINE, her.caller)
        (one,) = told["items"]
        assert [it["rule"] for it in one["reasons"]] == ["other"]
        assert one["nearest"] is None
        assert one["distance_km"] * 2 == int(one["distance_km"] * 2)
        said = orjson.dumps(told)
        for secret in (order.id, order.patient_id, order.address_id, order.account_id):
            assert str(secret).encode() not in said


async def test_a_nurse_sees_no_other_nurse_and_pages_end(desk: Desk) -> None:
    world = desk.world
    for number in (1, 2, 3):
        await world.open(number)
    await fill_order.send_waves(world.pool)
    first = await read(desk, f"{MINE}?limit=2", world.nurse(1).caller)
    assert len(first["items"]) == 2
    rest = await read(desk, f"{MINE}?cursor={first['next_cursor']}", world.nurse(1).caller)
    assert (len(rest["items"]), rest["next_cursor"]) == (1, None)
    assert str(world.nurse(2).id).encode() not in orjson.dumps([first, rest])
    await world.advance(days=8)
    assert (await read(desk, MINE, world.nurse(1).caller))["items"] == []


async def test_r67_a_patient_reads_why_this_nurse(desk: Desk) -> None:
    world = desk.world
    order = await world.open(preferences={"preferred_nurse_id": str(world.nurse(4).id)})
    await fill_order.send_waves(world.pool)
    (offer,) = await world.offers(order.id)
    await answer_offer.accept_offer(world.pool, world.nurse(4).caller, offer.id)
    told = await read(desk, f"/v1/orders/{order.id}", world.patient(1).caller)
    why = told["visits"][0]["why"]
    assert why[:2] == [
        "Her qualification, her time and the distance fit your order",
        "You asked for her",
    ]
    assert any(line.startswith("Chosen among ") for line in why)
    assert any(line.endswith("min away") for line in why)
    listed = await read(desk, "/v1/orders", world.patient(1).caller, "zh-CN")
    assert "您指定的护士" in listed["items"][0]["visits"][0]["why"]


async def test_a_nurse_whom_a_person_has_sent_is_told_as_such(desk: Desk) -> None:
    world = desk.world
    order = await world.open()
    await intervene.assign_order(
        world.pool, world.operator, order.id, world.nurse(1).id, "熟悉这位患者"
    )
    told = await read(desk, f"/v1/orders/{order.id}", world.patient(1).caller)
    assert told["visits"][0]["why"] == ["A dispatcher has chosen her for you"]


async def test_r67_the_record_gives_the_same_choice_again(jinhua: World) -> None:
    """Who was named, how the others stood, and who could be asked: from the kept rows alone."""
    world = jinhua
    orders_ = [
        await world.open(number, service_codes=[code])
        for number, code in enumerate((SPECIAL, PAIR, "EC01", "EC01", SPECIAL), start=1)
    ]
    await fill_order.send_waves(world.pool)
    async with world.pool.read(world.clock) as conn:
        (batch,) = await batches.list_newest(conn, before=None, limit=2)
        kept = [await decisions.find_latest(conn, order.id, 1) for order in orders_]
    demands, claimed, _ = keeping.claim_of(batch)
    assert assignment.assign(demands).nurses == claimed.nurses
    for order, decision in zip(orders_, kept, strict=True):
        assert decision is not None
        named = claimed.nurses[order.id]
        ranked = [one for one in decision.considered if one.rank is not None]
        again = sorted(
            (replace(one, cost=round(sum((one.parts or {}).values()), 3)) for one in ranked),
            key=lambda one: (
                named.index(one.nurse_id) if one.nurse_id in named else len(named),
                one.cost,
                one.nurse_id,
            ),
        )
        assert again == ranked
        asked = {(offer.nurse_id, offer.seat) for offer in await world.offers(order.id)}
        assert asked == set(asked_again(decision))
        assert asked
