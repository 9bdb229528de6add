"""The `visits` table: what happens in the home, a row a seat. `transitions` writes its state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import VisitState


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One nurse in one home at one time. `busy` is the slot with its travel buffer."""

    id: UUID
    order_id: UUID
    round: int
    seat: int
    nurse_id: UUID
    offer_id: UUID | None = None
    account_id: UUID
    patient_id: UUID
    institution_id: UUID
    state: VisitState = VisitState.SCHEDULED
    planned_start: datetime
    planned_end: datetime
    busy: asyncpg.Range[datetime]
    pay_fen: int
    distance_m: int
    travel_s: int
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    eta: datetime | None = None
    flags: list[str] = field(default_factory=list)
    end_reason: str | None = None
    summary_sealed: bytes | None = None
    nudge_stage: int = 0
    nudge_at: datetime | None = None
    miss_at: datetime
    overdue_at: datetime
    created_at: datetime
    version: int = 1

    @property
    def leaves_at(self) -> datetime:
        """When its nurse sets out for it, by what she was told."""
        return self.planned_start - timedelta(seconds=self.travel_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When a visit takes place, when its nurse leaves for it, and the deadlines that follow."""

    leaves_at: datetime
    starts_at: datetime
    ends_at: datetime
    travel_s: int
    nudge_at: datetime
    miss_at: datetime
    overdue_at: datetime


def visit_of(row: asyncpg.Record) -> Visit:
    """A row of `visits` as a record."""
    return Visit(**{**row, "state": VisitState(row["state"])})


INSERT: Final = """
    WITH planned AS (
        INSERT INTO visits (id, order_id, round, seat, nurse_id, offer_id, account_id, patient_id,
                            institution_id, state, planned_start, planned_end, busy, pay_fen,
                            distance_m, travel_s, nudge_at, miss_at, overdue_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'scheduled', $10, $11, $12, $13, $14, $15, $16,
                $17, $18, $19)
        RETURNING id, order_id, version, nurse_id
    )
    INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role,
                         actor_id, request_id, detail, note_sealed)
    SELECT 'visit', id, order_id, version, 'schedule', 'scheduled', $20, $21, $22,
           jsonb_build_object('nurse_id', nurse_id), $23
      FROM planned
"""


async def insert(conn: Connection, visit: Visit, *, note_sealed: bytes | None = None) -> None:
    """Fill a seat: the visit and the first line of its history, in one statement.

    Raises asyncpg's `ExclusionViolationError` (constraint visits_nurse_in_one_place) when the nurse
    is elsewhere then, `UniqueViolationError` when the seat is filled.
    """
    await conn.execute(
        INSERT,
        visit.id,
        visit.order_id,
        visit.round,
        visit.seat,
        visit.nurse_id,
        visit.offer_id,
        visit.account_id,
        visit.patient_id,
        visit.institution_id,
        visit.planned_start,
        visit.planned_end,
        visit.busy,
        visit.pay_fen,
        visit.distance_m,
        visit.travel_s,
        visit.nudge_at,
        visit.miss_at,
        visit.overdue_at,
        visit.created_at,
        conn.role.value,
        conn.caller.account_id,
        conn.caller.request_id,
        note_sealed,
    )


GET: Final = "SELECT * FROM visits WHERE id = $1"


async def get(conn: Connection, visit_id: UUID) -> Visit:
    row = await conn.fetchrow(GET, visit_id)
    if row is None:
        raise NotFound
    return visit_of(row)


LOCK: Final = "SELECT * FROM visits WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, visit_id: UUID) -> Visit:
    """Like `get`, held to the end of the transaction. Its order is locked before."""
    row = await conn.fetchrow(LOCK, visit_id)
    if row is None:
        raise NotFound
    return visit_of(row)


FIND_OF_OFFER: Final = "SELECT * FROM visits WHERE offer_id = $1"


async def find_of_offer(conn: Connection, offer_id: UUID) -> Visit | None:
    """The visit that came of an accepted offer."""
    row = await conn.fetchrow(FIND_OF_OFFER, offer_id)
    return visit_of(row) if row else None


LIST_OF_ORDER: Final = (
    "SELECT * FROM visits WHERE order_id = $1 ORDER BY round, seat, created_at LIMIT 200"
)


async def list_of_order(conn: Connection, order_id: UUID) -> list[Visit]:
    """All visits of an order, of every round, by round and seat."""
    return [visit_of(r) for r in await conn.fetch(LIST_OF_ORDER, order_id)]


LIST_CURRENT: Final = """
    SELECT v.* FROM visits v JOIN orders o ON o.id = v.order_id AND o.round = v.round
     WHERE v.order_id = ANY ($1::uuid[])
     ORDER BY v.order_id, v.seat, v.created_at, v.id
     LIMIT 2000
