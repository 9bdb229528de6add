"""Booked visits change nurse or time, all of them or none; what people were told is told anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from demo.load import demo_id
from dispatch.acts import commit_plan, confirm_visit
from dispatch.acts.commit_plan import Changed, Wanted
from dispatch.database import Caller
from dispatch.errors import InvalidFields, PlanRefused, StaleVersion
from dispatch.lifecycles import OrderState, VisitState
from dispatch.records import confirmations
from dispatch.records.visits import Visit
from matching.exchange import Seat
from tests import visiting
from tests.visiting import bound_operator
from tests.world import PAIR, World

HOUR = timedelta(hours=1)


async def booked(world: World, number: int, *staff_nos: int, in_h: float = 6.0) -> list[Visit]:
    """Visits to that patient, each at the first start of a window of three hours."""
    at = world.now + in_h * HOUR
    return await visiting.assigned(world, number, staff_nos, earliest=at, latest=at + 3 * HOUR)


def to(visit: Visit, staff_no: int | None = None, later: timedelta = 0 * HOUR) -> Wanted:
    """The visit by that nurse, or by whom it was given to, so much later than was told."""
    seat = Seat(
        nurse_id=visit.nurse_id if staff_no is None else demo_id("nurse", staff_no),
        start_at=visit.planned_start + later,
    )
    return Wanted(visit_id=visit.id, version=visit.version, seat=seat)


async def commit(world: World, *wanted: Wanted, caller: Caller | None = None) -> list[Changed]:
    return await commit_plan.commit_plan(world.pool, caller or world.operator, wanted)


async def refused(world: World, *wanted: Wanted) -> dict[Any, list[str]]:
    """Which rules refuse which visits; nothing was changed."""
    before = await everything(world)
    with pytest.raises(PlanRefused) as caught:
        await commit(world, *wanted)
    assert await everything(world) == before
    told = caught.value.extras["refused"]
    assert isinstance(told, list)
    return {one["visit_id"]: [each["rule"] for each in one["reasons"]] for one in told}


async def everything(world: World) -> list[Any]:
    found = []
    for table in ("orders", "visits", "history", "outbox"):
        found += await world.owner.fetch(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
    return found


async def woken(world: World, visit: Visit) -> list[tuple[str, Any]]:
    """Whose phones are woken about an order, and by which words, in order."""
    rows = await world.owner.fetch(
        "SELECT wake, account_ids FROM outbox WHERE order_id = $1 AND wake IS NOT NULL ORDER BY id",
        visit.order_id,
    )
    return [(row["wake"], row["account_ids"]) for row in rows]


async def test_two_nurses_exchange_their_visits(world: World) -> None:
    (first,), (second,) = await booked(world, 1, 1), await booked(world, 2, 2)
    before = len(await woken(world, first))

    given, taken = await commit(world, to(first, 2), to(second, 1))

    assert (given.was.id, taken.was.id) == (first.id, second.id)
    assert given.now.nurse_id == second.nurse_id
    assert taken.now.nurse_id == first.nurse_id
    assert given.now.planned_start == first.planned_start
    left = await visiting.visit(world, first.id)
    assert (left.state, left.end_reason) == (VisitState.RELEASED, "replanned")
    order = await world.order(first.order_id)
    assert (order.state, order.round, order.version) == (OrderState.ASSIGNED, 1, 4)
    one, two = world.nurse(1).account_id, world.nurse(2).account_id
    assert (await woken(world, first))[before:] == [
        ("visit_withdrawn", [one]),
        ("visit_assigned", [two]),
        ("visit_changed", [order.account_id]),
    ]
    moves = await world.owner.fetch(
        "SELECT subject, move, actor_role FROM history WHERE order_id = $1 ORDER BY id",
        first.order_id,
    )
    assert [tuple(row) for row in moves[-3:]] == [
        ("visit", "release", "clock"),
        ("visit", "schedule", "operator"),
        ("order", "replan", "operator"),
    ]
    # The operator took it from her, not she from him: she may have it back.
    await commit(world, to(given.now, 1), to(taken.now, 2))


async def test_a_visit_is_moved_within_its_window_with_its_deadlines(world: World) -> None:
    (visit,) = await booked(world, 1, 1)
    await confirm_visit.answer_confirmation(
        world.pool, world.patient(1).caller, visit.id, "yes", None
    )

    (change,) = await commit(world, to(visit, later=HOUR))

    now = change.now
    assert (now.id, now.version) == (visit.id, visit.version + 1)
    assert now.planned_start == visit.planned_start + HOUR
    assert now.planned_end == visit.planned_end + HOUR
    settings = world.pool.settings
    leaves_at = now.planned_start - timedelta(seconds=now.travel_s)
    assert (now.busy.lower, now.busy.upper) == (leaves_at, now.planned_end)
    assert now.nudge_at == leaves_at + timedelta(minutes=settings.depart_nudge_min)
    assert now.miss_at == now.planned_start + timedelta(minutes=settings.miss_after_min)
    assert now.overdue_at == now.planned_end + timedelta(minutes=settings.overdue_alarm_min)
    order = await world.order(visit.order_id)
    assert (await woken(world, visit))[-2:] == [
        ("visit_retimed", [world.nurse(1).account_id]),
        ("visit_changed", [order.account_id]),
    ]
    # What she was ready for was another time.
    async with world.pool.read(world.clock) as conn:
        assert await confirmations.by_visit(conn, [visit.id]) == {}


async def test_who_was_ready_is_ready_for_another_nurse_at_the_same_time(world: World) -> None:
    (visit,) = await booked(world, 1, 1)
    await confirm_visit.answer_confirmation(
        world.pool, world.patient(1).caller, visit.id, "yes", None
    )
    (change,) = await commit(world, to(visit, 2))
    async with world.pool.read(world.clock) as conn:
        found = await confirmations.by_visit(conn, [change.now.id])
    assert found[change.now.id].answer == "yes"


async def test_two_visits_of_one_nurse_change_places(world: World) -> None:
    """Each is in the other's place halfway, whichever is moved first."""
    (early,), (late,) = await booked(world, 1, 1, in_h=5), await booked(world, 2, 1, in_h=7)
    await world.owner.execute(
        "UPDATE orders SET earliest = $2 WHERE id = $1", late.order_id, early.planned_start
    )
    await commit(world, to(early, later=2 * HOUR), to(late, later=-2 * HOUR))
    assert (await visiting.visit(world, early.id)).planned_start == late.planned_start
    assert (await visiting.visit(world, late.id)).planned_start == early.planned_start


