"""The lifecycles as data: a move, from, to, who may.

Pure. Everything that must agree with them is derived from here: legality and permission at run
time, the enum labels and the `lifecycle_moves` table of the database, `docs/lifecycles.md`
(`python -m dispatch.lifecycles`), the clients' buttons and the state machines of the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who acts. `clock` is the service itself: a deadline passes, a move has consequences."""

    PATIENT = "patient"
    NURSE = "nurse"
    OPERATOR = "operator"
    ADMIN = "admin"
    AUDITOR = "auditor"
    CLOCK = "clock"


class OrderState(StrEnum):
    """Whether there is a nurse."""

    SUBMITTED = "submitted"
    OPEN = "open"
    HELD = "held"
    ASSIGNED = "assigned"
    FULFILLED = "fulfilled"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class OfferState(StrEnum):
    """Who was asked."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class VisitState(StrEnum):
    """What happens in the home."""

    SCHEDULED = "scheduled"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    IN_SERVICE = "in_service"
    COMPLETED = "completed"
    ABORTED = "aborted"
    MISSED = "missed"
    CANCELLED = "cancelled"
    RELEASED = "released"


class AlarmState(StrEnum):
    """Whether a person has taken it up."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class BillState(StrEnum):
    """What is owed."""

    ESTIMATED = "estimated"
    SECURED = "secured"
    DUE = "due"
    OVERDUE = "overdue"
    PAID = "paid"
    VOID = "void"


class CaseState(StrEnum):
    """Whether a person has seen to what came after a visit."""

    WAITING = "waiting"
    IN_HAND = "in_hand"
    SETTLED = "settled"


class FlagState(StrEnum):
    """Whether a danger at a patient or an address binds whoever is sent."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    APPEALED = "appealed"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow of a lifecycle: its name, where from, where to, who may."""

    name: str
    sources: frozenset[str]
    target: str
    who: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A subject's states and moves. States that no move leaves are final."""

    subject: str
    states: type[StrEnum]
    start: str
    moves: tuple[Move, ...]

    def find(self, name: str, state: str) -> Move | None:
        """The move of that name that leaves `state`, if there is one."""
        for move in self.moves:
            if move.name == name and state in move.sources:
                return move
        return None

    def allowed(self, state: str, role: Role) -> list[Move]:
        """What `role` may do from `state`, in the table's order; admins may as operators do."""
        acting = Role.OPERATOR if role is Role.ADMIN else role
        return [move for move in self.moves if state in move.sources and acting in move.who]

    @property
    def final(self) -> frozenset[str]:
        """The states that nothing leaves."""
        left = {source for move in self.moves for source in move.sources}
        return frozenset(state.value for state in self.states) - left


def _moves(*rows: tuple[str, set[str], str, set[Role]]) -> tuple[Move, ...]:
    return tuple(Move(n, frozenset(s), t, frozenset(w)) for n, s, t, w in rows)


_P, _N, _O, _C = Role.PATIENT, Role.NURSE, Role.OPERATOR, Role.CLOCK
_o, _f, _v, _a, _b = OrderState, OfferState, VisitState, AlarmState, BillState
_c = CaseState
_g = FlagState

ORDER = Lifecycle(
    subject="order",
    states=OrderState,
    start=_o.SUBMITTED,
    moves=_moves(
        ("approve",    {_o.SUBMITTED},                               _o.OPEN,      {_O, _C}),
        ("reject",     {_o.SUBMITTED},                               _o.REJECTED,  {_O}),
        ("need_info",  {_o.SUBMITTED},                               _o.SUBMITTED, {_O}),
        ("answer",     {_o.SUBMITTED},                               _o.SUBMITTED, {_P}),
        ("assign",     {_o.OPEN, _o.HELD},                           _o.ASSIGNED,  {_N, _O}),
        ("fail",       {_o.ASSIGNED},                                _o.FAILED,    {_N, _O, _C}),
        ("release",    {_o.ASSIGNED},                                _o.OPEN,      {_N, _O, _C}),
        ("hold",       {_o.OPEN},                                    _o.HELD,      {_C, _O}),
        ("reopen",     {_o.HELD},                                    _o.OPEN,      {_O}),
        ("fulfil",     {_o.ASSIGNED},                                _o.FULFILLED, {_N, _O, _C}),
        ("cancel",     {_o.SUBMITTED, _o.OPEN, _o.HELD, _o.ASSIGNED}, _o.CANCELLED, {_P, _O}),
        ("reschedule", {_o.SUBMITTED},                               _o.SUBMITTED, {_P, _O}),
        ("reschedule", {_o.OPEN, _o.HELD, _o.ASSIGNED},              _o.OPEN,      {_P, _O}),
        ("redispatch", {_o.OPEN, _o.HELD, _o.ASSIGNED},              _o.OPEN,      {_O, _C}),
        ("replan",     {_o.ASSIGNED},                                _o.ASSIGNED,  {_O}),
        ("lapse",      {_o.SUBMITTED, _o.OPEN, _o.HELD},             _o.LAPSED,    {_C}),
    ),
)  # fmt: skip

