"""Nurses over HTTP: registered and suspended by staff, on duty by their own word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api import edge, openapi
from api.auth import Session, Tokens
from api.language import Texts
from api.limits import Limits
from api.policy import POLICIES
from api.relations import RELATIONS
from api.routes import duty, ops_nurses
from api.wire import Edge
from config.settings import Settings
from dispatch import enrolment
from dispatch.database import Caller
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import shifts
from tests.api.throwaway import SIGNING_KEY, Client, GuardedTestServer, slug
from tests.visiting import bound_operator
from tests.world import NOW, SHIFT, World

MODULES = [duty.routes, ops_nurses.routes]
PLACE = {"lat": 29.08, "lng": 119.65}
HEADER = ",".join(enrolment.COLUMNS)
WANG = (
    "5001,王芳,女,13912340001,DEMO001,护师,2,2015-07-01,general_nursing,,2044-12-31,2044-12-31,"
    "29.08,119.65,"
)
HOUR = timedelta(hours=1)


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


class Office:
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

    def headers(self, caller: Caller) -> dict[str, str]:
        assert caller.account_id is not None
        session = Session(
            id=new_id(),
            account_id=caller.account_id,
            role=caller.role,
            live=True,
            now=NOW,
            institution_id=caller.institution_id if caller.role is not Role.NURSE else None,
            nurse_id=caller.nurse_id,
            permissions=caller.permissions,
        )
        self.sessions[session.id] = session
        token = self.tokens.issue(account_id=caller.account_id, session_id=session.id, now=NOW)
        return {"Authorization": f"Bearer {token}"}

    async def call(
        self, method: str, path: str, caller: Caller, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """(status, JSON). Bytes are sent as CSV; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent: dict[str, Any] = {"json": body}
        if isinstance(body, bytes):
            sent = {"data": body}
            named["Content-Type"] = "text/csv"
        async with self.client.request(
            method, path, headers={**self.headers(caller), **named}, **sent
        ) as answer:
            return answer.status, await answer.json()

    async def staff(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What an operator is answered with, who must not be refused."""
        status, told = await self.call(
            method, f"/v1/ops/nurses{path}", self.world.operator, body, **headers
        )
        assert status in (200, 201), told
        return told

    async def nurse(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What nurse 1 is answered with, who must not be refused."""
        caller = self.world.nurse(1).caller
        status, told = await self.call(method, f"/v1/nurse/{path}", caller, body, **headers)
        assert status == 200, told
        return told


@pytest.fixture
async def office(jinhua: World) -> AsyncIterator[Office]:
    office = Office(jinhua)
    app = edge.application(office.edge(), MODULES)
    async with TestClient(GuardedTestServer(app)) as office.client:
        yield office


def wang(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "staff_no": 5001,
        "phone": "13912340001",
        "institution_id": str(world.institution_ids[0]),
        "name": "王芳",
        "gender": "female",
        "title": "zhuguan",
        "tier": 3,
        "first_practised_on": "2015-07-01",
        "specialties": ["general_nursing"],
        "certificate_valid_until": "2044-12-31",
        "insurance_valid_until": "2044-12-31",
        "location": PLACE,
        **changes,
    }


# Staff


async def test_a_nurse_is_registered_found_changed_and_suspended(office: Office) -> None:
    made = await office.staff("POST", "", wang(office.world))
    assert (made["state"], made["phone"], made["institution_name"]) == (
        "unavailable",
        "+8613912340001",
        "测试医院1",
    )
    assert made["location"]["lat"] == pytest.approx(PLACE["lat"], abs=0.001)
    assert await office.staff("GET", f"/{made['id']}") == made
    changed = await office.staff(
        "PATCH", f"/{made['id']}", {"tier": 2, "quiet_from": "22:00", "quiet_until": "07:00"},
        If_Match='"1"',
    )  # fmt: skip
    assert (changed["tier"], changed["quiet_from"], changed["version"]) == (2, "22:00", 2)
    suspended = await office.staff("POST", f"/{made['id']}/suspend", {"reason": "投诉调查"})
    assert (suspended["state"], suspended["suspension_reason"]) == ("suspended", "投诉调查")
    back = await office.staff("POST", f"/{made['id']}/reinstate")
    assert (back["state"], back["suspended_at"]) == ("unavailable", None)


async def test_the_same_key_registers_once(office: Office) -> None:
    key = str(new_id())
    first = await office.staff("POST", "", wang(office.world), Idempotency_Key=key)
    assert await office.staff("POST", "", wang(office.world), Idempotency_Key=key) == first
    status, told = await office.call(
        "POST", "/v1/ops/nurses", office.world.operator, wang(office.world)
    )
    assert (status, slug(told), told["field"]) == (409, "already-registered", "staff_no")


async def test_lists_are_by_name_number_institution_and_state(office: Office) -> None:
    async def numbers(query: str) -> list[int]:
        told = await office.staff("GET", query)
        return [item["staff_no"] for item in told["items"]]

    assert await numbers("?q=40") == [40]
    assert await numbers("?q=" + "护士4") == [40, 4]
    institution_id = office.world.institution_ids[0]
    of_one = await numbers(f"?institution_id={institution_id}&limit=200")
    assert of_one == [n for n in range(40, 0, -1) if n % 3 == 1]
    assert await numbers("?state=suspended") == []
    first = await office.staff("GET", "?limit=3")
    second = await office.staff("GET", f"?limit=3&cursor={first['next_cursor']}")
    assert [item["staff_no"] for item in (*first["items"], *second["items"])] == [
        40, 39, 38, 37, 36, 35,
    ]  # fmt: skip
    assert "phone" not in first["items"][0]


async def test_staff_of_one_institution_see_their_own(office: Office) -> None:
    bound = bound_operator(office.world, office.world.institution_ids[1])
    status, told = await office.call("GET", "/v1/ops/nurses?limit=200", bound)
    assert status == 200
    assert {item["institution_id"] for item in told["items"]} == {str(bound.institution_id)}
    other = office.world.institution_ids[0]
    _, told = await office.call("GET", f"/v1/ops/nurses?institution_id={other}", bound)
    assert told == {"items": [], "next_cursor": None}
    nurse = office.world.nurse(1)
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/suspend"), ("POST", "/reinstate")):
        body: Any = None if method == "GET" else {}
        status, _ = await office.call(method, f"/v1/ops/nurses/{nurse.id}{path}", bound, body)
        assert status == 404


async def test_a_change_on_an_old_version_or_of_a_fixed_field_is_refused(office: Office) -> None:
    path, operator = f"/v1/ops/nurses/{office.world.nurse(1).id}", office.world.operator
    status, told = await office.call("PATCH", path, operator, {"tier": 2}, If_Match='"9"')
    assert (status, slug(told), told["version"]) == (412, "stale-version", 1)
    bodies: list[dict[str, Any]] = [
        {"staff_no": 9},
        {"name": None},
        {"quiet_from": "25:00"},
        {"tier": 4},
    ]
    for given in bodies:
        status, told = await office.call("PATCH", path, operator, given)
        assert (status, slug(told)) == (422, "invalid-request")
        assert told["errors"][0]["loc"] == ["body", *given]


async def test_what_is_no_id_is_no_nurse_and_allows_only_what_is_there(office: Office) -> None:
    path = "/v1/ops/nurses/import"
    async with office.client.put(path) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    for method in ("GET", "PATCH"):
        async with office.client.request(method, path) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    async with office.client.get("/v1/ops/nurses/not-a-uuid") as answer:
        assert answer.status == 404


async def test_a_file_is_imported_or_each_bad_row_named_in_the_readers_language(
    office: Office,
) -> None:
    good = "\n".join([HEADER, WANG]).encode("gb18030")
    assert await office.staff("POST", "/import", good) == {"imported": 1}
    status, told = await office.call(
        "POST", "/v1/ops/nurses/import", office.world.operator, good, Accept_Language="en"
    )
    assert (status, slug(told)) == (422, "invalid-request")
    assert told["errors"] == [
        {"loc": ["body", 2, "staff_no"], "msg": "is registered already"},
        {"loc": ["body", 2, "phone"], "msg": "is registered already"},
    ]
    many = b"\n".join([HEADER.encode()] + [b"x"] * 10_001)
    status, told = await office.call("POST", "/v1/ops/nurses/import", office.world.operator, many)
    assert (status, told["errors"]) == (422, [{"loc": ["body"], "msg": "一次最多 10000 行"}])


async def test_every_reason_of_a_file_has_its_words() -> None:
    texts = Texts.load()
    reasons = {
        "staff_no", "person_name", "gender", "phone", "institution", "title", "tier", "day",
        "specialty", "language_code", "registration_no", "degrees", "radius_m", "encoding", "csv",
        "column_missing", "column_unknown", "given_twice", "row_width", "rows_none",
        "rows_too_many", "registered", "repeated_in_file", "repeated", "day_in_future",
        "quiet_pair", "shift_order", "shift_long", "window_past", "window_far",
    }  # fmt: skip
    for language in ("zh-CN", "en"):
        assert {f"fields.{reason}" for reason in reasons} <= texts.keys(language)  # type: ignore[arg-type]


# The nurse


async def test_a_nurse_sees_and_changes_what_is_hers(office: Office) -> None:
    world = office.world
    duty_at = (world.now + 20 * HOUR, world.now + 28 * HOUR)
    await world.pool.transact(
        world.clock, lambda conn: shifts.add_duties(conn, [(world.nurse(1).id, *duty_at)])
    )
    seen = await office.nurse("GET", "profile")
    assert (seen["staff_no"], seen["state"], seen["institution_name"]) == (
        1,
        "available",
        "测试医院1",
    )
    assert [duty["starts_at"] for duty in seen["ward_duties"]] == ["2040-03-05T21:00:00Z"]
    changed = await office.nurse(
        "PATCH", "profile", {"radius_m": 9000, "languages": ["zh", "en"]}, If_Match='"1"'
    )
    assert (changed["radius_m"], changed["languages"], changed["version"]) == (
        9000,
        ["zh", "en"],
        2,
    )
    caller = world.nurse(1).caller
    for body in ({"tier": 3}, {"admitted": True}, {"photo_url": "javascript:alert(1)"}):
        status, _ = await office.call("PATCH", "/v1/nurse/profile", caller, body)
        assert status == 422


async def test_availability_answers_with_the_whole_profile(office: Office) -> None:
    gone = await office.nurse("PUT", "availability", {"available": False})
    assert gone["state"] == "unavailable"
    there = {**PLACE, "lat": 29.15}
    back = await office.nurse("PUT", "availability", {"available": True, "location": there})
    assert back["state"] == "available"
    assert back["location"]["lat"] == pytest.approx(29.15, abs=0.001)
    assert back == await office.nurse("GET", "profile")
    for corner in ({"lat": 90, "lng": 180}, {"lat": -90, "lng": -180, "crs": "gcj02"}):
        await office.nurse("PUT", "availability", {"available": True, "location": corner})


async def test_shifts_are_put_as_they_are_got(office: Office) -> None:
    got = await office.nurse("GET", "shifts")
    assert len(got["items"]) == 3
    assert got["items"][0] == {
        "starts_at": SHIFT[0].isoformat().replace("+00:00", "Z"),
        "ends_at": SHIFT[1].isoformat().replace("+00:00", "Z"),
    }
    assert await office.nurse("PUT", "shifts", got["items"]) == got
    page = await office.nurse("GET", "shifts?limit=2")
    rest = await office.nurse("GET", f"shifts?limit=2&cursor={page['next_cursor']}")
    assert [*page["items"], *rest["items"]] == got["items"]
    assert await office.nurse("PUT", "shifts", got["items"][:1]) == {
        "items": got["items"][:1],
        "next_cursor": None,
    }


async def test_bad_shifts_are_refused_with_their_place(office: Office) -> None:
    caller, at = office.world.nurse(1).caller, office.world.now

    def shift(from_h: int, to_h: int) -> dict[str, str]:
        times = (at + from_h * HOUR, at + to_h * HOUR)
        return dict(zip(("starts_at", "ends_at"), (t.isoformat() for t in times), strict=True))

    async def put(body: Any) -> tuple[int, Any]:
        return await office.call("PUT", "/v1/nurse/shifts", caller, body)

    status, told = await put([shift(30, 34), shift(33, 36)])
    assert (status, slug(told)) == (422, "shifts-overlap")
    status, told = await put([shift(30, 34), shift(60, 50), shift(61 * 24, 61 * 24 + 1)])
    assert [error["loc"] for error in told["errors"]] == [
        ["body", 1, "ends_at"],
        ["body", 2, "starts_at"],
    ]
    naive = {"starts_at": "2040-03-07T08:00:00", "ends_at": "2040-03-07T10:00:00Z"}
    bodies: list[Any] = [{}, {"items": []}, [naive], [{**shift(1, 2), "id": "x"}]]
    for body in (*bodies, [shift(1, 2)] * 201):
        status, told = await put(body)
        assert (status, slug(told)) == (422, "invalid-request")


def test_the_document_of_these_routes_is_valid() -> None:
    declared = [route for module in MODULES for route in module.all]
    document = openapi.build(declared, POLICIES, Texts.load())
    OpenAPIV31SpecValidator(document).validate()
    body = document["paths"]["/v1/nurse/shifts"]["put"]["requestBody"]
    assert body["required"] is True
