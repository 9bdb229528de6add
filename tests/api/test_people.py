"""Signing in, the catalogue, patients, prescriptions and institutions, as a client sees them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api import app, codes, edge, openapi
from api.language import Texts
from api.policy import POLICIES
from api.relations import RELATIONS
from api.routes import auth, catalogue, institutions, patients, prescriptions
from config.settings import Settings
from dispatch import database
from dispatch.channels import Message
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import accounts
from matching.inputs import local_date
from tests.api.throwaway import Client, GuardedTestServer, slug

MODULES = [
    auth.routes,
    catalogue.routes,
    institutions.routes,
    patients.routes,
    prescriptions.routes,
]
PHONE, OTHER_PHONE, STAFF_PHONE = "+8613712345678", "+8613712345679", "+8613800000001"
GRANDMA = {
    "name": "王桂芬",
    "id_number": "33079919500304004 0",
    "phone": "13711112222",
    "gender": "female",
    "birth_date": "1950-03-04",
    "relation": "parent",
    "conditions": ["脑卒中后遗症"],
    "allergies": [],
    "emergency_contact": {"name": "王小明", "phone": "13733334444"},
}
HOME = {"label": "家", "text": "双溪西路1号", "location": {"lat": 29.1, "lng": 119.65}}


class Pockets:
    """A channel that keeps what would have been sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    def last_code(self) -> str:
        found = re.search(r"\d{6}", self.messages[-1].text)
        assert found is not None
        return found[0]


@pytest.fixture
def settings() -> Settings:
    return Settings(alarm_public_url="https://alarm.example")


@pytest.fixture
def pockets() -> Pockets:
    return Pockets()


@pytest.fixture
async def client(pool: Pool, pockets: Pockets) -> AsyncIterator[Client]:
    made = edge.application(
        app.make_edge(pool, name="api", checks={}, relations_=RELATIONS), MODULES
    )
    codes.install(made, pockets, pool.settings)
    async with TestClient(GuardedTestServer(made)) as client:
        yield client


async def sign_in(client: Client, pockets: Pockets, phone: str = PHONE) -> dict[str, Any]:
    asked = await client.post("/v1/auth/otp", json={"phone": phone})
    assert (asked.status, await asked.read()) == (202, b"")
    answer = await client.post("/v1/auth/token", json={"phone": phone, "code": pockets.last_code()})
    assert answer.status == 200
    pair: dict[str, Any] = await answer.json()
    return pair


