"""The `heartbeats` table: which processes live, by the database's real clock, and what they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from dispatch.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """One process; `age_s` is how long it has been silent, `detail` what its sweeps have done."""

    process: str
    role: str
    age_s: float
    detail: dict[str, Any]


BEAT: Final = """
    INSERT INTO heartbeats (process, role, at, detail) VALUES ($1, $2, clock_timestamp(), $3)
    ON CONFLICT (process) DO UPDATE SET at = excluded.at, detail = excluded.detail
"""


async def beat(conn: Connection, process: str, role: str, detail: dict[str, Any]) -> None:
    """Say that this process lives."""
    await conn.execute(BEAT, process, role, detail)


LIST: Final = """
    SELECT process, role, extract(epoch FROM clock_timestamp() - at)::float8 AS age_s, detail
      FROM heartbeats ORDER BY at DESC LIMIT $1
"""


async def list_all(conn: Connection, limit: int = 100) -> list[Heartbeat]:
    """The processes, those heard of last first."""
    return [Heartbeat(**row) for row in await conn.fetch(LIST, limit)]


YOUNGEST: Final = """
    SELECT extract(epoch FROM clock_timestamp() - at)::float8
      FROM heartbeats WHERE role = $1 ORDER BY at DESC LIMIT 1
"""


async def find_silence_s(conn: Connection, role: str) -> float | None:
    """How long nothing was heard of a role; None if it has never run."""
    age_s: float | None = await conn.fetchval(YOUNGEST, role)
    return age_s


LIST_SILENT: Final = """
    SELECT role FROM heartbeats WHERE role <> $1
     GROUP BY role HAVING max(at) < clock_timestamp() - make_interval(secs => $2)
     ORDER BY role
"""


async def list_silent(conn: Connection, own_role: str, stale_s: float) -> list[str]:
    """The other roles of which no process has been heard for `stale_s`, by name."""
    return [row["role"] for row in await conn.fetch(LIST_SILENT, own_role, stale_s)]


PRUNE: Final = """
    DELETE FROM heartbeats h
     WHERE at < clock_timestamp() - make_interval(secs => $1)
       AND EXISTS (SELECT FROM heartbeats n WHERE n.role = h.role AND n.at > h.at)
"""


async def prune(conn: Connection, keep_s: float) -> str:
    """Forget dead processes, but never the last one of a role: its silence must stay visible."""
    return await conn.execute(PRUNE, keep_s)
