"""Every service of the catalogue once through, from order to bill; and what refuses it when
something is taken away.

All of them live in one world, a day each time, and speak the public contract only.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient

from api import app as composition
from api import edge
from config import consents, negative_list
from config.catalogue import Service
from config.negative_list import Facts, Verdict
from config.settings import Settings
from config.vocabulary import Title
from demo import record_sheet
from dispatch import sourcing, ways
from dispatch.acts import fill_order
from dispatch.ids import new_id
from dispatch.key_folder import LocalKeyProvider
from dispatch.records import shifts
from dispatch.sealing import Keyring
from matching import eligibility
from matching.travel import Place
from tests import world as worlds
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.conftest import PREFIX, _run, _with_database
from tests.visiting import DOOR
from tests.world import CATALOGUE, COUNTY, SHIFT, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES: Final = list(CATALOGUE.services.values())
CONSENTS: Final = consents.load(CATALOGUE)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
# Who has time on every day of this.
GOING: Final = (1, 3)
PLACE: Final = {"lat": DOOR[0], "lng": DOOR[1]}

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.code)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    server_dsn: str,
    world_template: str,
    world_keys: LocalKeyProvider,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Desk]:
    name = f"{PREFIX}_journeys"
    files: Path = tmp_path_factory.mktemp("journeys")
    await _run(server_dsn, f"CREATE DATABASE {name} TEMPLATE {world_template}")
    dsn = _with_database(server_dsn, name)
    settings = Settings(demo=True, record_rule="refuse", files_dir=files)
    pool = await worlds.connect(dsn, Keyring(world_keys), settings)
    owner = await asyncpg.connect(dsn)
    try:
        world = World(pool=pool, owner=owner)
        await pool.transact(
            world.clock,
            lambda conn: shifts.add(
                conn,
                [
                    (world.nurse(staff_no).id, SHIFT[0] + day * DAY, SHIFT[1] + day * DAY)
                    for staff_no in GOING
                    for day in range(3, 2 * len(SERVICES) + 3)
                ],
            ),
        )
        desk = Desk(world)
        app = edge.application(desk.edge(), composition.modules())
        async with TestClient(GuardedTestServer(app)) as desk.client:
            yield desk
    finally:
        await owner.close()
        await pool.close()
        await _run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)")


async def done(desk: Desk, method: str, path: str, by: Any, body: Any = None, **more: str) -> Any:
    status, told = await desk.call(method, path, by, body, **more)
    assert status < 300, (method, path, told)
    return told


async def household(desk: Desk, service: Service) -> dict[str, str]:
    """Whom the service is for, and where: the old lady of account 1, or a child of ten days."""
    world = desk.world
    me = world.patient()
    if service.group != "newborn":
        return {"patient_id": str(me.id), "address_id": str(me.address_id)}
    child = {
        "name": "新生儿",
        "gender": "female",
        "birth_date": (world.now - 10 * DAY).date().isoformat(),
        "relation": "child",
    }
    patient = await done(desk, "POST", "/v1/patients", me.caller, child)
    home = {"label": "家", "text": "测试路1号", "location": PLACE}
    path = f"/v1/patients/{patient['id']}/addresses"
    address = await done(desk, "POST", path, me.caller, home)
    return {"patient_id": patient["id"], "address_id": address["id"]}


async def prescribed(desk: Desk, patient_id: str, codes: list[str], days: int = 30) -> str:
    world = desk.world
    body = {
        "patient_id": patient_id,
        "service_codes": codes,
        "prescriber": "方医生",
        "institution": "测试医院1",
        "issued_on": (world.now - DAY).date().isoformat(),
        "valid_until": (world.now + days * DAY).date().isoformat(),
        "items": [{"procedure": "按医嘱护理"}],
    }
    return str((await done(desk, "POST", "/v1/prescriptions", world.patient().caller, body))["id"])


async def wish(desk: Desk, service: Service) -> dict[str, Any]:
    """An order with everything that the service presupposes."""
    world = desk.world
    whom = await household(desk, service)
    body: dict[str, Any] = {
        **whom,
        "service_codes": [service.code],
        "window": {
            "earliest": (world.now + 2 * HOUR).isoformat(),
            "latest": (world.now + 4 * HOUR).isoformat(),
        },
        "urgency": "routine",
        "consent": {"version": CONSENTS.version, "accepted_at": world.now.isoformat()},
        "preconditions": sorted({*CATALOGUE.universal_preconditions, *service.preconditions}),
    }
    if service.group == "newborn":
        body["consent"] |= {"signer": "母亲", "relation": "parent"}
    if service.requires_prescription:
        body["prescription_id"] = await prescribed(desk, whom["patient_id"], [service.code])
    return body


async def place(desk: Desk, body: dict[str, Any]) -> tuple[int, Any]:
    me = desk.world.patient().caller
    return await desk.call("POST", "/v1/orders", me, body, Idempotency_Key=str(new_id()))


async def next_day(world: World) -> None:
    """Nine in the morning of the day after, when nobody has anything to do."""
    since = (world.now - worlds.NOW) % DAY
    await world.advance(seconds=(DAY - since).total_seconds())


async def fill(desk: Desk, order_id: str, seats: int) -> list[tuple[Any, Any]]:
    """The visits of an order, each with the nurse who was asked for it and said yes."""
    world = desk.world
    taken = []
    for _ in range(seats):
        await fill_order.send_waves(world.pool)
        offer = (await world.offers(UUID(order_id), "sent"))[0]
        nurse = world.nurse_of(offer.nurse_id).caller
        path = f"/v1/offers/{offer.id}/accept"
        won = await done(desk, "POST", path, nurse, Idempotency_Key=str(new_id()))
        taken.append((nurse, await done(desk, "GET", f"/v1/visits/{won['visit_id']}", nurse)))
    return taken


async def at(world: World, when: str, before_s: float = 0) -> dict[str, Any]:
    """Wait for a planned time; what a phone at the door says then."""
    wait = datetime.fromisoformat(when) - timedelta(seconds=before_s) - world.now
    if wait > timedelta():
        await world.advance(seconds=wait.total_seconds())
    return {"at": world.now.isoformat()}


async def record(desk: Desk, nurse: Any, visit: dict[str, Any]) -> None:
    """Enter what the visit's fields ask for, with a photo where they want one."""
    now, path, photo = desk.world.now.isoformat(), f"/v1/visits/{visit['id']}", str(new_id())
    if record_sheet.wants_photo(visit["record_fields"]):
        form = record_sheet.photo_form(photo, now)
        headers = desk.headers(nurse, **{"Content-Type": form.media_type})
        async with desk.client.post(
            f"{path}/attachments", data=form.encode(), headers=headers
        ) as answer:
            assert answer.status == 201, await answer.text()
    today = desk.world.now.date()
    for _, kind, data in record_sheet.filled(visit["record_fields"], today=today, photo=photo):
        body = {"kind": kind, "data": data, "recorded_at": now, "client_id": str(new_id())}
        await done(desk, "POST", f"{path}/records", nurse, body)


