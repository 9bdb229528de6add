"""A deployment of real processes for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from demo import region
from demo.region import Region
from tests.acceptance.processes import Deployment, free_ports

# A Saturday morning, half past six in Jinhua, when most nurses are off duty and open to be asked.
# Later than any day on which this is run: the clock never steps back.
MORNING: Final = datetime(2040, 3, 2, 22, 30, tzinfo=UTC)
COUNTY: Final = "330702"
TOWNS: Final = ("城中街道", "三江街道", "白龙桥镇")
NURSES: Final = 240
SEED: Final = 20_400_303

SET_TIME: Final = """
    UPDATE app_clock SET origin_app = $1, origin_real = clock_timestamp(), scale = 1
"""


@pytest.fixture(scope="session")
def people() -> Region:
    """The demo's institutions, and its nurses who live in and around one town; no patients."""
    built = region.build(today=MORNING.date(), seed=SEED, patient_count=0)
    nearby = [one for one in built.nurses if one.county == COUNTY and one.town in TOWNS]
    return replace(built, nurses=tuple(nearby[:NURSES]))


@pytest.fixture
def server_settings() -> dict[str, str]:
    """What the processes are told besides; a module may have its own."""
    return {}


@pytest.fixture
async def deployment(
    database_dsn: str,
    owner: asyncpg.Connection,
    people: Region,
    server_settings: dict[str, str],
    tmp_path: Path,
) -> AsyncIterator[Deployment]:
    """A database with everybody in it, on a Saturday morning, its processes not yet started."""
    port, alarm_port = free_ports(2)
    made = Deployment(
        dsn=database_dsn,
        folder=tmp_path,
        port=port,
        alarm_port=alarm_port,
        settings=server_settings,
    )
    await owner.execute(SET_TIME, MORNING)
    await made.fill(people)
    try:
        yield made
    finally:
        await made.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show how the servers' logs ended where a test failed."""
    report = yield
    made = item.funcargs.get("deployment")
    if report.failed and isinstance(made, Deployment):
        report.sections.append(("the servers' logs", made.tail()))
    return report
