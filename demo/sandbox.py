"""A payment provider that moves no money: the demo's patients pay here, and it calls back like one.

It keeps a journal of its own, tells every event until it is heard, some twice and out of order, and
answers for its days. It knows nothing of bills.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import logging
import random
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import aiohttp
import orjson
from aiohttp import web

from dispatch.payments import sign

log: Final = logging.getLogger(__name__)

ZONE: Final = ZoneInfo("Asia/Shanghai")
FOLDER: Final = "payment-sandbox"
JOURNAL: Final = "payments.jsonl"
KEY_FILE: Final = "key"
# One event in so many is told twice, and one is held back so that a later one overtakes it.
TWICE_IN: Final = 5
HELD_BACK_IN: Final = 4
HELD_BACK_S: Final = 0.4
RETRY_S: Final = 0.5
RETRY_MAX_S: Final = 30.0
ANSWER_S: Final = 5.0

Json = dict[str, Any]


def secret_of(folder: Path) -> str:
    """The secret that this sandbox and its client sign with, made on the first start."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / KEY_FILE
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return file.read_text(encoding="ascii")


@dataclass(slots=True, kw_only=True)
class Book:
    """What the sandbox knows: payments, what was asked of it, what it has to tell.

    Every change is a line of the journal before it is answered, so that a restart forgets nothing.
    """

    journal: Path
    payments: dict[str, Json] = field(default_factory=dict)
    commands: set[str] = field(default_factory=set)
    events: list[Json] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)

    @classmethod
    def opened(cls, folder: Path) -> Book:
        book = cls(journal=folder / JOURNAL)
        if book.journal.exists():
            for line in book.journal.read_bytes().splitlines():
                with contextlib.suppress(ValueError):  # the last line of a crash
                    book._take(orjson.loads(line))
        return book

    def write(self, line: Json) -> None:
        with self.journal.open("ab") as file:
            file.write(orjson.dumps(line) + b"\n")
        self._take(line)

    def _take(self, line: Json) -> None:
        match line["what"]:
            case "payment":
                self.payments[line["id"]] = line
            case "command":
                self.commands.add(line["id"])
            case "event":
                self.events.append(line["event"])
            case "heard":
                self.heard.add(line["id"])

    def sum_of(self, payment_id: str, kind: str) -> int:
        return sum(
            event["amount_fen"]
            for event in self.events
            if event["payment_id"] == payment_id and event["kind"] == kind
        )


