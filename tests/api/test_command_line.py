"""The command line teaches, prepares a database, and says no in one sentence."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from api.__main__ import app

COMMANDS = ("run", "serve", "migrate", "import-nurses", "openapi", "demo")


@pytest.fixture(autouse=True)
def _plain_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "APP_DEMO", "APP_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("APP_STATE_DIR", str(tmp_path))


def call(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_help_names_every_command_and_how_to_begin() -> None:
    said = call("--help").output
    for command in COMMANDS:
        assert command in said
    assert "DATABASE_URL" in said
    for command in COMMANDS:
        assert len(call(command, "--help").output.splitlines()) > 5, command


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("serve", "--role", "sealer"), "There is no role sealer"),
        (("serve",), "No database: set DATABASE_URL"),
        (("migrate",), "No database: set DATABASE_URL"),
        (("import-nurses", "/nowhere/nurses.csv"), "cannot be read"),
        (("openapi", "--language", "fr"), "There is no language fr"),
        (("demo", "load"), "set APP_DEMO=1"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_1(words: tuple[str, ...], reason: str) -> None:
    result = call(*words)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PORT", "a secret")
    result = call("serve")
    assert result.exit_code == 1
    assert "Setting port" in result.stderr
    assert "a secret" not in result.stderr


def test_the_document_is_printed_as_json() -> None:
    document = json.loads(call("openapi").output)
    assert document["openapi"].startswith("3.1")
    assert "/v1/stream" in document["paths"]


async def test_migrating_twice_says_what_was_done_and_then_that_nothing_was(
    empty_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_dsn)
    first = await asyncio.to_thread(call, "migrate")
    assert first.output.splitlines()[0] == "applied 0001_foundation"
    second = await asyncio.to_thread(call, "migrate")
    assert second.output == "The schema is up to date.\n"
    conn = await asyncpg.connect(empty_dsn)
    try:
        assert await conn.fetchval("SELECT count(*) FROM schema_migrations") >= 1
    finally:
        await conn.close()
