"""Visits as their nurses and as operators see them; every step on a visit answers with this.

Who looks is recorded by the act that has read them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from api import moves
from api.schemas import visits as schemas
from api.schemas.contact import ConfirmationMark
from api.schemas.conventions import Page, PageQuery, WindowView, cursor
from api.schemas.orders import NurseCard
from api.views.orders import conditions_of, conditions_text
from api.views.safety import SafetySheet, safety_sheets
from api.views.waste import waste_view
from api.wire import Call
from config import record_fields
from config.record_fields import Asked
from config.vocabulary import Title
from dispatch import database, welfare
from dispatch.database import Connection
from dispatch.lifecycles import OPEN_VISIT, VISIT, Role
from dispatch.records import (
    confirmations,
    nurse_cards,
    visit_facts,
    visit_records,
    visit_sheets,
    waste_returns,
)
from dispatch.records.confirmations import Confirmation
from dispatch.records.patients import Profile
from dispatch.records.visit_facts import Fact
from dispatch.records.visit_records import VisitRecord
from dispatch.records.visit_sheets import Sheet
from dispatch.records.visits import Visit
from dispatch.records.waste_returns import WasteReturn
from matching.inputs import Gender, local_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands in other tables of a visit: its waste, the question beforehand, its timers."""

    waste: WasteReturn | None
    asked: Confirmation | None
    safety: SafetySheet


def showing(call: Call) -> Callable[[Connection, Visit], Awaitable[schemas.Visit]]:
    """The `view` of an act whose result is a visit."""

    async def view(conn: Connection, visit: Visit) -> schemas.Visit:
        return await visit_view(conn, visit, call)

    return view


async def visit_view(conn: Connection, visit: Visit, call: Call) -> schemas.Visit:
    """The visit as this caller's GET gives it: for staff with its nurse and what was reported."""
    sheet = (await visit_sheets.by_visit(conn, [visit]))[visit.id]
    now = await database.now(conn)
    beside = (await _beside(conn, [visit], call))[visit.id]
    if call.caller.role is Role.NURSE:
        return _visit(visit, sheet, beside, call, now)
    cards = await nurse_cards.by_nurse(conn, [visit.nurse_id])
    facts = await visit_facts.list_of_visit(conn, visit.id)
    said = await visit_facts.open_bodies(conn, visit.patient_id, facts)
    return _visit(
        visit,
        sheet,
        beside,
        call,
        now,
        nurse=_card(visit.nurse_id, cards),
        facts=[_fact(fact, said.get(fact.id, {})) for fact in facts],
    )


async def visits_page(
    conn: Connection, found: Sequence[Visit], query: PageQuery, call: Call
) -> Page[schemas.Visit]:
    """A page of a nurse's visits; `found` has one more than is shown if it goes on."""
    told = found[: query.limit]
    sheets = await visit_sheets.by_visit(conn, told)
    beside = await _beside(conn, told, call)
    now = await database.now(conn)
    last = told[-1] if len(found) > len(told) else None
    return Page(
        items=[_visit(visit, sheets[visit.id], beside[visit.id], call, now) for visit in told],
        next_cursor=cursor(last.planned_start, last.id) if last else None,
    )


async def record_view(conn: Connection, kept: tuple[VisitRecord, bool]) -> schemas.Record:
    """The `view` of keeping a record: it, or the first that came with this client_id."""
    record, _ = kept
    return _record(record, (await visit_records.open_data(conn, [record]))[record.id])


async def records_page(
    conn: Connection, found: Sequence[VisitRecord], query: PageQuery
) -> Page[schemas.Record]:
    """A page of records, newest first. Those of a patient who was erased are left out."""
    told = list(found[: query.limit])
    data = await visit_records.open_data(conn, told)
    return Page(
        items=[_record(record, data[record.id]) for record in told if record.id in data],
        next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
    )


