"""The document is valid, says what the table says, and what is answered is in it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, Final

import pytest
import schemathesis
from aiohttp.test_utils import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api import edge, openapi, problems
from api.language import Language, Texts
from api.policy import POLICIES
from api.routes import system
from dispatch.errors import OfferExpired
from tests.api import throwaway
from tests.api.throwaway import Client, GuardedTestServer, World, slug

TEXTS = Texts.load()
THINGS = openapi.build(throwaway.routes.all, throwaway.POLICIES, TEXTS)


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = THINGS["paths"][path][method]
    return found


def test_the_document_is_valid() -> None:
    for language in Language:
        document = openapi.build(
            [*throwaway.routes.all, *system.routes.all],
            {**throwaway.POLICIES, **POLICIES},
            TEXTS,
            language,
        )
        assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
        assert document["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    refs = set(re.findall(r"#/components/schemas/([\w-]+)", str(THINGS)))
    assert refs == set(THINGS["components"]["schemas"])


def test_operation_ids_are_unique() -> None:
    ids = [entry["operationId"] for item in THINGS["paths"].values() for entry in item.values()]
    assert len(ids) == len(set(ids)) == len(throwaway.routes.all)


def test_an_operation_tells_what_is_enforced() -> None:
    make = operation("post", "/v1/things")
    assert make["security"] == [{"bearer": []}]
    assert set(make["responses"]) == {
        *("201", "400", "401", "403", "408", "409", "413", "415", "422", "428", "429", "503"),
    }
    assert {"$ref": "#/components/parameters/IdempotencyKeyRequired"} in make["parameters"]
    assert make["requestBody"]["required"] is True
    assert "ETag" in make["responses"]["201"]["headers"]

    touch = operation("post", "/v1/things/{id}/touch")
    assert {"404", "409", "412", "415"} <= set(touch["responses"])
    assert {"$ref": "#/components/parameters/IfMatch"} in touch["parameters"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in touch["parameters"]
    assert touch["requestBody"]["required"] is False

    alarm = operation("post", "/v1/alarms")
    assert not {"413", "415", "408", "429"} & set(alarm["responses"])
    word = operation("get", "/v1/words/{word}")
    assert word["security"] == []
    assert not {"401", "403"} & set(word["responses"])
    assert "410" in operation("get", "/v1/expired")["responses"]
    assert OfferExpired.slug in operation("get", "/v1/expired")["responses"]["410"]["description"]
    events = operation("get", "/v1/events")["responses"]["200"]
    assert set(events["content"]) == {"text/event-stream"}


def test_query_parameters_are_told_one_by_one() -> None:
    found = {
        entry["name"]: entry
        for entry in operation("get", "/v1/things")["parameters"]
        if "name" in entry
    }
    assert set(found) == {"limit", "cursor", "colour", "codes", "urgent"}
    assert found["limit"]["schema"]["maximum"] == 200
    assert found["codes"]["schema"]["type"] == "array"
    assert not any(entry["required"] for entry in found.values())


@pytest.fixture
async def system_client(world: World) -> Any:
    async def fine() -> str | None:
        return None

    async def broken() -> str | None:
        raise ValueError("secret")

    async def behind() -> str | None:
        return "12 s behind"

    world_edge: Callable[..., Any] = world.edge
    checks = {"database": fine}
    app = edge.application(
        world_edge(policies=POLICIES, readiness=checks, gauges=(broken,)), [system.routes]
    )
    async with TestClient(GuardedTestServer(app)) as client:
        yield client, checks, behind, broken


async def test_the_system_endpoints(system_client: Any) -> None:
    client, checks, behind, broken = system_client
    assert await (await client.get("/healthz")).json() == {"status": "up"}
    assert await (await client.get("/readyz")).json() == {"ready": True, "checks": ["database"]}
    checks |= {"clock": behind, "alarms": broken}
    answer = await client.get("/readyz")
    problem = await answer.json(content_type=None)
    assert (answer.status, slug(problem)) == (503, "not-ready")
    assert problem["reasons"] == ["clock: 12 s behind", "alarms: ValueError"]

    told = await (await client.get("/metrics")).text()
    assert 'shangmen_http_requests_total{method="GET",route="/healthz",status="200"}' in told

    time = await (await client.get("/v1/time")).json()
    assert time["scale"] == 1
    assert time["now"].endswith("Z")

    document = await (await client.get("/openapi.json", headers={"Accept-Language": "en"})).json()
    assert document["paths"].keys() == {route.path for route in system.routes.all}


async def test_every_problem_type_is_listed_and_leads_to_its_page(system_client: Any) -> None:
    client = system_client[0]
    page = await (await client.get("/problems?limit=200")).json()
    assert page["next_cursor"] is None
    assert {item["type"] for item in page["items"]} == {
        f"/problems/{kind.slug}" for kind in problems.PROBLEMS
    }
    for item in page["items"]:
        assert await (await client.get(item["type"])).json() == item
    assert (await client.get("/problems/nothing")).status == 404


class Tags(HTMLParser):
    """Which tags are open at the end, and what the page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.loads += [value or "" for name, value in attrs if name == "src"]
        if tag in ("script", "link", "img", "iframe"):
            self.loads.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_the_docs_page_shows_every_operation_and_loads_nothing(system_client: Any) -> None:
    client = system_client[0]
    for language, title in (("zh-CN", "上门"), ("en", "Shangmen")):
        answer = await client.get("/docs", headers={"Accept-Language": language})
        html = await answer.text()
        tags = Tags()
        tags.feed(html)
        assert (tags.open, tags.loads) == ([], [])
        assert title in html
        assert all(f"<code>{route.path}</code>" in html for route in system.routes.all)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


TOO_LARGE: Final = 413
NO_JSON: Final = ("/v1/fall", "/v1/query", "/v1/frozen", "/v1/events")


async def test_schemathesis_finds_no_answer_outside_the_document(
    world: World, client: Client
) -> None:
    # A window that ends before it begins is one to the schema, so good data may be refused.
    headers = world.headers(world.sign_in())
    schema: Any = schemathesis.openapi.from_dict(THINGS)
    schema.config.update(base_url=f"http://127.0.0.1:{client.port}")

    @settings(max_examples=10, deadline=None, database=None, derandomize=True)
    @given(data=st.data())
    def fuzz(operation: Any, mode: GenerationMode, data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        response = case.call(headers=headers)
        # Whatever is too long is refused for its length, which is looked at first.
        if response.status_code != TOO_LARGE:
            case.validate_response(response, excluded_checks=[positive_data_acceptance])
        seen.add(case.path)

    def run() -> None:
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.path not in NO_JSON:
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    fuzz(operation, mode)

    seen: set[str] = set()
    await asyncio.to_thread(run)
    assert seen == {route.path for route in throwaway.routes.all} - set(NO_JSON)
