"""The delivered roles suffice for their work and for nothing more; a backup comes back whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from config import catalogue
from config.settings import Settings
from dispatch import binaries, database, migrate, postgres
from dispatch.database import Caller, Connection
from dispatch.errors import NotFound
from dispatch.ids import new_id
from dispatch.key_folder import LocalKeyProvider
from dispatch.records import person_keys
from dispatch.sealing import Keyring
from tests.acceptance.processes import ROOT

SQL: Final = ROOT / "deploy" / "postgres"
PASSWORDS: Final = {"owner": "of the owner", "login": "of the processes", "backup": "of the backup"}
CLOCK: Final = Caller.clock("test")


class Server:
    """A server of this test alone, since roles belong to a whole server, and PostgreSQL's tools."""

    def __init__(self, dsn: str, programs: Path) -> None:
        self._dsn = dsn
        self._programs = programs

    def dsn(self, user: str | None = None, name: str = "shangmen") -> str:
        parts = urlsplit(self._dsn)._replace(path=f"/{name}")
        if user is not None:
            parts = parts._replace(netloc=f"{user}@")
        return urlunsplit(parts)

    def run(self, program: str, *arguments: str | Path, given: bytes = b"") -> bytes:
        done = subprocess.run(  # noqa: S603
            [self._programs / program, *arguments],
            input=given,
            capture_output=True,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def psql(self, dsn: str, file: str, *options: str, given: bytes = b"") -> bytes:
        return self.run("psql", "-X", "-q", *options, "-f", SQL / file, dsn, given=given)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Server]:
    found = binaries.find(Path("/nonexistent"), None)
    assert found is not None
    async with postgres.throw_away() as running:
        made = Server(running.dsn("postgres"), found.folder)
        made.run("dropdb", "--maintenance-db", made.dsn(name="postgres"), "shangmen")
        options = [part for name, word in PASSWORDS.items() for part in ("-v", f"{name}={word}")]
        made.psql(made.dsn(name="postgres"), "roles.sql", *options)
        await migrate.migrate(made.dsn("shangmen_owner"))
        await migrate.set_clock(made.dsn("shangmen_owner"), 1.0)
        yield made


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(LocalKeyProvider(tmp_path / "keys"))


async def _pool(server: Server, keyring: Keyring, name: str = "shangmen") -> database.Pool:
    return await database.connect(
        server.dsn("shangmen_login", name),
        keyring=keyring,
        settings=Settings(),
        catalogue=catalogue.load(),
        size=2,
        name="test",
    )


async def test_the_owner_migrates_without_being_a_superuser(server: Server) -> None:
    assert await migrate.migrate(server.dsn("shangmen_owner")) == []
    conn = await asyncpg.connect(server.dsn("shangmen_owner"))
    try:
        assert not await conn.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        owners = await conn.fetch(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        )
        assert [row["tableowner"] for row in owners] == ["shangmen_owner"]
    finally:
        await conn.close()


async def test_the_login_of_the_processes_can_do_their_work_and_no_more(
    server: Server, keyring: Keyring
) -> None:
    pool = await _pool(server, keyring)
    try:
        await _seal(pool, new_id())
    finally:
        await pool.close()
    conn = await asyncpg.connect(server.dsn("shangmen_login"))
    try:
        # It inherits nothing: rights come with the role that the pools take.
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.fetchval("SELECT count(*) FROM patients")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("SET ROLE shangmen_owner")
        await conn.execute("SET ROLE shangmen_app")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("DELETE FROM audit")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("CREATE TABLE mine (id int)")
    finally:
        await conn.close()


async def test_nobody_else_may_connect(server: Server) -> None:
    conn = await asyncpg.connect(server.dsn(name="postgres"))
    try:
        await conn.execute("CREATE ROLE stranger LOGIN")
    finally:
        await conn.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(server.dsn("stranger"))


async def test_a_backup_comes_back_and_destroyed_keys_stay_destroyed(
    server: Server, keyring: Keyring, tmp_path: Path
) -> None:
    stays, leaves = new_id(), new_id()
    pool = await _pool(server, keyring)
    try:
        sealed = {person: await _seal(pool, person) for person in (stays, leaves)}
        dump = tmp_path / "shangmen.dump"
        server.run("pg_dump", "-Fc", "-f", dump, server.dsn("shangmen_backup"))
        # The wish comes after the backup.
        await pool.transact(CLOCK, lambda conn: person_keys.destroy(conn, leaves))
        destroyed = server.psql(server.dsn("shangmen_backup"), "list-destroyed-keys.sql")
    finally:
        await pool.close()
    assert str(leaves).encode() in destroyed
    assert str(stays).encode() not in destroyed

    server.run("createdb", "-O", "shangmen_owner", "-T", "template0", "--maintenance-db",
               server.dsn(name="postgres"), "restored")  # fmt: skip
    server.run("pg_restore", "--exit-on-error", "-d", server.dsn(name="restored"), dump)
    pool = await _pool(server, Keyring(LocalKeyProvider(tmp_path / "keys")), "restored")
    try:
        # Without the list the person would be back.
        assert await _open(pool, leaves, sealed[leaves]) == b"a diagnosis"
    finally:
        await pool.close()
    server.psql(server.dsn(name="restored"), "destroy-keys-again.sql", given=destroyed)
    pool = await _pool(server, Keyring(LocalKeyProvider(tmp_path / "keys")), "restored")
    try:
        assert await _open(pool, stays, sealed[stays]) == b"a diagnosis"
        with pytest.raises(NotFound):
            await _open(pool, leaves, sealed[leaves])
    finally:
        await pool.close()
    assert await migrate.migrate(server.dsn("shangmen_owner", "restored")) == []


async def _seal(pool: database.Pool, person: UUID) -> bytes:
    async def work(conn: Connection) -> bytes:
        return await person_keys.seal(
            conn, person, "patients", "profile_sealed", person, b"a diagnosis"
        )  # fmt: skip

    return await pool.transact(CLOCK, work)


async def _open(pool: database.Pool, person: UUID, sealed: bytes) -> bytes:
    async with pool.read(CLOCK) as conn:
        return await person_keys.open_sealed(
            conn, person, "patients", "profile_sealed", person, sealed
        )  # fmt: skip
