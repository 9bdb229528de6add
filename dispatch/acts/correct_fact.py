"""Correcting when or where a step was taken: a later fact takes the place of an earlier one.

The earlier one stays as it was said. The visit's own times follow the facts that count.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch import database, evidence
from dispatch.acts import run_visit
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotFound, RecordLocked, RuleRefused
from dispatch.records import audit, emergencies, visit_facts, visits
from dispatch.records.visits import Visit

# The steps in the order in which they are taken, and the visit's time that each sets.
TIMES: Final = {
    "depart": "departed_at",
    "arrive": "arrived_at",
    "start": "started_at",
    "complete": "ended_at",
    "abort": "ended_at",
}


@database.act
async def correct_fact(
    conn: Connection,
    visit_id: UUID,
    fact_id: UUID,
    *,
    at: datetime,
    place: tuple[float, float] | None,
    reason: str,
) -> Visit:
    """Put a corrected time, and if given place (WGS-84), in the place of a step that was taken.

    Raises `NotFound`, `RecordLocked`, `InvalidFields` for a time in the future or out of the steps'
    order, and `RuleRefused` for a fact that is superseded already or of another kind.
    """
    _, visit = await run_visit.hold(conn, visit_id)
    if await emergencies.is_locked(conn, visit.id):
        raise RecordLocked
    facts = await visit_facts.list_of_visit(conn, visit.id)
    fact = next((one for one in facts if one.id == fact_id), None)
    if fact is None:
        raise NotFound
    superseded = {one.supersedes for one in facts}
    if not fact.taken or fact.step not in TIMES or fact.id in superseded:
        raise RuleRefused((("path", "fact_id"), "not_correctable"))
    if at > await database.now(conn) + evidence.AHEAD_MAX:
        raise InvalidFields((("body", "at"), "in_future"))
    column = TIMES[fact.step]
    if not _in_order(visit, column, at):
        raise InvalidFields((("body", "at"), "out_of_order"))
    body: dict[str, Any] = {"reason": reason}
    if place is not None:
        body |= {"lat": place[0], "lng": place[1]}
    await visit_facts.insert(
        conn,
        visit.id,
        visit.patient_id,
        fact.step,
        at,
        taken=True,
        body=body,
        supersedes=fact.id,
    )
    await visits.correct_time(conn, visit.id, column, at)
    await visits.add_flags(conn, visit.id, ["corrected"])
    await audit.append(
        conn,
        "visit.correct",
        "visit",
        visit.id,
        person_id=visit.patient_id,
        detail={"fact_id": str(fact.id), "step": fact.step},
    )
    return await visits.get(conn, visit.id)


def _in_order(visit: Visit, column: str, at: datetime) -> bool:
    times = {
        "departed_at": visit.departed_at,
        "arrived_at": visit.arrived_at,
        "started_at": visit.started_at,
        "ended_at": visit.ended_at,
    }
    names = list(times)
    place = names.index(column)
    before = [times[name] for name in names[:place]]
    after = [times[name] for name in names[place + 1 :]]
    return all(one is None or one <= at for one in before) and all(
        one is None or at <= one for one in after
    )
