"""The one writer of state: each move checks the lifecycle, then writes row and history at once.

The caller of a move holds the row (`lock`, `claim`). The role that counts is the connection's: the
caller's own, or the clock's inside `conn.as_clock()`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import Forbidden, IllegalTransition, StaleVersion
from dispatch.lifecycles import ALARM, BILL, CASE, FLAG, OFFER, ORDER, VISIT, Lifecycle, Move, Role
from dispatch.records import alarms, bills, cases, offers, orders, safety_flags, visits
from dispatch.records.alarms import Alarm
from dispatch.records.bills import Bill
from dispatch.records.cases import Case
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from dispatch.records.safety_flags import SafetyFlag
from dispatch.records.visits import Slot, Visit

MOVE_ORDER: Final = """
    WITH moved AS (
        UPDATE orders
           SET state = $3, version = version + 1, updated_at = app_now(),
               round = $4, wave = $5, next_wave_at = $6, at_risk = $7, earliest = $8, latest = $9,
               promise_at = $10, institution_id = $11, assessment = $12, assessment_sealed = $13,
               closing = $14, cancellation_fee_fen = $15
         WHERE id = $1 AND version = $2
     RETURNING *
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, detail, note_sealed)
        SELECT 'order', id, id, version, $16, $17, state::text, $18, $19, $20, $21, $22 FROM moved
    )
    SELECT * FROM moved
"""


async def move_order(
    conn: Connection,
    order: Order,
    name: str,
    *,
    detail: dict[str, Any] | None = None,
    note_sealed: bytes | None = None,
    **changes: Any,
) -> Order:
    """Take one step of the order's life; `changes` are other columns that the step alters.

    Leaving `open` clears the next wave. Raises `IllegalTransition` where the lifecycle has no such
    step for this role.
    """
    move = _step(conn, ORDER, name, order.id, order.state)
    new = replace(order, **changes)
    row = await conn.fetchrow(
        MOVE_ORDER,
        order.id,
        order.version,
        move.target,
        new.round,
        new.wave,
        new.next_wave_at if move.target == "open" else None,
        new.at_risk,
        new.earliest,
        new.latest,
        new.promise_at,
        new.institution_id,
        new.assessment,
        new.assessment_sealed,
        new.closing,
        new.cancellation_fee_fen,
        *_telling(conn, move, order.state),
        detail or {},
        note_sealed,
    )
    if row is None:
        raise StaleVersion
    return orders.order_of(row)


MOVE_OFFER: Final = """
    WITH moved AS (
        UPDATE offers
           SET state = $3, version = version + 1, ended_at = app_now(), decline_reason = $4
         WHERE id = $1 AND version = $2
     RETURNING *
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, detail, note_sealed)
        SELECT 'offer', id, order_id, version, $5, $6, state::text, $7, $8, $9,
               jsonb_build_object('nurse_id', nurse_id), $10
          FROM moved
    )
    SELECT * FROM moved
"""


async def move_offer(
    conn: Connection,
    offer: Offer,
    name: str,
    *,
    decline_reason: str | None = None,
    note_sealed: bytes | None = None,
) -> Offer:
    """End an offer one way or the other. Raises `IllegalTransition`."""
    move = _step(conn, OFFER, name, offer.id, offer.state)
    row = await conn.fetchrow(
        MOVE_OFFER,
        offer.id,
        offer.version,
        move.target,
        decline_reason,
        *_telling(conn, move, offer.state),
        note_sealed,
    )
    if row is None:
        raise StaleVersion
    return offers.offer_of(row)


MOVE_OFFERS: Final = """
    WITH moved AS (
        UPDATE offers f
           SET state = $3, version = f.version + 1, ended_at = app_now()
          FROM unnest($1::uuid[], $2::int[]) AS held (id, version)
         WHERE f.id = held.id AND f.version = held.version
     RETURNING f.*
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, detail)
        SELECT 'offer', id, order_id, version, $4, $5, state::text, $6, $7, $8,
               jsonb_build_object('nurse_id', nurse_id)
          FROM moved
    )
    SELECT * FROM moved ORDER BY id
