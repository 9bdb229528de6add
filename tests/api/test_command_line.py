"""The command line teaches, prepares a database, and says no in one sentence."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from api.__main__ import app
from dispatch import enrolment

COMMANDS = (
    "run",
    "serve",
    "migrate",
    "import-nurses",
    "add-staff",
    "rotate-key",
    "rewrap-keys",
    "plan-days",
    "openapi",
    "demo",
)


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


async def test_a_file_of_nurses_is_taken_whole_or_every_bad_row_is_named(
    database_dsn: str,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_dsn)
    await owner.execute(
        "INSERT INTO institutions (id, code, name, county, counties, services, location) "
        "VALUES (gen_random_uuid(), 'H1', 'Hospital', '330702', '{330702}', '{}', '(119.6,29.1)')"
    )
    rows = [
        f"{number},李{number},female,1391234{number:04},H1,hushi_shi,2,2015-07-01,wound_ostomy_continence,zh,"
        "2030-01-01,2030-01-01,29.1,119.65,8000"
        for number in range(1, 4)
    ]
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("\n".join([",".join(enrolment.COLUMNS), *rows]), encoding="gb18030")
    broken = [rows[0], rows[1].replace("1391234", "abc"), rows[2].replace("H1", "H9")]
    bad.write_text("\n".join([",".join(enrolment.COLUMNS), *broken]), encoding="utf-8")
    refused = await asyncio.to_thread(call, "import-nurses", str(bad))
    assert refused.exit_code == 1
    assert [line.split(":")[0] for line in refused.stderr.splitlines()] == [
        "Nobody was registered",
        "line 3, phone",
        "line 4, institution_code",
    ]
    assert await owner.fetchval("SELECT count(*) FROM nurses") == 0
    taken = await asyncio.to_thread(call, "import-nurses", str(good))
    assert (taken.exit_code, taken.output) == (0, "3 nurses were registered.\n")
    assert await owner.fetchval("SELECT count(*) FROM accounts WHERE role = 'nurse'") == 3
