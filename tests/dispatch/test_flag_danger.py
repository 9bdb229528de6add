"""Flags on patients and addresses: evidence, a second person, appeal, an end; who sees what."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from config.assessment import Decision
from config.vocabulary import Condition
from dispatch.acts import assess_order, fill_order, flag_danger, review_orders, run_visit
from dispatch.acts.flag_danger import Danger
from dispatch.database import Caller
from dispatch.errors import (
    Forbidden,
    IllegalTransition,
    InvalidFields,
    NotEligible,
    NotFound,
    RuleRefused,
    SecondPersonNeeded,
)
from dispatch.ids import new_id
from dispatch.lifecycles import FlagState, OrderState, VisitState
from dispatch.records import safety_flags
from dispatch.records.safety_flags import SafetyFlag
from tests import visiting
from tests.world import World

PAIR = (Condition.TWO_NURSES,)
THREAT = Danger(kind="threat", conditions=PAIR, words="家属持械威胁", of_address=True)


@pytest.fixture
async def proposed(world: World) -> SafetyFlag:
    """Nurse 1, who has been there, says that two should go."""
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    return await flag_danger.flag_visit(world.pool, world.nurse(1).caller, visit.id, THREAT)


async def confirmed(world: World, *conditions: Condition, patient: int = 1) -> SafetyFlag:
    danger = Danger(kind="harassment", conditions=conditions or PAIR, words="多次骚扰")
    flag = await flag_danger.flag_patient(
        world.pool, world.admin, world.patient(patient).id, danger
    )
    return await flag_danger.confirm_flag(world.pool, world.operator, flag.id, "核实录音")


async def conditions(world: World, table: str) -> list[str]:
    person = world.patient()
    found: list[str] = await world.owner.fetchval(
        f"SELECT flag_conditions FROM {table} WHERE id = $1",  # noqa: S608
        person.address_id if table == "addresses" else person.id,
    )
    return found


async def test_a_danger_may_ask_for_whatever_an_assessment_may(world: World) -> None:
    flag = await confirmed(world, *Condition)
    assert set(flag.conditions) == set(Condition)
    assert set(await conditions(world, "patients")) == set(Condition)


async def seen_by(world: World, caller: Caller) -> list[UUID]:
    async with world.pool.read(caller) as conn:
        return [flag.id for flag in await safety_flags.list_all(conn, before=None, limit=50)]


async def test_r41_a_proposal_binds_nobody_until_another_person_has_confirmed_it(
    world: World, proposed: SafetyFlag
) -> None:
    assert (proposed.state, proposed.conditions) == (FlagState.PROPOSED, ["two_nurses"])
    assert await conditions(world, "addresses") == []
    own = replace(world.operator, account_id=proposed.proposed_by)
    with pytest.raises(SecondPersonNeeded):
        await flag_danger.confirm_flag(world.pool, own, proposed.id, "我看见的")
    flag = await flag_danger.confirm_flag(world.pool, world.operator, proposed.id, "核实")
    assert (flag.state, flag.decided_by) == (FlagState.CONFIRMED, world.operator.account_id)
    assert flag.valid_until == world.now + timedelta(days=180)
    assert await conditions(world, "addresses") == ["two_nurses"]
    assert await conditions(world, "patients") == []


async def test_r41_the_evidence_is_of_the_visit(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    danger = replace(THREAT, evidence=(new_id(),))
    with pytest.raises(InvalidFields) as refusal:
        await flag_danger.flag_visit(world.pool, world.nurse(1).caller, visit.id, danger)
    assert refusal.value.extras["errors"] == [
        {"loc": ["body", "evidence", 0], "msg": "unknown_attachment"}
    ]
    with pytest.raises(NotFound):
        await flag_danger.flag_visit(world.pool, world.nurse(2).caller, visit.id, THREAT)


async def test_r41_a_rejected_proposal_leaves_nothing_behind(
    world: World, proposed: SafetyFlag
) -> None:
    flag = await flag_danger.reject_flag(world.pool, world.operator, proposed.id, "误会")
    assert flag.state is FlagState.REJECTED
    assert await conditions(world, "addresses") == []
    assert await seen_by(world, world.patient().caller) == []
    with pytest.raises(IllegalTransition):
        await flag_danger.confirm_flag(world.pool, world.operator, proposed.id, "又核实")


async def test_r41_an_appeal_is_decided_by_another_person_and_lifts_nothing_by_itself(
    world: World,
) -> None:
    flag = await confirmed(world)
    patient = world.patient().caller
    appealed = await flag_danger.appeal_flag(world.pool, patient, flag.id, "没有这回事")
    assert appealed.state is FlagState.APPEALED
    assert await conditions(world, "patients") == ["two_nurses"]
    for decide in (flag_danger.confirm_flag, flag_danger.reject_flag):
        with pytest.raises(SecondPersonNeeded):
            await decide(world.pool, world.operator, flag.id, "我已经核实过")
    other = replace(world.operator, account_id=world.reviewer.account_id)
    lifted = await flag_danger.reject_flag(world.pool, other, flag.id, "证据不足")
    assert lifted.state is FlagState.REJECTED
    assert await conditions(world, "patients") == []
    words = await world.owner.fetch(
        "SELECT move, note_sealed IS NOT NULL AS said FROM history WHERE subject_id = $1"
        " ORDER BY id",
        flag.id,
    )
    assert [tuple(row) for row in words] == [
        ("propose", False),
        ("confirm", True),
        ("appeal", False),
        ("reject", True),
    ]


async def test_r41_who_appeals_is_the_patients_side_and_nobody_else(world: World) -> None:
    flag = await confirmed(world)
    with pytest.raises(NotFound):
        await flag_danger.appeal_flag(world.pool, world.patient(2).caller, flag.id, "不是我")
    with pytest.raises(Forbidden):
        await flag_danger.appeal_flag(world.pool, world.operator, flag.id, "代为申诉")


async def test_r41_a_flag_ends_by_itself_and_one_that_nobody_decides_is_told_again(
    world: World, proposed: SafetyFlag
) -> None:
    await world.advance(hours=23)
    assert await flag_danger.keep_flags(world.pool) == 0
    await world.advance(hours=1)
    swept = await asyncio.gather(*(flag_danger.keep_flags(world.pool) for _ in range(2)))
    assert sum(swept) == 1
    told: list[Any] = await world.owner.fetch(
        "SELECT (data ->> 'overdue')::bool AS overdue FROM outbox"
        " WHERE event = 'flag.proposed' ORDER BY id"
    )
    assert [row["overdue"] for row in told] == [False, True]
    await flag_danger.confirm_flag(world.pool, world.operator, proposed.id, "核实", valid_days=30)
    await world.advance(days=30)
    assert await flag_danger.keep_flags(world.pool) == 1
    assert await conditions(world, "addresses") == []
    state = await world.owner.fetchval("SELECT state FROM safety_flags")
    assert state == "expired"


async def test_r41_of_two_flags_one_that_ends_leaves_the_other(world: World) -> None:
    first = await confirmed(world, Condition.TWO_NURSES, Condition.DAYTIME_ONLY)
    await confirmed(world, Condition.DAYTIME_ONLY)
    assert await conditions(world, "patients") == ["daytime_only", "two_nurses"]
    await flag_danger.reject_flag(world.pool, world.operator, first.id, "已搬走")
    assert await conditions(world, "patients") == ["daytime_only"]


async def test_r41_a_confirmed_flag_binds_what_is_ordered_already(world: World) -> None:
    """Who is looked for comes in twos; who has accepted hears of it, and does not go alone."""
    (visit,) = await visiting.assigned(world)
    waiting = await world.open(
        earliest=world.now + timedelta(hours=24), latest=world.now + timedelta(hours=30)
    )
    await confirmed(world)
    assert (await world.order(waiting.id)).seats == 2
    await fill_order.send_waves(world.pool)
    assert {offer.seat for offer in await world.offers(waiting.id)} == {1, 2}
    assert flag_danger.FLAG in (await visiting.visit(world, visit.id)).flags
    woken = await world.owner.fetchval(
        "SELECT account_ids FROM outbox WHERE wake = 'conditions_changed'"
    )
    assert woken == [world.nurse(1).account_id]
    with pytest.raises(NotEligible):
        await run_visit.depart(
            world.pool, world.nurse(1).caller, visit.id, visiting.at_door(world.now)
        )


async def test_r41_where_nobody_is_sent_any_more_no_order_is_approved(world: World) -> None:
    """Neither by a person, who is told why, nor by the clock that goes by an earlier assessment."""
    first = await world.place()
    await assess_order.assess_order(
        world.pool, world.reviewer, first.id, Decision.APPROVE, "可以", risk="low"
    )
    again = await world.place()
    flag = await confirmed(world, Condition.NO_VISITS)
    for _ in range(2):
        await world.advance(minutes=5)
        await review_orders.review_orders(world.pool)
    assert (await world.order(again.id)).review == "person"
    approve = (world.pool, world.reviewer, again.id, Decision.APPROVE, "可以")
    with pytest.raises(RuleRefused) as refusal:
        await assess_order.assess_order(*approve)
    assert refusal.value.extras["errors"] == [{"loc": ["order", "flags"], "msg": "no_visits"}]
    assert refusal.value.filling == {"danger": ["harassment"]}
    elsewhere = await world.place(2)
    await assess_order.assess_order(
        world.pool, world.reviewer, elsewhere.id, Decision.APPROVE, "可以"
    )
    await flag_danger.reject_flag(world.pool, world.operator, flag.id, "已搬走")
    with pytest.raises(RuleRefused):
        await assess_order.assess_order(*approve, conditions=["no_visits"])
    assert (await assess_order.assess_order(*approve)).state is OrderState.OPEN


async def test_r41_a_nurse_sees_what_concerns_her_visit_only_and_while_it_lasts(
    world: World,
) -> None:
    here, elsewhere = await confirmed(world), await confirmed(world, patient=2)
    nurse, other = world.nurse(1).caller, world.nurse(2).caller
    assert await seen_by(world, nurse) == []
    (visit,) = await visiting.assigned(world, 3)
    await world.owner.execute(
        "UPDATE visits SET patient_id = $2 WHERE id = $1", visit.id, world.patient(1).id
    )
    assert (await seen_by(world, nurse), await seen_by(world, other)) == ([here.id], [])
    await run_visit.release(world.pool, nurse, visit.id, "临时有事")
    assert await seen_by(world, nurse) == []
    assert await seen_by(world, world.patient(2).caller) == [elsewhere.id]


async def test_r41_of_another_address_of_the_same_patient_she_sees_nothing(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    flag = await flag_danger.flag_visit(world.pool, world.nurse(1).caller, visit.id, THREAT)
    await flag_danger.confirm_flag(world.pool, world.operator, flag.id, "核实")
    later = await world.open(
        earliest=world.now + timedelta(hours=24), latest=world.now + timedelta(hours=30)
    )
    await world.owner.execute(
        "UPDATE orders SET address_id = $2, seats = 1 WHERE id = $1",
        later.id,
        world.patient(2).address_id,
    )
    await visiting.seated(world, await world.order(later.id), 1, 2)
    assert await seen_by(world, world.nurse(2).caller) == []