"""


async def move_offers(conn: Connection, held: Sequence[Offer], name: str) -> list[Offer]:
    """End several offers that are in one state, in one statement; returns them by id.

    Raises `IllegalTransition`.
    """
    if not held:
        return []
    state = held[0].state
    if any(offer.state is not state for offer in held):
        raise ValueError("offers in different states")
    move = _step(conn, OFFER, name, held[0].id, state)
    rows = await conn.fetch(
        MOVE_OFFERS,
        [offer.id for offer in held],
        [offer.version for offer in held],
        move.target,
        *_telling(conn, move, state),
    )
    if len(rows) != len(held):
        raise StaleVersion
    return [offers.offer_of(row) for row in rows]


MOVE_VISIT: Final = """
    WITH moved AS (
        UPDATE visits
           SET state = $3, version = version + 1, departed_at = $4, arrived_at = $5,
               started_at = $6, ended_at = $7, eta = $8, flags = $9, end_reason = $10,
               summary_sealed = $11
         WHERE id = $1 AND version = $2
     RETURNING *
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, detail, note_sealed)
        SELECT 'visit', id, order_id, version, $12, $13, state::text, $14, $15, $16,
               $17::jsonb || jsonb_build_object('nurse_id', nurse_id), $18
          FROM moved
    )
    SELECT * FROM moved
"""


async def move_visit(
    conn: Connection,
    visit: Visit,
    name: str,
    *,
    detail: dict[str, Any] | None = None,
    note_sealed: bytes | None = None,
    **changes: Any,
) -> Visit:
    """Take one step of the visit; `changes` are other columns that the step alters.

    Raises `IllegalTransition`.
    """
    move = _step(conn, VISIT, name, visit.id, visit.state)
    new = replace(visit, **changes)
    row = await conn.fetchrow(
        MOVE_VISIT,
        visit.id,
        visit.version,
        move.target,
        new.departed_at,
        new.arrived_at,
        new.started_at,
        new.ended_at,
        new.eta,
        new.flags,
        new.end_reason,
        new.summary_sealed,
        *_telling(conn, move, visit.state),
        detail or {},
        note_sealed,
    )
    if row is None:
        raise StaleVersion
    return visits.visit_of(row)


RETIME_VISITS: Final = """
    WITH moved AS (
        UPDATE visits v
           SET state = $3, version = v.version + 1, planned_start = plan.starts_at,
               planned_end = plan.ends_at, busy = tstzrange(plan.leaves_at, plan.ends_at),
               travel_s = plan.travel_s, nudge_stage = 0, nudge_at = plan.nudge_at,
               miss_at = plan.miss_at, overdue_at = plan.overdue_at
          FROM unnest($1::uuid[], $2::int[], $9::timestamptz[], $10::timestamptz[],
                      $11::timestamptz[], $12::int[], $13::timestamptz[], $14::timestamptz[],
                      $15::timestamptz[])
               AS plan (id, version, leaves_at, starts_at, ends_at, travel_s, nudge_at, miss_at,
                        overdue_at)
         WHERE v.id = plan.id AND v.version = plan.version
     RETURNING v.*
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, detail)
        SELECT 'visit', id, order_id, version, $4, $5, state::text, $6, $7, $8,
               jsonb_build_object('nurse_id', nurse_id, 'at', planned_start)
          FROM moved
    )
    SELECT * FROM moved ORDER BY id
