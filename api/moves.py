"""Which steps a caller may take now, each with the method and path that takes it.

Legality comes from the lifecycles, permission from the policy table; here stands only where a step
is taken, and the few conditions that a lifecycle cannot say. It asks no database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from api.policy import POLICIES
from api.schemas.conventions import MoveView
from config.cases import CaseKind
from dispatch.database import Caller
from dispatch.errors import IllegalTransition
from dispatch.lifecycles import (
    ALARM,
    ARRIVED_ONCE,
    BILL,
    CASE,
    FLAG,
    LIFECYCLES,
    OFFER,
    ORDER,
    VISIT,
    Lifecycle,
    OrderState,
    Role,
)
from dispatch.records.alarms import Alarm
from dispatch.records.bills import Bill
from dispatch.records.cases import Case
from dispatch.records.change_orders import ChangeOrder
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from dispatch.records.safety_flags import SafetyFlag
from dispatch.records.visits import Visit

# The first of several paths that the caller's policy admits is told. A move that is missing here is
# only ever a consequence of another, but `need_info`, which is asked where one approves or rejects,
# and `replan` and `retime`, which many take at once.
PATHS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("order", "approve"): ("/v1/ops/orders/{id}/assess",),
    ("order", "reject"): ("/v1/ops/orders/{id}/assess",),
    ("order", "answer"): ("/v1/orders/{id}/answer",),
    ("order", "assign"): ("/v1/ops/orders/{id}/assign",),
    ("order", "hold"): ("/v1/ops/orders/{id}/hold",),
    ("order", "reopen"): ("/v1/ops/orders/{id}/reopen",),
    ("order", "redispatch"): ("/v1/ops/orders/{id}/redispatch",),
    ("order", "cancel"): ("/v1/orders/{id}/cancel", "/v1/ops/orders/{id}/cancel"),
    ("order", "reschedule"): ("/v1/orders/{id}/reschedule",),
    ("offer", "accept"): ("/v1/offers/{id}/accept",),
    ("offer", "decline"): ("/v1/offers/{id}/decline",),
    ("visit", "depart"): ("/v1/visits/{id}/depart",),
    ("visit", "arrive"): ("/v1/visits/{id}/arrive",),
    ("visit", "start"): ("/v1/visits/{id}/start",),
    ("visit", "complete"): ("/v1/visits/{id}/complete", "/v1/ops/visits/{id}/complete"),
    ("visit", "abort"): ("/v1/visits/{id}/abort", "/v1/ops/visits/{id}/abort"),
    ("visit", "release"): ("/v1/visits/{id}/release", "/v1/ops/visits/{id}/release"),
    ("visit", "miss"): ("/v1/ops/visits/{id}/miss",),
    ("alarm", "acknowledge"): ("/v1/ops/alarms/{id}/acknowledge",),
    ("alarm", "resolve"): ("/v1/ops/alarms/{id}/resolve",),
    ("flag", "confirm"): ("/v1/ops/flags/{id}/confirm",),
    ("flag", "reject"): ("/v1/ops/flags/{id}/reject",),
    ("flag", "appeal"): ("/v1/flags/{id}/appeal",),
    ("bill", "secure"): ("/v1/bills/{id}/pay",),
    ("bill", "pay"): ("/v1/bills/{id}/pay",),
    ("bill", "credit"): ("/v1/ops/bills/{id}/credit",),
    ("case", "take_up"): ("/v1/ops/cases/{id}/take-up",),
    ("case", "tell"): ("/v1/ops/cases/{id}/tell",),
    ("case", "settle"): ("/v1/ops/cases/{id}/settle", "/v1/cases/{id}/answer"),
    ("case", "alert"): ("/v1/cases/{id}/answer",),
    ("case", "dispute"): ("/v1/cases/{id}/dispute",),
}
# Steps of a case that only one kind of it knows; a patient settles no other kind either.
OF_KIND: Final = {
    "tell": CaseKind.COMPLAINT,
    "dispute": CaseKind.COMPLAINT,
    "alert": CaseKind.FOLLOW_UP,
}
# Answers to a change of price: no lifecycle, but a step that somebody waits for.
ANSWERS: Final = ("accept", "refuse")

# Refused once a nurse has stood at the door.
BEFORE_THE_DOOR: Final = frozenset({"cancel", "reschedule", "redispatch"})


def of_order(order: Order, of_round: Iterable[Visit], caller: Caller) -> list[MoveView]:
    """What the caller may do with an order; `of_round` are the visits of its present round."""
    names = _legal(ORDER, order.state, caller)
    if order.review != "patient":
        names = [name for name in names if name != "answer"]
    if stood_at_the_door(of_round):
        names = [name for name in names if name not in BEFORE_THE_DOOR]
    return _told("order", names, order.id, caller)


def of_offer(offer: Offer, caller: Caller) -> list[MoveView]:
    """What the caller may do with an offer whose time has not run out."""
    return _told("offer", _legal(OFFER, offer.state, caller), offer.id, caller)


def of_visit(visit: Visit, order_state: OrderState, caller: Caller) -> list[MoveView]:
    """What the caller may do with a visit. Nobody departs before every seat is filled."""
    names = _legal(VISIT, visit.state, caller)
    if order_state is not OrderState.ASSIGNED:
        names = [name for name in names if name != "depart"]
    return _told("visit", names, visit.id, caller)


def of_alarm(alarm: Alarm, caller: Caller) -> list[MoveView]:
    """What the caller may do with an alarm."""
    return _told("alarm", _legal(ALARM, alarm.state, caller), alarm.id, caller)


def of_flag(flag: SafetyFlag, caller: Caller) -> list[MoveView]:
    """What the caller may do with a flag. Who may not decide because it is his own is told then."""
    return _told("flag", _legal(FLAG, flag.state, caller), flag.id, caller)


def of_bill(bill: Bill, caller: Caller) -> list[MoveView]:
    """What the caller may do with a bill. Only what is to be paid before the visit is secured."""
    names = _legal(BILL, bill.state, caller)
    if bill.mode != "prepay":
        names = [name for name in names if name != "secure"]
    return _told("bill", names, bill.id, caller)


def of_case(case: Case, caller: Caller) -> list[MoveView]:
    """What the caller may do with a case of this kind."""
    names = [
        name
        for name in _legal(CASE, case.state, caller)
        if OF_KIND.get(name, case.kind) is case.kind
        and (caller.role is not Role.PATIENT or name != "settle" or case.kind is CaseKind.FOLLOW_UP)
    ]
    return _told("case", names, case.id, caller)


def of_change(change: ChangeOrder, caller: Caller) -> list[MoveView]:
    """What the caller may answer to a change of price."""
    if change.state != "proposed" or change.account_id != caller.account_id:
        return []
    return [
        MoveView(name=name, method="POST", path=f"/v1/change-orders/{change.id}/{name}")
        for name in ANSWERS
    ]


def stood_at_the_door(of_round: Iterable[Visit]) -> bool:
    """Whether a nurse has arrived in this round: the order can no longer be moved or taken back."""
    return any(visit.state in ARRIVED_ONCE for visit in of_round)


def tell(refusal: IllegalTransition, caller: Caller) -> IllegalTransition:
    """The refusal with its allowed moves as steps that the caller can take, not as bare names."""
    subject = refusal.extras.pop("subject", None)
    subject_id = refusal.extras.pop("subject_id", None)
    names = refusal.extras.get("moves")
    if isinstance(subject, str) and isinstance(subject_id, UUID) and isinstance(names, list):
        refusal.extras["moves"] = [
            step.model_dump() for step in _told(subject, names, subject_id, caller)
        ]
    return refusal


def _legal(cycle: Lifecycle, state: str, caller: Caller) -> list[str]:
    return [move.name for move in cycle.allowed(state, caller.role)]


def _told(subject: str, names: Collection[str], subject_id: UUID, caller: Caller) -> list[MoveView]:
    found = []
    for name in dict.fromkeys(names):
        for path in PATHS.get((subject, name), ()):
            if POLICIES["POST", path].admits(caller.role, caller.permissions):
                found.append(
                    MoveView(name=name, method="POST", path=path.replace("{id}", str(subject_id)))
                )
                break
    return found


def _check() -> None:
    known = {(cycle.subject, move.name) for cycle in LIFECYCLES for move in cycle.moves}
    if unknown := PATHS.keys() - known:
        raise ValueError(f"paths for moves that no lifecycle has: {sorted(unknown)}")
    called = {path for paths in PATHS.values() for path in paths}
    if closed := {path for path in called if ("POST", path) not in POLICIES}:
        raise ValueError(f"moves by paths that have no policy: {sorted(closed)}")


_check()