OFFER = Lifecycle(
    subject="offer",
    states=OfferState,
    start=_f.SENT,
    moves=_moves(
        ("accept",   {_f.SENT}, _f.ACCEPTED,  {_N}),
        ("decline",  {_f.SENT}, _f.DECLINED,  {_N}),
        ("expire",   {_f.SENT}, _f.EXPIRED,   {_C}),
        ("withdraw", {_f.SENT}, _f.WITHDRAWN, {_O, _C}),
    ),
)  # fmt: skip

VISIT = Lifecycle(
    subject="visit",
    states=VisitState,
    start=_v.SCHEDULED,
    moves=_moves(
        ("depart",   {_v.SCHEDULED},                              _v.EN_ROUTE,   {_N}),
        ("arrive",   {_v.SCHEDULED, _v.EN_ROUTE},                 _v.ARRIVED,    {_N}),
        ("start",    {_v.ARRIVED},                                _v.IN_SERVICE, {_N}),
        ("complete", {_v.IN_SERVICE},                             _v.COMPLETED,  {_N, _O}),
        ("abort",    {_v.EN_ROUTE, _v.ARRIVED, _v.IN_SERVICE},    _v.ABORTED,    {_N, _O, _C}),
        ("miss",     {_v.SCHEDULED, _v.EN_ROUTE},                 _v.MISSED,     {_C, _O}),
        ("cancel",   {_v.SCHEDULED, _v.EN_ROUTE},                 _v.CANCELLED,  {_P, _O, _C}),
        ("release",  {_v.SCHEDULED},                              _v.RELEASED,   {_N, _O, _C}),
        ("retime",   {_v.SCHEDULED},                              _v.SCHEDULED,  {_O}),
    ),
)  # fmt: skip

ALARM = Lifecycle(
    subject="alarm",
    states=AlarmState,
    start=_a.RAISED,
    moves=_moves(
        ("acknowledge", {_a.RAISED},                  _a.ACKNOWLEDGED, {_O}),
        ("press_again", {_a.RAISED, _a.ACKNOWLEDGED}, _a.RAISED,       {_N, _P, _C}),
        ("fall_back",   {_a.ACKNOWLEDGED},            _a.RAISED,       {_C}),
        ("resolve",     {_a.RAISED, _a.ACKNOWLEDGED}, _a.RESOLVED,     {_O}),
    ),
)  # fmt: skip

# A patient begins to secure or to pay; the money's arrival, which the provider tells, is the move.
BILL = Lifecycle(
    subject="bill",
    states=BillState,
    start=_b.ESTIMATED,
    moves=_moves(
        ("secure", {_b.ESTIMATED},              _b.SECURED,   {_P, _C}),
        ("free",   {_b.SECURED},                _b.ESTIMATED, {_C}),
        ("fix",    {_b.ESTIMATED, _b.SECURED},  _b.DUE,       {_C}),
        ("pay",    {_b.DUE, _b.OVERDUE},        _b.PAID,      {_P, _C}),
        ("lapse",  {_b.DUE},                    _b.OVERDUE,   {_C}),
        ("reopen", {_b.PAID},                   _b.DUE,       {_C}),
        ("credit", {_b.DUE},                    _b.DUE,       {_O}),
        ("credit", {_b.OVERDUE},                _b.OVERDUE,   {_O}),
        ("credit", {_b.PAID},                   _b.PAID,      {_O}),
        ("void",   {_b.ESTIMATED, _b.SECURED},  _b.VOID,      {_C}),
    ),
)  # fmt: skip

