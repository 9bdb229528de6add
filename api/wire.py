"""What a route is, what its function is given and what it may answer; `edge` leads there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from api import moves, verdicts
from api.auth import FindSession, Session, Tokens
from api.language import Language, Texts
from api.limits import Limits
from api.policy import Policy
from api.reading import JSON_TYPE
from api.schemas.conventions import Crs, Empty, Place
from config.catalogue import Catalogue
from config.settings import Settings
from dispatch import retries
from dispatch.database import Act, Caller, Connection, Pool
from dispatch.errors import DispatchError, IllegalTransition, NotEligible, PlanRefused
from dispatch.records.retry_keys import StoredAnswer
from dispatch.storage import Incoming

T = TypeVar("T")

Params = Mapping[str, UUID | str]
Check = Callable[[], Awaitable[str | None]]
"""A question of readiness: None if all is well, else the reason why not."""

Relation = Callable[[Connection, Caller, Params], Awaitable[bool]]
EVENT_STREAM: Final = "text/event-stream"
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A body that the route reads itself; its function gets `bytes`.

    `lenient`: whatever came is handed over, cut at `limit_bytes`, never refused: for alarms.
    `schema` and `media_types` are what the OpenAPI document says of it.
    """

    media_types: tuple[str, ...] = (JSON_TYPE,)
    limit_bytes: int
    lenient: bool = False
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A multipart body: the fields of `model` and one file of a type among `media_types`.

    The route's function gets an `Uploaded`. For a retry key the body is its fields and the file's
    digest: neither boundary nor file name makes another one.
    """

    model: type[BaseModel]
    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What came in by an `Upload`; the file lasts as long as the request."""

    fields: Any
    file: Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Bytes that are ready to go out. `version` becomes the `ETag`."""

    status: int = 200
    body: bytes = b""
    version: int | None = None
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


Result = BaseModel | Answer | web.StreamResponse | None
Function = Callable[..., Awaitable[Result]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table from which the router and the OpenAPI document are made.

    With `act_asks` the relation of its policy is not asked before: its act raises `NotFound` itself
    for what is not the caller's, in its own transaction. `conditional` says that it changes what
    stands in its path, so that `If-Match` is heeded; one that adds something beside it is not.
    """

    method: str
    path: str
    function: Function
    body: type[BaseModel] | Raw | Upload | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    also: tuple[int, ...] = ()
    media_type: str = JSON_TYPE
    also_types: tuple[str, ...] = ()
    raises: tuple[type[DispatchError], ...] = ()
    act_asks: bool = False
    conditional: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def heeds_if_match(self) -> bool:
        """Whether `If-Match` with another version than the present one is refused."""
        changes = self.method != "GET" and bool(self.params)
        return changes and self.conditional and not isinstance(self.body, Raw | Upload)

    @property
    def params(self) -> dict[str, type]:
        """The parts of the path: `{id}` and `{…_id}` are UUIDs, all others text."""
        return {
            name: UUID if name == "id" or name.endswith("_id") else str
            for name in PLACEHOLDER.findall(self.path)
        }


class Routes:
    """The routes of one module, declared beside the functions that answer them."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def add(self, method: str, path: str, **declared: Any) -> Callable[[Function], Function]:
        def declare(function: Function) -> Function:
            self.all.append(Route(method=method, path=path, function=function, **declared))
            return function

        return declare

    def get(self, path: str, **declared: Any) -> Callable[[Function], Function]:
        return self.add("GET", path, **declared)

    def post(
        self, path: str, *, body: type[BaseModel] | Raw | Upload = Empty, **declared: Any
    ) -> Callable[[Function], Function]:
        return self.add("POST", path, body=body, **declared)

    def put(
        self, path: str, *, body: type[BaseModel] | Raw | Upload, **declared: Any
    ) -> Callable[[Function], Function]:
        return self.add("PUT", path, body=body, **declared)

    def patch(
        self, path: str, *, body: type[BaseModel] | Raw | Upload, **declared: Any
    ) -> Callable[[Function], Function]:
        return self.add("PATCH", path, body=body, **declared)

    def delete(
        self, path: str, *, status: int = 204, **declared: Any
    ) -> Callable[[Function], Function]:
        return self.add("DELETE", path, status=status, **declared)

    def stream(self, path: str, **declared: Any) -> Callable[[Function], Function]:
        """A GET with server-sent events; its function returns the finished response."""
        return self.add("GET", path, media_type=EVENT_STREAM, **declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Everything that answering needs, put together once by the composition root.

    `readiness` are the questions of `/readyz`; `gauges` bring figures up to date before `/metrics`
    tells them.
    """

    pool: Pool
    settings: Settings
    texts: Texts
    tokens: Tokens
    find_session: FindSession
    relations: Mapping[str, Relation]
    policies: Mapping[tuple[str, str], Policy]
    limits: Limits
    readiness: Mapping[str, Check] = field(default_factory=dict)
    gauges: tuple[Callable[[], Awaitable[None]], ...] = ()


