"""What the crowd was told had been done, kept outside of all that dies, and held against the
database: an answer is kept with the act that it tells of, so either both are there or neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from demo.crowd.client import Answer

ORDERS: Final = "/v1/orders"


class Receipt(NamedTuple):
    """A write that was answered with success."""

    method: str
    path: str
    key: str


KEPT: Final = """
    SELECT method, path, key, status FROM retry_keys
"""
LOST_ORDERS: Final = """
    SELECT told.id FROM unnest($1::uuid[]) AS told (id)
     WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = told.id)
"""
TWICE: Final = """
    SELECT (SELECT count(*) FROM orders)
         - (SELECT count(*) FROM retry_keys WHERE method = 'POST' AND path = $1) AS too_many
"""


@dataclass(slots=True, kw_only=True)
class Receipts:
    """Hear every final answer of a `Wire`."""

    kept: dict[Receipt, int] = field(default_factory=dict)
    orders: list[UUID] = field(default_factory=list)

    def hear(self, method: str, path: str, headers: Mapping[str, str], answer: Answer) -> None:
        key = headers.get("Idempotency-Key")
        if key is None or not 200 <= answer.status < 300:
            return
        receipt = Receipt(method, urlsplit(path).path, key)
        self.kept[receipt] = answer.status
        if (method, receipt.path) == ("POST", ORDERS):
            self.orders.append(UUID(answer.json()["id"]))

    async def compare(self, owner: asyncpg.Connection) -> dict[str, Any]:
        """Receipts without their act, orders that are gone, orders that nobody's key has made."""
        found = {
            Receipt(row["method"], row["path"], row["key"]): row["status"]
            for row in await owner.fetch(KEPT)
        }
        lost = [receipt for receipt, status in self.kept.items() if found.get(receipt) != status]
        gone = await owner.fetch(LOST_ORDERS, self.orders)
        return {
            "acknowledged": len(self.kept),
            "orders": len(self.orders),
            "lost": len(lost),
            "lost_by_route": dict(Counter(_shape(one) for one in lost).most_common()),
            "orders_gone": len(gone),
            "orders_told_twice": len(self.orders) - len(set(self.orders)),
            "orders_without_a_request": await owner.fetchval(TWICE, ORDERS),
        }


def _shape(receipt: Receipt) -> str:
    parts = ("{id}" if part.count("-") == 4 else part for part in receipt.path.split("/"))
    return f"{receipt.method} {'/'.join(parts)}"
