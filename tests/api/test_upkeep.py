"""Staff and keys, from the shell, on a real database and a real key folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from api.__main__ import app

PHONE = "+8613700001234"


@pytest.fixture(autouse=True)
def _installation(database_dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("APP_DEMO", "APP_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", database_dsn)
    monkeypatch.setenv("APP_STATE_DIR", str(tmp_path))


async def call(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, words)


async def test_the_first_admin_is_made_and_it_is_on_record(owner: asyncpg.Connection) -> None:
    made = await call("add-staff", PHONE, "--role", "admin")
    assert (made.exit_code, made.output) == (0, "The phone can sign in as admin now.\n")
    account = await owner.fetchrow("SELECT id, role::text, permissions FROM accounts")
    assert account is not None
    assert (account["role"], account["permissions"]) == ("admin", [])
    assert await owner.fetchval("SELECT subject_id FROM audit") == account["id"]


async def test_an_operator_gets_what_is_named_else_everything(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "INSERT INTO institutions (id, code, name, county, counties, services, location) "
        "VALUES (gen_random_uuid(), 'H1', 'Hospital', '330702', '{330702}', '{}', '(119.6,29.1)')"
    )
    assert (await call("add-staff", PHONE, "--institution", "H1")).exit_code == 0
    assert (await call("add-staff", "+8613700001235", "--permission", "assess")).exit_code == 0
    rows = await owner.fetch(
        "SELECT permissions, institution_id IS NOT NULL AS bound FROM accounts ORDER BY created_at"
    )
    assert [(row["permissions"], row["bound"]) for row in rows] == [
        (["alarms", "assess", "billing", "dispatch", "quality", "staff"], True),
        (["assess"], False),
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--role", "nurse"), "There is no staff role nurse"),
        (("--permission", "fly"), "There is no permission fly"),
        (("--role", "auditor", "--permission", "assess"), "Only operators"),
        (("--institution", "H9"), "no institution with this code"),
    ],
)
async def test_a_refusal_is_one_sentence(words: tuple[str, ...], reason: str) -> None:
    refused = await call("add-staff", PHONE, *words)
    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


async def test_a_number_is_refused_that_is_none_or_taken() -> None:
    refused = await call("add-staff", "12")
    assert (refused.exit_code, refused.stderr) == (1, "This is not a phone number in use.\n")
    assert (await call("add-staff", PHONE)).exit_code == 0
    assert "account already" in (await call("add-staff", PHONE)).stderr


async def test_after_rotation_and_rewrapping_the_old_master_key_may_go(
    owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await call("add-staff", PHONE)
    rotated = await call("rotate-key")
    new = tmp_path / "keys" / "master-2.key"
    assert rotated.output == f"{new} is the master key for new people now.\n"
    assert new.stat().st_mode & 0o777 == 0o600
    assert await owner.fetchval("SELECT max(master_version) FROM person_keys") == 1

    assert (await call("rewrap-keys")).output.startswith("1 keys were wrapped with master-2.key")
    assert (await call("rewrap-keys")).output.startswith("0 keys")
    assert await owner.fetchval("SELECT min(master_version) FROM person_keys") == 2
    (tmp_path / "keys" / "master-1.key").unlink()
    # The number is found by its index, and the new key seals for new people.
    assert "account already" in (await call("add-staff", PHONE)).stderr
    assert (await call("add-staff", "+8613700001236")).exit_code == 0