def bearer(pair: dict[str, Any], **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {pair['access_token']}", **more}


@pytest.fixture
async def mine(client: Client, pockets: Pockets) -> dict[str, str]:
    return bearer(await sign_in(client, pockets))


@database.act
async def register(
    conn: Connection, role: Role, permissions: frozenset[str], institution_id: UUID | None
) -> None:
    await accounts.insert(
        conn, role, STAFF_PHONE, permissions=permissions, institution_id=institution_id
    )


async def problem_of(answer: Any) -> tuple[int, str, dict[str, Any]]:
    problem = await answer.json(content_type=None)
    return answer.status, slug(problem), problem


# Signing in


async def test_the_way_in_and_out(client: Client, pockets: Pockets) -> None:
    pair = await sign_in(client, pockets)
    assert pair.keys() == {
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
        "role",
        "account_id",
    }
    assert (pair["token_type"], pair["expires_in"], pair["role"]) == ("Bearer", 900, "patient")
    me = await (await client.get("/v1/me", headers=bearer(pair))).json()
    assert me == {
        "account_id": pair["account_id"],
        "role": "patient",
        "permissions": [],
        "phone_masked": "137****5678",
        "nurse_id": None,
        "institution_id": None,
        "alarm_url": "https://alarm.example",
    }
    answer = await client.post("/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    first = await answer.json()
    assert first["refresh_token"] != pair["refresh_token"]
    gone = await client.post("/v1/auth/logout", headers=bearer(first))
    assert (gone.status, await gone.read()) == (204, b"")
    for headers in (bearer(pair), bearer(first)):
        assert (await problem_of(await client.get("/v1/me", headers=headers)))[0] == 401
    refused = await client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (await problem_of(refused))[:2] == (401, "unauthenticated")


async def test_known_and_unknown_numbers_are_answered_alike(
    client: Client, pockets: Pockets
) -> None:
    await sign_in(client, pockets)
    told = []
    for phone in (PHONE, OTHER_PHONE):
        answer = await client.post("/v1/auth/token", json={"phone": phone, "code": "12345x"})
        status, _, problem = await problem_of(answer)
        told.append((status, problem))
    assert told[0] == told[1]
    assert told[0][0] == 401


async def test_over_the_limit_it_is_still_202_and_nothing_is_sent(
    client: Client, pockets: Pockets
) -> None:
    for _ in range(3):
        answer = await client.post(
            "/v1/auth/otp", json={"phone": PHONE}, headers={"Accept-Language": "en"}
        )
        assert answer.status == 202
    assert len(pockets.messages) == 1
    message = pockets.messages[0]
    assert (message.phone, message.template) == (PHONE, "one_time_code")
    assert "Your code is" in message.text


# Catalogue


async def test_the_catalogue_is_open_to_anyone_in_two_languages(client: Client) -> None:
    seen: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        query = {"limit": "30", **({"cursor": cursor} if cursor else {})}
        answer = await client.get("/v1/services", params=query)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        page = await answer.json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert len({service["code"] for service in seen}) == 67
    assert all(service["name"] == service["name_zh"] for service in seen)
    assert {service["min_title"] for service in seen} == {"hushi_shi"}
    one = seen[0]
    english = await client.get(f"/v1/services/{one['code']}", headers={"Accept-Language": "en"})
    assert await english.json() == {**one, "name": one["name_en"]}
    assert (await problem_of(await client.get("/v1/services/ZZ999")))[:2] == (404, "not-found")
    some = await (await client.get("/v1/services?category=rehabilitation&q=%20")).json()
    assert {service["category"] for service in some["items"]} == {"rehabilitation"}
    found = await (await client.get("/v1/services", params={"q": one["name_en"].upper()})).json()
    assert one["code"] in {service["code"] for service in found["items"]}
    assert (await client.get("/v1/services?category=magic")).status == 422


async def test_consents_come_with_version_and_hash(client: Client) -> None:
    answer = await client.get("/v1/consents?service_codes=EC01,EC02")
    items = (await answer.json())["items"]
    assert [item["service_code"] for item in items] == ["EC01", "EC02"]
    assert {item["version"] for item in items} == {"1"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", item["hash"]) for item in items)
    english = await client.get("/v1/consents?service_codes=EC01", headers={"Accept-Language": "en"})
    assert (await english.json())["items"][0]["hash"] != items[0]["hash"]
    for query in ("", "?service_codes=ZZ999"):
        status, _, problem = await problem_of(await client.get(f"/v1/consents{query}"))
        assert (status, problem["errors"][0]["loc"][:2]) == (422, ["query", "service_codes"])


async def test_the_served_areas_are_geojson(client: Client) -> None:
    collection = await (await client.get("/v1/service-areas")).json()
    assert collection["type"] == "FeatureCollection"
    assert len(collection["features"]) == 9
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
        assert re.fullmatch(r"\d{6}", feature["properties"]["code"])


# Patients


async def test_a_patient_from_the_first_to_the_last_day(
    client: Client, mine: dict[str, str]
) -> None:
    headers = {**mine, "Idempotency-Key": "once"}
    made = await client.post("/v1/patients", json=GRANDMA, headers=headers)
    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    raw = await made.read()
    again = await client.post("/v1/patients", json=GRANDMA, headers=headers)
    assert (again.status, await again.read()) == (201, raw)
    patient = await made.json()
    assert patient["id_number_masked"] == "330799********0040"
    assert (patient["phone"], patient["version"]) == ("+8613711112222", 1)
    assert patient["emergency_contact"] == {"name": "王小明", "phone": "+8613733334444"}
    path = f"/v1/patients/{patient['id']}"
    assert await (await client.get(path, headers=mine)).json() == patient
    listed = await (await client.get("/v1/patients", headers=mine)).json()
    assert listed == {"items": [patient], "next_cursor": None}

    changed = await client.patch(
        path,
        json={"phone": None, "allergies": ["青霉素"]},
        headers={**mine, "If-Match": '"1"'},
    )
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert await changed.json() == {
        **patient,
        "phone": None,
        "allergies": ["青霉素"],
        "version": 2,
    }
    stale = await client.patch(path, json={"name": "乙"}, headers={**mine, "If-Match": '"1"'})
    status, kind, problem = await problem_of(stale)
    assert (status, kind, problem["version"]) == (412, "stale-version", 2)

    gone = await client.delete(path, headers=mine)
    assert (gone.status, await gone.read()) == (204, b"")
    for answer in (await client.get(path, headers=mine), await client.delete(path, headers=mine)):
        assert answer.status == 404


async def test_bad_fields_are_all_named_in_the_readers_language(
    client: Client, mine: dict[str, str]
) -> None:
    bad = {**GRANDMA, "phone": "1234567", "birth_date": "1850-01-01", "gender": "male"}
    told: dict[str, dict[tuple[str, ...], str]] = {}
    for language in ("zh-CN", "en"):
        answer = await client.post(
            "/v1/patients", json=bad, headers={**mine, "Accept-Language": language}
        )
        status, kind, problem = await problem_of(answer)
        assert (status, kind) == (422, "invalid-request")
        told[language] = {tuple(error["loc"]): error["msg"] for error in problem["errors"]}
    places = {("body", "phone"), ("body", "birth_date"), ("body", "id_number")}
    assert told["zh-CN"].keys() == told["en"].keys() == places
    for place in places:
        assert re.search(r"[\u4e00-\u9fff]", told["zh-CN"][place])
        assert told["en"][place].isascii()
        assert " " in told["en"][place]


async def test_null_clears_only_what_may_be_empty(client: Client, mine: dict[str, str]) -> None:
    made = await (await client.post("/v1/patients", json=GRANDMA, headers=mine)).json()
    path = f"/v1/patients/{made['id']}"
    for name in ("name", "gender", "birth_date", "relation", "conditions", "allergies"):
        answer = await client.patch(path, json={name: None}, headers=mine)
        status, _, problem = await problem_of(answer)
        assert (status, problem["errors"][0]["loc"]) == (422, ["body", name])
    bad = await client.patch(path, json={"name": "", "gender": "x", "allergies": [1]}, headers=mine)
    _, _, problem = await problem_of(bad)
    assert [error["loc"] for error in problem["errors"]] == [
        ["body", "name"],
        ["body", "gender"],
        ["body", "allergies", 0],
    ]
    cleared = {"id_number": None, "phone": None, "emergency_contact": None}
    answer = await client.patch(path, json=cleared, headers=mine)
    found = await answer.json()
    assert answer.status == 200
    assert [found[n] for n in ("id_number_masked", "phone", "emergency_contact")] == [None] * 3
    assert (await client.patch(path, json={"nickname": "x"}, headers=mine)).status == 422


async def test_an_address_is_answered_in_the_datum_that_is_asked_for(
    client: Client, mine: dict[str, str]
) -> None:
    made = await (await client.post("/v1/patients", json=GRANDMA, headers=mine)).json()
    path = f"/v1/patients/{made['id']}/addresses"
    shown = {"lat": 29.1, "lng": 119.65, "crs": "gcj02"}
    answer = await client.post(
        path, json={**HOME, "location": shown}, headers={**mine, "Accept-CRS": "gcj02"}
    )
    assert answer.status == 201
    address = await answer.json()
    assert address["location"] == pytest.approx(shown)
    assert (address["county"], address["access_notes"]) == ("330702", None)
    stored = await (await client.get(f"{path}/{address['id']}", headers=mine)).json()
    assert stored["location"]["crs"] == "wgs84"
    assert 300 < abs(stored["location"]["lng"] - 119.65) * 97_000 < 800
    listed = await (await client.get(path, headers=mine)).json()
    assert listed["items"] == [stored]
    one = await client.get(f"{path}/{address['id']}", headers=mine)
    assert (stored["version"], one.headers["ETag"]) == (1, '"1"')
    stale = await client.delete(f"{path}/{address['id']}", headers={**mine, "If-Match": '"2"'})
    assert (await problem_of(stale))[:2] == (412, "stale-version")
    gone = await client.delete(f"{path}/{address['id']}", headers={**mine, "If-Match": '"1"'})
    assert gone.status == 204
    assert (await client.get(f"{path}/{address['id']}", headers=mine)).status == 404


async def test_the_stairs_are_told_where_somebody_said(
    client: Client, mine: dict[str, str]
) -> None:
    made = await (await client.post("/v1/patients", json=GRANDMA, headers=mine)).json()
    path = f"/v1/patients/{made['id']}/addresses"
    for said in ({}, {"floor": 6, "has_lift": False}, {"floor": -1}, {"has_lift": True}):
        answer = await client.post(path, json={**HOME, **said}, headers=mine)
        address = await answer.json()
        assert answer.status == 201
        assert {name: address[name] for name in ("floor", "has_lift")} == {
            "floor": None,
            "has_lift": None,
            **said,
        }
        kept = await client.get(f"{path}/{address['id']}", headers=mine)
        assert await kept.json() == address
    for name, value in (("floor", 121), ("floor", "6"), ("floor", 1.5), ("has_lift", 1)):
        refused = await client.post(path, json={**HOME, name: value}, headers=mine)
        status, _, problem = await problem_of(refused)
        assert (status, problem["errors"][0]["loc"]) == (422, ["body", name])


async def test_somebody_elses_patient_is_like_one_that_does_not_exist(
    client: Client, mine: dict[str, str], pockets: Pockets
) -> None:
    made = await (await client.post("/v1/patients", json=GRANDMA, headers=mine)).json()
    home = await client.post(f"/v1/patients/{made['id']}/addresses", json=HOME, headers=mine)
    address_id = (await home.json())["id"]
    other = bearer(await sign_in(client, pockets, OTHER_PHONE))
    for method, path, body in (
        ("GET", "/v1/patients/{}", None),
        ("PATCH", "/v1/patients/{}", {"name": "x"}),
        ("DELETE", "/v1/patients/{}", None),
        ("POST", "/v1/patients/{}/addresses", HOME),
        ("GET", "/v1/patients/{}/addresses", None),
        ("GET", f"/v1/patients/{{}}/addresses/{address_id}", None),
        ("DELETE", f"/v1/patients/{{}}/addresses/{address_id}", None),
    ):
        told = []
        for patient_id in (made["id"], new_id()):
            answer = await client.request(method, path.format(patient_id), json=body, headers=other)
            status, kind, problem = await problem_of(answer)
            problem.pop("instance")
            told.append((status, kind, problem))
        assert told[0] == told[1], (method, path)
        assert told[0][:2] == (404, "not-found"), (method, path)
    assert (await (await client.get("/v1/patients", headers=other)).json())["items"] == []


async def test_a_prescription_is_written_for_ones_own_patient(
    client: Client, mine: dict[str, str], pool: Pool
) -> None:
    made = await (await client.post("/v1/patients", json=GRANDMA, headers=mine)).json()
    async with pool.read(Caller.clock()) as conn:
        today = local_date(await database.now(conn))
    body = {
        "patient_id": made["id"],
        "service_codes": ["EC01"],
        "prescriber": "赵医生",
        "institution": "演示医院",
        "issued_on": str(today - timedelta(days=1)),
        "valid_until": str(today + timedelta(days=30)),
        "items": [{"drug": "胰岛素", "dose": "8 IU"}, {"procedure": "换药"}],
    }
    answer = await client.post("/v1/prescriptions", json=body, headers=mine)
    assert answer.status == 201
    written = await answer.json()
    assert {name: written[name] for name in body if name != "items"} == {
        name: value for name, value in body.items() if name != "items"
    }
    assert written["items"][1]["procedure"] == "换药"
    foreign = await client.post(
        "/v1/prescriptions", json={**body, "patient_id": str(new_id())}, headers=mine
    )
    status, slug, problem = await problem_of(foreign)
    assert (status, slug) == (422, "invalid-request")
    assert [error["loc"] for error in problem["errors"]] == [["body", "patient_id"]]
    expired = {**body, "valid_until": str(today - timedelta(days=1)), "items": [{}]}
    _, _, problem = await problem_of(
        await client.post("/v1/prescriptions", json=expired, headers=mine)
    )
    assert [error["loc"] for error in problem["errors"]] == [
        ["body", "valid_until"],
        ["body", "items", 0],
    ]


# Institutions


async def test_r09_staff_register_institutions_and_anybody_sees_the_approved(
    client: Client, mine: dict[str, str], pockets: Pockets, pool: Pool
) -> None:
    await register(pool, Caller.clock(), Role.ADMIN, frozenset(), None)
    staff = bearer(await sign_in(client, pockets, STAFF_PHONE))
    body = {
        "code": "DEMO001",
        "name": "婺城演示医院",
        "county": "330702",
        "counties": ["330702"],
        "services": ["EC01"],
        "phone": "0579 8232 1234",
        "location": {"lat": 29.1, "lng": 119.65},
    }
    made = await client.post("/v1/ops/institutions", json=body, headers=staff)
    assert made.status == 201
    registered = await made.json()
    again = await client.post("/v1/ops/institutions", json=body, headers=staff)
    assert (await problem_of(again))[:2] == (409, "already-registered")
    hidden = await client.post(
        "/v1/ops/institutions", json={**body, "code": "DEMO002", "approved": False}, headers=staff
    )
    listed = await (await client.get("/v1/ops/institutions", headers=staff)).json()
    assert listed["items"] == [await hidden.json(), registered]
    public = await (await client.get("/v1/institutions")).json()
    assert [item["code"] for item in public["items"]] == ["DEMO001"]
    assert "approved" not in public["items"][0]
    assert public["items"][0]["services"] == ["EC01"]
    for call in (
        client.get("/v1/ops/institutions", headers=mine),
        client.post("/v1/ops/institutions", json=body, headers=mine),
        client.get("/v1/patients", headers=staff),
    ):
        assert (await problem_of(await call))[:2] == (403, "forbidden")


# The document


def test_these_routes_make_a_valid_document() -> None:
    routes = [route for module in MODULES for route in module.all]
    document = openapi.build(routes, POLICIES, Texts.load())
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    change = document["components"]["schemas"]["ChangePatient"]
    assert "required" not in change
    assert "default" not in str(change)
    nullable = {name for name, field in change["properties"].items() if "null" in str(field)}
    assert nullable == {"id_number", "phone", "emergency_contact"}
