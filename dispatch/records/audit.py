"""The audit log: rows appended by whoever acts, chained and signed later by the clock.

Nothing here changes or removes a row, and the tables refuse it, too. No personal or clinical text
goes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from dispatch import audit
from dispatch.audit import Checkpoint
from dispatch.records import closing

if TYPE_CHECKING:
    from asyncpg import Record

    from dispatch.database import Connection

SEAL_MAX: Final = 1_000


async def append(
    conn: Connection,
    action: str,
    subject_kind: str,
    subject_id: UUID | None,
    *,
    person_id: UUID | None = None,
    purpose: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record that the caller did `action` to a subject; `person_id` is whose data it was.

    At the end of the deed's own transaction, which must end within four minutes of this (see
    `audit.LATE_S`). `detail` holds ids, states and names of fields, never a person's data: what is
    chained cannot be erased.
    """
    caller = conn.caller
    closing.add(
        conn,
        "audit",
        caller.account_id,
        conn.role.value,
        action,
        subject_kind,
        subject_id,
        person_id,
        purpose,
        caller.request_id,
        orjson.dumps(detail or {}).decode(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the log; `seq` is its place in the chain, None until the clock has sealed it."""

    id: int
    at: datetime
    recorded_at: datetime
    actor_id: UUID | None
    actor_role: str
    action: str
    subject_kind: str
    subject_id: UUID | None
    person_id: UUID | None
    purpose: str | None
    request_id: str
    detail: dict[str, Any]
    seq: int | None


LIST: Final = """
    SELECT a.id, a.at, a.recorded_at, a.actor_id, a.actor_role, a.action, a.subject_kind,
           a.subject_id, a.person_id, a.purpose, a.request_id, a.detail, c.seq
      FROM audit a
      LEFT JOIN audit_chain c ON c.audit_id = a.id
     WHERE ($1::timestamptz IS NULL OR a.at >= $1)
       AND ($2::timestamptz IS NULL OR a.at < $2)
       AND ($3::bigint IS NULL OR a.id < $3)
     ORDER BY a.id DESC
     LIMIT $4
"""
LIST_ABOUT: Final = """
    SELECT a.id, a.at, a.recorded_at, a.actor_id, a.actor_role, a.action, a.subject_kind,
           a.subject_id, a.person_id, a.purpose, a.request_id, a.detail, c.seq
      FROM audit a
      LEFT JOIN audit_chain c ON c.audit_id = a.id
     WHERE ($1::timestamptz IS NULL OR a.at >= $1)
       AND ($2::timestamptz IS NULL OR a.at < $2)
       AND ($3::bigint IS NULL OR a.id < $3)
       AND (a.subject_id = $5 OR a.person_id = $5)
     ORDER BY a.id DESC
     LIMIT $4
"""


async def list_entries(
    conn: Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    about: UUID | None,
    before: int | None,
    limit: int,
) -> list[Entry]:
    """What was done from `since` on and before `until`, newest first.

    `about` is the id of a thing, or of the person whose data it was.
    """
    if about is None:
        rows = await conn.fetch(LIST, since, until, before, limit)
    else:
        rows = await conn.fetch(LIST_ABOUT, since, until, before, limit, about)
    return [Entry(**row) for row in rows]


# One sealer at a time in one database; the lock lives as long as the transaction.
TRY_LOCK_SEALER: Final = "SELECT pg_try_advisory_xact_lock(7350, 2)"
HEAD: Final = "SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1"
# Two short stretches of an index each, so that it costs the same however long the log has grown.
LIST_UNSEALED: Final = """
    WITH known AS (SELECT coalesce(max(audit_id), 0) - $1::bigint AS id FROM audit_chain)
    (SELECT id FROM audit
      WHERE id > (SELECT id FROM known) ORDER BY id LIMIT $1::bigint + $2::bigint)
    EXCEPT
    (SELECT audit_id FROM audit_chain
      WHERE audit_id > (SELECT id FROM known) ORDER BY audit_id LIMIT $1::bigint + $2::bigint)
     ORDER BY id
     LIMIT $2::bigint
"""
LIST_CONTENTS: Final = """
    SELECT id,
           json_build_array(id, extract(epoch FROM at)::text, extract(epoch FROM recorded_at)::text,
                            actor_id, actor_role, action, subject_kind, subject_id, person_id,
                            purpose, request_id, detail::text)::text AS content
      FROM audit
     WHERE id = ANY ($1::bigint[])
     ORDER BY id
"""
INSERT_LINKS: Final = """
    INSERT INTO audit_chain (seq, audit_id, prev_hash, hash)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])
