"""A world of one application: a real database behind the real edge."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import structlog
from aiohttp.test_utils import TestClient

from api import edge
from config import catalogue
from config.settings import Settings
from dispatch import database
from dispatch.database import Pool
from dispatch.key_folder import LocalKeyProvider
from dispatch.sealing import Keyring
from tests.api import throwaway
from tests.api.throwaway import Client, GuardedTestServer, World

CATALOGUE = catalogue.load()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What a test did to the logs ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, body_timeout_s=2, body_max_kib=4)


@pytest.fixture
async def pool(
    database_dsn: str, owner: asyncpg.Connection, settings: Settings, tmp_path: Path
) -> AsyncIterator[Pool]:
    await owner.execute(throwaway.TABLE)
    made = await database.connect(
        database_dsn,
        keyring=Keyring(LocalKeyProvider(tmp_path / "keys")),
        settings=settings,
        catalogue=CATALOGUE,
        size=4,
        name="test",
    )
    yield made
    await made.close()


@pytest.fixture
def world(pool: Pool) -> World:
    return World(pool)


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    app = edge.application(world.edge(), [throwaway.routes])
    async with TestClient(GuardedTestServer(app)) as client:
        yield client
