"""Paying nurses more for an order that nobody takes: from a fund, never from the patient's price.

Capped by order, day and fund, and every grant is a row with its reason. Off by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.records import incentive_grants, ledger
from dispatch.records.incentive_grants import Grant
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching.inputs import local_date

FUND: Final = "platform"
REASON: Final = "unfilled"
# Two waves are asked at the usual pay; from the third on the fund helps.
FROM_WAVE: Final = 3


async def grant(conn: Connection, order: Order, wave: int, seats: int, now: datetime) -> int:
    """What each nurse of this wave gets above the order's pay, in fen; granted and logged.

    Each further wave adds a step, as far as the limits of order, day and fund leave room for all
    empty seats. The caller is the one sender of waves at a time.
    """
    settings = conn.settings
    if not settings.incentive_step_fen or wave < FROM_WAVE or seats < 1:
        return 0
    wished_fen = settings.incentive_step_fen * (wave - FROM_WAVE + 1)
    spent = await incentive_grants.get_spent(conn, FUND, order.id, order.round, local_date(now))
    room_fen = min(
        settings.incentive_order_limit_fen,
        settings.incentive_day_limit_fen - spent.day_fen,
        settings.incentive_fund_limit_fen - spent.fund_fen,
    )
    amount_fen = min(wished_fen, max(0, room_fen) // seats)
    if amount_fen <= spent.order_fen:
        return spent.order_fen
    await incentive_grants.insert(
        conn,
        Grant(
            id=new_id(),
            order_id=order.id,
            round=order.round,
            wave=wave,
            fund=FUND,
            reason=REASON,
            amount_fen=amount_fen,
            seats=seats,
            granted_on=local_date(now),
            created_at=now,
        ),
    )
    return amount_fen


async def book(conn: Connection, bill_id: UUID, order: Order, came: Sequence[Visit]) -> None:
    """Book what those who came are paid above the order's pay: of the fund, not of the patient."""
    extra = {
        ("nurse", str(visit.nurse_id)): order.pay_fen - visit.pay_fen  # a credit: it is owed to her
        for visit in came
        if visit.pay_fen > order.pay_fen
    }
    if extra:
        await ledger.post(
            conn, bill_id, "incentive", {**extra, ("fund", FUND): -sum(extra.values())}
        )
