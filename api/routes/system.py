"""What is not about nursing: is it up, is it ready, what does it measure, what can it be asked."""

from __future__ import annotations

import asyncio
from typing import Final

import prometheus_client
import structlog
from aiohttp import web

from api import docs, logs, problems
from api.openapi import DOCUMENTS
from api.schemas import system as schemas
from api.schemas.conventions import Page, PageQuery, slice_page
from api.wire import Call, Check, Routes
from dispatch import database
from dispatch.errors import DispatchError, NotFound

log = structlog.get_logger()
routes = Routes()

CHECK_TIMEOUT_S: Final = 2.0
# A balancer asks every second or two, also while the database is away.
CHECK_FAILED: Final = logs.Seldom(every_s=60.0)


@routes.get("/healthz", answer=schemas.Health)
async def healthz(_: Call) -> schemas.Health:
    return schemas.Health(status="up")


@routes.get("/readyz", answer=schemas.Ready, raises=(problems.NotReady,))
async def readyz(call: Call) -> schemas.Ready:
    checks = call.edge.readiness
    found = await asyncio.gather(*(_reason(check) for check in checks.values()))
    reasons = [f"{name}: {reason}" for name, reason in zip(checks, found, strict=True) if reason]
    if reasons:
        raise problems.NotReady(reasons=reasons)
    return schemas.Ready(ready=True, checks=list(checks))


async def _reason(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return "no answer in time"
    except Exception as error:
        name = type(error).__name__
        if (held_back := CHECK_FAILED.held_back(name)) is not None:
            log.warning("readiness check failed", held_back=held_back, **logs.fault(error))
        return type(error).__name__


@routes.get("/metrics", media_type="text/plain")
async def metrics(call: Call) -> web.Response:
    for refresh in call.edge.gauges:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await refresh()
        except Exception as error:
            # Old figures of one kind are better than none of all kinds.
            log.warning("gauge not refreshed", **logs.fault(error))
    return web.Response(
        body=prometheus_client.generate_latest(),
        headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
    )


@routes.get("/openapi.json", media_type="application/json")
async def openapi_document(call: Call) -> web.Response:
    return web.json_response(call.request.app[DOCUMENTS].get(call.language))


@routes.get("/docs", media_type="text/html")
async def browse(call: Call) -> web.Response:
    document = call.request.app[DOCUMENTS].get(call.language)
    return web.Response(
        text=docs.page(document, call.edge.texts, call.language, demo=call.settings.demo),
        content_type="text/html",
        headers={"Content-Security-Policy": docs.CONTENT_SECURITY_POLICY},
    )


@routes.get("/problems", query=PageQuery, answer=Page[schemas.ProblemType])
async def list_problems(call: Call, query: PageQuery) -> Page[schemas.ProblemType]:
    return slice_page(problems.PROBLEMS, query, lambda kind: _problem_type(call, kind))


@routes.get("/problems/{slug}", answer=schemas.ProblemType)
async def get_problem(call: Call) -> schemas.ProblemType:
    for kind in problems.PROBLEMS:
        if kind.slug == call.param("slug"):
            return _problem_type(call, kind)
    raise NotFound


def _problem_type(call: Call, kind: type[DispatchError]) -> schemas.ProblemType:
    return schemas.ProblemType(
        type=f"/problems/{kind.slug}",
        status=kind.status,
        title=call.text(f"problems.{kind.slug}.title"),
        detail=call.text(f"problems.{kind.slug}.detail"),
    )


@routes.get("/v1/time", answer=schemas.Time)
async def get_time(call: Call) -> schemas.Time:
    async with call.read() as conn:
        return schemas.Time(now=await database.now(conn), scale=call.settings.time_scale)
