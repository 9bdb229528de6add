"""The peer of `bench.placing`: aiohttp and asyncpg that insert the rows of an order and do no more.

No token, no rule, no sealing, no row-level security: one statement, one answer. Whatever it writes
is a copy of what the API wrote for one real order, with other ids.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from aiohttp import web

# It knows no tokens: this header says who orders.
ACCOUNT: Final = "Bench-Account"

# Every row that POST /v1/orders writes, in the fewest statements. The ids are the server's, so that
# pgbench can run the same text.
INSERT: Final = """
    WITH placed AS (
        INSERT INTO orders (id, account_id, patient_id, address_id, county, service_codes, seats,
                            earliest, latest, duration_min, urgency, state, promise_at, price_fen,
                            price_lines, pay_fen, preferences, preconditions, consent, channel,
                            notes_sealed)
        SELECT uuidv7(), $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text[], $6::smallint,
               $7::timestamptz, $8::timestamptz, $9::int, $10::urgency, 'submitted',
               $11::timestamptz, $12::int, $13::jsonb, $14::int, $15::jsonb, $16::text[],
               $17::jsonb, $18::text, $19::bytea
        RETURNING id, account_id
    ), told AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role,
                             actor_id, request_id)
        SELECT 'order', id, id, 1, 'place', 'submitted', 'patient', account_id, $20::text
          FROM placed
    ), billed AS (
        INSERT INTO bills (id, order_id, account_id, patient_id, state, mode, tariff_id, lines,
                           total_fen, payers_fen, serviced_on)
        SELECT uuidv7(), id, account_id, $2::uuid, 'estimated', $25::text, $26::uuid, $27::jsonb,
               $28::int, $29::int, $30::date
          FROM placed
        RETURNING id, order_id, account_id
    ), told_of_it AS (
        INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role,
                             actor_id, request_id)
        SELECT 'bill', id, order_id, 1, 'estimate', 'estimated', 'patient', account_id, $20::text
          FROM billed
    ), said AS (
        INSERT INTO outbox (event, order_id, account_ids, data)
        SELECT 'order.submitted', id, ARRAY[account_id], $21::jsonb FROM placed
    ), noted AS (
        INSERT INTO audit (actor_id, actor_role, action, subject_kind, subject_id, person_id,
                           request_id, detail)
        SELECT account_id, 'patient', 'order.place', 'order', id, $2::uuid, $20::text, $22::jsonb
          FROM placed
    ), kept AS (
        INSERT INTO retry_keys (account_id, method, path, key, fingerprint, status, answer_sealed)
        SELECT account_id, 'POST', '/v1/orders', id::text, $23::bytea, 201, $24::bytea FROM placed
    )
    SELECT id FROM placed
"""
READ_ORDER: Final = "SELECT * FROM orders WHERE id = $1"
READ_REST: Final = """
    SELECT h.request_id, e.data AS event_data, a.detail AS audit_detail, r.fingerprint,
           r.answer_sealed, b.mode, b.tariff_id, b.lines, b.total_fen, b.payers_fen, b.serviced_on
      FROM history h, outbox e, audit a, retry_keys r, bills b
     WHERE h.subject_id = $1 AND e.order_id = $1 AND a.subject_id = $1 AND b.order_id = $1
       AND r.account_id = h.actor_id AND r.path = '/v1/orders'
"""
FROM_ORDER: Final = (
    "county",
    "service_codes",
    "seats",
    "earliest",
    "latest",
    "duration_min",
    "urgency",
    "promise_at",
    "price_fen",
    "price_lines",
    "pay_fen",
    "preferences",
    "preconditions",
    "consent",
    "channel",
    "notes_sealed",
)
FROM_REST: Final = (
    "request_id",
    "event_data",
    "audit_detail",
    "fingerprint",
    "answer_sealed",
    "mode",
    "tariff_id",
    "lines",
    "total_fen",
    "payers_fen",
    "serviced_on",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One real order's rows, but for who ordered; in the order of INSERT's arguments from $4."""

    values: tuple[Any, ...]

    @classmethod
    async def of(cls, conn: asyncpg.Connection, order_id: UUID) -> Sample:
        """What the API wrote for this order. Raises `LookupError`."""
        order = await conn.fetchrow(READ_ORDER, order_id)
        rest = await conn.fetchrow(READ_REST, order_id)
        if order is None or rest is None:
            raise LookupError(f"order {order_id} has not all its rows")
        return cls(
            values=(*(order[name] for name in FROM_ORDER), *(rest[name] for name in FROM_REST))
        )

    def script(self, who: Mapping[str, UUID]) -> str:
        """INSERT with its values written out, for pgbench."""
        given = (who["account_id"], who["patient_id"], who["address_id"], *self.values)
        text = INSERT
        for number in range(len(given), 0, -1):
            text = text.replace(f"${number}::", f"{_literal(given[number - 1])}::")
        return " ".join(text.split()) + ";\n"


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bytes():
            return f"'\\x{value.hex()}'"
        case list():
            return _literal("{" + ",".join(map(str, value)) + "}")
        case int():
            return str(value)
        case _:
            return "'" + str(value).replace("'", "''") + "'"


async def serve(dsn: str, port: int, order_id: UUID, *, pool_size: int) -> None:
    """Answer POST /v1/orders until the process is ended."""
    pool = await asyncpg.create_pool(dsn, min_size=2, max_size=pool_size, reset=_nothing)
    values = await _values(dsn, order_id)

    async def place(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        placed = await pool.fetchval(
            INSERT,
            UUID(request.headers[ACCOUNT]),
            UUID(body["patient_id"]),
            UUID(body["address_id"]),
            *values,
        )
        return web.Response(
            status=201,
            body=orjson.dumps({"id": str(placed)}),
            content_type="application/json",
        )

    app = web.Application()
    app.router.add_post("/v1/orders", place)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    await asyncio.Event().wait()


async def _values(dsn: str, order_id: UUID) -> tuple[Any, ...]:
    conn = await asyncpg.connect(dsn)
    try:
        return (await Sample.of(conn, order_id)).values
    finally:
        await conn.close()


async def _nothing(_: asyncpg.Connection) -> None:
    """A connection goes back as it is: it holds nothing of a session."""


def main() -> None:
    """Run the peer; `bench.placing` does."""
    parser = argparse.ArgumentParser(prog="python -m bench.bare", description=__doc__)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--order", type=UUID, required=True, help="whose rows are copied")
    parser.add_argument("--pool-size", type=int, default=12)
    given = parser.parse_args()
    asyncio.run(serve(given.dsn, given.port, given.order, pool_size=given.pool_size))


if __name__ == "__main__":
    main()
