"""Agreeing for a patient to what is not one order's: given, withdrawn, each a line of the ledger.

Withdrawing what nobody can be sent without takes the patient's orders out of dispatch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from config import purposes
from config.purposes import SELF
from dispatch import consenting, consequences, database, transitions
from dispatch.database import Connection
from dispatch.errors import InvalidFields, NotFound, RuleRefused
from dispatch.ids import new_id
from dispatch.lifecycles import ARRIVED_ONCE, OrderState, Role
from dispatch.records import audit, consents, orders, patients, person_keys, visits
from dispatch.records.consents import Entry
from dispatch.records.orders import Order
from dispatch.records.patients import Patient
from matching.inputs import local_date

FLAG: Final = "consent_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is agreed to, by whom, how. `relation` and `authority` are as they were told."""

    purpose: str
    version: str
    accepted_at: datetime
    language: str
    signer: str | None = None
    relation: str | None = None
    authority: str | None = None
    channel: str | None = None


@database.act
async def give_consent(conn: Connection, patient_id: UUID, given: Given) -> Entry:
    """Agree to a purpose. Orders that were held without it wait for an operator to take them up.

    Raises `NotFound`, `InvalidFields`, and `RuleRefused` for an old text or somebody who may not.
    """
    patient = await patients.lock_own(conn, _account(conn), patient_id)
    words = purposes.load()
    purpose = words.purposes.get(given.purpose)
    if purpose is None:
        raise InvalidFields((("body", "purpose"), "purpose"))
    now = await database.now(conn)
    relation = words.relation_of(given.relation, patient.relation)
    broken = await _who_may(conn, patient, relation, now)
    if given.version != words.version:
        broken.append((("body", "version"), "consent_version"))
    if given.accepted_at > now + consenting.CLOCK_SKEW:
        broken.append((("body", "accepted_at"), "consent_future"))
    if broken:
        raise RuleRefused(*broken, version=words.version)
    entry = await _write(
        conn,
        patient,
        act="given",
        purpose=given.purpose,
        version=words.version,
        language=given.language,
        text_sha256=purpose.sha256(given.language),
        relation=relation,
        authority=words.authority_of(given.authority),
        channel=given.channel,
        signer=given.signer,
        accepted_at=given.accepted_at,
        now=now,
    )
    await _note(conn, patient, given=given.purpose)
    return entry


@database.act
async def withdraw_consent(
    conn: Connection, patient_id: UUID, purpose: str, reason: str | None
) -> Entry:
    """Agree to a purpose no longer, for what is to come. Raises `NotFound`, `InvalidFields`."""
    patient = await patients.lock_own(conn, _account(conn), patient_id)
    words = purposes.load()
    if purpose not in words.purposes:
        raise InvalidFields((("body", "purpose"), "purpose"))
    now = await database.now(conn)
    entry = await _write(
        conn,
        patient,
        act="withdrawn",
        purpose=purpose,
        relation=words.relation_of(None, patient.relation),
        reason=reason,
        accepted_at=now,
        now=now,
    )
    await _note(conn, patient, withdrawn=purpose)
    if purpose in words.required:
        async with conn.as_clock():
            for order in await orders.lock_living_of_patient(conn, patient.id):
                await _take_out(conn, order)
    return entry


@database.act
async def open_ledger(
    conn: Connection, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[Entry]:
    """What was agreed to and withdrawn, newest first; for staff, whose reading is recorded, too."""
    if conn.caller.role is not Role.PATIENT:
        await audit.append(conn, "consent.read", "patient", patient_id, person_id=patient_id)
    return await consents.list_of_patient(conn, patient_id, before, limit)


async def _take_out(conn: Connection, order: Order) -> None:
    """Send nobody for this order for now; a nurse who stands at the door already sees it there."""
    if order.state is OrderState.ASSIGNED:
        of_round = await visits.lock_of_round(conn, order.id, order.round)
        if any(visit.state in ARRIVED_ONCE for visit in of_round):
            for visit in of_round:
                await visits.add_flags(conn, visit.id, [FLAG])
                await consequences.tell_visit(conn, visit)
            return
        order = await consequences.next_round(conn, order, "redispatch", detail={"code": FLAG})
    if order.state is OrderState.OPEN:
        await consequences.withdraw_offers(conn, order)
        order = await transitions.move_order(conn, order, "hold", detail={"code": FLAG})
        await consequences.tell_order(conn, order, wake="order_held")


async def _who_may(
    conn: Connection, patient: Patient, relation: str, now: datetime
) -> list[tuple[tuple[str, ...], str]]:
    by = ("body", "relation")
    profile = await patients.open_profile(conn, patient)
    if consenting.is_minor(profile, local_date(now)):
        return [(by, "consent_minor")] if relation == SELF else []
    if relation == SELF and await patients.lacks_capacity(conn, patient.id):
        return [(by, "consent_capacity")]
    return []


async def _write(
    conn: Connection,
    patient: Patient,
    *,
    act: str,
    purpose: str,
    relation: str,
    accepted_at: datetime,
    now: datetime,
    version: str | None = None,
    language: str | None = None,
    text_sha256: str | None = None,
    authority: str | None = None,
    channel: str | None = None,
    signer: str | None = None,
    reason: str | None = None,
) -> Entry:
    entry_id = new_id()
    key = await person_keys.ensure(conn, patient.id)
    entry = Entry(
        id=entry_id,
        patient_id=patient.id,
        account_id=conn.caller.account_id,
        act=act,
        purpose=purpose,
        version=version,
        language=language,
        text_sha256=text_sha256,
        relation=relation,
        authority=authority,
        channel=channel,
        words_sealed=consents.seal_words(key, entry_id, signer, reason),
        accepted_at=accepted_at,
        recorded_at=now,
    )
    await consents.insert(conn, entry)
    await audit.append(
        conn,
        f"consent.{act}",
        "patient",
        patient.id,
        person_id=patient.id,
        detail={"purpose": purpose},
    )
    return entry


async def _note(
    conn: Connection, patient: Patient, *, given: str | None = None, withdrawn: str | None = None
) -> None:
    """Keep with the patient what does not hold any more: orders ask for it in passing."""
    known = await patients.find_withdrawn(conn, patient.id)
    added = {withdrawn} if withdrawn else set()
    await patients.set_withdrawn(conn, patient.id, (known | added) - {given})


def _account(conn: Connection) -> UUID:
    if conn.caller.account_id is None:
        raise NotFound
    return conn.caller.account_id