"""


async def list_current(conn: Connection, order_ids: Collection[UUID]) -> dict[UUID, list[Visit]]:
    """The visits of each order's present round, by seat; orders without any are left out."""
    found: dict[UUID, list[Visit]] = {}
    if not order_ids:
        return found
    for row in await conn.fetch(LIST_CURRENT, list(order_ids)):
        found.setdefault(row["order_id"], []).append(visit_of(row))
    return found


LOCK_OF_ROUND: Final = """
    SELECT * FROM visits WHERE order_id = $1 AND round = $2 ORDER BY id FOR NO KEY UPDATE
"""


async def lock_of_round(conn: Connection, order_id: UUID, round_: int) -> list[Visit]:
    """Hold all visits of a round, by id. The order is locked before."""
    return [visit_of(r) for r in await conn.fetch(LOCK_OF_ROUND, order_id, round_)]


LIST_OF_NURSE: Final = """
    SELECT * FROM visits
     WHERE nurse_id = $1
       AND ($2::timestamptz IS NULL OR planned_end > $2)
       AND ($3::timestamptz IS NULL OR planned_start < $3)
       AND ($4::timestamptz IS NULL OR (planned_start, id) < ($4, $5::uuid))
     ORDER BY planned_start DESC, id DESC
     LIMIT $6
"""


async def list_of_nurse(
    conn: Connection,
    nurse_id: UUID,
    *,
    since: datetime | None,
    until: datetime | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Visit]:
    """A nurse's visits that touch [since, until), latest start first."""
    at, visit_id = before if before else (None, None)
    rows = await conn.fetch(LIST_OF_NURSE, nurse_id, since, until, at, visit_id, limit)
    return [visit_of(r) for r in rows]


LIST_ON_DAY: Final = """
    SELECT * FROM visits
     WHERE nurse_id = ANY ($1::uuid[]) AND planned_end > $2 AND planned_start < $3
       AND state NOT IN ('released', 'cancelled')
     ORDER BY nurse_id, planned_start, id
     LIMIT 10000
"""


async def list_on_day(
    conn: Connection, nurse_ids: Collection[UUID], since: datetime, until: datetime
) -> dict[UUID, list[Visit]]:
    """What these nurses go to or went to in [since, until), each by its start."""
    found: dict[UUID, list[Visit]] = {}
    for row in await conn.fetch(LIST_ON_DAY, list(nurse_ids), since, until):
        found.setdefault(row["nurse_id"], []).append(visit_of(row))
    return found


LOCK_OUT_OF_NURSE: Final = """
    SELECT * FROM visits
     WHERE nurse_id = $1 AND state IN ('en_route', 'arrived', 'in_service')
     ORDER BY id LIMIT 20
       FOR NO KEY UPDATE
"""


async def lock_out_of_nurse(conn: Connection, nurse_id: UUID) -> list[Visit]:
    """Hold the visits that a nurse has set out for and not ended, by id."""
    return [visit_of(r) for r in await conn.fetch(LOCK_OUT_OF_NURSE, nurse_id)]


HAS_OPEN_WITH: Final = """
    SELECT EXISTS (SELECT FROM visits
                    WHERE nurse_id = $1 AND patient_id = $2
                      AND state IN ('scheduled', 'en_route', 'arrived', 'in_service'))
"""


async def has_open_with(conn: Connection, nurse_id: UUID, patient_id: UUID) -> bool:
    """Whether a nurse has a visit to this patient that has not ended."""
    return bool(await conn.fetchval(HAS_OPEN_WITH, nurse_id, patient_id))


