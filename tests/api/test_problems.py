"""Whatever goes wrong becomes a problem document, in the reader's language, and tells no secret."""

from __future__ import annotations

import json
import logging
from string import Formatter
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from api import language, logs, problems
from api.language import Language, Texts
from api.routes import system
from dispatch import errors
from dispatch.errors import DispatchError
from tests.api.throwaway import Client, slug

TEXTS = Texts.load()


def document(error: DispatchError, tongue: Language = Language.EN) -> dict[str, Any]:
    return problems.document(error, texts=TEXTS, language=tongue, instance="/v1/x")


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    zh, en = (TEXTS.keys(tongue) for tongue in (Language.ZH, Language.EN))
    assert zh == en

    def holes(key: str, tongue: Language) -> set[str]:
        template = TEXTS._tables[tongue][key]
        return {name for _, name, _, _ in Formatter().parse(template) if name}

    assert {key for key in en if holes(key, Language.ZH) != holes(key, Language.EN)} == set()


def test_every_error_has_a_problem_with_texts() -> None:
    table = {kind.slug for kind in problems.PROBLEMS}
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, DispatchError) and kind is not DispatchError:
            assert kind.slug in table
    assert len(table) == len(problems.PROBLEMS)
    for kind in problems.PROBLEMS:
        for tongue in Language:
            told = document(kind(), tongue)
            assert slug(told) == kind.slug
            assert told["status"] == kind.status
            assert told["title"]
            assert told["detail"]


def test_extras_fill_the_texts_and_go_along() -> None:
    told = document(errors.OutsideGeofence(distance_m=812, limit_m=300))
    assert "812" in told["detail"]
    assert (told["distance_m"], told["limit_m"]) == (812, 300)
    moved = document(errors.IllegalTransition(state="held", move="hold", moves=["reopen"]))
    assert (moved["state"], moved["move"], moved["moves"]) == ("held", "hold", ["reopen"])
    # What the document itself says is not overwritten.
    assert document(errors.NotFound(status=200, type="x"))["status"] == 404


def test_what_only_fills_a_text_is_no_member() -> None:
    """`window_max_days` and `version` used to stand beside `errors`, without a word of them in the
    contract: a client could have come to rely on a figure of our settings."""
    far = document(errors.InvalidFields((("body", "window"), "window_far"), window_max_days=60))
    contract = {"type", "title", "status", "detail", "instance", "errors"}
    assert set(far) == contract
    assert "60" in far["errors"][0]["msg"]
    assert set(document(errors.RuleRefused((("body",), "x"), version="1"))) == contract


def test_fields_refused_by_an_act_are_told_in_the_readers_language() -> None:
    error = errors.RuleRefused((("body", "a"), "missing"), (("body", "b"), "plain words"))
    assert document(error, Language.ZH)["errors"] == [
        {"loc": ["body", "a"], "msg": "必填"},
        {"loc": ["body", "b"], "msg": "plain words"},
    ]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (web.HTTPNotFound(), "not-found"),
        (web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2), "body-too-large"),
        (web.HTTPBadRequest(), "malformed-request"),
        (web.RequestPayloadError("x"), "malformed-request"),
        (asyncpg.ConnectionDoesNotExistError("x"), "overloaded"),
        (asyncpg.InternalClientError('protocol is in the "failed" state'), "overloaded"),
        (asyncpg.InternalClientError("another operation (3) is in progress"), "overloaded"),
        (asyncpg.InterfaceError("connection is closed"), "overloaded"),
        (asyncpg.InterfaceError("the server expects 2 arguments"), "internal-error"),
        (asyncpg.AdminShutdownError("x"), "overloaded"),
        (asyncpg.QueryCanceledError("x"), "overloaded"),
        (asyncpg.DeadlockDetectedError("x"), "overloaded"),
        (asyncpg.LockNotAvailableError("x"), "overloaded"),
        (asyncpg.TooManyConnectionsError("x"), "overloaded"),
        (asyncpg.UniqueViolationError("Key (phone)=(…)"), "internal-error"),
        (asyncpg.DataError("x"), "internal-error"),
        (ConnectionRefusedError(), "overloaded"),
        (TimeoutError(), "overloaded"),
        (FileNotFoundError("/etc/x"), "internal-error"),
        (ValueError("secret"), "internal-error"),
    ],
)
def test_exceptions_become_problems(error: Exception, kind: str) -> None:
    found = problems.translate(error)
    assert found.slug == kind
    assert ("Retry-After" in problems.headers(found)) == (kind == "overloaded")


async def test_a_defect_says_nothing_and_is_logged_once(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    answer = await client.get("/v1/fall", headers={"X-Request-Id": "defect"})
    text = await answer.text()
    assert answer.status == 500
    assert slug(json.loads(text)) == "internal-error"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["request failed", "request"]
    assert {line["request_id"] for line in lines} == {"defect"}
    assert lines[0]["error"] == "builtins.RuntimeError"
    assert lines[1]["route"] == "/v1/fall"
    assert "secret" not in text + json.dumps(lines)
    assert "13812345678" not in text + json.dumps(lines)


async def test_a_slow_database_is_503_and_a_wrong_query_500(client: Client) -> None:
    slow = await client.get("/v1/frozen")
    assert (slow.status, slow.headers["Retry-After"]) == (503, "1")
    assert (await client.get("/v1/query")).status == 500


async def test_problems_speak_the_readers_language(client: Client) -> None:
    for header, tongue, title in [
        (None, "zh-CN", "邀约已过期"),
        ("en", "en", "Offer expired"),
        ("de, en;q=0.5", "en", "Offer expired"),
        ("en;q=0.1, zh;q=0.9", "zh-CN", "邀约已过期"),
        ("en;q=nonsense", "zh-CN", "邀约已过期"),
    ]:
        given = {"Accept-Language": header} if header else {}
        answer = await client.get("/v1/expired", headers=given)
        problem = await answer.json(content_type=problems.CONTENT_TYPE)
        assert (answer.status, problem["title"]) == (410, title)
        assert answer.headers["Content-Language"] == tongue
        assert problem["instance"] == "/v1/expired"


def test_a_language_is_always_found() -> None:
    for header in (None, "", "*", ";;;", "fr", "q=1", "en;q=0", "zh-Hant-TW", "," * 9000):
        assert language.negotiate(header) is Language.ZH
    assert language.negotiate("EN-us") is Language.EN


def test_library_records_are_logged_without_their_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    try:
        raise ValueError("13812345678")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling %s", "13812345678")
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "library record"
    assert (line["logger"], line["error"]) == ("aiohttp.server", "builtins.ValueError")
    assert "13812345678" not in json.dumps(line)


def test_the_system_module_lists_every_type() -> None:
    assert any(route.path == "/problems" for route in system.routes.all)


def test_a_message_that_repeats_is_told_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request and each look of a balancer at an API without its database used to be a line."""
    now_s = 100.0
    monkeypatch.setattr("api.logs.time.monotonic", lambda: now_s)
    seldom = logs.Seldom(every_s=60.0)
    assert seldom.held_back("ConnectionRefusedError") == 0
    assert [seldom.held_back("ConnectionRefusedError") for _ in range(3)] == [None, None, None]
    assert seldom.held_back("TimeoutError") == 0
    now_s += 60.0
    assert seldom.held_back("ConnectionRefusedError") == 3
    assert seldom.held_back("ConnectionRefusedError") is None
