"""Completing a visit: what its services ask for must be there; what is tried is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from dispatch import storage
from dispatch.acts import attach_file, end_visit, intervene, keep_consents, run_visit
from dispatch.acts.attach_file import Recording
from dispatch.errors import RecordIncomplete, RuleRefused
from dispatch.lifecycles import VisitState
from dispatch.records import prescriptions, visit_facts
from dispatch.records.prescriptions import Content, Item
from dispatch.records.visits import Visit
from tests import files, visiting
from tests.visiting import at_door
from tests.world import PAIR, World

STRICT = Settings(record_rule="refuse", dwell_rule="refuse", signature_rule="refuse")


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    return getattr(request, "param", Settings(record_rule="refuse")).model_copy(
        update={"files_dir": tmp_path}
    )


async def in_service(world: World, **changes: Any) -> Visit:
    (visit,) = await visiting.assigned(world, **changes)
    return await visiting.advanced(world, visit, VisitState.IN_SERVICE)


async def finish(world: World, visit: Visit, **more: Any) -> Visit:
    nurse = world.nurse_of(visit.nurse_id).caller
    return await run_visit.complete(world.pool, nurse, visit.id, at_door(world.now), "平稳", **more)


def places(refusal: pytest.ExceptionInfo[RecordIncomplete]) -> list[str]:
    errors: Any = refusal.value.extras["errors"]
    return [".".join(map(str, one["loc"])) for one in errors]


async def photographed(world: World, visit: Visit) -> None:
    nurse = world.nurse_of(visit.nurse_id).caller
    sent = Recording(client_id=visiting.PHOTO, kind="photo", started_at=world.now)
    async with storage.configured(world.pool.settings).incoming() as incoming:
        await incoming.append(files.picture())
        async with attach_file.stored_for_visit(
            world.pool, nurse, visit.id, "photo", incoming
        ) as stored:
            await attach_file.attach_to_visit(world.pool, nurse, visit.id, sent, stored)


async def test_r34_what_is_missing_is_refused_by_name_and_that_it_was_tried_is_kept(
    world: World,
) -> None:
    visit = await in_service(world, service_codes=["RH01"])
    await world.advance(minutes=30)
    await visiting.recorded(world, visit, leave_out="procedure.exudate")
    with pytest.raises(RecordIncomplete) as refusal:
        await finish(world, visit)
    # The photo that an entry names is not there either.
    assert places(refusal) == ["records.procedure.exudate", "records.photo.wound"]
    messages: Any = refusal.value.extras["errors"]
    assert [one["msg"] for one in messages] == ["record_missing", "record_photo"]
    assert (await visiting.visit(world, visit.id)).state is VisitState.IN_SERVICE
    await photographed(world, visit)
    await visiting.recorded(world, visit)
    done = await finish(world, visit)
    assert (done.state, done.flags) == (VisitState.COMPLETED, ["unsigned"])
    async with world.pool.read(world.clock) as conn:
        facts = await visit_facts.list_of_visit(conn, visit.id)
    tried = [(fact.step, fact.taken) for fact in facts if fact.step == "complete"]
    assert tried == [("complete", False), ("complete", True)]


async def test_r34_r60_who_agrees_to_no_picture_is_asked_for_none(world: World) -> None:
    visit = await in_service(world, service_codes=["RH01"])
    patient = world.patient()
    await keep_consents.withdraw_consent(world.pool, patient.caller, patient.id, "recording", None)
    await world.advance(minutes=30)
    await visiting.recorded(world, visit)
    assert (await finish(world, visit)).state is VisitState.COMPLETED


async def test_what_either_nurse_of_an_order_records_counts_for_both(world: World) -> None:
    first, second = await visiting.assigned(world, staff_nos=(1, 3), service_codes=[PAIR])
    for visit in (first, second):
        await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    await visiting.recorded(world, first)
    await world.advance(minutes=60)
    for visit in (second, first):
        assert (await finish(world, visit)).state is VisitState.COMPLETED


@pytest.mark.parametrize("settings", [Settings()], indirect=True)
async def test_without_being_told_to_refuse_it_only_flags(world: World) -> None:
    visit = await in_service(world)
    await world.advance(minutes=20)
    assert (await finish(world, visit)).flags == ["record_incomplete", "unsigned"]


async def test_r35_leaving_early_is_flagged_by_plan_and_by_what_the_service_asks(
    world: World,
) -> None:
    # An injection is planned for 25 minutes, of which half would do, but asks for twenty.
    visit = await in_service(world, service_codes=["EC04"])
    await visiting.recorded(world, visit)
    await world.advance(minutes=19, seconds=59)
    done = await finish(world, visit, early_reason="患者要求")
    assert done.flags == ["short_dwell", "unsigned"]
    async with world.pool.read(world.clock) as conn:
        facts = await visit_facts.list_of_visit(conn, visit.id)
        said = await visit_facts.open_bodies(conn, visit.patient_id, facts)
    assert said[facts[-1].id]["early_reason"] == "患者要求"


@pytest.mark.parametrize("settings", [STRICT], indirect=True)
async def test_r35_r36_an_installation_may_ask_for_the_reason_and_the_signature(
    world: World,
) -> None:
    visit = await in_service(world, service_codes=["EC04"])
    await visiting.recorded(world, visit)
    await world.advance(minutes=10)
    with pytest.raises(RecordIncomplete) as refusal:
        await finish(world, visit)
    assert places(refusal) == ["body.early_reason", "body.signature"]
    signature = {"signed_by": "王小明", "relation": "relative", "svg": None}
    done = await finish(world, visit, early_reason="患者要求", signature=signature)
    assert (done.state, done.flags) == (VisitState.COMPLETED, ["short_dwell"])
    order = await world.order(visit.order_id)
    assert order.signed_at == world.now
    assert order.signature_sealed is not None
    assert "王小明".encode() not in order.signature_sealed


@pytest.mark.parametrize("settings", [STRICT], indirect=True)
async def test_r36_a_service_without_risk_needs_no_signature(world: World) -> None:
    visit = await in_service(world)
    await visiting.recorded(world, visit)
    await world.advance(minutes=20)
    assert (await finish(world, visit)).flags == ["unsigned"]


async def test_an_operator_completes_without_the_record_and_that_is_flagged(world: World) -> None:
    visit = await in_service(world)
    await world.advance(minutes=20)
    done = await end_visit.end_for_her(world.pool, world.operator, visit.id, "complete", "手机故障")
    assert done.flags == ["ended_by_operator", "record_incomplete"]


async def prescribed(world: World, days: int) -> Any:
    """A prescription of patient 1 for an injection that ends so many days from now."""
    today = world.now.date()

    async def write(conn: Any) -> Any:
        return await prescriptions.insert(
            conn,
            world.patient(1).id,
            Content(prescriber="方医生", institution="测试医院1", items=(Item(drug="B12"),)),
            service_codes=["EC04"],
            issued_on=today,
            valid_until=today + timedelta(days=days),
        )

    return (await world.pool.transact(world.patient(1).caller, write)).id


async def test_r28_a_prescription_that_has_ended_by_the_day_of_the_visit_fills_no_seat(
    world: World,
) -> None:
    """Placing asks for the whole window; here the row was made without asking."""
    earliest, latest = (world.now + timedelta(hours=hours) for hours in (26, 30))
    for days, fits in ((0, False), (1, True)):
        order = await world.open(
            1,
            service_codes=["EC04"],
            prescription_id=await prescribed(world, days),
            earliest=earliest,
            latest=latest,
        )
        assign = intervene.assign_order(
            world.pool, world.operator, order.id, world.nurse(1).id, "电话"
        )
        if fits:
            assert (await assign).state == "assigned"
            continue
        with pytest.raises(RuleRefused) as refusal:
            await assign
        errors: Any = refusal.value.extras["errors"]
        assert errors == [{"loc": ["order", "prescription_id"], "msg": "prescription_valid"}]


async def test_r28_nobody_sets_out_on_a_prescription_that_has_ended(world: World) -> None:
    (visit,) = await visiting.assigned(
        world, service_codes=["EC04"], prescription_id=await prescribed(world, 0)
    )
    nurse = world.nurse(1).caller
    # Past midnight in Jinhua it is the day after.
    await world.advance(hours=15, minutes=30)
    with pytest.raises(RuleRefused) as refusal:
        await run_visit.depart(world.pool, nurse, visit.id, at_door(world.now))
    errors: Any = refusal.value.extras["errors"]
    assert errors[0]["msg"] == "prescription_valid"
    # What her phone kept since the right day is taken.
    late = at_door(visit.planned_start)
    assert (await run_visit.depart(world.pool, nurse, visit.id, late)).state == "en_route"
