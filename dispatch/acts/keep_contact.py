"""How the two sides of a visit reach each other: messages, and a call that a relay connects.

Only while the visit is ahead or under way; what was written stays with it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from dispatch import database, transitions
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import NotFound, RelayUnavailable, RuleRefused
from dispatch.ids import new_id
from dispatch.lifecycles import OPEN_VISIT, VISIT, Role
from dispatch.records import (
    accounts,
    audit,
    events,
    relay_numbers,
    visit_messages,
    visits,
)
from dispatch.records.relay_numbers import RelayNumber
from dispatch.records.visit_messages import VisitMessage
from dispatch.records.visits import Visit
from dispatch.relay import Relay

SWEEP: Final = Caller.clock("contact")
MESSAGES_MAX: Final = 200
# A call may still be needed when the visit takes longer than planned.
RELAY_AFTER: Final = timedelta(hours=2)


@database.act
async def write_message(
    conn: Connection, visit_id: UUID, client_id: UUID, text: str
) -> tuple[VisitMessage, bool]:
    """Write to the other side, and tell whether it is new; sent again, the first one stands.

    Raises `NotFound`, `IllegalTransition` unless the visit is ahead or under way, `RuleRefused`
    beyond MESSAGES_MAX.
    """
    visit = await _live(conn, visit_id, "message")
    author_id = conn.caller.account_id
    if author_id is None:
        raise NotFound
    if await visit_messages.count_of_visit(conn, visit.id) >= MESSAGES_MAX:
        raise RuleRefused((("body",), "too_many_messages"), limit=MESSAGES_MAX)
    message, new = await visit_messages.insert(
        conn,
        message_id=new_id(),
        visit_id=visit.id,
        patient_id=visit.patient_id,
        author_id=author_id,
        client_id=client_id,
        text=text,
    )
    if new:
        await _tell_other_side(conn, visit, {"message_id": str(message.id)}, wake="message")
        await audit.append(conn, "message.write", "visit", visit.id, person_id=visit.patient_id)
    return message, new


@database.act
async def open_messages(
    conn: Connection, visit_id: UUID, *, before: UUID | None, limit: int
) -> list[VisitMessage]:
    """What was written at a visit, newest first; for staff, whose reading is recorded, too."""
    visit = await visits.get(conn, visit_id)
    if conn.caller.role not in (Role.PATIENT, Role.NURSE):
        await audit.append(conn, "message.read", "visit", visit.id, person_id=visit.patient_id)
    return await visit_messages.list_of_visit(conn, visit.id, before=before, limit=limit)


@database.act
async def ask_for_number(conn: Connection, relay: Relay | None, visit_id: UUID) -> RelayNumber:
    """A number that reaches the other side of the visit, the same one for both until it is over.

    Raises `NotFound`, `IllegalTransition`, and `RelayUnavailable` where no relay is connected or
    all of its numbers are in use.
    """
    visit = await _live(conn, visit_id, "call")
    if relay is None:
        raise RelayUnavailable
    async with conn.as_clock():
        slot = None
        found = await relay_numbers.find(conn, visit.id)
        if found is None:
            await relay_numbers.release_over(conn, relay.size)
            slot = await relay_numbers.lock_free_slot(conn, relay.name, relay.size)
            # The other side may have asked while we waited for the pool.
            found = await relay_numbers.find(conn, visit.id)
        if found is None:
            if slot is None:
                raise RelayUnavailable
            found = await relay_numbers.insert(
                conn,
                new_id(),
                visit.id,
                relay.name,
                slot,
                relay.number(slot),
                visit.planned_end + RELAY_AFTER,
            )
    await audit.append(conn, "relay.ask", "visit", visit.id, person_id=visit.patient_id)
    return found


async def release_numbers(pool: Pool, limit: int = 50) -> int:
    """Take numbers back whose visit or time is over: they lead nowhere from then on."""
    return await _release(pool, SWEEP, limit)


@database.act
async def _release(conn: Connection, limit: int) -> int:
    return await relay_numbers.release_over(conn, limit)


async def _live(conn: Connection, visit_id: UUID, what: str) -> Visit:
    visit = await visits.get(conn, visit_id)
    if visit.state not in OPEN_VISIT:
        raise transitions.illegal(conn, VISIT, visit.id, visit.state, what)
    return visit


async def _tell_other_side(
    conn: Connection, visit: Visit, more: dict[str, str], *, wake: str
) -> None:
    other: UUID | None = visit.account_id
    if conn.caller.role is Role.PATIENT:
        other = (await accounts.ids_of_nurses(conn, [visit.nurse_id])).get(visit.nurse_id)
    if other is None:
        return
    await events.insert(
        conn,
        f"visit.{visit.state.value}",
        {
            "visit_id": str(visit.id),
            "order_id": str(visit.order_id),
            "seat": visit.seat,
            "state": visit.state.value,
            "version": visit.version,
            **more,
        },
        order_id=visit.order_id,
        account_ids=[other],
        staff=False,
        wake=wake,
    )
