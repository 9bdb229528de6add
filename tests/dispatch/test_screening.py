"""Three gates of the negative list, and what services presuppose: placing, assessing, the door."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from config.assessment import Decision
from config.settings import Settings
from dispatch import screening
from dispatch.acts import (
    assess_order,
    keep_patient,
    place_order,
    review_orders,
    run_visit,
    write_prescription,
)
from dispatch.bedside import DoorCheck
from dispatch.errors import RuleRefused
from dispatch.evidence import Report
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import prescriptions, visit_facts
from dispatch.records.orders import Order
from dispatch.records.prescriptions import Item
from dispatch.records.visits import Visit
from tests import visiting
from tests.dispatch.test_place_order import CONSENTS, wish
from tests.world import EASY, World

INJECTION = "EC04"
NEWBORN = "MI01"


@pytest.fixture
def settings() -> Settings:
    return Settings(reuse_after_s=0)


async def prescribe(world: World, **line: str) -> UUID:
    written = await write_prescription.write_prescription(
        world.pool,
        world.patient().caller,
        world.patient().id,
        prescriptions.Content(prescriber="李医生", institution="测试医院", items=(Item(**line),)),
        service_codes=[INJECTION],
        issued_on=date(2040, 3, 1),
        valid_until=date(2040, 3, 31),
    )
    return written.id


async def place(world: World, **changes: Any) -> Order:
    return await place_order.place_order(
        world.pool, world.patient().caller, CONSENTS, wish(world, **changes)
    )


async def approve(world: World, order: Order, **form: Any) -> Order:
    return await assess_order.assess_order(
        world.pool, world.reviewer, order.id, Decision.APPROVE, "可以", **form
    )


def told(refusal: pytest.ExceptionInfo[RuleRefused]) -> set[tuple[str, str]]:
    """The last part of each place that is refused, and why."""
    errors = refusal.value.extras["errors"]
    assert isinstance(errors, list)
    return {(entry["loc"][-1], entry["msg"]) for entry in errors}


async def is_ill(world: World, *conditions: str) -> None:
    person = world.patient()
    await keep_patient.change_patient(
        world.pool, person.caller, person.id, {"conditions": conditions}, None
    )


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ({"drug": "头孢曲松", "route": "肌注"}, "skin_test_drugs"),
        ({"drug": "葡萄糖", "route": "静脉滴注"}, "iv_infusion"),
        ({"drug": "哌替啶", "route": "肌注"}, "controlled_drugs"),
    ],
)
async def test_r26_the_first_gate_refuses_what_is_prescribed_and_names_it(
    world: World, line: dict[str, str], entry: str
) -> None:
    prescription_id = await prescribe(world, **line)
    with pytest.raises(RuleRefused) as refusal:
        await place(world, service_codes=(INJECTION,), prescription_id=prescription_id)
    assert told(refusal) == {("prescription_id", f"negative_{entry}")}
    assert await world.owner.fetchval("SELECT count(*) FROM orders") == 0


async def test_r13_r26_the_second_gate_lets_nobody_approve_against_it(world: World) -> None:
    good = await prescribe(world, drug="维生素B12", route="肌注")
    order = await place(world, service_codes=(INJECTION,), prescription_id=good)
    with pytest.raises(RuleRefused) as refusal:
        await approve(
            world,
            order,
            checklist={"not_first_dose": False, "condition_stable": False},
            overrides={"first_dose": "请通融"},
        )
    assert told(refusal) == {
        ("negative_list", "negative_first_dose"),
        ("negative_list", "negative_unstable_patient"),
    }
    assert (await world.order(order.id)).state is OrderState.SUBMITTED
    assert (await approve(world, order)).state is OrderState.OPEN


async def test_r14_what_is_for_a_person_to_see_needs_a_reason_that_is_kept(world: World) -> None:
    await is_ill(world, "肺结核（已治愈）")
    order = await place(world)
    async with world.pool.read(world.reviewer) as conn:
        assert [e.slug for e in (await screening.sheet_of(conn, order)).against] == [
            "infectious_disease"
        ]
    with pytest.raises(RuleRefused) as refusal:
        await approve(world, order)
    assert told(refusal) == {("infectious_disease", "override_needed")}
    overrides = {"infectious_disease": "痰检阴性，无传染性"}
    await approve(world, order, overrides=overrides)
    again = await place(world)
    for _ in range(2):
        await review_orders.review_orders(world.pool)
    assert (await world.order(again.id)).review == "person"


async def test_r12_what_is_not_met_needs_a_reason(world: World) -> None:
    order = await place(world)
    unmet = {"checklist": {"medical_record_uploaded": False}}
    with pytest.raises(RuleRefused) as refusal:
        await approve(world, order, **unmet)
    assert told(refusal) == {("medical_record_uploaded", "override_needed")}
    await approve(world, order, **unmet, overrides={"medical_record_uploaded": "电话核实过"})


async def arrived(world: World, order: Order) -> Visit:
    visit = await visiting.seated(world, order, 1, 1)
    return await visiting.advanced(world, visit, VisitState.ARRIVED)


async def start(world: World, visit: Visit, check: DoorCheck | None = None) -> Visit:
    nurse = world.nurse_of(visit.nurse_id).caller
    return await run_visit.start(world.pool, nurse, visit.id, Report(at=world.now), check=check)


@pytest.mark.parametrize(
    "check",
    [DoorCheck(checks={"condition_stable": False}), DoorCheck(found=("unstable_patient",))],
)
async def test_r17_r26_the_third_gate_is_the_door_and_keeps_what_she_found(
    world: World, check: DoorCheck
) -> None:
    visit = await arrived(world, await world.open())
    with pytest.raises(RuleRefused) as refusal:
        await start(world, visit, check)
    assert told(refusal) == {("door_check", "negative_unstable_patient")}
    seen = await visiting.visit(world, visit.id)
    assert (seen.state, "negative_list" in seen.flags) == (VisitState.ARRIVED, True)
    async with world.pool.read(world.operator) as conn:
        fact = (await visit_facts.list_of_visit(conn, visit.id))[-1]
        body = (await visit_facts.open_bodies(conn, visit.patient_id, [fact]))[fact.id]
    assert (fact.step, fact.taken) == ("start", False)
    assert body["door_check"]["found"] == list(check.found)
    nurse = world.nurse_of(visit.nurse_id).caller
    ended = await run_visit.abort(world.pool, nurse, visit.id, Report(at=world.now), "clinical")
    assert ended.end_reason == "clinical"
    assert (await world.order(visit.order_id)).state is OrderState.FAILED


async def test_r17_what_she_does_otherwise_is_flagged_and_goes_on(world: World) -> None:
    visit = await arrived(world, await world.open())
    check = DoorCheck(outcome="modify", note="只做口腔护理", checks={"carer_named": False})
    begun = await start(world, visit, check)
    assert (begun.state, "door_check" in begun.flags) == (VisitState.IN_SERVICE, True)


async def test_r17_a_phone_that_sends_no_check_begins_and_is_flagged(world: World) -> None:
    begun = await start(world, await arrived(world, await world.open()))
    assert (begun.state, begun.flags) == (VisitState.IN_SERVICE, ["no_door_check"])


@pytest.mark.parametrize(
    ("present", "flag"), [(True, None), (None, "family_not_confirmed"), (False, None)]
)
async def test_r12_a_relative_must_be_there_where_the_assessment_says_so(
    world: World, *, present: bool | None, flag: str | None
) -> None:
    order = await approve(world, await world.place(), conditions=["family_present"])
    visit = await arrived(world, order)
    check = None if present is None else DoorCheck(family_present=present)
    if present is False:
        with pytest.raises(RuleRefused) as refusal:
            await start(world, visit, check)
        assert told(refusal) == {("family_present", "family_needed")}
        assert (await visiting.visit(world, visit.id)).flags == ["family_absent"]
    else:
        begun = await start(world, visit, check)
        assert begun.flags == ([flag, "no_door_check"] if flag else [])


async def test_r14_who_is_not_of_the_age_is_shown_to_the_assessor(world: World) -> None:
    order = await place(world, service_codes=(NEWBORN,))
    async with world.pool.read(world.reviewer) as conn:
        sheet = await screening.sheet_of(conn, order)
    assert sheet.unmet == ["newborn_le_28d"]
    by_slug = {item.slug: (item.state, item.source) for item in sheet.checklist}
    assert by_slug["within_service_area"] == ("met", "system")
    assert by_slug["family_present"] == ("open", "nobody")
    await approve(world, order)
    again = await place(world, service_codes=(NEWBORN,))
    await review_orders.review_orders(world.pool)
    assert (await world.order(again.id)).review == "person"


class TestRefusing:
    """With `precondition_rule = "refuse"`."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(precondition_rule="refuse")

    async def test_r14_who_is_not_of_the_age_is_refused_when_ordering(self, world: World) -> None:
        with pytest.raises(RuleRefused) as refusal:
            await place(world, service_codes=(NEWBORN,))
        assert told(refusal) == {("newborn_le_28d", "precondition_unmet")}
        born = world.now.date() - timedelta(days=20)
        person = world.patient()
        await keep_patient.change_patient(
            world.pool,
            person.caller,
            person.id,
            {"birth_date": born, "id_number": None, "relation": "child"},
            None,
        )
        await place(world, service_codes=(NEWBORN,))

    async def test_r12_nobody_approves_over_what_nobody_has_said(self, world: World) -> None:
        order = await place(world, preconditions=("real_name_verified",))
        with pytest.raises(RuleRefused) as refusal:
            await approve(world, order, checklist={"condition_stable": True})
        assert told(refusal) == {
            ("recipient_not_blocked", "checklist_open"),
            ("medical_record_uploaded", "checklist_open"),
        }
        vouched = ("condition_stable", "recipient_not_blocked", "medical_record_uploaded")
        approved = await approve(world, order, checklist=dict.fromkeys(vouched, True))
        assert (approved.state, approved.service_codes) == (OrderState.OPEN, [EASY])
