"""What `trend` reckons for a prepared statement is what one holds."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.soak.statements import CONNECTIONS
from tests.soak.trend import OF_A_STATEMENT


async def test_the_mean_of_all_there_are(database_dsn: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.soak.statements", database_dsn, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    count, each_kib = told.split()
    assert int(count) > 400 * CONNECTIONS
    assert float(each_kib) / 1_024 == pytest.approx(OF_A_STATEMENT["memory_mib"], rel=0.5)