"""


async def retime_visits(
    conn: Connection, held: Sequence[Visit], slots: Sequence[Slot]
) -> list[Visit]:
    """Give scheduled visits, in one statement, the slot that stands at the same place; their nurses
    stay. In one, since they may change places. Returns them by id.

    Raises `IllegalTransition`, and asyncpg's `ExclusionViolationError` if a nurse is elsewhere.
    """
    if not held:
        return []
    (move,) = {_step(conn, VISIT, "retime", visit.id, visit.state) for visit in held}
    rows = await conn.fetch(
        RETIME_VISITS,
        [visit.id for visit in held],
        [visit.version for visit in held],
        move.target,
        *_telling(conn, move, held[0].state),
        [slot.leaves_at for slot in slots],
        [slot.starts_at for slot in slots],
        [slot.ends_at for slot in slots],
        [slot.travel_s for slot in slots],
        [slot.nudge_at for slot in slots],
        [slot.miss_at for slot in slots],
        [slot.overdue_at for slot in slots],
    )
    if len(rows) != len(held):
        raise StaleVersion
    return [visits.visit_of(row) for row in rows]


MOVE_ALARM: Final = """
    WITH moved AS (
        UPDATE alarms
           SET state = $3::alarm_state, version = version + 1, level = $4, step = $5,
               next_step_at = $6,
               acknowledged_at = CASE WHEN $3::alarm_state = 'acknowledged' THEN app_now()
                                      ELSE acknowledged_at END,
               resolved_at = CASE WHEN $3::alarm_state = 'resolved' THEN app_now() END,
               payload_sealed = $7
         WHERE id = $1 AND version = $2
     RETURNING *
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, note_sealed)
        SELECT 'alarm', id, order_id, version, $8, $9, state::text, $10, $11, $12, $13 FROM moved
    )
    SELECT * FROM moved
"""


async def move_alarm(
    conn: Connection, alarm: Alarm, name: str, *, note_sealed: bytes | None = None, **changes: Any
) -> Alarm:
    """Take an alarm up, press it again, or close it. One that is closed has no next rung.

    Raises `IllegalTransition`.
    """
    move = _step(conn, ALARM, name, alarm.id, alarm.state)
    new = replace(alarm, **changes)
    row = await conn.fetchrow(
        MOVE_ALARM,
        alarm.id,
        alarm.version,
        move.target,
        new.level,
        new.step,
        new.next_step_at if move.target != "resolved" else None,
        new.payload_sealed,
        *_telling(conn, move, alarm.state),
        note_sealed,
    )
    if row is None:
        raise StaleVersion
    return alarms.alarm_of(row)


MOVE_BILL: Final = """
    WITH moved AS (
        UPDATE bills
           SET state = $3::bill_state, version = version + 1, updated_at = app_now(),
               institution_id = $4, cause = $5, lines = $6, total_fen = $7, payers_fen = $8,
               credit_fen = $9, paid_fen = $10, serviced_on = $11, fixed_at = $12,
               overdue_at = $13, report_at = $14
         WHERE id = $1 AND version = $2
     RETURNING *
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, detail, note_sealed)
        SELECT 'bill', id, order_id, version, $15, $16, state::text, $17, $18, $19, $20, $21
          FROM moved
    )
    SELECT * FROM moved
"""


async def move_bill(
    conn: Connection,
    bill: Bill,
    name: str,
    *,
    detail: dict[str, Any] | None = None,
    note_sealed: bytes | None = None,
    **changes: Any,
) -> Bill:
    """Take one step of what is owed. Deadlines stand only where something is due.

    Raises `IllegalTransition`.
    """
    move = _step(conn, BILL, name, bill.id, bill.state)
    new = replace(bill, **changes)
    row = await conn.fetchrow(
        MOVE_BILL,
        bill.id,
        bill.version,
        move.target,
        new.institution_id,
        new.cause,
        new.lines,
        new.total_fen,
        new.payers_fen,
        new.credit_fen,
        new.paid_fen,
        new.serviced_on,
        new.fixed_at,
        new.overdue_at if move.target == "due" else None,
        new.report_at if move.target in ("due", "overdue") else None,
        *_telling(conn, move, bill.state),
        detail or {},
        note_sealed,
    )
    if row is None:
        raise StaleVersion
    return bills.bill_of(row)


MOVE_CASE: Final = """
    WITH moved AS (
        UPDATE cases
           SET state = $3::case_state, version = version + 1, due_at = $4, escalate_at = $5,
               level = $6, outcome = $7, content_sealed = $8, ask_at = $9,
               settled_at = CASE WHEN $3::case_state = 'settled' THEN app_now() END
         WHERE id = $1 AND version = $2
     RETURNING *
    ), told AS (
        INSERT INTO history (subject, subject_id, version, move, from_state, to_state, actor_role,
                             actor_id, request_id, detail, note_sealed)
        SELECT 'case', id, version, $10, $11, state::text, $12, $13, $14, $15, $16 FROM moved
    )
    SELECT * FROM moved
