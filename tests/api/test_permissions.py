"""Who may do what: every route × every kind of caller × one's own, somebody else's and no thing.

The cells come from the routes of the application and the rows of api/policy.py, so that a new route
is tried without anybody remembering to. Each call carries a valid body: an empty one would be
refused before it proved anything.
"""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient

from api import app as composition
from api.language import Language, Texts
from api.policy import OPERATOR_PERMISSIONS, POLICIES, REVIEWER_PERMISSIONS, Policy
from api.reading import Reader
from api.relations import RELATIONS
from api.wire import EDGE, EVENT_STREAM, PLACEHOLDER, Raw, Route, Upload
from config.settings import Settings
from config.vocabulary import Condition
from demo import people
from dispatch import consequences, storage
from dispatch.acts import (
    attach_document,
    attach_file,
    cover_patient,
    flag_danger,
    open_case,
    raise_alarm,
    watch_peers,
)
from dispatch.acts.attach_file import Recording
from dispatch.acts.flag_danger import Danger
from dispatch.channels import Message
from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import (
    accounts,
    addresses,
    bills,
    change_orders,
    offers,
    orders,
    patients,
    payer_lines,
    person_keys,
    prescriptions,
    reconciliations,
    sessions,
    visit_facts,
    waste_returns,
)
from dispatch.records.addresses import OpenAddress
from dispatch.records.change_orders import ChangeOrder
from dispatch.records.offers import Offer
from dispatch.records.orders import Order, Words
from dispatch.records.patients import Contact, Profile
from dispatch.records.prescriptions import Content, Item
from dispatch.records.reconciliations import Difference
from tests import care, files
from tests.api.throwaway import Client, GuardedTestServer
from tests.world import COUNTY, HOME, World

ROUTES: Final = [route for module in composition.modules() for route in module.all]
NOWHERE: Final = UUID("0190a000-0000-7000-8000-00000000dead")
BIRTH: Final = date(1950, 3, 4)
HOUR: Final = timedelta(hours=1)
PICTURE: Final = files.picture("PNG")
NOTHING: Final[Mapping[str, Any]] = {}


# Who calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of caller; `live` is false for one whose session has ended, None for no session."""

    name: str
    role: Role = Role.PATIENT
    permissions: frozenset[str] = frozenset()
    live: bool | None = True
    local: bool = False

    def refusal(self, row: Policy) -> int | None:
        """The status with which this caller must be refused, whatever the path names."""
        if not row.roles:
            return None
        if self.live is None or (not self.live and not row.any_age):
            return 401
        return None if row.admits(self.role, self.permissions) else 403


# Thousands of requests in a test: everybody, on every route, for his own, others' and nobody's.
pytestmark = pytest.mark.timeout(400)

KINDS: Final = (
    Kind(name="nobody", live=None),
    Kind(name="patient"),
    Kind(name="signed-out patient", live=False),
    Kind(name="nurse", role=Role.NURSE),
    Kind(name="suspended nurse", role=Role.NURSE, live=False),
    Kind(name="operator", role=Role.OPERATOR, permissions=OPERATOR_PERMISSIONS),
    Kind(
        name="operator of one institution",
        role=Role.OPERATOR,
        permissions=OPERATOR_PERMISSIONS,
        local=True,
    ),
    Kind(name="reviewer", role=Role.OPERATOR, permissions=REVIEWER_PERMISSIONS),
    Kind(name="admin", role=Role.ADMIN),
    Kind(name="auditor", role=Role.AUDITOR),
)


# What is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """The things of one household, and the words by which they would be known."""

    account_id: UUID
    patient_id: UUID
    address_id: UUID
    order_id: UUID
    offer_id: UUID
    visit_id: UUID
    nurse_id: UUID
    institution_id: UUID
    alarm_id: UUID
    prescription_id: UUID
    attachment_id: UUID
    document_id: UUID
    fact_id: UUID
    bill_id: UUID
    line_id: UUID
    coverage_id: UUID
    change_id: UUID
    case_id: UUID
    flag_id: UUID
    difference_id: UUID
    canaries: tuple[str, ...] = ()

    def params(self, relation: str | None) -> dict[str, str]:
        """What stands in a path that is asked about by this relation."""
        match relation:
            case "own_patient" | "own_address" | "patient_of_caller":
                found = {
                    "id": self.patient_id,
                    "address_id": self.address_id,
                    "coverage_id": self.coverage_id,
                }
            case "own_prescription" | "prescription_of_caller":
                found = {"id": self.prescription_id}
            case "own_order" | "order_in_reach" | "order_of_caller":
                found = {"id": self.order_id, "document_id": self.document_id}
            case "own_offer":
                found = {"id": self.offer_id}
            case "visit_of_caller":
                found = {
                    "id": self.visit_id,
                    "attachment_id": self.attachment_id,
                    "fact_id": self.fact_id,
                }
            case "nurse_in_reach":
                found = {"id": self.nurse_id}
            case "institution_in_reach":
                found = {"id": self.institution_id}
            case "alarm_in_reach":
                found = {"id": self.alarm_id}
            case "own_bill" | "bill_in_reach":
                found = {"id": self.bill_id, "line_id": self.line_id}
            case "own_case" | "case_in_reach":
                found = {"id": self.case_id}
            case "own_flag" | "flag_in_reach":
                found = {"id": self.flag_id}
            case "own_change":
                found = {"id": self.change_id}
            case _:
                return {
                    "code": "EC01",
                    "slug": "not-found",
                    "name": "visit-verification",
                    "provider": "sandbox",
                    "policy": "privacy",
                    "difference_id": str(self.difference_id),
                }
        return {name: str(value) for name, value in found.items()}