"""


async def seal(conn: Connection, limit: int = SEAL_MAX, *, look_back: int = 2_000) -> int:
    """Chain up to `limit` rows that are not yet chained, in order of their ids; returns how many.

    Ids are given before commit, so a row may appear behind newer ones: `look_back` says how many
    ids back to look for such rows. 0 means that nothing is left, or that another process seals.
    """
    if not await conn.fetchval(TRY_LOCK_SEALER):
        return 0
    head = await conn.fetchrow(HEAD)
    seq, prev_hash = (head["seq"], head["hash"]) if head else (0, audit.GENESIS)
    unsealed = [row["id"] for row in await conn.fetch(LIST_UNSEALED, look_back, limit)]
    if not unsealed:
        return 0
    links = []
    for row in await conn.fetch(LIST_CONTENTS, unsealed):
        seq += 1
        link = audit.link(prev_hash, seq, row["content"])
        links.append((seq, row["id"], prev_hash, link))
        prev_hash = link
    await conn.execute(INSERT_LINKS, *map(list, zip(*links, strict=True)))
    return len(links)


LATEST_CHECKPOINT: Final = "SELECT max(seq) FROM audit_checkpoints"
UTC_NOW: Final = """
    SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
"""
INSERT_CHECKPOINT: Final = """
    INSERT INTO audit_checkpoints (seq, head, at, signature)
    VALUES ($1, $2, $3::text::timestamptz, $4)
"""


class ChainCutError(Exception):
    """The chain ends before its newest checkpoint: it was cut, and nothing is signed over that."""


async def checkpoint(conn: Connection, *, look_back: int = 100_000) -> Checkpoint | None:
    """Seal what is left and sign the head of the chain; None if there is nothing new to sign.

    None also while another process seals, and while more is left than one sealing takes: so a row
    that was recorded `audit.LATE_S` before a checkpoint stands before it. After the commit give the
    checkpoint to `audit.append_checkpoint`: the copy outside the database is what makes a cut or
    rebuilt chain visible.
    """
    if not await conn.fetchval(TRY_LOCK_SEALER):
        return None
    if await seal(conn, SEAL_MAX, look_back=look_back) == SEAL_MAX:
        return None
    head = await conn.fetchrow(HEAD)
    latest = await conn.fetchval(LATEST_CHECKPOINT) or 0
    seq = head["seq"] if head else 0
    if seq < latest:
        raise ChainCutError(f"the chain ends at {seq}, its newest checkpoint is {latest}")
    if head is None or seq == latest:
        return None
    key = conn.keyring.provider.audit_signing_key
    signed = audit.sign(key, seq, head["hash"], await conn.fetchval(UTC_NOW))
    await conn.execute(INSERT_CHECKPOINT, signed.seq, signed.head, signed.at, signed.signature)
    return signed


LOG_NAME: Final = """
    SELECT system_identifier || '-' || current_database() FROM pg_control_system()
"""


async def get_log_name(conn: Connection) -> str:
    """Which log this is: one database of one server and its standbys, whatever its address."""
    name: str = await conn.fetchval(LOG_NAME)
    return name


LIST_CHECKPOINTS: Final = """
    SELECT seq, head, signature,
           coalesce(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), '') AS at
      FROM audit_checkpoints
     WHERE seq > $1
     ORDER BY seq
     LIMIT $2
"""


async def list_checkpoints(conn: Connection, after_seq: int, limit: int) -> list[Checkpoint]:
    """Up to `limit` checkpoints behind `after_seq`, by `seq`."""
    rows = await conn.fetch(LIST_CHECKPOINTS, after_seq, limit)
    return [Checkpoint(**row) for row in rows]


# `content` as in LIST_CONTENTS; times in decimals and `detail` as text: the same on every server.
LIST_LINKS: Final = """
    SELECT c.seq, c.audit_id, c.prev_hash, c.hash,
           extract(epoch FROM a.recorded_at)::text AS recorded_s,
           CASE WHEN a.id IS NOT NULL THEN
           json_build_array(id, extract(epoch FROM at)::text, extract(epoch FROM recorded_at)::text,
                            actor_id, actor_role, action, subject_kind, subject_id, person_id,
                            purpose, request_id, detail::text)::text END AS content
      FROM audit_chain c
      LEFT JOIN audit a ON a.id = c.audit_id
     WHERE c.seq > $1
     ORDER BY c.seq
     LIMIT $2
"""


async def list_links(conn: Connection, after_seq: int, limit: int) -> list[Record]:
    """Up to `limit` links behind `after_seq`, by `seq`, each with its row as it stands now."""
    return await conn.fetch(LIST_LINKS, after_seq, limit)


LIST_OVERDUE: Final = """
    WITH batch AS (SELECT id, recorded_at FROM audit WHERE id > $1 ORDER BY id LIMIT $2)
    SELECT max(b.id) AS last_id,
           array_agg(b.id ORDER BY b.id) FILTER (
               WHERE b.recorded_at < $3::text::timestamptz - make_interval(secs => $4)
                 AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = b.id)) AS overdue
      FROM batch b
"""


async def list_overdue(
    conn: Connection, after_id: int, limit: int, *, sealed_at: str
) -> tuple[int | None, list[int]]:
    """Of the next `limit` rows behind `after_id`: the last one's id, and the ids of those that
    should have been sealed before the checkpoint of `sealed_at` but are in no link.

    The last id is None when there are no rows left.
    """
    row = await conn.fetchrow(LIST_OVERDUE, after_id, limit, sealed_at, float(audit.LATE_S))
    if row is None:
        return None, []
    return row["last_id"], row["overdue"] or []
