"""What the benchmarks of the dispatcher stand on: a durable PostgreSQL, a region, orders in it.

Orders are placed and approved by the acts that HTTP calls, with one caller for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from api import serve
from api.policy import OPERATOR_PERMISSIONS
from bench import results
from config import catalogue, consents
from config.settings import Settings
from demo import load, region
from demo.region import Region
from demo.roster import ZONE
from dispatch import cluster, database, migrate, postgres
from dispatch.acts import assess_order, fill_order, place_order
from dispatch.acts.assess_order import Decision
from dispatch.acts.place_order import Wish
from dispatch.database import Caller, Pool
from dispatch.lifecycles import Role
from dispatch.postgres import Server
from dispatch.records.orders import Words
from matching.policy import Urgency
from tests.acceptance.processes import Deployment, free_ports

SEED: Final = 330_700
TODAY: Final = date(2026, 11, 22)
PLACING: Final = 8
OPERATOR: Final = "SELECT id FROM accounts WHERE role = 'operator' ORDER BY id LIMIT 1"
# Approved orders that nobody is asked for yet, and those that are looked at next.
WAIT: Final = "UPDATE orders SET next_wave_at = 'infinity' WHERE state = 'open'"
DUE: Final = "UPDATE orders SET next_wave_at = app_now() WHERE id = ANY($1)"
TEMPLATE: Final = "shangmen"
PEOPLE: Final = """
    SELECT p.account_id, p.id AS patient_id, a.id AS address_id
      FROM patients p JOIN addresses a ON a.patient_id = p.id
     WHERE a.county IS NOT NULL ORDER BY p.id, a.id
"""


class Home(NamedTuple):
    """Who orders, for whom, where to."""

    account_id: UUID
    patient_id: UUID
    address_id: UUID


def people(nurses: int, patients: int) -> Region:
    """The synthetic region at this size, the same in every run."""
    return region.build(today=TODAY, seed=SEED, nurse_count=nurses, patient_count=patients)


@contextlib.asynccontextmanager
async def server() -> AsyncIterator[tuple[Path, Server]]:
    """A durable PostgreSQL and a folder, both gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="shangmen-bench-"))
    os.chmod(folder, cluster.passable())
    running = await postgres.start(folder / "server")
    try:
        yield folder, running
    finally:
        await running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def deployment(built: Region) -> AsyncIterator[Deployment]:
    """A database with these people in it; its processes are not started, but stopped at the end."""
    async with server() as (folder, running):
        await migrate.migrate(running.dsn())
        port, alarm_port = free_ports(2)
        made = Deployment(dsn=running.dsn(), folder=folder, port=port, alarm_port=alarm_port)
        async with pool(made.dsn, made.state_dir) as opened:
            await load.load_region(opened, built)
            await load.top_up_shifts(opened)
        try:
            yield made
        finally:
            await made.stop()


@contextlib.asynccontextmanager
async def pool(dsn: str, state_dir: Path, *, size: int = PLACING) -> AsyncIterator[Pool]:
    """A pool as a process has it, with the keys of that state folder, but more patient."""
    settings = Settings(
        demo=True,
        database_url=dsn,
        state_dir=state_dir,
        request_timeout_s=60,
        command_timeout_s=60,
        acquire_timeout_s=60,
        statement_timeout_ms=60_000,
    )
    opened = await database.connect(
        dsn,
        keyring=serve.open_keyring(settings),
        settings=settings,
        catalogue=catalogue.load(),
        size=size,
        name="bench",
    )
    try:
        yield opened
    finally:
        await opened.close()


