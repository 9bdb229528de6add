"""Registering nurses one by one and by the file, and suspending them with all they have."""

from __future__ import annotations

import asyncio
import time
from datetime import date, timedelta
from typing import Any

import pytest

from config.settings import Settings
from dispatch import enrolment
from dispatch.acts import answer_offer, fill_order, register_nurse, suspend_nurse
from dispatch.acts.suspend_nurse import FLAG
from dispatch.enrolment import Registration, Sheet
from dispatch.errors import (
    AlreadyRegistered,
    DispatchError,
    InvalidFields,
    NotFound,
    StaleVersion,
)
from dispatch.lifecycles import OfferState, OrderState, VisitState
from dispatch.records import accounts, nurses
from dispatch.records.nurses import Nurse, NurseState, Point
from tests import visiting
from tests.visiting import assigned, bound_operator
from tests.world import CATALOGUE, HOME, PAIR, World

CELLS = {
    "staff_no": "5001",
    "name": "王芳",
    "gender": "女",
    "phone": "13912340001",
    "institution_code": "DEMO001",
    "title": "主管护师",
    "tier": "3",
    "first_practised_on": "2015/7/1",
    "specialties": "general_nursing;wound_ostomy_continence",
    "languages": "",
    "certificate_valid_until": "2044-12-31",
    "insurance_valid_until": "2044-12-31",
    "lat": "29.08",
    "lng": "119.65",
    "radius_m": "",
}


@pytest.fixture
def settings() -> Settings:
    """Patience for five thousand nurses on a busy machine."""
    return Settings(request_timeout_s=60)


def row(number: int = 1, **changes: str) -> str:
    own = {"staff_no": f"{5000 + number}", "phone": f"139{12340000 + number}"}
    return ",".join({**CELLS, **own, **changes}.values())


def sheet(*rows: str, header: str = ",".join(CELLS), encoding: str = "utf-8") -> Sheet:
    return enrolment.read("\r\n".join([header, *rows]).encode(encoding), CATALOGUE)


def registration(**changes: Any) -> Registration:
    return Registration(
        **{
            "staff_no": 5001,
            "name": "王芳",
            "gender": "female",
            "phone": "13912340001",
            "title": enrolment.TITLES["主管护师"],
            "tier": 3,
            "first_practised_on": date(2015, 7, 1),
            "specialties": tuple(CATALOGUE.specialties),
            "certificate_valid_until": date(2044, 12, 31),
            "insurance_valid_until": date(2044, 12, 31),
            "lat": HOME[0],
            "lng": HOME[1],
            **changes,
        }
    )


def faults_of(refusal: pytest.ExceptionInfo[InvalidFields]) -> list[tuple[Any, ...]]:
    errors = refusal.value.extras["errors"]
    assert isinstance(errors, list)
    return [(*error["loc"][1:], error["msg"]) for error in errors]


async def stored(world: World, staff_no: int) -> Nurse | None:
    found = await world.owner.fetchval("SELECT id FROM nurses WHERE staff_no = $1", staff_no)
    if found is None:
        return None
    async with world.pool.read(world.clock) as conn:
        return await nurses.get(conn, found)


async def point_of(world: World, nurse: Nurse) -> Point:
    async with world.pool.read(world.clock) as conn:
        return (await nurses.points_by_nurse(conn, [nurse.id]))[nurse.id]


# One


async def test_a_registered_nurse_can_sign_in_and_is_on_the_map_but_not_yet_on_call(
    world: World,
) -> None:
    made = await register_nurse.register_nurse(
        world.pool, world.operator, registration(), world.institution_ids[0]
    )
    assert await stored(world, 5001) == made
    assert made.state is NurseState.UNAVAILABLE
    assert made.radius_m == world.pool.settings.default_radius_m
    point = await point_of(world, made)
    assert not point.on_call
    assert len(point.skills) == len(CATALOGUE.services) + 2
    async with world.pool.read(world.clock) as conn:
        account = await accounts.find_by_phone(conn, "+86 139 1234 0001")
        assert account is not None
        assert account.nurse_id == made.id
        assert await accounts.open_phone(conn, account) == "+8613912340001"


async def test_whose_number_or_phone_is_known_is_refused_and_leaves_nothing(world: World) -> None:
    institution_id = world.institution_ids[0]
    for field, given in (
        ("staff_no", registration(staff_no=1)),
        ("phone", registration(phone=world.nurse(1).phone)),
        ("phone", registration(phone=world.patient(1).phone)),
    ):
        with pytest.raises(AlreadyRegistered) as refusal:
            await register_nurse.register_nurse(world.pool, world.operator, given, institution_id)
        assert refusal.value.extras == {"field": field}
    assert await stored(world, 5001) is None