@each_service
async def test_a_service_is_ordered_assessed_filled_recorded_and_billed(
    desk: Desk, service: Service
) -> None:
    world = desk.world
    await next_day(world)
    status, order = await place(desk, await wish(desk, service))
    assert status == 201, order
    assert order["open_preconditions"] == []
    me, order_id = world.patient().caller, order["id"]
    approve = {"decision": "approve", "note": "可居家服务"}
    await done(desk, "POST", f"/v1/ops/orders/{order_id}/assess", world.reviewer, approve)
    going = await fill(desk, order_id, service.nurses_required)
    located = {"location": PLACE, "accuracy_m": 10.0}
    for nurse, visit in going:
        path = f"/v1/visits/{visit['id']}"
        told = await at(world, visit["planned_start"], visit["travel_s"])
        await done(desk, "POST", f"{path}/depart", nurse, {**told, **located})
    for step, more in (("arrive", located), ("start", {"identity_confirmed": True})):
        for nurse, visit in going:
            told = await at(world, visit["planned_start"])
            await done(desk, "POST", f"/v1/visits/{visit['id']}/{step}", nurse, {**told, **more})
    await record(desk, *going[0])
    for nurse, visit in going:
        told = await at(world, visit["planned_end"])
        body = {**told, **located, "summary": "顺利"}
        seen = await done(desk, "POST", f"/v1/visits/{visit['id']}/complete", nurse, body)
        assert seen["state"] == "completed"
        assert "record_incomplete" not in seen["flags"]
    order = await done(desk, "GET", f"/v1/orders/{order_id}", me)
    bill = await done(desk, "GET", f"/v1/orders/{order_id}/bill", me)
    assert (order["state"], bill["state"]) == ("fulfilled", "due")
    assert bill["own_fen"] == bill["total_fen"] == order["price_fen"] == service.price_fen
    assert sum(line["amount_fen"] for line in bill["lines"]) == bill["total_fen"]


