"""What a nurse and her institution must hold: at matching, at accept, and when she sets out."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from config.settings import Settings
from config.vocabulary import InsuranceKind
from dispatch import gates
from dispatch import register as registers
from dispatch.acts import (
    answer_offer,
    check_register,
    fill_order,
    register_institution,
    register_nurse,
    run_visit,
)
from dispatch.enrolment import Insurance
from dispatch.errors import NotEligible
from dispatch.lifecycles import VisitState
from dispatch.records import visit_facts
from dispatch.register import FileRegister, Finding, Question
from tests import visiting
from tests.visiting import at_door
from tests.world import SPECIAL, World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(register_file=tmp_path / "register.json")


@pytest.fixture
async def world(jinhua: World) -> World:
    """Everybody is verified in the register for a month from now."""
    await jinhua.owner.execute(
        "UPDATE nurses SET register_state = 'verified', register_valid_until = $1,"
        " register_due_at = $1",
        jinhua.now + timedelta(days=30),
    )
    return jinhua


async def due(world: World, staff_no: int = 1) -> None:
    await world.owner.execute(
        "UPDATE nurses SET register_due_at = app_now() WHERE staff_no = $1", staff_no
    )


async def nurse_row(world: World, staff_no: int = 1) -> Any:
    return await world.owner.fetchrow("SELECT * FROM nurses WHERE staff_no = $1", staff_no)


async def rules_at_departure(world: World, staff_no: int = 1) -> list[str]:
    """Which gates refuse her when she sets out on a visit that she has."""
    (visit,) = await visiting.assigned(world, staff_nos=(staff_no,))
    with pytest.raises(NotEligible) as refusal:
        await run_visit.depart(
            world.pool, world.nurse(staff_no).caller, visit.id, at_door(world.now)
        )
    reasons = refusal.value.extras["reasons"]
    assert isinstance(reasons, list)
    return [reason["rule"] for reason in reasons]


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ("certificate_valid_until = '2040-03-04'", ["certificate"]),
        ("insurance_valid_until = '2040-03-04'", ["insurance"]),
        ("first_practised_on = '2035-03-06'", ["experience"]),
        ("title = 'hushi', tier = 1", ["title"]),
        ("suspended_at = app_now(), admitted = false", ["admitted", "active"]),
        ("registration_state = 'to_verify'", ["registration"]),
        ("register_valid_until = app_now() - interval '1 s'", ["register"]),
    ],
)
async def test_r42_departure_names_every_gate_that_refuses(
    world: World, change: str, rules: list[str]
) -> None:
    """Insurance, title, years, certificate, standing: as she stands at that moment."""
    await world.owner.execute(f"UPDATE nurses SET {change} WHERE staff_no = 1")  # noqa: S608
    assert await rules_at_departure(world) == rules


async def test_r01_an_institution_without_a_licence_in_force_sends_nobody(world: World) -> None:
    await register_institution.change_institution(
        world.pool,
        world.operator,
        world.institution_ids[0],
        {"licence_no": "PDY1", "licence_valid_until": date(2040, 3, 4)},
    )
    assert await rules_at_departure(world) == ["licence"]
    order = await world.open(2)
    await fill_order.send_waves(world.pool)
    asked = {offer.nurse_id for offer in await world.offers(order.id)}
    assert asked
    own = {row["id"] for row in await world.owner.fetch(
        "SELECT id FROM nurses WHERE institution_id = $1", world.institution_ids[0]
    )}  # fmt: skip
    assert not asked & own


async def test_r06_who_is_not_admitted_or_has_no_certificate_for_it_is_not_asked(
    world: World,
) -> None:
    """Even numbers have no specialty; nurse 1 is not admitted, nurse 3 only to what is easy."""
    await world.owner.execute("UPDATE nurses SET admitted = false WHERE staff_no = 1")
    await world.owner.execute("UPDATE nurses SET tier = 1 WHERE staff_no = 3")
    order = await world.open(service_codes=[SPECIAL])
    await fill_order.send_waves(world.pool)
    asked = {offer.nurse_id for offer in await world.offers(order.id)}
    assert world.nurse(5).id in asked
    assert not asked & {world.nurse(staff_no).id for staff_no in (1, 2, 3, 4, 6)}


async def test_a_refused_departure_is_kept_and_shown_a_late_one_is_taken_and_flagged(
    world: World,
) -> None:
    (visit,) = await visiting.assigned(world)
    await world.owner.execute(
        "UPDATE nurses SET insurance_valid_until = '2040-03-04' WHERE staff_no = 1"
    )
    caller = world.nurse(1).caller
    with pytest.raises(NotEligible):
        await run_visit.depart(world.pool, caller, visit.id, at_door(world.now))
    (kept,) = await world.visits(visit.order_id)
    assert (kept.state, kept.flags) == (VisitState.SCHEDULED, [gates.FLAG])
    async with world.pool.read(world.clock) as conn:
        facts = await visit_facts.list_of_visit(conn, visit.id)
    assert [(fact.step, fact.taken) for fact in facts] == [("depart", False)]
    left_at = world.now
    await world.advance(minutes=30)
    gone = await run_visit.depart(world.pool, caller, visit.id, at_door(left_at))
    assert gone.state is VisitState.EN_ROUTE
    assert {gates.FLAG, "late_sync"} <= set(gone.flags)


async def test_r42_who_says_only_that_she_is_there_passes_the_same_gates(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await world.owner.execute(
        "UPDATE nurses SET insurance_valid_until = '2040-03-04' WHERE staff_no = 1"
    )
    caller, there_at = world.nurse(1).caller, world.now
    with pytest.raises(NotEligible):
        await run_visit.arrive(world.pool, caller, visit.id, at_door(world.now))
    (kept,) = await world.visits(visit.order_id)
    assert (kept.state, kept.flags) == (VisitState.SCHEDULED, [gates.FLAG])
    await world.advance(minutes=30)
    late = await run_visit.arrive(world.pool, caller, visit.id, at_door(there_at))
    assert late.state is VisitState.ARRIVED
    assert {gates.FLAG, "late_sync"} <= set(late.flags)


async def test_r02_another_institution_or_number_must_be_verified_first(world: World) -> None:
    nurse = world.nurse(1)
    moved = await register_nurse.change_nurse(
        world.pool, world.operator, nurse.id, {"institution_id": world.institution_ids[1]}
    )
    assert (moved.registration_state, moved.register_valid_until) == ("to_verify", None)
    assert await rules_at_departure(world) == ["registration", "register"]
    confirmed = await check_register.confirm_registration(
        world.pool, world.operator, nurse.id, "变更注册件已核对"
    )
    assert confirmed.registration_state == "registered"
    assert confirmed.register_valid_until == world.now + timedelta(days=14)


@pytest.mark.parametrize(("day", "is_asked"), [("2040-03-05", True), ("2040-03-06", False)])
async def test_r03_five_years_are_full_on_the_day_of_the_visit(
    world: World, day: str, is_asked: bool
) -> None:
    """Not on the day of the order or the accept; see the rule's own table for 2019-06-01."""
    since = date.fromisoformat(day).replace(year=2035)
    await world.owner.execute("UPDATE nurses SET first_practised_on = $1", since)
    order = await world.open()
    await fill_order.send_waves(world.pool)
    assert bool(await world.offers(order.id)) is is_asked