async def test_every_bad_field_is_told_and_another_institution_is_out_of_reach(
    world: World,
) -> None:
    bound = bound_operator(world, world.institution_ids[1])
    given = registration(phone="110", specialties=("surgery",), first_practised_on=date(2040, 3, 6))
    with pytest.raises(InvalidFields) as refusal:
        await register_nurse.register_nurse(world.pool, bound, given, world.institution_ids[0])
    assert sorted(faults_of(refusal)) == [
        ("first_practised_on", "day_in_future"),
        ("institution_id", "institution"),
        ("phone", "phone"),
        ("specialties", "specialty"),
    ]


async def test_what_she_is_found_by_follows_a_change(world: World) -> None:
    nurse = world.nurse(1)
    before = await point_of(world, await _get(world, nurse.id))
    changed = await register_nurse.change_nurse(
        world.pool, world.operator, nurse.id, {"tier": 1}, (29.2, 119.7), version=1
    )
    after = await point_of(world, changed)
    assert set(after.skills) < set(before.skills)
    assert (round(after.lat, 2), round(after.lng, 2)) == (29.2, 119.7)
    with pytest.raises(StaleVersion) as refusal:
        await register_nurse.change_nurse(
            world.pool, world.operator, nurse.id, {"tier": 2}, version=1
        )
    assert refusal.value.extras == {"version": 2}
    away = await register_nurse.change_nurse(
        world.pool, world.operator, nurse.id, {"admitted": False}
    )
    assert away.state is NurseState.NOT_ADMITTED
    assert not (await point_of(world, away)).on_call


async def _get(world: World, nurse_id: Any) -> Nurse:
    async with world.pool.read(world.clock) as conn:
        return await nurses.get(conn, nurse_id)


# A file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_file_is_taken_whole_as_hospitals_write_it(world: World, encoding: str) -> None:
    quoted = row(2, gender="male", specialties='"general_nursing；wound_ostomy_continence"')
    given = sheet(row(1), "", quoted, encoding=encoding)
    assert await register_nurse.import_nurses(world.pool, world.operator, given) == 2
    first, second = await stored(world, 5001), await stored(world, 5002)
    assert first is not None
    assert second is not None
    assert (first.name, first.gender, second.gender) == ("王芳", "female", "male")
    assert (first.title, first.first_practised_on) == ("zhuguan", date(2015, 7, 1))
    assert (
        first.specialties
        == second.specialties
        == [
            "general_nursing",
            "wound_ostomy_continence",
        ]
    )
    assert first.languages == ["zh"]
    assert (await point_of(world, first)).skills


async def test_the_order_of_columns_is_free_and_a_registration_number_may_come(
    world: World,
) -> None:
    cells = {"registration_no": "ZJ-1", **CELLS}
    names = sorted(cells)
    given = sheet(",".join(cells[name] for name in names), header=",".join(names))
    assert await register_nurse.import_nurses(world.pool, world.operator, given) == 1
    made = await stored(world, 5001)
    assert made is not None
    assert made.registration_no == "ZJ-1"


async def test_each_bad_cell_is_named_by_line_and_column_and_nobody_is_registered(
    world: World,
) -> None:
    given = sheet(
        row(1),
        row(2, phone="12", lat="91", tier="4", title="护士长"),
        row(3, staff_no="5001"),
        row(4, phone=world.nurse(1).phone, staff_no="7"),
        row(5, institution_code="NONE", first_practised_on="2040-03-06"),
        row(6) + ",x",
        row(7, name="", specialties="magic", insurance_valid_until="2044-02-30", gender="?"),
        row(8, phone="139 1234 0001"),
    )
    with pytest.raises(InvalidFields) as refusal:
        await register_nurse.import_nurses(world.pool, world.operator, given)
    assert sorted(faults_of(refusal), key=str) == sorted(
        [
            (3, "phone", "phone"),
            (3, "lat", "degrees"),
            (3, "tier", "tier"),
            (3, "title", "title"),
            (4, "staff_no", "repeated_in_file"),
            (5, "phone", "registered"),
            (5, "staff_no", "registered"),
            (6, "institution_code", "institution"),
            (6, "first_practised_on", "day_in_future"),
            (7, "row_width"),
            (8, "name", "person_name"),
            (8, "specialties", "specialty"),
            (8, "insurance_valid_until", "day"),
            (8, "gender", "gender"),
            (9, "phone", "repeated_in_file"),
        ],
        key=str,
    )
    lines = [fault[0] for fault in faults_of(refusal)]
    assert lines == sorted(lines)
    assert await stored(world, 5001) is None


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", {(1, name, "column_missing") for name in CELLS}),
        (b"\xff\xff\x00", {("encoding",)}),
        (",".join([*CELLS, "salary", "name"]).encode(), {(1, "salary", "column_unknown"),
                                                          (1, "name", "given_twice")}),
        (",".join(CELLS).encode() + b"\n", {("rows_none",)}),
        (",".join(CELLS).encode() + b'\n"a"b,\n', {(2, "csv")}),
        ((",".join(CELLS) + "\n" + "x\n" * 10_001).encode(), {("rows_too_many",)}),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_file_is_refused_as_a_whole(
    content: bytes, faults: set[tuple[Any, ...]]
) -> None:
    read = enrolment.read(content, CATALOGUE)
    assert read.rows == ()
    assert {(*loc[1:], reason) for loc, reason in read.faults} == faults