class Sandbox:
    """The provider: pages for patients, commands and statements for its client, callbacks."""

    def __init__(self, folder: Path, *, secret: str, callback_url: str, seed: int = 0) -> None:
        self.book = Book.opened(folder)
        self._secret = secret.encode()
        self.callback_url = callback_url
        self._rng = random.Random(seed)
        self._telling: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/checkout", self._show)
        app.router.add_post("/checkout", self._pay)
        app.router.add_post("/commands", self._carry_out)
        app.router.add_get("/statement", self._tell_day)
        app.cleanup_ctx.append(self._open)
        return app

    async def _open(self, _: web.Application) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        async with aiohttp.ClientSession(timeout=timeout) as self._session:
            for event in self.book.events:
                if event["id"] not in self.book.heard:
                    self._tell(event)
            yield
            for task in self._telling:
                task.cancel()
            await asyncio.gather(*self._telling, return_exceptions=True)

    async def _ready(self, _: web.Request) -> web.Response:
        return web.json_response({"ready": True})

    # What patients do

    async def _show(self, request: web.Request) -> web.Response:
        """A page with one button; who pays here pays nothing."""
        given = self._checked(request)
        cny = f"{int(given['amount_fen']) / 100:.2f}"
        done, button = "<p>已付 · Paid</p>", ""
        if given["payment"] not in self.book.payments:
            action = f"?{html.escape(request.query_string)}"
            done = ""
            button = f"<form method=post action='{action}'><button>支付 · Pay</button></form>"
        return web.Response(
            content_type="text/html",
            text=(
                "<!doctype html><html lang=zh-CN><meta charset=utf-8>"
                "<meta name=viewport content='width=device-width'>"
                "<title>演示支付 · Demo payment</title>"
                f"<h1>演示支付 · Demo payment</h1><p>¥ {html.escape(cny)}</p>{done}"
                "<p>不会产生任何真实扣款。No money is moved.</p>"
                f"{button}</html>"
            ),
        )

    async def _pay(self, request: web.Request) -> web.Response:
        given = self._checked(request)
        payment_id, amount_fen = given["payment"], int(given["amount_fen"])
        if payment_id not in self.book.payments:
            self.book.write(
                {
                    "what": "payment",
                    "id": payment_id,
                    "kind": given["kind"],
                    "amount_fen": amount_fen,
                }
            )
            kind = "authorised" if given["kind"] == "hold" else "captured"
            self._happens(payment_id, kind, amount_fen)
        if "text/html" in request.headers.get("Accept", ""):
            raise web.HTTPSeeOther(request.rel_url)  # a person sees the page again, now paid
        return web.json_response({"paid": True})

    def _checked(self, request: web.Request) -> Json:
        given = {name: request.query.get(name, "") for name in ("payment", "kind", "amount_fen")}
        expected = sign(self._secret, given["payment"], "0", urlencode(given).encode())
        if not secrets.compare_digest(expected, request.query.get("signature", "")):
            raise web.HTTPForbidden
        return given

    # What its client does

    async def _carry_out(self, request: web.Request) -> web.Response:
        """Do it once, however often it is asked."""
        command = orjson.loads(await self._signed(request))
        if command["id"] in self.book.commands:
            return web.json_response({"taken": True})
        payment = self.book.payments.get(command["payment_id"])
        if payment is None:
            raise web.HTTPNotFound
        kind, amount_fen = command["kind"], command["amount_fen"]
        captured_fen = self.book.sum_of(payment["id"], "captured")
        refunded_fen = self.book.sum_of(payment["id"], "refunded")
        match kind:
            case "capture" if not captured_fen and amount_fen <= payment["amount_fen"]:
                told = "captured"
            case "release" if not captured_fen:
                told, amount_fen = "released", payment["amount_fen"]
            case "refund" if refunded_fen + amount_fen <= captured_fen:
                told = "refunded"
            case _:
                raise web.HTTPUnprocessableEntity
        self.book.write({"what": "command", "id": command["id"]})
        self._happens(payment["id"], told, amount_fen, command_id=command["id"])
        return web.json_response({"taken": True})

    async def _tell_day(self, request: web.Request) -> web.Response:
        await self._signed(request)
        day = date.fromisoformat(request.query["day"])
        events = [
            event
            for event in self.book.events
            if datetime.fromisoformat(event["at"]).astimezone(ZONE).date() == day
        ]
        return web.json_response({"events": events})

    async def _signed(self, request: web.Request) -> bytes:
        body = await request.read()
        message_id = request.headers.get("webhook-id", "")
        expected = sign(self._secret, message_id, "0", body)
        if not secrets.compare_digest(expected, request.headers.get("webhook-signature", "")):
            raise web.HTTPForbidden
        return body

    # What it tells

    def _happens(
        self, payment_id: str, kind: str, amount_fen: int, command_id: str | None = None
    ) -> None:
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "kind": kind,
            "payment_id": payment_id,
            "command_id": command_id,
            "amount_fen": amount_fen,
            "at": _now().isoformat(),
        }
        self.book.write({"what": "event", "event": event})
        self._tell(event)

    def _tell(self, event: Json) -> None:
        times = 2 if self._rng.randrange(TWICE_IN) == 0 else 1
        for _ in range(times):
            held_back = self._rng.randrange(HELD_BACK_IN) == 0
            task = asyncio.create_task(self._call_back(event, HELD_BACK_S if held_back else 0))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _call_back(self, event: Json, wait_s: float) -> None:
        """Until it is heard; what is refused for good is kept for the statement."""
        gap_s = RETRY_S
        await asyncio.sleep(wait_s)
        while not await self._is_heard(event):
            await asyncio.sleep(gap_s)
            gap_s = min(gap_s * 2, RETRY_MAX_S)
        if event["id"] not in self.book.heard:
            self.book.write({"what": "heard", "id": event["id"]})

    async def _is_heard(self, event: Json) -> bool:
        if self._session is None:
            return False
        body = orjson.dumps(event)
        timestamp = str(int(_now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event["id"],
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self._secret, event["id"], timestamp, body),
        }
        try:
            async with self._session.post(self.callback_url, data=body, headers=headers) as answer:
                return answer.status < 300 or answer.status in (404, 409, 422)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def _now() -> datetime:
    """A provider has a clock of its own: the real one."""
    return datetime.now(UTC)  # noqa: TID251


async def serve(folder: Path, *, host: str, port: int, secret: str, callback_url: str) -> None:
    """Answer until cancelled."""
    sandbox = Sandbox(folder, secret=secret, callback_url=callback_url)
    runner = web.AppRunner(sandbox.app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        log.info("payment sandbox listening")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
