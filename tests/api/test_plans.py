"""The day plan that an operator may ask for: what it saves and leaves alone, and committing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import ops_plans
from dispatch import day_survey
from dispatch.acts import run_visit
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.records.visits import Visit
from matching.travel import LOCAL_ZONE
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.visiting import bound_operator
from tests.world import COUNTY, NEIGHBOUR, PAIR, World

pytestmark = pytest.mark.timeout(120)
PATH = "/v1/ops/plans"
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [ops_plans.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def booked(world: World, number: int, staff_no: int, in_h: float, **wish: Any) -> Visit:
    """A visit to that patient by that nurse; she could come up to three hours later."""
    at = world.now + timedelta(hours=in_h)
    (visit,) = await visiting.assigned(
        world, number, (staff_no,), earliest=at, latest=at + timedelta(hours=3), preferences=wish
    )
    return visit


async def ask(desk: Desk, **changes: Any) -> dict[str, Any]:
    on = (desk.world.now + timedelta(days=1)).date().isoformat()
    body = {"date": on, "county": COUNTY, "change_min": 5, **changes}
    status, answer = await desk.call("POST", PATH, desk.world.operator, body)
    assert status == 200, answer
    plan: dict[str, Any] = answer
    return plan


async def test_a_far_visit_goes_to_who_is_there_anyway(desk: Desk) -> None:
    """Nurse 40 lives eight kilometres away, nurse 1 around the corner; both have the same day."""
    world = desk.world
    far = await booked(world, 1, 40, 26)
    near = await booked(world, 2, 1, 29)
    before = await world.owner.fetch("SELECT * FROM visits ORDER BY id")

    made = await ask(desk)

    (change,) = made["changes"]
    assert (change["visit_id"], change["order_id"]) == (str(far.id), str(far.order_id))
    told = change["told"]
    assert (told["nurse_id"], told["staff_no"]) == (str(world.nurse(40).id), 40)
    assert change["planned"]["nurse_id"] == str(near.nurse_id)
    assert change["is_other_nurse"] is True
    saved_min = made["travel_before_min"] - made["travel_after_min"]
    assert made["parts"] == [{"part": 1, "saved_min": saved_min}]
    assert saved_min > 0
    assert (made["visits"], made["left_alone"]) == (2, 0)
    assert made["travel"]["engine"] == "straight"
    assert await world.owner.fetch("SELECT * FROM visits ORDER BY id") == before
    assert (await ask(desk, change_min=600))["changes"] == []


async def test_what_is_beyond_a_plan_is_counted_and_left_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await booked(desk.world, 1, 40, 26)
    await booked(desk.world, 2, 1, 29)
    await booked(desk.world, 3, 2, 27)
    monkeypatch.setattr(day_survey, "VISITS_MAX", 2)
    made = await ask(desk)
    assert (made["visits"], made["left_alone"]) == (3, 1)
    (change,) = made["changes"]
    assert (change["told"]["staff_no"], change["planned"]["staff_no"]) == (40, 2)


async def test_what_begins_soon_stays(desk: Desk) -> None:
    world = desk.world
    await booked(world, 1, 40, 1.5)
    await booked(world, 2, 1, 2.2)
    assert (await ask(desk, date=world.now.date().isoformat()))["changes"] == []


async def test_nobody_is_sent_who_may_not_go(desk: Desk) -> None:
    world = desk.world
    far, near = await booked(world, 1, 40, 26), await booked(world, 2, 1, 29)
    await world.owner.execute(
        "INSERT INTO blocked_pairs (patient_id, nurse_id) VALUES ($1, $2), ($3, $4)",
        far.patient_id,
        near.nurse_id,
        near.patient_id,
        far.nurse_id,
    )
    assert (await ask(desk))["changes"] == []


async def test_an_empty_day_and_somebody_elses_are_empty_plans(desk: Desk) -> None:
    assert (await ask(desk))["visits"] == 0
    world = desk.world
    visit = await booked(world, 1, 40, 26)
    other = next(one for one in world.institution_ids if one != visit.institution_id)
    on = (world.now + timedelta(days=1)).date().isoformat()
    status, made = await desk.call(
        "POST", PATH, bound_operator(world, other), {"date": on, "county": COUNTY}
    )
    assert (status, made["visits"], made["changes"]) == (200, 0, [])


def wanted(change: dict[str, Any]) -> dict[str, Any]:
    """A change of a plan, as it is committed."""
    return {
        "visit_id": change["visit_id"],
        "version": change["version"],
        "nurse_id": change["planned"]["nurse_id"],
        "start_at": change["planned"]["start_at"],
    }


async def test_a_plan_is_committed_once_as_it_was_shown(desk: Desk) -> None:
    world = desk.world
    await booked(world, 1, 40, 26)
    await booked(world, 2, 1, 29)
    (change,) = (await ask(desk))["changes"]
    body = {"changes": [wanted(change)], "reason": "少跑一趟"}

    status, done = await desk.call(
        "POST", f"{PATH}/commit", world.operator, body, Idempotency_Key="plan"
    )
    assert status == 200, done
    (now,) = done["changes"]
    assert (now["was_visit_id"], now["nurse_id"]) == (
        change["visit_id"],
        change["planned"]["nurse_id"],
    )
    assert now["planned_start"] == change["planned"]["start_at"]
    again = await desk.call("POST", f"{PATH}/commit", world.operator, body, Idempotency_Key="plan")
    assert again == (200, done)
    assert (await ask(desk))["changes"] == []

    status, stale = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert (status, stale["type"]) == (412, "/problems/stale-version")
    assert stale["visit_ids"] == [change["visit_id"]]


async def test_what_a_plan_may_not_do_is_told_in_words(desk: Desk) -> None:
    world = desk.world
    visit = await booked(world, 1, 40, 26)
    late = visit.planned_start + timedelta(hours=4)
    body = {
        "changes": [
            {
                "visit_id": str(visit.id),
                "version": visit.version,
                "nurse_id": str(visit.nurse_id),
                "start_at": late.isoformat(),
            }
        ]
    }
    status, told = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert (status, told["type"]) == (409, "/problems/plan-refused")
    (refused,) = told["refused"]
    assert refused["visit_id"] == str(visit.id)
    (reason,) = refused["reasons"]
    assert reason["rule"] == "window"
    assert reason["text"].startswith(f"{late.astimezone(LOCAL_ZONE):%m-%d %H:%M} 不在")


async def test_parts_stand_by_themselves_and_are_what_the_timetable_takes(desk: Desk) -> None:
    """Two pairs of nurses who could both do with one way less; in the morning, when roads are
    slow, starts are put later by what they really take."""
    world = desk.world
    for number, (far_no, near_no, in_h) in enumerate(((40, 1, 22.5), (37, 4, 23.5))):
        await booked(world, 2 * number + 1, far_no, in_h)
        await booked(world, 2 * number + 2, near_no, in_h + 1)
    made = await ask(desk)
    assert made["changes"]
    assert sum(part["saved_min"] for part in made["parts"]) == pytest.approx(
        made["travel_before_min"] - made["travel_after_min"], abs=2
    )
    for part in reversed(made["parts"]):
        body = {"changes": [wanted(c) for c in made["changes"] if c["part"] == part["part"]]}
        status, told = await desk.call("POST", f"{PATH}/commit", world.operator, body)
        assert status == 200, told


async def absent(desk: Desk, staff_no: int, **changes: Any) -> dict[str, Any]:
    return await ask(desk, absent_nurse_id=str(desk.world.nurse(staff_no).id), **changes)


async def test_what_an_absent_nurse_has_goes_to_others_however_soon_it_is(desk: Desk) -> None:
    """To those who have something that day, or nothing at all; what others have stays."""
    world = desk.world
    soon = await booked(world, 1, 1, 1.8)
    later = await booked(world, 2, 1, 5)
    other = await booked(world, 3, 2, 8)
    today = world.now.date().isoformat()

    made = await absent(desk, 1, date=today, change_min=60)

    by_visit = {change["visit_id"]: change for change in made["changes"]}
    assert by_visit.keys() == {str(soon.id), str(later.id)}
    assert made["nobody"] == []
    for change in made["changes"]:
        assert change["told"]["staff_no"] == 1
        assert change["planned"]["staff_no"] != 1
        assert change["planned"]["start_at"] == change["told"]["start_at"]
    body: dict[str, Any] = {"changes": [wanted(change) for change in made["changes"]]}
    status, refused = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert (status, refused["type"]) == (409, "/problems/plan-refused")
    assert [one["visit_id"] for one in refused["refused"]] == [str(soon.id)]
    body["absent_nurse_id"] = str(world.nurse(1).id)
    status, done = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert status == 200, done
    assert (await visiting.visit(world, other.id)).version == other.version


async def test_what_nobody_can_take_is_told(desk: Desk) -> None:
    world = desk.world
    at = world.now + timedelta(hours=26)
    men = [str(world.nurse(staff_no).id) for staff_no in (20, 30, 40)]
    (visit,) = await visiting.assigned(
        world,
        1,
        (10,),
        earliest=at,
        latest=at + timedelta(hours=1),
        preferences={"nurse_gender": "male", "excluded_nurse_ids": men},
    )
    made = await absent(desk, 10)
    assert made["changes"] == []
    (left,) = made["nobody"]
    assert (left["visit_id"], left["told"]["staff_no"]) == (str(visit.id), 10)


async def test_who_was_asked_for_keeps_the_visit(desk: Desk) -> None:
    """However far she lives: rather she takes what another has nearby. Only if she cannot come
    somebody else does."""
    world = desk.world
    far = await booked(world, 1, 40, 26, preferred_nurse_id=str(world.nurse(40).id))
    near = await booked(world, 2, 1, 29)
    (change,) = (await ask(desk))["changes"]
    assert (change["visit_id"], change["planned"]["staff_no"]) == (str(near.id), 40)
    (change,) = (await absent(desk, 40))["changes"]
    assert change["visit_id"] == str(far.id)


async def test_a_day_in_two_halves_is_planned_and_its_rest_kept(desk: Desk) -> None:
    """Nurse 1 is off at noon; a far visit is hers afterwards, though it could begin before."""
    world = desk.world
    hers = {"preferred_nurse_id": str(world.nurse(1).id)}
    first = await booked(world, 2, 1, 24.5, **hers)
    await booked(world, 3, 1, 28.8, **hers)
    far = await booked(world, 1, 40, 27.9)
    off = (world.now + timedelta(hours=26), world.now + timedelta(hours=28))
    await take_off(world, 1, *off)

    made = await ask(desk)

    assert (made["visits"], made["left_alone"]) == (3, 0)
    (change,) = made["changes"]
    assert (change["visit_id"], change["planned"]["staff_no"]) == (str(far.id), 1)
    assert datetime.fromisoformat(change["planned"]["start_at"]) >= off[1]

    await world.owner.execute(
        "INSERT INTO ward_duties (nurse_id, during) VALUES ($1, tstzrange($2, $3))",
        first.nurse_id,
        *off,
    )
    on_duty = await ask(desk)
    assert (on_duty["left_alone"], on_duty["changes"]) == (2, [])


async def take_off(world: World, staff_no: int, since: datetime, until: datetime) -> None:
    """Cut a stretch out of a nurse's shift."""
    nurse_id = world.nurse(staff_no).id
    during = await world.owner.fetchval(
        "DELETE FROM shifts WHERE nurse_id = $1 AND during @> $2::timestamptz RETURNING during",
        nurse_id,
        since,
    )
    await world.owner.executemany(
        "INSERT INTO shifts (id, nurse_id, during) VALUES ($1, $2, tstzrange($3, $4))",
        [
            (new_id(), nurse_id, during.lower, since),
            (new_id(), nurse_id, until, during.upper),
        ],
    )


