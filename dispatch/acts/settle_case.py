"""What people do with a case: take it up, tell of it, settle it, lift its hold; answer, dispute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from config import cases as words
from config.cases import CaseKind
from dispatch import billing, casework, database, settling, transitions, versions
from dispatch.database import Connection
from dispatch.errors import (
    InvalidFields,
    NothingHeld,
)
from dispatch.lifecycles import CASE, FIXED_BILL
from dispatch.records import audit, cases, history, orders, person_keys
from dispatch.records.cases import Case

WELL = "well"


@database.act
async def take_up(conn: Connection, case_id: UUID, *, version: int | None = None) -> Case:
    """A person sees to it from now on; the time to settle it begins. Raises `IllegalTransition`."""
    case = await _hold(conn, case_id, version)
    due_at = await database.now(conn) + casework.settle_span(case, conn.settings)
    case = await transitions.move_case(conn, case, "take_up", due_at=due_at, escalate_at=due_at)
    return await _told(conn, case, "take_up")


@database.act
async def tell(conn: Connection, case_id: UUID, text: str, *, version: int | None = None) -> Case:
    """Tell who has complained how far it is. Raises `IllegalTransition`."""
    case = await _hold(conn, case_id, version)
    _only(conn, case, "tell", CaseKind.COMPLAINT)
    case = await transitions.move_case(
        conn, case, "tell", note_sealed=await _note(conn, case, text)
    )
    return await _told(conn, case, "tell")


@database.act
async def settle(
    conn: Connection,
    case_id: UUID,
    outcome: str,
    text: str,
    *,
    credit_fen: int = 0,
    version: int | None = None,
) -> Case:
    """Close a case with what came of it. What is said to a complaint is for who complained.

    With `credit_fen` the patient is let off so much of the order's bill, in the same act. A hold
    stays until it is lifted. Raises `IllegalTransition`, `InvalidFields`.
    """
    case = await _hold(conn, case_id, version)
    if outcome not in words.load().outcomes[case.kind]:
        raise InvalidFields((("body", "outcome"), "case_outcome"))
    if credit_fen:
        await _let_off(conn, case, credit_fen, text)
    case = await transitions.move_case(
        conn,
        case,
        "settle",
        outcome=outcome,
        detail={"outcome": outcome, "credit_fen": credit_fen},
        note_sealed=await _note(conn, case, text),
    )
    return await _told(conn, case, "settle")


@database.act
async def lift_hold(
    conn: Connection, case_id: UUID, reason: str, *, version: int | None = None
) -> Case:
    """Let the nurse be sent for these services again; only a person does that, for a reason.

    Raises `NothingHeld`.
    """
    case = await _hold(conn, case_id, version)
    lifted = await cases.lift_hold(conn, case.id)
    if lifted is None:
        raise NothingHeld
    content = (await cases.open_contents(conn, [lifted])).get(lifted.id, {})
    lifted = await cases.put_content(conn, lifted, {**content, "hold_lifted": reason})
    await audit.append(
        conn,
        "case.lift_hold",
        "case",
        lifted.id,
        person_id=lifted.patient_id,
        detail={"nurse_id": str(lifted.nurse_id), "services": lifted.held_services},
    )
    return lifted


@database.act
async def answer(
    conn: Connection,
    case_id: UUID,
    signs: Sequence[str],
    text: str | None,
    *,
    version: int | None = None,
) -> Case:
    """The patient says how she is. Without any sign it is settled; with one a person calls sooner.

    Raises `IllegalTransition`, `InvalidFields` for a sign that nobody knows.
    """
    case = await _hold(conn, case_id, version)
    _only(conn, case, "alert", CaseKind.FOLLOW_UP)
    known = words.load().signs_of(signs)
    if unknown := {*signs} - {sign.code for sign in known}:
        places = [place for place, sign in enumerate(signs) if sign in unknown]
        raise InvalidFields(*((("body", "signs", place), "case_sign") for place in places))
    now = await database.now(conn)
    content = (await cases.open_contents(conn, [case])).get(case.id, {})
    said = {"signs": list(signs), "text": text, "at": now.isoformat()}
    content["answers"] = [*content.get("answers", ()), said]
    sealed = await cases.seal(conn, case, content)
    if not known:
        case = await transitions.move_case(
            conn, case, "settle", outcome=WELL, content_sealed=sealed, detail={"outcome": WELL}
        )
        return await _told(conn, case, "settle", by_patient=True)
    minutes = conn.settings.follow_up_signs_h * 60
    if any(sign.urgent for sign in known):
        minutes = conn.settings.follow_up_urgent_min
    due_at = min(case.due_at, now + timedelta(minutes=minutes))
    case = await transitions.move_case(
        conn,
        case,
        "alert",
        content_sealed=sealed,
        due_at=due_at,
        escalate_at=due_at,
        ask_at=None,
        detail={"signs": len(known)},
    )
    await casework.tell_operators(conn, case)
    return await _told(conn, case, "alert", by_patient=True)


@database.act
async def dispute(
    conn: Connection, case_id: UUID, text: str, *, version: int | None = None
) -> Case:
    """Who complained does not agree with the answer: it waits for a person again, one level up.

    Raises `IllegalTransition`.
    """
    case = await _hold(conn, case_id, version)
    _only(conn, case, "dispute", CaseKind.COMPLAINT)
    due_at = await database.now(conn) + casework.take_up_span(case, conn.settings)
    case = await transitions.move_case(
        conn,
        case,
        "dispute",
        due_at=due_at,
        escalate_at=due_at,
        level=case.level + 1,
        outcome=None,
        note_sealed=await _note(conn, case, text),
    )
    await casework.tell_operators(conn, case, everybody=True)
    return await _told(conn, case, "dispute", by_patient=True)


@database.act
async def open_case(conn: Connection, case_id: UUID) -> Case:
    """One case; showing it opens what was said. Raises `NotFound`."""
    case = await cases.get(conn, case_id)
    await audit.append(conn, "case.read", "case", case.id, person_id=case.patient_id)
    return case


async def _hold(conn: Connection, case_id: UUID, version: int | None) -> Case:
    """The case and its order, held in that order's order: order first."""
    seen = await cases.get(conn, case_id)
    async with conn.as_clock():
        await orders.lock(conn, seen.order_id)
    case = await cases.lock(conn, case_id)
    versions.check(case.version, version)
    return case


