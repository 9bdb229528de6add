"""Consents over HTTP: texts, agreeing, withdrawing, the ledger, what an order says of its own."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import consents, ops_desk, orders
from dispatch.ids import new_id
from tests.api.test_orders import Desk, wish
from tests.api.throwaway import GuardedTestServer, slug
from tests.world import EASY, World


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    modules = [orders.routes, ops_desk.routes, consents.routes]
    app = edge.application(desk.edge(), modules)
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_r60_each_purpose_has_its_text_and_hash_in_both_languages(desk: Desk) -> None:
    seen = set()
    for language in ("zh-CN", "en"):
        headers = {"Accept-Language": language}
        async with desk.client.get("/v1/consents/purposes", headers=headers) as answer:
            items = (await answer.json())["items"]
        for one in items:
            assert one["hash"] == hashlib.sha256(one["text"].encode()).hexdigest()
            seen.add(one["hash"])
        assert {one["purpose"] for one in items if one["required"]} == {
            "service",
            "sensitive_data",
        }
    assert len(seen) == 8


async def test_r60_a_purpose_is_agreed_to_withdrawn_and_told_newest_first(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient()
    path = f"/v1/patients/{me.id}/consents"
    body = {
        "purpose": "sharing",
        "version": "1",
        "accepted_at": world.now.isoformat(),
        "signer": "王小明",
        "relation": "子女",
        "authority": "授权委托",
    }
    status, given = await desk.call("POST", path, me.caller, body)
    assert (status, given["relation"], given["authority"]) == (201, "child", "power_of_attorney")
    body = {"purpose": "sharing", "reason": "不需要了"}
    status, ended = await desk.call("POST", f"{path}/withdraw", me.caller, body)
    assert (status, ended["act"], ended["reason"]) == (200, "withdrawn", "不需要了")
    status, ledger = await desk.call("GET", path, me.caller)
    assert [one["id"] for one in ledger["items"]] == [ended["id"], given["id"]]
    status, page = await desk.call("GET", f"{path}?limit=1", me.caller)
    status, rest = await desk.call("GET", f"{path}?cursor={page['next_cursor']}", me.caller)
    assert [one["id"] for one in rest["items"]] == [given["id"]]
    assert (await desk.call("GET", path, world.patient(2).caller))[0] == 404
    status, refused = await desk.call("POST", f"{path}/withdraw", me.caller, {"purpose": "ads"})
    assert (status, refused["errors"][0]["loc"]) == (422, ["body", "purpose"])


async def test_r60_assessors_and_quality_read_the_ledger_and_leave_a_trace(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient()
    path = f"/v1/patients/{me.id}/consents"
    body = {"purpose": "recording", "reason": "不愿录音"}
    await desk.call("POST", f"{path}/withdraw", me.caller, body)
    quality = replace(world.operator, permissions=frozenset({"quality"}))
    for reader in (world.reviewer, quality):
        status, ledger = await desk.call("GET", path, reader)
        assert (status, [one["reason"] for one in ledger["items"]]) == (200, ["不愿录音"])
    sender = replace(world.operator, permissions=frozenset({"dispatch"}))
    for stranger in (sender, world.nurse(1).caller, world.auditor):
        assert (await desk.call("GET", path, stranger))[0] == 403
    assert (await desk.call("GET", path, world.patient(2).caller))[0] == 404
    assert (await desk.call("GET", path, me.caller))[0] == 200
    read = "SELECT count(*) FROM audit WHERE action = 'consent.read' AND subject_id = $1"
    assert await world.owner.fetchval(read, me.id) == 2


async def test_r20_a_withdrawn_consent_refuses_the_next_order_and_names_it(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient()
    path = f"/v1/patients/{me.id}/consents"
    await desk.call("POST", f"{path}/withdraw", me.caller, {"purpose": "sensitive_data"})
    key = {"Idempotency_Key": str(new_id())}
    status, refused = await desk.call("POST", "/v1/orders", me.caller, wish(world), **key)
    assert (status, slug(refused)) == (422, "rule-refused")
    assert refused["errors"] == [{"loc": ["body", "consent"], "msg": "必要的同意已被撤回"}]
    body = {"purpose": "sensitive_data", "version": "1", "accepted_at": world.now.isoformat()}
    assert (await desk.call("POST", path, me.caller, body))[0] == 201
    await desk.place()


async def test_r21_an_order_shows_what_was_signed_by_whom_and_by_what_right(desk: Desk) -> None:
    world = desk.world
    consent = {
        "version": "1",
        "accepted_at": world.now.isoformat(),
        "signer": "王小明",
        "relation": "child",
        "authority": "family",
        "purposes": ["recording"],
    }
    told = (await desk.place(consent=consent))["consent"]
    assert (told["signer"], told["relation"], told["authority"]) == ("王小明", "child", "family")
    assert told["hashes"].keys() == {EASY}
