"""The sweep that asks those who pay besides the patient, once the amounts are fixed."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from dispatch import billing, database, settling
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.payers import Claim, Decision, NotDecided, Payer
from dispatch.records import bills, orders, payer_lines
from dispatch.records.payer_lines import PayerLine

log: Final = logging.getLogger(__name__)

SWEEP: Final = Caller.clock("payers")
# A payer that cannot be asked is asked again after this time, longer each time.
GAP: Final = timedelta(minutes=1)
GAP_MAX: Final = timedelta(hours=6)


async def ask_payers(pool: Pool, limit: int = 50, *, payer: Payer) -> int:
    """Ask for every line that is due, and note what was decided; returns how many were asked.

    Asking happens outside of any transaction, under an id that makes it safe to ask again.
    """
    async with pool.read(SWEEP) as conn:
        due = await payer_lines.list_ask_due(conn, limit)
    return await one_by_one(due, lambda line: _ask(pool, payer, line))


async def _ask(pool: Pool, payer: Payer, line: PayerLine) -> int:
    async with pool.read(SWEEP) as conn:
        claim = await _claim(conn, line)
    if claim is None:
        decision: Decision | None = Decision(amount_fen=0, reason="not_covered")
    else:
        try:
            decision = await payer.decide(claim)
        except NotDecided:
            log.warning("payer not reached", extra={"line_id": str(line.id)})
            decision = None
    await _note(pool, SWEEP, line.id, decision)
    return 1


async def _claim(conn: Connection, line: PayerLine) -> Claim | None:
    bill = await bills.get(conn, line.bill_id)
    covers = await billing.covers_of(conn, bill.patient_id, bill.serviced_on, bill.id)
    for cover in covers:
        if cover.coverage_id == line.coverage_id:
            return Claim(
                id=line.id,
                cover=cover,
                amount_fen=line.amount_fen,
                serviced_on=bill.serviced_on,
            )
    return None


@database.act
async def _note(conn: Connection, line_id: UUID, decision: Decision | None) -> None:
    seen = await payer_lines.get(conn, line_id)
    bill = await bills.get(conn, seen.bill_id)
    await orders.lock(conn, bill.order_id)
    bill = await bills.lock(conn, bill.id)
    line = await payer_lines.get(conn, line_id)
    now = await database.now(conn)
    if line.ask_at is None or line.ask_at > now or not bill.is_fixed:
        return
    if decision is None:
        gap = min(GAP * 2 ** min(line.attempts, 16), GAP_MAX)
        later = replace(line, ask_at=now + gap, attempts=line.attempts + 1)
        await payer_lines.put(conn, later)
        return
    await settling.decide_payer(
        conn,
        bill,
        line,
        amount_fen=decision.amount_fen,
        reason=decision.reason,
        reference=decision.reference,
    )
