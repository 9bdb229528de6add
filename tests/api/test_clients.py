"""The built clients as files: what is answered, how it may be kept, what is said without them."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api import clients, edge
from api.language import Texts
from config.settings import Settings

SCRIPT = b"console.log('a client');" * 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build with one client and one script."""
    for name in ("patient", "assets"):
        (tmp_path / name).mkdir()
    page = b"<html><head><!--settings--></head></html>"
    (tmp_path / "index.html").write_bytes(page)
    (tmp_path / "patient" / "index.html").write_bytes(page)
    (tmp_path / "assets" / "main-abc123.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "main-abc123.js.gz").write_bytes(gzip.compress(SCRIPT))
    return tmp_path


def _app(settings: Settings) -> web.Application:
    app = web.Application(middlewares=[edge.observe])
    clients.install(app, settings, Texts.load())
    return app


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    settings = Settings(
        demo=True, clients_dir=folder, map_tiles_url="https://{s}.tiles.example.org/{z}/{x}/{y}.png"
    )
    async with TestClient(TestServer(_app(settings)), auto_decompress=False) as made:
        yield made


async def test_a_view_is_shown_by_the_one_page_of_its_client(
    client: TestClient[web.Request, web.Application],
) -> None:
    for path in ("/patient/", "/patient/orders/0193", "/patient/me"):
        answer = await client.get(path)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        assert b'{"demo":true' in await answer.read()


async def test_a_page_may_load_our_own_files_and_the_tiles_only(
    client: TestClient[web.Request, web.Application],
) -> None:
    policy = (await client.get("/patient/")).headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["img-src"] == "'self' data: blob: https://*.tiles.example.org"


async def test_a_hashed_file_is_kept_for_good_and_sent_small(
    client: TestClient[web.Request, web.Application],
) -> None:
    small = await client.get("/assets/main-abc123.js", headers={"Accept-Encoding": "br, gzip"})
    assert "immutable" in small.headers["Cache-Control"]
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(await small.read()) == SCRIPT
    plain = await client.get("/assets/main-abc123.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert await plain.read() == SCRIPT


async def test_what_has_not_changed_is_not_sent_again(
    client: TestClient[web.Request, web.Application],
) -> None:
    seen = (await client.get("/patient/")).headers["ETag"]
    answer = await client.get("/patient/orders", headers={"If-None-Match": seen})
    assert (answer.status, await answer.read()) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/assets/other.js", "/patient/main.js", "/assets/..%2findex.html", "/nurse/"]
)
async def test_a_file_that_is_not_there_is_not_a_view(
    client: TestClient[web.Request, web.Application], path: str
) -> None:
    assert (await client.get(path)).status == 404


async def test_a_client_without_its_slash_is_led_there(
    client: TestClient[web.Request, web.Application],
) -> None:
    answer = await client.get("/patient", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (308, "/patient/")


async def test_without_a_build_the_page_says_so(tmp_path: Path) -> None:
    app = _app(Settings(clients_dir=tmp_path / "nothing"))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/patient/orders", headers={"Accept-Language": "en"})
        assert answer.status == 503
        assert "make web" in await answer.text()