# An adverse event, a complaint, a follow-up. A patient settles a follow-up by saying that she is
# well, alerts to signs that she has, and disputes what was answered to her complaint.
CASE = Lifecycle(
    subject="case",
    states=CaseState,
    start=_c.WAITING,
    moves=_moves(
        ("take_up",  {_c.WAITING},              _c.IN_HAND, {_O}),
        ("tell",     {_c.IN_HAND},              _c.IN_HAND, {_O}),
        ("alert",    {_c.WAITING},              _c.WAITING, {_P}),
        ("alert",    {_c.IN_HAND},              _c.IN_HAND, {_P}),
        ("escalate", {_c.WAITING},              _c.WAITING, {_C}),
        ("escalate", {_c.IN_HAND},              _c.IN_HAND, {_C}),
        ("settle",   {_c.WAITING, _c.IN_HAND},  _c.SETTLED, {_O, _P}),
        ("dispute",  {_c.SETTLED},              _c.WAITING, {_P}),
    ),
)  # fmt: skip

# Appealed, it stands until a person has looked at it again.
FLAG = Lifecycle(
    subject="flag",
    states=FlagState,
    start=_g.PROPOSED,
    moves=_moves(
        ("confirm", {_g.PROPOSED, _g.APPEALED},               _g.CONFIRMED, {_O}),
        ("reject",  {_g.PROPOSED, _g.CONFIRMED, _g.APPEALED}, _g.REJECTED,  {_O}),
        ("appeal",  {_g.CONFIRMED},                           _g.APPEALED,  {_P}),
        ("expire",  {_g.CONFIRMED, _g.APPEALED},              _g.EXPIRED,   {_C}),
    ),
)  # fmt: skip

LIFECYCLES: tuple[Lifecycle, ...] = (ORDER, OFFER, VISIT, ALARM, BILL, CASE, FLAG)

# What is owed is no longer an estimate.
FIXED_BILL = frozenset({_b.DUE, _b.OVERDUE, _b.PAID})

# A visit in one of these keeps its nurse from being elsewhere, and the order's seat filled.
OPEN_VISIT = frozenset({_v.SCHEDULED, _v.EN_ROUTE, _v.ARRIVED, _v.IN_SERVICE})
EMPTY_SEAT = frozenset({_v.RELEASED, _v.CANCELLED})
BEFORE_THE_DOOR = frozenset({_v.SCHEDULED, _v.EN_ROUTE})
# The nurse is in the home. From her arrival on, also after her visit is complete, the order can no
# longer be cancelled or moved.
AT_THE_DOOR = frozenset({_v.ARRIVED, _v.IN_SERVICE})
ARRIVED_ONCE = AT_THE_DOOR | {_v.COMPLETED}


def markdown() -> str:
    """`docs/lifecycles.md`: a diagram and a table for each lifecycle."""
    out = [
        "# Lifecycles",
        "",
        "Generated from `dispatch/lifecycles.py` by `make docs`; do not edit.",
    ]
    for cycle in LIFECYCLES:
        out += ["", f"## {cycle.subject.capitalize()}", "", "```mermaid", "stateDiagram-v2"]
        out.append(f"    [*] --> {cycle.start}")
        order = [state.value for state in cycle.states]
        for move in cycle.moves:
            out += [
                f"    {source} --> {move.target}: {move.name}"
                for source in sorted(move.sources, key=order.index)
            ]
        out += [f"    {state} --> [*]" for state in order if state in cycle.final]
        out += ["```", "", "| move | from | to | who |", "| --- | --- | --- | --- |"]
        for move in cycle.moves:
            sources = ", ".join(sorted(move.sources, key=order.index))
            end = " ∎" if move.target in cycle.final else ""
            who = ", ".join(role.value for role in Role if role in move.who)
            out.append(f"| {move.name} | {sources} | **{move.target}**{end} | {who} |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201 — this is the generator's output
