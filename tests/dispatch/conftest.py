"""What every act needs: a pool as the application opens it, on a fresh database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config import catalogue
from config.settings import Settings
from dispatch import database
from dispatch.database import Pool
from dispatch.key_folder import LocalKeyProvider
from dispatch.sealing import Keyring

CATALOGUE = catalogue.load()


@pytest.fixture
def settings() -> Settings:
    return Settings(record_rule="refuse")


@pytest.fixture
async def pool(database_dsn: str, settings: Settings, tmp_path: Path) -> AsyncIterator[Pool]:
    made = await database.connect(
        database_dsn,
        keyring=Keyring(LocalKeyProvider(tmp_path / "keys")),
        settings=settings,
        catalogue=CATALOGUE,
        size=8,
        name="test",
    )
    yield made
    await made.close()