IS_SERVED_BY: Final = """
    SELECT EXISTS (SELECT FROM orders o JOIN visits v ON v.order_id = o.id
                    WHERE o.patient_id = $1 AND v.institution_id = $2)
"""


async def is_served_by(conn: Connection, patient_id: UUID, institution_id: UUID) -> bool:
    """Whether an institution has ever had a visit to this patient, ahead or past."""
    return bool(await conn.fetchval(IS_SERVED_BY, patient_id, institution_id))


LIST_GOING_OF_NURSES: Final = """
    SELECT * FROM visits
     WHERE nurse_id = ANY($1) AND busy && tstzrange($2, $3)
       AND state IN ('scheduled', 'en_route', 'arrived', 'in_service')
     ORDER BY nurse_id, planned_start
     LIMIT 20000
"""


async def list_going_of_nurses(
    conn: Connection, nurse_ids: list[UUID], since: datetime, until: datetime
) -> list[Visit]:
    """The open visits of these nurses that touch a time, by nurse and start."""
    rows = await conn.fetch(LIST_GOING_OF_NURSES, nurse_ids, since, until)
    return [visit_of(r) for r in rows]


COUNT_COMPLETED: Final = """
    SELECT nurse_id, count(*) AS n, max(ended_at) AS last_at FROM visits
     WHERE patient_id = $1 AND state = 'completed'
     GROUP BY nurse_id
     LIMIT 1000
"""


async def completed_by_nurse(
    conn: Connection, patient_id: UUID
) -> dict[UUID, tuple[int, datetime | None]]:
    """Who has been with this patient, how often and when last."""
    rows = await conn.fetch(COUNT_COMPLETED, patient_id)
    return {row["nurse_id"]: (row["n"], row["last_at"]) for row in rows}


COUNT_RECENT: Final = """
    SELECT nurse_id, count(*) AS n FROM visits
     WHERE nurse_id = ANY($1) AND planned_start > app_now() - interval '30 days'
       AND state NOT IN ('released', 'cancelled', 'missed')
     GROUP BY nurse_id
"""


async def count_recent(conn: Connection, nurse_ids: list[UUID]) -> dict[UUID, int]:
    """How many visits each nurse has had or has ahead, counted from thirty days ago."""
    return {row["nurse_id"]: row["n"] for row in await conn.fetch(COUNT_RECENT, nurse_ids)}


COUNT_BY_STATE: Final = """
    SELECT state, count(*) AS n FROM visits
     WHERE state IN ('scheduled', 'en_route', 'arrived', 'in_service')
     GROUP BY state
     UNION ALL
    SELECT state, count(*) FROM visits
     WHERE ended_at > app_now() - interval '1 day'
     GROUP BY state
"""


async def count_by_state(conn: Connection) -> dict[str, int]:
    """How many visits are in each state, every one named; of the ended, those of the last day."""
    counts = {state.value: 0 for state in VisitState}
    counts.update({row["state"]: row["n"] for row in await conn.fetch(COUNT_BY_STATE)})
    return counts


LIST_GOING: Final = """
    SELECT * FROM visits WHERE state IN ('en_route', 'arrived', 'in_service')
     ORDER BY planned_start, id LIMIT $1
"""


async def list_going(conn: Connection, limit: int) -> list[Visit]:
    """The visits under way, by start."""
    return [visit_of(r) for r in await conn.fetch(LIST_GOING, limit)]


# The sweeps find a visit without holding it, since its order must be locked first; the act locks
# both and looks again.
FIND_NUDGE_DUE: Final = """
    SELECT * FROM visits
     WHERE state = 'scheduled' AND nudge_at <= app_now() ORDER BY nudge_at LIMIT $1
"""


async def list_nudge_due(conn: Connection, limit: int) -> list[Visit]:
    """Scheduled visits whose nurse should be reminded, oldest first; not held."""
    return [visit_of(r) for r in await conn.fetch(FIND_NUDGE_DUE, limit)]


FIND_MISSED: Final = """
    SELECT * FROM visits
     WHERE state IN ('scheduled', 'en_route') AND miss_at <= app_now() ORDER BY miss_at LIMIT $1
"""