async def test_a_pair_moves_together_and_a_partner_is_not_bothered(world: World) -> None:
    first, second = await pair(world)
    assert await refused(world, to(first, later=HOUR)) == {first.id: ["partner"]}
    moved = await commit(world, to(first, later=HOUR), to(second, later=HOUR))
    assert {one.now.planned_start for one in moved} == {first.planned_start + HOUR}

    first, second = (one.now for one in moved)
    assert await refused(world, to(first, 3)) == {first.id: ["other_seat"]}
    await commit(world, to(first, 5))
    stays = await visiting.visit(world, second.id)
    assert (stays.state, stays.version) == (VisitState.SCHEDULED, second.version)
    order = await world.order(first.order_id)
    assert (order.state, order.round) == (OrderState.ASSIGNED, 1)


async def pair(world: World) -> list[Visit]:
    at = world.now + 6 * HOUR
    return await visiting.assigned(
        world, 1, (1, 3), earliest=at, latest=at + 3 * HOUR, service_codes=[PAIR]
    )


async def test_each_change_that_may_not_be_is_named_and_none_is_made(world: World) -> None:
    (good,), (late,), (shy,), (full,) = [
        await booked(world, number, number) for number in (1, 2, 3, 4)
    ]
    (soon,) = await booked(world, 5, 5, in_h=2.2)
    (gone,) = await booked(world, 6, 6, in_h=1)
    gone = await visiting.advanced(world, gone, VisitState.EN_ROUTE)
    await world.owner.execute(
        "INSERT INTO blocked_pairs (patient_id, nurse_id) VALUES ($1, $2)",
        shy.patient_id,
        world.nurse(7).id,
    )
    found = await refused(
        world,
        to(good, 8),
        to(late, later=4 * HOUR),
        to(shy, 7),
        to(soon, 9),
        to(gone, 10),
    )
    assert found == {
        late.id: ["window"],
        shy.id: ["blocked"],
        soon.id: ["frozen"],
        gone.id: ["set_out"],
    }
    assert await refused(world, to(good, 4), to(full, later=HOUR / 4)) == {
        good.id: ["timetable"],
        full.id: ["timetable"],
    }
    await world.owner.execute(
        "UPDATE orders SET reassess_since = app_now() WHERE id = $1", good.order_id
    )
    assert await refused(world, to(good, 8)) == {good.id: ["order"]}


