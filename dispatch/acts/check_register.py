"""Asking the national register about nurses, and what a supervisor confirms in its place."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from config.settings import Settings
from dispatch import database, versions
from dispatch.acts import suspend_nurse
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import Forbidden
from dispatch.ids import new_id
from dispatch.records import audit, nurses, register_checks
from dispatch.records.nurses import REGISTERED, Nurse
from dispatch.records.register_checks import Due
from dispatch.register import Finding, NurseRegister, Question
from matching.inputs import local_midnight

SWEEP: Final = Caller.clock("register")
# Before a certificate runs out it is asked weekly: it may have been renewed, or not.
RENEWAL: Final = timedelta(days=30)
RENEWAL_EVERY: Final = timedelta(days=7)
NOT_FOUND: Final = "国家护士电子化注册查无此人 / not found in the national register of nurses"


async def check_register(pool: Pool, limit: int = 20, *, register: NurseRegister) -> int:
    """Ask about every nurse who is due, and note the answers; returns how many were asked about.

    Asking happens outside of any transaction; any number of clocks may do it.
    """
    due = await _claim(pool, SWEEP, limit)
    return await one_by_one(due, lambda one: _ask(pool, register, one))


@database.act
async def _claim(conn: Connection, limit: int) -> list[Due]:
    now = await database.now(conn)
    again_at = now + timedelta(minutes=conn.settings.register_retry_min)
    return await register_checks.claim_due(conn, limit, again_at)


async def _ask(pool: Pool, register: NurseRegister, one: Due) -> int:
    question = Question(
        registration_no=one.registration_no, name=one.name, institution_code=one.institution_code
    )
    await _note(pool, SWEEP, one, await register.find(question))
    return 1


@database.act
async def _note(conn: Connection, asked: Due, finding: Finding) -> None:
    """What was found, unless she has another number, name or institution by now.

    Who is not found is suspended at once. No answer changes nothing but the time of the next
    question: what the last one said runs out by itself.
    """
    if finding is Finding.NOT_FOUND:
        await suspend_nurse.take_off_duty(conn, asked.nurse_id, NOT_FOUND, only_if=_is(asked))
    nurse = await nurses.lock(conn, asked.nurse_id)
    if not _is(asked)(nurse):
        return
    now, settings = await database.now(conn), conn.settings
    valid_until: datetime | None
    match finding:
        case Finding.VERIFIED:
            valid_until = now + timedelta(days=settings.register_recheck_days)
            due_at, state = _next(nurse, now, settings), REGISTERED
        case Finding.NOT_FOUND:
            valid_until, due_at, state = None, now, nurse.registration_state
        case Finding.UNAVAILABLE:
            valid_until = nurse.register_valid_until
            due_at = now + timedelta(minutes=settings.register_retry_min)
            state = nurse.registration_state
        case _:
            assert_never(finding)
    await register_checks.note(
        conn,
        new_id(),
        nurse,
        finding.value,
        valid_until=valid_until,
        due_at=due_at,
        registration_state=state,
    )


@database.act
async def confirm_registration(
    conn: Connection, nurse_id: UUID, words: str, *, version: int | None = None
) -> Nurse:
    """A supervisor vouches for her registration here: for so long she may go without the register.

    The register goes on being asked, and its no suspends her. Raises `NotFound`, `StaleVersion`.
    """
    if conn.caller.account_id is None:
        raise Forbidden
    nurse = await nurses.lock(conn, nurse_id)
    versions.check(nurse.version, version)
    now = await database.now(conn)
    until = now + timedelta(days=conn.settings.register_grace_days)
    if nurse.register_valid_until is not None:
        until = max(until, nurse.register_valid_until)
    await register_checks.note(
        conn,
        new_id(),
        nurse,
        "confirmed",
        valid_until=until,
        due_at=nurse.register_due_at,
        registration_state=REGISTERED,
        author_id=conn.caller.account_id,
        words=words,
    )
    await audit.append(conn, "nurse.confirm", "nurse", nurse.id)
    return await nurses.get(conn, nurse.id)


def _is(asked: Due) -> suspend_nurse.Condition:
    """Whether a nurse is still the one who was asked about."""

    def still(nurse: Nurse) -> bool:
        return (nurse.registration_no, nurse.name, nurse.institution_id) == (
            asked.registration_no,
            asked.name,
            asked.institution_id,
        )

    return still


def _next(nurse: Nurse, now: datetime, settings: Settings) -> datetime:
    """When to ask again: some days before the word runs out, sooner when her certificate does."""
    days = settings.register_recheck_days - settings.register_lead_days
    renewal_at = local_midnight(nurse.certificate_valid_until) - RENEWAL
    return min(now + timedelta(days=days), max(renewal_at, now + RENEWAL_EVERY))
