"""Orders over HTTP: what patients and operators send and see, to the letter of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.auth import Session, Tokens
from api.language import Language, Texts
from api.limits import Limits
from api.policy import POLICIES
from api.relations import RELATIONS
from api.routes import ops_desk, orders, quotes
from api.wire import Edge
from config.settings import Settings
from dispatch.acts import fill_order
from dispatch.database import Caller, Connection
from dispatch.ids import new_id
from dispatch.lifecycles import LIFECYCLES
from dispatch.records import patients, positions
from dispatch.records.orders import Order
from dispatch.records.positions import Position
from matching.eligibility import RULES
from tests.api.throwaway import SIGNING_KEY, Client, GuardedTestServer, slug
from tests.care import HOUR, assigned, step
from tests.world import EASY, HOME, NOW, PAIR, World

DOOR = (HOME[0] + 0.001, HOME[1])


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


class Desk:
    """An application and the people who may call it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = Tokens(SIGNING_KEY, ttl_s=900)
        self.sessions: dict[UUID, Session] = {}
        self.client: Client

    async def find_session(self, session_id: UUID) -> Session | None:
        return self.sessions.get(session_id)

    def edge(self) -> Edge:
        pool = self.world.pool
        return Edge(
            pool=pool,
            settings=pool.settings,
            texts=Texts.load(),
            tokens=self.tokens,
            find_session=self.find_session,
            relations=RELATIONS,
            policies=POLICIES,
            limits=Limits.of(pool.settings),
        )

    def headers(self, caller: Caller, **more: str) -> dict[str, str]:
        assert caller.account_id is not None
        session = Session(
            id=new_id(),
            account_id=caller.account_id,
            role=caller.role,
            live=True,
            now=NOW,
            institution_id=caller.institution_id,
            nurse_id=caller.nurse_id,
            permissions=caller.permissions,
        )
        self.sessions[session.id] = session
        token = self.tokens.issue(account_id=caller.account_id, session_id=session.id, now=NOW)
        return {"Authorization": f"Bearer {token}", **more}

    async def call(
        self, method: str, path: str, caller: Caller, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """(status, JSON). Header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(
            method, path, json=body, headers=self.headers(caller, **named)
        ) as answer:
            return answer.status, await answer.json()

    async def place(self, number: int = 1, **changes: Any) -> Any:
        status, order = await self.call(
            "POST",
            "/v1/orders",
            self.world.patient(number).caller,
            wish(self.world, number, **changes),
            Idempotency_Key=str(new_id()),
        )
        assert status == 201, order
        return order


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [orders.routes, quotes.routes, ops_desk.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


def window(world: World, from_h: float = 3, to_h: float = 5) -> dict[str, str]:
    return {
        "earliest": (world.now + timedelta(hours=from_h)).isoformat(),
        "latest": (world.now + timedelta(hours=to_h)).isoformat(),
    }


def wish(world: World, number: int = 1, **changes: Any) -> dict[str, Any]:
    person = world.patient(number)
    return {
        "patient_id": str(person.id),
        "address_id": str(person.address_id),
        "service_codes": [EASY],
        "window": window(world),
        "urgency": "routine",
        "consent": {"version": "1", "accepted_at": world.now.isoformat()},
        **changes,
    }


async def test_a_placed_order_is_answered_whole_and_told_again_the_same(desk: Desk) -> None:
    world = desk.world
    nurse_id = str(world.nurse(3).id)
    body = wish(
        world,
        notes="门铃坏了，请打电话",
        eligibility_basis="行动不便",
        preferences={"preferred_nurse_id": nurse_id, "nurse_gender": "female"},
        preconditions=["home_safe"] if "home_safe" in world.pool.catalogue.preconditions else [],
        consent={
            "version": "1",
            "accepted_at": world.now.isoformat(),
            "signer": "王小明",
            "relation": "child",
        },
    )
    me = world.patient().caller
    key = {"Idempotency_Key": "once"}
    status, order = await desk.call("POST", "/v1/orders", me, body, **key)
    assert status == 201
    assert (order["state"], order["round"], order["wave"]) == ("submitted", 1, 0)
    assert (order["visits"], order["visit_id"], order["nurse"]) == ([], None, None)
    assert (order["notes"], order["eligibility_basis"]) == ("门铃坏了，请打电话", "行动不便")
    assert order["consent"]["signer"] == "王小明"
    assert order["preferences"]["preferred_nurse_id"] == nurse_id
    assert order["price_fen"] == sum(line["amount_fen"] for line in order["lines"])
    assert order["open_preconditions"]
    assert [move["name"] for move in order["moves"]] == ["cancel", "reschedule"]
    assert order["moves"][0]["path"] == f"/v1/orders/{order['id']}/cancel"
    assert await desk.call("POST", "/v1/orders", me, body, **key) == (201, order)
    assert await desk.call("GET", f"/v1/orders/{order['id']}", me) == (200, order)
    status, refusal = await desk.call("POST", "/v1/orders", me, body)
    assert (status, slug(refusal)) == (428, "idempotency-key-missing")


async def test_what_is_wrong_with_an_order_is_said_in_the_readers_language(desk: Desk) -> None:
    body = wish(desk.world, service_codes=["XX01"], window=window(desk.world, -1, 1))
    for language, text in (("en", "must be in the future"), ("zh-CN", "须晚于现在")):
        status, refusal = await desk.call(
            "POST",
            "/v1/orders",
            desk.world.patient().caller,
            body,
            Idempotency_Key="bad",
            Accept_Language=language,
        )
        assert (status, slug(refusal)) == (422, "invalid-request")
        told = {tuple(error["loc"]): error["msg"] for error in refusal["errors"]}
        assert told.keys() == {("body", "service_codes", 0), ("body", "window", "earliest")}
        assert told["body", "window", "earliest"] == text
    prescribed = next(
        s.code for s in desk.world.pool.catalogue.services.values() if s.requires_prescription
    )
    status, refusal = await desk.call(
        "POST",
        "/v1/orders",
        desk.world.patient().caller,
        wish(desk.world, service_codes=[prescribed]),
        Idempotency_Key="rule",
    )
    assert (status, slug(refusal)) == (422, "rule-refused")
    assert refusal["errors"][0]["loc"] == ["body", "prescription_id"]


async def test_a_bad_shape_does_not_hide_that_a_name_is_unknown(desk: Desk) -> None:
    body = wish(
        desk.world,
        service_codes=["EC01", "XX01"],
        urgency="at once",
        preconditions=["no_such_thing"],
        colour="red",
    )
    status, refusal = await desk.call(
        "POST", "/v1/orders", desk.world.patient().caller, body, Idempotency_Key="bad"
    )
    assert (status, slug(refusal)) == (422, "invalid-request")
    assert {tuple(error["loc"][1:]): error["msg"] for error in refusal["errors"]} == {
        ("service_codes", 1): "不在服务目录中",
        ("urgency",): "须为其中之一：routine、soon、urgent",
        ("preconditions", 0): "没有这项前提条件",
        ("colour",): "没有这个字段",
    }


async def test_a_list_goes_page_by_page_newest_first_and_holds_only_ones_own(desk: Desk) -> None:
    mine = [(await desk.place())["id"] for _ in range(3)]
    await desk.place(2)
    me = desk.world.patient().caller
    seen, path = [], "/v1/orders?limit=2"
    while path:
        status, page = await desk.call("GET", path, me)
        assert status == 200
        seen += [order["id"] for order in page["items"]]
        cursor = page["next_cursor"]
        path = f"/v1/orders?limit=2&cursor={cursor}" if cursor else ""
    assert seen == mine[::-1]
    for state, found in (("submitted", 3), ("open", 0)):
        status, page = await desk.call("GET", f"/v1/orders?state={state}", me)
        assert (status, len(page["items"])) == (200, found)


async def test_somebody_elses_order_does_not_exist(desk: Desk) -> None:
    order = await desk.place()
    stranger = desk.world.patient(2).caller
    for method, rest, body in (
        ("GET", "", None),
        ("POST", "/cancel", {"reason": 1}),
        ("POST", "/reschedule", {}),
        ("GET", "/timeline", None),
        ("GET", "/tracking", None),
        ("POST", "/confirm", {}),
        ("POST", "/rating", {}),
    ):
        status, refusal = await desk.call(method, f"/v1/orders/{order['id']}{rest}", stranger, body)
        assert (status, slug(refusal)) == (404, "not-found"), rest


async def test_the_patient_sees_who_comes_and_where_she_is(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await assigned(world, world.now + 3 * HOUR, service_codes=[PAIR])
    path = f"/v1/orders/{order.id}"
    status, seen = await desk.call("GET", path, me)
    assert status == 200
    assert [visit["seat"] for visit in seen["visits"]] == [1, 2]
    assert seen["visit_id"] == seen["visits"][0]["visit_id"]
    assert seen["nurse"] == {
        "id": str(world.nurse(1).id),
        "name": "护士1",
        "title": "zhuguan",
        "rating": 4.8,
        "phone_masked": "139****0001",
        "photo_url": None,
    }
    status, refusal = await desk.call("GET", f"{path}/tracking", me)
    assert (status, slug(refusal)) == (409, "not-tracking")
    await step(world, order, 1, "depart")
    status, tracking = await desk.call("GET", f"{path}/tracking", me)
    assert (status, tracking["nurse_location"]) == (200, None)
    await stand(world, order, DOOR[0] + 0.01, DOOR[1])
    status, tracking = await desk.call("GET", f"{path}/tracking", me)
    assert tracking["nurse_location"] == {"lat": DOOR[0] + 0.01, "lng": DOOR[1], "crs": "wgs84"}
    assert tracking["distance_m"] == pytest.approx(1106, abs=10)
    await step(world, order, 1, "arrive")
    assert (await desk.call("GET", f"{path}/tracking", me))[0] == 409
    status, refusal = await desk.call("POST", f"{path}/cancel", me, {"reason": "不用了"})
    assert (status, slug(refusal)) == (409, "illegal-transition")
    assert (refusal["state"], refusal["move"], refusal["moves"]) == ("assigned", "cancel", [])
    assert "subject" not in refusal


async def stand(world: World, order: Order, lat: float, lng: float) -> None:
    """Let the first nurse's phone tell where she is."""
    (visit, *_) = await world.visits(order.id)

    async def tell(conn: Connection) -> None:
        here = Position(
            visit_id=visit.id, nurse_id=visit.nurse_id, recorded_at=world.now, lat=lat, lng=lng
        )
        await positions.insert_many(conn, order.patient_id, [here])

    await world.pool.transact(world.nurse(1).caller, tell)


async def test_a_step_answers_with_the_whole_order_and_minds_its_version(desk: Desk) -> None:
    order, me = await desk.place(), desk.world.patient().caller
    path = f"/v1/orders/{order['id']}"
    body = {"window": window(desk.world, 30, 32)}
    status, refusal = await desk.call("POST", f"{path}/reschedule", me, body, If_Match='"9"')
    assert (status, slug(refusal)) == (412, "stale-version")
    status, moved = await desk.call(
        "POST", f"{path}/reschedule", me, body, If_Match=f'"{order["version"]}"'
    )
    assert (status, moved["state"]) == (200, "submitted")
    assert moved["window"]["earliest"] == (desk.world.now + 30 * HOUR).isoformat().replace(
        "+00:00", "Z"
    )
    status, cancelled = await desk.call("POST", f"{path}/cancel", me, {"reason": "不用了"})
    assert (status, cancelled["state"], cancelled["moves"]) == (200, "cancelled", [])
    assert cancelled["cancellation_fee_fen"] == 0
    assert await desk.call("GET", path, me) == (200, cancelled)


async def test_the_timeline_tells_everything_in_order_and_names_nobody_merely_asked(
    desk: Desk,
) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await assigned(world, world.now + 3 * HOUR)
    await step(world, order, 1, "depart", "arrive", "start", "complete")
    status, told = await desk.call("GET", f"/v1/orders/{order.id}/timeline?limit=3", me)
    assert status == 200
    status, rest = await desk.call(
        "GET", f"/v1/orders/{order.id}/timeline?cursor={told['next_cursor']}", me
    )
    events = told["items"] + rest["items"]
    assert [(event["subject"], event["move"]) for event in events] == [
        ("order", "place"),
        ("order", "approve"),
        ("visit", "schedule"),
        ("order", "assign"),
        ("visit", "depart"),
        ("visit", "arrive"),
        ("visit", "start"),
        ("visit", "complete"),
        ("order", "fulfil"),
    ]
    assert events[4]["by_text"] == "护士"
    assert events[4]["nurse_id"] == str(world.nurse(1).id)
    status, english = await desk.call(
        "GET", f"/v1/orders/{order.id}/timeline", me, Accept_Language="en"
    )
    assert english["items"][0]["text"] == "Order placed"


async def test_a_visit_is_signed_and_rated_once(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await assigned(world, world.now + 3 * HOUR)
    path = f"/v1/orders/{order.id}"
    rating = {"stars": 5, "tags": ["准时"], "comment": "很好"}
    assert (await desk.call("POST", f"{path}/rating", me, rating))[0] == 409
    await step(world, order, 1, "arrive", "start", "complete")
    status, signed = await desk.call("POST", f"{path}/confirm", me, {"signed_by": "患者1"})
    assert (status, signed["signed_at"] is not None) == (200, True)
    status, again = await desk.call("POST", f"{path}/confirm", me, {"signed_by": "患者1"})
    assert (status, slug(again)) == (409, "already-confirmed")
    status, rated = await desk.call("POST", f"{path}/rating", me, rating)
    assert (status, rated["stars"], rated["comment"]) == (201, 5, "很好")
    status, again = await desk.call("POST", f"{path}/rating", me, rating)
    assert (status, slug(again)) == (409, "already-rated")
    assert (await desk.call("GET", path, me))[1]["stars"] == 5


async def test_a_quote_names_price_and_chances_and_says_why_there_are_none(desk: Desk) -> None:
    me = desk.world.patient().caller
    at_home = {"lat": DOOR[0], "lng": DOOR[1]}

    async def quote(location: dict[str, Any], **changes: Any) -> tuple[int, Any]:
        body = {"service_codes": [EASY], "location": location, "window": window(desk.world)}
        return await desk.call("POST", "/v1/quotes", me, {**body, **changes})

    status, told = await quote(at_home)
    assert (status, told["served"], told["reasons"], told["travel_fee_fen"]) == (200, True, [], 0)
    assert told["eligible_nurses"] > 0
    earliest, start = window(desk.world)["earliest"], told["earliest_start_estimate"]
    assert start >= earliest.replace("+00:00", "Z")
    assert told["price_fen"] == sum(line["amount_fen"] for line in told["lines"])
    status, away = await quote({"lat": 31.2, "lng": 121.5})
    assert (status, away["served"], away["eligible_nurses"]) == (200, False, 0)
    assert [reason["rule"] for reason in away["reasons"]] == ["outside_area"]
    status, later = await quote(at_home, window=window(desk.world, 24 * 30, 24 * 30 + 2))
    assert (later["served"], later["eligible_nurses"], later["earliest_start_estimate"]) == (
        True,
        0,
        None,
    )
    assert "shift" in {reason["rule"] for reason in later["reasons"]}
    status, refusal = await quote(at_home, service_codes=["XX01"])
    assert (status, slug(refusal)) == (422, "invalid-request")


async def test_operators_find_orders_by_person_and_open_them_with_a_trace(desk: Desk) -> None:
    world = desk.world
    mine = await desk.place(1, notes="要轻一点")
    await desk.place(2)
    id_number = await profile_id_number(world)
    for q, found in (
        (mine["id"], 1),
        (world.patient(1).phone, 1),
        (world.patient(1).phone.removeprefix("+86"), 1),
        (id_number, 1),
        (EASY.lower(), 2),
        ("患者1", 1),
        ("患者 １", 1),
        ("患者", 0),
        ("13700009999", 0),
        ("没有这样的东西", 0),
    ):
        status, page = await desk.call("GET", f"/v1/ops/orders?q={q}", world.operator)
        assert (status, len(page["items"])) == (200, found), q
        assert all(order["notes"] is None for order in page["items"])
    status, page = await desk.call("GET", "/v1/ops/orders?county=330703", world.auditor)
    assert (status, page["items"]) == (200, [])
    status, opened = await desk.call("GET", f"/v1/ops/orders/{mine['id']}", world.operator)
    assert (status, opened["notes"], opened["patient"]["name"]) == (200, "要轻一点", "患者1")
    assert opened["address"]["text"].endswith("测试路1号")
    assert (opened["address"]["floor"], opened["address"]["has_lift"]) == (4, False)
    assert {move["name"] for move in opened["moves"]} == {"approve", "reject", "cancel"}
    reads = await world.owner.fetchval(
        "SELECT count(*) FROM audit WHERE action = 'order.read' AND person_id = $1",
        world.patient(1).id,
    )
    assert reads == 1
    status, seen = await desk.call("GET", f"/v1/ops/orders/{mine['id']}", world.reviewer)
    assert {move["name"] for move in seen["moves"]} == {"approve", "reject"}


async def profile_id_number(world: World) -> str:
    async with world.pool.read(world.operator) as conn:
        profile = await patients.open_profile(conn, await patients.get(conn, world.patient(1).id))
    assert profile.id_number is not None
    return profile.id_number


async def test_operators_order_and_cancel_for_a_patient(desk: Desk) -> None:
    world = desk.world
    body = {**wish(world, 2), "channel": "phone"}
    status, order = await desk.call("POST", "/v1/ops/orders", world.operator, body)
    assert (status, order["channel"], order["state"]) == (201, "phone", "submitted")
    assert order["account_id"] == str(world.patient(2).account_id)
    assert (await desk.call("POST", "/v1/ops/orders", world.reviewer, body))[0] == 403
    status, owner = await desk.call("GET", f"/v1/orders/{order['id']}", world.patient(2).caller)
    assert (status, "patient" in owner) == (200, False)
    path = f"/v1/ops/orders/{order['id']}/cancel"
    status, cancelled = await desk.call("POST", path, world.operator, {"reason": "家属来电"})
    assert (status, cancelled["state"]) == (200, "cancelled")
    status, refusal = await desk.call("POST", path, world.operator, {"reason": "家属来电"})
    assert (status, refusal["moves"]) == (409, [])


async def test_an_order_that_nobody_could_take_says_honestly_why(desk: Desk) -> None:
    world, me = desk.world, desk.world.patient().caller
    order = await world.open(preferences={"language": "csl"})
    await fill_order.send_waves(world.pool)
    await world.advance(hours=7)
    await fill_order.lapse_orders(world.pool)
    status, seen = await desk.call("GET", f"/v1/orders/{order.id}", me, Accept_Language="en")
    assert (status, seen["state"], seen["moves"]) == (200, "lapsed", [])
    closing = seen["closing"]
    assert (closing["reason"], closing["asked"]) == ("nobody_found", 0)
    assert {"rule": "language", "text": closing["reasons"][0]["text"]} in closing["reasons"]
    assert "40 nurse(s)" in closing["reasons"][0]["text"]
    assert [way["name"] for way in closing["alternatives"]] == ["fewer_wishes", "hospital"]
    assert closing["next_window"]["earliest"] > seen["window"]["earliest"]


def test_every_step_and_every_rule_has_its_words() -> None:
    texts = Texts.load()
    first = {"order": "place", "offer": "send", "visit": "schedule"}
    keys = {f"timeline.{subject}.{move}" for subject, move in first.items()}
    keys |= {
        f"timeline.{cycle.subject}.{move.name}"
        for cycle in LIFECYCLES
        if cycle.subject in first
        for move in cycle.moves
    }
    keys |= {f"closing.{rule.name}" for rule in RULES}
    for language in Language:
        assert keys <= texts.keys(language)