MISSING: Final = Things(
    account_id=NOWHERE,
    patient_id=NOWHERE,
    address_id=NOWHERE,
    order_id=NOWHERE,
    offer_id=NOWHERE,
    visit_id=NOWHERE,
    nurse_id=NOWHERE,
    institution_id=NOWHERE,
    alarm_id=NOWHERE,
    prescription_id=NOWHERE,
    attachment_id=NOWHERE,
    document_id=NOWHERE,
    fact_id=NOWHERE,
    bill_id=NOWHERE,
    line_id=NOWHERE,
    coverage_id=NOWHERE,
    change_id=NOWHERE,
    case_id=NOWHERE,
    flag_id=NOWHERE,
    difference_id=NOWHERE,
)


async def furnish(world: World, number: int, nurse_no: int) -> Things:
    """A household with an assigned order, an alarm of its visit, and an offer of another order."""
    person, nurse = world.patient(number), world.nurse(nurse_no)
    sign = f"金丝雀{number}CANARY"
    phone = f"+86136555{number:05d}"
    profile = Profile(
        name=f"{sign}名",
        birth_date=BIRTH,
        phone=phone,
        id_number=people.id_number(BIRTH, "female", 300 + number),
        conditions=(f"{sign}病",),
        emergency_contact=Contact(name=f"{sign}亲", phone=phone),
    )
    place = OpenAddress(
        label="家", text=f"{sign}巷", lat=HOME[0], lng=HOME[1], access_notes=f"{sign}门"
    )

    order_id = new_id()

    async def move_in(conn: Connection) -> tuple[UUID, UUID, bytes, UUID]:
        patient = await patients.insert(
            conn, person.account_id, gender="female", relation="self", profile=profile
        )
        address = await addresses.insert(conn, patient.id, place, county=COUNTY)
        key = await person_keys.ensure(conn, patient.id)
        words = orders.seal_words(key, order_id, Words(notes=f"{sign}言"))
        prescribed = await prescriptions.insert(
            conn,
            patient.id,
            Content(prescriber=f"{sign}医", institution="测试医院1", items=(Item(drug="胰岛素"),)),
            service_codes=["EC01"],
            issued_on=world.now.date(),
            valid_until=world.now.date() + 24 * HOUR,
        )
        return patient.id, address.id, words, prescribed.id

    patient_id, address_id, words, prescription_id = await world.pool.transact(
        person.caller, move_in
    )
    mine = {"patient_id": patient_id, "address_id": address_id}
    coverage = await cover_patient.cover_patient(
        world.pool,
        world.operator,
        patient_id,
        plan_code="jinhua_medical_aid",
        valid_from=world.now.date(),
        reference=f"{sign}号",
    )
    order = await world.open(
        number, **mine, id=order_id, notes_sealed=words, prescription_id=prescription_id
    )
    asked = await world.open(
        number, **mine, earliest=world.now + 30 * HOUR, latest=world.now + 34 * HOUR
    )

    async def serve(conn: Connection) -> UUID:
        held = await orders.lock(conn, order.id)
        visit = replace(
            care.visit_of(world, held, 1, world.now + 3 * HOUR),
            nurse_id=nurse.id,
            institution_id=world.institution_ids[(nurse_no - 1) % 3],
        )
        await consequences.fill_seat(conn, held, visit)
        return visit.id

    async def ask(conn: Connection) -> UUID:
        offer = Offer(
            id=new_id(),
            order_id=asked.id,
            round=1,
            wave=1,
            seat=1,
            nurse_id=nurse.id,
            sent_at=world.now,
            expires_at=world.now + HOUR,
            pay_fen=asked.pay_fen,
            distance_m=1000,
            travel_s=300,
        )
        await offers.insert_many(conn, [offer])
        return offer.id

    async def attach(conn: Connection) -> UUID:
        await visit_facts.insert(
            conn, visit_id, patient_id, "arrive", world.now, taken=True, body={}
        )
        sent = Recording(client_id=new_id(), kind="photo", started_at=world.now)
        kept, _ = await attach_file.attach_to_visit.body(conn, visit_id, sent, visit_file)
        return kept.id

    visit_id = await world.pool.transact(world.operator, serve)
    offer_id = await world.pool.transact(world.clock, ask)
    complaint = await open_case.complain(world.pool, person.caller, order.id, "late", f"{sign}诉")
    # Hers by its opener, the patient's as a complaint: both may follow it.
    await world.owner.execute(
        "UPDATE cases SET opened_by = $1 WHERE id = $2", nurse.account_id, complaint.id
    )
    alarm = await raise_alarm.press(world.pool, nurse.caller, visit_id, {"text": f"{sign}急"})
    async with storage.configured(world.pool.settings).incoming() as incoming:
        await incoming.append(PICTURE)
        async with attach_file.stored_for_prescription(
            world.pool, person.caller, prescription_id, incoming
        ) as picture:
            await attach_file.attach_to_prescription(
                world.pool, person.caller, prescription_id, picture
            )
        async with attach_document.stored_for_order(
            world.pool, person.caller, order.id, incoming
        ) as paper:
            document, _ = await attach_document.attach_document(
                world.pool, person.caller, order.id, "identity", paper
            )
        async with attach_file.stored_for_visit(
            world.pool, nurse.caller, visit_id, "photo", incoming
        ) as visit_file:
            attachment_id = await world.pool.transact(nurse.caller, attach)
    return Things(
        account_id=person.account_id,
        patient_id=patient_id,
        address_id=address_id,
        order_id=order.id,
        offer_id=offer_id,
        visit_id=visit_id,
        nurse_id=nurse.id,
        institution_id=world.institution_ids[(nurse_no - 1) % 3],
        alarm_id=alarm.id,
        prescription_id=prescription_id,
        attachment_id=attachment_id,
        document_id=document.id,
        fact_id=await world.owner.fetchval(
            "SELECT id FROM visit_facts WHERE visit_id = $1", visit_id
        ),
        **await _owe(world, order, visit_id),
        coverage_id=coverage.id,
        case_id=complaint.id,
        flag_id=await _flag(world, patient_id, f"{sign}险"),
        canaries=(sign, phone, phone[3:], str(profile.id_number)),
    )


