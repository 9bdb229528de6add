"""The alarm process takes alarms and nothing else, from whoever was signed in once, clock or no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from api.alarm_app import make_alarm_app
from api.stopping import Stopping
from api.wire import EDGE
from dispatch.acts import sign_in, watch_peers
from dispatch.database import Caller, Pool
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from tests.api.throwaway import Client, GuardedTestServer

CLOCK = Caller.clock()
ANYBODY = Caller(role=Role.PATIENT)
PATIENT = "+8613700000001"


@pytest.fixture
def stopping() -> Stopping:
    return Stopping()


@pytest.fixture
async def client(pool: Pool, stopping: Stopping) -> AsyncIterator[Client]:
    async def beat() -> None:
        await watch_peers.beat(pool, CLOCK, "alarm:test", "alarm", {})

    app = make_alarm_app(pool, beat=beat, stopping=stopping)
    async with TestClient(GuardedTestServer(app)) as made:
        yield made


async def test_it_is_ready_by_itself_until_it_is_told_to_stop(
    client: Client, stopping: Stopping
) -> None:
    assert (await client.get("/healthz")).status == 200
    answer = await client.get("/readyz")
    assert answer.status == 200
    assert (await answer.json())["checks"] == ["process", "database", "schema"]
    stopping.told = True
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert (await answer.json())["reasons"] == ["process: the process is stopping"]


@pytest.mark.parametrize("path", ["/v1/services", "/v1/stream", "/v1/auth/token", "/docs"])
async def test_nothing_but_alarms_is_answered(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


async def test_a_token_that_is_over_and_signed_out_is_still_heard(
    client: Client, pool: Pool
) -> None:
    path = f"/v1/visits/{new_id()}/sos"
    assert (await client.post(path, json={})).status == 401
    found = await sign_in.sign_in(pool, ANYBODY, PATIENT, "000000")
    assert found is not None
    await sign_in.sign_out(
        pool, Caller(role=Role.PATIENT, account_id=found.account_id), found.session_id
    )
    token = client.app[EDGE].tokens.issue(
        account_id=found.account_id,
        session_id=found.session_id,
        now=found.now - timedelta(days=30),
    )
    headers = {"Authorization": f"Bearer {token}"}
    # Not 401: he is known, there is only no such visit of his.
    assert (await client.post(path, headers=headers, data=b"not json")).status == 404
    forged = {"Authorization": f"Bearer {token[:-4]}AAAA"}
    assert (await client.post(path, headers=forged, json={})).status == 401
