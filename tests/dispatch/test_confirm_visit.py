"""A patient who is asked before a visit and does not answer: who is asked and told, and when."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from config import messages
from config.assessment import Decision
from dispatch.acts import assess_order, confirm_visit, deliver_notices, keep_patient
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import orders
from dispatch.records.patients import Contact
from dispatch.records.visits import Visit
from dispatch.worries import NOT_READY, SILENT
from tests import visiting
from tests.dispatch.test_notices import Phones
from tests.world import PAIR, World

DAUGHTER = "+8613900000077"


@pytest.fixture
async def asked(world: World) -> Visit:
    """A visit two hours ahead, of which the patient, whose daughter is to be called, was asked."""
    await with_contact(world, Contact(name="女儿", phone=DAUGHTER))
    earliest = world.now + timedelta(hours=2)
    (visit,) = await visiting.assigned(world, earliest=earliest)
    assert await confirm_visit.ask_patients(world.pool) == 1
    return visit


async def with_contact(world: World, contact: Contact | None) -> None:
    person = world.patient()
    await keep_patient.change_patient(
        world.pool, person.caller, person.id, {"emergency_contact": contact}, None
    )


async def further(world: World, minutes: float) -> int:
    await world.advance(minutes=minutes)
    done = await asyncio.gather(*(confirm_visit.ask_further(world.pool) for _ in range(3)))
    return sum(done)


async def sent(world: World) -> list[tuple[str, str]]:
    """The phones that ring, each with its template."""
    await deliver_notices.relay_events(world.pool)
    phones = Phones()
    await deliver_notices.deliver_notices(world.pool, channel=phones)
    return sorted((message.phone, message.template) for message in phones.taken)


async def at_risk(world: World) -> list[OrderState]:
    async with world.pool.read(world.operator) as conn:
        return [order.state for order in await orders.list_at_risk(conn, 50)]


async def test_silence_goes_to_the_second_contact_then_to_nurse_and_operators(
    world: World, asked: Visit
) -> None:
    nurse = world.nurse_of(asked.nurse_id)
    await sent(world)
    assert await further(world, 29) == 0
    assert await further(world, 1) == 1
    assert await sent(world) == [(DAUGHTER, "confirm_by_second")]
    # Ninety minutes are left: a quarter of them is sooner than half an hour.
    assert await further(world, 22) == 0
    assert await at_risk(world) == []
    assert await further(world, 1) == 1
    assert await sent(world) == [(nurse.phone, "patient_silent")]
    assert await at_risk(world) == [OrderState.ASSIGNED]
    visit = await visiting.visit(world, asked.id)
    assert (visit.state, visit.flags) == (VisitState.SCHEDULED, [SILENT])
    assert await further(world, 60) == 0


@pytest.mark.parametrize(
    ("answer", "flags", "risky"), [("yes", [], []), ("no", [NOT_READY], [OrderState.ASSIGNED])]
)
async def test_an_answer_ends_the_asking_and_a_yes_the_worry(
    world: World, asked: Visit, answer: str, flags: list[str], risky: list[OrderState]
) -> None:
    for minutes in (30, 23):
        await further(world, minutes)
    said = await confirm_visit.answer_confirmation(
        world.pool, world.operator, asked.id, answer, "电话联系到本人"
    )
    assert said.answered_by == world.operator.account_id
    assert (await visiting.visit(world, asked.id)).flags == flags
    assert await at_risk(world) == risky


async def test_one_worry_that_ends_leaves_the_other(world: World, asked: Visit) -> None:
    for minutes in (30, 23):
        await further(world, minutes)
    person = world.patient()
    change = {"allergies": ("碘伏",)}
    await keep_patient.change_patient(world.pool, person.caller, person.id, change, None)
    await confirm_visit.answer_confirmation(world.pool, person.caller, asked.id, "yes", None)
    assert await at_risk(world) == [OrderState.ASSIGNED]
    await assess_order.assess_order(
        world.pool, world.reviewer, asked.order_id, Decision.APPROVE, "可以"
    )
    assert await at_risk(world) == []


async def test_of_two_nurses_who_come_together_it_is_said_once(world: World) -> None:
    pair = await visiting.assigned(world, staff_nos=(1, 2), service_codes=[PAIR])
    await confirm_visit.ask_patients(world.pool)
    me = world.patient().caller
    await confirm_visit.answer_confirmation(world.pool, me, pair[0].id, "no", "住院了")
    for visit in pair:
        assert (await visiting.visit(world, visit.id)).flags == [NOT_READY]
    assert await further(world, 60) == 0


async def test_who_has_answered_in_time_is_asked_no_further(world: World, asked: Visit) -> None:
    me = world.patient().caller
    await confirm_visit.answer_confirmation(world.pool, me, asked.id, "yes", None)
    assert await further(world, 60) == 0


async def test_without_a_second_contact_nurse_and_operators_hear_at_once(
    world: World, asked: Visit
) -> None:
    await with_contact(world, None)
    assert await further(world, 30) == 1
    assert SILENT in (await visiting.visit(world, asked.id)).flags


async def test_at_the_door_nobody_needs_to_be_asked_or_worried(world: World, asked: Visit) -> None:
    for minutes in (30, 23):
        await further(world, minutes)
    await visiting.advanced(world, asked, VisitState.ARRIVED)
    assert await at_risk(world) == []


async def test_who_has_no_second_contact_any_more_is_not_rung(world: World, asked: Visit) -> None:
    await sent(world)
    assert await further(world, 30) == 1
    await with_contact(world, None)
    assert await sent(world) == []


def test_the_second_contact_has_words_of_its_own() -> None:
    assert messages.find("confirm_by_second").name == "confirm_by_second"
