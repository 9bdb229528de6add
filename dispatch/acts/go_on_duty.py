"""What a nurse says of herself: whether she can be sent for, from where, when, and how far.

What she is found by is written in the same act. Visits that she has accepted stay hers.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import database, versions
from dispatch.database import Connection
from dispatch.enrolment import Fault
from dispatch.errors import InvalidFields, NotFound, ShiftsOverlap
from dispatch.records import audit, institutions, nurses, shifts
from dispatch.records.nurses import Nurse

SHIFT_MAX: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A time to be opened for visits, its end not included."""

    starts_at: datetime
    ends_at: datetime


@database.act
async def change_profile(
    conn: Connection, changes: Mapping[str, Any], *, version: int | None = None
) -> Nurse:
    """Change the fields that are the calling nurse's own to decide: `radius_m`, `languages`, quiet
    hours, `photo_url`. Raises `InvalidFields`, `StaleVersion`.
    """
    nurse = await nurses.lock(conn, own_id(conn))
    changed = replace(nurse, **changes)
    if (changed.quiet_from is None) != (changed.quiet_until is None):
        raise InvalidFields((("body", "quiet_until"), "quiet_pair"))
    versions.check(nurse.version, version)
    if not changes:
        return nurse
    changed = await nurses.update(conn, changed)
    await audit.append(conn, "nurse.change", "nurse", nurse.id, detail={"fields": sorted(changes)})
    return changed


@database.act
async def set_availability(
    conn: Connection, *, available: bool, place: tuple[float, float] | None
) -> Nurse:
    """Say whether the calling nurse can be sent for, and from where (WGS-84; kept to 100 m).

    She is on call if she is also admitted and not suspended. Phones repeat this: what changes
    nothing writes nothing.
    """
    nurse = await nurses.lock(conn, own_id(conn))
    if place is not None:
        await nurses.set_point(conn, nurse.id, *place)
    if available == nurse.available:
        return nurse
    changed = await nurses.update(conn, replace(nurse, available=available))
    await nurses.set_reach(conn, changed, await institutions.get(conn, nurse.institution_id))
    await audit.append(
        conn, "nurse.availability", "nurse", nurse.id, detail={"available": available}
    )
    return changed


@database.act
async def replace_shifts(conn: Connection, given: Sequence[Opening]) -> UUID:
    """Put these in the place of all the calling nurse's shifts that are still to come.

    One that has begun stays, unless some of the new ones share time with it: then they take its
    place, too. Raises `InvalidFields`, `ShiftsOverlap`.
    """
    nurse = await nurses.lock(conn, own_id(conn))
    now = await database.now(conn)
    faults: list[Fault] = [
        (("body", place, name), reason)
        for place, opening in enumerate(given)
        for name, reason in _faults(opening, now, conn.settings.window_max_days)
    ]
    if faults:
        raise InvalidFields(*faults, window_max_days=conn.settings.window_max_days)
    in_order = sorted((one.starts_at, one.ends_at) for one in given)
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(in_order)):
        raise ShiftsOverlap
    await shifts.replace_coming(conn, nurse.id, in_order)
    await audit.append(conn, "nurse.shifts", "nurse", nurse.id, detail={"count": len(given)})
    return nurse.id


def own_id(conn: Connection) -> UUID:
    """The calling nurse. Raises `NotFound` for anybody else."""
    if conn.caller.nurse_id is None:
        raise NotFound
    return conn.caller.nurse_id


def _faults(opening: Opening, now: datetime, days_max: int) -> list[tuple[str, str]]:
    faults = []
    if opening.ends_at <= opening.starts_at:
        faults.append(("ends_at", "shift_order"))
    elif opening.ends_at <= now:
        faults.append(("ends_at", "window_past"))
    if opening.ends_at - opening.starts_at > SHIFT_MAX:
        faults.append(("ends_at", "shift_long"))
    if opening.starts_at > now + timedelta(days=days_max):
        faults.append(("starts_at", "window_far"))
    return faults