"""


async def move_case(
    conn: Connection,
    case: Case,
    name: str,
    *,
    detail: dict[str, Any] | None = None,
    note_sealed: bytes | None = None,
    **changes: Any,
) -> Case:
    """Take one step in seeing to a case. A settled one climbs no further and asks nobody.

    Raises `IllegalTransition`.
    """
    move = _step(conn, CASE, name, case.id, case.state)
    new = replace(case, **changes)
    is_open = move.target != "settled"
    row = await conn.fetchrow(
        MOVE_CASE,
        case.id,
        case.version,
        move.target,
        new.due_at,
        new.escalate_at if is_open else None,
        new.level,
        new.outcome,
        new.content_sealed,
        new.ask_at if is_open else None,
        *_telling(conn, move, case.state),
        detail or {},
        note_sealed,
    )
    if row is None:
        raise StaleVersion
    return cases.case_of(row)


MOVE_FLAG: Final = """
    WITH moved AS (
        UPDATE safety_flags
           SET state = $3, version = version + 1, conditions = $4, decided_by = $5,
               appeal_sealed = $6, due_at = $7, valid_until = $8
         WHERE id = $1 AND version = $2
     RETURNING *
    ), told AS (
        INSERT INTO history (subject, subject_id, version, move, from_state, to_state,
                             actor_role, actor_id, request_id, note_sealed)
        SELECT 'flag', id, version, $9, $10, state::text, $11, $12, $13, $14 FROM moved
    )
    SELECT * FROM moved
"""


async def move_flag(
    conn: Connection,
    flag: SafetyFlag,
    name: str,
    *,
    note_sealed: bytes | None = None,
    **changes: Any,
) -> SafetyFlag:
    """Take one step of a flag's life. Raises `IllegalTransition`."""
    move = _step(conn, FLAG, name, flag.id, flag.state)
    new = replace(flag, **changes)
    row = await conn.fetchrow(
        MOVE_FLAG,
        flag.id,
        flag.version,
        move.target,
        new.conditions,
        new.decided_by,
        new.appeal_sealed,
        new.due_at,
        new.valid_until,
        *_telling(conn, move, flag.state),
        note_sealed,
    )
    if row is None:
        raise StaleVersion
    return safety_flags.flag_of(row)


def illegal(
    conn: Connection,
    cycle: Lifecycle,
    subject_id: UUID,
    state: str,
    name: str,
    *,
    barred: Collection[str] = (),
) -> IllegalTransition:
    """The refusal of what cannot be done in this state, or not now.

    It names the caller's moves, but for those that are `barred` for a reason of the act's own.
    """
    return IllegalTransition(
        subject=cycle.subject,
        subject_id=subject_id,
        state=str(state),
        move=name,
        moves=[m.name for m in cycle.allowed(state, conn.caller.role) if m.name not in barred],
    )


def _step(conn: Connection, cycle: Lifecycle, name: str, subject_id: UUID, state: str) -> Move:
    move = cycle.find(name, state)
    acting = Role.OPERATOR if conn.role is Role.ADMIN else conn.role
    if move is None:
        raise illegal(conn, cycle, subject_id, state, name)
    if acting not in move.who:
        raise Forbidden
    return move


def _telling(conn: Connection, move: Move, state: str) -> tuple[str, str, str, UUID | None, str]:
    caller = conn.caller
    return (move.name, str(state), conn.role.value, caller.account_id, caller.request_id)
