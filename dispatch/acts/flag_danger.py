"""Flags on patients and addresses: proposed with evidence, decided by a second person, appealed.

What a flag asks binds whoever is sent, from the moment of its confirmation until a person takes it
back or its time is up; an appeal alone does not lift it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from config.vocabulary import Condition
from dispatch import bounds, consequences, database, transitions, versions
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import InvalidFields, NotFound, SecondPersonNeeded
from dispatch.ids import new_id
from dispatch.lifecycles import FlagState, OrderState, Role, VisitState
from dispatch.records import (
    addresses,
    attachments,
    audit,
    events,
    history,
    orders,
    patients,
    person_keys,
    safety_flags,
    visits,
)
from dispatch.records.safety_flags import SafetyFlag

SWEEP: Final = Caller.clock("flags")
# Stands on a visit whose conditions have changed since its nurse accepted it.
FLAG: Final = "safety_conditions_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What somebody has seen, in `words`; `evidence` names photos or recordings of the visit."""

    kind: str
    conditions: tuple[Condition, ...]
    words: str
    evidence: tuple[UUID, ...] = ()
    of_address: bool = False


@database.act
async def flag_visit(conn: Connection, visit_id: UUID, danger: Danger) -> SafetyFlag:
    """A nurse tells of a danger at her visit; nothing changes before a person has decided.

    Raises `NotFound` for somebody else's visit, `InvalidFields` for evidence that is not its own.
    """
    visit = await visits.get(conn, visit_id)
    known = await attachments.list_of_visit(conn, visit.id, before=None, limit=200)
    named = {name: one.id for one in known for name in (one.id, one.client_id)}
    faults = [
        (("body", "evidence", place), "unknown_attachment")
        for place, name in enumerate(danger.evidence)
        if name not in named
    ]
    if faults:
        raise InvalidFields(*faults)
    order = await orders.get(conn, visit.order_id)
    return await _propose(
        conn,
        replace(danger, evidence=tuple(named[name] for name in danger.evidence)),
        patient_id=visit.patient_id,
        address_id=order.address_id if danger.of_address else None,
        visit_id=visit.id,
    )


@database.act
async def flag_patient(
    conn: Connection, patient_id: UUID, danger: Danger, address_id: UUID | None = None
) -> SafetyFlag:
    """An operator tells of a danger that he has heard of, at the patient or at one address.

    Raises `NotFound`, and `InvalidFields` for an address that is not the patient's.
    """
    await patients.get(conn, patient_id)
    if address_id is not None:
        try:
            await addresses.get_of_patient(conn, patient_id, address_id)
        except NotFound:
            raise InvalidFields((("body", "address_id"), "unknown_address")) from None
    return await _propose(conn, danger, patient_id=patient_id, address_id=address_id)


async def _propose(
    conn: Connection,
    danger: Danger,
    *,
    patient_id: UUID,
    address_id: UUID | None,
    visit_id: UUID | None = None,
) -> SafetyFlag:
    if conn.caller.account_id is None:
        raise NotFound
    now, flag_id = await database.now(conn), new_id()
    flag = SafetyFlag(
        id=flag_id,
        patient_id=patient_id,
        address_id=address_id,
        visit_id=visit_id,
        kind=danger.kind,
        conditions=sorted({condition.value for condition in danger.conditions}),
        evidence=list(danger.evidence),
        words_sealed=await person_keys.seal_json(
            conn, patient_id, "safety_flags", "words_sealed", flag_id, danger.words
        ),
        proposed_by=conn.caller.account_id,
        due_at=now + timedelta(hours=conn.settings.flag_review_h),
        created_at=now,
    )
    await safety_flags.insert(conn, flag)
    await audit.append(conn, "flag.propose", "flag", flag.id, person_id=patient_id)
    await _tell(conn, flag)
    return flag


@database.act
async def confirm_flag(
    conn: Connection,
    flag_id: UUID,
    reason: str,
    *,
    conditions: tuple[Condition, ...] = (),
    valid_days: int | None = None,
    version: int | None = None,
) -> SafetyFlag:
    """Put a proposed flag in force, or uphold one after an appeal; the reason is sealed.

    `conditions`, where given, take the place of those proposed. Raises `SecondPersonNeeded` for who
    proposed it, and on an appeal for who confirmed it.
    """
    flag = await _lock(conn, flag_id, version)
    _ask_for_another(conn, flag)
    now, settings = await database.now(conn), conn.settings
    valid_until = flag.valid_until
    if valid_until is None or valid_days is not None:
        valid_until = now + timedelta(days=valid_days or settings.flag_valid_days)
    asked = sorted({one.value for one in conditions}) or flag.conditions
    return await _decided(
        conn,
        flag,
        "confirm",
        reason,
        conditions=asked,
        valid_until=valid_until,
        due_at=valid_until,
        wake="flag_confirmed",
    )


@database.act
async def reject_flag(
    conn: Connection, flag_id: UUID, reason: str, *, version: int | None = None
) -> SafetyFlag:
    """Find that a flag does not stand, or no longer; the reason is sealed.

    Raises `SecondPersonNeeded` on an appeal for who confirmed it.
    """
    flag = await _lock(conn, flag_id, version)
    if flag.state is FlagState.APPEALED:
        _ask_for_another(conn, flag)
    wake = None if flag.state is FlagState.PROPOSED else "flag_lifted"
    return await _decided(conn, flag, "reject", reason, due_at=None, wake=wake)