async def _owe(world: World, order: Order, visit_id: UUID) -> dict[str, UUID]:
    """What an order leaves behind: a bill with a payer, a change of price, a difference, waste."""

    async def put(conn: Connection) -> dict[str, UUID]:
        bill = await bills.find_of_order(conn, order.id)
        assert bill is not None
        (line,) = await payer_lines.list_of_bill(conn, bill.id)
        extra = [{**order.price_lines[0], "kind": "extra", "amount_fen": 30_00}]
        change = ChangeOrder(
            id=new_id(),
            order_id=order.id,
            visit_id=visit_id,
            account_id=order.account_id,
            asked=[],
            lines=extra,
            amount_fen=30_00,
            proposed_by=None,
            created_at=world.now,
        )
        await change_orders.insert(conn, change)
        await waste_returns.insert(conn, visit_id, ["sharps"], world.now + HOUR)
        difference = Difference(
            id=new_id(),
            provider="sandbox",
            day=world.now.date(),
            kind="unknown_to_us",
            event_id=str(order.id),
            payment_id=None,
            ours_fen=None,
            theirs_fen=1,
        )
        await reconciliations.insert_differences(conn, [difference])
        return {
            "bill_id": bill.id,
            "line_id": line.id,
            "change_id": change.id,
            "difference_id": difference.id,
        }

    return await world.pool.transact(world.clock, put)


async def _flag(world: World, patient_id: UUID, words: str) -> UUID:
    """A confirmed flag on a patient, of the mildest kind."""
    danger = Danger(kind="other", conditions=(Condition.FAMILY_PRESENT,), words=words)
    flag = await flag_danger.flag_patient(world.pool, world.admin, patient_id, danger)
    await flag_danger.confirm_flag(world.pool, world.operator, flag.id, words)
    return flag.id


