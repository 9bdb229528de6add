"""What a prepared statement holds in the process that has prepared it.

python -m tests.soak.statements postgresql://…      (a database with our schema)
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sys

import asyncpg
import psutil

from dispatch import records

KIB = 2**10
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


async def measure(dsn: str) -> tuple[int, float]:
    """How many could be prepared, and what each of them holds in KiB. For a process of its own:
    elsewhere what is free already would be taken first."""
    connections = [await asyncpg.connect(dsn) for _ in range(CONNECTIONS)]
    queries, kept = statements(), []
    before = psutil.Process().memory_full_info().uss
    for conn in connections:
        for query in queries:
            try:
                kept.append(await conn.prepare(query))
            except asyncpg.PostgresError:
                continue  # a part of a statement, or none at all
    each_kib = (psutil.Process().memory_full_info().uss - before) / KIB / len(kept)
    for conn in connections:
        await conn.close()
    return len(kept), each_kib


if __name__ == "__main__":
    count, each = asyncio.run(measure(sys.argv[1]))
    print(f"{count} {each:.2f}")  # noqa: T201 - it is what it is for