@pytest.mark.parametrize(
    "asks", [{"min_years": 20}, {"min_title": "zhuren"}, {"min_tiers": {"elderly_care": 3}}]
)
async def test_r05_an_institution_asks_more_of_its_own_nurses(
    world: World, asks: dict[str, Any]
) -> None:
    await world.owner.execute("UPDATE nurses SET tier = 2")
    order = await world.open()
    await fill_order.send_waves(world.pool)
    offer = (await world.offers(order.id))[0]
    nurse = world.nurse_of(offer.nurse_id)
    assert nurse.caller.institution_id is not None
    await register_institution.change_institution(
        world.pool, world.operator, nurse.caller.institution_id, asks
    )
    with pytest.raises(NotEligible):
        await answer_offer.accept_offer(world.pool, nurse.caller, offer.id)


async def test_r42_one_of_three_insurances_is_told_by_itself(world: World) -> None:
    nurse = world.nurse(1)
    changed = await register_nurse.change_nurse(
        world.pool,
        world.operator,
        nurse.id,
        {"insurances": {InsuranceKind.LIABILITY: Insurance(valid_until=date(2040, 3, 4))}},
    )
    assert changed.insurance_valid_until == date(2040, 3, 4)
    assert changed.insurances["personal_accident"]["valid_until"] == "2040-12-31"
    (visit,) = await visiting.assigned(world)
    with pytest.raises(NotEligible) as refusal:
        await run_visit.depart(world.pool, nurse.caller, visit.id, at_door(world.now))
    assert refusal.value.extras["reasons"] == [
        {"rule": "insurance", "value": ("liability",), "threshold": "2040-03-05"}
    ]


# The register


async def ask(world: World, register: registers.NurseRegister) -> int:
    return await check_register.check_register(world.pool, register=register)