@dataclass(slots=True, kw_only=True)
class Demand:
    """Patients who order what needs no prescription, at the hours of `rules.md` 2.4.

    Windows begin on one of the days after tomorrow's midnight that have shifts.
    """

    pool: Pool = field(repr=False)
    homes: Sequence[Home]
    operator: Caller
    midnight: datetime
    rng: random.Random
    days: int = 2
    hours: Sequence[int] = (8, 9, 10, 17, 18, 19)

    @classmethod
    async def arise(cls, pool: Pool, owner: asyncpg.Connection) -> Demand:
        homes = [Home(*row) for row in await owner.fetch(PEOPLE)]
        async with pool.read(Caller.clock("bench")) as conn:
            now = await database.now(conn)
        operator = Caller(
            role=Role.OPERATOR,
            account_id=await owner.fetchval(OPERATOR),
            permissions=frozenset(OPERATOR_PERMISSIONS),
            request_id="bench",
        )
        local = now.astimezone(ZONE) + timedelta(days=1)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(
            pool=pool,
            homes=homes,
            operator=operator,
            midnight=midnight,
            rng=random.Random(SEED),
        )

    async def place(self) -> UUID:
        """Place one order."""
        pool, rng = self.pool, self.rng
        home = rng.choice(self.homes)
        services = pool.catalogue.services.values()
        codes = [service.code for service in services if not service.requires_prescription]
        earliest = self.midnight + timedelta(days=rng.randrange(self.days))
        earliest += timedelta(hours=rng.choice(self.hours))
        wish = Wish(
            patient_id=home.patient_id,
            address_id=home.address_id,
            service_codes=(rng.choice(codes),),
            earliest=earliest,
            latest=earliest + timedelta(hours=2),
            urgency=Urgency.ROUTINE,
            words=Words(),
            prescription_id=None,
            preferences={},
            preconditions=(),
            consent_version="1",
            consent_at=self.midnight - timedelta(days=2),
            consent_language="zh-CN",
        )
        patient = Caller(role=Role.PATIENT, account_id=home.account_id, request_id="bench")
        order = await place_order.place_order(pool, patient, consents.load(pool.catalogue), wish)
        return order.id

    async def approve(self, order_id: UUID) -> None:
        """Let it be offered from now on."""
        await assess_order.assess_order(
            self.pool, self.operator, order_id, Decision.APPROVE, "bench"
        )

    async def place_many(self, count: int) -> list[UUID]:
        """Place and approve so many orders, as fast as it goes."""
        left = iter(range(count))
        made: list[UUID] = []

        async def work() -> None:
            for _ in left:
                order_id = await self.place()
                await self.approve(order_id)
                made.append(order_id)

        await asyncio.gather(*(work() for _ in range(PLACING)))
        return made


async def place_waiting(running: Server, state_dir: Path, patients: int, count: int) -> list[UUID]:
    """Patients and their approved orders, with no nurse in sight; see `DUE`."""
    results.say(f"placing {count} orders")
    async with pool(running.dsn(), state_dir) as opened:
        await load.load_region(opened, people(1, patients))
        owner = await asyncpg.connect(running.dsn())
        try:
            demand = await Demand.arise(opened, owner)
            placed = await demand.place_many(count)
            await owner.execute(WAIT)
        finally:
            await owner.close()
    return placed


@contextlib.asynccontextmanager
async def copied(
    running: Server, name: str, state_dir: Path, nurses: int, patients: int
) -> AsyncIterator[tuple[Pool, asyncpg.Connection]]:
    """A copy of the first database with so many nurses: its pool, which has looked at nothing due
    before, and its owner."""
    await _execute(running, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    try:
        async with pool(running.dsn(name), state_dir) as opened:
            await load.load_region(opened, people(nurses, patients))
            await load.top_up_shifts(opened)
            owner = await asyncpg.connect(running.dsn(name))
            try:
                await owner.execute("VACUUM ANALYZE")
                await fill_order.send_waves(opened)
                yield opened, owner
            finally:
                await owner.close()
    finally:
        await _execute(running, f'DROP DATABASE "{name}"')


async def _execute(running: Server, statement: str) -> None:
    conn = await asyncpg.connect(running.dsn("postgres"))
    try:
        await conn.execute(statement)
    finally:
        await conn.close()