def samples(world: World, mine: Things) -> dict[tuple[str, str], Any]:
    """A body that each route takes, where it takes one; bytes for those that read their own."""
    at = world.now.isoformat()
    place = {"lat": HOME[0], "lng": HOME[1]}
    window = {
        "earliest": (world.now + 6 * HOUR).isoformat(),
        "latest": (world.now + 9 * HOUR).isoformat(),
    }
    order = {
        "patient_id": str(mine.patient_id),
        "address_id": str(mine.address_id),
        "service_codes": ["EC01"],
        "window": window,
        "urgency": "routine",
        "consent": {"version": "1", "accepted_at": at},
    }
    patient = {
        "name": "王桂芬",
        "gender": "female",
        "birth_date": "1950-03-04",
        "relation": "parent",
    }
    nurse = {
        "staff_no": 9001,
        "phone": "+8613912349001",
        "institution_id": str(world.institution_ids[0]),
        "name": "护士新",
        "gender": "female",
        "title": "zhuguan",
        "tier": 3,
        "first_practised_on": "2020-07-01",
        "specialties": ["general_nursing"],
        "registration_no": "TEST9001",
        "certificate_valid_until": "2044-12-31",
        "insurance_valid_until": "2044-12-31",
        "location": place,
    }
    institution = {
        "code": "NEW1",
        "name": "新医院",
        "county": COUNTY,
        "counties": [COUNTY],
        "services": ["EC01"],
        "location": place,
    }
    prescription = {
        "patient_id": str(mine.patient_id),
        "service_codes": ["EC01"],
        "prescriber": "方医生",
        "institution": "测试医院1",
        "issued_on": "2040-03-01",
        "valid_until": "2040-04-01",
        "items": [{"drug": "胰岛素"}],
    }
    record = {
        "kind": "vitals",
        "data": {"pulse_bpm": 72},
        "recorded_at": at,
        "client_id": str(new_id()),
    }
    reason = {"reason": "家里有事"}
    happened = {"kind": "fall", "severity": "mild", "occurred_at": at, "description": "跌倒"}
    danger = {"kind": "other", "conditions": ["family_present"], "words": "家中有大型犬"}
    return {
        ("POST", "/v1/auth/otp"): {"phone": "13712345678"},
        ("POST", "/v1/auth/token"): {"phone": "13712345678", "code": "000000"},
        ("POST", "/v1/auth/refresh"): {"refresh_token": "nobody-has-this-one"},
        ("POST", "/v1/patients"): patient,
        ("PATCH", "/v1/patients/{id}"): {"name": "王桂芳"},
        ("POST", "/v1/patients/{id}/addresses"): {"label": "家", "text": "一路", "location": place},
        ("POST", "/v1/quotes"): {"service_codes": ["EC01"], "location": place, "window": window},
        ("POST", "/v1/ops/plans"): {"date": at[:10], "county": "330702"},
        ("POST", "/v1/ops/plans/commit"): {
            "changes": [
                {
                    "visit_id": str(mine.visit_id),
                    "version": 1,
                    "nurse_id": str(mine.nurse_id),
                    "start_at": at,
                }
            ]
        },
        ("POST", "/v1/orders"): order,
        ("POST", "/v1/orders/{id}/cancel"): reason,
        ("POST", "/v1/patients/{id}/consents"): {
            "purpose": "recording",
            "version": "1",
            "accepted_at": at,
        },
        ("POST", "/v1/patients/{id}/consents/withdraw"): {"purpose": "recording"},
        ("POST", "/v1/orders/{id}/answer"): {"text": "可以自己翻身"},
        ("POST", "/v1/orders/{id}/reschedule"): {"window": window},
        ("POST", "/v1/orders/{id}/confirm"): {"signed_by": "王桂芬"},
        ("POST", "/v1/orders/{id}/rating"): {"stars": 5},
        ("POST", "/v1/orders/{id}/documents"): {"kind": "contract"},
        ("POST", "/v1/prescriptions"): prescription,
        ("PUT", "/v1/prescriptions/{id}/file"): {},
        ("PATCH", "/v1/nurse/profile"): {"radius_m": 9000},
        ("PUT", "/v1/nurse/availability"): {"available": True, "location": place},
        ("PUT", "/v1/nurse/shifts"): [
            {"starts_at": window["earliest"], "ends_at": window["latest"]}
        ],
        ("POST", "/v1/nurse/positions"): {
            "points": [{"location": place, "recorded_at": at, "accuracy_m": 10}]
        },
        ("POST", "/v1/offers/{id}/decline"): {"reason": "too_far"},
        ("POST", "/v1/visits/{id}/depart"): {"location": place, "at": at},
        ("POST", "/v1/visits/{id}/arrive"): {"location": place, "at": at, "accuracy_m": 10},
        ("POST", "/v1/visits/{id}/start"): {"identity_confirmed": True, "at": at},
        ("POST", "/v1/visits/{id}/complete"): {"at": at, "location": place, "summary": "顺利"},
        ("POST", "/v1/visits/{id}/abort"): {"reason": "clinical", "at": at},
        ("POST", "/v1/visits/{id}/release"): reason,
        ("POST", "/v1/visits/{id}/records"): record,
        ("POST", "/v1/visits/{id}/attachments"): {
            "kind": "photo",
            "recorded_at": at,
            "client_id": str(new_id()),
        },
        ("POST", "/v1/visits/{id}/sos"): b"{}",
        ("POST", "/v1/visits/{id}/check-in"): {"at": at},
        ("POST", "/v1/visits/{id}/flags"): danger,
        ("POST", "/v1/visits/{id}/door-attempts"): {"at": at, "location": place, "kind": "rang"},
        ("POST", "/v1/visits/{id}/emergency"): {"at": at, "first_aid": True},
        ("POST", "/v1/ops/visits/{id}/emergency"): {"at": at},
        ("POST", "/v1/ops/visits/{id}/emergency/release"): reason,
        ("POST", "/v1/ops/patients/{id}/flags"): danger,
        ("POST", "/v1/ops/flags/{id}/confirm"): reason,
        ("POST", "/v1/ops/flags/{id}/reject"): reason,
        ("POST", "/v1/flags/{id}/appeal"): {"words": "没有这回事"},
        ("POST", "/v1/nurse/face-checks"): {"token": "kit-0001"},
        ("POST", "/v1/ops/nurses/{id}/confirm-face"): {"note": "视频通话确认"},
        ("PUT", "/v1/push/subscription"): {
            "endpoint": "https://fcm.googleapis.com/fcm/send/one",
            "keys": {"p256dh": "B" * 87, "auth": "A" * 22},
        },
        ("PUT", "/v1/nurse/safety-codes"): {"code": "2468", "duress_code": "2469"},
        ("POST", "/v1/ops/orders"): {**order, "channel": "phone"},
        ("POST", "/v1/ops/orders/{id}/assess"): {"decision": "approve", "note": "可以"},
        ("POST", "/v1/ops/orders/{id}/assign"): {"nurse_id": str(mine.nurse_id), **reason},
        ("POST", "/v1/ops/visits/{id}/reassign"): {"nurse_id": str(mine.nurse_id), **reason},
        ("POST", "/v1/ops/visits/{id}/reassign/preview"): {"nurse_id": str(mine.nurse_id)},
        ("POST", "/v1/ops/orders/{id}/redispatch"): reason,
        ("POST", "/v1/ops/orders/{id}/hold"): reason,
        ("POST", "/v1/ops/orders/{id}/reopen"): reason,
        ("POST", "/v1/ops/orders/{id}/cancel"): reason,
        ("POST", "/v1/ops/nurses"): nurse,
        ("POST", "/v1/ops/nurses/import"): b"staff_no,name\n9002,X\n",
        ("PATCH", "/v1/ops/nurses/{id}"): {"tier": 2},
        ("POST", "/v1/ops/nurses/{id}/suspend"): reason,
        ("POST", "/v1/ops/nurses/{id}/confirm-registration"): {"note": "电话核实"},
        ("POST", "/v1/ops/institutions"): institution,
        ("PATCH", "/v1/ops/institutions/{id}"): {"licence_no": "PDY1"},
        ("POST", "/v1/ops/visits/{id}/abort"): reason,
        ("POST", "/v1/ops/visits/{id}/miss"): reason,
        ("POST", "/v1/ops/visits/{id}/release"): reason,
        ("POST", "/v1/ops/visits/{id}/complete"): reason,
        ("POST", "/v1/ops/visits/{id}/facts/{fact_id}/supersede"): {**reason, "at": at},
        ("POST", "/v1/nurse/policies/{policy}/acknowledge"): {"version": "1"},
        ("POST", "/v1/visits/{id}/messages"): {"text": "十分钟后到", "client_id": str(new_id())},
        ("POST", "/v1/visits/{id}/confirmation"): {"answer": "yes"},
        ("POST", "/v1/orders/{id}/complaint"): {"kind": "late", "text": "迟到"},
        ("POST", "/v1/visits/{id}/adverse-events"): happened,
        ("POST", "/v1/ops/visits/{id}/adverse-events"): happened,
        ("POST", "/v1/cases/{id}/answer"): {"signs": ["fever"]},
        ("POST", "/v1/cases/{id}/dispute"): {"text": "不同意"},
        ("POST", "/v1/ops/cases/{id}/tell"): {"text": "处理中"},
        ("POST", "/v1/ops/cases/{id}/settle"): {"outcome": "justified", "text": "属实"},
        ("POST", "/v1/ops/cases/{id}/lift-hold"): reason,
        ("POST", "/v1/ops/visits/{id}/waste/receive"): {
            "received_by": "供应室李师傅",
            "items": [{"category": "sharps", "containers": 1}],
        },
        ("POST", "/v1/ops/visits/{id}/waste/excuse"): {"reason": "nothing_used"},
        ("POST", "/v1/ops/alarms/{id}/resolve"): {"note": "已联系"},
        ("POST", "/v1/payments/callbacks/{provider}"): b"{}",
        ("POST", "/v1/visits/{id}/change-orders"): {
            "items": [{"code": "foam_dressing", "quantity": 1}]
        },
        ("POST", "/v1/ops/bills/{id}/credit"): {"amount_fen": 1, **reason},
        ("POST", "/v1/ops/bills/{id}/payers/{line_id}"): {"amount_fen": 0, "reason": "heard"},
        ("POST", "/v1/ops/tariffs"): {
            "institution_id": str(world.institution_ids[0]),
            "rules": {"visit_fee": [{"amount_fen": 7800}]},
        },
        ("POST", "/v1/ops/patients/{id}/coverages"): {
            "plan": "jinhua_ltci",
            "valid_from": "2040-03-05",
        },
        ("POST", "/v1/ops/patients/{id}/coverages/{coverage_id}/end"): {
            "valid_until": "2040-12-31"
        },
    }


