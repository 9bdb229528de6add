"""Looking at flags; whoever of the staff does leaves a trace."""

from __future__ import annotations

from uuid import UUID

from dispatch import database
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records import audit, safety_flags
from dispatch.records.safety_flags import SafetyFlag


@database.act
async def open_flags(
    conn: Connection,
    *,
    state: str | None = None,
    patient_id: UUID | None = None,
    before: UUID | None,
    limit: int,
) -> list[SafetyFlag]:
    """The flags that the caller may see, newest first; showing them opens what was said."""
    found = await safety_flags.list_all(
        conn, state=state, patient_id=patient_id, before=before, limit=limit
    )
    if found and conn.caller.role is not Role.PATIENT:
        ids = [str(flag.id) for flag in found]
        await audit.append(conn, "flag.read", "flag", None, detail={"flag_ids": ids})
    return found