def named(refusal: Any) -> set[str]:
    return {".".join(map(str, one["loc"][1:])) for one in refusal["errors"]}


@each_service
async def test_without_its_prescription_or_consent_it_is_refused_by_name(
    desk: Desk, service: Service
) -> None:
    body = await wish(desk, service)
    old = {**body, "consent": {**body["consent"], "version": "0"}}
    status, refusal = await place(desk, old)
    assert (status, slug(refusal), named(refusal)) == (422, "rule-refused", {"consent.version"})
    if not service.requires_prescription:
        return
    without = {key: value for key, value in body.items() if key != "prescription_id"}
    other = next(one.code for one in SERVICES if one.code != service.code)
    short = await prescribed(desk, body["patient_id"], [service.code], days=0)
    uncovered = await prescribed(desk, body["patient_id"], [other])
    late = {
        "earliest": (desk.world.now + 30 * HOUR).isoformat(),
        "latest": (desk.world.now + 32 * HOUR).isoformat(),
    }
    for broken in (
        without,
        {**body, "prescription_id": uncovered},
        {**body, "prescription_id": short, "window": late},
    ):
        status, refusal = await place(desk, broken)
        assert (status, slug(refusal), named(refusal)) == (
            422,
            "rule-refused",
            {"prescription_id"},
        )


@each_service
async def test_a_precondition_that_nobody_declares_is_the_assessors_by_name(
    desk: Desk, service: Service
) -> None:
    """The contract lets such an order in; of some the system knows itself."""
    body = await wish(desk, service)
    status, order = await place(
        desk, {**body, "preconditions": list(CATALOGUE.universal_preconditions)}
    )
    open_to_all = order["open_preconditions"]
    assert status == 201
    assert set(open_to_all) <= set(service.preconditions)
    for left_out in open_to_all[-1:]:
        rest = [slug for slug in body["preconditions"] if slug != left_out]
        status, order = await place(desk, {**body, "preconditions": rest})
        assert (status, order["open_preconditions"]) == (201, [left_out])


def against(unmet: str) -> set[str]:
    """By which names a refusal tells that this precondition is not met."""
    hits = negative_list.load().hits(Facts(unmet=frozenset({unmet})))
    denied = {"negative_list" for hit in hits if hit.verdict is Verdict.DENY}
    asked = {f"overrides.{hit.slug}" for hit in hits if hit.verdict is Verdict.REVIEW}
    return denied | asked or {f"overrides.{unmet}"}


@each_service
async def test_a_precondition_that_an_assessor_finds_unmet_is_refused_by_name(
    desk: Desk, service: Service
) -> None:
    """Its own each by itself; those of all services with the first of them."""
    status, order = await place(desk, await wish(desk, service))
    assert status == 201
    path = f"/v1/ops/orders/{order['id']}/assess"
    universal = CATALOGUE.universal_preconditions if service is SERVICES[0] else ()
    for unmet in (*service.preconditions, *universal):
        form = {"decision": "approve", "note": "可居家服务", "checklist": {unmet: False}}
        status, refusal = await desk.call("POST", path, desk.world.reviewer, form)
        assert (status, slug(refusal)) == (422, "rule-refused"), unmet
        assert named(refusal) == against(unmet), unmet
    reject = {"decision": "reject", "note": "不符合条件"}
    told = await done(desk, "POST", path, desk.world.reviewer, reject)
    assert told["state"] == "rejected"


