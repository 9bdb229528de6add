"""What a prepared statement holds in the process that has prepared it, as `trend` reckons."""

from __future__ import annotations

import importlib
import pkgutil

import asyncpg
import psutil
import pytest

from dispatch import records
from tests.soak.trend import OF_A_STATEMENT

MIB = 2**20
CONNECTIONS = 3


def statements() -> list[str]:
    """All that `dispatch/records` has ready."""
    modules = [
        importlib.import_module(f"{records.__name__}.{module.name}")
        for module in pkgutil.iter_modules(records.__path__)
    ]
    found = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    return sorted(found)


async def test_the_mean_of_all_there_are(database_dsn: str) -> None:
    own = psutil.Process()
    kept = []
    connections = [await asyncpg.connect(database_dsn) for _ in range(CONNECTIONS)]
    try:
        before = own.memory_full_info().uss
        for conn in connections:
            for query in statements():
                try:
                    kept.append(await conn.prepare(query))
                except asyncpg.PostgresError:
                    continue  # a part of a statement, or none at all
        each_mib = (own.memory_full_info().uss - before) / MIB / len(kept)
    finally:
        for conn in connections:
            await conn.close()
    assert len(kept) > 400 * CONNECTIONS
    assert each_mib == pytest.approx(OF_A_STATEMENT["memory_mib"], rel=0.5)