async def list_missed(conn: Connection, limit: int) -> list[Visit]:
    """Visits that nobody came to in time, oldest first; not held."""
    return [visit_of(r) for r in await conn.fetch(FIND_MISSED, limit)]


# Derived from the row at each sweep, besides the alarm's own deadlines: either alone finds it.
FIND_OVERDUE: Final = """
    SELECT * FROM visits v
     WHERE state IN ('arrived', 'in_service') AND overdue_at <= app_now()
       AND NOT EXISTS (SELECT FROM alarms a WHERE a.visit_id = v.id AND a.kind = 'overdue')
     ORDER BY overdue_at LIMIT $1
"""


async def list_overdue(conn: Connection, limit: int) -> list[Visit]:
    """Visits that should have ended and have raised no alarm yet, oldest first; not held."""
    return [visit_of(r) for r in await conn.fetch(FIND_OVERDUE, limit)]


SET_NUDGE: Final = "UPDATE visits SET nudge_stage = $2, nudge_at = $3 WHERE id = $1"


async def set_nudge(
    conn: Connection, visit_id: UUID, stage: int, nudge_at: datetime | None
) -> None:
    """Note that she was reminded, and when to look again."""
    await conn.execute(SET_NUDGE, visit_id, stage, nudge_at)


GIVE_UP: Final = "UPDATE visits SET miss_at = least(miss_at, $2) WHERE id = $1"


async def give_up(conn: Connection, visit_id: UUID, at: datetime) -> None:
    """Let the clock miss a visit by this time at the latest."""
    await conn.execute(GIVE_UP, visit_id, at)


PUT_OFF: Final = """
    UPDATE visits SET overdue_at = greatest(overdue_at, $2), miss_at = greatest(miss_at, $3)
     WHERE id = $1
"""


async def put_off(
    conn: Connection, visit_id: UUID, overdue_at: datetime, miss_at: datetime
) -> None:
    """Let a visit last, and nobody give it up, until these times at least."""
    await conn.execute(PUT_OFF, visit_id, overdue_at, miss_at)


LIST_NEXT_OF_NURSE: Final = """
    SELECT * FROM visits
     WHERE nurse_id = $1 AND state = 'scheduled' AND planned_start < $2
     ORDER BY planned_start LIMIT 20
"""


async def list_next_of_nurse(conn: Connection, nurse_id: UUID, until: datetime) -> list[Visit]:
    """The visits that a nurse should begin before a time, by start; not held."""
    return [visit_of(r) for r in await conn.fetch(LIST_NEXT_OF_NURSE, nurse_id, until)]


DROP_FLAG: Final = (
    "UPDATE visits SET flags = array_remove(flags, $2) WHERE id = $1 AND $2 = ANY (flags)"
)


async def drop_flag(conn: Connection, visit_id: UUID, flag: str) -> None:
    """Take a mark away: what it told of has been made good."""
    await conn.execute(DROP_FLAG, visit_id, flag)


CORRECT_TIME: Final = """
    UPDATE visits
       SET departed_at = CASE $2::text WHEN 'departed_at' THEN $3::timestamptz ELSE departed_at END,
           arrived_at = CASE $2 WHEN 'arrived_at' THEN $3 ELSE arrived_at END,
           started_at = CASE $2 WHEN 'started_at' THEN $3 ELSE started_at END,
           ended_at = CASE $2 WHEN 'ended_at' THEN $3 ELSE ended_at END
     WHERE id = $1
"""


async def correct_time(conn: Connection, visit_id: UUID, column: str, at: datetime) -> None:
    """Set one of the times that a visit has of its steps; the fact that says so is kept before."""
    await conn.execute(CORRECT_TIME, visit_id, column, at)


ADD_FLAGS: Final = """
    UPDATE visits
       SET flags = (SELECT array_agg(DISTINCT flag ORDER BY flag)
                      FROM unnest(flags || $2::text[]) AS flag)
     WHERE id = $1
"""


async def add_flags(conn: Connection, visit_id: UUID, flags: list[str]) -> None:
    """Mark a visit for the operator; a flag stands once."""
    await conn.execute(ADD_FLAGS, visit_id, flags)
