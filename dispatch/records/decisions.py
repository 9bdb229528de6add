"""The `decisions` table: what the matcher considered for each wave, with verdicts and numbers.

Ids, codes and numbers only; words are made when it is read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.records.batches import Batch

Nearest = tuple[str, Any]
"""The kind of a change, and its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Which rule refused a nurse, what it found and what it wanted."""

    rule: str
    value: Any
    threshold: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One nurse: ranked with her cost, or refused with the reasons.

    `chance` is that of her accepting, where it was learned; `seats` are those for which she could
    be asked at that moment.
    """

    nurse_id: UUID
    distance_m: int
    rank: int | None = None
    cost: float | None = None
    parts: dict[str, float] | None = None
    start_at: datetime | None = None
    travel_s: int | None = None
    refusals: list[Refusal] = field(default_factory=list)
    chance: float | None = None
    seats: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """How many were asked for each of the empty seats, and from what that follows: see
    `waves.Reach`."""

    seats: list[int]
    size: int
    waves: int | None
    target: float
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What became of all who were considered: `counts` says how many fell to each rule. `wave` is
    None where nobody was asked, or the preferred nurse alone."""

    considered: int
    eligible: int
    counts: dict[str, int]
    alternatives: list[str]
    alert: str | None = None
    wave: Wave | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One look at an order, of a wave that went out (`asked`) or of one that had nobody to ask.

    `considered` is bounded: the best by rank, then a sample of the refused for each reason.
    `batch_id` names the batch in which it was decided, if somebody was asked from it.
    `travel` tells by what ways were measured; see `dispatch/ways.py`.
    `nearest` says for a nurse, by her id, what would have had to be otherwise, and by how much.
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
    nearest: dict[str, Nearest] = field(default_factory=dict)


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
                                problem, proof, digest)
           SELECT b.id, b.at, b.orders, b.seats, b.orders_served, b.seats_filled, b.cost, b.penalty,
                  b.bound, b.unit, b.refuted, b.greedy_served, b.greedy_cost, b.competences,
                  b.problem, b.proof, b.digest
             FROM jsonb_populate_recordset(NULL::batches, $2) AS b)
    INSERT INTO decisions (order_id, round, wave, asked, at, considered, summary, batch_id,
                           travel, nearest)
    SELECT (d ->> 'order_id')::uuid, (d ->> 'round')::int, (d ->> 'wave')::int,
           (d ->> 'asked')::boolean, (d ->> 'at')::timestamptz, d -> 'considered', d -> 'summary',
           (d ->> 'batch_id')::uuid, d -> 'travel', d -> 'nearest'
      FROM jsonb_array_elements($1) AS d
        ON CONFLICT (order_id, round, wave, asked) DO UPDATE
           SET at = excluded.at, considered = excluded.considered, summary = excluded.summary,
               batch_id = excluded.batch_id, travel = excluded.travel,
               nearest = excluded.nearest
         WHERE NOT decisions.asked
"""


async def put_many(conn: Connection, given: list[Decision], batch: Batch | None) -> None:
    """Keep what was considered, and the proof of their batch. What led to offers is never
    overwritten."""
    await conn.execute(PUT, given, [] if batch is None else [batch])


FIND_LATEST: Final = """
    SELECT order_id, round, wave, asked, at, considered, summary, batch_id, travel, nearest
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
    SELECT order_id, round, wave, asked, at, considered, summary, batch_id, travel, nearest
      FROM decisions
     WHERE order_id = $1 AND round = $2
     ORDER BY at, wave, asked
     LIMIT 50
"""


async def list_of_round(conn: Connection, order_id: UUID, round_: int) -> list[Decision]:
    """What was considered in a round, oldest first."""
    return [_decision(row) for row in await conn.fetch(LIST_OF_ROUND, order_id, round_)]


