"""The way of every request, in the order of refusal that the contract promises.

404 path · 401 · 403 or 404 · 428 · 413, 415 · 422 · then the route's own function, whose act
refuses with 412, 409 and 422 for a rule. It knows no noun.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from time import perf_counter
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from aiohttp import web
from pydantic import BaseModel

from api import auth, language, limits, logs, metrics, policy, problems, reading, uploads, wire
from api.openapi import DOCUMENTS, Documents
from api.policy import Key, Policy
from api.schemas.conventions import HYPHENATED
from api.wire import EDGE, EVENT_STREAM, Answer, Call, Edge, Raw, Route, Routes, Upload, Uploaded
from dispatch.database import Caller, RetryKey
from dispatch.errors import DispatchError, NotFound, Overloaded, RetryKeyMissing

log = structlog.get_logger()

REQUEST_ID: Final = web.RequestKey("request_id", str)
UPLOADS: Final = web.AppKey("uploads", uploads.Gate)
GIVEN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
OVERLOADS: Final = logs.Seldom(every_s=1.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
HARDENING: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(edge: Edge, modules: Iterable[Routes]) -> web.Application:
    """An application that answers the routes of `modules`. Each must have its row of policy."""
    app = web.Application(
        middlewares=[observe, refuse], client_max_size=edge.settings.body_max_kib * 1024
    )
    routes = tuple(route for module in modules for route in module.all)
    app[EDGE] = edge
    app[UPLOADS] = uploads.Gate(edge.settings.uploads_max)
    app[DOCUMENTS] = Documents(routes, edge.policies, edge.texts)
    for route in routes:
        row = edge.policies.get(route.key)
        if row is None:
            raise policy.MissingPolicy(route.method, route.path)
        if row.relation is not None and row.relation not in edge.relations:
            raise policy.MissingPolicy(route.method, route.path)
        function = _endpoint(edge, route, row)
        methods = [route.method]
        if route.method == "GET" and route.media_type != EVENT_STREAM:
            methods.append("HEAD")
        for method in methods:
            app.router.add_route(method, _pattern(route), function, expect_handler=_go_on)
    app.on_response_prepare.append(_complete)
    return app


def _pattern(route: Route) -> str:
    """The path for the router: what can be no id leads to no path with an id in its place."""
    path = route.path
    for name, kind in route.params.items():
        if kind is UUID:
            path = path.replace(f"{{{name}}}", f"{{{name}:{HYPHENATED.pattern}}}")
    return path


@web.middleware
async def observe(request: web.Request, handler: Next) -> web.StreamResponse:
    """Name the request, then log and count it by its route's template."""
    given = request.headers.get("X-Request-Id", "")
    request[REQUEST_ID] = given if GIVEN_ID.fullmatch(given) else uuid4().hex
    resource = request.match_info.route.resource
    template = resource.canonical if resource is not None else "unmatched"
    method = request.method if request.method in METHODS else "other"
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request[REQUEST_ID])
    started = perf_counter()
    status, is_stream = 0, False
    try:
        answer = await handler(request)
        status, is_stream = answer.status, answer.content_type == EVENT_STREAM
        return answer
    finally:
        # A status of 0: the client went away before there was an answer.
        took_s = perf_counter() - started
        metrics.REQUESTS.labels(method, template, status).inc()
        if not is_stream:
            metrics.LATENCY.labels(method, template).observe(took_s)
        log.info(
            "request",
            method=method,
            route=template,
            status=status,
            duration_ms=round(took_s * 1000, 1),
        )


@web.middleware
async def refuse(request: web.Request, handler: Next) -> web.StreamResponse:
    """Turn whatever was raised into a problem; a defect is logged once, with the request's id."""
    try:
        return await handler(request)
    except Exception as caught:
        if isinstance(caught, ConnectionResetError | web.RequestPayloadError) and _left(request):
            raise ConnectionResetError from None
        error = problems.translate(caught)
        if error is not caught:
            _log_failure(error, caught)
    edge = request.app[EDGE]
    try:
        return problems.response(
            error,
            texts=edge.texts,
            language=language.negotiate(request.headers.get("Accept-Language")),
            instance=request.rel_url.raw_path[:512],
        )
    finally:
        # Its traceback holds this frame: together they would wait for the collector, with all that
        # the request had.
        del error


def _log_failure(error: DispatchError, caught: Exception) -> None:
    """A defect each time; a database that is away once a second for each way in which it is."""
    match error:
        case problems.InternalError():
            log.error("request failed", **logs.fault(caught))
        case Overloaded() if (held := OVERLOADS.held_back(type(caught).__name__)) is not None:
            log.error("request failed", held_back=held, **logs.fault(caught))


