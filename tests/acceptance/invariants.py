"""What must never be found in the database, whatever has happened; asked as its owner.

Each question is one query whose rows are the violations; a grace is in seconds of real time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

SHOWN: Final = 5
SETTLE_S: Final = 20
ASK_EVERY_S: Final = 0.5

# What a sweep has a tick or two for: with the clock's speed this becomes the database's time.
GRACE_S: Final = 3.0
SEALED_WITHIN_S: Final = 5.0

NEVER: Final[Mapping[str, str]] = {
    "two winners of a seat": """
        SELECT order_id, round, seat, count(*) FROM offers WHERE state = 'accepted'
         GROUP BY order_id, round, seat HAVING count(*) > 1
        UNION ALL
        SELECT order_id, round, seat, count(*) FROM visits
         WHERE state NOT IN ('released', 'cancelled')
         GROUP BY order_id, round, seat HAVING count(*) > 1
    """,
    "an accepted offer without its visit": """
        SELECT f.id FROM offers f
         WHERE f.state = 'accepted' AND (SELECT count(*) FROM visits v WHERE v.offer_id = f.id) <> 1
    """,
    "a nurse with two seats of an order": """
        SELECT order_id, round, nurse_id FROM visits WHERE state NOT IN ('released', 'cancelled')
         GROUP BY order_id, round, nurse_id HAVING count(*) > 1
    """,
    "an assigned order without its visits": """
        SELECT o.id, o.state, o.seats FROM orders o
         WHERE o.state IN ('assigned', 'fulfilled')
           AND o.seats <> (SELECT count(*) FROM visits v
                            WHERE v.order_id = o.id AND v.round = o.round
                              AND v.state NOT IN ('released', 'cancelled'))
    """,
    "an assigned order on which nobody is": """
        SELECT o.id FROM orders o
         WHERE o.state = 'assigned'
           AND NOT EXISTS (SELECT FROM visits v
                            WHERE v.order_id = o.id AND v.round = o.round
                              AND v.state IN ('scheduled', 'en_route', 'arrived', 'in_service'))
    """,
    "a fulfilled order with an unfinished visit": """
        SELECT o.id FROM orders o JOIN visits v ON v.order_id = o.id AND v.round = o.round
         WHERE o.state = 'fulfilled' AND v.state NOT IN ('completed', 'released', 'cancelled')
    """,
    "a visit going on for an order that is not": """
        SELECT v.id, v.state, o.state FROM visits v JOIN orders o ON o.id = v.order_id
         WHERE v.state IN ('scheduled', 'en_route', 'arrived', 'in_service')
           AND (o.state NOT IN ('open', 'held', 'assigned') OR v.round <> o.round)
    """,
    "a nurse in two places": """
        WITH presence AS (
            SELECT id, nurse_id, state,
                   CASE WHEN state IN ('scheduled', 'en_route', 'arrived', 'in_service')
                        THEN busy END AS planned,
                   tstzrange(started_at, greatest(started_at, coalesce(ended_at, app_now())))
                       AS stay
              FROM visits
        )
        SELECT a.nurse_id, a.id, a.state, a.stay, a.planned,
               b.id AS other, b.state AS other_state, b.stay AS other_stay, b.planned AS other_plan
          FROM presence a JOIN presence b ON b.nurse_id = a.nurse_id AND b.id > a.id
         WHERE a.planned && b.planned
            OR NOT (lower_inf(a.stay) OR lower_inf(b.stay)) AND a.stay && b.stay
    """,
    "an offer open past its time": """
        SELECT id, order_id, expires_at FROM offers
         WHERE state = 'sent' AND expires_at < app_now() - $1::interval
    """,
    "an offer open for an order that asks nobody": """
        SELECT f.id, o.state, f.round, o.round FROM offers f JOIN orders o ON o.id = f.order_id
         WHERE f.state = 'sent' AND (o.state NOT IN ('open', 'held') OR f.round <> o.round)
    """,
    "an open order that nothing will wake": """
        SELECT id FROM orders WHERE state = 'open' AND next_wave_at IS NULL
    """,
    "a wave that was due and did not go out": """
        SELECT id, next_wave_at FROM orders
         WHERE state = 'open' AND next_wave_at < app_now() - $1::interval
    """,
    "an order open past its window": """
        SELECT id, state, latest FROM orders
         WHERE state IN ('submitted', 'open', 'held') AND latest < app_now() - $1::interval
    """,
    "a visit that should have been given up": """
        SELECT id, miss_at FROM visits
         WHERE state IN ('scheduled', 'en_route') AND miss_at < app_now() - $1::interval
    """,
    "an overdue visit without an alarm": """
        SELECT v.id FROM visits v
         WHERE v.state IN ('arrived', 'in_service') AND v.overdue_at < app_now() - $1::interval
           AND NOT EXISTS (SELECT FROM alarms a WHERE a.visit_id = v.id AND a.kind = 'overdue')
    """,
    "a state without its history": """
        WITH subjects AS (
            SELECT id, state::text, version FROM orders
            UNION ALL SELECT id, state::text, version FROM offers
            UNION ALL SELECT id, state::text, version FROM visits
            UNION ALL SELECT id, state::text, version FROM alarms
        )
        SELECT s.id, s.state, s.version, h.to_state, h.version
          FROM subjects s
          LEFT JOIN LATERAL (SELECT to_state, version FROM history
                              WHERE subject_id = s.id ORDER BY version DESC LIMIT 1) h ON true
         WHERE h.to_state IS DISTINCT FROM s.state OR h.version > s.version
    """,
    "a history with a gap": """
        WITH told AS (
            SELECT subject, subject_id, version, from_state, to_state,
                   lag(to_state) OVER (PARTITION BY subject_id ORDER BY version) AS before
              FROM history
        )
        SELECT subject, subject_id, version, before, from_state FROM told
         WHERE from_state IS DISTINCT FROM before
    """,
    "a move that the lifecycle does not have": """
        SELECT h.subject, h.move, h.from_state, h.to_state FROM history h
         WHERE h.from_state IS NOT NULL
           AND NOT EXISTS (SELECT FROM lifecycle_moves m
                            WHERE (m.subject, m.move, m.from_state, m.to_state)
                                = (h.subject, h.move, h.from_state, h.to_state))
    """,
    "a step of an order that nobody was told of": """
        SELECT h.order_id, h.to_state, count(*) FROM history h WHERE h.subject = 'order'
         GROUP BY h.order_id, h.to_state
        HAVING count(*) > (SELECT count(*) FROM outbox e
                            WHERE e.order_id = h.order_id AND e.event = 'order.' || h.to_state)
    """,
    "a step of a visit that nobody was told of": """
        SELECT h.subject_id, h.to_state FROM history h
         WHERE h.subject = 'visit'
           AND NOT EXISTS (SELECT FROM outbox e
                            WHERE e.order_id = h.order_id AND e.event = 'visit.' || h.to_state
                              AND e.data->>'visit_id' = h.subject_id::text)
    """,
    "an offer that its nurse was not told of": """
        SELECT f.id FROM offers f
         WHERE NOT EXISTS (SELECT FROM outbox e
                            WHERE e.order_id = f.order_id AND e.event = 'offer.created'
                              AND e.data->>'offer_id' = f.id::text
                              AND e.account_ids = ARRAY[(SELECT a.id FROM accounts a
                                                          WHERE a.nurse_id = f.nurse_id)])
    """,
    "an event that waits for its number": """
        SELECT id, event FROM outbox WHERE seq IS NULL AND created_at < app_now() - $1::interval
    """,
    "a notice sent twice": """
        SELECT account_id, template, order_id, dedupe, count(*) FROM notices
         GROUP BY account_id, template, order_id, dedupe HAVING count(*) > 1
    """,
    "a retry key without its answer": """
        SELECT method, path, key FROM retry_keys WHERE status IS NULL
    """,
    "an audit row that is not sealed": """
        SELECT a.id, a.action FROM audit a
         WHERE a.recorded_at < clock_timestamp() - $1::interval
           AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = a.id)
    """,
}

INTERVAL: Final = """
    SELECT make_interval(secs => $1::float8 * CASE WHEN $2 THEN scale ELSE 1 END) FROM app_clock
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A question that was answered with rows, and the first of them."""

    what: str
    count: int
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.what}: {self.count}, such as {self.rows}"


async def violations(owner: asyncpg.Connection) -> list[Finding]:
    """All that is wrong at this moment."""
    late = await owner.fetchval(INTERVAL, GRACE_S, True)
    unsealed = await owner.fetchval(INTERVAL, SEALED_WITHIN_S, False)
    found = []
    for what, query in NEVER.items():
        grace = unsealed if "clock_timestamp" in query else late
        rows = await owner.fetch(query, *([grace] if "$1" in query else []))
        if rows:
            shown = [dict(row) for row in rows[:SHOWN]]
            found.append(Finding(what=what, count=len(rows), rows=shown))
    return found


async def settled(owner: asyncpg.Connection) -> list[Finding]:
    """The same once sweeps that lag behind on a busy machine have had their time; empty is well.

    Most of what is asked is wrong at any moment; only deadlines that were passed may still be kept.
    """
    deadline = asyncio.get_running_loop().time() + SETTLE_S
    while True:
        found = await violations(owner)
        if not found or asyncio.get_running_loop().time() > deadline:
            return found
        await asyncio.sleep(ASK_EVERY_S)


UNDER_WAY: Final = """
    SELECT id, state FROM orders
     WHERE state IN ('submitted', 'open', 'held', 'assigned')
     ORDER BY id
"""


async def list_under_way(owner: asyncpg.Connection) -> dict[str, str]:
    """The orders that have not ended."""
    return {str(row["id"]): row["state"] for row in await owner.fetch(UNDER_WAY)}
