"""Brings a database to the newest schema. Forward only: what has landed never changes."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

log = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).with_name("migrations")
NEEDED: Final = {"btree_gist", "intarray"}
OLDEST: Final = 150000
LOCK: Final = 0x5348414E474D454E

LEDGER: Final = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        name       text PRIMARY KEY,
        digest     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
"""


class MigrationError(Exception):
    """The database cannot be brought to the newest schema; the message is for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One numbered file: its name, text and digest."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def list_migrations() -> list[Migration]:
    """All migrations, in the order of their numbers."""
    return [
        Migration(name=path.stem, sql=path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("[0-9]*.sql"))
    ]


async def migrate(dsn: str) -> list[str]:
    """Apply what is missing and return the names of it, oldest first.

    Each migration is one transaction. Any number of processes may call this at once: an advisory
    lock lets one work. Raises `MigrationError` with one clear sentence.
    """
    conn = await asyncpg.connect(dsn, timeout=10)
    try:
        await _check_server(conn)
        await conn.execute("SELECT pg_advisory_lock($1)", LOCK)
        await conn.execute(LEDGER)
        rows = await conn.fetch("SELECT name, digest FROM schema_migrations")
        applied = {row["name"]: row["digest"] for row in rows}
        known = list_migrations()
        _check_ledger(known, applied)
        done = []
        for migration in known:
            if migration.name in applied:
                continue
            log.info("migrating", extra={"migration": migration.name})
            async with conn.transaction():
                await conn.execute("SET LOCAL lock_timeout = '10s'")
                await conn.execute(migration.sql)
                await conn.execute(
                    "INSERT INTO schema_migrations (name, digest) VALUES ($1, $2)",
                    migration.name,
                    migration.digest,
                )
            done.append(migration.name)
        return done
    finally:
        await conn.close()


async def set_clock(dsn: str, scale: float) -> None:
    """Let `app_now()` run `scale` times as fast as the real clock from here on.

    It begins a twentieth of a real second ahead: a fast clock goes on while it is set, and none
    may step back. 1.0 on an unmoved clock is neutral.
    """
    conn = await asyncpg.connect(dsn, timeout=10)
    try:
        await conn.execute(
            "UPDATE app_clock"
            "   SET origin_app = app_now() + scale * interval '50 milliseconds',"
            "       origin_real = clock_timestamp(), scale = $1"
            " WHERE scale <> $1",
            scale,
        )
    finally:
        await conn.close()


async def _check_server(conn: asyncpg.Connection) -> None:
    version = int(await conn.fetchval("SHOW server_version_num"))
    if version < OLDEST:
        raise MigrationError(
            f"PostgreSQL {version // 10000} is too old: Shangmen needs {OLDEST // 10000} or newer."
        )
    rows = await conn.fetch(
        "SELECT name FROM pg_available_extensions WHERE name = ANY($1)", list(NEEDED)
    )
    if missing := sorted(NEEDED - {row["name"] for row in rows}):
        raise MigrationError(
            f"The PostgreSQL server lacks the extension(s) {', '.join(missing)}; "
            "install its contrib package (on Debian: postgresql-contrib)."
        )


def _check_ledger(known: list[Migration], applied: dict[str, str]) -> None:
    names = {migration.name for migration in known}
    if newer := sorted(set(applied) - names):
        raise MigrationError(
            f"The database was migrated by a newer Shangmen (it has {newer[-1]}); run that one."
        )
    for migration in known:
        if migration.name in applied and applied[migration.name] != migration.digest:
            raise MigrationError(
                f"Migration {migration.name} was changed after it had been applied here; "
                "restore the file."
            )