def _left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _go_on(request: web.Request) -> None:
    """Answer `Expect: 100-continue`; ignore other expectations rather than refuse with 417."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # The status line of the answer itself comes after this one.
        request.writer.output_size = 0


async def _complete(request: web.Request, answer: web.StreamResponse) -> None:
    """What every answer carries, streams included."""
    answer.headers["X-Request-Id"] = request.get(REQUEST_ID) or uuid4().hex
    for name, value in HARDENING.items():
        answer.headers.setdefault(name, value)
    answer.headers.pop("Server", None)


def _endpoint(edge: Edge, route: Route, row: Policy) -> Next:
    async def answer(request: web.Request) -> web.StreamResponse:
        async with AsyncExitStack() as held:
            held.enter_context(edge.limits.seat(row.load))
            return await _answer(edge, route, row, request, held)

    return answer


async def _answer(
    edge: Edge, route: Route, row: Policy, request: web.Request, held: AsyncExitStack
) -> web.StreamResponse:
    """`held` is left when the answer has been made: an uploaded file lasts as long."""
    address = limits.address_of(
        request.remote,
        request.headers.get("X-Forwarded-For"),
        frozenset(edge.settings.trusted_proxies),
    )
    edge.limits.charge_address(address, row.load)
    session = await auth.identify(
        request.headers.get("Authorization"), row, edge.tokens, edge.find_session
    )
    if session is not None:
        edge.limits.charge_account(str(session.account_id), address, row.load)
    caller = auth.admit(session, row, request[REQUEST_ID])
    params = {
        name: reading.path_value(request.match_info[name], kind)
        for name, kind in route.params.items()
    }
    if not route.act_asks:
        await _check_relation(edge, row, caller, params)
    try:
        call, arguments = await _prepare(edge, route, row, request, caller, session, params, held)
    except Exception:
        # Whatever is wrong with the request: what is not there for him goes before it.
        if route.act_asks:
            await _check_relation(edge, row, caller, params)
        raise
    return _respond(route, await route.function(call, **arguments), call.language)


async def _prepare(
    edge: Edge,
    route: Route,
    row: Policy,
    request: web.Request,
    caller: Caller,
    session: auth.Session | None,
    params: wire.Params,
    held: AsyncExitStack,
) -> tuple[Call, dict[str, Any]]:
    """What the route's function is given. Raises the refusals of 428, 413, 415, 408 and 422."""
    given = request.headers.get("Idempotency-Key")
    if row.key is Key.REQUIRED and not given:
        raise RetryKeyMissing
    tongue = language.negotiate(request.headers.get("Accept-Language"))
    reader = reading.Reader(edge.texts, tongue)
    arguments, parsed = await _read(edge, route, request, reader, held)
    if row.key is not Key.IGNORED and (key := reader.retry_key(request)) is not None:
        caller = replace(
            caller,
            retry=RetryKey(
                key=key,
                method=request.method,
                path=request.path,
                fingerprint=reading.fingerprint(parsed),
            ),
        )
    call = Call(
        edge=edge,
        request=request,
        route=route,
        caller=caller,
        session=session,
        language=tongue,
        crs=reader.crs(request),
        params=params,
        if_match=reader.if_match(request) if request.method != "GET" else None,
    )
    if not (isinstance(route.body, Raw) and route.body.lenient):
        reader.raise_if_refused()
    return call, arguments


async def _check_relation(edge: Edge, row: Policy, caller: Caller, params: wire.Params) -> None:
    """Somebody else's resource is answered as one that does not exist."""
    if row.relation is None:
        return
    async with edge.pool.read(caller) as conn:
        if not await edge.relations[row.relation](conn, caller, params):
            raise NotFound


async def _read(
    edge: Edge, route: Route, request: web.Request, reader: reading.Reader, held: AsyncExitStack
) -> tuple[dict[str, Any], Any]:
    """The arguments of the route's function, and the body as parsed JSON for its fingerprint."""
    arguments: dict[str, Any] = {}
    parsed: Any = {}
    timeout_s = edge.settings.body_timeout_s
    match route.body:
        case Raw(lenient=True) as kind:
            raw = await reading.some_bytes(
                request, limit_bytes=kind.limit_bytes, timeout_s=timeout_s
            )
            arguments["body"], parsed = raw, raw.decode("latin-1")
        case Raw() as kind:
            raw = await reading.body_bytes(
                request,
                limit_bytes=kind.limit_bytes,
                timeout_s=timeout_s,
                media_types=frozenset(kind.media_types),
            )
            if not raw:
                reader.note(("body",), "missing")
            arguments["body"], parsed = raw, raw.decode("latin-1")
        case Upload() as kind:
            fields, file = await held.enter_async_context(
                uploads.receive(request, request.app[UPLOADS], edge.settings)
            )
            parsed = {"fields": fields, "sha256": file.sha256.hex()}
            if (told := reader.model(kind.model, fields, "body")) is not None:
                arguments["body"] = Uploaded(fields=told, file=file)
        case type() as model:
            raw = await reading.body_bytes(
                request,
                limit_bytes=edge.settings.body_max_kib * 1024,
                timeout_s=timeout_s,
                media_types=frozenset({reading.JSON_TYPE}),
            )
            parsed = reader.json(raw)
            if not reader.problems:
                arguments["body"] = reader.model(model, parsed, "body")
    if route.query is not None:
        arguments["query"] = reader.query(route.query, request.query)
    elif request.query:
        for name in dict.fromkeys(request.query):
            reader.note(("query", name if reading.is_text(name) else "?"), "extra_forbidden")
    return arguments, parsed


def _respond(route: Route, result: wire.Result, tongue: language.Language) -> web.StreamResponse:
    match result:
        case web.StreamResponse():
            return result
        case Answer():
            return wire.response(result, tongue)
        case BaseModel() if isinstance(result, _expected(route)):
            return wire.response(wire.rendered(result, route.status), tongue)
        case None if route.answer is None:
            return wire.response(Answer(status=route.status), tongue)
        case _:
            raise TypeError(f"{route.method} {route.path} answers with {type(result).__name__}")


def _expected(route: Route) -> type[BaseModel] | tuple[()]:
    """What the route said it answers with; of a generic page, that it is a page."""
    if route.answer is None:
        return ()
    return route.answer.__pydantic_generic_metadata__["origin"] or route.answer
