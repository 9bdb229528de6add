"""Visits whose nurse is not coming: she is asked, the operators are told, another nurse is sought.

Nobody is taken off a visit before she is late, nor where seeking another nurse would not help the
patient. That somebody else would be nearer makes no difference.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch import arriving, consequences, database, worries
from dispatch.acts import run_visit
from dispatch.arriving import Doubt
from dispatch.batches import one_by_one
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.records import accounts, arrival_watches, events, orders, visits
from dispatch.records.alarms import Alarm
from dispatch.records.arrival_watches import ArrivalWatch
from dispatch.records.orders import Order
from dispatch.records.visits import Visit

SWEEP: Final = Caller.clock("arrivals")


async def watch_arrivals(pool: Pool, limit: int = 50) -> int:
    """Look at the nurses on their way who are due to be looked at."""
    async with pool.read(SWEEP) as conn:
        due = await arrival_watches.list_due(conn, limit)
    return await one_by_one(due, lambda visit_id: _look(pool, SWEEP, visit_id))


@database.act
async def _look(conn: Connection, visit_id: UUID) -> int:
    order, visit = await run_visit.hold(conn, visit_id)
    watch, now = await arrival_watches.lock(conn, visit_id), await database.now(conn)
    if watch is None or watch.due_at is None or watch.due_at > now:
        return 0
    if visit.state is not VisitState.EN_ROUTE:
        await arrival_watches.set_stage(conn, visit.id, watch.stage, None)
        return 1
    due = arriving.next_doubt(watch, visit.eta or now, visit.planned_start, conn.settings)
    if due is None or due.at > now:
        if watch.stage > 0:
            await _calm(conn, order, visit)
        await arrival_watches.set_stage(conn, visit.id, 0, None if due is None else due.at)
        return 1
    await _act(conn, order, visit, watch, due.doubt, now)
    return 1


async def _act(
    conn: Connection, order: Order, visit: Visit, watch: ArrivalWatch, doubt: Doubt, now: datetime
) -> None:
    """One stage further; the next one follows if she is still not coming by then."""
    grace = timedelta(minutes=conn.settings.arrival_grace_min)
    await visits.add_flags(conn, visit.id, [doubt.value])
    if watch.stage == 0:
        await _ask(conn, visit)
        await arrival_watches.set_stage(conn, visit.id, 1, now + grace)
    elif watch.stage == 1:
        await _tell(conn, order, visit, now)
        late_at = visit.planned_start + timedelta(minutes=conn.settings.late_arrival_min)
        await arrival_watches.set_stage(conn, visit.id, 2, max(now + grace, late_at))
    else:
        await give_up_early(conn, order, visit, now)
        await arrival_watches.set_stage(conn, visit.id, 2, None)


async def give_up_early(conn: Connection, order: Order, visit: Visit, now: datetime) -> None:
    """Let the clock miss the visit now, if there is still time to find another nurse for it.

    Else it stays as it is: who comes late is better than nobody.
    """
    if order.latest - now >= timedelta(minutes=conn.settings.replan_lead_min):
        await visits.give_up(conn, visit.id, now)


async def _ask(conn: Connection, visit: Visit) -> None:
    nurse = (await accounts.ids_of_nurses(conn, [visit.nurse_id])).get(visit.nurse_id)
    await events.insert(
        conn,
        f"visit.{visit.state.value}",
        {"visit_id": str(visit.id), "order_id": str(visit.order_id), "nudge": 1},
        order_id=visit.order_id,
        account_ids=[nurse] if nurse else [],
        staff=False,
        wake="on_your_way",
    )


async def _tell(conn: Connection, order: Order, visit: Visit, now: datetime) -> None:
    await orders.set_at_risk(conn, order.id, at_risk=True)
    await consequences.ring(
        conn,
        Alarm(
            id=new_id(),
            kind="not_coming",
            visit_id=visit.id,
            order_id=visit.order_id,
            raised_at=now,
        ),
        institution_id=visit.institution_id,
    )


async def _calm(conn: Connection, order: Order, visit: Visit) -> None:
    """She is coming after all. The alarm stays until a person has seen it."""
    for doubt in Doubt:
        await visits.drop_flag(conn, visit.id, doubt.value)
    await worries.weigh(conn, order.id)