@database.act
async def appeal_flag(
    conn: Connection, flag_id: UUID, words: str, *, version: int | None = None
) -> SafetyFlag:
    """The patient's side objects; until another person has looked at it, the flag stands."""
    flag = await _lock(conn, flag_id, version)
    now = await database.now(conn)
    sealed = await person_keys.seal_json(
        conn, flag.patient_id, "safety_flags", "appeal_sealed", flag.id, words
    )
    due_at = now + timedelta(hours=conn.settings.flag_review_h)
    if flag.valid_until is not None:
        due_at = min(due_at, flag.valid_until)
    flag = await transitions.move_flag(conn, flag, "appeal", appeal_sealed=sealed, due_at=due_at)
    await audit.append(conn, "flag.appeal", "flag", flag.id, person_id=flag.patient_id)
    await _tell(conn, flag)
    return flag


async def keep_flags(pool: Pool, limit: int = 50) -> int:
    """End the flags whose time is up; remind of those that nobody has decided in time."""
    async with pool.read(SWEEP) as conn:
        due = await safety_flags.list_due(conn, limit)
    return await one_by_one(due, lambda flag_id: _keep(pool, SWEEP, flag_id))


@database.act
async def _keep(conn: Connection, flag_id: UUID) -> int:
    flag = await safety_flags.lock(conn, flag_id)
    now = await database.now(conn)
    if flag.due_at is None or flag.due_at > now:
        return 0
    if flag.valid_until is not None and flag.valid_until <= now:
        flag = await transitions.move_flag(conn, flag, "expire", due_at=None)
        await safety_flags.set_conditions(conn, flag)
        await audit.append(conn, "flag.expire", "flag", flag.id, person_id=flag.patient_id)
        await _tell(conn, flag)
        return 1
    again_at = now + timedelta(hours=conn.settings.flag_review_h)
    await safety_flags.set_due(
        conn, flag.id, min(again_at, flag.valid_until) if flag.valid_until else again_at
    )
    await _tell(conn, flag, overdue=True)
    return 1


async def open_words(conn: Connection, flag: SafetyFlag) -> tuple[str | None, str | None]:
    """What was seen, and what was said against it; None if nothing was, or after erasure."""
    key = (await person_keys.load(conn, [flag.patient_id])).get(flag.patient_id)
    if key is None:
        return None, None
    words = key.open_json("safety_flags", "words_sealed", flag.id, flag.words_sealed)
    if flag.appeal_sealed is None:
        return words, None
    return words, key.open_json("safety_flags", "appeal_sealed", flag.id, flag.appeal_sealed)


async def _decided(
    conn: Connection,
    flag: SafetyFlag,
    move: str,
    reason: str,
    *,
    due_at: datetime | None,
    wake: str | None,
    **changes: object,
) -> SafetyFlag:
    note = await person_keys.seal_json(
        conn,
        flag.patient_id,
        "history",
        "note_sealed",
        history.note_place(flag.id, flag.version + 1),
        reason,
    )
    flag = await transitions.move_flag(
        conn,
        flag,
        move,
        note_sealed=note,
        decided_by=conn.caller.account_id,
        due_at=due_at,
        **changes,
    )
    async with conn.as_clock():
        await safety_flags.set_conditions(conn, flag)
    await audit.append(conn, f"flag.{move}", "flag", flag.id, person_id=flag.patient_id)
    await _tell(conn, flag, wake=wake)
    if flag.state is FlagState.CONFIRMED:
        await _bind(conn, flag)
    return flag


async def _bind(conn: Connection, flag: SafetyFlag) -> None:
    """What was ordered before is bound, too: a second seat is opened where nobody has one yet, and
    who has accepted hears that more is asked; she departs only once it is met."""
    async with conn.as_clock():
        for order_id in await safety_flags.list_bound_orders(conn, flag):
            order = await orders.lock(conn, order_id)
            if order.state in (OrderState.OPEN, OrderState.HELD):
                await bounds.seat_all(conn, order)
            of_round = await visits.lock_of_round(conn, order.id, order.round)
            for visit in of_round:
                if visit.state is VisitState.SCHEDULED:
                    await visits.add_flags(conn, visit.id, [FLAG])
                    await consequences.tell_visit(conn, visit, wake_nurse="conditions_changed")


def _ask_for_another(conn: Connection, flag: SafetyFlag) -> None:
    """Nobody decides on what is his own: not the proposer, on an appeal not who confirmed it."""
    caller = conn.caller.account_id
    if caller == flag.proposed_by or (
        flag.state is FlagState.APPEALED and caller == flag.decided_by
    ):
        raise SecondPersonNeeded


async def _lock(conn: Connection, flag_id: UUID, version: int | None) -> SafetyFlag:
    flag = await safety_flags.lock(conn, flag_id)
    versions.check(flag.version, version)
    return flag


async def _tell(
    conn: Connection, flag: SafetyFlag, *, wake: str | None = None, overdue: bool = False
) -> None:
    """Operators hear of each step; the patient's side of what was decided."""
    told: list[UUID] = []
    if wake is not None:
        async with conn.as_clock():
            told = [(await patients.get(conn, flag.patient_id)).account_id]
    await events.insert(
        conn,
        f"flag.{flag.state.value}",
        {"flag_id": str(flag.id), "state": flag.state.value, "overdue": overdue},
        account_ids=told,
        wake=wake,
    )


def may_read_words(flag: SafetyFlag, caller: Caller) -> bool:
    """The words of who saw it are for staff and for herself, never for the home."""
    return caller.role in (Role.OPERATOR, Role.ADMIN) or caller.account_id == flag.proposed_by