class Choice(NamedTuple):
    """Why the nurse who fills a seat was asked, and how many could have come."""

    why: list[dict[str, Any]]
    eligible: int | None


LIST_CHOICES: Final = """
    SELECT f.order_id, f.seat, f.nurse_id, f.why, (d.summary ->> 'eligible')::int AS eligible
      FROM offers f
      JOIN orders o ON o.id = f.order_id AND o.round = f.round
      LEFT JOIN decisions d ON d.order_id = f.order_id AND d.round = f.round
                           AND d.wave = f.wave AND d.asked
     WHERE f.order_id = ANY ($1) AND f.state = 'accepted'
"""


async def list_choices(
    conn: Connection, order_ids: Collection[UUID]
) -> dict[tuple[UUID, int, UUID], Choice]:
    """By order, seat and nurse, for those who have accepted in the present round.

    Read as the clock: the patient may know why, and may read neither offers nor decisions.
    """
    if not order_ids:
        return {}
    async with conn.as_clock():
        rows = await conn.fetch(LIST_CHOICES, list(order_ids))
    return {
        (row["order_id"], row["seat"], row["nurse_id"]): Choice(row["why"], row["eligible"])
        for row in rows
    }


class Glance(NamedTuple):
    """A decision by which somebody was asked, as one nurse may look at it: her line of it, if she
    was considered, what became of an offer to her, and what the order was for."""

    at: datetime
    order_id: UUID
    line: Considered | None
    nearest: Nearest | None
    eligible: int
    county: str
    service_codes: list[str]
    earliest: datetime
    offer_id: UUID | None
    offer_state: str | None
    why: list[dict[str, Any]] | None


# Orders of her institution's counties; the last decision on each of those looked at.
LIST_OF_NURSE: Final = """
    SELECT d.at, d.order_id,
           jsonb_path_query_first(d.considered, '$[*] ? (@.nurse_id == $id)',
                                  jsonb_build_object('id', $1::uuid)) AS line,
           d.nearest -> ($1::uuid)::text AS nearest, (d.summary ->> 'eligible')::int AS eligible,
           o.county, o.service_codes, o.earliest, f.id AS offer_id, f.state::text AS offer_state,
           f.why
      FROM decisions d
      JOIN orders o ON o.id = d.order_id
      LEFT JOIN offers f ON f.order_id = d.order_id AND f.round = d.round AND f.wave = d.wave
                        AND f.nurse_id = $1
     WHERE d.asked AND d.at > app_now() - make_interval(days => $2)
       AND ($3::timestamptz IS NULL OR (d.at, d.order_id) < ($3, $4::uuid))
       AND o.county = ANY (SELECT unnest(i.counties) FROM institutions i
                             JOIN nurses n ON n.institution_id = i.id WHERE n.id = $1)
     ORDER BY d.at DESC, d.order_id DESC
     LIMIT $5
"""


async def list_of_nurse(
    conn: Connection,
    nurse_id: UUID,
    *,
    days: int,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Glance]:
    """Decisions of the last `days` near a nurse's work, newest first, whether or not she was
    considered in them."""
    at, order_id = before or (None, None)
    rows = await conn.fetch(LIST_OF_NURSE, nurse_id, days, at, order_id, limit)
    return [
        Glance(
            **{
                **row,
                "line": None if row["line"] is None else _considered(row["line"]),
                "nearest": None if row["nearest"] is None else tuple(row["nearest"]),
            }
        )
        for row in rows
    ]


def _decision(row: asyncpg.Record) -> Decision:
    return Decision(
        **{
            **row,
            "considered": [_considered(one) for one in row["considered"]],
            "summary": _summary(row["summary"]),
            "nearest": {nurse: tuple(change) for nurse, change in row["nearest"].items()},
        }
    )


def _summary(kept: dict[str, Any]) -> Summary:
    wave = kept.get("wave")
    return Summary(**{**kept, "wave": None if wave is None else Wave(**wave)})


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
