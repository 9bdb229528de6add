"""The tables `learned_models` and `acceptance_leanings`, and what they are learned from.

Numbers only; each time anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection
from matching.acceptance import Answer, Ask
from matching.pace import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedModel:
    """`model` is what the code of its `kind` makes of it; `sample` how much it was learned from."""

    kind: str
    learned_at: datetime
    sample: int
    model: dict[str, Any]


FIND_LATEST: Final = """
    SELECT kind, learned_at, sample, model FROM learned_models
     WHERE kind = $1 ORDER BY learned_at DESC LIMIT 1
"""


async def find_latest(conn: Connection, kind: str) -> LearnedModel | None:
    row = await conn.fetchrow(FIND_LATEST, kind)
    return None if row is None else LearnedModel(**row)


TRY_LOCK: Final = "SELECT pg_try_advisory_xact_lock(7350, 29)"


async def try_lock(conn: Connection) -> bool:
    """Be the one who learns, to the end of the transaction; false if another one does."""
    return bool(await conn.fetchval(TRY_LOCK))


INSERT: Final = """
    INSERT INTO learned_models (kind, learned_at, sample, model) VALUES ($1, $2, $3, $4)
"""


async def insert(conn: Connection, given: LearnedModel) -> None:
    await conn.execute(INSERT, given.kind, given.learned_at, given.sample, given.model)


PRUNE: Final = "DELETE FROM learned_models WHERE learned_at < $1"


async def prune(conn: Connection, before: datetime) -> None:
    """Forget what was learned before a time."""
    await conn.execute(PRUNE, before)


LIST_WAYS: Final = """
    SELECT (h.detail ->> 'straight_m')::float8 AS straight_m, v.departed_at, v.arrived_at
      FROM visits v
      JOIN history h ON h.subject_id = v.id AND h.move = 'depart'
     WHERE v.ended_at > $1 AND v.departed_at IS NOT NULL AND v.arrived_at IS NOT NULL
       AND h.detail ? 'straight_m'
     ORDER BY v.ended_at DESC
     LIMIT $2
"""


async def list_ways(conn: Connection, since: datetime, limit: int) -> list[Way]:
    """The ways of visits that ended after a time, the latest first."""
    rows = await conn.fetch(LIST_WAYS, since, limit)
    return [
        Way(
            straight_m=row["straight_m"],
            left_at=row["departed_at"],
            took_s=(row["arrived_at"] - row["departed_at"]) / timedelta(seconds=1),
        )
        for row in rows
    ]


# By id, which tells the time: the newest are read and no more, however many there are.
LIST_ANSWERS: Final = """
    SELECT f.nurse_id, f.sent_at, f.distance_m, f.pay_fen, f.accepted,
           o.service_codes[1] AS service,
           (SELECT count(*) FROM visits v
             WHERE v.nurse_id = f.nurse_id AND v.created_at < f.sent_at
               AND v.planned_start > f.sent_at - interval '30 days'
               AND v.state NOT IN ('released', 'cancelled', 'missed')) AS load
      FROM (SELECT id, order_id, nurse_id, sent_at, distance_m, pay_fen,
                   state = 'accepted' AS accepted
              FROM offers
             WHERE state IN ('accepted', 'declined', 'expired')
             ORDER BY id DESC LIMIT $2) AS f
      JOIN orders o ON o.id = f.order_id
     WHERE f.sent_at > $1
     ORDER BY f.id
"""


async def list_answers(conn: Connection, since: datetime, limit: int) -> list[Answer]:
    """The last offers that ran their course, sent after a time, oldest first. One that was
    withdrawn because somebody else was quicker says nothing of her."""
    return [
        Answer(
            ask=Ask(
                service=row["service"],
                distance_m=row["distance_m"],
                pay_fen=row["pay_fen"],
                load=row["load"],
                asked_at=row["sent_at"],
            ),
            nurse_id=row["nurse_id"],
            accepted=row["accepted"],
        )
        for row in await conn.fetch(LIST_ANSWERS, since, limit)
    ]


FORGET_LEANINGS: Final = "DELETE FROM acceptance_leanings"
PUT_LEANINGS: Final = """
    INSERT INTO acceptance_leanings (nurse_id, leaning) SELECT * FROM unnest($1::uuid[], $2::real[])
"""


async def put_leanings(conn: Connection, leanings: Mapping[UUID, float]) -> None:
    """Keep how readily each nurse says yes, in place of what was kept before."""
    await conn.execute(FORGET_LEANINGS)
    await conn.execute(PUT_LEANINGS, list(leanings), list(leanings.values()))
