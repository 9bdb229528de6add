"""Who watches the watchers: each process says that it lives, and tells of others that do not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from dispatch import consequences, database
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.records import alarms, heartbeats
from dispatch.records.alarms import Alarm

log = logging.getLogger(__name__)

WATCHER: Final = Caller.clock("watch")
KIND: Final = "watch"


@database.act
async def beat(conn: Connection, process: str, role: str, detail: Mapping[str, Any]) -> None:
    """Say that this process lives, and what its sweeps have done so far."""
    await heartbeats.beat(conn, process, role, dict(detail))


async def watch_peers(pool: Pool, limit: int = 1, *, own_role: str) -> int:
    """Raise one alarm while any other role has been silent too long; returns how many were raised.

    A role is silent when none of its processes beats: one of several may stop unnoticed. What
    stopped cannot tell of it, so two roles must watch each other.
    """
    return await _watch(pool, WATCHER, own_role)


@database.act
async def _watch(conn: Connection, own_role: str) -> int:
    silent = await heartbeats.list_silent(conn, own_role, conn.settings.heartbeat_stale_s)
    if not silent or not await alarms.lock_kind(conn, KIND):
        return 0
    now = await database.now(conn)
    log.warning("processes are silent", extra={"roles": silent})
    raised = await consequences.ring(
        conn,
        Alarm(
            id=new_id(),
            kind=KIND,
            raised_at=now,
            next_step_at=now + timedelta(seconds=conn.settings.alarm_steps_s[0]),
        ),
        institution_id=None,
    )
    return int(raised)
