"""Money over HTTP: what was told is what is charged; operators' tariffs, coverages, decisions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import bills, ops_bills, orders, quotes
from config.settings import Settings
from dispatch.acts import collect_debts, declare_emergency
from dispatch.acts.declare_emergency import Measures
from dispatch.database import Connection
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.records import reconciliations
from dispatch.records.reconciliations import Difference
from tests.api.test_orders import DOOR, Desk, window, wish
from tests.api.throwaway import GuardedTestServer, slug
from tests.care import HOUR, assigned, step
from tests.visiting import bound_operator
from tests.world import World

RULES = {
    "visit_fee": [
        {"until_m": 50, "amount_fen": 80_00},
        {"until_m": 5_000, "amount_fen": 95_00},
        {"amount_fen": 120_00},
    ],
    "items": {"EC02": {"amount_fen": 90_00, "national_code": "011105000010000"}},
    "holiday_percent": 30,
}


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, complaint_phone="+8657912345")


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(
        desk.edge(), [bills.routes, ops_bills.routes, orders.routes, quotes.routes]
    )
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def test_r50_r56_quote_order_and_bill_show_the_same_lines(desk: Desk) -> None:
    world = desk.world
    status, made = await desk.call("POST", "/v1/ops/tariffs", world.admin, {"rules": RULES})
    assert (status, made["institution_id"]) == (201, None)
    me = world.patient().caller
    asked = {
        "service_codes": ["EC02"],
        "location": {"lat": DOOR[0], "lng": DOOR[1]},
        "window": window(world),
    }
    status, quote = await desk.call("POST", "/v1/quotes", me, asked)
    assert (status, quote["price_fen"], quote["travel_fee_fen"]) == (200, 185_00, 15_00)
    order = await desk.place(service_codes=["EC02"])
    assert (order["lines"], order["price_fen"]) == (quote["lines"], quote["price_fen"])
    status, bill = await desk.call("GET", f"/v1/orders/{order['id']}/bill", me)
    assert (status, bill["state"], bill["tariff_id"]) == (200, "estimated", made["id"])
    codes = [line.pop("national_code") for line in bill["lines"]]
    assert (bill["lines"], codes) == (quote["lines"], [None, "011105000010000", None])
    assert bill["moves"] == []
    assert bill["complaint_phone"] == "+8657912345"
    status, listed = await desk.call("GET", "/v1/ops/tariffs", world.operator)
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    status, refusal = await desk.call(
        "POST", "/v1/ops/tariffs", world.admin, {"rules": {**RULES, "surge_percent": 50}}
    )
    assert (status, refusal["errors"][0]["loc"]) == (422, ["body", "rules"])
    local = bound_operator(world, world.institution_ids[0])
    status, refusal = await desk.call("POST", "/v1/ops/tariffs", local, {"rules": RULES})
    assert (status, slug(refusal)) == (403, "forbidden")


async def test_an_operator_sees_who_pays_and_notes_what_they_decide(desk: Desk) -> None:
    world = desk.world
    patient = world.patient()
    covers = f"/v1/ops/patients/{patient.id}/coverages"
    body = {"plan": "jinhua_medical_aid", "valid_from": "2040-01-01", "reference": "3307-0001"}
    status, cover = await desk.call("POST", covers, world.operator, body)
    assert (status, cover["payer"], cover["label"]) == (201, "medical_aid", "医疗救助")
    assert "reference" not in cover
    sealed = await world.owner.fetchval("SELECT reference_sealed FROM coverages")
    assert b"3307-0001" not in sealed
    order = await assigned(world, world.now + HOUR)
    await step(world, order, 1, "arrive", "start", "complete")
    status, listed = await desk.call("GET", "/v1/ops/bills?state=due", world.operator)
    (bill,) = listed["items"]
    (part,) = bill["payers"]
    assert (bill["own_fen"], part["amount_fen"], part["state"]) == (24_00, 56_00, "estimated")
    assert [move["name"] for move in bill["moves"]] == ["credit"]
    status, bill = await desk.call(
        "POST",
        f"/v1/ops/bills/{bill['id']}/payers/{part['id']}",
        world.operator,
        {"amount_fen": 0, "reason": "not_listed"},
    )
    assert (status, bill["own_fen"], bill["payers"][0]["state"]) == (200, 80_00, "rejected")
    stale = {"If_Match": '"1"'}
    path = f"/v1/ops/bills/{bill['id']}/credit"
    given = {"amount_fen": 10_00, "reason": "投诉属实"}
    status, refusal = await desk.call("POST", path, world.operator, given, **stale)
    assert (status, slug(refusal)) == (412, "stale-version")
    status, bill = await desk.call("POST", path, world.operator, given)
    assert (status, bill["left_fen"], bill["credit_fen"]) == (200, 70_00, 10_00)
    span = {
        "from": (world.now - HOUR).isoformat().replace("+00:00", "Z"),
        "to": (world.now + HOUR).isoformat().replace("+00:00", "Z"),
    }
    status, totals = await desk.call(
        "GET", f"/v1/ops/ledger?from={span['from']}&to={span['to']}", world.auditor
    )
    sides = [(one["debit_fen"], one["credit_fen"]) for one in totals["items"]]
    assert sum(debit for debit, _ in sides) == sum(credit for _, credit in sides) > 0
    status, ended = await desk.call(
        "POST", f"{covers}/{cover['id']}/end", world.operator, {"valid_until": "2040-03-31"}
    )
    assert (status, ended["valid_until"]) == (200, "2040-03-31")
    status, listed = await desk.call("GET", covers, world.operator)
    assert [one["valid_until"] for one in listed["items"]] == ["2040-03-31"]


async def test_r53_nurse_and_patient_agree_on_a_change_before_work_goes_on(desk: Desk) -> None:
    world = desk.world
    order = await assigned(world, world.now + HOUR, service_codes=["LT09"])
    await step(world, order, 1, "arrive", "start")
    (visit,) = await world.visits(order.id)
    nurse, me = world.nurse(1).caller, world.patient().caller
    path = f"/v1/visits/{visit.id}/change-orders"
    status, told = await desk.call("GET", path, nurse)
    assert told["items"][0]["code"] == "pressure_injury_sites"
    assert told["change_orders"] == []
    body = {"items": [{"code": "pressure_injury_sites", "quantity": 4}]}
    status, change = await desk.call("POST", path, nurse, body)
    assert (status, change["amount_fen"], change["moves"]) == (201, 30_00, [])
    status, refusal = await desk.call("POST", path, nurse, body)
    assert (status, slug(refusal)) == (409, "change-pending")
    status, bill = await desk.call("GET", f"/v1/orders/{order.id}/bill", me)
    (waiting,) = bill["change_orders"]
    assert [move["name"] for move in waiting["moves"]] == ["accept", "refuse"]
    accept = waiting["moves"][0]["path"]
    version = {"If_Match": f'"{waiting["version"]}"'}
    status, change = await desk.call("POST", accept, me, **version)
    assert (status, change["state"]) == (200, "accepted")
    status, refusal = await desk.call("POST", waiting["moves"][1]["path"], me)
    assert (status, slug(refusal)) == (409, "change-answered")
    status, _ = await desk.call("POST", accept, world.patient(2).caller)
    assert status == 404
    await step(world, order, 1, "complete")
    status, bill = await desk.call("GET", f"/v1/orders/{order.id}/bill", me)
    assert bill["own_fen"] == order.price_fen + 30_00


async def test_without_a_provider_nothing_can_be_paid_and_arrears_are_told(desk: Desk) -> None:
    world = desk.world
    order = await assigned(world, world.now + HOUR)
    await step(world, order, 1, "arrive", "start", "complete")
    me = world.patient().caller
    _, bill = await desk.call("GET", f"/v1/orders/{order.id}/bill", me)
    (move,) = bill["moves"]
    status, refusal = await desk.call("POST", move["path"], me)
    assert (status, slug(refusal)) == (409, "payment-unavailable")
    await world.owner.execute("UPDATE bills SET overdue_at = app_now()")
    await collect_debts.lapse_bills(world.pool)
    body = wish(world, window=window(world, 30, 32))
    status, refusal = await desk.call("POST", "/v1/orders", me, body, Idempotency_Key="again")
    assert (status, slug(refusal)) == (409, "arrears-outstanding")
    assert refusal["bill_ids"] == [bill["id"]]


async def test_a_patient_lists_what_is_hers_and_staff_need_the_permission(desk: Desk) -> None:
    world = desk.world
    mine = [await assigned(world, world.now + n * HOUR) for n in (1, 6)]
    theirs = await world.place(2)
    me = world.patient().caller
    status, page = await desk.call("GET", "/v1/bills?limit=1", me)
    assert (status, [bill["order_id"] for bill in page["items"]]) == (200, [str(mine[1].id)])
    status, page = await desk.call("GET", f"/v1/bills?cursor={page['next_cursor']}", me)
    assert [bill["order_id"] for bill in page["items"]] == [str(mine[0].id)]
    assert page["next_cursor"] is None
    assert (await desk.call("GET", "/v1/bills?state=due", me))[1]["items"] == []
    for permission, expected in (("dispatch", 403), ("billing", 200)):
        clerk = replace(world.operator, permissions=frozenset({permission}))
        status, page = await desk.call("GET", "/v1/ops/bills", clerk)
        assert status == expected
    assert str(theirs.id) in {bill["order_id"] for bill in page["items"]}


async def test_differences_are_listed_until_somebody_has_seen_to_them(desk: Desk) -> None:
    world = desk.world

    async def differ(conn: Connection) -> None:
        await reconciliations.insert_differences(
            conn,
            [
                Difference(
                    id=new_id(),
                    provider="sandbox",
                    day=world.now.date() - timedelta(days=1),
                    kind="unknown_to_us",
                    event_id="evt",
                    payment_id=None,
                    ours_fen=None,
                    theirs_fen=5,
                )
            ],
        )

    await world.pool.transact(world.clock, differ)
    path = "/v1/ops/payments/differences"
    _, listed = await desk.call("GET", path, world.operator)
    (one,) = listed["items"]
    status, seen = await desk.call("POST", f"{path}/{one['id']}/resolve", world.operator)
    assert (status, seen["resolved_at"] is not None) == (200, True)
    assert (await desk.call("GET", path, world.operator))[1]["items"] == []
    _, listed = await desk.call("GET", f"{path}?resolved=true", world.operator)
    assert [found["id"] for found in listed["items"]] == [one["id"]]


async def test_r44_a_bill_says_that_it_is_held_while_an_emergency_is_reviewed(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await assigned(world, world.now + HOUR)
    await step(world, order, 1, "arrive", "start")
    (visit,) = await world.visits(order.id)
    await declare_emergency.declare_emergency(
        world.pool, world.nurse(1).caller, visit.id, Report(at=world.now), Measures()
    )
    await step(world, order, 1, "complete")
    path = f"/v1/orders/{order.id}/bill"
    _, bill = await desk.call("GET", path, me)
    assert (bill["state"], bill["held"]) == ("estimated", True)
    await declare_emergency.release_record(world.pool, world.operator, visit.id, "已审核")
    _, bill = await desk.call("GET", path, me)
    assert (bill["state"], bill["held"]) == ("due", False)
