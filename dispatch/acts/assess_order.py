"""The assessment before anybody is sent: may this be done at home, and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from config import assessment as vocabulary
from config.assessment import Decision as Decision
from config.assessment import Outcome
from config.vocabulary import Condition
from dispatch import assessing, database, transitions, versions
from dispatch.assessing import Finding
from dispatch.database import Connection
from dispatch.errors import RuleRefused
from dispatch.lifecycles import ORDER, OrderState
from dispatch.records import assessments, audit, orders
from dispatch.records.assessments import Assessment
from dispatch.records.orders import Order

# An order that was approved by an earlier assessment may still be approved by a person.
CONFIRMABLE = frozenset({OrderState.OPEN, OrderState.HELD, OrderState.ASSIGNED})


@database.act
async def assess_order(
    conn: Connection,
    order_id: UUID,
    decision: Decision,
    note: str,
    *,
    risk: str | None = None,
    outcome: str | None = None,
    conditions: Sequence[str] | None = None,
    checklist: Mapping[str, bool] | None = None,
    overrides: Mapping[str, str] | None = None,
    findings: str | None = None,
    has_capacity: bool | None = None,
    version: int | None = None,
) -> Order:
    """Decide on a submitted order. The note is for the patient, and sealed like all that is said.

    `conditions` may be words of the vocabulary, which bind, or others, which are told. `checklist`
    says of preconditions whether they are met, `overrides` why it may be done where one is not, or
    where the negative list asks for a reason; `has_capacity` whether the patient can decide.

    Approving an order that the clock has approved by an earlier assessment confirms it and moves
    nothing, nor does approving one again whose assessment holds no longer; rejecting that cancels
    it. Raises `NotFound`, `StaleVersion`, `IllegalTransition`, and `RuleRefused` for a form
    that does not go with the decision, or against the negative list.
    """
    order = await orders.lock(conn, order_id)
    versions.check(order.version, version)
    told = conditions or ()
    found = Finding(
        decision=decision,
        outcome=_outcome(decision, outcome, has_conditions=bool(told)),
        conditions=tuple(word for word in Condition if word in told),
        told_conditions=tuple(told),
        told_outcome=outcome,
        risk=risk,
        has_capacity=has_capacity,
        note=note,
        findings=findings,
        checklist=checklist or {},
        overrides=overrides or {},
    )
    now = await database.now(conn)
    if order.state is OrderState.SUBMITTED:
        await assessing.check(conn, order, found)
        kept = await assessing.keep(conn, order, found, now)
        order = await assessing.settle(conn, order, found, kept, now)
    elif order.reassess_since is not None and decision is not Decision.NEED_INFO:
        await assessing.check(conn, order, found)
        kept = await assessing.keep(conn, order, found, now)
        conclude = assessing.renew if decision is Decision.APPROVE else assessing.withdraw
        order = await conclude(conn, order, found, kept)
    elif decision is Decision.APPROVE and _went_by_earlier(order):
        await assessing.keep(conn, order, found, now)
    else:
        raise transitions.illegal(conn, ORDER, order.id, order.state, decision.value)
    await audit.append(conn, f"order.{decision}", "order", order.id, person_id=order.patient_id)
    return order


@database.act
async def open_assessments(conn: Connection, order_id: UUID) -> list[Assessment]:
    """All that was found on an order; showing it opens what is sealed and records that."""
    order = await orders.get(conn, order_id)
    await audit.append(
        conn, "order.read", "order", order.id, person_id=order.patient_id, purpose="assessment"
    )
    return await assessments.list_of_order(conn, order.id)


def _outcome(decision: Decision, told: str | None, *, has_conditions: bool) -> Outcome:
    """The word that was told, if it is one of ours; else what the decision says by itself.

    Raises `RuleRefused` for one that belongs to another decision.
    """
    known = Outcome(told) if told in set(Outcome) else None
    if known is not None and vocabulary.load().decisions[known] is not decision:
        raise RuleRefused((("body", "outcome"), "outcome_decision"))
    match decision:
        case Decision.APPROVE:
            return Outcome.PASS_WITH_CONDITIONS if has_conditions else Outcome.PASS
        case Decision.REJECT:
            return known or Outcome.REJECT
        case Decision.NEED_INFO:
            return Outcome.NEED_INFO


def _went_by_earlier(order: Order) -> bool:
    return order.state in CONFIRMABLE and bool((order.assessment or {}).get("earlier"))