QUERIES: Final = {
    "/v1/consents": {"service_codes": "EC01"},
    "/v1/ops/reports/workload": {"from": "2040-03-01T00:00:00Z", "to": "2040-04-01T00:00:00Z"},
    "/v1/ops/reports/dispatch": {"from": "2040-03-01T00:00:00Z", "to": "2040-04-01T00:00:00Z"},
    "/v1/nurse/statistics": {"from": "2040-03-01T00:00:00Z", "to": "2040-04-01T00:00:00Z"},
    "/v1/ops/reports/{name}": {"from": "2040-03-01T00:00:00Z", "to": "2040-04-01T00:00:00Z"},
    "/v1/ops/ledger": {"from": "2040-03-01T00:00:00Z", "to": "2040-04-01T00:00:00Z"},
}


# The application and a way to call it


@dataclass(slots=True, kw_only=True)
class House:
    """The application, two strangers' households beside one's own, and everybody's tokens."""

    world: World
    client: Client
    mine: Things
    near: Things
    """Another patient, whose nurse works in the same institution as mine."""
    far: Things
    """Another patient, whose nurse works elsewhere."""
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bodies: Mapping[tuple[str, str], Any] = field(default_factory=dict)

    def strangers(self, kind: Kind) -> tuple[Things, ...]:
        """The households that this caller must not know of."""
        if kind.role in (Role.PATIENT, Role.NURSE):
            return (self.near, self.far)
        return (self.far,) if kind.local else ()

    async def call(self, kind: Kind, route: Route, things: Things, **more: str) -> Heard:
        """Call a route about these things with a body that it takes; `more` are headers."""
        row = POLICIES[route.key]
        headers = {**self.headers[kind.name], "Accept-Language": "en", "X-Request-Id": "cell"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        if route.method == "POST":
            headers["Idempotency-Key"] = str(new_id())
        body = self.bodies.get(route.key)
        data: bytes | FormData | None
        data = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        if isinstance(route.body, Upload):
            data = FormData({**(body or {}), "file": io.BytesIO(PICTURE)})
        elif data is not None:
            raw = route.body if isinstance(route.body, Raw) else None
            headers["Content-Type"] = raw.media_types[0] if raw else "application/json"
        path = PLACEHOLDER.sub(lambda found: things.params(row.relation)[found[1]], route.path)
        async with self.client.request(
            route.method, path, data=data, headers=headers, params=QUERIES.get(route.path)
        ) as answer:
            is_stream = answer.status == 200 and route.media_type == EVENT_STREAM
            content = b"" if is_stream else await answer.read()
            told = {
                name: value
                for name, value in answer.headers.items()
                if name not in ("Date", "Content-Length")
            }
            return Heard(status=answer.status, headers=told, content=content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def told(self) -> Any:
        """The answer without the path that it repeats."""
        return {**orjson.loads(self.content), "instance": None}


class Silent:
    """A channel that reaches nobody."""

    async def send(self, message: Message) -> None:
        return


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(demo=True, files_dir=tmp_path)


@pytest.fixture
async def house(jinhua: World) -> AsyncIterator[House]:
    async def beat() -> None:
        for role in ("api", "clock"):
            await watch_peers.beat(jinhua.pool, jinhua.clock, f"{role}:test", role, {})

    made = composition.make_app(jinhua.pool, beat=beat, channel=Silent())
    async with TestClient(GuardedTestServer(made)) as client:
        mine, far, near = [
            await furnish(jinhua, number, nurse) for number, nurse in ((1, 1), (2, 2), (3, 4))
        ]
        yield House(
            world=jinhua,
            client=client,
            mine=mine,
            near=near,
            far=far,
            headers={kind.name: await sign_in(jinhua, made, kind) for kind in KINDS},
            bodies=samples(jinhua, mine),
        )


async def sign_in(world: World, made: web.Application, kind: Kind) -> dict[str, str]:
    """The headers of a caller of this kind, whose own things are `House.mine`."""
    if kind.live is None:
        return {}
    account_id = await account_of(world, kind)

    async def open_session(conn: Connection) -> UUID:
        return await sessions.insert(conn, account_id, str(new_id()), ttl_s=900)

    session_id = await world.pool.transact(world.clock, open_session)
    if not kind.live:
        await world.owner.execute(
            "UPDATE sessions SET ended_at = clock_timestamp() WHERE id = $1", session_id
        )
    now = await world.owner.fetchval("SELECT clock_timestamp()")
    token = made[EDGE].tokens.issue(account_id=account_id, session_id=session_id, now=now)
    return {"Authorization": f"Bearer {token}"}


async def account_of(world: World, kind: Kind) -> UUID:
    match kind.role:
        case Role.PATIENT:
            return world.patient(1).account_id
        case Role.NURSE:
            return world.nurse(1).account_id
        case _:
            return await world.pool.transact(world.clock, lambda conn: _hire(conn, world, kind))


async def _hire(conn: Connection, world: World, kind: Kind) -> UUID:
    account = await accounts.insert(
        conn,
        kind.role,
        f"+86138111{KINDS.index(kind):05d}",
        permissions=kind.permissions,
        institution_id=world.institution_ids[0] if kind.local else None,
    )
    return account.id


# The table itself


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    assert {route.key for route in ROUTES} == POLICIES.keys()


@pytest.mark.parametrize("key", POLICIES, ids=" ".join)
def test_every_id_in_a_path_is_asked_about(key: tuple[str, str]) -> None:
    row = POLICIES[key]
    assert row.relation is None or row.relation in RELATIONS
    assert ("{id}" in key[1]) == (row.relation is not None)


def reach(path: str) -> frozenset[Role]:
    """Who at most may come to this path, as the contract's sections say; empty: anybody."""
    first, _, rest = path.removeprefix("/v1/").partition("/")
    staff = frozenset({Role.OPERATOR, Role.ADMIN})
    match first:
        case "patients" if rest.endswith("records"):
            return staff | {Role.NURSE, Role.PATIENT}
        case "prescriptions" if "/" in rest or rest.endswith("}"):
            return staff | {Role.NURSE, Role.PATIENT}
        case "patients" if rest.endswith("consents"):
            return staff | {Role.PATIENT}
        case "flags":
            return frozenset({Role.PATIENT})
        case "orders" if "documents" in rest:
            return staff | {Role.PATIENT}
        case "patients" | "orders" | "quotes" | "prescriptions":
            return frozenset({Role.PATIENT})
        case "nurse" if rest == "calendar.ics":
            return frozenset()
        case "nurse" | "offers":
            return frozenset({Role.NURSE})
        case "cases":
            return frozenset({Role.NURSE, Role.PATIENT})
        case "visits" if rest.endswith("confirmation"):
            return staff | {Role.PATIENT}
        case "visits" if rest.endswith("messages"):
            return staff | {Role.NURSE, Role.PATIENT}
        case "visits" if rest.endswith(("sos", "adverse-events", "call")):
            return frozenset({Role.NURSE, Role.PATIENT})
        case "bills" | "change-orders":
            return frozenset({Role.PATIENT})
        case "visits" if "attachments" in rest:
            return staff | {Role.NURSE, Role.PATIENT}
        case "visits":
            return staff | {Role.NURSE}
        case "ops":
            return staff | {Role.AUDITOR}
        case "audit":
            return frozenset({Role.AUDITOR, Role.ADMIN})
        case "me" | "stream":
            return frozenset(Role) - {Role.CLOCK}
    return frozenset()


@pytest.mark.parametrize("key", POLICIES, ids=" ".join)
def test_no_row_opens_more_than_the_contract(key: tuple[str, str]) -> None:
    method, path = key
    row, most = POLICIES[key], reach(path)
    assert not most or (row.roles and row.roles <= most)
    assert Role.CLOCK not in row.roles
    if Role.AUDITOR in row.roles:
        assert method == "GET" or path == "/v1/auth/logout"
    for kind in KINDS:
        if kind.permissions == REVIEWER_PERMISSIONS and path.startswith("/v1/ops/"):
            may = row.admits(kind.role, kind.permissions)
            listing = (method, path) in {
                ("GET", "/v1/ops/orders"),
                ("GET", "/v1/ops/orders/{id}"),
                ("GET", "/v1/ops/orders/{id}/timeline"),
                ("GET", "/v1/ops/orders/{id}/assessments"),
                ("GET", "/v1/ops/assessments"),
            }
            assert may == (listing or path.endswith("/assess"))


async def test_every_body_has_a_sample_that_is_taken(house: House) -> None:
    tongue = Texts.load()
    for route in ROUTES:
        sample = house.bodies.get(route.key)
        match route.body:
            case None:
                assert sample is None, route.key
            case Raw():
                assert isinstance(sample, bytes), route.key
            case Upload(model=model):
                assert isinstance(sample, dict), route.key
                reader = Reader(tongue, Language.EN)
                reader.model(model, sample, "body")
                assert reader.problems == [], route.key
            case model:
                reader = Reader(tongue, Language.EN)
                reader.model(model, {} if sample is None else sample, "body")
                assert reader.problems == [], route.key


# The cells


@contextlib.contextmanager
def cell(route: Route, kind: Kind, whose: str) -> Iterator[None]:
    """Say of a failure which cell it was."""
    try:
        yield
    except AssertionError as failure:
        failure.add_note(f"{route.method} {route.path} by {kind.name} on {whose} things")
        raise


async def test_whoever_may_not_call_is_refused_before_anything_else(house: House) -> None:
    """Alike for things of one's own, of others and of nobody: a refusal tells nothing."""
    for kind, route in itertools.product(KINDS, ROUTES):
        refusal = kind.refusal(POLICIES[route.key])
        if refusal is None:
            continue
        for whose, things in (("own", house.mine), ("other", house.far), ("no", MISSING)):
            with cell(route, kind, whose):
                heard = await house.call(kind, route, things)
                assert heard.status == refusal
                slug = "unauthenticated" if refusal == 401 else "forbidden"
                assert heard.told()["type"] == f"/problems/{slug}"


async def test_somebody_elses_thing_is_answered_like_one_that_is_not_there(house: House) -> None:
    for kind, route in itertools.product(KINDS, ROUTES):
        row = POLICIES[route.key]
        if row.relation is None or kind.refusal(row) is not None:
            continue
        with cell(route, kind, "no"):
            nothing = await house.call(kind, route, MISSING)
            assert nothing.status == 404
            assert nothing.told()["type"] == "/problems/not-found"
        for things in house.strangers(kind):
            with cell(route, kind, "other"):
                heard = await house.call(kind, route, things)
                assert heard.status == 404
                assert heard.told() == nothing.told()
                assert heard.headers == nothing.headers


async def test_where_the_act_asks_what_is_not_there_goes_before_what_is_wrong(
    house: House,
) -> None:
    """A key that is missing or a body that is none would tell that the thing exists."""
    asking = [route for route in ROUTES if route.act_asks]
    assert asking
    for kind, route in itertools.product(KINDS, asking):
        if kind.refusal(POLICIES[route.key]) is not None:
            continue
        for things in (MISSING, *house.strangers(kind)):
            given = things.params(POLICIES[route.key].relation)
            path = route.path.format(**given)
            for key, body in (({}, b"{}"), ({"Idempotency-Key": "k"}, b"{no json")):
                headers = {**house.headers[kind.name], **key, "Content-Type": "application/json"}
                with cell(route, kind, "other"):
                    async with house.client.request(
                        route.method, path, data=body, headers=headers
                    ) as heard:
                        assert heard.status == 404


async def test_a_version_that_is_not_the_present_one_is_refused_wherever_it_is_heeded(
    house: House,
) -> None:
    heeding = [route for route in ROUTES if route.heeds_if_match]
    assert heeding
    for route in heeding:
        row = POLICIES[route.key]
        for kind in (kind for kind in KINDS if kind.live and kind.refusal(row) is None):
            with cell(route, kind, "own"):
                heard = await house.call(kind, route, house.mine, If_Match='"999"')
                # No emergency of mine is locked.
                gone = route.path == "/v1/ops/visits/{id}/emergency/release"
                assert heard.status == (404 if gone else 412), heard.content


def violence(route: Route) -> tuple[bool, bool, int, str]:
    """First what only looks, then what takes away, and at the very end the sign-out."""
    methods = ("GET", "PATCH", "PUT", "POST", "DELETE")
    return (
        route.path.endswith("/logout"),
        route.path.endswith("/suspend"),
        methods.index(route.method),
        route.path,
    )


# An operator of one institution founds no other: the act knows, not the table.
REFUSED_BY_THE_ACT: Final = {("operator of one institution", "/v1/ops/institutions")}


async def try_own(house: House, kind: Kind) -> None:
    hidden = [word for things in house.strangers(kind) for word in things.canaries]
    for route in sorted(ROUTES, key=violence):
        row = POLICIES[route.key]
        if kind.refusal(row) is not None:
            continue
        with cell(route, kind, "own"):
            heard = await house.call(kind, route, house.mine)
            assert heard.status < 500
            if route.method == "POST" and (kind.name, route.path) in REFUSED_BY_THE_ACT:
                assert heard.status == 403
            elif row.roles:
                assert heard.status not in (401, 403, 404), heard.content
            for word in hidden:
                assert word.encode() not in heard.content
                assert orjson.dumps(word)[1:-1] not in heard.content


@pytest.mark.parametrize("kind", [k for k in KINDS if k.live], ids=lambda kind: kind.name)
async def test_ones_own_thing_is_there_and_no_answer_speaks_of_others(
    house: House, kind: Kind
) -> None:
    await try_own(house, kind)


async def test_who_is_not_signed_in_hears_of_nobody_and_can_still_raise_an_alarm(
    house: House,
) -> None:
    for kind in KINDS:
        if not kind.live:
            await try_own(house, kind)


async def test_the_canaries_are_where_they_are_looked_for(house: House) -> None:
    """Their own patient hears them, so that not finding them elsewhere means something."""
    kind = next(kind for kind in KINDS if kind.name == "patient")
    heard = [
        await house.call(kind, route, house.mine)
        for route in ROUTES
        if route.method == "GET" and kind.refusal(POLICIES[route.key]) is None
    ]
    said = b"".join(answer.content for answer in heard)
    sign = house.mine.canaries[0]
    for word in (f"{sign}名", f"{sign}病", f"{sign}巷", f"{sign}门", f"{sign}言"):
        assert word.encode() in said


async def test_somebody_elses_thing_in_a_body_is_like_one_that_is_not_there(house: House) -> None:
    """A path is asked about by its relation; what a body names the act must look at itself."""
    kind = next(kind for kind in KINDS if kind.name == "patient")
    (route,) = [route for route in ROUTES if route.key == ("POST", "/v1/orders")]
    prescribed = await house.world.owner.fetchval(
        """
        INSERT INTO prescriptions
               (id, patient_id, service_codes, content_sealed, issued_on, valid_until)
        VALUES ($1, $2, '{EC01}', '', '2040-03-01', '2040-12-31') RETURNING id
        """,
        new_id(),
        house.far.patient_id,
    )
    theirs = {
        "patient_id": house.far.patient_id,
        "address_id": house.far.address_id,
        "prescription_id": prescribed,
    }
    sample = house.bodies[route.key]
    for named, other in theirs.items():
        answers = []
        for named_id in (other, NOWHERE):
            house.bodies = {route.key: {**sample, named: str(named_id)}}
            heard = await house.call(kind, route, house.mine)
            assert heard.status in (404, 422)
            answers.append(heard.told())
        assert answers[0] == answers[1], named
