"""The `batches` table: orders that were decided together, with the proof that nothing is better.

Ids and whole numbers only; a row is written with its decisions (`decisions.put_many`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

import asyncpg

from dispatch.database import Connection

Priced = list[tuple[int, int]]
"""Places of nurses in `Problem.nurses`, each with a cost or a price in thousandths."""


class Wanting(TypedDict):
    """An order of a batch, what each nurse would cost, and the places of those named for it."""

    order_id: UUID
    seats: int
    weight: int
    needs: list[str]
    costs: Priced
    named: list[int]


class Problem(TypedDict):
    """What was decided on: `costs` and `named` are by the place in `nurses`."""

    nurses: list[UUID]
    orders: list[Wanting]


class Case(TypedDict):
    """A case that the solver distinguished: places of orders in `Problem.orders`, and prices."""

    forced: list[int]
    dropped: list[int]
    prices: Priced


class Proof(TypedDict):
    """The prices of the batch as a whole, and those of each case that make its bound."""

    prices: Priced
    cases: list[Case]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All costs, prices and bounds are thousandths of a minute of travel.

    `unit` is what an order of weight 1 that is left out counts. It is None where the check found
    something wrong, which `refuted` names. `competences` are the prices of those that are scarce,
    None where nobody has one. `digest` is of all the rest, None in rows of before it was kept.
    """

    id: UUID
    at: datetime
    orders: int
    seats: int
    orders_served: int
    seats_filled: int
    cost: int
    penalty: int
    bound: int
    unit: int | None
    refuted: str | None
    greedy_served: int
    greedy_cost: int
    competences: dict[str, int | None]
    problem: Problem
    proof: Proof
    digest: str | None = None


LIST: Final = """
    SELECT id, at, orders, seats, orders_served, seats_filled, cost, penalty, bound, unit, refuted,
           greedy_served, greedy_cost, competences, problem, proof, digest
      FROM batches
     WHERE $1::uuid IS NULL OR id < $1
     ORDER BY id DESC
     LIMIT $2
"""


async def list_newest(conn: Connection, *, before: UUID | None, limit: int) -> list[Batch]:
    """The batches before one, newest first."""
    return [_batch(row) for row in await conn.fetch(LIST, before, limit)]


LIST_OF_ORDER: Final = """
    SELECT id, at, orders, seats, orders_served, seats_filled, cost, penalty, bound, unit, refuted,
           greedy_served, greedy_cost, competences, problem, proof, digest
      FROM batches
     WHERE id IN (SELECT batch_id FROM decisions WHERE order_id = $1)
       AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC
     LIMIT $3
"""


async def list_of_order(
    conn: Connection, order_id: UUID, *, before: UUID | None, limit: int
) -> list[Batch]:
    """The batches in which somebody was asked for this order, newest first."""
    return [_batch(row) for row in await conn.fetch(LIST_OF_ORDER, order_id, before, limit)]


PRUNE: Final = """
    DELETE FROM batches WHERE id IN (
        SELECT id FROM batches WHERE at < app_now() - make_interval(days => $1) LIMIT $2)
"""


async def prune(conn: Connection, keep_days: int, limit: int) -> str:
    """Drop up to `limit` batches older than `keep_days`."""
    return await conn.execute(PRUNE, keep_days, limit)


def _batch(row: asyncpg.Record) -> Batch:
    problem = row["problem"]
    return Batch(
        **{
            **row,
            "problem": {
                "nurses": [UUID(nurse) for nurse in problem["nurses"]],
                "orders": [
                    {**order, "order_id": UUID(order["order_id"])} for order in problem["orders"]
                ],
            },
        }
    )
