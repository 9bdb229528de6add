"""Assessments: what is kept of them, how long they hold, what voids them, who is asked for one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from config import assessment as vocabulary
from config.assessment import Decision
from config.settings import Settings
from config.vocabulary import Risk
from dispatch import booking, sourcing, worries
from dispatch.acts import (
    answer_question,
    assess_order,
    change_order,
    fill_order,
    intervene,
    keep_patient,
    keep_record,
    place_order,
    review_orders,
    run_visit,
)
from dispatch.acts.keep_record import Entry
from dispatch.errors import IllegalTransition, InvalidFields, RuleRefused
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import assessments, orders, reviews
from dispatch.records.orders import Order
from tests import visiting
from tests.dispatch.test_place_order import CONSENTS, wish
from tests.world import CATALOGUE, EASY, World

WOUND = "RH01"
HIGH = "LT05"
WORDS = vocabulary.load()
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def settings() -> Settings:
    return Settings(reuse_after_s=0)


async def assess(
    world: World, order: Order, decision: Decision = Decision.APPROVE, **form: Any
) -> Order:
    return await assess_order.assess_order(
        world.pool, world.reviewer, order.id, decision, "已评估", **form
    )


async def repeat(world: World, code: str = EASY, **changes: Any) -> Order:
    """The same patient orders again; how the order stands once the clock has looked, twice."""
    order = await world.place(service_codes=[code], **changes)
    for _ in range(2):
        await review_orders.review_orders(world.pool)
    return await world.order(order.id)


async def waiting(world: World) -> list[Order]:
    async with world.pool.read(world.reviewer) as conn:
        return await reviews.list_waiting(conn, county=None, after=None, limit=50)


@pytest.mark.parametrize(
    ("told", "basis"),
    [
        (None, "unspecified"),
        ("terminal", "terminal"),
        ("行动不便", "limited_mobility"),
        (" Home bed ", "home_bed"),
        ("家里没人照顾", "other"),
    ],
)
async def test_r10_every_order_has_its_basis_and_none_is_refused(
    world: World, told: str | None, basis: str
) -> None:
    asked = wish(world, eligibility_basis=WORDS.basis_of(told))
    placed = await place_order.place_order(world.pool, world.patient().caller, CONSENTS, asked)
    assert (await world.order(placed.id)).eligibility_basis == basis


async def test_r11_without_an_assessment_nobody_is_sent(world: World) -> None:
    order = await repeat(world)
    assert (order.state, order.review) == (OrderState.SUBMITTED, "person")
    assert [one.id for one in await waiting(world)] == [order.id]


@pytest.mark.parametrize(
    ("decision", "form", "outcome"),
    [
        (Decision.APPROVE, {}, "pass"),
        (Decision.APPROVE, {"conditions": ["family_present"]}, "pass_with_conditions"),
        (Decision.REJECT, {}, "reject"),
        (Decision.REJECT, {"outcome": "online_advice"}, "online_advice"),
        (Decision.REJECT, {"outcome": "refer"}, "refer"),
        (Decision.NEED_INFO, {}, "need_info"),
    ],
)
async def test_r12_an_assessment_has_one_of_the_outcomes(
    world: World, decision: Decision, form: dict[str, Any], outcome: str
) -> None:
    order = await assess(world, await world.place(), decision, **form)
    assert (order.assessment or {})["outcome"] == outcome
    assert (
        await world.owner.fetchval("SELECT outcome FROM assessments WHERE order_id = $1", order.id)
        == outcome
    )


async def test_r12_an_outcome_that_does_not_go_with_the_decision_is_refused(world: World) -> None:
    order = await world.place()
    with pytest.raises(RuleRefused) as refusal:
        await assess(world, order, Decision.APPROVE, outcome="refer")
    assert refusal.value.extras["errors"] == [
        {"loc": ["body", "outcome"], "msg": "outcome_decision"}
    ]
    assert (await world.order(order.id)).state is OrderState.SUBMITTED


@pytest.mark.parametrize(
    ("conditions", "tier"), [([], 1), (["higher_tier"], 2), (["specialist", "higher_tier"], 3)]
)
async def test_r12_a_condition_asks_for_a_nurse_of_a_higher_tier(
    world: World, conditions: list[str], tier: int
) -> None:
    order = await assess(world, await world.place(), conditions=conditions)
    async with world.pool.read(world.clock) as conn:
        assert (await sourcing.need_of(conn, order)).min_tier == tier


async def test_r18_each_form_is_kept_with_its_author_time_and_version_and_is_sealed(
    world: World,
) -> None:
    order = await world.place()
    await assess(world, order, Decision.NEED_INFO)
    await assess(
        world,
        order,
        checklist={"condition_stable": True},
        findings="可自行翻身",
        conditions=["daytime_only", "请勿按门铃"],
    )
    first, second = await assess_order.open_assessments(world.pool, world.reviewer, order.id)
    assert [(one.version, one.decision) for one in (first, second)] == [
        (1, "need_info"),
        (2, "approve"),
    ]
    assert second.author_id == world.reviewer.account_id
    assert second.assessed_at == world.now
    assert second.form_version.startswith(CATALOGUE.version)
    assert second.conditions == ["daytime_only"]
    for table in ("assessments", "orders", "history"):
        rows = await world.owner.fetchval(f"SELECT string_agg(t::text, '') FROM {table} t")  # noqa: S608
        assert not any(word in rows for word in ("翻身", "门铃", "已评估"))
    async with world.pool.read(world.reviewer) as conn:
        form = await assessments.open_form(conn, second)
    assert form == {
        "note": "已评估",
        "findings": "可自行翻身",
        "checklist": {"condition_stable": True},
        "overrides": {},
        "conditions": ["daytime_only", "请勿按门铃"],
    }
    with pytest.raises(Exception, match="append-only"):
        await world.owner.execute("UPDATE assessments SET outcome = 'pass'")


@pytest.mark.parametrize(
    ("code", "risk", "days"),
    [
        (EASY, Risk.LOW, 90),
        (WOUND, Risk.LOW, 7),
        ("MI01", Risk.LOW, 7),
        ("MI10", Risk.LOW, 7),
        ("LT09", Risk.LOW, 7),
        (HIGH, Risk.LOW, None),
        (EASY, Risk.HIGH, None),
    ],
)
def test_r16_how_long_an_assessment_holds_goes_by_service_and_risk(
    code: str, risk: Risk, days: int | None
) -> None:
    assert WORDS.valid_days(CATALOGUE.get(code), risk, 90) == days
    assert vocabulary.unknown(WORDS, CATALOGUE) == []


async def test_r16_a_valid_earlier_one_approves_a_repeat_by_itself_and_says_so(
    world: World,
) -> None:
    first = await assess(world, await world.place(), conditions=["family_present"])
    again = await repeat(world)
    assert again.state is OrderState.OPEN
    assert again.next_wave_at == world.now
    assert again.assessment is not None
    assert again.assessment["earlier"] is True
    assert again.assessment["conditions"] == ["family_present"]
    told = await world.owner.fetchrow(
        "SELECT actor_role, detail FROM history WHERE subject_id = $1 AND move = 'approve'",
        again.id,
    )
    assert told is not None
    assert told["actor_role"] == "clock"
    assert "earlier_assessment" in told["detail"]
    (kept,) = await assess_order.open_assessments(world.pool, world.reviewer, again.id)
    assert kept.author_id is None
    assert kept.earlier_ids == [(await _of(world, first)).id]
    assert await waiting(world) == []


async def _of(world: World, order: Order) -> assessments.Assessment:
    return (await assess_order.open_assessments(world.pool, world.reviewer, order.id))[-1]


@pytest.mark.parametrize(
    "case", ["other service", "other patient", "too late", "high risk", "said in the order"]
)
async def test_r16_what_it_does_not_cover_goes_to_a_person(world: World, case: str) -> None:
    code = HIGH if case == "high risk" else EASY
    await assess(world, await world.place(service_codes=[code]))
    cases: dict[str, dict[str, Any]] = {
        "other service": {"code": "EC07"},
        "other patient": {"number": 2},
        "too late": {"earliest": world.now + 90 * DAY, "latest": world.now + 91 * DAY},
        "high risk": {"code": HIGH},
        "said in the order": {"condition_changed": True},
    }
    assert (await repeat(world, **cases[case])).review == "person"


async def test_r16_it_holds_to_its_last_day_and_no_longer(world: World) -> None:
    await assess(world, await world.place(service_codes=[WOUND]))
    last = world.now + 7 * DAY
    assert (await repeat(world, WOUND, earliest=last - DAY, latest=last)).state is OrderState.OPEN
    second = timedelta(seconds=1)
    later = await repeat(world, WOUND, earliest=last - DAY, latest=last + second)
    assert later.review == "person"
    await world.advance(days=7, seconds=1)
    assert (await repeat(world, WOUND)).review == "person"


async def test_r16_a_repeat_that_was_moved_beyond_its_time_waits_for_a_person(
    world: World,
) -> None:
    await assess(world, await world.place(service_codes=[WOUND]))
    order = await world.place(service_codes=[WOUND])
    await review_orders.review_orders(world.pool)
    assert (await world.order(order.id)).review == "clock"
    await change_order.reschedule_order(
        world.pool,
        world.patient().caller,
        order.id,
        earliest=world.now + 8 * DAY,
        latest=world.now + 9 * DAY,
    )
    await review_orders.review_orders(world.pool)
    assert (await world.order(order.id)).review == "person"


async def test_r16_another_finding_replaces_the_earlier_one(world: World) -> None:
    await assess(world, await world.place())
    waits = await world.place()
    await assess(world, waits, Decision.REJECT)
    assert (await repeat(world)).review == "person"


async def test_r16_of_findings_at_the_same_moment_one_stays_in_force(world: World) -> None:
    placed = [await world.place() for _ in range(6)]
    found = await asyncio.gather(*(assess(world, order) for order in placed))
    assert {order.state for order in found} == {OrderState.OPEN}
    async with world.pool.read(world.reviewer) as conn:
        in_force = await assessments.list_in_force(conn, [world.patient().id])
    assert [clearance.service_code for clearance in in_force] == [EASY]


@pytest.mark.parametrize("change", [{"conditions": ("脑卒中",)}, {"allergies": ("碘伏",)}])
async def test_r16_a_changed_condition_voids_it_also_for_what_waits(
    world: World, change: dict[str, Any]
) -> None:
    await assess(world, await world.place())
    order = await world.place()
    await review_orders.review_orders(world.pool)
    assert (await world.order(order.id)).review == "clock"
    person = world.patient()
    await keep_patient.change_patient(world.pool, person.caller, person.id, change, None)
    for _ in range(2):
        await review_orders.review_orders(world.pool)
    assert (await world.order(order.id)).review == "person"


async def test_r16_a_profile_that_says_the_same_voids_nothing(world: World) -> None:
    await assess(world, await world.place())
    person = world.patient()
    same = {"conditions": ("高血压",), "name": "别的名字"}
    await keep_patient.change_patient(world.pool, person.caller, person.id, same, None)
    assert (await repeat(world)).state is OrderState.OPEN


@pytest.mark.parametrize(
    ("reason", "review"), [("clinical: 血压过高", "person"), ("nobody_home", "clock")]
)
async def test_r16_r17_a_clinical_abort_at_the_door_voids_it(
    world: World, reason: str, review: str
) -> None:
    await assess(world, await world.place())
    (visit,) = await visiting.assigned(world)
    visit = await visiting.advanced(world, visit, VisitState.ARRIVED)
    nurse = world.nurse_of(visit.nurse_id).caller
    await run_visit.abort(world.pool, nurse, visit.id, Report(at=world.now), reason)
    order = await world.place()
    await review_orders.review_orders(world.pool)
    assert (await world.order(order.id)).review == review


@pytest.mark.parametrize(("told", "review"), [("面色苍白、出冷汗", "person"), ("无。", "clock")])
async def test_r16_an_adverse_sign_voids_it(world: World, told: str, review: str) -> None:
    await assess(world, await world.place())
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    entry = Entry(
        client_id=new_id(), kind="procedure", data={"adverse_signs": told}, recorded_at=world.now
    )
    nurse = world.nurse_of(visit.nurse_id).caller
    await keep_record.keep_record(world.pool, nurse, visit.id, entry)
    order = await world.place()
    await review_orders.review_orders(world.pool)
    assert (await world.order(order.id)).review == review


async def test_a_repeat_is_left_for_a_moment_and_a_person_may_take_it_up(world: World) -> None:
    patient = Settings(reuse_after_s=60)
    world.pool.settings = patient
    await assess(world, await world.place())
    order = await repeat(world)
    assert (order.review, order.review_at) == ("clock", world.now + timedelta(seconds=60))
    rejected = await assess(world, order, Decision.REJECT)
    assert rejected.state is OrderState.REJECTED
    await assess(world, await world.place())
    order = await repeat(world)
    await world.advance(seconds=60)
    await review_orders.review_orders(world.pool)
    assert (await world.order(order.id)).state is OrderState.OPEN


async def test_a_person_may_still_approve_what_the_clock_has_approved(world: World) -> None:
    await assess(world, await world.place())
    order = await repeat(world)
    same = await assess(world, order)
    assert (same.state, same.version) == (OrderState.OPEN, order.version)
    assert [one.author_id for one in await _all(world, order)] == [
        None,
        world.reviewer.account_id,
    ]
    with pytest.raises(IllegalTransition):
        await assess(world, order, Decision.REJECT)


async def _all(world: World, order: Order) -> list[assessments.Assessment]:
    return await assess_order.open_assessments(world.pool, world.reviewer, order.id)


async def test_the_queue_shows_what_needs_a_person_oldest_promise_first(world: World) -> None:
    await assess(world, await world.place())
    late = await world.place(2, promise_at=world.now + timedelta(hours=3))
    soon = await world.place(3, promise_at=world.now + timedelta(hours=1))
    asked = await world.place(4)
    await assess(world, asked, Decision.NEED_INFO)
    repeated = await repeat(world)
    assert repeated.state is OrderState.OPEN
    assert [order.id for order in await waiting(world)] == [soon.id, late.id]


async def test_an_answer_brings_the_order_back_before_the_assessors(world: World) -> None:
    me = world.patient().caller
    order = await world.place()
    with pytest.raises(IllegalTransition):
        await answer_question.answer_question(world.pool, me, order.id, "没有人问过")
    await assess(world, order, Decision.NEED_INFO)
    assert await waiting(world) == []
    with pytest.raises(InvalidFields):
        await answer_question.answer_question(world.pool, me, order.id, "好", ["no_such_thing"])
    answered = await answer_question.answer_question(
        world.pool, me, order.id, "可以自己翻身", ["condition_stable"]
    )
    assert answered.preconditions == ["condition_stable"]
    assert answered.assess_by == world.now + timedelta(minutes=30)
    assert [one.id for one in await waiting(world)] == [order.id]
    row = await world.owner.fetchrow(
        "SELECT actor_role, history::text AS told FROM history"
        " WHERE subject_id = $1 AND move = 'answer'",
        order.id,
    )
    assert row is not None
    assert row["actor_role"] == "patient"
    assert "翻身" not in row["told"]
    with pytest.raises(IllegalTransition):
        await answer_question.answer_question(world.pool, me, order.id, "还有")


@pytest.mark.parametrize(
    ("hour", "by"), [(9.0, 9.5), (19.99, 20.49), (20.0, 32.5), (3.0, 8.5), (7.99, 8.5)]
)
async def test_an_assessment_is_promised_for_the_hours_in_which_there_are_assessors(
    world: World, hour: float, by: float
) -> None:
    midnight = world.now - timedelta(hours=9)
    told = booking.assessed_by(midnight + timedelta(hours=hour), world.pool.settings)
    assert told == midnight + timedelta(hours=by)


async def test_who_waits_too_long_is_told_by_when_it_will_be(world: World) -> None:
    await world.advance(hours=10, minutes=45)
    order = await world.place(earliest=world.now + DAY, latest=world.now + DAY + timedelta(hours=4))
    await review_orders.review_orders(world.pool)
    first = (await world.order(order.id)).assess_by
    assert first == world.now + timedelta(minutes=30)
    await world.advance(minutes=30)
    for _ in range(2):
        await review_orders.review_orders(world.pool)
    late = await world.order(order.id)
    morning = world.now.replace(hour=0, minute=0) + DAY
    assert (late.assess_by, late.at_risk) == (morning + timedelta(hours=1), True)
    told = await world.owner.fetch(
        "SELECT data, account_ids FROM outbox WHERE order_id = $1 AND wake = 'assessment_late'",
        order.id,
    )
    assert [row["account_ids"] for row in told] == [[order.account_id]]
    assert late.assess_by is not None
    assert late.assess_by.isoformat() in told[0]["data"]


async def test_two_clocks_that_look_at_once_approve_a_repeat_once(world: World) -> None:
    await assess(world, await world.place())
    order = await world.place()
    await review_orders.review_orders(world.pool)
    await asyncio.gather(*(review_orders.review_orders(world.pool) for _ in range(4)))
    assert len(await _all(world, order)) == 1


async def changes(world: World, **told: Any) -> None:
    person = world.patient()
    told = told or {"allergies": ("碘伏",)}
    await keep_patient.change_patient(world.pool, person.caller, person.id, told, None)


async def test_r16_a_changed_condition_takes_an_open_order_back_to_the_assessor(
    world: World,
) -> None:
    order = await assess(world, await world.place())
    other = await assess(world, await world.place(2))
    await fill_order.send_waves(world.pool)
    assert await world.offers(order.id, "sent")
    await changes(world, name="别的名字")
    assert (await world.order(order.id)).reassess_since is None
    await changes(world)
    assert await world.offers(order.id, "sent") == []
    assert await world.offers(other.id, "sent")
    assert [one.id for one in await waiting(world)] == [order.id]
    await world.advance(minutes=30)
    await fill_order.send_waves(world.pool)
    assert await world.offers(order.id, "sent") == []
    with pytest.raises(RuleRefused):
        await intervene.assign_order(
            world.pool, world.operator, order.id, world.nurse(9).id, "电话确认"
        )
    later = world.now + DAY
    await change_order.reschedule_order(
        world.pool, world.patient().caller, order.id, earliest=later, latest=later + 4 * HOUR
    )
    assert (await world.order(order.id)).next_wave_at is None
    again = await assess(world, order, conditions=["two_nurses"])
    assert (again.state, again.next_wave_at, again.seats) == (OrderState.OPEN, world.now, 2)
    assert await waiting(world) == []
    await fill_order.send_waves(world.pool)
    assert await world.offers(order.id, "sent")
    kept = await assess_order.open_assessments(world.pool, world.reviewer, order.id)
    assert [one.version for one in kept] == [1, 2]


async def test_r16_nobody_departs_before_a_changed_condition_was_assessed(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    nurse = world.nurse_of(visit.nurse_id)
    await changes(world)
    assert worries.ASSESSMENT_VOID in (await visiting.visit(world, visit.id)).flags
    woken = await world.owner.fetchval(
        "SELECT account_ids FROM outbox WHERE wake = 'assessment_void'"
    )
    assert woken == [nurse.account_id]
    async with world.pool.read(world.operator) as conn:
        assert [one.id for one in await orders.list_at_risk(conn, 50)] == [visit.order_id]
    with pytest.raises(RuleRefused) as refusal:
        await run_visit.depart(world.pool, nurse.caller, visit.id, visiting.at_door(world.now))
    assert refusal.value.extras["errors"] == [{"loc": ["order", "assessment"], "msg": "reassess"}]
    order = await assess(world, await world.order(visit.order_id))
    assert (order.state, order.at_risk, order.reassess_since) == (OrderState.ASSIGNED, False, None)
    woken = "SELECT account_ids FROM outbox WHERE wake = 'assessment_renewed'"
    assert await world.owner.fetchval(woken) == [nurse.account_id]
    visit = await visiting.advanced(world, visit, VisitState.ARRIVED)
    assert worries.ASSESSMENT_VOID not in visit.flags


async def test_r16_who_departed_without_a_network_is_not_called_back(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    left_at = world.now
    await changes(world)
    await world.advance(minutes=30)
    gone = await run_visit.depart(
        world.pool, world.nurse(1).caller, visit.id, visiting.at_door(left_at)
    )
    assert (gone.state, worries.ASSESSMENT_VOID in gone.flags) == (VisitState.EN_ROUTE, True)
    await changes(world, allergies=("酒精",))
    assert await waiting(world) == [await world.order(visit.order_id)]


async def test_r16_what_is_not_to_be_done_any_more_is_cancelled_at_no_cost(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await changes(world)
    order = await assess(world, await world.order(visit.order_id), Decision.REJECT)
    assert (order.state, order.cancellation_fee_fen) == (OrderState.CANCELLED, None)
    assert (await visiting.visit(world, visit.id)).state is VisitState.CANCELLED


async def test_r16_an_adverse_sign_voids_repeats_and_stops_nothing_that_was_approved(
    world: World,
) -> None:
    later = await world.open(earliest=world.now + DAY, latest=world.now + DAY + 4 * HOUR)
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    entry = Entry(
        client_id=new_id(),
        kind="procedure",
        data={"adverse_signs": "面色苍白"},
        recorded_at=world.now,
    )
    await keep_record.keep_record(world.pool, world.nurse(1).caller, visit.id, entry)
    assert await waiting(world) == []
    assert (await world.order(later.id)).reassess_since is None
    assert worries.ASSESSMENT_VOID not in (await visiting.visit(world, visit.id)).flags