def listed(path: Path, *numbers: str) -> None:
    nurses = {no: {"name": "护士1", "institution": "DEMO001"} for no in numbers}
    path.write_text(json.dumps({"nurses": nurses}), encoding="utf-8")


async def test_r04_the_register_vouches_for_ninety_days_and_is_asked_again_before(
    world: World, settings: Settings
) -> None:
    assert settings.register_file is not None
    listed(settings.register_file, "TEST00000001")
    await due(world)
    assert await ask(world, FileRegister(settings.register_file)) == 1
    row = await nurse_row(world)
    assert row["register_state"] == "verified"
    assert row["register_checked_at"] == world.now
    assert row["register_valid_until"] == world.now + timedelta(days=90)
    assert row["register_due_at"] == world.now + timedelta(days=76)
    assert await ask(world, FileRegister(settings.register_file)) == 0


async def test_r04_she_is_asked_about_when_her_certificate_runs_out_soon(
    world: World, settings: Settings
) -> None:
    assert settings.register_file is not None
    listed(settings.register_file, "TEST00000001")
    await world.owner.execute(
        "UPDATE nurses SET certificate_valid_until = '2040-03-20' WHERE staff_no = 1"
    )
    await due(world)
    await ask(world, FileRegister(settings.register_file))
    assert (await nurse_row(world))["register_due_at"] == world.now + timedelta(days=7)


async def test_r04_a_register_that_does_not_answer_never_says_yes(
    world: World, settings: Settings
) -> None:
    """What it said before runs out; then only a supervisor's word stands in, for some days."""
    assert settings.register_file is not None
    silent = FileRegister(settings.register_file)
    before = (await nurse_row(world))["register_valid_until"]
    await due(world)
    await ask(world, silent)
    row = await nurse_row(world)
    assert (row["register_state"], row["register_valid_until"]) == ("unavailable", before)
    assert row["register_due_at"] == world.now + timedelta(minutes=10)
    await world.owner.execute("UPDATE nurses SET register_valid_until = NULL")
    (visit,) = await visiting.assigned(world)
    with pytest.raises(NotEligible):
        await run_visit.depart(world.pool, world.nurse(1).caller, visit.id, at_door(world.now))
    await check_register.confirm_registration(
        world.pool, world.operator, world.nurse(1).id, "电话核实"
    )
    gone = await run_visit.depart(world.pool, world.nurse(1).caller, visit.id, at_door(world.now))
    assert gone.state is VisitState.EN_ROUTE


async def test_r04_r07_who_is_not_found_is_suspended_at_once_with_all_she_has(
    world: World, settings: Settings
) -> None:
    assert settings.register_file is not None
    listed(settings.register_file, "somebody else")
    (visit,) = await visiting.assigned(world)
    await due(world)
    await ask(world, FileRegister(settings.register_file))
    row = await nurse_row(world)
    assert row["suspended_at"] == world.now
    assert "not found" in row["suspension_reason"]
    assert (row["register_state"], row["register_valid_until"]) == ("not_found", None)
    assert (await world.visits(visit.order_id))[0].state is VisitState.RELEASED
    checks = await world.owner.fetch("SELECT result FROM register_checks")
    assert [check["result"] for check in checks] == ["not_found"]


async def test_r04_two_clocks_do_not_ask_twice(world: World, settings: Settings) -> None:
    assert settings.register_file is not None
    listed(settings.register_file, "TEST00000001")
    await due(world)
    register = FileRegister(settings.register_file)
    assert await ask(world, register) + await ask(world, register) == 1


async def test_r04_a_gateway_that_fails_is_left_alone_for_a_while() -> None:
    answers: list[Any] = [{"result": "verified"}, {"result": "not_found"}, {"result": "maybe"}, 500]
    heard: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append(await request.json())
        said = answers.pop(0) if answers else 503
        if isinstance(said, int):
            return web.Response(status=said)
        return web.json_response(said)

    app = web.Application()
    app.router.add_post("/nurses", answer)
    question = Question(registration_no="1", name="王", institution_code="A")
    async with TestServer(app) as server:
        settings = Settings(register_url=str(server.make_url("/nurses")))
        async with registers.connect(settings) as register:
            assert register is not None
            found = [await register.find(question) for _ in range(10)]
    assert found == [Finding.VERIFIED, Finding.NOT_FOUND] + [Finding.UNAVAILABLE] * 8
    # Two answers and five failures in a row; after that nothing was asked.
    assert len(heard) == 2 + registers.FAILURES_MAX
    assert heard[0] == {"registration_no": "1", "name": "王", "institution_code": "A"}
