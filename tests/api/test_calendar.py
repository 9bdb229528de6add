"""A nurse's visits for her calendar program: by an address, until she changes or ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient
from icalendar import Calendar

from api import edge
from api.routes import calendar, orders, visits
from config.settings import Settings
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer
from tests.world import CATALOGUE, EASY, World


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, public_url="https://care.example")


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [calendar.routes, orders.routes, visits.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def shared(desk: Desk, staff_no: int = 1) -> str:
    status, told = await desk.call("PUT", "/v1/nurse/calendar", desk.world.nurse(staff_no).caller)
    assert status == 200
    return str(told["url"])


async def read(desk: Desk, url: str, language: str = "zh-CN") -> tuple[int, Any]:
    """As a calendar program does: with nothing but the address."""
    parts = urlsplit(url)
    headers = {"Accept-Language": language}
    async with desk.client.get(f"{parts.path}?{parts.query}", headers=headers) as answer:
        text = await answer.text()
        if answer.status != 200:
            return answer.status, None
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        return 200, (text, Calendar.from_ical(text))


async def test_it_tells_what_and_when_and_never_who_or_where(desk: Desk) -> None:
    (visit,) = await visiting.assigned(desk.world)
    url = await shared(desk)
    assert url.startswith("https://care.example/v1/nurse/calendar.ics?token=")
    text = ""
    for language in ("zh-CN", "en"):
        status, (text, found) = await read(desk, url, language)
        (event,) = found.walk("VEVENT")
        assert status == 200
        assert event["summary"] == CATALOGUE.get(EASY).name(language)
        assert event.decoded("dtstart") == visit.planned_start
        assert event.decoded("dtend") == visit.planned_end
        assert (event["status"], event["class"]) == ("CONFIRMED", "PRIVATE")
        assert event["url"] == f"https://care.example/nurse/visits/{visit.id}"
    patient = await desk.call("GET", f"/v1/visits/{visit.id}", desk.world.nurse(1).caller)
    for secret in (patient[1]["patient"]["name"], patient[1]["address"]["text"]):
        assert secret
        assert secret not in text


async def test_a_visit_that_does_not_take_place_is_told_as_cancelled(desk: Desk) -> None:
    (visit,) = await visiting.assigned(desk.world)
    url = await shared(desk)
    cancel = {"reason": "住院了"}
    path = f"/v1/orders/{visit.order_id}/cancel"
    status, _ = await desk.call(
        "POST", path, desk.world.patient().caller, cancel, Idempotency_Key=str(new_id())
    )
    assert status == 200
    _, (_, found) = await read(desk, url)
    (event,) = found.walk("VEVENT")
    now = await visiting.visit(desk.world, visit.id)
    assert now.state is VisitState.CANCELLED
    assert (event["status"], event["sequence"]) == ("CANCELLED", now.version)


async def test_nobody_elses_visits_are_in_it(desk: Desk) -> None:
    await visiting.assigned(desk.world)
    _, (_, found) = await read(desk, await shared(desk, 3))
    assert found.walk("VEVENT") == []


async def test_a_new_address_ends_the_old_one_and_she_may_end_it(desk: Desk) -> None:
    first = await shared(desk)
    second = await shared(desk)
    assert (await read(desk, first))[0] == 404
    assert (await read(desk, second))[0] == 200
    nurse = desk.world.nurse(1).caller
    for _ in range(2):
        headers = desk.headers(nurse)
        async with desk.client.delete("/v1/nurse/calendar", headers=headers) as answer:
            assert answer.status == 204
    assert (await read(desk, second))[0] == 404


async def test_a_suspended_account_is_read_no_more(desk: Desk) -> None:
    url = await shared(desk)
    await desk.world.owner.execute(
        "UPDATE accounts SET suspended_at = app_now() WHERE id = $1",
        desk.world.nurse(1).account_id,
    )
    assert (await read(desk, url))[0] == 404


async def test_the_token_is_kept_as_a_digest_only(desk: Desk) -> None:
    token = (await shared(desk)).rpartition("=")[2]
    rows = await desk.world.owner.fetch("SELECT calendar_links::text FROM calendar_links")
    assert len(rows) == 1
    assert token not in rows[0][0]


@pytest.mark.parametrize("query", ["", "?token=short", f"?token={'x' * 201}"])
async def test_a_token_that_is_none_is_named(desk: Desk, query: str) -> None:
    async with desk.client.get(f"/v1/nurse/calendar.ics{query}") as answer:
        told = await answer.json()
    assert answer.status == 422
    assert [one["loc"] for one in told["errors"]] == [["query", "token"]]
