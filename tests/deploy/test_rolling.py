"""Behind haproxy: every API process restarted again and again under load, and no request fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from dispatch import processes
from tests.acceptance.processes import Deployment
from tests.deploy.installation import HAPROXY, UP_S, Installation

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed"),
]

RESTARTS: Final = 20
PATIENTS: Final = 8
# Five requests each in about half a second: well below what haproxy allows one address.
PAUSE_S: Final = 0.4
DRAINED_S: Final = 10


@pytest.fixture
async def installation(database_dsn: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with Installation.running(database_dsn, tmp_path) as running:
        yield running


@dataclass(slots=True)
class Tally:
    """What the clients saw; nobody asks twice."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    created: int = 0
    streams: int = 0

    def note(self, what: str, status: int, wanted: int) -> None:
        self.answers[what, status] += 1
        if status != wanted:
            self.failures.append(f"{what}: {status}")


async def _be_patient(url: str, session: aiohttp.ClientSession, told: Tally, stop: Any) -> None:
    """Write, read it back, read something large, ask for the time, take away; and again."""
    person = {"name": "王建国", "gender": "male", "birth_date": "1948-03-01", "relation": "parent"}
    while not stop.is_set():
        try:
            async with session.post(
                f"{url}/v1/patients", json=person, headers={"Idempotency-Key": str(uuid4())}
            ) as answer:
                told.note("create", answer.status, 201)
                made = await answer.json()
                told.created += answer.status == 201
            for what, path in (
                ("read", f"/v1/patients/{made.get('id')}"),
                ("catalogue", "/v1/services?limit=50"),
                ("time", "/v1/time"),
            ):
                async with session.get(f"{url}{path}") as answer:
                    told.note(what, answer.status, 200)
                    await answer.read()
            async with session.delete(f"{url}/v1/patients/{made.get('id')}") as answer:
                told.note("remove", answer.status, 204)
        except (aiohttp.ClientError, TimeoutError) as error:
            told.failures.append(f"{type(error).__name__}: {error}")
        await asyncio.sleep(PAUSE_S)


async def _listen(url: str, session: aiohttp.ClientSession, told: Tally, stop: Any) -> None:
    """Hold a stream open; when the server ends it, open the next at once."""
    endless = aiohttp.ClientTimeout(total=None, sock_read=60)
    while not stop.is_set():
        try:
            async with session.get(f"{url}/v1/stream", timeout=endless) as answer:
                told.note("stream", answer.status, 200)
                told.streams += 1
                async for _ in answer.content:
                    pass
        except (aiohttp.ClientError, TimeoutError) as error:
            told.failures.append(f"stream: {type(error).__name__}: {error}")


async def _restart(installation: Installation, index: int) -> float:
    """SIGTERM to one process, a new one in its place, back in rotation. Returns the stop's time."""
    loop = asyncio.get_running_loop()
    one: Deployment = installation.apis[index]
    begun = loop.time()
    assert await one.stop("api") == {"api": 0}
    took_s = loop.time() - begun
    seen = len(installation.front.served_by())
    await one.start("api")
    async with asyncio.timeout(UP_S):
        await processes.until(
            lambda: any(
                server == f"api/api-{index + 1}" and status == 200
                for server, status in installation.front.served_by(seen)
            )
        )
    return took_s


async def test_no_request_fails_while_processes_are_restarted(
    installation: Installation, owner: asyncpg.Connection
) -> None:
    told, stop = Tally(), asyncio.Event()
    url = installation.front.www
    async with installation.client() as shared:
        sessions = []
        for number in range(PATIENTS):
            session = installation.client()
            session.headers.update(await installation.sign_in(shared, f"+86137000002{number:02d}"))
            sessions.append(session)
        load = [asyncio.create_task(_be_patient(url, session, told, stop)) for session in sessions]
        load += [asyncio.create_task(_listen(url, session, told, stop)) for session in sessions[:3]]
        try:
            took_s = [await _restart(installation, turn % 2) for turn in range(RESTARTS)]
        finally:
            stop.set()
            await asyncio.wait(load[:PATIENTS], timeout=30)
            for task in load:
                task.cancel()
            await asyncio.gather(*load, return_exceptions=True)
            for session in sessions:
                await session.close()

    assert told.failures == [], told.answers
    assert max(took_s) <= DRAINED_S
    # Every one of the streams was ended and opened again more than once, and the load was a load.
    assert told.streams > 3 * 2
    assert told.created > RESTARTS * PATIENTS
    # No half effect and none twice: exactly what was acknowledged, made and taken away.
    rows = await owner.fetchrow("SELECT count(*), count(deleted_at) AS removed FROM patients")
    assert rows is not None
    assert (rows["count"], rows["removed"]) == (told.created, told.created)


async def _press(session: aiohttp.ClientSession, url: str) -> int:
    async with session.post(f"{url}/v1/visits/{uuid4()}/sos", json={}) as answer:
        assert answer.content_type == "application/problem+json"
        return answer.status


async def test_an_alarm_goes_to_the_alarm_process_and_to_an_api_when_it_is_down(
    installation: Installation,
) -> None:
    front = installation.front
    async with installation.client() as session:
        session.headers.update(await installation.sign_in(session, "+8613700000101"))
        for url in (front.www, front.sos):
            assert await _press(session, url) == 404  # there is no such visit
        assert [server for server, _ in front.served_by()][-2:] == ["alarm/alarm"] * 2

        await installation.apis[0].stop("alarm")
        for url in (front.www, front.sos):
            assert await _press(session, url) == 404
        assert all(server.startswith("alarm/api-") for server, _ in front.served_by()[-2:])


async def test_what_is_for_those_inside_is_not_shown_outside(installation: Installation) -> None:
    front = installation.front
    async with installation.client() as session:
        for path in ("/metrics", "/readyz"):
            async with session.get(f"{front.www}{path}") as answer:
                assert answer.status == 404
        async with session.get(f"{front.sos}/v1/time") as answer:
            assert answer.status == 404
        async with session.get(f"{front.plain}/v1/time", allow_redirects=False) as answer:
            assert answer.status == 308
            assert answer.headers["Location"].startswith("https://")
        async with session.get(
            f"{front.www}/v1/time", headers={"X-Request-Id": "told-by-the-client"}
        ) as answer:
            assert answer.headers["X-Request-Id"] == "told-by-the-client"
            assert "max-age" in answer.headers["Strict-Transport-Security"]


async def test_headers_sent_by_the_drop_end_after_five_seconds(installation: Installation) -> None:
    front = installation.front
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", front.ports[0], ssl=front.trust(), server_hostname="127.0.0.1"
    )
    begun = asyncio.get_running_loop().time()
    writer.write(b"GET /v1/time HTTP/1.1\r\nHost: x\r\nX-Slow:")
    async with asyncio.timeout(15):
        said = await reader.read()
    assert 4 <= asyncio.get_running_loop().time() - begun <= 8
    assert said.startswith(b"HTTP/1.1 408")
    writer.close()
