"""The made-up region comes into the database, on a slow machine too."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import asyncpg
import pytest

from config.settings import Settings
from demo import load, region
from dispatch.key_folder import LocalKeyProvider
from dispatch.sealing import Keyring


async def test_loading_is_not_held_to_the_time_of_a_request(
    database_dsn: str, owner: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where five hundred nurses took longer than a request may, the first start used to end with
    a traceback."""
    small = partial(region.build, nurse_count=60, patient_count=5)
    monkeypatch.setattr(region, "build", small)
    settings = Settings(demo=True, request_timeout_s=0.02)
    await load.load(database_dsn, settings, Keyring(LocalKeyProvider(tmp_path / "keys")))
    assert await owner.fetchval("SELECT count(*) FROM nurses") == 60
