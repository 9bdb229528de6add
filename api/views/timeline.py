"""An order's history in words: what happened to it, its offers and visits, and who did it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from api.schemas import orders as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.wire import Call
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records import history
from dispatch.records.history import Step

# Alarms are not in it: one may have been raised because of the people in the home.
SHOWN: Final = frozenset({"order", "offer", "visit"})


async def timeline_page(
    conn: Connection, order_id: UUID, query: PageQuery, call: Call
) -> Page[schemas.TimelineEvent]:
    """Some of an order's history, oldest first; who was merely asked is not named."""
    (after,) = query.after(int) or (0,)
    steps = await history.list_of_order(conn, order_id, after=after, limit=query.limit + 1)
    told = steps[: query.limit]
    return Page(
        items=[_event(step, call) for step in told if step.subject in SHOWN],
        next_cursor=_more(steps, told),
    )


def _more(steps: Sequence[Step], told: Sequence[Step]) -> str | None:
    return cursor(told[-1].id) if len(steps) > len(told) else None


def _event(step: Step, call: Call) -> schemas.TimelineEvent:
    by = Role(step.actor_role)
    return schemas.TimelineEvent(
        at=step.at,
        subject=step.subject,
        subject_id=step.subject_id,
        move=step.move,
        from_state=step.from_state,
        state=step.to_state,
        by=by,
        by_text=call.text(f"timeline.by.{by.value}"),
        text=call.text(f"timeline.{step.subject}.{step.move}"),
        nurse_id=step.detail.get("nurse_id") if step.subject == "visit" else None,
    )
