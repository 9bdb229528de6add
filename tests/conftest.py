"""A real PostgreSQL for every test that asks for one; a fresh database each, made from a template.

One throw-away server for each pytest process (so also for each xdist worker), unless DATABASE_URL
names a server: then databases are made and dropped there.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from itertools import count
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from config.settings import Settings
from dispatch import migrate, postgres
from dispatch.database import Pool
from dispatch.key_folder import LocalKeyProvider
from dispatch.sealing import Keyring
from tests import world as worlds
from tests.world import World

# Two runs at once on one server must not meet.
PREFIX: Final = f"shangmen_test_{os.getpid()}"
_numbers: Final = count(1)


def _with_database(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def _run(dsn: str, statement: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server_dsn() -> AsyncIterator[str]:
    """An address from which databases can be made: of a superuser, or of DATABASE_URL's user."""
    named = os.environ.get("DATABASE_URL")
    if named:
        await postgres.require(named)
        yield named
        return
    async with postgres.throw_away() as server:
        yield server.dsn("postgres")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(server_dsn: str) -> AsyncIterator[str]:
    """The name of a database with every migration applied and no rows of ours."""
    name = f"{PREFIX}_template"
    await _run(server_dsn, f"CREATE DATABASE {name}")
    try:
        await migrate.migrate(_with_database(server_dsn, name))
        yield name
    finally:
        await _run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_dsn(server_dsn: str) -> AsyncIterator[str]:
    """The address of a database of its own with nothing in it."""
    name = f"{PREFIX}_{next(_numbers)}"
    await _run(server_dsn, f"CREATE DATABASE {name}")
    yield _with_database(server_dsn, name)
    await _run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database_dsn(server_dsn: str, template: str) -> AsyncIterator[str]:
    """The address of a database of its own with the whole schema, as its owner."""
    name = f"{PREFIX}_{next(_numbers)}"
    await _run(server_dsn, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _with_database(server_dsn, name)
    await _run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def owner(database_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A bare connection as the owner of the schema: to arrange, to look, to tamper."""
    conn = await asyncpg.connect(database_dsn)
    yield conn
    await conn.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world_keys(tmp_path_factory: pytest.TempPathFactory) -> LocalKeyProvider:
    """The keys that every world of this run is sealed with."""
    return LocalKeyProvider(tmp_path_factory.mktemp("world") / "keys")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world_template(
    server_dsn: str, template: str, world_keys: LocalKeyProvider
) -> AsyncIterator[str]:
    """The name of a database with the small region of `tests/world.py` in it."""
    name = f"{PREFIX}_world"
    await _run(server_dsn, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        await worlds.fill(_with_database(server_dsn, name), Keyring(world_keys), Settings())
        yield name
    finally:
        await _run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings() -> Settings:
    """The settings of a test's world; a module may have its own."""
    return Settings(record_rule="refuse")


@pytest.fixture
async def jinhua(
    server_dsn: str, world_template: str, world_keys: LocalKeyProvider, settings: Settings
) -> AsyncIterator[World]:
    """A small region of its own: institutions, nurses with shifts, patients, a standing clock."""
    name = f"{PREFIX}_{next(_numbers)}"
    await _run(server_dsn, f"CREATE DATABASE {name} TEMPLATE {world_template}")
    dsn = _with_database(server_dsn, name)
    pool = await worlds.connect(dsn, Keyring(world_keys), settings)
    owner = await asyncpg.connect(dsn)
    try:
        yield World(pool=pool, owner=owner)
    finally:
        await owner.close()
        await pool.close()
        await _run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def world(jinhua: World) -> World:
    """The same; a folder may have another kind of world under this name."""
    return jinhua


@pytest.fixture
def pool(jinhua: World) -> Pool:
    """The pool of the test's world; a folder may open another under this name."""
    return jinhua.pool
