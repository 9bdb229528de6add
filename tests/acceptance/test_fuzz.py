"""Schemathesis against the running API: no 5xx, and no answer outside its own document.

The short form is one of the tests; `make fuzz` sends 20,000 requests, along the document's links.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path
from typing import Final

import asyncpg
import orjson
import pytest

from demo.region import Region
from tests.acceptance import able, fuzzing
from tests.acceptance.clients import ServerClock, Wire
from tests.acceptance.conftest import MORNING
from tests.acceptance.fuzzing import Effort
from tests.acceptance.processes import Deployment

SHORT: Final = Effort(phases="examples,coverage,fuzzing", examples=3, seed=20_400_303, limit_s=240)
REQUESTS: Final = 3_000

DEEP: Final = int(os.environ.get("FUZZ_REQUESTS", "0"))
DEEP_SEED: Final = os.environ.get("FUZZ_SEED") or str(random.randrange(10**6))  # noqa: S311
DEEP_EXAMPLES: Final = 30
ROUND_S: Final = 1_500
ROUNDS_MAX: Final = 20
DEEP_S: Final = 7_200
# Besides what is made up, the fuzz's own callers need nothing that could be refused for load.
SHED_SHARE: Final = 0.01


@pytest.fixture(scope="session")
def people() -> Region:
    return able.build(MORNING.date(), nurses=60 if DEEP else 20, patients=3)


@pytest.fixture
def server_settings() -> dict[str, str]:
    """Two runs at once on a busy machine are slow, not too many."""
    return {"APP_ACQUIRE_TIMEOUT_S": "20", "APP_REQUEST_TIMEOUT_S": "25"}


async def play(
    deployment: Deployment,
    owner: asyncpg.Connection,
    people: Region,
    folder: Path,
    effort: Effort,
) -> list[tuple[str, int, int]]:
    """As every caller at once, each with fresh things; what the server has answered so far."""
    folder.mkdir()
    async with Wire.to(deployment.url, at_once=4) as wire:
        runs = await fuzzing.arrange(deployment, owner, people, wire)
        document = folder / "openapi.json"
        told = orjson.loads((await wire.send("GET", "/openapi.json", headers={})).body)
        clock = ServerClock(wire)
        await clock.read()
        document.write_bytes(orjson.dumps(fuzzing.feed(told, clock)))
        ends = await asyncio.gather(
            *(fuzzing.fuzz(run, deployment.url, document, folder, effort) for run in runs)
        )
        for run, (code, said) in zip(runs, ends, strict=True):
            assert code == 0, f"as {run.name}, with seed {effort.seed}:\n{said}"
        metrics = (await wire.send("GET", "/metrics", headers={})).body.decode()
    return fuzzing.count(metrics)


# Where the deep run must have succeeded, too; not at a prescription, to which only one chain of
# links leads: in 60,000 requests none was taken.
WORK = frozenset(
    {
        "/v1/orders",
        "/v1/orders/{id}/cancel",
        "/v1/patients/{id}/addresses",
        "/v1/ops/orders/{id}/candidates",
        "/v1/visits/{id}/records",
    }
)


@pytest.mark.acceptance
@pytest.mark.timeout(400)
async def test_3000_made_up_requests_find_no_answer_outside_the_document(
    deployment: Deployment, owner: asyncpg.Connection, people: Region, tmp_path: Path
) -> None:
    await deployment.start("clock", "alarm", "api")
    answers = await play(deployment, owner, people, tmp_path / "schemathesis", SHORT)
    assert sum(n for _, _, n in answers) >= REQUESTS
    assert [(route, status) for route, status, _ in answers if status >= 500] == []
    # It came to where the work is, not only to refusals.
    fulfilled = {route for route, status, _ in answers if 200 <= status < 300}
    assert {"/v1/orders", "/v1/ops/orders/{id}", "/v1/nurse/offers"} <= fulfilled


@pytest.mark.skipif(not DEEP, reason="takes ten minutes: make fuzz")
@pytest.mark.acceptance
@pytest.mark.timeout(DEEP_S)
async def test_20000_requests_along_the_links_find_no_answer_outside_the_document(
    deployment: Deployment,
    owner: asyncpg.Connection,
    people: Region,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In rounds until so many were answered and it has come to where the work is: fresh things and
    another seed for each."""
    await deployment.start("clock", "alarm", "api")
    answers: list[tuple[str, int, int]] = []
    fulfilled: set[str] = set()
    phases = "examples,coverage,fuzzing,stateful"
    for number in range(ROUNDS_MAX):
        seed = int(DEEP_SEED) + number
        effort = Effort(phases=phases, examples=DEEP_EXAMPLES, seed=seed, limit_s=ROUND_S)
        answers = await play(deployment, owner, people, tmp_path / f"round-{number}", effort)
        phases = "fuzzing,stateful"
        sent = sum(n for _, _, n in answers)
        statuses = Counter[int]()
        for _, status, n in answers:
            statuses[status] += n
        fulfilled = {route for route, status, _ in answers if 200 <= status < 300}
        with capsys.disabled():
            told = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
            print(f"\nround {number}, seed {seed}: {sent} of {DEEP} requests; {told}")  # noqa: T201
            print("not yet fulfilled:", ", ".join(sorted(WORK - fulfilled)) or "none")  # noqa: T201
        assert [
            (route, status) for route, status, _ in answers if status >= 500 and status != 503
        ] == []
        assert statuses[503] <= SHED_SHARE * sent
        if sent >= DEEP and fulfilled >= WORK:
            break
    assert sum(n for _, _, n in answers) >= DEEP
    assert fulfilled >= WORK