EDGE: Final = web.AppKey("edge", Edge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, after everything that could be refused without its route's function."""

    edge: Edge
    request: web.Request
    route: Route
    caller: Caller
    session: Session | None
    language: Language
    crs: Crs
    params: Params
    if_match: int | None

    @property
    def pool(self) -> Pool:
        return self.edge.pool

    @property
    def settings(self) -> Settings:
        return self.edge.settings

    @property
    def catalogue(self) -> Catalogue:
        return self.edge.pool.catalogue

    def id(self, name: str = "id") -> UUID:
        """A UUID of the path."""
        value = self.params[name]
        if not isinstance(value, UUID):
            raise TypeError(f"{name} of {self.route.path} is text")
        return value

    def param(self, name: str) -> str:
        """A piece of text of the path."""
        return str(self.params[name])

    def text(self, key: str, **values: object) -> str:
        """A text in the reader's language."""
        return self.edge.texts.get(key, self.language, **values)

    def place(self, lat: float, lng: float) -> Place:
        """A stored (WGS-84) place in the datum that the client asked for."""
        return Place.of(lat, lng, self.crs)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A reading transaction as the caller."""
        async with self.pool.read(self.caller) as conn:
            yield conn

    async def act(
        self,
        act: Act[..., T],
        *args: Any,
        view: Callable[[Connection, T], Awaitable[BaseModel | None]],
        status: int | Callable[[T], int] | None = None,
        **kwargs: Any,
    ) -> Answer:
        """Run an act and answer with what `view` makes of its result inside the same transaction.

        With an `Idempotency-Key` the answer is kept there too, and given again for the same key.
        """

        async def render(conn: Connection, result: T) -> StoredAnswer:
            code = status(result) if callable(status) else status or self.route.status
            answer = rendered(await view(conn, result), code)
            return StoredAnswer(
                status=code, body=answer.body, version=answer.version, language=self.language
            )

        try:
            stored = await retries.perform(self.pool, self.caller, act, args, kwargs, render)
        except IllegalTransition as refusal:
            raise moves.tell(refusal, self.caller) from None
        except (NotEligible, PlanRefused) as refusal:
            raise verdicts.tell(refusal, self.language, self.catalogue) from None
        return Answer(
            status=stored.status,
            body=stored.body,
            version=stored.version,
            headers={"Content-Language": stored.language or self.language},
        )


def rendered(model: BaseModel | None, status: int) -> Answer:
    """The bytes of an answer. A resource with a `version` gets its `ETag`."""
    if model is None:
        return Answer(status=status)
    version = getattr(model, "version", None)
    return Answer(
        status=status,
        body=model.model_dump_json(by_alias=True).encode(),
        version=version if isinstance(version, int) else None,
    )


def response(answer: Answer, language: Language) -> web.Response:
    """The answer as HTTP."""
    headers = {"Cache-Control": "no-store", "Content-Language": language, **answer.headers}
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if not answer.body:
        return web.Response(status=answer.status, headers=headers)
    return web.Response(
        status=answer.status,
        body=answer.body,
        headers={**headers, "Content-Type": f"{answer.content_type}"},
    )
