"""Cases as those see them who opened them, and as those who see to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from api import moves
from api.schemas import cases as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.wire import Call
from config import cases as texts
from config.cases import CaseKind, Severity, Sign
from config.vocabulary import Label
from dispatch import database
from dispatch.database import Connection
from dispatch.lifecycles import CaseState, Role
from dispatch.records import cases, history, orders
from dispatch.records.cases import Case
from dispatch.records.history import Step

# What staff say of each other's work stays with them; a complaint's answers are for who complained.
OPEN_TO_ALL: Final = frozenset({"tell", "settle", "dispute"})
STAFF: Final = frozenset({Role.OPERATOR, Role.ADMIN})


def showing(call: Call) -> Callable[[Connection, Case], Awaitable[schemas.Case]]:
    """The `view` of an act whose result is a case: with what was said, and its steps."""

    async def view(conn: Connection, case: Case) -> schemas.Case:
        return await case_detail(conn, case, call)

    return view


async def case_detail(conn: Connection, case: Case, call: Call) -> schemas.Case:
    """One case with what was said. Who looks is recorded by the act that has read it."""
    said = (await cases.open_contents(conn, [case])).get(case.id)
    async with conn.as_clock():
        steps = await history.list_of_subject(conn, case.id)
        codes = (await orders.get(conn, case.order_id)).service_codes
    shown = [step for step in steps if _may_read(case, step, call.caller.role)]
    notes = await history.open_notes(conn, shown, case.patient_id)
    now = await database.now(conn)
    return _case(
        case,
        now,
        call,
        words=None if said is None and case.content_sealed else _words(said or {}, call),
        steps=[_step(step, notes, call) for step in steps],
        suggestions=_suggestions(said or {}, codes, call),
    )


def cases_page(
    found: Sequence[Case], now: datetime, query: PageQuery, call: Call, *, by_due: bool = False
) -> Page[schemas.Case]:
    """A page of cases, nothing sealed opened; `found` has one more than is shown if it goes on."""
    told = found[: query.limit]
    last = told[-1] if len(found) > len(told) else None
    more = None
    if last is not None:
        more = cursor(last.due_at, last.id) if by_due else cursor(last.id)
    return Page(items=[_case(one, now, call) for one in told], next_cursor=more)


def _case(
    case: Case,
    now: datetime,
    call: Call,
    *,
    words: schemas.CaseWords | None = None,
    steps: list[schemas.CaseStep] | None = None,
    suggestions: list[schemas.Suggestion] | None = None,
) -> schemas.Case:
    known = texts.load()
    return schemas.Case(
        id=case.id,
        kind=case.kind,
        topic=case.topic,
        topic_text=_text(known.topics[case.kind], case.topic, call),
        severity=Severity(case.severity) if case.severity else None,
        severity_text=_text(known.severities, case.severity, call) if case.severity else None,
        state=case.state,
        version=case.version,
        moves=moves.of_case(case, call.caller),
        order_id=case.order_id,
        visit_id=case.visit_id,
        patient_id=case.patient_id,
        nurse_id=case.nurse_id,
        institution_id=case.institution_id,
        level=case.level,
        due_at=case.due_at,
        late=case.state is not CaseState.SETTLED and case.due_at <= now,
        held_services=case.held_services if case.is_holding else [],
        outcome=case.outcome,
        outcome_text=_text(known.outcomes[case.kind], case.outcome, call) if case.outcome else None,
        opened_at=case.opened_at,
        settled_at=case.settled_at,
        words=words,
        steps=steps,
        suggestions=suggestions,
    )


def _text(labels: Mapping[str, Label], code: str, call: Call) -> str:
    """A code's words; one that is not in the file any more is told as it is."""
    label = labels.get(code)
    return label.in_language(call.language) if label else code


def _may_read(case: Case, step: Step, role: Role) -> bool:
    if role in STAFF:
        return True
    return case.kind is CaseKind.COMPLAINT and step.move in OPEN_TO_ALL


def _step(step: Step, notes: Mapping[int, str], call: Call) -> schemas.CaseStep:
    by = Role(step.actor_role)
    return schemas.CaseStep(
        at=step.at,
        move=step.move,
        state=CaseState(step.to_state),
        by=by,
        by_text=call.text(f"timeline.by.{by.value}"),
        text=call.text(f"timeline.case.{step.move}"),
        note=notes.get(step.id),
    )


def _words(said: Mapping[str, Any], call: Call) -> schemas.CaseWords:
    at = said.get("occurred_at")
    is_staff = call.caller.role in STAFF
    return schemas.CaseWords(
        text=said.get("text"),
        harm=said.get("harm"),
        immediate_action=said.get("immediate_action"),
        notified=list(said.get("notified", ())),
        occurred_at=datetime.fromisoformat(at) if at else None,
        service_code=said.get("service_code"),
        answers=[_answer(one, call) for one in said.get("answers", ())],
        hold_lifted=said.get("hold_lifted") if is_staff else None,
    )


def _answer(said: Mapping[str, Any], call: Call) -> schemas.CaseAnswer:
    signs = texts.load().signs_of(said["signs"])
    return schemas.CaseAnswer(
        at=datetime.fromisoformat(said["at"]),
        signs=list(said["signs"]),
        sign_texts=[sign.label.in_language(call.language) for sign in signs],
        text=said.get("text"),
    )


def _suggestions(
    said: Mapping[str, Any], codes: Sequence[str], call: Call
) -> list[schemas.Suggestion]:
    """What the signs of all answers speak for, the most urgent first."""
    told = [sign for one in said.get("answers", ()) for sign in one["signs"]]
    signs: list[Sign] = texts.load().signs_of(told)
    found = []
    if any(sign.urgent for sign in signs):
        found.append(_suggestion("hospital", call))
    events = dict.fromkeys(sign.event for sign in signs if sign.event)
    found += [_suggestion("adverse_event", call, event_kind=event) for event in events]
    if any(sign.again for sign in signs):
        found.append(_suggestion("order", call, service_codes=list(codes)))
    return found


def _suggestion(kind: Any, call: Call, **more: Any) -> schemas.Suggestion:
    given: dict[str, Any] = {"service_codes": [], "event_kind": None, **more}
    return schemas.Suggestion(kind=kind, text=call.text(f"suggestions.{kind}"), **given)
