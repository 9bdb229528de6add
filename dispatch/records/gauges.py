"""Figures of the whole house for whoever watches it: counts, ages of queues, how fast it has been.

Read only, as the clock. Counts of people's rows, never their contents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dispatch.database import Connection

# The history that the figures of speed are taken from: recent, and bounded whatever happens.
HISTORY_ROWS: Final = 20_000
WAVE_MAX: Final = 10

OFFERS_BY_STATE: Final = "SELECT state::text, count(*) FROM offers GROUP BY state"


async def count_offers(conn: Connection) -> dict[str, int]:
    """Offers ever sent, by what became of them."""
    return {row["state"]: row["count"] for row in await conn.fetch(OFFERS_BY_STATE)}


WAVES: Final = """
    SELECT least(wave, $1) AS wave, count(*) FROM orders WHERE state = 'open' GROUP BY 1
"""


async def count_waves(conn: Connection) -> dict[int, int]:
    """Open orders by how many waves they have needed; the last step means that many or more."""
    return {row["wave"]: row["count"] for row in await conn.fetch(WAVES, WAVE_MAX)}


FALLBACKS: Final = """
    SELECT count(*) FROM decisions
     WHERE travel ? 'instead_of' AND at > app_now() - interval '1 hour'
"""


async def count_fallbacks(conn: Connection) -> int:
    """Decisions of the last hour that went by straight lines because the road engine failed."""
    return int(await conn.fetchval(FALLBACKS))


AGES: Final = """
    WITH oldest (queue, at) AS (
        SELECT 'waves', min(next_wave_at) FROM orders
         WHERE state = 'open' AND next_wave_at IS NOT NULL
         UNION ALL
        SELECT 'offers', min(expires_at) FROM offers WHERE state = 'sent'
         UNION ALL
        SELECT 'alarms', min(next_step_at) FROM alarms WHERE state = 'raised'
         UNION ALL
        SELECT 'notices', min(next_try_at) FROM notices WHERE next_try_at IS NOT NULL
         UNION ALL
        SELECT 'events', min(created_at) FROM outbox WHERE seq IS NULL
    )
    SELECT queue, greatest(0, coalesce(extract(epoch FROM app_now() - at), 0))::float8 AS age_s
      FROM oldest
"""


async def list_ages(conn: Connection) -> dict[str, float]:
    """How many seconds the oldest due thing of each queue has waited; 0 where nothing is due."""
    return {row["queue"]: row["age_s"] for row in await conn.fetch(AGES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How long something took, of the last ones of its kind; None where there were none."""

    count: int
    median_s: float | None
    p99_s: float | None


SPEEDS: Final = """
    WITH recent AS MATERIALIZED (
        SELECT subject, order_id, move, at FROM history
         WHERE id > (SELECT coalesce(max(id), 0) FROM history) - $1
    ), approved AS (
        SELECT order_id, max(at) AS at FROM recent
         WHERE subject = 'order' AND move = 'approve' GROUP BY order_id
    ), first_told AS (
        SELECT order_id, min(at) FILTER (WHERE subject = 'offer' AND move = 'send') AS offered_at,
               min(at) FILTER (WHERE subject = 'order' AND move = 'assign') AS assigned_at
          FROM recent GROUP BY order_id
    ), took AS (
        SELECT extract(epoch FROM t.offered_at - a.at)::float8 AS to_offer_s,
               extract(epoch FROM t.assigned_at - a.at)::float8 AS to_assigned_s
          FROM approved a JOIN first_told t USING (order_id)
    )
    SELECT count(to_offer_s) AS offers,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY to_offer_s) AS offer_median_s,
           percentile_cont(0.99) WITHIN GROUP (ORDER BY to_offer_s) AS offer_p99_s,
           count(to_assigned_s) AS assigned,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY to_assigned_s) AS assigned_median_s,
           percentile_cont(0.99) WITHIN GROUP (ORDER BY to_assigned_s) AS assigned_p99_s
      FROM took
"""


async def find_speeds(conn: Connection) -> dict[str, Speed]:
    """From an order's approval to its first offer, and to its last seat filled, in app time."""
    row = await conn.fetchrow(SPEEDS, HISTORY_ROWS)
    if row is None:
        return {}
    return {
        "first_offer": Speed(
            count=row["offers"], median_s=row["offer_median_s"], p99_s=row["offer_p99_s"]
        ),
        "assigned": Speed(
            count=row["assigned"], median_s=row["assigned_median_s"], p99_s=row["assigned_p99_s"]
        ),
    }


MIGRATIONS: Final = "SELECT name FROM schema_migrations ORDER BY name"


async def list_migrations(conn: Connection) -> list[str]:
    """What was applied to this database, oldest first."""
    return [row["name"] for row in await conn.fetch(MIGRATIONS)]