@contextlib.asynccontextmanager
async def taken_away(desk: Desk, nurse_id: UUID, column: str, left: Any) -> AsyncIterator[None]:
    """So long she is not what she was."""
    query = f"SELECT {column} FROM nurses WHERE id = $1"  # noqa: S608 - a name of ours
    before = await desk.world.owner.fetchval(query, nurse_id)
    change = f"UPDATE nurses SET {column} = $2 WHERE id = $1"  # noqa: S608
    await desk.world.owner.execute(change, nurse_id, left)
    try:
        yield
    finally:
        await desk.world.owner.execute(change, nurse_id, before)


@each_service
async def test_whom_an_operator_sends_is_refused_by_the_name_of_what_she_lacks(
    desk: Desk, service: Service
) -> None:
    world = desk.world
    await next_day(world)
    _, order = await place(desk, await wish(desk, service))
    approve = {"decision": "approve", "note": "可居家服务"}
    path = f"/v1/ops/orders/{order['id']}"
    await done(desk, "POST", f"{path}/assess", world.reviewer, approve)
    nurse = world.nurse(GOING[0])
    lacks: list[tuple[str, Any, str]] = [("title", Title.HUSHI.value, "title")]
    lacks += [("tier", lower, "tier") for lower in [service.skill_tier - 1] if lower >= 1]
    lacks += [("specialties", [], "specialty")] if service.specialties_required else []
    call = {"nurse_id": str(nurse.id), "reason": "电话已确认"}
    for column, left, rule in lacks:
        async with taken_away(desk, nurse.id, column, left):
            status, refusal = await desk.call("POST", f"{path}/assign", world.operator, call)
        assert (status, slug(refusal)) == (409, "not-eligible"), refusal
        assert {reason["rule"] for reason in refusal["reasons"]} == {rule}
    told = await done(desk, "POST", f"{path}/assign", world.operator, call)
    assert told["visits"][0]["nurse"]["id"] == str(nurse.id)
    await done(desk, "POST", f"{path}/cancel", world.operator, {"reason": "不再需要"})


@each_service
async def test_a_nurse_without_specialty_tier_or_title_is_refused_by_name(
    desk: Desk, service: Service
) -> None:
    world = desk.world
    nurse, patient = world.nurse(1), world.patient()
    async with world.pool.read(world.clock) as conn:
        need = sourcing.need_for(
            conn,
            new_id(),
            [service.code],
            Place.at(*DOOR),
            COUNTY,
            world.now + HOUR,
            world.now + 3 * HOUR,
        )
        found = await sourcing.candidate_for(conn, need, nurse.id, patient.id)
        assert found is not None
        able, now = found
        measured = await ways.for_judging(conn, [(need, [able])], now)
        frame = sourcing.frame_of(conn, now, measured.travel)
    gates = {refusal.rule for refusal in eligibility.gates(need, able, frame)}
    assert gates == set()
    for missing in service.specialties_required:
        rest = {one for one in able.specialties if missing not in CATALOGUE.closure([one])}
        (refused,) = eligibility.gates(need, replace(able, specialties=frozenset(rest)), frame)
        assert refused.rule == "specialty"
        assert isinstance(refused.value, tuple)
        assert missing in refused.value
    lower = replace(able, tier=service.skill_tier - 1)
    assert [one.rule for one in eligibility.gates(need, lower, frame)] == ["tier"]
    untitled = replace(able, title=Title.HUSHI)
    assert [one.rule for one in eligibility.gates(need, untitled, frame)] == ["title"]
    elsewhere = replace(able, institution_services=able.institution_services - {service.code})
    verdict = eligibility.evaluate(need, elsewhere, frame)
    assert "institution_offers" in {one.rule for one in verdict.refusals}
