"""The face check: what the service says, what its silence means, a supervisor's word instead."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from config.settings import Settings
from dispatch import faces
from dispatch.acts import answer_offer, check_face, fill_order, run_visit
from dispatch.errors import NotEligible, NotFound
from dispatch.faces import HttpFaceService, Match
from dispatch.lifecycles import VisitState
from dispatch.records import face_checks
from dispatch.records.face_checks import FaceCheck
from dispatch.records.visits import Visit
from tests import visiting
from tests.world import World


@pytest.fixture
def settings() -> Settings:
    return Settings(face_check="depart")


class Says:
    """A service that always says the same."""

    def __init__(self, match: Match) -> None:
        self.match = match
        self.asked: list[tuple[UUID, str]] = []

    async def compare(self, nurse_id: UUID, token: str) -> Match:
        self.asked.append((nurse_id, token))
        return self.match


async def checked(world: World, match: Match, times: int = 1) -> FaceCheck:
    """Nurse 1 asks, and the clock has the service answer so many times."""
    await check_face.ask_face(world.pool, world.nurse(1).caller, "kit-token")
    service = Says(match)
    for _ in range(times):
        await check_face.ask_service(world.pool, service=service)
        await world.advance(seconds=10)
    assert service.asked == [(world.nurse(1).id, "kit-token")] * times
    return await last(world)


async def last(world: World) -> FaceCheck:
    async with world.pool.read(world.clock) as conn:
        (found,) = await face_checks.list_of_nurse(conn, world.nurse(1).id, before=None, limit=1)
    return found


async def depart(world: World, visit: Visit) -> Visit:
    at_door = visiting.at_door(world.now, lat=29.0)
    return await run_visit.depart(world.pool, world.nurse(1).caller, visit.id, at_door)


async def refused(world: World, visit: Visit) -> list[str]:
    with pytest.raises(NotEligible) as refusal:
        await depart(world, visit)
    reasons = refusal.value.extras["reasons"]
    assert isinstance(reasons, list)
    return [reason["rule"] for reason in reasons]


async def test_r08_nobody_departs_unrecognised(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    assert await refused(world, visit) == ["face"]
    check = await checked(world, Match.MATCHED)
    assert check.valid_until is not None
    assert (await depart(world, visit)).state is VisitState.EN_ROUTE


async def test_r08_it_is_no_matter_of_the_search_or_the_accept(world: World) -> None:
    order = await world.open()
    await fill_order.send_waves(world.pool)
    offer = (await world.offers(order.id, "sent"))[0]
    await answer_offer.accept_offer(world.pool, world.nurse_of(offer.nurse_id).caller, offer.id)


async def test_r08_no_answer_is_no_yes_and_a_supervisor_may_confirm(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    check = await checked(world, Match.UNAVAILABLE, times=check_face.TRIES_MAX)
    assert (check.result, check.valid_until) == ("unavailable", None)
    assert await refused(world, visit) == ["face"]
    nurse = world.nurse(1)
    confirmed = await check_face.confirm_face(world.pool, world.operator, nurse.id, "视频确认")
    assert confirmed.author_id == world.operator.account_id
    assert (await depart(world, visit)).state is VisitState.EN_ROUTE


async def test_r08_one_silence_is_asked_again(world: World) -> None:
    check = await checked(world, Match.UNAVAILABLE)
    assert check.result == "asked"
    await check_face.ask_service(world.pool, service=Says(Match.MATCHED))
    assert (await last(world)).result == "matched"


async def test_r08_somebody_else_takes_the_earlier_yes_away(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await checked(world, Match.MATCHED)
    await checked(world, Match.NOT_MATCHED)
    assert await refused(world, visit) == ["face"]


async def test_r08_a_yes_holds_for_a_shift(world: World) -> None:
    start = world.now + timedelta(hours=16)
    (visit,) = await visiting.assigned(world, earliest=start, latest=start + timedelta(hours=2))
    await checked(world, Match.MATCHED)
    await world.advance(hours=12)
    assert await refused(world, visit) == ["face"]


async def test_r08_the_token_is_sealed_and_gone_with_the_answer(world: World) -> None:
    await check_face.ask_face(world.pool, world.nurse(1).caller, "kit-token")
    sealed = await world.owner.fetchval("SELECT token_sealed FROM face_checks")
    assert b"kit-token" not in sealed
    await check_face.ask_service(world.pool, service=Says(Match.MATCHED))
    assert await world.owner.fetchval("SELECT token_sealed FROM face_checks") is None
    with pytest.raises(NotFound):
        await check_face.ask_face(world.pool, world.operator, "kit-token")


@pytest.mark.parametrize(
    ("status", "body", "match"),
    [
        (200, '{"result": "matched"}', Match.MATCHED),
        (200, '{"result": "not_matched"}', Match.NOT_MATCHED),
        (200, '{"result": "unavailable"}', Match.UNAVAILABLE),
        (200, "no json", Match.UNAVAILABLE),
        (200, "[]", Match.UNAVAILABLE),
        (503, '{"result": "matched"}', Match.UNAVAILABLE),
    ],
)
async def test_r08_what_is_no_answer_is_no_match(status: int, body: str, match: Match) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/compare", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        service = HttpFaceService(session, str(server.make_url("/compare")))
        assert await service.compare(UUID(int=1), "token") is match


async def test_r08_without_a_service_nobody_is_recognised() -> None:
    async with faces.connect(Settings(face_check="depart")) as service:
        assert await service.compare(UUID(int=1), "token") is Match.UNAVAILABLE