async def held_up(world: World) -> Visit:
    """Nurse 1 sets out from far away; what she has next, half an hour after the first visit was to
    end."""
    current = await current_of_nurse_1(world)
    gap = current.planned_end + timedelta(minutes=30) - world.now
    after = await booked(world, 2, 1, gap / HOUR)
    await world.advance(seconds=(current.leaves_at - world.now).total_seconds())
    far = visiting.at_door(world.now, lat=28.6)
    await run_visit.depart(world.pool, world.nurse(1).caller, current.id, far)
    return after


async def test_what_a_nurse_comes_late_to_goes_to_who_is_in_time(desk: Desk) -> None:
    world = desk.world
    after = await held_up(world)
    made = await ask(desk, date=world.now.date().isoformat())
    (change,) = made["changes"]
    assert change["visit_id"] == str(after.id)
    late = datetime.fromisoformat(change["expected_start"]) - after.planned_start
    assert timedelta(minutes=30) < late < 2 * HOUR
    assert change["planned"]["staff_no"] != 1
    assert change["planned"]["start_at"] == change["told"]["start_at"]

    body = {"changes": [wanted(change)]}
    status, done = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert status == 200, done
    assert (await ask(desk, date=world.now.date().isoformat()))["changes"] == []


async def test_who_is_held_up_on_a_day_in_pieces_is_told_of_and_relieved(desk: Desk) -> None:
    """Nothing can be planned for her between visits and hospital duty; her visit goes to others."""
    world = desk.world
    current = await current_of_nurse_1(world)
    after = await following(world, 2, current, 30)
    await world.owner.execute(
        "INSERT INTO ward_duties (nurse_id, during) VALUES ($1, tstzrange($2, $3))",
        current.nurse_id,
        after.planned_end + timedelta(minutes=5),
        after.planned_end + timedelta(minutes=10),
    )
    await following(world, 3, after, 60)
    await overrun(world, current, 45)
    made = await today(desk)
    (change,) = made["changes"]
    assert (change["visit_id"], change["is_other_nurse"]) == (str(after.id), True)
    late = datetime.fromisoformat(change["expected_start"]) - after.planned_start
    assert timedelta(minutes=10) < late < HOUR
    body = {"changes": [wanted(change)]}
    status, done = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert status == 200, done


