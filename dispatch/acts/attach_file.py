"""Keeping photos, recordings and pictures of prescriptions; the file first, then its row.

A crash in between leaves a file that no row knows of: nobody is served it, and a sweep removes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from config import purposes
from dispatch import database, media, storage, transitions
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import (
    DispatchError,
    InvalidFields,
    NotFound,
    RecordLocked,
    RuleRefused,
)
from dispatch.evidence import AHEAD_MAX
from dispatch.ids import made_at, new_id
from dispatch.lifecycles import OPEN_VISIT, VISIT, Role
from dispatch.media import Media
from dispatch.records import (
    attachments,
    audit,
    emergencies,
    patients,
    person_keys,
    prescriptions,
    visit_facts,
    visits,
)
from dispatch.records.attachments import Attachment
from dispatch.records.documents import Document
from dispatch.records.visits import Visit
from dispatch.sealing import DataKey
from dispatch.storage import Incoming

SWEEP: Final = Caller.clock("files")
PAPER_TYPES: Final = (*media.PICTURES, media.PDF)
TYPES: Final = {"photo": media.PICTURES, "audio": media.SOUNDS}
# Pictures are decoded one after the other, so that what is held in memory has a bound.
CLEANER: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="media")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What the phone says of a photo or recording; `client_id` and the times were made there."""

    client_id: UUID
    kind: str
    started_at: datetime
    ended_at: datetime | None = None
    consent_by: str | None = None
    consent_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Stored:
    """A file that lies in the storage and has no row yet; `kept` once one has been written."""

    id: UUID
    media: Media
    sha256: bytes
    received_sha256: bytes
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A row and the key that opens its file."""

    attachment: Attachment | Document
    key: DataKey


@contextlib.asynccontextmanager
async def stored_for_visit(
    pool: Pool, caller: Caller, visit_id: UUID, kind: str, incoming: Incoming
) -> AsyncIterator[Stored]:
    """The file, cleaned, sealed and stored; taken away again if the block writes no row.

    Raises `NotFound`, `UnsupportedFile`, `InvalidFields`.
    """
    async with pool.read(caller) as conn:
        visit = await visits.get(conn, visit_id)
        key = await person_keys.get(conn, visit.patient_id)
    async with stored_file(pool, key, TYPES[kind], incoming) as stored:
        yield stored


@contextlib.asynccontextmanager
async def stored_for_prescription(
    pool: Pool, caller: Caller, prescription_id: UUID, incoming: Incoming
) -> AsyncIterator[Stored]:
    """Like `stored_for_visit`, for a prescription."""
    async with pool.read(caller) as conn:
        prescription = await prescriptions.get(conn, prescription_id)
        key = await person_keys.get(conn, prescription.patient_id)
    async with stored_file(pool, key, PAPER_TYPES, incoming) as stored:
        yield stored


@contextlib.asynccontextmanager
async def stored_file(
    pool: Pool, key: DataKey, accepted: tuple[str, ...], incoming: Incoming
) -> AsyncIterator[Stored]:
    """The same for a file that is sealed with this key, if its content is of an accepted type."""
    raw = await incoming.read()
    cleaned = await asyncio.get_running_loop().run_in_executor(
        CLEANER, lambda: media.clean(raw, accepted, pixels_max=pool.settings.picture_pixels_max)
    )
    place = storage.configured(pool.settings)
    stored = Stored(
        id=new_id(),
        media=cleaned,
        sha256=hashlib.sha256(cleaned.data).digest(),
        received_sha256=incoming.sha256,
    )
    await place.put(stored.id, storage.sealed_pieces(key, stored.id, cleaned.data))
    try:
        yield stored
    except DispatchError:
        await place.delete(stored.id)
        raise
    # After any other failure nobody knows whether the row was committed: that is the sweep's.
    if not stored.kept:
        await place.delete(stored.id)


@database.act
async def attach_to_visit(
    conn: Connection, visit_id: UUID, recording: Recording, stored: Stored
) -> tuple[Attachment, bool]:
    """Bind a stored file to a visit, and tell whether it is new; re-sending gives the first one.

    Taken like records: from her arrival on, also after the visit has ended; such a one is flagged.
    Raises `IllegalTransition` before she has arrived, `InvalidFields`, `RuleRefused` (too many, or
    or the patient does not agree to recordings any more), and `RecordLocked` like records.
    """
    # The server may have broken an earlier attempt at this transaction.
    stored.kept = False
    now = await database.now(conn)
    _check_times(recording, now)
    visit = await visits.lock(conn, visit_id)
    if conn.caller.account_id is None:
        raise NotFound
    first = await attachments.find_by_client_id(conn, visit.id, recording.client_id)
    if first is not None:
        return first, False
    await _check_arrived(conn, visit)
    if visit.state in VISIT.final and await emergencies.is_locked(conn, visit.id):
        raise RecordLocked
    await _check_recording(conn, visit)
    limit = conn.settings.visit_files_max
    if await attachments.count_of_visit(conn, visit.id) >= limit:
        raise RuleRefused((("body", "file"), "too_many_files"), limit=limit)
    kept, new = await attachments.insert(
        conn,
        Attachment(
            id=stored.id,
            visit_id=visit.id,
            patient_id=visit.patient_id,
            client_id=recording.client_id,
            kind=recording.kind,
            media_type=stored.media.media_type,
            size_bytes=len(stored.media.data),
            sha256=stored.sha256,
            received_sha256=stored.received_sha256,
            started_at=recording.started_at,
            ended_at=recording.ended_at,
            consent_by=recording.consent_by,
            consent_at=recording.consent_at,
            received_at=now,
            author_id=conn.caller.account_id,
        ),
    )
    stored.kept = new
    if visit.state in VISIT.final:
        await visits.add_flags(conn, visit.id, ["late_record"])
    await trace(conn, "attachment.keep", kept)
    return kept, new


@database.act
async def attach_to_prescription(
    conn: Connection, prescription_id: UUID, stored: Stored
) -> Attachment:
    """Give a prescription its picture; an earlier one stays, the newest is the one that counts.

    Sending the same file again changes nothing. Raises `NotFound`, `RuleRefused` (too many).
    """
    stored.kept = False
    prescription = await prescriptions.get(conn, prescription_id)
    await patients.lock_own(conn, conn.caller.account_id, prescription.patient_id)
    if conn.caller.account_id is None:
        raise NotFound
    limit = conn.settings.prescription_files_max
    known = await attachments.list_of_prescription(conn, prescription.id, limit)
    if known and known[0].received_sha256 == stored.received_sha256:
        return known[0]
    if len(known) >= limit:
        raise RuleRefused((("body", "file"), "too_many_files"), limit=limit)
    kept, stored.kept = await attachments.insert(
        conn,
        Attachment(
            id=stored.id,
            prescription_id=prescription.id,
            patient_id=prescription.patient_id,
            kind="prescription",
            media_type=stored.media.media_type,
            size_bytes=len(stored.media.data),
            sha256=stored.sha256,
            received_sha256=stored.received_sha256,
            received_at=await database.now(conn),
            author_id=conn.caller.account_id,
        ),
    )
    await trace(conn, "attachment.keep", kept)
    return kept


@database.act
async def list_of_visit(
    conn: Connection, visit_id: UUID, *, before: UUID | None, limit: int
) -> list[Attachment]:
    """What is attached to a visit, newest first; times and hashes, no contents."""
    visit = await visits.get(conn, visit_id)
    await audit.append(conn, "attachment.list", "visit", visit.id, person_id=visit.patient_id)
    return await attachments.list_of_visit(conn, visit.id, before=before, limit=limit)


@database.act
async def open_of_visit(conn: Connection, visit_id: UUID, attachment_id: UUID) -> Opened:
    """The key to a file of a visit. Its nurse may look until a day after the visit has ended.

    Raises `NotFound`, also for her afterwards, and `KeyDestroyed`.
    """
    visit = await visits.get(conn, visit_id)
    if conn.caller.role is Role.NURSE and visit.state not in OPEN_VISIT:
        until = timedelta(hours=conn.settings.nurse_files_h)
        if visit.ended_at is None or visit.ended_at + until < await database.now(conn):
            raise NotFound
    attachment = await attachments.get_of_visit(conn, visit.id, attachment_id)
    return await _open(conn, attachment)


@database.act
async def open_of_prescription(conn: Connection, prescription_id: UUID) -> Opened:
    """The key to the newest picture of a prescription. Raises `NotFound` if it has none."""
    newest = await attachments.list_of_prescription(conn, prescription_id, 1)
    if not newest:
        raise NotFound
    return await _open(conn, newest[0])


async def remove_orphans(pool: Pool, limit: int = 50) -> int:
    """Remove up to `limit` files that no row knows of after a day; returns how many."""
    place = storage.configured(pool.settings)
    removed = 0
    # The time of a file's name is that of the machine, not of the demo's clock.
    before = made_at(new_id()) - timedelta(hours=pool.settings.orphan_files_h)
    async for names in place.older(before):
        async with pool.read(SWEEP) as conn:
            unknown = await attachments.list_unknown(conn, names)
        for name in unknown[: limit - removed]:
            await place.delete(name)
            removed += 1
        if removed == limit:
            break
    return removed


async def _open(conn: Connection, attachment: Attachment) -> Opened:
    key = await person_keys.get(conn, attachment.patient_id)
    await trace(conn, "attachment.read", attachment)
    return Opened(attachment=attachment, key=key)


async def trace(conn: Connection, action: str, file: Attachment | Document) -> None:
    """A line of the audit log; the action begins with what the file is."""
    await audit.append(
        conn,
        action,
        action.partition(".")[0],
        file.id,
        person_id=file.patient_id,
        detail={"kind": file.kind, "sha256": file.sha256.hex()},
    )


def _check_times(recording: Recording, now: datetime) -> None:
    faults: list[tuple[tuple[str | int, ...], str]] = []
    first = "started_at" if recording.kind == "audio" else "recorded_at"
    named = {first: recording.started_at, "ended_at": recording.ended_at}
    named["consent_at"] = recording.consent_at
    faults += [
        (("body", name), "in_future") for name, at in named.items() if at and at > now + AHEAD_MAX
    ]
    if recording.ended_at and recording.ended_at < recording.started_at:
        faults.append((("body", "ended_at"), "before_start"))
    if recording.consent_at and recording.consent_at > recording.started_at:
        faults.append((("body", "consent_at"), "consent_after_start"))
    if faults:
        raise InvalidFields(*faults)


async def _check_recording(conn: Connection, visit: Visit) -> None:
    """No sound and no picture once that was withdrawn; what was kept before stays."""
    async with conn.as_clock():
        withdrawn = await patients.find_withdrawn(conn, visit.patient_id)
    if purposes.RECORDING in withdrawn:
        raise RuleRefused((("body", "kind"), "recording_withdrawn"))


async def _check_arrived(conn: Connection, visit: Visit) -> None:
    if await visit_facts.was_reported(conn, visit.id, "arrive"):
        return
    raise transitions.illegal(conn, VISIT, visit.id, visit.state, "attach")
