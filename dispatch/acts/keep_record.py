"""What is measured, done and taught at a visit, kept sealed; sending it twice keeps one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch import assessing, database, transitions, welfare
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotFound, RecordLocked
from dispatch.evidence import AHEAD_MAX
from dispatch.ids import new_id
from dispatch.lifecycles import VISIT
from dispatch.records import audit, emergencies, visit_facts, visit_records, visits
from dispatch.records.visit_records import VisitRecord

# What nurses write where there was no adverse sign.
NONE_SEEN: Final = frozenset({"", "无", "没有", "未见", "未见异常", "none", "no", "nil"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as the phone sends it; `client_id` and `recorded_at` were made there."""

    client_id: UUID
    kind: str
    data: dict[str, Any]
    recorded_at: datetime


@database.act
async def keep_record(conn: Connection, visit_id: UUID, entry: Entry) -> tuple[VisitRecord, bool]:
    """Keep an entry, and tell whether it is new; if it was sent before, the first one stands.

    Taken from the moment she says that she is at the door, also after the visit has ended, however
    it did: a phone without a network must not cost the patient a reading. Such an entry is flagged.
    After an adverse sign no earlier assessment of the patient holds any longer.
    Raises `IllegalTransition` before she has arrived, `InvalidFields` for a time in the future, and
    `RecordLocked` after the end of a visit with an emergency, until that is reviewed.
    """
    now = await database.now(conn)
    if entry.recorded_at > now + AHEAD_MAX:
        raise InvalidFields((("body", "recorded_at"), "in_future"))
    visit = await visits.get(conn, visit_id)
    if conn.caller.account_id is None:
        raise NotFound
    if not await visit_facts.was_reported(conn, visit.id, "arrive"):
        raise transitions.illegal(conn, VISIT, visit.id, visit.state, "record")
    if visit.state in VISIT.final and await emergencies.is_locked(conn, visit.id):
        raise RecordLocked
    record, new = await visit_records.insert(
        conn,
        record_id=new_id(),
        visit_id=visit.id,
        patient_id=visit.patient_id,
        client_id=entry.client_id,
        kind=entry.kind,
        data=entry.data,
        recorded_at=entry.recorded_at,
        author_id=conn.caller.account_id,
    )
    if new:
        await welfare.hear(conn, visit, now, answered_at=entry.recorded_at)
        if _is_adverse(entry):
            await assessing.void(conn, visit.patient_id, "adverse_sign")
        if visit.state in VISIT.final:
            await visits.add_flags(conn, visit.id, ["late_record"])
        await audit.append(
            conn,
            "record.keep",
            "visit",
            visit.id,
            person_id=visit.patient_id,
            detail={"record_id": str(record.id), "kind": entry.kind},
        )
    return record, new


def _is_adverse(entry: Entry) -> bool:
    told = entry.data.get("adverse_signs") if entry.kind == "procedure" else None
    return isinstance(told, str) and told.strip(" .。").casefold() not in NONE_SEEN
