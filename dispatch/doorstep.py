"""Nobody answers the door: how long she waits, what she tries, and what an ending without blame is.

Runs inside the acts of the visit. It refuses only where the setting `door_rule` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config.settings import Settings
from dispatch import billing, incentives
from dispatch.database import Connection
from dispatch.errors import RuleRefused
from dispatch.lifecycles import VisitState
from dispatch.pricing import VISIT_FEE
from dispatch.records import ledger, visit_facts
from dispatch.records.orders import Order
from dispatch.records.visits import Visit

NOBODY_HOME: Final = "nobody_home"
STEP: Final = "door_attempt"
# Stands on a visit whose nurse waited and tried, so that the ending is nobody's fault.
PROVEN: Final = "nobody_home_proven"
AT_THE_DOOR: Final = frozenset({"rang", "knocked"})
BY_PHONE: Final = frozenset({"called_patient", "called_second"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to be let in."""

    at: datetime
    kind: str


def wait_until(visit: Visit, settings: Settings) -> datetime:
    """She comes early at her own expense: the wait counts from the planned start, or from later."""
    since = max(visit.arrived_at or visit.planned_start, visit.planned_start)
    return since + timedelta(minutes=settings.door_wait_min)


async def list_attempts(conn: Connection, visit: Visit) -> list[Attempt]:
    """What was tried at the door, in the order in which it came in; nothing after erasure."""
    facts = [one for one in await visit_facts.list_of_visit(conn, visit.id) if one.step == STEP]
    said = await visit_facts.open_bodies(conn, visit.patient_id, facts)
    return [Attempt(at=fact.at, kind=said[fact.id]["kind"]) for fact in facts if fact.id in said]


async def judge(conn: Connection, visit: Visit, at: datetime) -> list[str]:
    """What speaks for and against an ending because nobody is there, as flags.

    Raises `RuleRefused` where the installation refuses one without the wait or the tries.
    """
    missing = []
    if visit.state is not VisitState.ARRIVED or at < wait_until(visit, conn.settings):
        missing.append("short_wait")
    kinds = {attempt.kind for attempt in await list_attempts(conn, visit)}
    if not (kinds & AT_THE_DOOR and kinds & BY_PHONE):
        missing.append("no_door_evidence")
    if missing and conn.settings.door_rule == "refuse" and visit.state is VisitState.ARRIVED:
        raise RuleRefused(*((("body", "reason"), fault) for fault in missing))
    return missing or [PROVEN]


def is_proven(visit: Visit) -> bool:
    """Whether the visit ended at a closed door, and its nurse did what she could."""
    return visit.end_reason == NOBODY_HOME and PROVEN in visit.flags


async def pay_travel(conn: Connection, order: Order, visit: Visit) -> None:
    """She came for nothing: the fund pays her way, the patient does not."""
    amount_fen = conn.settings.door_travel_fen
    if not amount_fen or not is_proven(visit):
        return
    async with conn.as_clock():
        bill = await billing.hold(conn, order)
        await ledger.post(
            conn,
            bill.id,
            "travel",
            {("nurse", str(visit.nurse_id)): -amount_fen, ("fund", incentives.FUND): amount_fen},
        )


def fee_fen(order: Order, settings: Settings) -> int:
    """What of the visit fee is owed when the order ends at a closed door, by the policy."""
    fee: int = sum(line["amount_fen"] for line in order.price_lines if line["kind"] == VISIT_FEE)
    return fee * settings.no_answer_fee_percent // 100


def closing(order: Order, now: datetime) -> dict[str, Any]:
    """Why the order ended, and the same time on the next day, to order again with one tap."""
    days = timedelta(days=max(1, (now - order.earliest).days + 1))
    return {
        "at": now.isoformat(),
        "reason": NOBODY_HOME,
        "next_window": {
            "earliest": (order.earliest + days).isoformat(),
            "latest": (order.latest + days).isoformat(),
        },
    }
