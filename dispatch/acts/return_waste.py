"""Medical waste on its way back: received by a named person, excused by one, told of when late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from config import waste
from dispatch import consequences, database, evidence, versions
from dispatch.acts import run_visit
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import AlreadySettled, InvalidFields, RuleRefused
from dispatch.records import audit, person_keys, visits, waste_returns
from dispatch.records.waste_returns import WasteReturn

SWEEP = Caller.clock("waste")
# Stands on a visit whose waste was not back in time.
FLAG = "waste_late"


@database.act
async def receive_waste(
    conn: Connection,
    visit_id: UUID,
    returned: Mapping[str, int],
    received_by: str,
    at: datetime | None = None,
    *,
    version: int | None = None,
) -> WasteReturn:
    """Take a visit's waste in, category by category; with it the visit is closed.

    More categories than were expected may come, never fewer. Raises `NotFound` for a visit that
    made none, `StaleVersion`, `AlreadySettled`, `InvalidFields`, `RuleRefused`.
    """
    held = await _hold(conn, visit_id, version)
    now = await database.now(conn)
    at = at or now
    if at > now + evidence.AHEAD_MAX:
        raise InvalidFields((("body", "at"), "in_future"))
    known = waste.load().categories
    if unknown := [place for place, category in enumerate(returned) if category not in known]:
        raise InvalidFields(
            *((("body", "items", place, "category"), "waste_category") for place in unknown)
        )
    if missing := [category for category in held.categories if category not in returned]:
        raise RuleRefused(*((("body", "items", category), "waste_missing") for category in missing))
    settled = await waste_returns.settle(
        conn, visit_id, at, returned=dict(returned), received_by=received_by
    )
    await audit.append(conn, "waste.receive", "visit", visit_id)
    return settled


@database.act
async def excuse_waste(
    conn: Connection,
    visit_id: UUID,
    excuse: str,
    note: str | None,
    *,
    version: int | None = None,
) -> WasteReturn:
    """Close a visit whose waste does not come, for one of the reasons of `config/waste.toml`.

    Raises as `receive_waste` does.
    """
    held = await _hold(conn, visit_id, version)
    if excuse not in waste.load().excuses:
        raise InvalidFields((("body", "reason"), "waste_excuse"))
    visit = await visits.get(conn, visit_id)
    sealed = None
    if note is not None:
        sealed = await person_keys.seal_json(
            conn, visit.patient_id, "waste_returns", "note_sealed", visit_id, note
        )
    settled = await waste_returns.settle(
        conn, held.visit_id, await database.now(conn), excuse=excuse, note_sealed=sealed
    )
    await audit.append(conn, "waste.excuse", "visit", visit_id, detail={"reason": excuse})
    return settled


async def _hold(conn: Connection, visit_id: UUID, version: int | None) -> WasteReturn:
    await run_visit.hold(conn, visit_id)
    held = await waste_returns.lock(conn, visit_id)
    versions.check(held.version, version)
    if held.settled_at is not None:
        raise AlreadySettled
    return held


async def remind_waste(pool: Pool, limit: int = 50) -> int:
    """Tell nurse and operators, once, of waste that should be back by now."""
    return await _remind(pool, SWEEP, limit)


@database.act
async def _remind(conn: Connection, limit: int) -> int:
    late = await waste_returns.claim_remind_due(conn, limit)
    for one in late:
        await visits.add_flags(conn, one.visit_id, [FLAG])
        visit = await visits.get(conn, one.visit_id)
        await consequences.tell_visit(conn, visit, wake_nurse="waste_late")
    return len(late)
