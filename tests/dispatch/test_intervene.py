"""Assessors and operators: approving, assigning by hand, starting over, holding and reopening."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.acts import answer_offer, assess_order, fill_order, intervene
from dispatch.acts.assess_order import Decision
from dispatch.errors import (
    DispatchError,
    Forbidden,
    IllegalTransition,
    InvalidFields,
    NotEligible,
    NurseBusy,
    StaleVersion,
)
from dispatch.ids import new_id
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import decisions
from tests.world import PAIR, SPECIAL, World


async def test_approval_opens_the_order_and_the_note_is_sealed(world: World) -> None:
    order = await world.place()
    approved = await assess_order.assess_order(
        world.pool, world.reviewer, order.id, Decision.APPROVE, "可居家操作", risk="low"
    )
    assert (approved.state, approved.next_wave_at) == (OrderState.OPEN, world.now)
    assert approved.promise_at == world.now + timedelta(minutes=240)
    assert approved.assessment is not None
    assert approved.assessment["by"] == str(world.reviewer.account_id)
    assert approved.assessment_sealed is not None
    assert "可居家操作".encode() not in approved.assessment_sealed
    assert await fill_order.send_waves(world.pool) == 1


async def test_more_information_leaves_it_submitted_and_a_rejection_ends_it(world: World) -> None:
    order = await world.place()
    asked = await assess_order.assess_order(
        world.pool, world.operator, order.id, Decision.NEED_INFO, "请补充病历"
    )
    assert (asked.state, asked.version) == (OrderState.SUBMITTED, order.version + 1)
    rejected = await assess_order.assess_order(
        world.pool, world.operator, order.id, Decision.REJECT, "不宜居家", version=asked.version
    )
    assert rejected.state is OrderState.REJECTED
    wakes = await world.owner.fetch(
        "SELECT wake FROM outbox WHERE order_id = $1 AND wake IS NOT NULL ORDER BY id", order.id
    )
    assert [row["wake"] for row in wakes] == ["need_info", "order_rejected"]
    with pytest.raises(IllegalTransition) as refusal:
        await assess_order.assess_order(
            world.pool, world.operator, order.id, Decision.APPROVE, "again"
        )
    assert refusal.value.extras["state"] == "rejected"


async def test_patients_may_not_assess_and_stale_versions_are_refused(world: World) -> None:
    order = await world.place()
    with pytest.raises(Forbidden):
        await assess_order.assess_order(
            world.pool, world.patient().caller, order.id, Decision.APPROVE, "I am fine"
        )
    with pytest.raises(StaleVersion):
        await assess_order.assess_order(
            world.pool, world.operator, order.id, Decision.APPROVE, "ok", version=99
        )
    assert (await world.order(order.id)).state is OrderState.SUBMITTED


async def test_assign_fills_the_lowest_empty_seat_and_withdraws_the_offers(world: World) -> None:
    order = await world.open(service_codes=[PAIR])
    await fill_order.send_waves(world.pool)
    one, two = world.nurse(20), world.nurse(21)
    first = await intervene.assign_order(world.pool, world.operator, order.id, one.id, "已电话确认")
    assert first.state is OrderState.OPEN
    assert {offer.seat for offer in await world.offers(order.id, "sent")} == {2}
    second = await intervene.assign_order(world.pool, world.operator, order.id, two.id, "同上")
    assert second.state is OrderState.ASSIGNED
    assert not await world.offers(order.id, "sent")
    seats = {visit.seat: (visit.nurse_id, visit.offer_id) for visit in await world.visits(order.id)}
    assert seats == {1: (one.id, None), 2: (two.id, None)}
    with pytest.raises(IllegalTransition):
        await intervene.assign_order(world.pool, world.operator, order.id, one.id, "once more")


async def test_from_whom_an_order_is_taken_back_is_not_asked_again_before_others(
    world: World,
) -> None:
    """She used to be the first to be asked: nearest, known to the patient, even preferred."""
    hers = world.nurse(1)
    order = await world.open(preferences={"preferred_nurse_id": str(hers.id)})
    await intervene.assign_order(world.pool, world.operator, order.id, hers.id, "已电话确认")
    await intervene.redispatch_order(world.pool, world.operator, order.id, "她今天身体不适")
    (visit,) = await world.visits(order.id)
    assert (visit.state, visit.end_reason) == (VisitState.RELEASED, "order_redispatch")
    await fill_order.send_waves(world.pool)
    asked = [offer.nurse_id for offer in await world.offers(order.id, "sent")]
    assert len(asked) == world.pool.settings.wave_sizes[0]
    assert hers.id not in asked


async def test_from_whom_an_order_is_taken_back_is_asked_if_there_is_nobody_else(
    world: World,
) -> None:
    hers = world.nurse(1)
    order = await world.open()
    await intervene.assign_order(world.pool, world.operator, order.id, hers.id, "已电话确认")
    await world.owner.execute("UPDATE nurses SET available = false WHERE id <> $1", hers.id)
    await intervene.redispatch_order(world.pool, world.operator, order.id, "换人")
    await fill_order.send_waves(world.pool)
    assert [offer.nurse_id for offer in await world.offers(order.id, "sent")] == [hers.id]


async def test_assign_keeps_to_the_rules(world: World) -> None:
    order = await world.open(service_codes=[SPECIAL])
    with pytest.raises(NotEligible):
        await intervene.assign_order(
            world.pool, world.operator, order.id, world.nurse(2).id, "she offered to"
        )
    with pytest.raises(InvalidFields):
        await intervene.assign_order(world.pool, world.operator, order.id, new_id(), "who?")
    bound = replace(world.operator, institution_id=world.institution_ids[1])
    with pytest.raises(InvalidFields):
        await intervene.assign_order(world.pool, bound, order.id, world.nurse(1).id, "not ours")


async def test_who_declined_may_be_talked_round_but_is_not_asked_again(world: World) -> None:
    order = await world.open()
    await fill_order.send_waves(world.pool)
    offer = (await world.offers(order.id))[0]
    nurse = world.nurse_of(offer.nurse_id)
    await answer_offer.decline_offer(world.pool, nurse.caller, offer.id, "busy")
    again = await intervene.redispatch_order(world.pool, world.operator, order.id, "换人")
    assert (again.round, again.state) == (2, OrderState.OPEN)
    await fill_order.send_waves(world.pool)
    assert nurse.id not in {o.nurse_id for o in await world.offers(order.id, "sent")}
    assigned = await intervene.assign_order(
        world.pool, world.operator, order.id, nurse.id, "电话里同意了"
    )
    assert assigned.state is OrderState.ASSIGNED


async def test_a_busy_nurse_is_not_assigned(world: World) -> None:
    window = {
        "earliest": world.now + timedelta(hours=3),
        "latest": world.now + timedelta(hours=3, minutes=5),
    }
    first, second = await world.open(1, **window), await world.open(2, **window)
    nurse = world.nurse(5)
    await intervene.assign_order(world.pool, world.operator, first.id, nurse.id, "ok")
    with pytest.raises(NurseBusy):
        await intervene.assign_order(world.pool, world.operator, second.id, nurse.id, "too")


async def test_redispatch_ends_the_visit_and_starts_over(world: World) -> None:
    order = await world.open()
    nurse = world.nurse(3)
    await intervene.assign_order(world.pool, world.operator, order.id, nurse.id, "ok")
    again = await intervene.redispatch_order(world.pool, world.operator, order.id, "她病了")
    assert (again.state, again.round, again.wave) == (OrderState.OPEN, 2, 0)
    assert again.institution_id is None
    (visit,) = await world.visits(order.id)
    assert visit.state is VisitState.RELEASED
    await fill_order.send_waves(world.pool)
    assert {offer.round for offer in await world.offers(order.id, "sent")} == {2}


async def test_hold_stops_the_waves_but_not_an_answer(world: World) -> None:
    order = await world.open()
    await fill_order.send_waves(world.pool)
    held = await intervene.hold_order(world.pool, world.operator, order.id, "等家属回电")
    assert (held.state, held.next_wave_at) == (OrderState.HELD, None)
    await world.advance(minutes=4)
    assert await fill_order.send_waves(world.pool) == 0
    offer = (await world.offers(order.id, "sent"))[0]
    await answer_offer.accept_offer(world.pool, world.nurse_of(offer.nurse_id).caller, offer.id)
    assert (await world.order(order.id)).state is OrderState.ASSIGNED


async def test_reopen_starts_a_new_round(world: World) -> None:
    order = await world.open()
    await fill_order.send_waves(world.pool)
    await intervene.hold_order(world.pool, world.operator, order.id)
    reopened = await intervene.reopen_order(world.pool, world.operator, order.id)
    assert (reopened.state, reopened.round) == (OrderState.OPEN, 2)
    assert not await world.offers(order.id, "sent")
    assert await fill_order.send_waves(world.pool) == 1


async def test_an_operator_and_nurses_at_the_same_seat(world: World) -> None:
    """Whoever comes first wins; the other is told, and nothing is left half done."""
    for number in range(1, 6):
        order = await world.open(number)
        await fill_order.send_waves(world.pool)
        sent = await world.offers(order.id, "sent")
        mine = world.nurse(25 + number)
        answers = await asyncio.gather(
            intervene.assign_order(world.pool, world.operator, order.id, mine.id, "ok"),
            *(
                answer_offer.accept_offer(
                    world.pool, world.nurse_of(offer.nurse_id).caller, offer.id
                )
                for offer in sent
            ),
            return_exceptions=True,
        )
        assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
        assert all(isinstance(a, DispatchError) for a in answers if isinstance(a, BaseException))
        assert (await world.order(order.id)).state is OrderState.ASSIGNED
        assert len(await world.visits(order.id, "scheduled")) == 1
        assert not await world.offers(order.id, "sent")


async def test_a_preview_shows_what_the_wave_will_find(world: World) -> None:
    """Before any wave the operator sees the very numbers that the first one then works with."""
    order = await world.open()
    async with world.pool.read(world.operator) as conn:
        seen = await fill_order.preview(conn, order)
    await fill_order.send_waves(world.pool)
    async with world.pool.read(world.operator) as conn:
        kept = await decisions.find_latest(conn, order.id, order.round)
    assert seen is not None
    assert kept is not None
    assert seen.considered == kept.considered
    assert seen.summary == kept.summary
