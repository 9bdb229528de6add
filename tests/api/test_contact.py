"""Patient and nurse reach each other while the visit is ahead or under way, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import contact, visits
from config.settings import Settings
from dispatch.acts import confirm_visit, keep_contact
from dispatch.errors import RelayUnavailable
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from dispatch.worries import NOT_READY
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.world import World


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [contact.routes, visits.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


def written(text: str) -> dict[str, Any]:
    return {"text": text, "client_id": str(new_id())}


async def wakes(world: World, template: str) -> list[Any]:
    rows = await world.owner.fetch(
        "SELECT account_ids FROM outbox WHERE wake = $1 ORDER BY id", template
    )
    return [row["account_ids"] for row in rows]


async def test_both_sides_write_while_it_lives_and_it_stays_with_the_visit(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    me, nurse = world.patient(), world.nurse_of(visit.nurse_id)
    path = f"/v1/visits/{visit.id}/messages"
    first = written("门禁密码是 8823")
    status, sent = await desk.call("POST", path, me.caller, first)
    assert (status, sent["by"], sent["mine"]) == (201, "patient", True)
    status, again = await desk.call("POST", path, me.caller, first)
    assert (status, again["id"]) == (200, sent["id"])
    assert (await desk.call("POST", path, nurse.caller, written("十分钟后到")))[0] == 201
    assert await wakes(world, "message") == [[nurse.account_id], [me.account_id]]
    stranger = world.patient(2).caller
    assert (await desk.call("POST", path, stranger, written("你好")))[0] == 404
    assert (await desk.call("GET", path, world.nurse(2).caller))[0] == 404
    sealed = await world.owner.fetch("SELECT text_sealed FROM visit_messages")
    assert not any(b"8823" in row["text_sealed"] for row in sealed)
    await visiting.advanced(world, visit, VisitState.COMPLETED)
    status, refusal = await desk.call("POST", path, me.caller, written("谢谢"))
    assert (status, slug(refusal)) == (409, "illegal-transition")
    for reader in (me.caller, nurse.caller, world.operator):
        status, page = await desk.call("GET", path, reader)
        assert status == 200
        assert [one["text"] for one in page["items"]] == ["十分钟后到", "门禁密码是 8823"]
    read = await world.owner.fetchval("SELECT count(*) FROM audit WHERE action = 'message.read'")
    assert read == 1


async def test_a_number_stands_for_both_sides_of_one_visit_until_it_is_over(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    (other,) = await visiting.assigned(world, 2, staff_nos=(2,))
    me, nurse = world.patient().caller, world.nurse_of(visit.nurse_id).caller
    path = f"/v1/visits/{visit.id}/call"
    status, mine = await desk.call("POST", path, me)
    assert status == 200
    _, hers = await desk.call("POST", path, nurse)
    assert hers == mine
    _, theirs = await desk.call("POST", f"/v1/visits/{other.id}/call", world.patient(2).caller)
    assert theirs["number"] != mine["number"]
    # It says nothing of anybody.
    for person in (world.patient(), world.nurse_of(visit.nurse_id)):
        assert person.phone not in mine["number"]
    assert await keep_contact.release_numbers(world.pool) == 0
    await visiting.advanced(world, visit, VisitState.COMPLETED)
    status, refusal = await desk.call("POST", path, me)
    assert (status, slug(refusal)) == (409, "illegal-transition")
    assert await keep_contact.release_numbers(world.pool) == 1
    (third,) = await visiting.assigned(world, 3, staff_nos=(3,), **soon(world))
    _, told = await desk.call("POST", f"/v1/visits/{third.id}/call", world.patient(3).caller)
    assert told["number"] == mine["number"]
    # Nor does a number outlive its time where nobody ever ended the visit.
    await world.advance(hours=30)
    assert await keep_contact.release_numbers(world.pool) == 2


def soon(world: World) -> dict[str, Any]:
    return {"earliest": world.now + timedelta(hours=1), "latest": world.now + timedelta(hours=2)}


@dataclass(frozen=True, slots=True)
class OneNumber:
    name: str = "one"
    size: int = 1

    def number(self, slot: int) -> str:
        return f"+86100{slot}"


async def test_without_a_relay_or_a_free_number_there_is_none(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    (other,) = await visiting.assigned(world, 2, staff_nos=(2,))
    me = world.patient().caller
    for relay, whose, number in (
        (None, visit, None),
        (OneNumber(), visit, "+861000"),
        (OneNumber(), other, None),
    ):
        by = me if whose is visit else world.patient(2).caller
        if number is None:
            with pytest.raises(RelayUnavailable):
                await keep_contact.ask_for_number(world.pool, by, relay, whose.id)
        else:
            found = await keep_contact.ask_for_number(world.pool, by, relay, whose.id)
            assert found.number == number


async def test_a_patient_is_asked_two_hours_before_and_the_answer_is_kept(desk: Desk) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world, **later(world))
    me, nurse = world.patient(), world.nurse_of(visit.nurse_id)
    assert await confirm_visit.ask_patients(world.pool) == 0
    await world.advance(hours=4)
    assert await confirm_visit.ask_patients(world.pool) == 1
    assert await confirm_visit.ask_patients(world.pool) == 0
    assert await wakes(world, "confirm_visit") == [[me.account_id]]
    path = f"/v1/visits/{visit.id}"
    _, seen = await desk.call("GET", path, nurse.caller)
    assert seen["confirmation"]["answer"] is None
    answer = {"answer": "no", "text": "住院了"}
    assert (await desk.call("POST", f"{path}/confirmation", nurse.caller, answer))[0] == 403
    status, said = await desk.call("POST", f"{path}/confirmation", me.caller, answer)
    assert (status, said["answer"], said["text"]) == (200, "no", "住院了")
    assert NOT_READY in (await visiting.visit(world, visit.id)).flags
    assert await wakes(world, "patient_not_ready") == [[nurse.account_id]]
    status, said = await desk.call("POST", f"{path}/confirmation", me.caller, {"answer": "yes"})
    assert (status, said["answer"], said["text"]) == (200, "yes", None)
    assert NOT_READY not in (await visiting.visit(world, visit.id)).flags
    _, seen = await desk.call("GET", path, nurse.caller)
    assert seen["confirmation"]["answer"] == "yes"
    status, said = await desk.call("POST", f"{path}/confirmation", world.operator, answer)
    assert (status, said["answer"]) == (200, "no")
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    status, refusal = await desk.call("POST", f"{path}/confirmation", me.caller, {"answer": "no"})
    assert (status, slug(refusal)) == (409, "illegal-transition")


def later(world: World) -> dict[str, Any]:
    return {"earliest": world.now + timedelta(hours=6), "latest": world.now + timedelta(hours=7)}