async def test_who_is_held_up_goes_before_all_others_where_a_day_is_too_large(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = desk.world
    await booked(world, 3, 2, 3.2)
    current = await current_of_nurse_1(world)
    after = await following(world, 2, current, 30)
    await overrun(world, current, 45)
    monkeypatch.setattr(day_survey, "VISITS_MAX", 1)
    made = await today(desk)
    assert {change["visit_id"] for change in made["changes"]} == {str(after.id)}


async def test_or_begins_later_where_a_change_is_dear(desk: Desk) -> None:
    world = desk.world
    after = await held_up(world)
    made = await ask(desk, date=world.now.date().isoformat(), change_min=600)
    (change,) = made["changes"]
    assert (change["visit_id"], change["is_other_nurse"]) == (str(after.id), False)
    planned, expected = (
        datetime.fromisoformat(at)
        for at in (change["planned"]["start_at"], change["expected_start"])
    )
    assert abs(planned - expected) < timedelta(minutes=10)
    body = {"changes": [wanted(change)]}
    status, done = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert status == 200, done


async def current_of_nurse_1(world: World) -> Visit:
    at = world.now + timedelta(hours=2.5)
    (current,) = await visiting.assigned(world, 1, (1,), earliest=at, latest=at + HOUR)
    return current


async def overrun(
    world: World, current: Visit, minutes: float, state: VisitState = VisitState.IN_SERVICE
) -> None:
    """It is so much later than the end that was planned, and she has come no further."""
    await visiting.advanced(world, current, state)
    over = current.planned_end + timedelta(minutes=minutes) - world.now
    await world.advance(seconds=over.total_seconds())


async def following(
    world: World, patient: int, before: Visit, minutes: float, **asked: Any
) -> Visit:
    """What nurse 1 has so long after another visit was to end."""
    gap = before.planned_end + timedelta(minutes=minutes) - world.now
    return await booked(world, patient, 1, gap / HOUR, **asked)


def all_but(world: World, *staff_nos: int) -> dict[str, Any]:
    others = (n for n in range(1, 41) if n not in staff_nos)
    return {"excluded_nurse_ids": [str(world.nurse(n).id) for n in others]}


async def today(desk: Desk, **asked: Any) -> dict[str, Any]:
    return await ask(desk, date=desk.world.now.date().isoformat(), **asked)


async def test_she_comes_later_before_what_stays_as_it_is(desk: Desk) -> None:
    world = desk.world
    current = await current_of_nurse_1(world)
    late = await following(world, 2, current, 30, **all_but(world, 1))
    await following(world, 3, late, 110)
    await overrun(world, current, 45)
    made = await today(desk)
    (change,) = made["changes"]
    assert (change["visit_id"], change["is_other_nurse"]) == (str(late.id), False)
    assert made["nobody"] == []


async def test_what_is_in_time_once_the_visit_before_it_is_elsewhere_has_somebody(
    desk: Desk,
) -> None:
    world = desk.world
    current = await current_of_nurse_1(world)
    first = await following(world, 2, current, 20)
    second = await following(world, 3, first, 20, **all_but(world, 1))
    await overrun(world, current, 40)
    made = await today(desk)
    assert str(first.id) in {change["visit_id"] for change in made["changes"]}
    assert str(second.id) not in {visit["visit_id"] for visit in made["nobody"]}


async def test_a_proposal_still_holds_when_the_operator_has_read_it(desk: Desk) -> None:
    world = desk.world
    current = await current_of_nurse_1(world)
    await following(world, 2, current, 20)
    await overrun(world, current, 35)
    made = await today(desk, change_min=600)
    (change,) = made["changes"]
    await world.advance(seconds=200)
    status, done = await desk.call(
        "POST", f"{PATH}/commit", world.operator, {"changes": [wanted(change)]}
    )
    assert status == 200, done


async def test_whose_nurse_is_in_time_is_not_taken_from_her_at_the_last_moment(desk: Desk) -> None:
    world = desk.world
    soon = await booked(world, 1, 1, 1.0)
    other = {
        "visit_id": str(soon.id),
        "version": soon.version,
        "nurse_id": str(world.nurse(2).id),
        "start_at": soon.planned_start.isoformat(),
    }
    status, refused = await desk.call(
        "POST", f"{PATH}/commit", world.operator, {"changes": [other]}
    )
    assert (status, refused["type"]) == (409, "/problems/plan-refused")
    assert [why["rule"] for why in refused["refused"][0]["reasons"]] == ["frozen"]


async def test_nobody_comes_earlier_than_an_absent_nurse_was_to(desk: Desk) -> None:
    world = desk.world
    at = world.now + 26 * HOUR
    order = await world.open(1, earliest=at, latest=at + 4 * HOUR)
    await visiting.seated(world, order, 1, 1, at + 3 * HOUR)
    (change,) = (await absent(desk, 1))["changes"]
    assert change["planned"]["start_at"] == change["told"]["start_at"]


async def test_what_waits_for_another_assessment_is_told_and_not_moved(desk: Desk) -> None:
    after = await held_up(desk.world)
    await desk.world.owner.execute(
        "UPDATE orders SET reassess_since = app_now() WHERE id = $1", after.order_id
    )
    made = await today(desk)
    assert made["changes"] == []
    assert [visit["visit_id"] for visit in made["nobody"]] == [str(after.id)]


async def test_an_institution_is_offered_its_own_nurses(desk: Desk) -> None:
    world = desk.world
    after = await held_up(world)
    body = {"date": world.now.date().isoformat(), "county": COUNTY, "change_min": 5}
    caller = bound_operator(world, after.institution_id)
    status, made = await desk.call("POST", PATH, caller, body)
    assert status == 200
    (change,) = made["changes"]
    status, done = await desk.call("POST", f"{PATH}/commit", caller, {"changes": [wanted(change)]})
    assert status == 200, done


async def test_who_comes_with_one_who_is_late_may_come_later_as_well(desk: Desk) -> None:
    world = desk.world
    current = await current_of_nurse_1(world)
    then = current.planned_end + timedelta(minutes=90)
    pair = await visiting.assigned(
        world, 2, (1, 3), earliest=then, latest=then + 3 * HOUR,
        service_codes=[PAIR], preferences=all_but(world, 1, 3),
    )  # fmt: skip
    await overrun(world, current, 80, VisitState.ARRIVED)
    made = await today(desk)
    assert made["nobody"] == []
    assert {change["visit_id"] for change in made["changes"]} == {str(one.id) for one in pair}
    body = {"changes": [wanted(change) for change in made["changes"]]}
    status, done = await desk.call("POST", f"{PATH}/commit", world.operator, body)
    assert status == 200, done


async def test_what_somebody_has_in_another_county_stays_and_she_helps(desk: Desk) -> None:
    world = desk.world
    others = [str(world.nurse(n).id) for n in range(3, 41)]
    stranded = await booked(world, 1, 1, 26, excluded_nurse_ids=others)
    elsewhere = await booked(world, 2, 2, 28)
    await world.owner.execute(
        "UPDATE orders SET county = $2 WHERE id = $1", elsewhere.order_id, NEIGHBOUR
    )
    made = await absent(desk, 1)
    assert made["visits"] == 1
    (change,) = made["changes"]
    assert (change["visit_id"], change["planned"]["staff_no"]) == (str(stranded.id), 2)
    assert change["planned"]["start_at"] == change["told"]["start_at"]