async def test_what_has_changed_meanwhile_is_named(world: World) -> None:
    (first,), (second,) = await booked(world, 1, 1), await booked(world, 2, 2)
    before = await everything(world)
    with pytest.raises(StaleVersion) as caught:
        await commit(world, to(first, 3), replace(to(second, 4), version=second.version + 1))
    assert caught.value.extras == {"visit_ids": [second.id]}
    assert await everything(world) == before


async def test_what_means_nothing_is_told_by_its_place(world: World) -> None:
    (visit,) = await booked(world, 1, 1)
    stranger = replace(to(visit, 2), visit_id=visit.order_id)
    nobody = replace(to(visit), seat=Seat(nurse_id=visit.id, start_at=visit.planned_start))
    for wanted, errors in (
        ((to(visit, 2), to(visit, 3)), [(1, "visit_id", "repeated")]),
        ((to(visit, 2), stranger), [(1, "visit_id", "unknown_visit")]),
        ((nobody,), [(0, "nurse_id", "unknown_nurse")]),
        ((to(visit),), [(0, "unchanged")]),
    ):
        with pytest.raises(InvalidFields) as caught:
            await commit(world, *wanted)
        assert caught.value.extras["errors"] == [
            {"loc": ["body", "changes", *loc], "msg": msg} for *loc, msg in errors
        ]


async def test_an_operator_of_one_institution_keeps_to_it(world: World) -> None:
    (visit,) = await booked(world, 1, 1)
    theirs = bound_operator(world, world.institution_ids[0])
    with pytest.raises(InvalidFields, match="invalid-request"):
        await commit(world, to(visit, 2), caller=theirs)
    await commit(world, to(visit, 4), caller=theirs)
    others = bound_operator(world, world.institution_ids[1])
    with pytest.raises(InvalidFields, match="invalid-request"):
        await commit(world, to(visit, 2), caller=others)


async def test_a_visit_of_an_order_that_he_does_not_see_is_none_to_him(world: World) -> None:
    """Two nurses of two institutions: the order is that of the second one."""
    at = world.now + 6 * HOUR
    first, _ = await visiting.assigned(
        world, 1, (1, 5), earliest=at, latest=at + HOUR, service_codes=[PAIR]
    )
    theirs = bound_operator(world, world.institution_ids[0])
    with pytest.raises(InvalidFields) as caught:
        await commit(world, to(first, 7), caller=theirs)
    assert caught.value.extras["errors"] == [
        {"loc": ["body", "changes", 0, "visit_id"], "msg": "unknown_visit"}
    ]


async def test_another_institution_has_the_order_then(world: World) -> None:
    (visit,) = await booked(world, 1, 1)
    await commit(world, to(visit, 2))
    assert (await world.order(visit.order_id)).institution_id == world.institution_ids[1]


async def test_of_two_plans_that_overlap_one_is_committed(world: World) -> None:
    found = [(await booked(world, number, number))[0] for number in (1, 2, 3, 4)]

    async def rotate(by: int) -> bool:
        """Each visit to the nurse so many further on, named in another order."""
        wanted = [to(visit, (place + by) % 4 + 1) for place, visit in enumerate(found)]
        try:
            await commit(world, *(wanted if by % 2 else reversed(wanted)))
        except StaleVersion:
            return False
        return True

    assert sorted(await asyncio.gather(*(rotate(by) for by in (1, 2, 3)))) == [False, False, True]
    for visit in found:
        (now,) = await world.visits(visit.order_id, "scheduled")
        assert now.id != visit.id