def _visit(
    visit: Visit,
    sheet: Sheet,
    beside: Beside,
    call: Call,
    now: datetime,
    *,
    nurse: NurseCard | None = None,
    facts: list[schemas.Fact] | None = None,
) -> schemas.Visit:
    order = sheet.order
    demands = record_fields.of_services(call.catalogue, order.service_codes)
    shown = visit.state in OPEN_VISIT or call.caller.role is not Role.NURSE
    conditions = [*conditions_of(order), *(sheet.assessed.conditions if shown else ())]
    return schemas.Visit(
        id=visit.id,
        order_id=visit.order_id,
        round=visit.round,
        seat=visit.seat,
        seats=order.seats,
        state=visit.state,
        version=visit.version,
        moves=moves.of_visit(visit, order.state, call.caller),
        service_codes=order.service_codes,
        materials=list(call.catalogue.combine(order.service_codes).materials),
        window=WindowView(earliest=order.earliest, latest=order.latest),
        planned_start=visit.planned_start,
        planned_end=visit.planned_end,
        eta=visit.eta,
        departed_at=visit.departed_at,
        arrived_at=visit.arrived_at,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        end_reason=visit.end_reason,
        end_text=call.text(f"reasons.{visit.end_reason}") if visit.end_reason else None,
        distance_m=visit.distance_m,
        travel_s=visit.travel_s,
        pay_fen=visit.pay_fen,
        patient=_patient(sheet, local_date(now), shown=shown, is_out=visit.state in welfare.OUT),
        address=_address(sheet, call) if shown else None,
        notes=sheet.words.notes if shown else None,
        record_fields=[_asked(one, call) for one in demands.asked],
        least_min=demands.least_min,
        signature_required=demands.signature,
        flags=visit.flags,
        conditions=conditions,
        conditions_text=conditions_text(conditions, call),
        signed=order.signed_at is not None,
        confirmation=_confirmation(beside.asked) if beside.asked else None,
        waste=waste_view(beside.waste, now, call) if beside.waste else None,
        closed_at=beside.waste.settled_at if beside.waste else visit.ended_at,
        welfare=beside.safety.welfare,
        safety_flags=beside.safety.flags,
        emergency=beside.safety.emergency,
        door=beside.safety.door,
        nurse=nurse,
        facts=facts,
        created_at=visit.created_at,
    )


def _confirmation(one: Confirmation) -> ConfirmationMark:
    return ConfirmationMark(
        asked_at=one.asked_at,
        answer=one.answer,
        answered_at=one.answered_at,
    )


async def _beside(conn: Connection, given: Sequence[Visit], call: Call) -> dict[UUID, Beside]:
    """What is known of these visits besides their own rows, by visit."""
    ids = [visit.id for visit in given]
    ended = [visit.id for visit in given if visit.state in VISIT.final]
    wastes = await waste_returns.by_visit(conn, ended)
    asked = await confirmations.by_visit(conn, ids)
    safety = await safety_sheets(conn, given, call)
    return {
        visit_id: Beside(
            waste=wastes.get(visit_id), asked=asked.get(visit_id), safety=safety[visit_id]
        )
        for visit_id in ids
    }


def _asked(asked: Asked, call: Call) -> schemas.RecordField:
    field, tongue = asked.field, call.language
    return schemas.RecordField(
        name=field.name,
        kind=schemas.RecordKind(field.kind),
        field=field.field,
        when=asked.when,
        required=asked.required,
        type=field.type,
        label=field.label.in_language(tongue),
        label_zh=field.label.zh,
        label_en=field.label.en,
        unit=field.unit,
        min=field.least,
        max=field.most,
        options=[
            schemas.RecordOption(
                value=value, label=label.in_language(tongue), label_zh=label.zh, label_en=label.en
            )
            for value, label in field.options.items()
        ],
    )


def _patient(sheet: Sheet, today: date, *, shown: bool, is_out: bool) -> schemas.VisitPatient:
    profile = sheet.profile
    return schemas.VisitPatient(
        id=sheet.patient.id,
        name=profile.name if profile and shown else None,
        phone=profile.phone if profile and shown else None,
        gender=Gender(sheet.patient.gender),
        age=profile.age_on(today) if profile else None,
        conditions=list(profile.conditions) if profile else [],
        allergies=list(profile.allergies) if profile else [],
        second_contact=_second_contact(profile) if profile and is_out else None,
    )


def _second_contact(profile: Profile) -> schemas.SecondContact | None:
    contact = profile.emergency_contact
    if contact is None:
        return None
    return schemas.SecondContact(name=contact.name, phone=contact.phone)


def _address(sheet: Sheet, call: Call) -> schemas.VisitAddress | None:
    door = sheet.door
    if door is None:
        return None
    return schemas.VisitAddress(
        text=door.text,
        location=call.place(door.lat, door.lng),
        access_notes=door.access_notes,
        floor=door.floor,
        has_lift=door.has_lift,
    )


def _card(nurse_id: UUID, cards: Mapping[UUID, nurse_cards.NurseCard]) -> NurseCard | None:
    card = cards.get(nurse_id)
    if card is None:
        return None
    return NurseCard(
        id=card.id,
        name=card.name,
        title=Title(card.title),
        rating=card.rating,
        phone_masked=card.phone_masked,
        photo_url=card.photo_url,
    )


def _fact(fact: Fact, said: Mapping[str, Any]) -> schemas.Fact:
    return schemas.Fact(
        id=fact.id,
        supersedes=fact.supersedes,
        step=fact.step,
        at=fact.at,
        received_at=fact.received_at,
        taken=fact.taken,
        reason=said.get("reason") or said.get("override_reason"),
        distance_m=said.get("distance_m"),
    )


def _record(record: VisitRecord, data: dict[str, JsonValue]) -> schemas.Record:
    return schemas.Record(
        id=record.id,
        visit_id=record.visit_id,
        client_id=record.client_id,
        kind=schemas.RecordKind(record.kind),
        data=data,
        recorded_at=record.recorded_at,
        received_at=record.received_at,
        author_id=record.author_id,
    )