def _only(conn: Connection, case: Case, move: str, kind: CaseKind) -> None:
    if case.kind is not kind:
        raise transitions.illegal(conn, CASE, case.id, case.state, move)


async def _note(conn: Connection, case: Case, text: str) -> bytes:
    place = history.note_place(case.id, case.version + 1)
    return await person_keys.seal_json(conn, case.patient_id, "history", "note_sealed", place, text)


async def _let_off(conn: Connection, case: Case, amount_fen: int, reason: str) -> None:
    async with conn.as_clock():
        order = await orders.get(conn, case.order_id)
        bill = await billing.hold(conn, order)
    if bill.state not in FIXED_BILL or amount_fen > bill.own_fen:
        raise InvalidFields((("body", "credit_fen"), "above_own"), own_fen=bill.own_fen)
    sealed = await person_keys.seal_json(
        conn,
        case.patient_id,
        "history",
        "note_sealed",
        history.note_place(bill.id, bill.version + 1),
        reason,
    )
    await settling.credit(conn, bill, amount_fen, sealed)


async def _told(conn: Connection, case: Case, step: str, *, by_patient: bool = False) -> Case:
    """Tell who complained of every step that others took; the audit log of all."""
    if case.kind is CaseKind.COMPLAINT and not by_patient:
        await casework.tell_patient(conn, case, wake="complaint_news")
    await audit.append(conn, f"case.{step}", "case", case.id, person_id=case.patient_id)
    return case