def test_of_very_many_bad_rows_each_is_still_named() -> None:
    read = sheet(*(row(number, tier="9", title="x") for number in range(2_000)))
    lines = [loc[1] for loc, _ in read.faults]
    assert len(lines) == 3_000
    assert set(lines) == set(range(2, 2_002))


async def test_five_thousand_rows_take_seconds(world: World) -> None:
    rows = [row(number) for number in range(1, 5_001)]
    started_s = time.monotonic()
    given = await asyncio.to_thread(sheet, *rows)
    assert await register_nurse.import_nurses(world.pool, world.operator, given) == 5_000
    taken_s = time.monotonic() - started_s
    assert taken_s < 20, "normally four seconds"
    assert await world.owner.fetchval("SELECT count(*) FROM accounts WHERE role = 'nurse'") == 5_040


async def test_of_two_imports_of_one_file_at_once_one_wins_whole(world: World) -> None:
    given = sheet(*(row(number) for number in range(1, 40)))
    answers = await asyncio.gather(
        *(register_nurse.import_nurses(world.pool, world.operator, given) for _ in range(2)),
        return_exceptions=True,
    )
    assert [answer for answer in answers if isinstance(answer, int)] == [39]
    (lost,) = [answer for answer in answers if not isinstance(answer, int)]
    assert isinstance(lost, InvalidFields | AlreadyRegistered)
    assert await world.owner.fetchval("SELECT count(*) FROM nurses") == 40 + 39


async def test_staff_of_one_institution_import_for_it_alone(world: World) -> None:
    bound = bound_operator(world, world.institution_ids[0])
    given = sheet(row(1), row(2, institution_code="DEMO002"))
    with pytest.raises(InvalidFields) as refusal:
        await register_nurse.import_nurses(world.pool, bound, given)
    assert faults_of(refusal) == [(3, "institution_code", "institution")]
    assert await register_nurse.import_nurses(world.pool, bound, sheet(row(1))) == 1


# Suspension


async def suspend(world: World, staff_no: int, **changes: Any) -> Nurse:
    return await suspend_nurse.suspend_nurse(
        world.pool, world.operator, world.nurse(staff_no).id, "投诉调查", **changes
    )


async def test_a_suspended_nurse_loses_offers_and_coming_visits_at_once(world: World) -> None:
    (visit,) = await assigned(world, number=1, staff_nos=(1,))
    far = world.now + timedelta(days=1)
    asked = await world.open(2, earliest=far, latest=far + timedelta(hours=2))
    await fill_order.send_waves(world.pool, limit=10)
    mine = [o for o in await world.offers(asked.id, "sent") if o.nurse_id == world.nurse(1).id]
    assert mine

    suspended = await suspend(world, 1)

    assert suspended.state is NurseState.SUSPENDED
    assert not (await point_of(world, suspended)).on_call
    (released,) = await world.visits(visit.order_id)
    assert released.state is VisitState.RELEASED
    order = await world.order(visit.order_id)
    assert (order.state, order.round, order.next_wave_at) == (OrderState.OPEN, 2, world.now)
    (offer,) = [o for o in await world.offers(asked.id) if o.id == mine[0].id]
    assert offer.state is OfferState.WITHDRAWN
    others = await world.offers(asked.id, "sent")
    assert others
    assert world.nurse(1).id not in {o.nurse_id for o in others}
    with pytest.raises(DispatchError):
        await answer_offer.accept_offer(world.pool, world.nurse(1).caller, offer.id)

    await fill_order.send_waves(world.pool, limit=10)
    asked_again = await world.offers(visit.order_id, "sent")
    assert asked_again
    assert world.nurse(1).id not in {o.nurse_id for o in asked_again}


