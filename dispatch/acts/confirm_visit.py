"""Before a visit: is the patient ready for it? She is asked, answers, or is silent.

Silence ends nothing by itself: her second contact is asked, then the nurse and the operators know.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from dispatch import consequences, database, transitions, worries
from dispatch.acts import run_visit
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.lifecycles import BEFORE_THE_DOOR, VISIT
from dispatch.records import (
    audit,
    confirmations,
    events,
    notices,
    patients,
    person_keys,
    visits,
)
from dispatch.records.confirmations import Confirmation
from dispatch.records.notices import Notice
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from dispatch.sealing import KeyDestroyed

SWEEP: Final = Caller.clock("confirmations")


@database.act
async def answer_confirmation(
    conn: Connection, visit_id: UUID, answer: str, text: str | None
) -> Confirmation:
    """The patient's side says whether it is ready, or an operator who has called it. If not, nurse
    and operators know before she sets out. Of two nurses who come together it is said once.

    Raises `NotFound`, `IllegalTransition` once the nurse is at the door or the visit is over.
    """
    order, visit = await run_visit.hold(conn, visit_id)
    if visit.state not in BEFORE_THE_DOOR:
        raise transitions.illegal(conn, VISIT, visit.id, visit.state, "confirm")
    async with conn.as_clock():
        of_round = await visits.lock_of_round(conn, order.id, order.round)
        for other in of_round:
            if other.id != visit.id and other.state in BEFORE_THE_DOOR:
                await _note(conn, other, answer, text)
        said = await _note(conn, visit, answer, text)
        await worries.weigh(conn, order.id)
    await audit.append(
        conn, f"visit.confirm_{answer}", "visit", visit.id, person_id=visit.patient_id
    )
    return said


async def _note(conn: Connection, visit: Visit, answer: str, text: str | None) -> Confirmation:
    sealed = None
    if text is not None:
        sealed = await person_keys.seal_json(
            conn, visit.patient_id, "confirmations", "note_sealed", visit.id, text
        )
    said = await confirmations.answer(conn, visit.id, answer, sealed)
    await confirmations.end_wait(conn, visit.id)
    await visits.drop_flag(conn, visit.id, worries.SILENT)
    if answer == "yes":
        await visits.drop_flag(conn, visit.id, worries.NOT_READY)
        await consequences.tell_visit(conn, visit)
    else:
        await visits.add_flags(conn, visit.id, [worries.NOT_READY])
        await consequences.tell_visit(conn, visit, wake_nurse="patient_not_ready")
    return said


async def ask_patients(pool: Pool, limit: int = 50) -> int:
    """Ask the patients of coming visits whether they are ready, once each."""
    return await _ask(pool, SWEEP, limit)


@database.act
async def _ask(conn: Connection, limit: int) -> int:
    lead_min, wait_min = conn.settings.confirm_before_min, conn.settings.confirm_wait_min
    asked = await confirmations.insert_due(conn, lead_min, wait_min, limit)
    for one in asked:
        await events.insert(
            conn,
            "visit.scheduled",
            {"visit_id": str(one.visit_id), "order_id": str(one.order_id), "confirm": True},
            order_id=one.order_id,
            account_ids=[one.account_id],
            staff=False,
            wake="confirm_visit",
        )
    return len(asked)


async def ask_further(pool: Pool, limit: int = 50) -> int:
    """Go on where a patient is silent: to her second contact, then to nurse and operators."""
    async with pool.read(SWEEP) as conn:
        due = await confirmations.list_wait_due(conn, limit)
    return await one_by_one(due, lambda visit_id: _ask_further(pool, SWEEP, visit_id))


@database.act
async def _ask_further(conn: Connection, visit_id: UUID) -> int:
    order, visit = await run_visit.hold(conn, visit_id)
    second_asked = await confirmations.lock_wait_due(conn, visit.id)
    if second_asked is None:
        return 0
    if visit.state not in BEFORE_THE_DOOR:
        await confirmations.end_wait(conn, visit.id)
    elif not second_asked and await _has_second_contact(conn, visit):
        await _ask_second_contact(conn, visit)
    else:
        await _tell_silence(conn, order, visit)
    return 1


async def _has_second_contact(conn: Connection, visit: Visit) -> bool:
    try:
        profile = await patients.open_profile(conn, await patients.get(conn, visit.patient_id))
    except KeyDestroyed:
        return False
    return profile.emergency_contact is not None


async def _ask_second_contact(conn: Connection, visit: Visit) -> None:
    await notices.insert_many(
        conn,
        [
            Notice(
                id=new_id(),
                dedupe=f"second:{visit.id}",
                account_id=visit.account_id,
                template="confirm_by_second",
                order_id=visit.order_id,
                patient_id=visit.patient_id,
            )
        ],
    )
    await confirmations.wait_for_second(conn, visit.id, conn.settings.confirm_wait_min)


async def _tell_silence(conn: Connection, order: Order, visit: Visit) -> None:
    """She may still be at home: whether to set out is for people to decide."""
    await confirmations.end_wait(conn, visit.id)
    await visits.add_flags(conn, visit.id, [worries.SILENT])
    await worries.weigh(conn, order.id)
    await consequences.tell_visit(conn, visit, wake_nurse="patient_silent")
    await events.insert(
        conn,
        f"order.{order.state.value}",
        {**consequences.standing(order), "at_risk": True},
        order_id=order.id,
        institution_id=order.institution_id,
    )
