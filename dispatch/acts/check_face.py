"""Whether it is the nurse who holds the phone: her question, the service's answer, a supervisor's.

The service is asked outside of any transaction. No answer is no yes: then a person confirms.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from dispatch import database
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import NotFound
from dispatch.faces import FaceService, Match
from dispatch.ids import new_id
from dispatch.records import accounts, audit, events, face_checks, nurses, person_keys
from dispatch.records.face_checks import FaceCheck

SWEEP: Final = Caller.clock("faces")
TRIES_MAX: Final = 3
AGAIN_AFTER: Final = timedelta(seconds=10)


@database.act
async def ask_face(conn: Connection, token: str) -> FaceCheck:
    """Ask whether it is her, with what her phone's kit gave; the answer comes within seconds."""
    nurse_id, account_id = conn.caller.nurse_id, conn.caller.account_id
    if nurse_id is None or account_id is None:
        raise NotFound
    check_id = new_id()
    sealed = await person_keys.seal_json(
        conn, account_id, "face_checks", "token_sealed", check_id, token
    )
    check = await face_checks.ask(conn, check_id, nurse_id, sealed)
    await audit.append(conn, "face.ask", "nurse", nurse_id)
    return check


@database.act
async def confirm_face(conn: Connection, nurse_id: UUID, words: str) -> FaceCheck:
    """A supervisor has seen her, by whatever way, and vouches for her for a while."""
    nurse = await nurses.get(conn, nurse_id)
    if conn.caller.account_id is None:
        raise NotFound
    until = await database.now(conn) + timedelta(hours=conn.settings.face_valid_h)
    check = await face_checks.confirm(
        conn,
        new_id(),
        nurse.id,
        author_id=conn.caller.account_id,
        note=words,
        valid_until=until,
    )
    await audit.append(conn, "face.confirm", "nurse", nurse.id)
    return check


async def ask_service(pool: Pool, limit: int = 20, *, service: FaceService) -> int:
    """Ask the service what nurses have asked, and keep its answers."""
    due = await _claim(pool, SWEEP, limit)
    return await one_by_one(due, lambda one: _ask(pool, service, one))


@database.act
async def _claim(conn: Connection, limit: int) -> list[tuple[FaceCheck, str]]:
    now = await database.now(conn)
    due = await face_checks.claim_due(conn, limit, now + AGAIN_AFTER)
    owners = await accounts.ids_of_nurses(conn, [one.nurse_id for one in due])
    keys = await person_keys.load(conn, list(owners.values()))
    found = []
    for one in due:
        key = keys.get(owners[one.nurse_id])
        if key is None or one.token_sealed is None:
            await face_checks.answer(conn, one.id, Match.UNAVAILABLE.value, None)
            continue
        token = key.open_json("face_checks", "token_sealed", one.id, one.token_sealed)
        found.append((one, str(token)))
    return found


async def _ask(pool: Pool, service: FaceService, asked: tuple[FaceCheck, str]) -> int:
    check, token = asked
    found = await service.compare(check.nurse_id, token)
    if found is Match.UNAVAILABLE and check.attempts < TRIES_MAX:
        return 1
    await _note(pool, SWEEP, check, found)
    return 1


@database.act
async def _note(conn: Connection, check: FaceCheck, found: Match) -> None:
    until = None
    if found is Match.MATCHED:
        until = await database.now(conn) + timedelta(hours=conn.settings.face_valid_h)
    await face_checks.answer(conn, check.id, found.value, until)
    await audit.append(conn, f"face.{found.value}", "nurse", check.nurse_id)
    owner = (await accounts.ids_of_nurses(conn, [check.nurse_id])).get(check.nurse_id)
    await events.insert(
        conn,
        f"face.{found.value}",
        {"nurse_id": str(check.nurse_id), "result": found.value},
        account_ids=[owner] if owner else [],
        wake=None if found is Match.MATCHED else "face_not_confirmed",
    )