async def test_the_only_one_asked_is_not_waited_for(world: World) -> None:
    order = await world.open()
    await fill_order.send_waves(world.pool, limit=10)
    sent = await world.offers(order.id, "sent")
    for offer in sent:
        assert (await world.order(order.id)).next_wave_at != world.now
        await suspend(world, _staff_no(world, offer.nurse_id))
    assert (await world.order(order.id)).next_wave_at == world.now


def _staff_no(world: World, nurse_id: Any) -> int:
    return next(number for number in range(1, 41) if world.nurse(number).id == nurse_id)


@pytest.mark.parametrize("state", [VisitState.EN_ROUTE, VisitState.IN_SERVICE])
async def test_a_visit_she_is_out_on_is_left_to_the_operator(
    world: World, state: VisitState
) -> None:
    (visit,) = await assigned(world)
    await visiting.advanced(world, visit, state)
    await suspend(world, 1)
    left = await visiting.visit(world, visit.id)
    assert left.state is state
    assert FLAG in left.flags
    assert (await world.order(visit.order_id)).state is OrderState.ASSIGNED


async def test_with_two_nurses_the_other_who_has_arrived_is_not_disturbed(world: World) -> None:
    first, second = await assigned(world, staff_nos=(1, 3), service_codes=[PAIR])
    await visiting.advanced(world, first, VisitState.ARRIVED)
    await suspend(world, 3)
    assert (await visiting.visit(world, first.id)).state is VisitState.ARRIVED
    left = await visiting.visit(world, second.id)
    assert (left.state, left.flags) == (VisitState.SCHEDULED, [FLAG])


async def test_who_accepts_while_she_is_suspended_ends_with_nothing(world: World) -> None:
    """Whichever comes first: no visit may be left with a suspended nurse."""
    for number in range(1, 6):
        order = await world.open(number)
        await fill_order.send_waves(world.pool, limit=10)
        offer = (await world.offers(order.id, "sent"))[0]
        nurse = world.nurse_of(offer.nurse_id)
        await asyncio.gather(
            answer_offer.accept_offer(world.pool, nurse.caller, offer.id),
            suspend(world, _staff_no(world, nurse.id)),
            return_exceptions=True,
        )
        kept = await world.visits(order.id, "scheduled")
        assert nurse.id not in {visit.nurse_id for visit in kept}
        assert (await world.order(order.id)).state is OrderState.OPEN
        assert nurse.id not in {o.nurse_id for o in await world.offers(order.id, "sent")}
        assert (await _get(world, nurse.id)).state is NurseState.SUSPENDED


async def test_a_reinstated_nurse_says_herself_when_she_can_be_sent_for(world: World) -> None:
    suspended = await suspend(world, 1)
    with pytest.raises(StaleVersion):
        await suspend(world, 1, version=suspended.version - 1)
    back = await suspend_nurse.reinstate_nurse(world.pool, world.operator, suspended.id)
    assert (back.state, back.suspension_reason) == (NurseState.UNAVAILABLE, None)
    assert await suspend_nurse.reinstate_nurse(world.pool, world.operator, back.id) == back
    with pytest.raises(NotFound):
        await suspend_nurse.reinstate_nurse(world.pool, world.operator, world.patient(1).id)


async def test_what_staff_do_with_a_nurse_is_in_the_audit_log(world: World) -> None:
    nurse = await register_nurse.register_nurse(
        world.pool, world.operator, registration(), world.institution_ids[0]
    )
    await register_nurse.open_nurse(world.pool, world.operator, nurse.id)
    await register_nurse.change_nurse(world.pool, world.operator, nurse.id, {"name": "王芬"})
    await suspend_nurse.suspend_nurse(world.pool, world.operator, nurse.id, "停职")
    await suspend_nurse.reinstate_nurse(world.pool, world.operator, nurse.id)
    rows = await world.owner.fetch(
        "SELECT action, actor_id, detail FROM audit WHERE subject_id = $1 ORDER BY id", nurse.id
    )
    assert [row["action"] for row in rows] == [
        "nurse.create",
        "nurse.read",
        "nurse.change",
        "nurse.suspend",
        "nurse.reinstate",
    ]
    assert {row["actor_id"] for row in rows} == {world.operator.account_id}
    assert "王芬" not in str(rows)
