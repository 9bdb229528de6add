"""The `decisions` table: what the matcher considered for each wave, with verdicts and numbers.

Ids, codes and numbers only; words are made when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.records.batches import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Which rule refused a nurse, what it found and what it wanted."""

    rule: str
    value: Any
    threshold: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One nurse: ranked with her cost, or refused with the reasons."""

    nurse_id: UUID
    distance_m: int
    rank: int | None = None
    cost: float | None = None
    parts: dict[str, float] | None = None
    start_at: datetime | None = None
    travel_s: int | None = None
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What became of all who were considered: `counts` says how many fell to each rule."""

    considered: int
    eligible: int
    counts: dict[str, int]
    alternatives: list[str]
    alert: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One look at an order, of a wave that went out (`asked`) or of one that had nobody to ask.

    `considered` is bounded: the best by rank, then a sample of the refused for each reason.
    `batch_id` names the batch in which it was decided, if somebody was asked from it.
    `travel` tells by what ways were measured; see `dispatch/ways.py`.
    """

    order_id: UUID
    round: int
    wave: int
    asked: bool
    at: datetime
    considered: list[Considered]
    summary: Summary
    batch_id: UUID | None = None
    travel: dict[str, Any] | None = None


# One sender of waves at a time in one database, as long as its transaction: two of them would
# together give a nurse more offers than she may hold.
TRY_LOCK_SENDER: Final = "SELECT pg_try_advisory_xact_lock(7350, 3)"


async def try_lock_sender(conn: Connection) -> bool:
    """Be the one who sends waves, to the end of the transaction; false if another one is."""
    return bool(await conn.fetchval(TRY_LOCK_SENDER))


PUT: Final = """
      WITH proven AS (
           INSERT INTO batches (id, at, orders, seats, orders_served, seats_filled, cost, penalty,
                                bound, unit, refuted, greedy_served, greedy_cost, competences,
                                problem, proof)
           SELECT b.id, b.at, b.orders, b.seats, b.orders_served, b.seats_filled, b.cost, b.penalty,
                  b.bound, b.unit, b.refuted, b.greedy_served, b.greedy_cost, b.competences,
                  b.problem, b.proof
             FROM jsonb_populate_recordset(NULL::batches, $2) AS b)
    INSERT INTO decisions (order_id, round, wave, asked, at, considered, summary, batch_id, travel)
    SELECT (d ->> 'order_id')::uuid, (d ->> 'round')::int, (d ->> 'wave')::int,
           (d ->> 'asked')::boolean, (d ->> 'at')::timestamptz, d -> 'considered', d -> 'summary',
           (d ->> 'batch_id')::uuid, d -> 'travel'
      FROM jsonb_array_elements($1) AS d
        ON CONFLICT (order_id, round, wave, asked) DO UPDATE
           SET at = excluded.at, considered = excluded.considered, summary = excluded.summary,
               batch_id = excluded.batch_id, travel = excluded.travel
         WHERE NOT decisions.asked
"""


async def put_many(conn: Connection, given: list[Decision], batch: Batch | None) -> None:
    """Keep what was considered, and the proof of their batch. What led to offers is never
    overwritten."""
    await conn.execute(PUT, given, [] if batch is None else [batch])


FIND_LATEST: Final = """
    SELECT order_id, round, wave, asked, at, considered, summary, batch_id, travel
      FROM decisions
     WHERE order_id = $1 AND round = $2
     ORDER BY at DESC, wave DESC, asked DESC
     LIMIT 1
"""


async def find_latest(conn: Connection, order_id: UUID, round_: int) -> Decision | None:
    """The last look at an order in a round."""
    row = await conn.fetchrow(FIND_LATEST, order_id, round_)
    if row is None:
        return None
    return _decision(row)


LIST_OF_ROUND: Final = """
    SELECT order_id, round, wave, asked, at, considered, summary, batch_id, travel
      FROM decisions
     WHERE order_id = $1 AND round = $2
     ORDER BY at, wave, asked
     LIMIT 50
"""


async def list_of_round(conn: Connection, order_id: UUID, round_: int) -> list[Decision]:
    """What was considered in a round, oldest first."""
    return [_decision(row) for row in await conn.fetch(LIST_OF_ROUND, order_id, round_)]


def _decision(row: asyncpg.Record) -> Decision:
    return Decision(
        **{
            **row,
            "considered": [_considered(one) for one in row["considered"]],
            "summary": Summary(**row["summary"]),
        }
    )


def _considered(kept: dict[str, Any]) -> Considered:
    start_at = kept["start_at"]
    return Considered(
        **{
            **kept,
            "nurse_id": UUID(kept["nurse_id"]),
            "start_at": None if start_at is None else datetime.fromisoformat(start_at),
            "refusals": [Refusal(**refusal) for refusal in kept["refusals"]],
        }
    )
