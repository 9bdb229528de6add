"""A small application of made-up routes on the real edge and a real database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field

from api import problems
from api.auth import Session, Tokens
from api.guard import Runner
from api.language import Texts
from api.limits import Limits
from api.policy import Key, Load, Permission, Policy
from api.schemas.conventions import (
    Body,
    Day,
    Id,
    Instant,
    Line,
    Page,
    PageQuery,
    Place,
    View,
    Window,
    slice_page,
)
from api.wire import Answer, Call, Edge, Params, Raw, Routes
from dispatch import database
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import NotFound, OfferExpired, StaleVersion
from dispatch.ids import new_id
from dispatch.lifecycles import Role

NOW: Final = datetime(2026, 3, 1, 8, tzinfo=UTC)
SIGNING_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TABLE: Final = """
    CREATE TABLE things (id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL,
                         version int NOT NULL DEFAULT 1);
    GRANT SELECT, INSERT, UPDATE ON things TO shangmen_app;
"""

Client = TestClient[web.Request, web.Application]

routes = Routes()


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class MakeThing(Body):
    name: Line
    count: Annotated[int, Field(ge=0, le=10)] = 0
    weight: Annotated[float, Field(ge=0)] = 0.0
    window: Window | None = None
    due_at: Instant | None = None
    born_on: Day | None = None
    friend_id: Id | None = None
    location: Place | None = None
    colour: Colour | None = None
    tags: Annotated[tuple[Line, ...], Field(max_length=3)] = ()


class Thing(View):
    id: UUID
    name: str
    version: int
    at: Instant
    location: Place


class Seen(View):
    """What the function of a route was given, told back."""

    seen: dict[str, Any]


class ThingQuery(PageQuery):
    colour: Colour | None = None
    codes: tuple[str, ...] = ()
    urgent: bool = False


@database.act
async def make_thing(conn: Connection, name: str) -> asyncpg.Record:
    row = await conn.fetchrow(
        "INSERT INTO things (id, account_id, name) VALUES ($1, $2, $3) RETURNING *",
        new_id(),
        conn.caller.account_id,
        name,
    )
    assert row is not None
    return row


@database.act
async def touch_thing(conn: Connection, thing_id: UUID, version: int | None) -> asyncpg.Record:
    row = await conn.fetchrow(
        "UPDATE things SET version = version + 1 WHERE id = $1 RETURNING *", thing_id
    )
    if row is None:
        raise NotFound
    if version not in (None, row["version"] - 1):
        raise StaleVersion(version=row["version"] - 1)
    return row


async def thing_view(_: Connection, row: asyncpg.Record) -> Thing:
    return Thing(
        id=row["id"],
        name=row["name"],
        version=row["version"],
        at=NOW,
        location=Place(lat=29.1, lng=119.65),
    )


@routes.post("/v1/things", body=MakeThing, answer=Thing, status=201)
async def make(call: Call, body: MakeThing) -> Answer:
    return await call.act(make_thing, body.name, view=thing_view)


@routes.post("/v1/echo", body=MakeThing, answer=Seen)
async def echo(call: Call, body: MakeThing) -> Seen:
    place = body.location and call.place(*body.location.wgs84())
    return Seen(
        seen={
            "body": body.model_dump(mode="json"),
            "place": place and place.model_dump(mode="json"),
            "role": call.caller.role,
            "language": call.language,
        }
    )


@routes.get("/v1/things", query=ThingQuery, answer=Page[Seen])
async def list_things(_: Call, query: ThingQuery) -> Page[Seen]:
    told = {"colour": query.colour, "codes": query.codes, "urgent": query.urgent}
    return slice_page(range(5), query, lambda number: Seen(seen={**told, "number": number}))


@routes.get("/v1/things/{id}", answer=Thing)
async def get_thing(call: Call) -> Thing:
    async with call.read() as conn:
        row = await conn.fetchrow("SELECT * FROM things WHERE id = $1", call.id())
        assert row is not None
        return await thing_view(conn, row)


@routes.post("/v1/things/{id}/touch", answer=Thing)
async def touch(call: Call, body: object) -> Answer:
    return await call.act(touch_thing, call.id(), call.if_match, view=thing_view)


@routes.delete("/v1/things/{id}")
async def remove(_: Call) -> None:
    return None


@routes.get("/v1/words/{word}", answer=Seen)
async def get_word(call: Call) -> Seen:
    return Seen(seen={"word": call.param("word")})


@routes.post("/v1/alarms", body=Raw(limit_bytes=64, lenient=True), answer=Seen, status=201)
async def alarm(_: Call, body: bytes) -> Seen:
    return Seen(seen={"body": body.decode("latin-1")})


CSV: Final = Raw(media_types=("text/csv",), limit_bytes=2048)


@routes.post("/v1/import", body=CSV, answer=Seen)
async def import_rows(_: Call, body: bytes) -> Seen:
    return Seen(seen={"rows": body.count(b"\n")})


@routes.get("/v1/review", answer=Seen)
async def review(call: Call) -> Seen:
    return Seen(seen={"role": call.caller.role})


@routes.get("/v1/expired", raises=(OfferExpired,))
async def expired(_: Call) -> None:
    raise OfferExpired


@routes.get("/v1/fall")
async def fall(_: Call) -> None:
    raise RuntimeError("secret 13812345678")


@routes.get("/v1/query")
async def bad_query(call: Call) -> None:
    async with call.read() as conn:
        await conn.fetchval("SELECT $1::int / 0", 1)


@routes.get("/v1/frozen")
async def frozen(call: Call) -> None:
    async with call.read() as conn:
        await conn.execute("SET LOCAL statement_timeout = '20ms'")
        await conn.execute("SELECT pg_sleep(5)")


@routes.stream("/v1/events")
async def events(call: Call) -> web.StreamResponse:
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await stream.prepare(call.request)
    await stream.write(b": hello\n\n")
    return stream


_PATIENT: Final = frozenset({Role.PATIENT})
POLICIES: Final[Mapping[tuple[str, str], Policy]] = {
    ("POST", "/v1/things"): Policy(roles=_PATIENT, key=Key.REQUIRED, load=Load.ORDER),
    ("POST", "/v1/echo"): Policy(roles=_PATIENT, load=Load.ORDER),
    ("GET", "/v1/things"): Policy(roles=_PATIENT),
    ("GET", "/v1/things/{id}"): Policy(roles=_PATIENT, relation="own_thing"),
    ("POST", "/v1/things/{id}/touch"): Policy(
        roles=_PATIENT, relation="own_thing", key=Key.TAKEN, load=Load.SAFETY
    ),
    ("DELETE", "/v1/things/{id}"): Policy(roles=_PATIENT, relation="own_thing"),
    ("GET", "/v1/words/{word}"): Policy(),
    ("POST", "/v1/alarms"): Policy(roles=_PATIENT, load=Load.ALARM, any_age=True),
    ("POST", "/v1/import"): Policy(roles=_PATIENT),
    ("GET", "/v1/review"): Policy(
        roles=frozenset({Role.OPERATOR, Role.ADMIN}), permissions=frozenset({Permission.ASSESS})
    ),
    ("GET", "/v1/expired"): Policy(),
    ("GET", "/v1/fall"): Policy(),
    ("GET", "/v1/query"): Policy(),
    ("GET", "/v1/frozen"): Policy(),
    ("GET", "/v1/events"): Policy(load=Load.STREAM),
}


async def own_thing(conn: Connection, caller: Caller, params: Params) -> bool:
    return bool(
        await conn.fetchval(
            "SELECT EXISTS (SELECT FROM things WHERE id = $1 AND account_id = $2)",
            params["id"],
            caller.account_id,
        )
    )


@dataclass
class World:
    """Who is signed in, and the pieces that a test may turn."""

    pool: Pool
    tokens: Tokens = field(default_factory=lambda: Tokens(SIGNING_KEY, ttl_s=900))
    sessions: dict[UUID, Session] = field(default_factory=dict)
    now: datetime = NOW

    async def find_session(self, session_id: UUID) -> Session | None:
        found = self.sessions.get(session_id)
        return found and replace(found, now=self.now)

    def sign_in(self, role: Role = Role.PATIENT, **given: Any) -> Session:
        session = Session(
            id=new_id(), account_id=new_id(), role=role, live=True, now=self.now, **given
        )
        self.sessions[session.id] = session
        return session

    def end(self, session: Session) -> None:
        self.sessions[session.id] = replace(session, live=False)

    def headers(self, session: Session, **more: str) -> dict[str, str]:
        token = self.tokens.issue(
            account_id=session.account_id, session_id=session.id, now=session.now
        )
        return {"Authorization": f"Bearer {token}", **more}

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def edge(self, **given: Any) -> Edge:
        defaults: dict[str, Any] = {
            "pool": self.pool,
            "settings": self.pool.settings,
            "texts": Texts.load(),
            "tokens": self.tokens,
            "find_session": self.find_session,
            "relations": {"own_thing": own_thing},
            "policies": POLICIES,
            "limits": Limits.of(self.pool.settings),
        }
        return Edge(**{**defaults, **given})


class GuardedTestServer(TestServer):
    """aiohttp's test server on the runner that the real processes use."""

    async def _make_runner(self, **_: Any) -> Runner:
        return Runner(self.app, header_timeout_s=1, keepalive_s=5, drain_s=1)


def slug(problem: dict[str, Any]) -> str:
    """The last part of a problem's type."""
    assert problem.keys() >= {"type", "title", "status", "detail", "instance"}
    kind = str(problem["type"]).removeprefix("/problems/")
    assert kind in {known.slug for known in problems.PROBLEMS}
    return kind
