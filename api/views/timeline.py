"""An order's history in words: what happened to it, its offers and visits, who did it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from api.schemas import orders as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.wire import Call
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records import history, offers
from dispatch.records.history import Step
from dispatch.records.orders import Order

# Alarms are not in it: one may have been raised because of the people in the home.
SHOWN: Final = frozenset({"order", "offer", "visit"})
# What the patient may read of what was said: the words that are for her, and her own. What nurses
# and operators say of each other's work, or of the people in the home, is not.
PATIENT_READS: Final = frozenset({"approve", "reject", "need_info", "answer", "cancel"})
PATIENT_KNOWS: Final = frozenset(
    {"clinical", "refused", "nobody_home", "earlier_assessment", "consent_withdrawn"}
)


async def timeline_page(
    conn: Connection, order: Order, query: PageQuery, call: Call
) -> Page[schemas.TimelineEvent]:
    """Some of an order's history, oldest first; who was merely asked is not named.

    For operators it opens all that was said, so their reading is to be recorded.
    """
    (after,) = query.after(int) or (0,)
    steps = await history.list_of_order(conn, order.id, after=after, limit=query.limit + 1)
    told = [step for step in steps[: query.limit] if step.subject in SHOWN]
    open_to_caller = [step for step in told if _may_read(step, call.caller.role)]
    notes = await history.open_notes(conn, open_to_caller, order.patient_id)
    declined: dict[UUID, str | None] = {}
    if call.caller.role is not Role.PATIENT and any(step.move == "decline" for step in told):
        declined = {o.id: o.decline_reason for o in await offers.list_of_order(conn, order.id)}
    return Page(
        items=[_event(step, notes, declined, call) for step in told],
        next_cursor=_more(steps, query.limit),
    )


def _may_read(step: Step, role: Role) -> bool:
    match role:
        case Role.OPERATOR | Role.ADMIN:
            return True
        case Role.PATIENT:
            return step.subject == "order" and step.move in PATIENT_READS
        case _:
            return False


def _more(steps: Sequence[Step], limit: int) -> str | None:
    return cursor(steps[limit - 1].id) if len(steps) > limit else None


def _event(
    step: Step,
    notes: Mapping[int, str],
    declined: Mapping[UUID, str | None],
    call: Call,
) -> schemas.TimelineEvent:
    by = Role(step.actor_role)
    code = declined.get(step.subject_id) if step.move == "decline" else step.detail.get("code")
    if call.caller.role is Role.PATIENT and code not in PATIENT_KNOWS:
        code = None
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
        reason_code=code,
        reason=call.text(f"reasons.{code}") if code else None,
        note=notes.get(step.id),
        nurse_id=step.detail.get("nurse_id") if step.subject == "visit" else None,
    )
