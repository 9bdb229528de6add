"""What crosses the wire: the order of refusal, bodies, retries, versions, pages, places."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from api import edge
from api.policy import MissingPolicy
from dispatch.errors import StaleVersion
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from tests.api import throwaway
from tests.api.throwaway import Client, World, slug

NAMED = {"name": "one"}


def fields(problem: dict[str, Any]) -> set[tuple[str | int, ...]]:
    assert slug(problem) == "invalid-request"
    assert all(set(entry) == {"loc", "msg"} and entry["msg"] for entry in problem["errors"])
    return {tuple(entry["loc"]) for entry in problem["errors"]}


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    return world.headers(world.sign_in())


async def echoed(client: Client, headers: dict[str, str], raw: str | bytes) -> dict[str, Any]:
    answer = await client.post(
        "/v1/echo", data=raw, headers={**headers, "Content-Type": "application/json"}
    )
    told: dict[str, Any] = await answer.json(content_type=None)
    assert told.get("status", 200) == answer.status
    return told


# The order of refusal: each case is wrong in everything that comes later, too


async def test_each_step_refuses_before_the_next(world: World, client: Client) -> None:
    mine, other = world.sign_in(), world.sign_in()
    operator = world.sign_in(Role.OPERATOR)
    made = await client.post(
        "/v1/things", json=NAMED, headers=world.headers(mine, **{"Idempotency-Key": "k"})
    )
    thing = (await made.json())["id"]
    bad: dict[str, Any] = {"data": b"{nonsense", "params": {"x": "1"}}

    async def refused(
        path: str, headers: dict[str, str], **given: Any
    ) -> tuple[int, dict[str, Any]]:
        answer = await client.post(path, headers=headers, **{**bad, **given})
        return answer.status, await answer.json(content_type=None)

    touch = f"/v1/things/{thing}/touch"
    cases = [
        ("/v1/nowhere", {}, 404, "not-found"),
        (touch, {}, 401, "unauthenticated"),
        (touch, world.headers(operator), 403, "forbidden"),
        (f"/v1/things/{new_id()}/touch", world.headers(operator), 403, "forbidden"),
        (touch, world.headers(other), 404, "not-found"),
        ("/v1/things/not-a-uuid/touch", world.headers(mine), 404, "not-found"),
        ("/v1/things", world.headers(mine), 428, "idempotency-key-missing"),
        (touch, world.headers(mine), 415, "unsupported-media-type"),
    ]
    for path, headers, status, kind in cases:
        found, problem = await refused(path, headers)
        assert (found, slug(problem)) == (status, kind), path
    typed = world.headers(mine, **{"Content-Type": "application/json", "If-Match": '"7"'})
    assert (await refused(touch, typed, data=b" " * 5000))[0] == 413
    assert (await refused(touch, typed))[0] == 422
    status, problem = await refused(touch, typed, data=b"", params={})
    assert (status, slug(problem), problem["version"]) == (412, "stale-version", 1)


async def test_what_was_refused_waits_for_no_collector(world: World, client: Client) -> None:
    session = world.sign_in()
    made = await client.post(
        "/v1/things", json=NAMED, headers=world.headers(session, **{"Idempotency-Key": "k"})
    )
    touch = f"/v1/things/{(await made.json())['id']}/touch"
    gc.collect()
    gc.disable()
    try:
        before = _held(StaleVersion)
        for _ in range(3):
            answer = await client.post(
                touch, json={}, headers=world.headers(session, **{"If-Match": '"7"'})
            )
            assert answer.status == 412
        assert _held(StaleVersion) == before
    finally:
        gc.enable()


def _held(kind: type[Exception]) -> int:
    return sum(isinstance(it, kind) for it in gc.get_objects())


async def test_a_foreign_thing_looks_like_one_that_does_not_exist(
    world: World, client: Client
) -> None:
    mine, other = world.sign_in(), world.sign_in()
    made = await client.post(
        "/v1/things", json=NAMED, headers=world.headers(mine, **{"Idempotency-Key": "k"})
    )
    paths = [f"/v1/things/{(await made.json())['id']}", f"/v1/things/{new_id()}"]
    told = []
    for path in paths:
        answer = await client.get(path, headers=world.headers(other))
        assert answer.status == 404
        problem = await answer.json(content_type=None)
        assert problem.pop("instance") == path
        told.append(problem)
    assert told[0] == told[1]


async def test_a_method_that_is_not_there_names_those_that_are(client: Client) -> None:
    answer = await client.put("/v1/things")
    problem = await answer.json(content_type=None)
    assert (answer.status, slug(problem)) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


async def test_a_route_without_policy_does_not_start(world: World) -> None:
    for policies in ({}, {("GET", "/v1/things"): throwaway.POLICIES["GET", "/v1/things"]}):
        with pytest.raises(MissingPolicy):
            edge.application(world.edge(policies=policies), [throwaway.routes])
    with pytest.raises(MissingPolicy):
        edge.application(world.edge(relations={}), [throwaway.routes])


# Bodies


async def test_all_bad_fields_are_told_at_once(client: Client, headers: dict[str, str]) -> None:
    problem = await echoed(
        client,
        headers,
        json.dumps(
            {
                "name": "  ",
                "count": 11,
                "window": {"earliest": "2026-03-02T08:00:00Z", "latest": "2026-03-01T08:00:00Z"},
                "due_at": "2026-03-01T08:00:00",
                "location": {"lat": 91, "lng": 0},
                "colour": "green",
                "tags": ["a", "b", "c", "d"],
                "unknown": 1,
            }
        ),
    )
    assert fields(problem) == {
        ("body", "name"),
        ("body", "count"),
        ("body", "window", "latest"),
        ("body", "due_at"),
        ("body", "location", "lat"),
        ("body", "colour"),
        ("body", "tags"),
        ("body", "unknown"),
    }


NOT_OURS = [
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"name": "a", "name": "b"}',
    b'{"name": "a", "weight": NaN}',
    b'{"name": "a", "weight": Infinity}',
    b'{"name": "a", "weight": 1e400}',
    b'{"name": "a", "weight": -1}',
    b'{"name": "\\ud800"}',
    b'{"name": "a\\u0000b"}',
    b'{"a\\u0000": 1}',
    b'{"name": "a", "count": 1.5}',
    b'{"name": "a", "count": true}',
    b'{"name": "a", "count": "1"}',
    b'{"name": "a", "count": ' + b"9" * 3000 + b"}",
    b'{"name": ' + b"[" * 1500 + b"]" * 1500 + b"}",
    b'{"name": ' + b"[" * 3900,
    b'{"name": "a", "friend_id": "0190d5c0f7b07cc38e1c8f6f7e9e0a01"}',
    b'{"name": "a", "born_on": "1704067200"}',
    b'{"name": "a", "born_on": "2026-02-30"}',
    b'{"name": "a", "location": {"lat": "1", "lng": 2}}',
]


async def test_what_is_no_body_of_ours_is_422(client: Client, headers: dict[str, str]) -> None:
    for raw in NOT_OURS:
        assert fields(await echoed(client, headers, raw)), raw


TIMES: list[tuple[object, str | None]] = [
    ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z"),
    ("2026-03-01t16:00:00.5+08:00", "2026-03-01T08:00:00.500000Z"),
    ("2026-03-01T08:00:00.123456789Z", "2026-03-01T08:00:00.123456Z"),
    ("2026-03-01 08:00:00Z", None),
    ("2026-03-01", None),
    ("2026-03-01T08:00Z", None),
    ("2026-13-01T08:00:00Z", None),
    ("0001-01-01T00:00:00+23:59", None),
    ("9999-12-31T23:59:59-23:59", None),
    # What the driver would take for infinity.
    ("0001-01-01T00:00:00Z", None),
    ("9999-12-31T23:59:59.999999Z", None),
    ("1772352000", None),
    (1772352000, None),
]


async def test_times_are_rfc3339_with_an_offset(client: Client, headers: dict[str, str]) -> None:
    for sent, stored in TIMES:
        told = await echoed(client, headers, json.dumps({"name": "a", "due_at": sent}))
        if stored is None:
            assert fields(told) == {("body", "due_at")}, sent
        else:
            assert told["seen"]["body"]["due_at"] == stored


async def test_an_integral_float_is_an_integer(client: Client, headers: dict[str, str]) -> None:
    told = await echoed(client, headers, '{"name": "a", "count": 3.0, "weight": 2}')
    assert (told["seen"]["body"]["count"], told["seen"]["body"]["weight"]) == (3, 2.0)


async def test_only_plain_json_is_read(client: Client, headers: dict[str, str]) -> None:
    raw = json.dumps(NAMED).encode()
    cases = [
        ({"Content-Type": "application/json; charset=utf-8"}, raw, 200),
        ({"Content-Type": "application/json; charset=gbk"}, raw, 415),
        ({"Content-Type": "text/plain"}, raw, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(raw), 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"no gzip", 415),
        ({"Content-Type": "application/json"}, b" " * 4097, 413),
    ]
    for more, data, status in cases:
        answer = await client.post("/v1/echo", data=data, headers={**headers, **more})
        assert answer.status == status, more


async def test_a_body_without_a_length_is_cut_off_too(
    client: Client, headers: dict[str, str]
) -> None:
    async def chunks() -> Any:
        for _ in range(5):
            yield b" " * 1000

    answer = await client.post(
        "/v1/echo", data=chunks(), headers={**headers, "Content-Type": "application/json"}
    )
    assert answer.status == 413


async def test_a_body_that_does_not_come_is_408(client: Client, headers: dict[str, str]) -> None:
    async def stuck() -> Any:
        yield b"{"
        await asyncio.sleep(5)

    answer = await client.post(
        "/v1/echo", data=stuck(), headers={**headers, "Content-Type": "application/json"}
    )
    assert answer.status == 408
    assert answer.headers["Connection"] == "close"


async def test_a_lenient_body_is_never_refused(client: Client, headers: dict[str, str]) -> None:
    for data, kind in ((b"{broken", "text/weird"), (b"x" * 9000, "application/json"), (b"", "")):
        more = {"Content-Type": kind} if kind else {}
        answer = await client.post("/v1/alarms", data=data, headers={**headers, **more})
        assert answer.status == 201
        assert (await answer.json())["seen"]["body"].encode() == data[:64]


async def test_a_raw_body_keeps_its_type_and_size(client: Client, headers: dict[str, str]) -> None:
    for kind, data, status in (
        ("text/csv", b"a\nb\n", 200),
        ("application/json", b"{}", 415),
        ("text/csv", b"x" * 2049, 413),
        ("text/csv", b"", 422),
    ):
        answer = await client.post(
            "/v1/import", data=data, headers={**headers, "Content-Type": kind}
        )
        assert answer.status == status


# Queries and headers


async def test_queries_are_read_by_their_declared_kind(
    client: Client, headers: dict[str, str]
) -> None:
    answer = await client.get(
        "/v1/things?colour=red&codes=a,b&codes=c&urgent=true&limit=1", headers=headers
    )
    page = await answer.json()
    assert page["items"][0]["seen"] == {
        "colour": "red",
        "codes": ["a", "b", "c"],
        "urgent": True,
        "number": 0,
    }


BAD_QUERIES = [
    ("limit=0", "limit"),
    ("limit=201", "limit"),
    ("limit=1_0", "limit"),
    ("limit=+5", "limit"),
    ("limit=1&limit=2", "limit"),
    ("cursor=%00", "cursor"),
    ("cursor=e30", "cursor"),
    ("cursor=WyJhIl0", "cursor"),
    ("cursor=WzFd&cursor=WzFd", "cursor"),
    ("cursor=Wzk5OV0", "cursor"),
    ("cursor=%E2%98%83", "cursor"),
    ("colour=green", "colour"),
    ("urgent=yes", "urgent"),
    ("unknown=1", "unknown"),
]


async def test_bad_queries_are_422(client: Client, headers: dict[str, str]) -> None:
    for query, loc in BAD_QUERIES:
        answer = await client.get(f"/v1/things?{query}", headers=headers)
        assert answer.status == 422, query
        assert fields(await answer.json(content_type=None)) == {("query", loc)}


async def test_a_route_without_a_query_refuses_one(client: Client) -> None:
    answer = await client.get("/v1/words/a?b=1")
    assert fields(await answer.json(content_type=None)) == {("query", "b")}


async def test_bad_headers_are_told_with_the_body(
    client: Client, world: World, owner: asyncpg.Connection
) -> None:
    answer = await client.post(
        "/v1/things",
        json={},
        headers=world.headers(
            world.sign_in(),
            **{"Idempotency-Key": "k" * 256, "If-Match": "W/x", "Accept-CRS": "bd09"},
        ),
    )
    assert fields(await answer.json(content_type=None)) == {
        ("body", "name"),
        ("header", "Idempotency-Key"),
        ("header", "If-Match"),
        ("header", "Accept-CRS"),
    }
    assert await owner.fetchval("SELECT count(*) FROM things") == 0


async def test_pages_follow_each_other_to_the_end(client: Client, headers: dict[str, str]) -> None:
    numbers: list[int] = []
    query = "limit=2"
    while True:
        page = await (await client.get(f"/v1/things?{query}", headers=headers)).json()
        numbers += [item["seen"]["number"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"limit=2&cursor={page['next_cursor']}"
    assert numbers == [0, 1, 2, 3, 4]


async def test_places_are_stored_and_answered_in_the_datum_asked_for(
    client: Client, headers: dict[str, str]
) -> None:
    sent = {"name": "a", "location": {"lat": 29.1, "lng": 119.65, "crs": "gcj02"}}
    plain = await echoed(client, headers, json.dumps(sent))
    assert plain["seen"]["place"]["crs"] == "wgs84"
    assert abs(plain["seen"]["place"]["lng"] - 119.65) > 0.003
    back = await echoed(client, {**headers, "Accept-CRS": "gcj02"}, json.dumps(sent))
    assert back["seen"]["place"]["crs"] == "gcj02"
    assert back["seen"]["place"]["lng"] == pytest.approx(119.65, abs=1e-6)
    assert back["seen"]["place"]["lat"] == pytest.approx(29.1, abs=1e-6)


async def test_the_request_id_is_taken_or_made(client: Client) -> None:
    taken = await client.get("/v1/words/a", headers={"X-Request-Id": "my-id_1"})
    assert taken.headers["X-Request-Id"] == "my-id_1"
    for bad in ("has space", "ä", "x" * 65):
        made = await client.get("/v1/words/a", headers={"X-Request-Id": bad})
        assert len(made.headers["X-Request-Id"]) == 32
    stream = await client.get("/v1/events", headers={"X-Request-Id": "s"})
    assert (stream.headers["X-Request-Id"], await stream.text()) == ("s", ": hello\n\n")
    assert "Server" not in stream.headers


async def test_a_path_that_no_row_can_have_does_not_exist(client: Client) -> None:
    assert (await client.get("/v1/words/%00")).status == 404
    assert (await client.get(f"/v1/words/{'a' * 201}")).status == 404
    assert (await client.get("/v1/words/%E4%BD%A0")).status == 200


# Retries


async def test_the_same_key_gives_the_same_bytes_and_one_effect(
    client: Client, world: World, owner: asyncpg.Connection
) -> None:
    mine = world.sign_in()
    headers = world.headers(mine, **{"Idempotency-Key": "k 1"})
    first = await client.post("/v1/things", json={"name": "a", "count": 1}, headers=headers)
    again = await client.post(
        "/v1/things",
        data=b'{ "count": 1.0, "name": "a" }',
        headers={**headers, "Content-Type": "application/json", "Accept-Language": "en"},
    )
    assert (first.status, again.status) == (201, 201)
    assert {one.headers["Content-Language"] for one in (first, again)} == {"zh-CN"}
    assert await first.read() == await again.read()
    assert first.headers["ETag"] == again.headers["ETag"] == '"1"'
    other = await client.post("/v1/things", json={"name": "b"}, headers=headers)
    assert (other.status, slug(await other.json(content_type=None))) == (
        422,
        "idempotency-key-reused",
    )
    assert await owner.fetchval("SELECT count(*) FROM things") == 1
    stranger = world.headers(world.sign_in(), **{"Idempotency-Key": "k 1"})
    assert (await client.post("/v1/things", json={"name": "b"}, headers=stranger)).status == 201


async def test_a_key_twice_at_once_has_one_effect(
    client: Client, world: World, owner: asyncpg.Connection
) -> None:
    headers = world.headers(world.sign_in(), **{"Idempotency-Key": "k"})
    answers = await asyncio.gather(
        *(client.post("/v1/things", json=NAMED, headers=headers) for _ in range(3))
    )
    bodies = {await answer.read() for answer in answers if answer.status == 201}
    assert len(bodies) == 1
    assert {answer.status for answer in answers} <= {201, 409}
    assert await owner.fetchval("SELECT count(*) FROM things") == 1


async def test_a_refusal_is_not_kept_under_the_key(client: Client, world: World) -> None:
    mine = world.sign_in()
    made = await client.post(
        "/v1/things", json=NAMED, headers=world.headers(mine, **{"Idempotency-Key": "k"})
    )
    path = f"/v1/things/{(await made.json())['id']}/touch"
    stale = world.headers(mine, **{"Idempotency-Key": "t", "If-Match": '"9"'})
    assert (await client.post(path, headers=stale)).status == 412
    fresh = world.headers(mine, **{"Idempotency-Key": "t", "If-Match": '"1"'})
    answer = await client.post(path, headers=fresh)
    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    # No body is `{}`.
    again = await client.post(path, json={}, headers=fresh)
    assert (again.status, (await again.json())["version"]) == (200, 2)


# Answers


async def test_an_answer_has_its_version_as_etag(client: Client, world: World) -> None:
    mine = world.sign_in()
    made = await client.post(
        "/v1/things", json=NAMED, headers=world.headers(mine, **{"Idempotency-Key": "k"})
    )
    thing = await made.json()
    assert UUID(thing["id"]).version == 7
    answer = await client.get(f"/v1/things/{thing['id']}", headers=world.headers(mine))
    assert (answer.headers["ETag"], await answer.json()) == ('"1"', thing)
    assert answer.headers["Content-Type"] == "application/json"
    head = await client.head(f"/v1/things/{thing['id']}", headers=world.headers(mine))
    assert (head.status, head.headers["ETag"], await head.read()) == (200, '"1"', b"")
    gone = await client.delete(f"/v1/things/{thing['id']}", headers=world.headers(mine))
    assert (gone.status, await gone.read()) == (204, b"")


async def test_an_expectation_is_met_or_ignored(client: Client, headers: dict[str, str]) -> None:
    for expected in ("100-continue", "something-else"):
        answer = await client.post("/v1/echo", json=NAMED, headers={**headers, "Expect": expected})
        assert answer.status == 200
