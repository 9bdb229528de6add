"""Keeping the audit log provable: the clock chains and signs it, an auditor has it verified."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from dispatch import audit, database
from dispatch.audit import Checkpoint, Verdict, Verifier
from dispatch.database import Caller, Connection, Pool
from dispatch.records import audit as audit_rows
from dispatch.records.audit import Entry

BATCH: Final = 5_000
LEAST_ID: Final = -(2**63)


@database.act
async def seal_audit(conn: Connection, limit: int = audit_rows.SEAL_MAX) -> int:
    """Chain up to `limit` new rows; returns how many. Any number of replicas may try at once."""
    return await audit_rows.seal(conn, limit)


async def checkpoint_audit(pool: Pool, caller: Caller, state_dir: Path) -> Checkpoint | None:
    """Sign the head of the chain, in the database and then in the file outside; None if unchanged.

    A crash between the two leaves a checkpoint that only the database has: the next one covers it.
    """
    signed, log_name = await _checkpoint(pool, caller)
    if signed is not None:
        path = audit.checkpoint_file(state_dir, log_name)
        await asyncio.to_thread(audit.append_checkpoint, path, signed)
    return signed


@database.act
async def _checkpoint(conn: Connection) -> tuple[Checkpoint | None, str]:
    return await audit_rows.checkpoint(conn), await audit_rows.get_log_name(conn)


@database.act
async def open_audit(
    conn: Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    about: UUID | None,
    before: int | None,
    limit: int,
) -> list[Entry]:
    """Some of the log, newest first. Who reads it leaves a trace, too, at its end."""
    found = await audit_rows.list_entries(
        conn, since=since, until=until, about=about, before=before, limit=limit
    )
    await audit_rows.append(conn, "audit.read", "audit", about, detail={"rows": len(found)})
    return found


async def verify_audit(pool: Pool, caller: Caller, state_dir: Path) -> Verdict:
    """Check the whole log against its chain and the checkpoints inside and outside the database.

    Reads in batches, a short transaction each, so that a long log takes long but blocks nothing;
    what is appended or sealed meanwhile raises no alarm.
    """
    async with pool.read(caller) as conn:
        path = audit.checkpoint_file(state_dir, await audit_rows.get_log_name(conn))
    outside = await asyncio.to_thread(audit.read_checkpoints, path)
    recorded = await _all_checkpoints(pool, caller)
    key = pool.keyring.provider.audit_signing_key.public_key()
    verifier = await asyncio.to_thread(Verifier, key, recorded=recorded, outside=outside)
    while True:
        async with pool.read(caller) as conn:
            links = await audit_rows.list_links(conn, verifier.seq, BATCH)
        if not links:
            break
        await asyncio.to_thread(verifier.feed, links)
    await _find_unsealed(pool, caller, verifier)
    return verifier.conclude()


async def _all_checkpoints(pool: Pool, caller: Caller) -> list[Checkpoint]:
    found: list[Checkpoint] = []
    while True:
        async with pool.read(caller) as conn:
            batch = await audit_rows.list_checkpoints(conn, found[-1].seq if found else 0, BATCH)
        if not batch:
            return found
        found += batch


async def _find_unsealed(pool: Pool, caller: Caller, verifier: Verifier) -> None:
    if verifier.newest_at is None:
        return
    last_id: int | None = LEAST_ID
    while last_id is not None:
        async with pool.read(caller) as conn:
            last_id, overdue = await audit_rows.list_overdue(
                conn, last_id, BATCH, sealed_at=verifier.newest_at
            )
        verifier.note_unsealed(overdue)
